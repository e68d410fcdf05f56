"""Documents without their authors: what an office file or a PDF notes about people is taken out, as far as it can be; the rest is said."""

import zipfile
from io import BytesIO

import pikepdf

from hub.files.pictures import MOST_POINTS, redrawn, without_notes
from hub.files.refusal import BadFile
from hub.words import _

MOST_ENTRIES, LARGEST_WHOLE, LARGEST_RATIO = 3_000, 100 * 1024 * 1024, 200
AT_ONCE = 1024 * 1024
MAIN = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
DATE = (1980, 1, 1, 0, 0, 0)
CORE = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
APP = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>'
CUSTOM = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>'
EMPTIED = {"docProps/core.xml": CORE, "docProps/app.xml": APP, "docProps/custom.xml": CUSTOM}
RUNS = ("vbaproject.bin", "/activex/", "/embeddings/", "/macrosheets/")  # what runs, or is a file in the file
WHO = (b"w:author=", b"<author>", b"userId=", b"displayName=", b"<authors>")  # comments and tracked changes
PICTURES = {"jpg": "jpg", "jpeg": "jpg", "png": "png", "webp": "webp"}
NOTES = ("/Metadata", "/PieceInfo", "/LastModified", "/AA")  # of a page, a picture, or any other part
ACTIONS = ("/OpenAction", "/AA", "/AcroForm", "/Collection")


def office(data: bytes, kind: str) -> tuple[bytes, int, int, bool]:
    """The same without its properties; the last value says that comments or tracked changes still name people. Raises ``BadFile``."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as given:
            entries = _entries(given, kind)
            made, named, points = BytesIO(), False, MOST_POINTS
            with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
                for entry in entries:
                    words = EMPTIED.get(entry.filename) or _read(given, entry)
                    if words and (picture := PICTURES.get(entry.filename.lower().rpartition(".")[2])):  # it loses what its camera noted, too
                        drawn = redrawn(words, picture, points)
                        words, points = drawn.data, points - drawn.width * drawn.height
                    named = named or any(mark in words for mark in WHO)
                    new.writestr(zipfile.ZipInfo(entry.filename, DATE), words, zipfile.ZIP_DEFLATED)
    except BadFile:
        raise
    except Exception:  # whatever a broken or hostile file makes the reader raise
        raise BadFile(_("This document cannot be read: it is damaged, or not what its name says.")) from None
    return made.getvalue(), 0, 0, named


def _entries(given: zipfile.ZipFile, kind: str) -> list[zipfile.ZipInfo]:
    """What the archive holds, judged by its list before anything is unpacked."""
    entries = [entry for entry in given.infolist() if not entry.is_dir() and entry.filename != "docProps/thumbnail.jpeg"]
    names = [entry.filename for entry in entries]
    if {"[Content_Types].xml", MAIN[kind]} - set(names) or len(set(names)) < len(names):
        raise BadFile(_("Its content is not what its name says: %(ending)s.", ending=kind))
    if any(mark in f"/{name.lower()}" for name in names for mark in RUNS):
        raise BadFile(_("This document holds macros or other files. Save it without them, or as a PDF."))
    whole = sum(entry.file_size for entry in entries)
    odd = any(name.startswith(("/", "\\")) or ".." in name.split("/") or "\\" in name for name in names)
    if odd or len(entries) > MOST_ENTRIES or whole > LARGEST_WHOLE or any(entry.file_size > LARGEST_RATIO * max(entry.compress_size, 100) for entry in entries):
        raise BadFile(_("This document unpacks to far more than it seems. Save it anew, or as a PDF."))
    if any(entry.flag_bits & 1 for entry in entries):
        raise BadFile(_("This document is locked with a password. Save it without."))
    return entries


def _read(given: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """At most as much as the list of the archive said."""
    parts, left = [], entry.file_size
    with given.open(entry) as part:
        while some := part.read(AT_ONCE):
            left -= len(some)
            if left < 0:
                raise BadFile(_("This document unpacks to far more than it seems. Save it anew, or as a PDF."))
            parts.append(some)
    return b"".join(parts)


def pdf(data: bytes) -> tuple[bytes, int, int, bool]:
    """Written anew without its properties, scripts, forms and embedded files; what stood before or behind it in the file is gone. Raises ``BadFile``."""
    made = BytesIO()
    try:
        with pikepdf.open(BytesIO(data)) as document:
            if document.is_encrypted:
                raise BadFile(_("This PDF is locked with a password. Save it without."))
            _forget_people(document)
            document.save(made, linearize=False, deterministic_id=True)
    except BadFile:
        raise
    except pikepdf.PasswordError:
        raise BadFile(_("This PDF is locked with a password. Save it without.")) from None
    except Exception:  # whatever a broken or hostile file makes the reader raise
        raise BadFile(_("This PDF cannot be read: it is damaged, or not what its name says.")) from None
    return made.getvalue(), 0, 0, False


def _forget_people(document: pikepdf.Pdf) -> None:
    root = document.Root
    for name in ("/Metadata", "/PieceInfo", *ACTIONS):
        if name in root:
            del root[name]
    if "/Names" in root:
        for name in ("/JavaScript", "/EmbeddedFiles"):
            if name in root.Names:
                del root.Names[name]
    if "/Info" in document.trailer:
        del document.trailer["/Info"]
    for part in document.objects:
        if isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
            for name in NOTES:
                if name in part:
                    del part[name]
        if isinstance(part, pikepdf.Stream) and part.get("/Filter") == pikepdf.Name.DCTDecode:
            part.write(without_notes(part.read_raw_bytes()), filter=pikepdf.Name.DCTDecode)
    for page in document.pages:
        if "/Annots" in page.obj:
            _forget_notes(page.obj["/Annots"])


def _forget_notes(notes: pikepdf.Object) -> None:
    """Who wrote a note, and what a click on it would run; links to addresses stay."""
    for note in notes:
        for name in ("/T", "/AA", "/M", "/CreationDate", "/FS"):
            if name in note:
                del note[name]
        if "/A" in note and str(note["/A"].get("/S", "")) != "/URI" and str(note["/A"].get("/S", "")) != "/GoTo":
            del note["/A"]
