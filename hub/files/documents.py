"""Office files without their authors: what they note about people is taken out, as far as it can be; the rest is said."""

import re
import zipfile
from io import BytesIO

from hub.files.pictures import MOST_POINTS, kind_of, redrawn
from hub.files.refusal import BadFile
from hub.words import _, later

MOST_ENTRIES, LARGEST_WHOLE, LARGEST_RATIO = 3_000, 100 * 1024 * 1024, 200
AT_ONCE = 1024 * 1024
MAIN = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
DATE = (1980, 1, 1, 0, 0, 0)
HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
PARTS = b"http://schemas.openxmlformats.org/officeDocument/2006/"
CORE = HEAD + b'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
EMPTIED = {
    "docprops/core.xml": CORE,
    "docprops/app.xml": HEAD + b'<Properties xmlns="' + PARTS + b'extended-properties"/>',
    "docprops/custom.xml": HEAD + b'<Properties xmlns="' + PARTS + b'custom-properties"/>',
}
BLANK = HEAD + b"<empty/>"  # for further notes about the file
BLANKED = ("customxml/item", "docmetadata/", "docprops/core", "package/services/metadata/")
PRINTERS = "xl/printersettings/"
TAKEN = (".xml", ".rels", ".vml", ".png", ".jpg", ".jpeg", ".webp", ".gif", ".emf", ".wmf", ".tif", ".tiff", ".bmp", ".odttf")
RUNS = ("vbaproject", "activex/", "embeddings/", "macrosheets/", "externallinks/", "afchunk")
OUTSIDE = re.compile(rb"<Relationship\b[^>]*TargetMode\s*=\s*[\"']External[\"'][^>]*>", re.I)
FOREIGN = re.compile(rb"relationships/(?:aFChunk|oleObject|package|attachedTemplate|frame|subDocument)\b", re.I)
WHO = re.compile(rb"[:\s](?:author|userName|displayName|userId|initials)\s*=|<(?:\w+:)?authors?\b|absPath", re.I)
WHO_PARTS = ("people", "persons", "comments", "revisions", "usernames")
UNREADABLE = later("This document cannot be read: it is damaged, or not what its name says.")
MORE_INSIDE = later("This document holds macros, links to other files, or other files. Save it without them, or as a PDF.")
BOMB = later("This document unpacks to far more than it seems. Save it anew, or as a PDF.")


def office(data: bytes, kind: str) -> tuple[bytes, int, int, bool]:
    """The same without its properties; the last value says that something in it still names people. Raises ``BadFile``."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as given:
            entries = _entries(given, kind)
            made, named, points = BytesIO(), False, MOST_POINTS
            with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
                for entry in entries:
                    words = _part(entry.filename.lower(), _read(given, entry))
                    if picture := kind_of(words):  # it loses what its camera noted, too
                        drawn = redrawn(words, picture, points)
                        words, points = drawn.data, points - drawn.width * drawn.height
                    named = named or _names_people(entry.filename.lower(), words)
                    new.writestr(zipfile.ZipInfo(entry.filename, DATE), words, zipfile.ZIP_DEFLATED)
    except BadFile:
        raise
    except Exception:  # whatever a broken or hostile file makes the reader raise
        raise BadFile(str(UNREADABLE)) from None
    return made.getvalue(), 0, 0, named


def _part(name: str, words: bytes) -> bytes:
    """One part of the archive as it is kept; refused where it runs, or brings what is not here."""
    if name in EMPTIED:
        return EMPTIED[name]
    if name.startswith(BLANKED) and name.endswith((".xml", ".psmdcp")):
        return BLANK
    if name.startswith(PRINTERS):
        return b""
    if name.endswith((".xml", ".rels", ".vml")) and words[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise BadFile(str(UNREADABLE))
    if name.endswith(".rels"):
        outside = [link for link in OUTSIDE.findall(words) if b"/hyperlink" not in link]
        if outside or FOREIGN.search(words):
            raise BadFile(str(MORE_INSIDE))
    return words


def _names_people(name: str, words: bytes) -> bool:
    left = name.endswith((".emf", ".wmf", ".tif", ".tiff")) or any(part in name for part in WHO_PARTS)
    return left or (name.endswith((".xml", ".vml")) and bool(WHO.search(words)))


def _entries(given: zipfile.ZipFile, kind: str) -> list[zipfile.ZipInfo]:
    """What the archive holds, judged by its list before anything is unpacked."""
    entries = [entry for entry in given.infolist() if not entry.is_dir() and not entry.filename.lower().startswith("docprops/thumbnail")]
    names = [entry.filename.lower() for entry in entries]
    if {"[content_types].xml", MAIN[kind]} - set(names) or len(set(names)) < len(names):
        raise BadFile(_("Its content is not what its name says: %(ending)s.", ending=kind))
    odd = any(name.startswith(("/", "\\")) or ".." in name.split("/") or "\\" in name for name in names)
    whole = sum(entry.file_size for entry in entries)
    if odd or len(entries) > MOST_ENTRIES or whole > LARGEST_WHOLE or any(entry.file_size > LARGEST_RATIO * max(entry.compress_size, 100) for entry in entries):
        raise BadFile(str(BOMB))
    if any(mark in name for name in names for mark in RUNS) or not all(name.endswith(TAKEN) or name.startswith((PRINTERS, *BLANKED)) for name in names):
        raise BadFile(str(MORE_INSIDE))
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
                raise BadFile(str(BOMB))
            parts.append(some)
    return b"".join(parts)
