"""A text as its words are compared: letters and digits alone, folded, each with its place. Pure functions; places are code points."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from html import unescape
from typing import NamedTuple

FIRST_UNSPACED = 0x0B80  # letters of Tamil and of the scripts without spaces come after the others
BLANK = "\u115f\u1160\u2800\u3164\uffa0"  # letters that show nothing
PLAIN = re.compile(r"[A-Za-z0-9]+")
PIECE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});|.", re.DOTALL)


class Letters(NamedTuple):
    """``plain`` holds no space, mark of emphasis or punctuation; letter ``i`` stands from ``starts[i]`` up to ``ends[i]`` of the text."""

    plain: str
    starts: Sequence[int]
    ends: Sequence[int]

    def edge(self, place: int) -> bool:
        """Whether a word begins, or ends, before letter ``place``; in scripts without spaces everywhere."""
        if place in (0, len(self.plain)):
            return True
        apart = self.starts[place] != self.ends[place - 1]
        return apart or ord(self.plain[place]) >= FIRST_UNSPACED or ord(self.plain[place - 1]) >= FIRST_UNSPACED


def letters_of(text: str) -> Letters:
    """The same for a word in bold, with a dash, in capitals, without its marks, broken over lines of a quote, or written with entities."""
    if text.isascii() and "&" not in text:
        starts = [place for match in PLAIN.finditer(text) for place in range(*match.span())]
        return Letters("".join(PLAIN.findall(text)).lower(), starts, [place + 1 for place in starts])
    plain: list[str] = []
    starts, ends = [], []
    for match in PIECE.finditer(text):
        for letter in "".join(map(_folded, unescape(match[0]) if len(match[0]) > 1 else match[0])):
            plain.append(letter)
            starts.append(match.start())
            ends.append(match.end())
    return Letters("".join(plain), starts, ends)


@cache
def _folded(character: str) -> str:
    if character in BLANK:
        return ""
    parts = unicodedata.normalize("NFKD", character.casefold()).replace("đ", "d")
    return "".join(str(unicodedata.decimal(part)) if part.isdecimal() else part for part in parts if part.isalnum() or _sounds(part))


def _sounds(mark: str) -> bool:
    """Vowels and tones that stand as marks belong to the word; accents on Latin letters are left out."""
    return unicodedata.category(mark)[0] == "M" and not "\u0300" <= mark <= "\u036f"
