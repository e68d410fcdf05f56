"""How a practice moves: every step there is, who may take it, what must hold, and what it writes.

The diagram of ``docs/practices.md`` is made from this table, and nothing moves but by it.
"""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from hub.practices.models import Stage

AUTHOR, CLEARER, REVIEWER, MODERATOR, DEADLINE = "author", "clearer", "reviewer", "moderator", "deadline"
CLEARANCE_DAYS, REVIEW_DAYS, COMMENT_DAYS, CHANGE_DAYS = 10, 15, 10, 20  # working days
REMIND_BEFORE = 3  # working days: of ten, on the seventh
UPDATE_AFTER = timedelta(days=730)


class Move(NamedTuple):
    """One step of the way; ``holds`` and ``writes`` are what ``moving.py`` asks and does, in words."""

    name: str
    sources: tuple[str, ...]
    target: str
    who: str
    holds: str
    writes: str


BEFORE = (Stage.DRAFT, Stage.CLEARANCE, Stage.REVIEW, Stage.CHANGES, Stage.COMMENT)
MOVES = (
    Move("submit", (Stage.DRAFT,), Stage.CLEARANCE, AUTHOR, "nothing is missing; no passage that identifies a person", "the revision is frozen; a deadline for the focal point"),
    Move("return", (Stage.CLEARANCE,), Stage.DRAFT, CLEARER, "a reason", "a new revision to write in"),
    Move("clear", (Stage.CLEARANCE,), Stage.REVIEW, CLEARER, "the author does not clear it", "moderators are asked for two reviewers"),
    Move("ask_changes", (Stage.REVIEW,), Stage.CHANGES, REVIEWER, "the reviews are in, and do not pass it", "a new revision to write in; a deadline for the author"),
    Move("resubmit", (Stage.CHANGES,), Stage.REVIEW, AUTHOR, "nothing is missing; no passage that identifies a person", "the revision is frozen; the same reviewers are asked"),
    Move("ask_comment", (Stage.REVIEW,), Stage.COMMENT, REVIEWER, "the reviews pass it; other states are named", "deadlines for their focal points"),
    Move("publish", (Stage.REVIEW,), Stage.PUBLISHED, REVIEWER, "the reviews pass it; no other state is named", "readers see the revision; maturity; a thread to discuss it"),
    Move("publish_commented", (Stage.COMMENT,), Stage.PUBLISHED, DEADLINE, "every named state commented, or the time is over", "readers see the revision; maturity; a thread to discuss it"),
    Move("update", (Stage.PUBLISHED, Stage.UPDATE_DUE), Stage.UPDATE_REVIEW, AUTHOR, "something changed; nothing is missing", "the revision is frozen; one reviewer is asked"),
    Move("accept_update", (Stage.UPDATE_REVIEW,), Stage.PUBLISHED, REVIEWER, "the reviewer passes it", "readers see the new revision; maturity"),
    Move("return_update", (Stage.UPDATE_REVIEW,), Stage.PUBLISHED, REVIEWER, "the reviewer asks for changes", "readers still see the former revision; a new one to write in"),
    Move("fall_due", (Stage.PUBLISHED,), Stage.UPDATE_DUE, DEADLINE, "24 months have passed", "the author is asked whether it still holds"),
    Move("confirm", (Stage.UPDATE_DUE,), Stage.PUBLISHED, AUTHOR, "a line on why it still holds", "another 24 months"),
    Move("archive", (Stage.PUBLISHED, Stage.UPDATE_DUE), Stage.ARCHIVED, AUTHOR, "a reason", "it stays readable, and says that it is kept as history"),
    Move("withdraw", BEFORE, Stage.WITHDRAWN, AUTHOR, "a reason", "open reviews and deadlines end"),
    Move("decline", (Stage.CLEARANCE, Stage.REVIEW, Stage.CHANGES, Stage.COMMENT), Stage.DECLINED, MODERATOR, "a reason; not an own one", "open reviews and deadlines end"),
    Move("hold", (*Stage.INSIDE, *Stage.OUT), Stage.HELD, MODERATOR, "a reason; not an own one; or somebody flagged it for a person’s sake", "nobody but its author and moderators reads it, nor its thread"),
    Move("release", (Stage.HELD,), "", MODERATOR, "a reason; not an own one", "it stands where it stood"),
    Move("decline_held", (Stage.HELD,), Stage.DECLINED, MODERATOR, "a reason; not an own one", "open reviews and deadlines end; its words go where they identify somebody"),
    Move("reinstate", (Stage.DECLINED,), "", MODERATOR, "an appeal against its removal is upheld; its words are there", "it stands where it stood"),
)  # fmt: skip
BY_NAME = {move.name: move for move in MOVES}


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {Stage.DRAFT}"]
    for move in MOVES:
        target = move.target or "where_it_stood"
        lines += [f"    {source} --> {target}: {move.name} ({move.who})" for source in move.sources]
    return "\n".join(lines)


def table() -> str:
    """The table in Markdown."""
    rows = [f"| {move.name} | {', '.join(move.sources)} | {move.target or 'where it stood'} | {move.who} | {move.holds} | {move.writes} |" for move in MOVES]
    return "\n".join(["| move | from | to | who | what must hold | what it writes |", "|---|---|---|---|---|---|", *rows])


def after_working_days(begin: datetime, days: int) -> datetime:
    """The end of the so-many-th working day (Monday to Friday) after ``begin``; public holidays are not known here."""
    day: date = begin.date()
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return datetime.combine(day, time(23, 59), begin.tzinfo)
