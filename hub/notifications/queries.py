"""Reading one's inbox; what may no longer be read is neither shown nor counted."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import func, select

from hub import policy
from hub.db import at_most, db, now
from hub.notifications.models import Notification
from hub.policy import Actor
from hub.prepared import Prepared

PAGE = 40
MOST_COUNTED = 99


class Cursor(NamedTuple):
    """Where a page of the inbox ends."""

    at: datetime
    id: int


def unread(actor: Actor) -> int:
    """How many rows are unread, counted up to 100."""
    return _unread(policy.reader(actor)).value() or 0


@lru_cache(maxsize=500)
def _unread(who: policy.Reader | None) -> Prepared:
    rows = select(Notification.id).where(policy.readable_by(who, Notification), Notification.read_at.is_(None)).limit(at_most(MOST_COUNTED + 1))
    return Prepared(select(func.count()).select_from(rows.subquery()))


def news_about(user_id: int, subjects: Sequence[str]) -> bool:
    """Whether a member's inbox tells of one of these and it is not read."""
    about = (Notification.user_id == user_id, Notification.subject.in_(subjects), Notification.read_at.is_(None))
    return db.session.scalar(select(Notification.id).where(*about).limit(1)) is not None


def page(actor: Actor, after: Cursor | None) -> tuple[list[Notification], bool]:
    """The newest rows, or those after a place, and whether there are more."""
    rows = select(Notification).where(policy.readable(actor, Notification)).order_by(Notification.at.desc(), Notification.id.desc()).limit(at_most(PAGE + 1))
    if after:
        rows = rows.where((Notification.at < after.at) | ((Notification.at == after.at) & (Notification.id < after.id)))
    found = list(db.session.scalars(rows))
    return found[:PAGE], len(found) > PAGE


def still_to_mail(actor: Actor, notification_id: int) -> Notification | None:
    """The row, while it is unread and may be read."""
    rows = select(Notification).where(Notification.id == notification_id, Notification.read_at.is_(None), policy.readable(actor, Notification))
    return db.session.scalar(rows)


def due(limit: int) -> list[tuple[int, int]]:
    """Rows whose letter is due, with their members: id and user id, the oldest first."""
    rows = select(Notification.id, Notification.user_id).where(Notification.mail_due_at <= now()).order_by(Notification.mail_due_at).limit(limit)
    return [(row.id, row.user_id) for row in db.session.execute(rows)]
