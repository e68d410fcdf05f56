"""Invitations: how an account begins."""

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.accounts.models import Organisation
from hub.db import Base, Id, OrganisationId, UserText, now

LASTS = timedelta(hours=72)


class Invitation(Base):
    """An offer to one mail address: single use, 72 hours; the link's token is kept as a hash only."""

    __tablename__ = "invitation"
    __table_args__ = (CheckConstraint("role IN ('partner', 'member', 'focal_point')", name="role"),)
    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str] = mapped_column(index=True)
    organisation_id: Mapped[OrganisationId]
    role: Mapped[str]
    role_title: Mapped[UserText]
    is_admin: Mapped[bool] = mapped_column(default=False)
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    sent_at: Mapped[datetime] = mapped_column(default=now)
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    organisation: Mapped[Organisation] = relationship(lazy="joined")

    @property
    def expires_at(self) -> datetime:
        return self.sent_at + LASTS

    @property
    def open(self) -> bool:
        return self.accepted_at is None and self.withdrawn_at is None and now() < self.expires_at
