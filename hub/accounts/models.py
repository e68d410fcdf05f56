"""States, organisations, users and their sessions."""

from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub import text
from hub.db import Base, ByteOrderedWords, Id, OrganisationId, PillarId, StateCode, UserId, UserText, now


class Role:
    """The ladder of roles; what each may do stands in ``policy.py``."""

    PARTNER = "partner"
    MEMBER = "member"
    FOCAL_POINT = "focal_point"
    ALL = (PARTNER, MEMBER, FOCAL_POINT)


class Kind:
    """Kinds of organisation."""

    TASK_FORCE = "task_force"
    AGENCY = "agency"
    ASEAN_BODY = "asean_body"
    PARTNER = "partner"
    ALL = (TASK_FORCE, AGENCY, ASEAN_BODY, PARTNER)


class State(Base):
    """An ASEAN Member State. Ordered by short name, as ASEAN does."""

    __tablename__ = "state"
    code: Mapped[str] = mapped_column(primary_key=True)
    short_name: Mapped[str] = mapped_column(unique=True)
    joined_on: Mapped[str]
    zone: Mapped[str]
    languages: Mapped[str]
    domain_hint: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    may_open_rooms: Mapped[bool] = mapped_column(default=True)


class Organisation(Base):
    """A task force, an agency under one, an ASEAN body or a partner. Facts carry their source and date."""

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint("kind IN ('task_force', 'agency', 'asean_body', 'partner')", name="kind"),
        CheckConstraint("kind <> 'agency' OR parent_id IS NOT NULL", name="agency_has_parent"),
    )
    id: Mapped[Id]
    kind: Mapped[str]
    name: Mapped[UserText]
    short_name: Mapped[UserText]
    handle: Mapped[str | None] = mapped_column(unique=True)  # by which posts mention it; shares one space with members' handles
    state_code: Mapped[StateCode | None]
    parent_id: Mapped[OrganisationId | None]
    reads_amber: Mapped[bool] = mapped_column(default=False)
    basis: Mapped[UserText] = mapped_column(default=UserText(""))
    note: Mapped[UserText] = mapped_column(default=UserText(""))
    website: Mapped[UserText] = mapped_column(default=UserText(""))
    official_line: Mapped[UserText] = mapped_column(default=UserText(""))
    official_mail: Mapped[UserText] = mapped_column(default=UserText(""))
    source: Mapped[UserText] = mapped_column(default=UserText(""))
    checked_on: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[State | None] = relationship(lazy="joined")

    @property
    def root_id(self) -> int:
        """The task force an agency hangs under, else itself: what "organisation" means in the rules."""
        return self.parent_id or self.id

    @property
    def slug(self) -> str:
        return text.slug(self.short_name)


class User(UserMixin, Base):
    """An account: a person in a role of an organisation."""

    __tablename__ = "user"
    __table_args__ = (
        CheckConstraint("role IN ('partner', 'member', 'focal_point')", name="role"),
        CheckConstraint("email = lower(email)", name="email_is_lower"),
    )
    id: Mapped[Id]
    email: Mapped[str] = mapped_column(unique=True)
    handle: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    role: Mapped[str]
    role_title: Mapped[UserText]
    is_moderator: Mapped[bool] = mapped_column(default=False)
    is_admin: Mapped[bool] = mapped_column(default=False)
    organisation_id: Mapped[OrganisationId]
    zone: Mapped[str] = mapped_column(default="UTC")
    created_at: Mapped[datetime] = mapped_column(default=now)
    deactivated_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]  # by their own choice: nobody opens the account again
    anonymised_at: Mapped[datetime | None]  # a year after it ended only role and state are left
    closed_by_admin: Mapped[bool] = mapped_column(default=False)  # then only an admin opens it again
    suspended_until: Mapped[datetime | None]
    silenced_until: Mapped[datetime | None]  # reads, but writes nothing
    seen_at: Mapped[datetime | None]  # when the hub was last used, noted every few minutes, and
    visited_at: Mapped[datetime | None]  # when it was last used in the visit before this one
    organisation: Mapped[Organisation] = relationship(lazy="joined")

    by_mail: Mapped[bool] = mapped_column(default=True, server_default=true())  # also told by mail of mentions, replies and decisions

    has_news: bool = False  # whether unread notifications are stored, as the session was looked up
    token: str = ""  # of the session that sign-in has just opened; Flask-Login keeps it in the cookie

    def get_id(self) -> str:
        return self.token

    @property
    def active(self) -> bool:
        return self.deactivated_at is None and (self.suspended_until is None or self.suspended_until <= now())

    @property
    def silenced(self) -> bool:
        return self.silenced_until is not None and self.silenced_until > now()

    @property
    def root_id(self) -> int:
        return self.organisation.root_id

    @property
    def state(self) -> State | None:
        return self.organisation.state

    @property
    def slug(self) -> str:
        return text.slug(f"{self.role_title} {self.organisation.short_name}")


class FoldedWord(Base):
    """A word by which a member, or the members of an organisation, are found; see ``words.py``."""

    __tablename__ = "folded_word"
    __table_args__ = (CheckConstraint("field IN ('role', 'name', 'expertise', 'organisation')", name="field"),)
    id: Mapped[Id]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    field: Mapped[str]
    word: Mapped[ByteOrderedWords] = mapped_column(index=True)


class FormerHandle(Base):
    """A handle its owner gave up: texts that hold it still lead to the owner, and nobody else may take it."""

    __tablename__ = "former_handle"
    handle: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[UserId]


class Reviewer(Base):
    """A grant: this member reviews the practices of this pillar."""

    __tablename__ = "reviewer"
    __table_args__ = (UniqueConstraint("user_id", "pillar_id"),)
    id: Mapped[Id]
    user_id: Mapped[UserId]
    pillar_id: Mapped[PillarId]


class UserSession(Base):
    """A signed-in browser; the cookie holds the token, the table only its hash."""

    __tablename__ = "user_session"
    id: Mapped[Id]
    user_id: Mapped[UserId]
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)


class PasswordReset(Base):
    """A link by mail that sets a new password, once, within 30 minutes."""

    __tablename__ = "password_reset"
    id: Mapped[Id]
    user_id: Mapped[UserId]
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    used_at: Mapped[datetime | None]


class Attempt(Base):
    """A try at something guarded, counted against keyed hashes of the account and the network address."""

    __tablename__ = "attempt"
    __table_args__ = (
        Index("ix_attempt_account", "purpose", "account", "at"),
        Index("ix_attempt_address", "purpose", "address", "at"),
        Index("ix_attempt_at", "at"),
    )
    id: Mapped[Id]
    purpose: Mapped[str]
    account: Mapped[str]
    address: Mapped[str]
    failed: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(default=now)


class Demo(Base):
    """An account of the demo; removing the demo removes exactly these and what they wrote."""

    __tablename__ = "demo"
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
