"""Rooms of two or more task forces: the terms they agreed to, who speaks for each, and the log of what was said."""

import secrets
from datetime import date, datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.accounts.models import Organisation, User
from hub.db import Base, Id, OrganisationId, PillarId, UserId, UserText, now
from hub.pillars.models import Pillar


class RoomKind:
    BILATERAL = "bilateral"
    REGIONAL = "regional"


class RoomLabel:
    """What is said in a room stays in it: among its delegations, or among the persons named when it was said."""

    STRICT = "TLP:AMBER+STRICT"
    RED = "TLP:RED"
    ALL = (STRICT, RED)


class Attribution:
    NAMED = "named"
    CHATHAM = "chatham"  # names show inside; neither name nor affiliation leaves the room
    ALL = (NAMED, CHATHAM)


class RoomState:
    PROPOSED = "proposed"  # until every side has agreed to the same terms
    OPEN = "open"
    PAUSED = "paused"  # while one side wants it so
    CLOSED = "closed"
    ARCHIVED = "archived"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"  # a side took its consent back: nobody reads what was said
    READ = (OPEN, PAUSED, CLOSED, ARCHIVED)
    LIVING = (OPEN, PAUSED)
    ALL = (PROPOSED, *READ, DECLINED, WITHDRAWN)


class DelegateRole:
    HEAD = "head"
    DELEGATE = "delegate"
    NOTE_TAKER = "note_taker"
    ALL = (HEAD, DELEGATE, NOTE_TAKER)


class EntryKind:
    """Kinds of entry. Those in ``NEW`` add a line to what a page shows; the others change the line of their target."""

    MESSAGE = "message"
    EDIT = "edit"
    WITHDRAW = "withdraw"
    ACK_REQUEST = "ack_request"
    ACK = "ack"
    TRANSLATION = "translation"
    POINT = "point"  # a mark: what the minutes are drafted from
    DECISION = "decision"
    ACTION = "action"
    JOIN = "join"
    LEAVE = "leave"
    TERMS = "terms"
    STATE = "state"
    MINUTES = "minutes"  # a version of the minutes was saved
    SIGNATURE = "signature"  # was signed, signatures were cleared, all have signed
    DISCLOSURE = "disclosure"  # entries were shown to moderators
    HIDDEN = "hidden"  # until a moderator has decided
    RESTORED = "restored"
    REDACTED = "redacted"
    MARKS = (POINT, DECISION, ACTION)
    FROM_DELEGATES = (MESSAGE, EDIT, WITHDRAW, ACK_REQUEST, ACK, TRANSLATION, *MARKS)
    WITH_WORDS = (MESSAGE, EDIT, TRANSLATION)
    NEW = (MESSAGE, JOIN, LEAVE, TERMS, STATE, MINUTES, SIGNATURE, DISCLOSURE)
    CHANGING = (EDIT, WITHDRAW, ACK_REQUEST, ACK, TRANSLATION, *MARKS, HIDDEN, RESTORED, REDACTED)
    ALL = (*NEW, *CHANGING)


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def new_public_id() -> str:
    return secrets.token_hex(16)


class Room(Base):
    """A room. What its terms say stands here as it is in force, so that one row decides who may read and write."""

    __tablename__ = "room"
    __table_args__ = (
        CheckConstraint(f"state IN ({_listed(RoomState.ALL)})", name="state"),
        CheckConstraint(f"label IN ({_listed(RoomLabel.ALL)})", name="label"),
    )
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    kind: Mapped[str]
    title: Mapped[UserText]
    purpose: Mapped[UserText]
    pillar_id: Mapped[PillarId]
    label: Mapped[str] = mapped_column(default=RoomLabel.STRICT)
    attribution: Mapped[str] = mapped_column(default=Attribution.NAMED)
    retention_days: Mapped[int]
    shows_writing: Mapped[bool] = mapped_column(default=False)
    terms_num: Mapped[int] = mapped_column(default=1)  # of the terms in force; before the opening, of those proposed
    state: Mapped[str] = mapped_column(default=RoomState.PROPOSED)
    last_seq: Mapped[int] = mapped_column(default=0)
    epoch: Mapped[int] = mapped_column(default=1)  # part of the name that sockets hear; raised when somebody leaves
    created_at: Mapped[datetime] = mapped_column(default=now)
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    emptied_at: Mapped[datetime | None]  # when its entries were deleted, as agreed
    pillar: Mapped[Pillar] = relationship(lazy="joined")

    @property
    def kept_until(self) -> datetime | None:
        """When entries of a closed room are deleted."""
        return self.closed_at + timedelta(days=self.retention_days) if self.closed_at else None

    @property
    def path(self) -> str:
        return f"/rooms/{self.public_id}"

    @property
    def is_red(self) -> bool:
        return self.label == RoomLabel.RED


