"""Texts that are not sent yet."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.db import Base, Id, UserId, UserText, now


class Draft(Base):
    """What a member has typed at one place; nobody else reads it. ``seq`` grows with each save, so a stale window cannot overwrite."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("user_id", "place"),)
    id: Mapped[Id]
    user_id: Mapped[UserId]
    place: Mapped[str]  # such as "new/protection", "thread/12", "post/12/3"
    seq: Mapped[int] = mapped_column(default=1)
    save_id: Mapped[str]  # of the last save: the same save sent twice is one
    title: Mapped[UserText]
    body: Mapped[UserText]
    reason: Mapped[UserText]
    choices: Mapped[str]  # what was ticked and chosen, as JSON: nothing a person wrote
    saved_at: Mapped[datetime] = mapped_column(default=now)
