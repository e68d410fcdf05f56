"""What pages say of a practice: fields in words, endorsements by revision, and what changed between two revisions."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from hub.accounts.queries import state_names
from hub.languages import AUTONYMS
from hub.practices import fields
from hub.practices.fields import FIELDS, RIGHTS, Field, words_of
from hub.practices.models import Maturity, PracticeRevision, Stage
from hub.practices.records import AdoptionStatus, Endorsement
from hub.words import _, later, plural


def endorsed_words(endorsements: Sequence[Endorsement], shown: int | None) -> str:
    """"Endorsed by 3 task forces: PH, TH, VN (v2); v3 not yet"; "" without one."""
    if not endorsements:
        return ""
    by_revision: dict[int, list[str]] = {}
    for row in endorsements:
        by_revision.setdefault(row.revision, []).append(row.organisation.state_code or row.organisation.short_name)
    said = "; ".join(f"{', '.join(codes)} (v{num})" for num, codes in sorted(by_revision.items()))
    words = plural("Endorsed by %(num)s task force: %(who)s", "Endorsed by %(num)s task forces: %(who)s", len(endorsements), who=said)
    return words if shown is None or shown in by_revision else words + _("; v%(num)s not yet", num=shown)


class Change(NamedTuple):
    """A field that differs; ``long`` ones are shown word by word."""

    label: str
    before: str
    after: str
    long: bool


def comparison(earlier: PracticeRevision, later: PracticeRevision) -> list[Change]:
    """The fields that differ, in the order of the form."""
    found = []
    for field in FIELDS.values():
        if field.name in ("label", "stated"):
            continue
        before, after = (plain(revision, field) for revision in (earlier, later))
        if before != after:
            found.append(Change(str(field.label).removesuffix(_(" (optional)")), before, after, field.kind in ("text", "words", "line")))
    return found


def plain(revision: PracticeRevision, field: Field) -> str:
    """A field of a revision as plain words; lines of rows are parted by line feeds."""
    name = field.name
    if field.kind == "text":
        return str(getattr(revision, f"{name}_md"))
    if field.kind == "many" and name != "tags":
        return ", ".join(values_in_words(name, revision.chosen(name), revision))
    if field.kind in ("rows", "rights"):
        return "\n".join(_rows(revision, name))
    special = {
        "tags": lambda: ", ".join(tag.name for tag in revision.tags), "pillar": lambda: revision.pillar.name,
        "contact": lambda: str(revision.contact_id or ""), "lang": lambda: AUTONYMS.get(revision.lang, revision.lang),
    }  # fmt: skip
    if name in special:
        return str(special[name]())
    value: Any = getattr(revision, name, "")
    return words_of(field.choices, value) if field.choices else str("" if value is None else value)


def _rows(revision: PracticeRevision, name: str) -> Iterable[str]:
    if name == "partners":
        return (f"{row.name} ({words_of(fields.PARTNERS, row.kind)})" for row in revision.partners)
    if name == "result_rows":
        return (f"{row.indicator}: {row.before} → {row.after} ({row.period}; {row.source})" for row in revision.result_rows)
    if name == "links":
        return (f"{row.words} {row.address} ({words_of(fields.LINKS, row.kind)})" for row in revision.links)
    answers = {row.item: row for row in revision.rights}
    return (f"{words}: {answer_words(item, answers[item].answer)}. {answers[item].line}".strip() for item, words in RIGHTS if item in answers)


def answer_words(item: str, answer: str) -> str:
    return words_of(fields.SURVIVORS if item == "survivor_informed" else fields.ANSWERS, answer)


def values_in_words(name: str, values: Iterable[str], revision: PracticeRevision | None = None) -> list[str]:
    if name == "other_states":
        names = state_names()
        return sorted(names[code] for code in values if code in names)
    if name == "languages":
        return [AUTONYMS.get(code, code) for code in values]
    return [words_of(FIELDS[name].choices, value) for value in values]


STAGES = {
    Stage.DRAFT: later("draft"),
    Stage.CLEARANCE: later("with the focal point"),
    Stage.REVIEW: later("under review"),
    Stage.CHANGES: later("changes requested"),
    Stage.COMMENT: later("open to comments of the states it names"),
    Stage.PUBLISHED: later("published"),
    Stage.UPDATE_REVIEW: later("published; a new version is under review"),
    Stage.UPDATE_DUE: later("published; to be looked at again"),
    Stage.ARCHIVED: later("archived: kept as history"),
    Stage.WITHDRAWN: later("withdrawn by its author"),
    Stage.DECLINED: later("declined"),
    Stage.HELD: later("held back until a moderator decides"),
}
MOVES = {
    "submit": later("sent to the focal point"),
    "return": later("returned to its author"),
    "clear": later("cleared for review"),
    "ask_changes": later("changes requested"),
    "resubmit": later("sent back to the reviewers"),
    "ask_comment": later("passed; the states it names were asked"),
    "publish": later("published"),
    "publish_commented": later("published"),
    "update": later("a new version was sent"),
    "accept_update": later("the new version was published"),
    "return_update": later("the new version was returned"),
    "fall_due": later("due to be looked at again"),
    "confirm": later("confirmed: it still holds"),
    "archive": later("archived"),
    "withdraw": later("withdrawn"),
    "decline": later("declined"),
    "hold": later("held back"),
    "release": later("stands again"),
    "decline_held": later("declined"),
    "reinstate": later("stands again, upon an appeal"),
}
MATURITIES = {
    Maturity.INNOVATION: later("innovation"),
    Maturity.PROMISING: later("promising"),
    Maturity.GOOD: later("good practice"),
    Maturity.INSTITUTIONALISED: later("institutionalised"),
}
ADOPTIONS = {
    AdoptionStatus.CONSIDERING: later("considering"),
    AdoptionStatus.PILOTING: later("piloting"),
    AdoptionStatus.ADOPTED: later("adopted"),
    AdoptionStatus.ADAPTED: later("adapted"),
    AdoptionStatus.STOPPED: later("stopped"),
}
TO_DO = {
    "clear": later("Clear it, or return it"),
    "review": later("Review it"),
    "change": later("Change it, then send it back"),
    "comment": later("Comment for your state"),
    "update": later("Say whether it still holds"),
}