class RoomTerms(Base):
    """Terms as one side proposed them; in force once every side agreed, and never changed afterwards."""

    __tablename__ = "room_terms"
    __table_args__ = (UniqueConstraint("room_id", "num"),)
    id: Mapped[Id]
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    num: Mapped[int]
    title: Mapped[UserText]
    purpose: Mapped[UserText]
    pillar_id: Mapped[PillarId]
    label: Mapped[str]
    attribution: Mapped[str]
    retention_days: Mapped[int]
    shows_writing: Mapped[bool]
    hash: Mapped[str]  # SHA-256 of all of this and of the parties, in hexadecimal digits
    proposed_by: Mapped[UserId]
    proposed_at: Mapped[datetime] = mapped_column(default=now)
    in_force_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]
    pillar: Mapped[Pillar] = relationship(lazy="joined")

    @property
    def pending(self) -> bool:
        return self.in_force_at is None and self.dropped_at is None


class Delegation(Base):
    """One side of a room."""

    __tablename__ = "delegation"
    __table_args__ = (UniqueConstraint("room_id", "organisation_id"),)
    id: Mapped[Id]
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    organisation_id: Mapped[OrganisationId]
    agreed: Mapped[bool] = mapped_column(default=False)  # whether this side has agreed to open the room; who proposes it, has
    paused_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    words: Mapped[UserText] = mapped_column(default=UserText(""))  # the line with which it declined or withdrew
    organisation: Mapped[Organisation] = relationship(lazy="joined")

    @property
    def code(self) -> str:
        return self.organisation.state_code or ""

    @property
    def name(self) -> str:
        return self.organisation.state.short_name if self.organisation.state else self.organisation.short_name


class Consent(Base):
    """A side agreed to terms; the hash is of what it was shown."""

    __tablename__ = "room_consent"
    terms_id: Mapped[int] = mapped_column(ForeignKey("room_terms.id"), primary_key=True)
    delegation_id: Mapped[int] = mapped_column(ForeignKey("delegation.id"), primary_key=True)
    by_id: Mapped[UserId]
    hash: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)


class RoomMember(Base):
    """A delegate. ``joined_seq`` is the first entry said in their presence; under TLP:RED they read nothing before it."""

    __tablename__ = "room_member"
    __table_args__ = (CheckConstraint(f"role IN ({_listed(DelegateRole.ALL)})", name="role"),)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True, index=True)
    delegation_id: Mapped[int] = mapped_column(ForeignKey("delegation.id"))
    role: Mapped[str]
    joined_seq: Mapped[int] = mapped_column(default=0)
    last_read_seq: Mapped[int] = mapped_column(default=0)
    left_at: Mapped[datetime | None]
    user: Mapped[User] = relationship(lazy="joined")
    delegation: Mapped[Delegation] = relationship(lazy="joined")


class RoomEntry(Base):
    """One line of the log. Rows are only added; moderation and retention empty the words and keep the row.

    ``mac`` is a keyed hash of the words: the log can be checked when they are gone.
    """

    __tablename__ = "room_entry"
    __table_args__ = (
        UniqueConstraint("author_id", "client_id"),
        CheckConstraint(f"kind IN ({_listed(EntryKind.ALL)})", name="kind"),
        Index("ix_room_entry_target", "room_id", "target_seq"),
    )
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    delegation_id: Mapped[int] = mapped_column(ForeignKey("delegation.id"))
    client_id: Mapped[str | None]  # made by the page; the hub's own entries have none
    target_seq: Mapped[int | None]
    what: Mapped[str] = mapped_column(default="")  # the new state, a role, what happened to terms or minutes; ``off`` takes a mark away
    subject_id: Mapped[int | None]  # the member who joined, left or has an action; or the number of terms or minutes
    side_id: Mapped[int | None]  # the delegation that has an action, by
    due_on: Mapped[date | None]
    speaker: Mapped[UserText] = mapped_column(default=UserText(""))  # the role of who said it, as it was then: a later profile changes no log
    subject: Mapped[UserText] = mapped_column(default=UserText(""))  # and of whom it is about
    body_md: Mapped[UserText] = mapped_column(default=UserText(""))
    body_html: Mapped[UserText] = mapped_column(default=UserText(""))
    html_version: Mapped[int] = mapped_column(default=0)
    mac: Mapped[str] = mapped_column(default="", server_default="")
    lang: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(default=now)
