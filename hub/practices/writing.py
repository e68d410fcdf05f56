"""Writing a practice: begun with a title, kept step by step, never overwritten by a stale window; what is missing is said, and stops only sending."""

import re
from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import select

from hub import policy
from hub.accounts.models import User
from hub.accounts.queries import members_by_id
from hub.db import UserText, db, hold, now
from hub.files.queries import all_of_practice
from hub.pillars.models import Tag
from hub.practices.fields import FIELDS, RIGHTS, STEPS, Field
from hub.practices.models import Practice, PracticeChoice, PracticeLink, PracticePartner, PracticeResult, PracticeRevision, PracticeRight, PracticeStep
from hub.practices.queries import revision_of
from hub.words import _, plural

MONTH = re.compile(r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])")
ROW_MODELS: dict[str, Any] = {"partners": PracticePartner, "result_rows": PracticeResult, "links": PracticeLink}
FEWEST = 5  # persons: a figure about fewer leads to a person


class Stale(Exception):
    """Another window saved another version of this step meanwhile."""


def begin(actor: User, title: UserText, pillar_id: int, lang: str = "en") -> Practice:
    """A new draft, which only its author reads."""
    policy.require(actor, "practice.start")
    practice = Practice(author_id=actor.id, organisation_id=actor.root_id, state_code=actor.organisation.state_code, title=title)
    db.session.add(practice)
    db.session.flush()
    db.session.add(PracticeRevision(practice_id=practice.id, num=1, title=title, pillar_id=pillar_id, lang=lang, contact_id=actor.id))
    db.session.add_all(PracticeStep(practice_id=practice.id, step=step.num) for step in STEPS)
    db.session.flush()
    return practice


def begin_from_copy(actor: User, source: Practice, title: UserText) -> Practice:
    """A new draft with the words of a practice that the actor reads, from the revision that is shown."""
    revision = revision_of(source, source.shown or source.working)
    practice = begin(actor, title, revision.pillar_id, revision.lang)
    mine = revision_of(practice, 1)
    _copy(revision, mine)
    mine.title, mine.contact_id, mine.stated = title, actor.id, False
    return practice


def save_step(
    actor: User, practice: Practice, num: int, values: dict[str, Any], seq: int, save_id: str = "", tried: Collection[str] = (), checked: bool = False
) -> int:
    """Keep what a step holds upon version ``seq`` and return the new one. The very same words are no conflict. Raises ``Stale``."""
    policy.require(actor, "practice.write", practice)
    hold(f"practice {practice.id}")
    state = db.session.get_one(PracticeStep, (practice.id, num), populate_existing=True)
    revision = open_revision(practice)
    same = values_of(practice, revision, num) == comparable(values)
    if not same and state.seq != seq and not (state.save_id and state.save_id in tried):
        raise Stale
    if same and state.checked >= checked:
        return state.seq
    put_values(practice, revision, values)
    state.seq, state.save_id, state.saved_at, state.checked = state.seq + 1, save_id, now(), checked
    return state.seq


def open_revision(practice: Practice) -> PracticeRevision:
    """The revision that is being written: the newest, or a copy of it when that one was sent."""
    newest = revision_of(practice, practice.working)
    if newest.sent_at is None:
        return newest
    practice.working += 1
    fresh = PracticeRevision(practice_id=practice.id, num=practice.working, title=newest.title, pillar_id=newest.pillar_id)
    db.session.add(fresh)
    _copy(newest, fresh)
    db.session.flush()
    return fresh


def _copy(source: PracticeRevision, target: PracticeRevision) -> None:
    for column in (column.name for column in PracticeRevision.__table__.columns):
        if column not in ("id", "practice_id", "num", "created_at", "sent_at", "published_at"):
            setattr(target, column, getattr(source, column))
    target.choices = [PracticeChoice(field=row.field, value=row.value) for row in source.choices]
    target.rights = [PracticeRight(item=row.item, answer=row.answer, line=row.line) for row in source.rights]
    for name, model in ROW_MODELS.items():
        setattr(target, name, [model(**{key: getattr(row, key) for key in _row_columns(model)}) for row in getattr(source, name)])
    target.tags = list(source.tags)


def _row_columns(model: Any) -> list[str]:
    return [column.name for column in model.__table__.columns if column.name not in ("id", "revision_id")]


# --- values of a step ------------------------------------------------------------------------------


def values_of(practice: Practice, revision: PracticeRevision, num: int) -> dict[str, Any]:
    """What is stored of a step, as a form takes it; texts as Markdown."""
    return {field.name: _value(practice, revision, field) for field in STEPS[num - 1].fields}


