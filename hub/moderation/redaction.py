"""Taking passages out of a text, and finding the same words elsewhere. Pure functions; places are code points, end exclusive."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

MARK = "[removed: identifies a person]"
LONG_ENOUGH, COMMON = 8, 16  # characters of a passage, with a capital or a digit or without, that is told by itself; else with what stands around it
AROUND = 12
MOST_SPANS = 200
SPAN = re.compile(r"(\d{1,6})-(\d{1,6})")
LOOSE = r"[\s>]+"  # a quote breaks lines elsewhere, and begins each with a mark


class Span(NamedTuple):
    start: int
    end: int


def spans_of(given: str, length: int) -> list[Span]:
    """Places such as ``12-20,33-41`` in a text of this length, in order and apart. Raises ``ValueError``."""
    spans = []
    for part in filter(None, re.split(r"[,\s]+", given)):
        match = SPAN.fullmatch(part)
        if match is None or not int(match[1]) < int(match[2]) <= length:
            raise ValueError(part)
        spans.append(Span(int(match[1]), int(match[2])))
    if len(spans) > MOST_SPANS:
        raise ValueError("too many")
    return joined(spans)


def joined(spans: Iterable[Span]) -> list[Span]:
    """In order; what overlaps or touches is one."""
    apart: list[Span] = []
    for span in sorted(spans):
        if apart and span.start <= apart[-1].end:
            apart[-1] = Span(apart[-1].start, max(apart[-1].end, span.end))
        else:
            apart.append(span)
    return apart


def written(spans: Iterable[Span]) -> str:
    return ",".join(f"{span.start}-{span.end}" for span in spans)


def cut(text: str, spans: Iterable[Span]) -> str:
    """The text with each passage replaced by the mark."""
    for span in sorted(spans, reverse=True):
        text = text[: span.start] + MARK + text[span.end :]
    return text


def places_of(words: str, text: str) -> list[Span]:
    """Everywhere a text says just these words, however its lines break."""
    parts = words.split()
    return [Span(*match.span()) for match in re.finditer(_loose(parts), text, re.IGNORECASE)] if parts else []


class Needle(NamedTuple):
    """What tells a removed passage elsewhere: a pattern whose group is the passage, and a word to look it up by."""

    pattern: re.Pattern[str]
    word: str


def needles(text: str, spans: Sequence[Span]) -> list[Needle]:
    """One for each passage that can be told; a short one counts with what stands before and behind it."""
    found = []
    for start, end in spans:
        passage = text[start:end]
        before, after = ("", "") if _telling(passage) else (text[max(0, start - AROUND) : start], text[end : end + AROUND])
        word = max(re.findall(r"\w+", before + passage + after) or [""], key=len)
        if re.search(r"\w", passage) and len(before + passage + after) >= LONG_ENOUGH:
            found.append(Needle(re.compile(_loose_text(before) + "(" + _loose_text(passage) + ")" + _loose_text(after), re.IGNORECASE), word))
    return found


def _telling(passage: str) -> bool:
    """Whether the same words elsewhere are hardly there by chance."""
    marked = any(letter.isupper() or letter.isdigit() for letter in passage)
    return len(passage.strip()) >= (LONG_ENOUGH if marked else COMMON)


def found_in(text: str, wanted: Iterable[Needle]) -> list[Span]:
    """Where a text holds what was removed elsewhere."""
    return joined(Span(*match.span(1)) for needle in wanted for match in needle.pattern.finditer(text))


def _loose(parts: Iterable[str]) -> str:
    return LOOSE.join(map(re.escape, parts))


def _loose_text(text: str) -> str:
    """As written, but for how it is spaced."""
    pattern = _loose(text.split())
    if not pattern:
        return LOOSE if text else ""
    return (LOOSE if text[0].isspace() else "") + pattern + (LOOSE if text[-1].isspace() else "")
