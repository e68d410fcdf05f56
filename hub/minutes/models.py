"""Minutes of a room: versions that delegates write, signatures of the heads of delegation, and what follows from agreed ones."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.db import Base, Id, UserId, UserText, now
from hub.rooms.models import Delegation, Room

OPEN, DUE, TO_DO = sql("agreed_at IS NULL"), sql("remind_at IS NOT NULL"), sql("done_at IS NULL")


class Section:
    """Parts of minutes, in their order; those in ``BY_SIDE`` stand once for each delegation, those in ``SINGLE`` are one line."""

    AGENDA = "agenda"
    ATTENDANCE = "attendance"
    DECISIONS = "decisions"
    ACTIONS = "actions"
    RESERVATIONS = "reservations"
    LANGUAGES = "languages"
    NEXT = "next_meeting"
    ALL = (AGENDA, ATTENDANCE, DECISIONS, ACTIONS, RESERVATIONS, LANGUAGES, NEXT)
    BY_SIDE = (ATTENDANCE, RESERVATIONS)
    SINGLE = (LANGUAGES, NEXT)


class Minutes(Base):
    """One set of minutes of a room; a room has one at a time that is not agreed. Once agreed, nothing of it changes.

    ``head_seq`` and ``head_hash`` say how the log stood when the last head signed; ``hash`` is what all of them signed.
    """

    __tablename__ = "minutes"
    __table_args__ = (
        UniqueConstraint("room_id", "num"),
        Index("uq_minutes_open", "room_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    )
    id: Mapped[Id]
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    num: Mapped[int]
    version: Mapped[int] = mapped_column(default=0)  # the newest
    begun_at: Mapped[datetime] = mapped_column(default=now)
    agreed_at: Mapped[datetime | None]
    terms_num: Mapped[int | None]  # in force when it was agreed
    hash: Mapped[str] = mapped_column(default="")
    head_seq: Mapped[int | None]
    head_hash: Mapped[str] = mapped_column(default="")
    room: Mapped[Room] = relationship(lazy="joined")

    @property
    def path(self) -> str:
        return f"{self.room.path}/minutes/{self.num}"


class MinutesRevision(Base):
    """One version, whose words never change; ``seq`` is its entry in the log, ``marks_upto`` the last mark that was offered to it, or for the next."""

    __tablename__ = "minutes_revision"
    __table_args__ = (UniqueConstraint("minutes_id", "num"),)
    id: Mapped[Id]
    minutes_id: Mapped[int] = mapped_column(ForeignKey("minutes.id"))
    num: Mapped[int]
    author_id: Mapped[UserId]
    side_id: Mapped[int] = mapped_column(ForeignKey("delegation.id"))
    author: Mapped[UserText]  # the role of who saved it, as it was then
    seq: Mapped[int]
    marks_upto: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=now)
    lines: Mapped[list["MinutesLine"]] = relationship(order_by="MinutesLine.id", lazy="selectin")
    side: Mapped[Delegation] = relationship(lazy="joined")


class MinutesLine(Base):
    """One line of one section; an action says who does it and by when."""

    __tablename__ = "minutes_line"
    __table_args__ = (CheckConstraint(f"section IN ({', '.join(map(repr, Section.ALL))})", name="section"),)
    id: Mapped[Id]
    revision_id: Mapped[int] = mapped_column(ForeignKey("minutes_revision.id"), index=True)
    section: Mapped[str]
    side_id: Mapped[int | None] = mapped_column(ForeignKey("delegation.id"))
    words: Mapped[UserText]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    owner: Mapped[UserText] = mapped_column(default=UserText(""))  # the role, as it was then
    due_on: Mapped[date | None]


class MinutesSignature(Base):
    """A head signed a hash: of one version, under the terms that were in force. It counts while that is the newest and they are head."""

    __tablename__ = "minutes_signature"
    __table_args__ = (UniqueConstraint("minutes_id", "side_id", "hash", "by_id"),)
    id: Mapped[Id]
    minutes_id: Mapped[int] = mapped_column(ForeignKey("minutes.id"), index=True)
    version: Mapped[int]
    side_id: Mapped[int] = mapped_column(ForeignKey("delegation.id"))
    by_id: Mapped[UserId]
    signer: Mapped[UserText]  # the role, as it was then
    hash: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)


class Task(Base):
    """An action of agreed minutes on the list of who does it: one delegate, or a delegation."""

    __tablename__ = "task"
    __table_args__ = (
        Index("ix_task_to_do", "side_id", sqlite_where=TO_DO, postgresql_where=TO_DO),
        Index("ix_task_remind", "remind_at", sqlite_where=DUE, postgresql_where=DUE),
    )
    id: Mapped[Id]
    minutes_id: Mapped[int] = mapped_column(ForeignKey("minutes.id"), index=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("minutes_line.id"), unique=True)
    num: Mapped[int]
    side_id: Mapped[int] = mapped_column(ForeignKey("delegation.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    due_on: Mapped[date]
    remind_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    done_by: Mapped[UserText] = mapped_column(default=UserText(""))
    done_words: Mapped[UserText] = mapped_column(default=UserText(""))
    line: Mapped[MinutesLine] = relationship(lazy="joined")
    side: Mapped[Delegation] = relationship(lazy="joined")
    minutes: Mapped[Minutes] = relationship(lazy="joined")
