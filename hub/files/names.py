"""The name of a file, as it may be stored and offered again: no path, nothing that hides its ending."""

import re

from hub.text import clean

LONGEST = 120
HIDING = re.compile("[\u200b-\u200f\u061c\u00ad\u2060\n\t\"\\\\/:*?<>|\x00]+")


def shown_name(given: str) -> str:
    """The last part of a path, on one line, at most 120 characters with its ending."""
    last = re.split(r"[\\/]", clean(given[:2_000]))[-1]
    name = " ".join(HIDING.sub(" ", last).split()).rstrip(". ")
    stem, dot, ending = name.rpartition(".")
    if not dot:
        return name[:LONGEST].lstrip(". ")
    ending = ending.strip()[:10]
    return f"{stem.strip('. ')[: LONGEST - len(ending) - 1] or 'file'}.{ending}"
