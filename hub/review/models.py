"""What waits for a moderator, texts that are held for one, and what writers decided on the safeguard's findings."""

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.db import Base, Id, UserId, UserText, now

HELD_FOR = timedelta(hours=72)
CLAIM_LASTS = timedelta(hours=24)
CLAIM_IDLE = timedelta(hours=2)  # a moderator who was away for so long holds nothing
APPEAL_WITHIN = timedelta(days=7)
RETURNED_FOR = timedelta(days=14)  # what its author does not change by then is removed
OPEN, TO_EMPTY = text("closed_at IS NULL"), text("empty_at IS NOT NULL")


class ItemKind:
    """Why an item waits."""

    FLAG = "flag"
    HELD = "held"
    PUBLIC = "public"  # a TLP:CLEAR thread asks to be public, as far as it was not read yet
    APPEAL = "appeal"  # against the decision on another item
    AGAIN = "again"  # was returned to its author, who changed it
    ALL = (FLAG, HELD, PUBLIC, APPEAL, AGAIN)


class Reason:
    """What a flag says of a text; the first two hide it at once."""

    PERSON = "identifies_person"
    SHELTER = "shelter_or_operation"
    ATTACK = "personal_attack"
    LABEL = "wrong_label"
    OFF_TOPIC = "off_topic"
    COPYRIGHT = "copyright"
    OTHER = "other"
    ALL = (PERSON, SHELTER, ATTACK, LABEL, OFF_TOPIC, COPYRIGHT, OTHER)
    HIDING = (PERSON, SHELTER)


class ReviewItem(Base):
    """One thing that waits for a moderator; open once for each kind, target and revision, however many caused it."""

    __tablename__ = "review_item"
    __table_args__ = (
        Index("uq_review_item_open", "kind", "target_kind", "target_id", "revision", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_review_item_queue", "due_at", "id", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_review_item_empty", "empty_at", sqlite_where=TO_EMPTY, postgresql_where=TO_EMPTY),
        Index("ix_review_item_target", "target_kind", "target_id"),
        Index("ix_review_item_opened", "opened_at"),
    )
    id: Mapped[Id]
    kind: Mapped[str]
    target_kind: Mapped[str]
    target_id: Mapped[int]
    revision: Mapped[int] = mapped_column(default=0)  # the snapshot: what was written then is what is decided on
    rule: Mapped[str] = mapped_column(default="")  # the gravest reason so far
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)  # who wrote it, and so never decides
    barred_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))  # who decided before, where somebody else must
    state_code: Mapped[str | None]  # of the author: moderators of other states are asked first
    opened_at: Mapped[datetime] = mapped_column(default=now)
    due_at: Mapped[datetime]
    hidden_at: Mapped[datetime | None]  # when it hid its target
    claimed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    claimed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)  # grows with each change, so that a stale page decides nothing
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(default="")
    empty_at: Mapped[datetime | None]  # when what was removed, and may yet be given back, or was returned, loses its words
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    words: Mapped[UserText] = mapped_column(default=UserText(""))  # of the moderator to the author
    undo: Mapped[str] = mapped_column(default="")  # JSON of numbers and labels: what an appeal can give back


class ReviewCause(Base):
    """One reason for which an item waits, and by whom; the same person gives the same reason once."""

    __tablename__ = "review_cause"
    __table_args__ = (UniqueConstraint("item_id", "by_id", "reason"),)
    id: Mapped[Id]
    item_id: Mapped[int] = mapped_column(ForeignKey("review_item.id"))
    by_id: Mapped[UserId]
    reason: Mapped[str]
    note: Mapped[UserText] = mapped_column(default=UserText(""))
    at: Mapped[datetime] = mapped_column(default=now)


class Held(Base):
    """A text that the safeguard stopped and its author sent to a moderator: sealed, read by who claims its item, emptied after 72 hours."""

    __tablename__ = "held"
    __table_args__ = (UniqueConstraint("author_id", "client_id"),)
    id: Mapped[Id]
    author_id: Mapped[UserId]
    place: Mapped[str]  # where it would have gone, such as "new/protection", "thread/12", "post/12/3"
    client_id: Mapped[str]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    kinds: Mapped[str]  # of what was found, without the words
    held_at: Mapped[datetime] = mapped_column(default=now, index=True)
    emptied_at: Mapped[datetime | None]

    @property
    def gone_at(self) -> datetime:
        """When it is emptied at the latest."""
        return self.held_at + HELD_FOR


class SafeguardRule(Base):
    """How often a rule found something that was sent, what writers did about it, and whether an admin switched it off."""

    __tablename__ = "safeguard_rule"
    rule: Mapped[str] = mapped_column(primary_key=True)
    found: Mapped[int] = mapped_column(default=0)
    removed: Mapped[int] = mapped_column(default=0)
    replaced: Mapped[int] = mapped_column(default=0)
    kept: Mapped[int] = mapped_column(default=0)
    off_at: Mapped[datetime | None]


class SafeguardChoice(Base):
    """What a writer decided on one passage, without the passage."""

    __tablename__ = "safeguard_choice"
    id: Mapped[Id]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    rule: Mapped[str] = mapped_column(index=True)
    severity: Mapped[int]
    choice: Mapped[str]
    why: Mapped[UserText] = mapped_column(default=UserText(""))
    at: Mapped[datetime] = mapped_column(default=now)
