"""What a file is by its content, and the file without what tells of people: bytes in, bytes out, no database."""

from collections.abc import Callable
from dataclasses import dataclass

from hub.files import documents, pdfs, pictures
from hub.files.refusal import BadFile
from hub.words import _

LARGEST = 10 * 1024 * 1024  # bytes
MOST_OF_ONE = 5  # files of one text


@dataclass(frozen=True)
class Checked:
    """A file that may be stored; ``named`` says that people's names are left in it."""

    kind: str
    data: bytes
    width: int = 0
    height: int = 0
    named: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of file: how its content begins, how its name may end, and what is done to it."""

    mime: str
    begins: tuple[bytes, ...]
    endings: tuple[str, ...]
    check: Callable[[bytes], Checked]

    def holds(self, data: bytes) -> bool:
        return data.startswith(self.begins)


def _picture(kind: str) -> Callable[[bytes], Checked]:
    def check(data: bytes) -> Checked:
        made = pictures.redrawn(data, kind)
        return Checked(kind, made.data, made.width, made.height)

    return check


def _office(kind: str) -> Callable[[bytes], Checked]:
    return lambda data: Checked(kind, *documents.office(data, kind))


OFFICE = "application/vnd.openxmlformats-officedocument."
KINDS: dict[str, Kind] = {
    "pdf": Kind("application/pdf", (b"%PDF-",), ("pdf",), lambda data: Checked("pdf", *pdfs.pdf(data))),
    "docx": Kind(OFFICE + "wordprocessingml.document", (b"PK\x03\x04",), ("docx",), _office("docx")),
    "xlsx": Kind(OFFICE + "spreadsheetml.sheet", (b"PK\x03\x04",), ("xlsx",), _office("xlsx")),
    "png": Kind("image/png", (b"\x89PNG\r\n\x1a\n",), ("png",), _picture("png")),
    "jpg": Kind("image/jpeg", (b"\xff\xd8\xff",), ("jpg", "jpeg"), _picture("jpg")),
    "webp": Kind("image/webp", (b"RIFF",), ("webp",), _picture("webp")),
}
PICTURES = ("png", "jpg", "webp")


def checked(name: str, data: bytes) -> Checked:
    """The file as it may be stored: of a kind we take, by its name and its content alike. Slow. Raises ``BadFile``."""
    if not data:
        raise BadFile(_("This file is empty."))
    if len(data) > LARGEST:
        raise BadFile(_("This file is larger than 10 MB."))
    ending = name.rpartition(".")[2].lower()
    kind = next((kind for kind in KINDS.values() if ending in kind.endings), None)
    if kind is None:
        raise BadFile(_("Files may be pdf, docx, xlsx, png, jpg or webp."))
    if not kind.holds(data):
        raise BadFile(_("Its content is not what its name says: %(ending)s.", ending=ending[:5]))
    made = kind.check(data)
    if len(made.data) > 2 * LARGEST:
        raise BadFile(_("This file is larger than 10 MB."))
    return made
