"""Loading pillars and tags."""

from functools import lru_cache

from sqlalchemy import Select, bindparam, select

from hub.accounts.queries import found
from hub.db import db
from hub.pillars.models import Pillar, Tag
from hub.policy import Actor, Reader, readable_by, reader

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


@lru_cache(maxsize=500)
def _tags(who: Reader | None) -> Select[Tag]:
    return select(Tag).where(Tag.active, readable_by(who, Tag)).order_by(Tag.name)
