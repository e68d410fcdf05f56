"""A text as the rules read it: digits in ASCII, nothing invisible, and where words of each meaning stand."""

from bisect import bisect_left, bisect_right
from functools import cached_property
from typing import Any

from hub.safeguard.lexicon import FIRST_UNSPACED, NOTHING_HIDDEN, Span, folded, meanings, words_of
from hub.safeguard.names import PARTICLES, Name, names_in


class Reading:
    """``plain`` is the text as it is compared; all places are places of ``plain`` until ``original()`` turns them back.

    ``low`` is ``plain`` without capitals, of the same length; ``breaks`` are places before which something invisible stood, so that
    what adjoins there is not one word; ``meant`` holds the places of the lexicon's words by meaning.
    """

    def __init__(self, text: str, lang: str | None = None) -> None:
        self.plain, self._at, self.breaks = _fold(text)
        self.low = self.plain.lower() if self.plain.isascii() else "".join(low if len(low := c.lower()) == 1 else c for c in self.plain)
        self.kept: dict[str, Any] = {}  # what several rules look for, found once
        self._words = words_of(self.low, PARTICLES)
        self.meant = meanings(self.low, self._words, lang)
        self._starts = {meaning: [span[0] for span in spans] for meaning, spans in self.meant.items()}

    def near(self, meaning: str, start: int, end: int, before: int = 40, after: int = 0) -> bool:
        """Whether a word of this meaning stands at most so many characters before ``start`` or after ``end``."""
        return bool(self.found(meaning, start - before, start)) or (after > 0 and bool(self.found(meaning, end, end + after)))

    def found(self, meaning: str, start: int, end: int) -> list[Span]:
        """Places of the words of a meaning that begin and end between two places."""
        starts = self._starts.get(meaning, [])
        spans = self.meant.get(meaning, [])[bisect_left(starts, start) : bisect_right(starts, end)]
        return [span for span in spans if span[1] <= end]

    def alone(self, start: int, end: int) -> bool:
        """Whether no letter or digit adjoins; Han, Thai and other letters of scripts without spaces do not."""
        before = start == 0 or start in self.breaks or not _joins(self.plain[start - 1])
        return before and (end == len(self.plain) or end in self.breaks or not _joins(self.plain[end]))

    @cached_property
    def names(self) -> list[Name]:
        """Runs of capitalised words that may name a person."""
        return names_in(self.plain, self._words)

    def names_from(self, start: int, end: int) -> list[Name]:
        """Names that begin between two places."""
        return self.names[bisect_left(self.names, (start,)) : bisect_left(self.names, (end,))]

    def original(self, start: int, end: int) -> Span:
        """The places in the text as it was given."""
        return self._at[start], (self._at[end - 1] + 1 if end > start else self._at[start])


def _joins(character: str) -> bool:
    return character.isalnum() and ord(character) < FIRST_UNSPACED


def _fold(text: str) -> tuple[str, list[int] | range, set[int]]:
    if NOTHING_HIDDEN.fullmatch(text):
        return text, range(len(text)), set()
    plain: list[str] = []
    at: list[int] = []
    breaks: set[int] = set()
    for place, character in enumerate(text):
        read = folded(character)
        if not read or (not character.isalnum() and any(map(str.isalnum, read))):  # nothing to see, or a sign such as ㍘ that spells a word
            breaks.update((len(plain), len(plain) + len(read)))
        plain.extend(read)
        at.extend([place] * len(read))
    return "".join(plain), at, breaks