def _value(practice: Practice, revision: PracticeRevision, field: Field) -> Any:
    name = field.name
    if name == "label":
        return practice.label
    if name == "pillar":
        return str(revision.pillar_id)
    if name == "contact":
        return str(revision.contact_id or "")
    if name == "tags":
        return sorted(tag.slug for tag in revision.tags)
    if field.kind == "many":
        return sorted(revision.chosen(name))
    if field.kind == "text":
        return getattr(revision, f"{name}_md")
    if field.kind == "rights":
        answers = {row.item: (row.answer, row.line) for row in revision.rights}
        return {item: answers.get(item, ("", UserText(""))) for item, _words in RIGHTS}
    if field.kind == "rows":
        return [{key: getattr(row, key) for key in _row_columns(ROW_MODELS[name])} for row in getattr(revision, name)]
    return getattr(revision, name)


def comparable(values: dict[str, Any]) -> dict[str, Any]:
    """The same shape as ``values_of``: texts without their HTML."""
    return {name: value[0] if FIELDS[name].kind == "text" else value for name, value in values.items()}


def put_values(practice: Practice, revision: PracticeRevision, values: dict[str, Any]) -> None:
    for name, value in values.items():
        _put(practice, revision, FIELDS[name], value)
    if practice.shown is None and "title" in values:
        practice.title = values["title"] or practice.title


def _put(practice: Practice, revision: PracticeRevision, field: Field, value: Any) -> None:
    name = field.name
    if name == "label":
        practice.label = value or practice.label
    elif name == "pillar":
        revision.pillar_id = int(value) if value else revision.pillar_id
    elif name == "contact":
        revision.contact_id = _colleague(practice, value)
    elif name == "tags":
        revision.tags = list(db.session.scalars(select(Tag).where(Tag.slug.in_(value))))
    elif field.kind == "many":
        revision.choices = [row for row in revision.choices if row.field != name or row.value in value]
        revision.choices += [PracticeChoice(field=name, value=one) for one in value if one not in revision.chosen(name)]
    elif field.kind == "text":
        setattr(revision, f"{name}_md", value[0])
        setattr(revision, f"{name}_html", value[1])
    elif field.kind == "rights":
        db.session.flush()
        stored = {row.item: row for row in revision.rights}
        for item, (answer, line) in value.items():
            row = stored.get(item) or PracticeRight(item=item)
            row.answer, row.line = answer, line
            if item not in stored:
                revision.rights.append(row)
    elif field.kind == "rows":
        setattr(revision, name, [ROW_MODELS[name](**row) for row in value])
    else:
        setattr(revision, name, value)


def _colleague(practice: Practice, value: str) -> int | None:
    user = members_by_id({int(value)}).get(int(value)) if value else None
    return user.id if user and user.root_id == practice.organisation_id else None


# --- what is missing ---------------------------------------------------------------------------------


class Missing(NamedTuple):
    """Something that stops sending: where it is mended, and what to do."""

    step: int
    field: str
    words: str


def missing(practice: Practice, revision: PracticeRevision, steps: Collection[PracticeStep]) -> list[Missing]:
    """Everything that stops a revision from being sent, in the order of the form."""
    found = [
        Missing(step.num, field.name, f"{field.label}: {problem}")
        for step in STEPS for field in step.fields if (problem := _problem(field, _value(practice, revision, field)))
    ]  # fmt: skip
    found += [Missing(3, "result_rows", problem) for row in revision.result_rows if (problem := too_few(row.unit, row.before, row.after))][:1]
    if revision.cost_amount is not None and not revision.cost_currency:
        found.append(Missing(3, "cost_currency", _("Currency: say in which the cost is.")))
    if revision.evidence_level >= "E3" and not any(link.kind == "source" for link in revision.links) and not all_of_practice(practice.id):
        found.append(Missing(3, "links", _("Links: from E3 up a link to the source of the evidence is needed, or a file.")))
    found += [
        Missing(state.step, "", _("Step %(n)s was not saved with “Save and go on” since it was changed: the safeguard has not read it whole.", n=state.step))
        for state in steps if not state.checked and not any(one.step == state.step for one in found)
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.step)


def _problem(field: Field, value: Any) -> str:
    if field.kind in ("line", "words", "text"):
        return _wrong_length(field, len(value.strip()))
    if field.kind == "rights":
        return "" if all(answer for answer, _line in value.values()) else _("answer each line")
    if field.kind == "many" and field.most and len(value) > field.most:
        return plural("choose at most %(num)s", "choose at most %(num)s", field.most)
    if field.required and not value:
        return _("tick it") if field.kind == "tick" else _("choose or fill in")
    return ""


def _wrong_length(field: Field, length: int) -> str:
    if field.required and length < field.least:
        return _("at least %(least)s characters; these are %(n)s", least=field.least, n=length) if length else _("fill this in")
    return _("at most %(most)s characters; these are %(n)s", most=field.most, n=length) if length > field.most else ""


def too_few(unit: str, *figures: str) -> str:
    """Why a row of figures about persons may not be stored like this; "" when it may."""
    if unit != "persons":
        return ""
    for figure in figures:
        plain = figure.replace(",", "").replace(" ", "")
        if plain.isdecimal() and int(plain) < FEWEST:
            return _("Figures: fewer than %(least)s persons can lead to a person. Write “fewer than %(least)s”.", least=FEWEST)
    return ""
