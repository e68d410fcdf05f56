"""Taking passages out of a text, and finding the same words elsewhere. Pure functions; places are code points, end exclusive."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from hub.moderation.letters import FIRST_UNSPACED, Letters, letters_of

MARK, MARK_OF_OTHERS = "[removed: identifies a person]", "[removed: breaks a rule of the house]"
SHORTEST_ID, LONG_ENOUGH, CASELESS, COMMON = 6, 8, 12, 16  # characters that tell a passage: an id; a capital or a digit; a script without; none of these
AROUND, SOME = 8, 6  # letters beside a short passage that tell it; at least so many
PART_OF_PASSAGE, PART_OF_TEXT = 20, 32  # so many letters in a row of a long passage, or of a text removed whole, tell as well
MOST_SPANS = 2_000
MOST_WORDS, PIECE_OF_RUN = 12, 8
SPAN = re.compile(r"(\d{1,6})-(\d{1,6})")
WORD = re.compile(r"[^\s!-/:-@\[-`{-~“”‘’«»…–—·।။]{2,}")


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


def cut(text: str, spans: Iterable[Span], mark: str = MARK) -> str:
    """The text with each passage replaced by the mark."""
    for span in sorted(spans, reverse=True):
        text = text[: span.start] + mark + text[span.end :]
    return text


# --- the same words elsewhere ----------------------------------------------------------------------------------


class Needle(NamedTuple):
    """What tells a removed passage elsewhere: its letters, with those beside it where it is short."""

    letters: str
    start: int  # of the passage among the letters
    end: int
    part: int  # so many letters in a row of it tell as well; 0: nothing but the whole
    words: tuple[str, ...]  # as written, to look it up by


def places_of(words: str, text: str) -> list[Span]:
    """Everywhere a text says just these words, however they are spaced, marked or cased."""
    parts = re.split(r"[\s>]+", words.strip(" \t\n>"))
    wanted, read = letters_of(words).plain, letters_of(text)
    found = [Span(read.starts[at], read.ends[at + len(wanted) - 1]) for at in _everywhere(wanted, read.plain) if read.edge(at) and read.edge(at + len(wanted))]
    signs = [match.span() for match in re.finditer(r"[\s>]+".join(map(re.escape, parts)), text, re.IGNORECASE)] if any(parts) else []
    exact = [Span(*span) for span in signs if not wanted or any(span[0] <= one.start and one.end <= span[1] for one in found)]  # with signs at its ends
    return joined([*exact, *found])


def needles(text: str, spans: Iterable[Span]) -> list[Needle]:
    """What tells each passage elsewhere: the passage itself, or a short one together with what stands before it, or behind."""
    found = []
    for start, end in sorted(spans):
        passage, own = text[start:end], letters_of(text[start:end]).plain
        if not own:
            continue
        if _telling(passage):
            found.append(Needle(own, 0, len(own), PART_OF_PASSAGE if len(own) > PART_OF_PASSAGE else 0, looked_up(passage)))
            continue
        before, after = letters_of(text[max(0, start - 60) : start]).plain[-AROUND:], letters_of(text[end : end + 60]).plain[:AROUND]
        if len(before) >= SOME:
            found.append(Needle(before + own, len(before), len(before + own), 0, looked_up(text[max(0, start - 60) : end], 4)))
        if len(after) >= SOME:
            found.append(Needle(own + after, 0, len(own), 0, looked_up(text[start : end + 60], 4)))
    return found


def needles_of_all(text: str) -> list[Needle]:
    """What tells a text that is removed whole: any longer part of what its author wrote. What it quotes is somebody else's."""
    said = re.sub(r"^[ \t]*>.*$", "", text, flags=re.MULTILINE)
    own = letters_of(said).plain
    if len(own) < PART_OF_TEXT:
        return needles(said, [Span(0, len(said))]) if said.strip() else []
    return [Needle(own, 0, len(own), PART_OF_TEXT, looked_up(said, 5 * MOST_WORDS))]


def found_in(text: str, wanted: Iterable[Needle]) -> list[Span]:
    """Where a text holds what was removed elsewhere."""
    read = letters_of(text)
    return joined(span for needle in wanted for span in (*_whole(read, needle), *_parts(read, needle)))


def _whole(read: Letters, needle: Needle) -> Iterator[Span]:
    for at in _everywhere(needle.letters, read.plain):
        start, end = at + needle.start, at + needle.end
        if read.edge(start) and read.edge(end):
            yield Span(read.starts[start], read.ends[end - 1])


def _parts(read: Letters, needle: Needle) -> Iterator[Span]:
    """Runs of whole words that a long passage has, too."""
    if not needle.part or len(read.plain) < needle.part:
        return
    known, at = _windows(needle.letters, needle.part), 0
    while at <= len(read.plain) - needle.part:
        place = known.get(read.plain[at : at + needle.part]) if read.edge(at) else None
        if place is None:
            at += 1
            continue
        end, rest = at + needle.part, place + needle.part
        while end < len(read.plain) and rest < len(needle.letters) and read.plain[end] == needle.letters[rest]:
            end, rest = end + 1, rest + 1
        last = next(edge for edge in range(end, at, -1) if read.edge(edge) or edge == at + 1)
        if last - at >= needle.part // 2:
            yield Span(read.starts[at], read.ends[last - 1])
        at = max(last, at + 1)


@lru_cache(maxsize=64)
def _windows(letters: str, size: int) -> dict[str, int]:
    return {letters[at : at + size]: at for at in range(len(letters) - size, -1, -1)}


def _everywhere(wanted: str, text: str) -> Iterator[int]:
    at = text.find(wanted) if wanted else -1
    while at >= 0:
        yield at
        at = text.find(wanted, at + 1)


def _telling(passage: str) -> bool:
    """Whether the same words elsewhere are hardly there by chance: numbers of documents, names, whole phrases."""
    digits, capitals = any(map(str.isdigit, passage)), any(map(str.isupper, passage))
    caseless = CASELESS if max(passage) >= chr(FIRST_UNSPACED) else COMMON
    enough = SHORTEST_ID if digits and any(map(str.isalpha, passage)) else LONG_ENOUGH if digits or capitals else caseless
    return len(passage.strip()) >= enough


def looked_up(passage: str, most: int = MOST_WORDS) -> tuple[str, ...]:
    """The longest words of a passage; of scripts without spaces, pieces of a run."""
    words: set[str] = set()
    for word in WORD.findall(passage):
        unspaced = ord(word[-1]) >= FIRST_UNSPACED and len(word) > PIECE_OF_RUN
        words |= {word[at : at + PIECE_OF_RUN] for at in range(0, len(word) - PIECE_OF_RUN + 1, PIECE_OF_RUN)} if unspaced else {word}
    return tuple(sorted(words, key=lambda word: (-len(word), word))[:most])
