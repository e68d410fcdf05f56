"""Outgoing mail as rows: written in the transaction that causes it, sent after it."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from hub.db import Base, Id, now


class Mail(Base):
    """One letter. The text is emptied once it is sent or given up, for it may hold a link that opens an account."""

    __tablename__ = "mail"
    __table_args__ = (Index("ix_mail_waiting", "done_at", "next_try_at"),)
    id: Mapped[Id]
    message_id: Mapped[str] = mapped_column(unique=True)
    to: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    next_try_at: Mapped[datetime] = mapped_column(default=now)
    tries: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    failure: Mapped[str | None]
    notification_id: Mapped[int | None]  # what it tells of: asked again before each try
