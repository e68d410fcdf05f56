"""What is addressed to one person."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.db import Base, Id, UserId, now


class Kind:
    """What happened."""

    REPLY = "reply"
    MENTION = "mention"
    ANSWER = "answer"
    STAFF = "staff"
    ACCEPTED = "accepted"
    HELD = "held"
    PRACTICE = "practice"  # ``subject_id`` is its number
    ROOM = "room"  # ``subject_id`` is its number
    ALL = (REPLY, MENTION, ANSWER, STAFF, ACCEPTED, HELD, PRACTICE, ROOM)
    MAILED = (REPLY, MENTION, STAFF, PRACTICE, ROOM)


UNREAD, DUE = text("read_at IS NULL"), text("mail_due_at IS NOT NULL")


class Notification(Base):
    """News for one member, with its reason; several of one kind about one subject are one row while unread.

    A row about a thread holds its number, and the first and last post that it is about: it shows only while these may be read.
    """

    __tablename__ = "notification"
    __table_args__ = (
        Index("uq_notification_unread", "user_id", "kind", "subject", unique=True, sqlite_where=UNREAD, postgresql_where=UNREAD),
        Index("ix_notification_of", "user_id", "at"),
        Index("ix_notification_mail", "mail_due_at", sqlite_where=DUE, postgresql_where=DUE),
    )
    id: Mapped[Id]
    user_id: Mapped[UserId]
    kind: Mapped[str]
    reason: Mapped[str]
    subject: Mapped[str]  # such as "post 12/3": what is collapsed
    thread_id: Mapped[int | None]
    first_num: Mapped[int | None]
    last_num: Mapped[int | None]
    subject_id: Mapped[int | None]  # of what is no thread
    count: Mapped[int] = mapped_column(default=1)
    at: Mapped[datetime] = mapped_column(default=now)
    read_at: Mapped[datetime | None]
    mail_due_at: Mapped[datetime | None]  # none: no letter, or it was dealt with
