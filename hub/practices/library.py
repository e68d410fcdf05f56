"""The library: practices that are out, narrowed, counted and sorted; three statements for a page at most, whatever the data."""

from collections import defaultdict
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Engine, Select, bindparam, exists, func, literal_column, select, tuple_, union_all

from hub.accounts.models import Organisation, State
from hub.db import UserText, at_most, db
from hub.discussions.models import effective_label
from hub.pillars.models import Pillar
from hub.policy import Actor, Reader, readable_by, reader
from hub.practices.models import Practice, PracticeChoice, PracticeRevision, Stage
from hub.practices.records import Adoption, AdoptionStatus
from hub.practices.stamp import drawn
from hub.prepared import Prepared
from hub.text import titled

PAGE = 20
MOST_OUT = 2_000  # rows of an export
SORTS: dict[str, Any] = {"newest": Practice.published_at, "adopted": Practice.adopted, "evidence": Practice.evidence_level}


@dataclass(frozen=True)
class Filters:
    """What the library is narrowed to, named as in the address; empty values narrow nothing."""

    pillar: str = ""
    country: str = ""
    evidence_level: str = ""
    maturity: str = ""
    who_benefits: str = ""
    exploitation_forms: str = ""
    cost_band: str = ""
    lang: str = ""
    adopted_by: str = ""

    def conditions(self) -> dict[str, ColumnElement[bool]]:
        return {field.name: _holds(field.name, value) for field in fields(self) if (value := getattr(self, field.name))}


class PracticeLine(NamedTuple):
    """A practice as a list shows it."""

    id: int
    title: UserText
    summary: UserText
    lang: str
    label: str
    cleared_at: datetime | None
    state_code: str
    state_name: str
    pillar: str
    pillar_slug: str
    evidence_level: str
    maturity: str
    adopted: int
    published_at: datetime
    cost_band: str
    revision: int

    @property
    def path(self) -> str:
        return "/practices/" + titled(self.id, self.title)

    @property
    def effective_label(self) -> str:
        return effective_label(self.label, self.cleared_at)


_FACETS: dict[str, Any] = {
    "pillar": Pillar.slug, "country": Practice.state_code, "evidence_level": Practice.evidence_level, "maturity": Practice.maturity,
    "cost_band": PracticeRevision.cost_band, "lang": PracticeRevision.lang,
}  # fmt: skip
_TICKED = ("who_benefits", "exploitation_forms")
OF_REVISION = {"pillar", "cost_band", "lang", *_TICKED}


def _holds(name: str, value: str) -> ColumnElement[bool]:
    if name in _FACETS:
        condition: ColumnElement[bool] = _FACETS[name] == value
        return condition
    if name in _TICKED:
        ticked = (PracticeChoice.revision_id == PracticeRevision.id, PracticeChoice.field == name, PracticeChoice.value == value)
        return exists().where(*ticked).correlate(PracticeRevision)
    used = (Adoption.practice_id == Practice.id, Adoption.status.in_(AdoptionStatus.IN_USE), Organisation.id == Adoption.organisation_id)
    return exists().where(*used, Organisation.state_code == value).correlate(Practice)


def _out(who: Reader | None, columns: tuple[Any, ...], conditions: dict[str, ColumnElement[bool]], wanted: str = "pillar") -> Select[*tuple[Any, ...]]:
    """What is out and ``who`` reads; joined with the shown revision, and its pillar, only where these are asked for."""
    asked = {wanted, *conditions}
    out = select(*columns).select_from(Practice).where(Practice.stage.in_(Stage.OUT), readable_by(who, Practice), *conditions.values())
    if asked & OF_REVISION:
        out = out.join(PracticeRevision, (PracticeRevision.practice_id == Practice.id) & (PracticeRevision.num == Practice.shown))
    return out.join(Pillar, Pillar.id == PracticeRevision.pillar_id) if "pillar" in asked else out


_COLUMNS = (
    Practice.id, Practice.title, PracticeRevision.summary, PracticeRevision.lang, Practice.label, Practice.cleared_at, Practice.state_code, State.short_name,
    Pillar.name, Pillar.slug, Practice.evidence_level, Practice.maturity, Practice.adopted, Practice.published_at, PracticeRevision.cost_band,
    PracticeRevision.num,
)  # fmt: skip


def practices(actor: Actor, filters: Filters, sort: str = "newest", after: tuple[Any, int] | None = None, rows: int = PAGE) -> tuple[list[PracticeLine], bool]:
    """A page, and whether there are more. One statement."""
    place = {} if after is None else {"edge": after[0], "number": after[1]}
    found = [PracticeLine._make(row) for row in _listed(reader(actor), filters, sort, after is not None, rows).rows(**place)]
    return found[:rows], len(found) > rows


@lru_cache(maxsize=500)
def _listed(who: Reader | None, filters: Filters, sort: str, further: bool, rows: int) -> Prepared:
    by = SORTS[sort]
    listed = _out(who, _COLUMNS, filters.conditions()).join(State, State.code == Practice.state_code)
    if further:
        listed = listed.where(tuple_(by, Practice.id) < tuple_(bindparam("edge", type_=by.type), bindparam("number", type_=Practice.id.type)))
    return Prepared(listed.order_by(by.desc(), Practice.id.desc()).limit(at_most(rows + 1)))


Counts = tuple[tuple[str, str, int], ...]  # filter, value, how many it would leave


def counts(actor: Actor, filters: Filters) -> Counts:
    """For each filter how many practices each of its values would leave, the other filters kept. Counted once until something changes."""
    stamp, who = drawn(), reader(actor)
    counted = _kept_counts if stamp else _kept_counts.__wrapped__
    return counted(stamp, db.engine, who, filters)


@lru_cache(maxsize=1_000)
def _kept_counts(_stamp: int | None, _database: Engine, who: Reader | None, filters: Filters) -> Counts:
    return tuple((name, value, n) for name, value, n in _counts(who, filters).rows() if value)


def by_filter(counted: Counts) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for name, value, n in counted:
        found[name][value] = n
    return found


@lru_cache(maxsize=500)
def _counts(who: Reader | None, filters: Filters) -> Prepared:
    held = filters.conditions()
    parts = []
    for field in fields(Filters):
        name = field.name
        value: Any = _FACETS.get(name, PracticeChoice.value if name in _TICKED else Organisation.state_code)
        others = {other: condition for other, condition in held.items() if other != name}
        part = _out(who, (literal_column(f"'{name}'").label("name"), value.label("value"), func.count().label("n")), others, name)
        if name in _TICKED:
            part = part.join(PracticeChoice, (PracticeChoice.revision_id == PracticeRevision.id) & (PracticeChoice.field == name))
        elif name not in _FACETS:
            part = part.join(Adoption, (Adoption.practice_id == Practice.id) & Adoption.status.in_(AdoptionStatus.IN_USE))
            part = part.join(Organisation, Organisation.id == Adoption.organisation_id)
        parts.append(part.group_by(value))
    return Prepared(union_all(*parts))
