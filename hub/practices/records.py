"""What happens to practices: steps of their way, deadlines, reviews, comments, endorsements, adoptions."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.accounts.models import Organisation, User
from hub.db import Base, Id, OrganisationId, UserId, UserText, now

STANDS, OPEN, DUE = sql("withdrawn_at IS NULL"), sql("met_at IS NULL"), sql("remind_at IS NOT NULL")


class AdoptionStatus:
    """What another task force did with a practice. Stopped is worth as much as adopted."""

    CONSIDERING = "considering"
    PILOTING = "piloting"
    ADOPTED = "adopted"
    ADAPTED = "adapted"
    STOPPED = "stopped"
    ALL = (CONSIDERING, PILOTING, ADOPTED, ADAPTED, STOPPED)
    IN_USE = (PILOTING, ADOPTED, ADAPTED)


class PracticeEvent(Base):
    """One step of the way: who, when, from where to where, and what they said."""

    __tablename__ = "practice_event"
    id: Mapped[Id]
    practice_id: Mapped[int] = mapped_column(ForeignKey("practice.id"), index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))  # none: a deadline passed
    move: Mapped[str]
    source: Mapped[str]
    target: Mapped[str]
    revision: Mapped[int]
    words: Mapped[UserText] = mapped_column(default=UserText(""))
    at: Mapped[datetime] = mapped_column(default=now)
    actor: Mapped[User | None] = relationship()


class PracticeDeadline(Base):
    """What somebody is to do with a practice, by when, and when they are reminded; met once it is done."""

    __tablename__ = "practice_deadline"
    __table_args__ = (
        Index("ix_practice_deadline_open", "user_id", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_practice_deadline_remind", "remind_at", sqlite_where=DUE, postgresql_where=DUE),
    )
    id: Mapped[Id]
    practice_id: Mapped[int] = mapped_column(ForeignKey("practice.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    what: Mapped[str]  # "clear", "review", "change", "comment", "update"
    revision: Mapped[int]
    asked_at: Mapped[datetime] = mapped_column(default=now)
    due_at: Mapped[datetime]
    remind_at: Mapped[datetime | None]  # none: reminded
    met_at: Mapped[datetime | None]


class PracticeReview(Base):
    """A reviewer of a revision: proposed, confirmed by a moderator, then scores, a text and a verdict."""

    __tablename__ = "practice_review"
    __table_args__ = (UniqueConstraint("practice_id", "revision", "reviewer_id"),)
    id: Mapped[Id]
    practice_id: Mapped[int] = mapped_column(ForeignKey("practice.id"))
    revision: Mapped[int]
    reviewer_id: Mapped[UserId]
    asked_at: Mapped[datetime] = mapped_column(default=now)
    given_at: Mapped[datetime | None]
    verdict: Mapped[str] = mapped_column(default="")
    effective: Mapped[int | None]
    sustainable: Mapped[int | None]
    replicable: Mapped[int | None]
    inclusion: Mapped[int | None]
    rights: Mapped[int | None]
    survivor: Mapped[int | None]
    evidence: Mapped[int | None]
    clarity: Mapped[int | None]
    words_md: Mapped[UserText] = mapped_column(default=UserText(""))
    words_html: Mapped[UserText] = mapped_column(default=UserText(""))
    reviewer: Mapped[User] = relationship()


class PracticeComment(Base):
    """What a state that a practice names says of it, before it is published: printed in full, no veto."""

    __tablename__ = "practice_comment"
    __table_args__ = (UniqueConstraint("practice_id", "organisation_id"),)
    id: Mapped[Id]
    practice_id: Mapped[int] = mapped_column(ForeignKey("practice.id"))
    organisation_id: Mapped[OrganisationId]
    user_id: Mapped[UserId]
    words: Mapped[UserText]
    at: Mapped[datetime] = mapped_column(default=now)
    organisation: Mapped[Organisation] = relationship()


class Endorsement(Base):
    """A task force says, by its focal point, what it would use of one revision."""

    __tablename__ = "endorsement"
    __table_args__ = (
        Index("uq_endorsement_standing", "practice_id", "organisation_id", unique=True, sqlite_where=STANDS, postgresql_where=STANDS),
    )
    id: Mapped[Id]
    practice_id: Mapped[int] = mapped_column(ForeignKey("practice.id"), index=True)
    organisation_id: Mapped[OrganisationId]
    user_id: Mapped[UserId]
    revision: Mapped[int]
    words: Mapped[UserText]
    at: Mapped[datetime] = mapped_column(default=now)
    withdrawn_at: Mapped[datetime | None]
    organisation: Mapped[Organisation] = relationship()


class Adoption(Base):
    """What a task force did with a practice, and since when."""

    __tablename__ = "adoption"
    __table_args__ = (
        UniqueConstraint("practice_id", "organisation_id"),
        CheckConstraint(f"status IN ({', '.join(repr(status) for status in AdoptionStatus.ALL)})", name="status"),
    )
    id: Mapped[Id]
    practice_id: Mapped[int] = mapped_column(ForeignKey("practice.id"))
    organisation_id: Mapped[OrganisationId]
    user_id: Mapped[UserId]
    status: Mapped[str]
    body: Mapped[UserText]  # which body applies it
    since: Mapped[str]  # "2026-06"
    note: Mapped[UserText]
    at: Mapped[datetime] = mapped_column(default=now)
    organisation: Mapped[Organisation] = relationship()
