"""Telling one person what is addressed to them, and what they mark as read."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import and_, delete, exists, or_, update
from sqlalchemy.orm import aliased

from hub import live
from hub.db import db, now, upsert, write
from hub.notifications.models import UNREAD, Kind, Notification

MAIL_AFTER = timedelta(minutes=10)


def notify(
    people: Iterable[int], kind: str, reason: str, subject: str, thread_id: int | None = None, num: int | None = None,
    subject_id: int | None = None, by_mail: bool = True,
) -> None:
    """Tell each of ``people`` in this unit of work. While unread, the same kind about the same subject is one row that counts.

    ``reason`` is a word that the page turns into a sentence, such as "your_post". A letter is due ten minutes later, for what is mailed.
    """
    told = sorted(set(people))  # in one order, so that two units of work never wait for each other
    if not told:
        return
    at = now()
    row = {
        "kind": kind, "reason": reason, "subject": subject, "thread_id": thread_id, "first_num": num, "last_num": num,
        "subject_id": subject_id, "count": 1, "at": at, "mail_due_at": at + MAIL_AFTER if by_mail and kind in Kind.MAILED else None,
    }  # fmt: skip
    write(_telling(db.engine.dialect.name), [row | {"user_id": user_id} for user_id in told])
    for user_id in told:
        _ring(user_id)


@cache
def _telling(_dialect: str) -> Any:
    insert = upsert(Notification)
    more = {"count": Notification.count + 1, "reason": insert.excluded.reason, "at": insert.excluded.at, "last_num": insert.excluded.last_num}
    return insert.on_conflict_do_update(index_elements=["user_id", "kind", "subject"], index_where=UNREAD, set_=more)


def _ring(user_id: int) -> None:
    live.publish(f"user {user_id}", "inbox", user=user_id)


def mark_read(user_id: int, ids: Collection[int] | None, at: datetime, upto: datetime | None = None) -> None:
    """Count rows as read: those named, or all that came before the page was made. ``at`` is what undo names."""
    chosen = Notification.id.in_(ids) if ids is not None else (Notification.at <= upto if upto else Notification.id.is_not(None))
    own = (Notification.user_id == user_id, Notification.read_at.is_(None), chosen)
    db.session.execute(update(Notification).where(*own).values(read_at=at, mail_due_at=None))
    _ring(user_id)


def mark_seen(user_id: int, thread_id: int, nums: Collection[int]) -> None:
    """What a member has read on the page of a thread is no news any more."""
    about = or_(Notification.last_num.in_(nums), and_(Notification.kind == Kind.STAFF, Notification.last_num.is_(None)))
    own = (Notification.user_id == user_id, Notification.thread_id == thread_id, Notification.read_at.is_(None), about)
    if db.session.scalars(update(Notification).where(*own).values(read_at=now(), mail_due_at=None).returning(Notification.id)).all():
        _ring(user_id)


def seen_about(user_id: int, *subjects: str) -> None:
    """What tells of something that its member just looked at is read."""
    own = (Notification.user_id == user_id, Notification.subject.in_(subjects), Notification.read_at.is_(None))
    if db.session.scalars(update(Notification).where(*own).values(read_at=now(), mail_due_at=None).returning(Notification.id)).all():
        _ring(user_id)


def undo_read(user_id: int, at: datetime) -> None:
    """Take back one marking; what has come anew about the same subject meanwhile takes the older row in."""
    newer = aliased(Notification)
    same = (newer.user_id == Notification.user_id, newer.kind == Notification.kind, newer.subject == Notification.subject, newer.read_at.is_(None))
    marked = (Notification.user_id == user_id, Notification.read_at == at)
    double = exists().where(*same).correlate(Notification)
    db.session.execute(delete(Notification).where(*marked, double).execution_options(synchronize_session=False))
    db.session.execute(update(Notification).where(*marked).values(read_at=None).execution_options(synchronize_session=False))
    _ring(user_id)


def forget(user_id: int, subject: str) -> None:
    """What a row tells of is over."""
    db.session.execute(delete(Notification).where(Notification.user_id == user_id, Notification.subject == subject))
    _ring(user_id)
