"""Files that belong to texts: what is known of each; the bytes lie in the store."""

import secrets
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from hub.db import Base, Id, UserId, UserText, now

# it belongs to a post, a practice or a room, and to one of them alone
OWNERS = "(CASE WHEN post_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN practice_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN room_id IS NULL THEN 0 ELSE 1 END) = 1"
WAITING, TO_SWEEP = sql("standing = 'pending'"), sql("standing = 'removed' AND digest <> ''")


class FileStanding:
    """Whether a file is there to be read."""

    SHOWN = "shown"
    PENDING = "pending"  # until the virus scanner has answered
    REMOVED = "removed"  # its name and bytes are gone


def new_public_id() -> str:
    return secrets.token_hex(16)


class File(Base):
    """A file of a post, of a practice from one revision on, or of an entry of a room: checked, and stored by the hash of what was made of it."""

    __tablename__ = "file"
    __table_args__ = (
        CheckConstraint("standing IN ('shown', 'pending', 'removed')", name="standing"),
        CheckConstraint(OWNERS, name="one_owner"),
        Index("ix_file_pending", "id", sqlite_where=WAITING, postgresql_where=WAITING),
        Index("ix_file_entry", "room_id", "entry_seq"),
        Index("ix_file_sweep", "id", sqlite_where=TO_SWEEP, postgresql_where=TO_SWEEP),
    )
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    owner_id: Mapped[UserId]
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"), index=True)
    practice_id: Mapped[int | None] = mapped_column(ForeignKey("practice.id"), index=True)
    revision: Mapped[int] = mapped_column(default=0, server_default="0")  # of the practice: who reads that one, and later ones, reads the file
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"))
    entry_seq: Mapped[int | None]
    name: Mapped[UserText]
    kind: Mapped[str]  # of ``checking.KINDS``
    digest: Mapped[str] = mapped_column(index=True)  # of the stored bytes; empty once they are deleted
    size: Mapped[int]
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    named: Mapped[bool] = mapped_column(default=False)  # comments or tracked changes in it still name people
    standing: Mapped[str] = mapped_column(default=FileStanding.SHOWN)
    created_at: Mapped[datetime] = mapped_column(default=now)
