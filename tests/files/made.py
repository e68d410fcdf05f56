"""Files as people and attackers make them."""

import struct
import zipfile
import zlib
from io import BytesIO

import pikepdf
from PIL import Image

TYPES = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
GPS, MODEL, ARTIST = 0x8825, 0x0110, 0x013B


def picture(kind="PNG", size=(40, 30), **more) -> bytes:
    made = BytesIO()
    Image.new("RGB", size, (20, 90, 110)).save(made, kind, **more)
    return made.getvalue()


def located_jpeg() -> bytes:
    """As a phone takes it: with place, model and owner, lying on its side."""
    exif = Image.Exif()
    exif[MODEL], exif[ARTIST], exif[0x0112] = "Phone of Zorvala", "Zorvala Demo", 6
    exif.get_ifd(GPS)[2] = (13.0, 45.0, 30.5)
    exif.get_ifd(GPS)[1] = "N"
    return picture("JPEG", exif=exif.tobytes(), comment=b"by Zorvala")


def png_of_size(width: int, height: int) -> bytes:
    """A header alone, of any size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack("!I", len(data)) + name + data + struct.pack("!I", zlib.crc32(name + data))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


def pdf(**more) -> bytes:
    made = BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(200, 200))
        document.docinfo["/Author"] = "Zorvala Demo"
        with document.open_metadata() as metadata:
            metadata["dc:creator"] = ["Zorvala Demo"]
        document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        document.save(made, **more)
    return made.getvalue()


def office(main="word/document.xml", body=b"<w:document/>", **entries: bytes) -> bytes:
    """A document with its properties; further entries by name, with ``__`` for a slash."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr(main, body)
        archive.writestr("docProps/core.xml", b"<cp><dc:creator>Zorvala Demo</dc:creator></cp>")
        for name, data in entries.items():
            archive.writestr(name.replace("__", "/"), data)
    return made.getvalue()
