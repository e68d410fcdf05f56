"""PDFs written anew: without properties, scripts, forms, embedded files and the names of who commented."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf

from hub.files.pictures import without_notes
from hub.files.refusal import BadFile
from hub.words import _

ROOT = (
    "/Type", "/Pages", "/Outlines", "/Dests", "/Names", "/PageLabels", "/Lang", "/StructTreeRoot", "/MarkInfo", "/ViewerPreferences", "/OCProperties",
    "/PageMode",
)  # fmt: skip
GONE = (
    "/Metadata", "/PieceInfo", "/LastModified", "/AA", "/PA", "/AF", "/EF", "/JS", "/Next", "/3DD", "/RichMediaContent", "/RichMediaSettings",
    "/CreatorInfo", "/FS", "/OpenAction", "/AcroForm", "/Collection", "/Popup", "/IRT", "/Threads", "/OnInstantiate",
)  # fmt: skip
OF_NOTES = ("/T", "/M", "/CreationDate", "/NM", "/RC", "/Subj")
SCHEMES = ("http:", "https:", "mailto:")
DEEPEST = 20


def pdf(data: bytes) -> tuple[bytes, int, int, bool]:
    """What stood before or behind it in the file is gone, too. Nothing in it is unpacked but its structure. Raises ``BadFile``."""
    made = BytesIO()
    try:
        with pikepdf.open(BytesIO(data)) as document:
            if document.is_encrypted:
                raise BadFile(_("This PDF is locked with a password. Save it without."))
            _forget_people(document)
            document.save(made, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none, deterministic_id=True)
    except BadFile:
        raise
    except pikepdf.PasswordError:
        raise BadFile(_("This PDF is locked with a password. Save it without.")) from None
    except Exception:  # whatever a broken or hostile file makes the reader raise
        raise BadFile(_("This PDF cannot be read: it is damaged, or not what its name says.")) from None
    return made.getvalue(), 0, 0, False


def _forget_people(document: pikepdf.Pdf) -> None:
    for name in set(document.trailer.keys()) - {"/Root", "/Size", "/ID", "/Prev"}:
        del document.trailer[name]
    for name in set(document.Root.keys()) - set(ROOT):
        del document.Root[name]
    if "/Names" in document.Root:
        for name in set(document.Root.Names.keys()) - {"/Dests"}:
            del document.Root.Names[name]
    for indirect in document.objects:
        for part in _parts(indirect, 0):
            _strip(part)
        if isinstance(indirect, pikepdf.Stream) and _is_jpeg(indirect.get("/Filter")):
            indirect.write(without_notes(indirect.read_raw_bytes()), filter=pikepdf.Name.DCTDecode)


def _parts(value: Any, depth: int) -> Iterator[Any]:
    """A dictionary, stream or array, and what lies in it directly."""
    if depth > DEEPEST:
        return
    if isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
        yield value
        inner = [value[name] for name in list(value.keys())]
    elif isinstance(value, pikepdf.Array):
        inner = list(value)
    else:
        return
    for one in inner:
        if isinstance(one, pikepdf.Dictionary | pikepdf.Array) and not one.is_indirect:
            yield from _parts(one, depth + 1)


def _strip(part: Any) -> None:
    for name in GONE:
        if name in part:
            del part[name]
    if "/A" in part and isinstance(part["/A"], pikepdf.Dictionary) and not _harmless(part["/A"]):
        del part["/A"]
    if part.get("/Subtype") is not None and "/Rect" in part:  # a note on a page
        for name in OF_NOTES:
            if name in part:
                del part[name]
    if part.get("/I") is not None and isinstance(part["/I"], pikepdf.Dictionary) and "/Author" in part["/I"]:
        del part["/I"]


def _harmless(action: Any) -> bool:
    """Going to a page, or to an address."""
    kind = str(action.get("/S", ""))
    return kind == "/GoTo" or (kind == "/URI" and str(action.get("/URI", "")).lower().startswith(SCHEMES))


def _is_jpeg(given: Any) -> bool:
    return given == pikepdf.Name.DCTDecode or (isinstance(given, pikepdf.Array) and len(given) == 1 and given[0] == pikepdf.Name.DCTDecode)
