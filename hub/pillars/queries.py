"""Loading pillars and tags."""

from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Select, bindparam, select

from hub.accounts.queries import found
from hub.db import db
from hub.pillars.models import Pillar, Tag
from hub.policy import Actor, Reader, readable_by, reader
from hub.prepared import Prepared

_ALL = select(Pillar).order_by(Pillar.position)


def all_pillars() -> list[Pillar]:
    return list(db.session.scalars(_ALL))


def get_pillar(actor: Actor, slug: str) -> Pillar:
    return found(db.session.scalar(_one(reader(actor)), {"slug": slug}))


@lru_cache(maxsize=500)
def _one(who: Reader | None) -> Select[Pillar]:
    return select(Pillar).where(Pillar.slug == bindparam("slug"), readable_by(who, Pillar))


def tags_offered(actor: Actor) -> list[Tag]:
    return list(db.session.scalars(_tags(reader(actor))))


class PillarLine(NamedTuple):
    """A pillar as a page shows it."""

    id: int
    slug: str
    position: int
    numeral: str
    name: str
    formal_name: str
    lead: str


def pillar_line(actor: Actor, slug: str) -> PillarLine:
    rows = _line(reader(actor)).rows(slug=slug)
    return PillarLine._make(found(rows[0] if rows else None))


@lru_cache(maxsize=500)
def _line(who: Reader | None) -> Prepared:
    columns = [getattr(Pillar, name) for name in PillarLine._fields]
    return Prepared(select(*columns).where(Pillar.slug == bindparam("slug"), readable_by(who, Pillar)))


def tag_choices(actor: Actor) -> tuple[tuple[str, str], ...]:
    """Slug and name of each topic that a list can be narrowed to."""
    return tuple((slug, name) for slug, name in _tag_choices(reader(actor)).rows())


@lru_cache(maxsize=500)
def _tag_choices(who: Reader | None) -> Prepared:
    return Prepared(select(Tag.slug, Tag.name).where(Tag.active, readable_by(who, Tag)).order_by(Tag.name))


@lru_cache(maxsize=500)
def _tags(who: Reader | None) -> Select[Tag]:
    return select(Tag).where(Tag.active, readable_by(who, Tag)).order_by(Tag.name)
