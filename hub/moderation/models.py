"""What moderators impose on members, and what must yet be wiped from the disk."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.db import Base, Id, UserId, UserText, now

PENDING = text("done_at IS NULL")


class SanctionKind:
    WARN = "warn"
    SILENCE = "silence"  # reads, but writes nothing
    SUSPEND = "suspend"  # is signed out and cannot sign in
    ALL = (WARN, SILENCE, SUSPEND)


class Sanction(Base):
    """A warning, or a time in which a member may not write, or not come in; the account holds the later end."""

    __tablename__ = "sanction"
    __table_args__ = (CheckConstraint("kind IN ('warn', 'silence', 'suspend')", name="kind"),)
    id: Mapped[Id]
    user_id: Mapped[UserId]
    kind: Mapped[str]
    reason: Mapped[UserText]
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("review_item.id"), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    until: Mapped[datetime | None]
    lifted_at: Mapped[datetime | None]
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


class Purge(Base):
    """A row whose words were taken out: pending until the database files hold them no more; done again after an old backup."""

    __tablename__ = "purge"
    __table_args__ = (Index("ix_purge_pending", "asked_at", sqlite_where=PENDING, postgresql_where=PENDING),)
    id: Mapped[Id]
    item_id: Mapped[int | None] = mapped_column(ForeignKey("review_item.id"), index=True)
    table: Mapped[str]
    row_id: Mapped[int]
    revision: Mapped[int]  # the last one that held the words
    spans: Mapped[str] = mapped_column(default="")  # of that revision, such as "12-20,33-41"; empty: all of it
    asked_at: Mapped[datetime] = mapped_column(default=now)
    tries: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str] = mapped_column(default="")
    done_at: Mapped[datetime | None]
