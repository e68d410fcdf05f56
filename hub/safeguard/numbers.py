"""Numbers as people write them: in groups, with dashes, spaces and line breaks between."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from hub.safeguard.lexicon import Span
from hub.safeguard.reading import Reading

PIECE = re.compile(r"\d+")
BETWEEN = re.compile(r"[\s.\-·•_|:~]{0,3}")
LENGTHS = (12, 13, 16)
MOST_GROUPS = 8
NUMERIC_DATE = re.compile(r"(?<!\d)\d{1,4}\s?[./\-]\s?(?:\d{1,2}|[IVX]{1,4})\s?[./\-]\s?\d{2,4}(?!\d)")
CHINESE_DATE = re.compile(r"\d{4}\s?年\s?\d{1,2}\s?月\s?\d{1,2}|[〇零一二三四五六七八九]{4}年[一二三四五六七八九十]{1,3}月[一二三四五六七八九十]{1,3}[日号]")
HAN_DAY = re.compile(r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})月(?:\d{1,2}|[一二三四五六七八九十]{1,3})[日号]?")
NUMBER = re.compile(r"(?<!\d)\d{1,4}(?!\d)")
DIGITS = re.compile(r"\D")


class Digits(NamedTuple):
    """A number in places of ``Reading.plain``; ``groups`` are the lengths of the groups one sees."""

    start: int
    end: int
    text: str
    groups: tuple[int, ...]


def numbers(reading: Reading, length: int) -> list[Digits]:
    """Every run of whole groups with this number of digits: 12, 13 or 16."""
    if "numbers" not in reading.kept:
        by_length: dict[int, list[Digits]] = {wanted: [] for wanted in LENGTHS}
        for number in _windows(reading):
            by_length[len(number.text)].append(number)
        reading.kept["numbers"] = by_length
    found: list[Digits] = reading.kept["numbers"][length]
    return found


def _windows(reading: Reading) -> Iterator[Digits]:
    """Runs of at most 8 groups, and whole runs of single digits; with what is invisible between groups taken both ways."""
    pieces = [match.span() for match in PIECE.finditer(reading.plain)]
    parted = _parted(pieces, sorted(reading.breaks)) if reading.breaks else pieces
    seen: set[tuple[int, int]] = set()
    for groups in (pieces, parted) if parted != pieces else (pieces,):
        for run in _runs(reading.plain, groups):
            for number in _of_run(reading, run):
                if (number.start, number.end) not in seen:
                    seen.add((number.start, number.end))
                    yield number


def _runs(plain: str, pieces: list[Span]) -> Iterator[list[Span]]:
    """Groups of digits with nothing but spaces, dashes and the like between them."""
    run: list[Span] = []
    for piece in pieces:
        if run and not BETWEEN.fullmatch(plain, run[-1][1], piece[0]):
            yield run
            run = []
        run.append(piece)
    if run:
        yield run


def _of_run(reading: Reading, run: list[Span]) -> Iterator[Digits]:
    text = "".join(reading.plain[start:end] for start, end in run)
    ends, total = [0], 0
    for start, end in run:
        total += end - start
        ends.append(total)
    at = {end: n for n, end in enumerate(ends)}
    for first in range(len(run)):
        for length in LENGTHS:
            last = at.get(ends[first] + length)
            if last is None or (last - first > MOST_GROUPS and last - first != len(run)):
                continue
            start, end = run[first][0], run[last - 1][1]
            if reading.alone(start, end):
                yield Digits(start, end, text[ends[first] : ends[last]], _groups(reading.plain, run[first:last]))


def _groups(plain: str, run: list[Span]) -> tuple[int, ...]:
    """Lengths of the groups one sees: something invisible, or the end of a line, parts none."""
    groups = [run[0][1] - run[0][0]]
    for before, piece in pairwise(run):
        if plain[before[1] : piece[0]] in ("", "\n"):
            groups[-1] += piece[1] - piece[0]
        else:
            groups.append(piece[1] - piece[0])
    return tuple(groups)


def _parted(pieces: list[Span], breaks: list[int]) -> list[Span]:
    """The groups, parted where something invisible stands inside one."""
    found: list[Span] = []
    for start, end in pieces:
        edges = [start, *breaks[bisect_right(breaks, start) : bisect_left(breaks, end)], end]
        found += pairwise(edges)
    return found


def is_day(year: str, month: str, day: str) -> bool:
    """Whether these two-digit parts are a day of the 20th or 21st century."""
    for century in ("19", "20"):
        try:
            date(int(century + year), int(month), int(day))
            return True
        except ValueError:
            continue
    return False


def date_within(reading: Reading, start: int, end: int) -> tuple[int, int] | None:
    """The first whole date, with day, month and year, between two places."""
    window = reading.plain[start:end]
    for pattern in (NUMERIC_DATE, CHINESE_DATE):
        if match := pattern.search(window):
            return start + match.start(), start + match.end()
    months = reading.found("dateword", start, end)
    figures = [(start + m.start(), start + m.end()) for m in NUMBER.finditer(window)]
    if months and len(figures) >= 2 and any(b - a == 4 for a, b in figures[:3]):
        used = figures[: 3 if months[0][0] < figures[0][0] or (len(figures) > 2 and figures[2][0] - figures[1][1] < 12) else 2]
        return min(used[0][0], months[0][0]), max(used[-1][1], months[0][1])
    return None


def month_within(reading: Reading, start: int, end: int) -> tuple[int, int] | None:
    """A month with its year right behind it, between two places."""
    for first, last in reading.found("dateword", start, end):
        if year := re.match(r"[\s.,]{0,2}(?:de |năm |พ\.ศ\. ?|ឆ្នាំ ?|ປີ ?)?\d{4}(?!\d)", reading.plain[last : last + 14]):
            return first, last + year.end()
    return None


def day_within(reading: Reading, start: int, end: int) -> tuple[int, int] | None:
    """A day, with or without its year, between two places."""
    if whole := date_within(reading, start, end):
        return whole
    window = reading.plain[start:end]
    if match := re.search(r"(?<!\d)\d{1,2}[./]\d{1,2}(?!\d)", window):
        return start + match.start(), start + match.end()
    if match := HAN_DAY.search(window):
        return start + match.start(), start + match.end()
    months = reading.found("dateword", start, end)
    figures = [(start + m.start(), start + m.end()) for m in NUMBER.finditer(window)]
    if months and figures:
        return min(months[0][0], figures[0][0]), max(months[0][1], figures[0][1])
    return None


def digits_of(text: str) -> str:
    return DIGITS.sub("", text)
