"""Find passages that could identify a person. Pure: no database, no request. It warns; people decide."""

from collections.abc import Collection
from itertools import islice
from typing import NamedTuple

from hub.safeguard import contact, ids, networks, people, told, traces, whereabouts
from hub.safeguard.numbers import digits_of
from hub.safeguard.reading import Reading
from hub.safeguard.rule import Rule

LONGEST = 40_000  # characters; what is beyond is not read, and text.prepare() refuses it
MOST_FINDINGS = 200  # the gravest of a text
CONTACT = frozenset(("phone", "email", "social_account"))  # kinds by which a person or an office is reached
RULES: tuple[Rule, ...] = (
    ids.RULES + contact.RULES + networks.RULES + whereabouts.RULES + traces.RULES + people.RULES + told.RULES
)
HINTS = {
    "national_id": "Take the number out; write “ID checked” instead.",
    "passport": "Take the number out; write “passport seen” instead.",
    "mrz": "Take these lines out: they hold name, number and date of birth.",
    "date_of_birth": "Say “under 18” or “adult” instead.",
    "coordinates": "Name the province or the kind of place instead.",
    "shelter_address": "Say “a shelter in the region”; never where it stands.",
    "phone": "Give the number through the official channel, not here.",
    "email": "Give the address of the office instead.",
    "social_account": "Say “an account on a social network” instead.",
    "named_person_with_age": "Say “survivor A” and “a minor” or “an adult”.",
    "named_victim": "Say “survivor A” instead of the name.",
    "vessel_or_plate": "Say “a fishing vessel” or “a van” instead.",
    "initials": "Say “survivor A”; leave out the place or the day.",
    "case_number": "Use a reference token that only the official channel can resolve.",
    "indirect": "Keep one of these details at most: together they may point at one person.",
}


class Finding(NamedTuple):
    """A passage ``text[start:end]`` of the original text. ``severity`` is 3 (must not be stored), 2 or 1 (the writer decides)."""

    kind: str
    severity: int
    start: int
    end: int
    rule: str
    hint: str


def scan(text: str, lang: str | None = None, known: Collection[str] = ()) -> list[Finding]:
    """What in ``text`` could identify a person, in the order of the text; of passages that overlap, the gravest.

    ``lang`` is the language of the text, where known. ``known`` holds lines that the member shows to every reader already, such as
    the numbers of a profile or of an office: they are no finding. Takes time in proportion to the text; never raises.
    """
    reading = Reading(text[:LONGEST], lang)
    found = []
    for rule in RULES:
        for hit in islice(rule.find(reading), 2 * MOST_FINDINGS):
            start, end = _trim(reading, hit.start, hit.end)
            start, end = reading.original(start, end)
            found.append(Finding(rule.kind, hit.severity or rule.severity, start, end, rule.id, HINTS[rule.kind]))
    return without(_gravest(_joined(found), len(text)), text, known)


def without(findings: list[Finding], text: str, known: Collection[str]) -> list[Finding]:
    """The findings but ways to reach somebody that are ``known``; nothing else is let pass by being known."""
    shown = {_bare(line) for line in known} - {""}
    return [f for f in findings if f.kind not in CONTACT or _bare(text[f.start : f.end]) not in shown]


def _trim(reading: Reading, start: int, end: int) -> tuple[int, int]:
    while end - 1 > start and reading.plain[end - 1].isspace():
        end -= 1
    while start < end - 1 and reading.plain[start].isspace():
        start += 1
    return start, end


def _bare(line: str) -> str:
    """What makes two writings of a number or address the same."""
    digits = digits_of(line)
    return digits[-8:] if len(digits) >= 7 else "".join(line.split()).lower()


def _joined(found: list[Finding]) -> list[Finding]:
    """Numbers that overlap, each valid by itself, are one passage: nobody can say which of them was meant."""
    apart: list[Finding] = []
    latest: dict[tuple[str, int], int] = {}  # the last passage of each rule and severity
    for finding in sorted(found, key=lambda one: one.start):
        key = (finding.rule, finding.severity)
        last = apart[latest[key]] if key in latest else None
        if last is not None and finding.kind == "national_id" and last.start <= finding.start < last.end:
            apart[latest[key]] = last._replace(end=max(last.end, finding.end))
        else:
            latest[key] = len(apart)
            apart.append(finding)
    return apart


def _gravest(found: list[Finding], length: int) -> list[Finding]:
    kept: list[Finding] = []
    taken = bytearray(length)
    for finding in sorted(found, key=lambda f: (-f.severity, f.start - f.end, f.start)):
        free = taken.find(b"\1", finding.start, finding.end)
        end = free if free >= 0 else finding.end  # a milder passage ends where a graver one begins
        if end > finding.start:
            taken[finding.start : end] = b"\1" * (end - finding.start)
            kept.append(finding._replace(end=end))
    return sorted(kept[:MOST_FINDINGS], key=lambda f: f.start)
