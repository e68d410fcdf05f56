"""Loading pillars and tags."""

from sqlalchemy import select

from hub import policy
from hub.accounts.queries import found
from hub.db import db
from hub.pillars.models import Pillar, Tag
from hub.policy import Actor


def all_pillars() -> list[Pillar]:
    return list(db.session.scalars(select(Pillar).order_by(Pillar.position)))


def get_pillar(actor: Actor, slug: str) -> Pillar:
    return found(db.session.scalar(select(Pillar).where(Pillar.slug == slug, policy.readable(actor, Pillar))))


def tags_offered(actor: Actor) -> list[Tag]:
    return list(db.session.scalars(select(Tag).where(Tag.active, policy.readable(actor, Tag)).order_by(Tag.name)))
