"""What the writer decides on passages that could identify a person: remove, replace by a role, or "no personal data"."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from flask import g
from werkzeug.datastructures import MultiDict

from hub.db import UserText
from hub.guard import Guard, Identifying, Refused, examine, key_of
from hub.resume import submitted
from hub.review.rules import Choice
from hub.safeguard.scan import Finding
from hub.text import LONGEST, clean, prepare_line

MOST = 40  # passages shown at once; the others come after these
AROUND = 60  # characters shown before and behind a passage
REMOVE, REPLACE, KEEP = "remove", "replace", "keep"
LONGEST_ROLE, SHORTEST_WHY = 60, 5


class Decision(NamedTuple):
    """``role`` replaces the passage; ``why`` says why it is no personal data, and is ``None`` where that tells too much itself."""

    choice: str
    role: str
    why: UserText | None
    typed: str

    @property
    def made(self) -> bool:
        enough = self.why is not None and len(self.why) >= SHORTEST_WHY
        return self.choice == REMOVE or (self.choice == REPLACE and bool(self.role)) or (self.choice == KEEP and enough)


class Passage(NamedTuple):
    """A passage as the page shows it, in its surroundings, with what was decided so far."""

    field: str
    before: str
    words: str
    after: str
    finding: Finding
    key: str
    decision: Decision | None


def decisions() -> dict[str, Decision]:
    """Decisions of this form by key of the passage, read once for each request."""
    if "decisions" not in g:
        sent = submitted()
        g.decisions = {key: _decision(sent, n) for n in range(2 * MOST) if (key := sent.get(f"passage-{n}-key", "")[:20])}
    made: dict[str, Decision] = g.decisions
    return made


def _decision(sent: MultiDict[str, str], n: int) -> Decision:
    choice, role, why = (" ".join(sent.get(f"passage-{n}-{name}", "").split())[:200] for name in ("choice", "role", "why"))
    try:
        return Decision(choice, role[:LONGEST_ROLE], prepare_line(why), why)
    except Refused:
        return Decision(choice, role[:LONGEST_ROLE], None, why)


def found_in(written: str, guard: Guard) -> Identifying | None:
    """What the safeguard finds in words as they were typed."""
    try:
        examine(clean(written[: LONGEST + 1]), replace(guard, spared=frozenset()))
    except Identifying as refusal:
        return refusal
    return None


def choices(refusal: Identifying, made: dict[str, Decision]) -> list[Choice]:
    """What was decided on the passages of a text, for the counts."""
    taken = []
    for finding in refusal.findings:
        decision = made.get(key_of(finding, refusal.text))
        if decision and decision.made and not (decision.choice == KEEP and finding.severity == 3):
            why = decision.why if decision.choice == KEEP else None
            taken.append(Choice(finding.rule, finding.severity, decision.choice, why or UserText("")))
    return taken


def applied(words: str, found: Iterable[Finding], made: dict[str, Decision]) -> str:
    """The text with passages removed and replaced as decided."""
    for finding in sorted(found, key=lambda f: -f.start):
        decision = made.get(key_of(finding, words[: finding.end]))
        if decision and decision.made and decision.choice in (REMOVE, REPLACE):
            role = decision.role if decision.choice == REPLACE else ""
            before, after = words[: finding.start], words[finding.end :]
            if not role and before.endswith(" ") and after[:1] in (" ", ".", ",", ""):
                before = before[:-1]
            words = before + role + after
    return words


def shown(field: str, refusal: Identifying, made: dict[str, Decision]) -> list[Passage]:
    """The passages of one field; those that the writer keeps for good reason come along, so that the reason is sent again."""
    passages = []
    for finding in refusal.findings[:MOST]:
        start, end = finding.start, finding.end
        before, after = refusal.text[:start].rpartition("\n")[2], refusal.text[end:].partition("\n")[0]
        before = before if len(before) <= AROUND else "…" + before[-AROUND:]
        after = after if len(after) <= AROUND else after[:AROUND] + "…"
        key = key_of(finding, refusal.text)
        passages.append(Passage(field, before, refusal.text[start:end], after, finding, key, made.get(key)))
    return passages
