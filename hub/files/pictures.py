"""Pictures are drawn anew from their points: what a camera noted of place, time and owner, and whatever else the file held, is gone."""

import warnings
from io import BytesIO
from typing import NamedTuple

from PIL import Image, ImageOps

from hub.files.refusal import BadFile
from hub.words import _

FORMATS = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}
MOST_POINTS = 25_000_000
QUALITY = 85


class Redrawn(NamedTuple):
    data: bytes
    width: int
    height: int


def redrawn(data: bytes, kind: str) -> Redrawn:
    """The first frame, upright, in the same format. Its size is read before any point is. Raises ``BadFile``."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(BytesIO(data), formats=[FORMATS[kind]]) as picture:
                if picture.width * picture.height > MOST_POINTS:
                    raise BadFile(_("This picture has more than 25 million points: make it smaller."))
                picture.load()
                upright = ImageOps.exif_transpose(picture)
                drawn = upright.convert("RGBA" if kind != "jpg" and _see_through(upright) else "RGB")
    except BadFile:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadFile(_("This picture has more than 25 million points: make it smaller.")) from None
    except Exception:  # whatever a broken or hostile file makes the decoder raise
        raise BadFile(_("This picture cannot be read: it is damaged, or not what its name says.")) from None
    drawn.info = {}
    made = BytesIO()
    drawn.save(made, FORMATS[kind], **({} if kind == "png" else {"quality": QUALITY}))
    return Redrawn(made.getvalue(), drawn.width, drawn.height)


def _see_through(picture: Image.Image) -> bool:
    return picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
