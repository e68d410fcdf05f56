"""Taking passages out of a text, and finding the same words elsewhere. Pure functions; places are code points, end exclusive."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

MARK = "[removed: identifies a person]"
SHORTEST_ID, LONG_ENOUGH, COMMON = 6, 8, 16  # characters that tell a passage: of letters and digits, with a capital or a digit, or neither
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
    """What tells each passage elsewhere: the passage itself, or a short one together with what stands before it, or behind."""
    found = []
    for start, end in spans:
        passage = text[start:end]
        if not re.search(r"\w", passage):
            continue
        if _telling(passage):
            found.append(_needle("", passage, ""))
            continue
        before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
        found += [_needle(*around) for around in ((before, passage, ""), ("", passage, after)) if len("".join(around).strip()) >= LONG_ENOUGH]
    return found


def _needle(before: str, passage: str, after: str) -> Needle:
    word = max(re.findall(r"\w+", before + passage + after), key=len)
    return Needle(re.compile(_loose_text(before) + "(" + _loose_text(passage) + ")" + _loose_text(after), re.IGNORECASE), word)


def lines_of(text: str) -> list[Span]:
    """Each line of a text that says something."""
    return [Span(*match.span()) for match in re.finditer(r"\S[^\n]*", text)]


def _telling(passage: str) -> bool:
    """Whether the same words elsewhere are hardly there by chance: numbers of documents, names, whole phrases."""
    digits, capitals = any(map(str.isdigit, passage)), any(map(str.isupper, passage))
    enough = SHORTEST_ID if digits and any(map(str.isalpha, passage)) else LONG_ENOUGH if digits or capitals else COMMON
    return len(passage.strip()) >= enough


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
