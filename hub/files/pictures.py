"""Pictures are drawn anew from their points: what a camera noted of place, time and owner, and whatever else the file held, is gone."""

import warnings
from io import BytesIO
from typing import NamedTuple

from PIL import Image, ImageOps

from hub.files.refusal import BadFile
from hub.words import _, later

FORMATS = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}
MOST_POINTS = 25_000_000
QUALITY = 85
TOO_LARGE = later("A picture has more than 25 million points, or those of a document together have: make them smaller.")
START_OF_SCAN, COMMENT = 0xDA, 0xFE
MOST_SCANS = 100  # of a JPEG: each is drawn over the whole picture
BEGINS = {"png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff"}


class Redrawn(NamedTuple):
    data: bytes
    width: int
    height: int


def redrawn(data: bytes, kind: str, most: int = MOST_POINTS) -> Redrawn:
    """The first frame, upright, in the same format. Its size is read before any point is; ``most`` are the points it may have. Raises ``BadFile``."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(BytesIO(data), formats=[FORMATS[kind]]) as picture:
                if picture.width * picture.height > most:
                    raise BadFile(str(TOO_LARGE))
                if kind == "jpg" and data.count(b"\xff\xda") > MOST_SCANS:
                    raise BadFile(str(TOO_LARGE))
                picture.load()
                upright = ImageOps.exif_transpose(picture)
                drawn = upright.convert("RGBA" if kind != "jpg" and _see_through(upright) else "RGB")
    except BadFile:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadFile(str(TOO_LARGE)) from None
    except Exception:  # whatever a broken or hostile file makes the decoder raise
        raise BadFile(_("This picture cannot be read: it is damaged, or not what its name says.")) from None
    drawn.info = {}
    made = BytesIO()
    drawn.save(made, FORMATS[kind], **({} if kind == "png" else {"quality": QUALITY}))
    return Redrawn(made.getvalue(), drawn.width, drawn.height)


def kind_of(data: bytes) -> str:
    """What picture these bytes begin; empty for none that is drawn anew."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return next((kind for kind, beginning in BEGINS.items() if data.startswith(beginning)), "")


def _see_through(picture: Image.Image) -> bool:
    return picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info


def without_notes(jpeg: bytes) -> bytes:
    """A JPEG without its segments of notes (APP1 to APP13, comments), its points untouched; what is none is given back as it is."""
    if not jpeg.startswith(b"\xff\xd8"):
        return jpeg
    kept, at = [jpeg[:2]], 2
    while jpeg[at : at + 1] == b"\xff" and at + 4 <= len(jpeg) and jpeg[at + 1] != START_OF_SCAN:
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if not (0xE1 <= jpeg[at + 1] <= 0xED or jpeg[at + 1] == COMMENT):
            kept.append(jpeg[at:end])
        at = end
    return b"".join([*kept, jpeg[at:]])
