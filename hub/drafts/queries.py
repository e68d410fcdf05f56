"""Loading a member's own drafts."""

from sqlalchemy import func, select

from hub.accounts.models import User
from hub.accounts.queries import found
from hub.db import db
from hub.drafts.models import Draft
from hub.policy import readable

LISTED = 100


def draft_at(actor: User, place: str) -> Draft | None:
    return db.session.scalar(select(Draft).where(Draft.place == place, readable(actor, Draft)))


def count(actor: User) -> int:
    return db.session.scalar(select(func.count()).where(readable(actor, Draft)).select_from(Draft)) or 0


def get_draft(actor: User, draft_id: int) -> Draft:
    return found(db.session.scalar(select(Draft).where(Draft.id == draft_id, readable(actor, Draft))))


def drafts_of(actor: User) -> list[Draft]:
    """The last saved first."""
    return list(db.session.scalars(select(Draft).where(readable(actor, Draft)).order_by(Draft.saved_at.desc(), Draft.id.desc()).limit(LISTED)))
