"""Threads and posts: one tree of texts per thread, in one readable order."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub import text
from hub.accounts.models import User
from hub.db import Base, ByteOrdered, Id, OrganisationId, PillarId, UserId, UserText, now
from hub.pillars.models import Pillar, Tag

DEEPEST, GONE = 24, sql("standing <> 'shown'")


class Label:
    """TLP 2.0; the words are never translated (FIRST, August 2022)."""

    CLEAR = "TLP:CLEAR"
    GREEN = "TLP:GREEN"
    AMBER = "TLP:AMBER"
    STRICT = "TLP:AMBER+STRICT"
    ALL = (CLEAR, GREEN, AMBER, STRICT)


class ThreadKind:
    EXPERIENCE = "experience"
    CHALLENGE = "challenge"
    WAY_FORWARD = "way_forward"
    QUESTION = "question"
    ANNOUNCEMENT = "announcement"
    ALL = (EXPERIENCE, CHALLENGE, WAY_FORWARD, QUESTION, ANNOUNCEMENT)


class Standing:
    """Whether a thread or a post is there to be read."""

    SHOWN = "shown"
    HIDDEN = "hidden"  # until a moderator decides: its author and moderators read it
    REMOVED = "removed"  # by a moderator
    DELETED = "deleted"  # by its author
    MOVED = "moved"  # into another thread


STANDINGS = "standing IN ('shown', 'hidden', 'removed', 'deleted', 'moved')"


class ThreadFacts:
    """What follows from the columns of a thread, in a row as in a list."""

    __slots__ = ()
    @property
    def path(self: Any) -> str:
        """Its address."""
        return "/threads/" + text.titled(self.id, self.title)

    @property
    def effective_label(self: Any) -> str:
        return effective_label(self.label, self.cleared_at)

    @property
    def answers(self: Any) -> int:
        posts: int = self.shown_posts
        return max(0, posts - 1)


class Thread(ThreadFacts, Base):
    """A question, experience, challenge, way forward or announcement; its opening text is post 1."""

    __tablename__ = "thread"
    __table_args__ = (
        CheckConstraint("label IN ('TLP:CLEAR', 'TLP:GREEN', 'TLP:AMBER', 'TLP:AMBER+STRICT')", name="label"),
        CheckConstraint("kind IN ('experience', 'challenge', 'way_forward', 'question', 'announcement')", name="kind"),
        CheckConstraint(STANDINGS, name="standing"),
        Index("ix_thread_list", "pillar_id", "last_post_at", "id"),
        Index("ix_thread_pinned", "pillar_id", "pinned_at"),
        Index("ix_thread_label", "label", "cleared_at"),
    )
    id: Mapped[Id]
    pillar_id: Mapped[PillarId]
    kind: Mapped[str]
    title: Mapped[UserText]
    author_id: Mapped[UserId]
    organisation_id: Mapped[OrganisationId]  # the author's, when it was opened: who reads AMBER+STRICT
    label: Mapped[str]
    lang: Mapped[str]
    last_num: Mapped[int] = mapped_column(default=0)
    shown_posts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_post_at: Mapped[datetime] = mapped_column(default=now)
    cleared_at: Mapped[datetime | None]  # when a moderator agreed that a TLP:CLEAR thread is public, and
    cleared_upto: Mapped[int] = mapped_column(default=0)  # the last post the moderator had then read
    locked_at: Mapped[datetime | None]
    pinned_at: Mapped[datetime | None]
    answered_num: Mapped[int | None]  # the post that the asker, or a moderator, called the answer
    states: Mapped[str] = mapped_column(default="", server_default="")  # codes of the states that wrote what is shown, such as "KH TH"
    standing: Mapped[str] = mapped_column(default=Standing.SHOWN)
    pillar: Mapped[Pillar] = relationship()
    author: Mapped[User] = relationship()
    tags: Mapped[list[Tag]] = relationship(secondary="thread_tag", order_by=Tag.name)

    @property
    def slug(self) -> str:
        return text.slug(self.title)


def effective_label(label: str, cleared_at: datetime | None) -> str:
    """TLP:CLEAR is asked for, and holds once a moderator agreed; until then the thread is GREEN."""
    return Label.GREEN if label == Label.CLEAR and cleared_at is None else label


class ThreadTag(Base):
    __tablename__ = "thread_tag"
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id"), primary_key=True, index=True)


class Post(Base):
    """One text of a thread. ``parent_id`` is the truth; ``path`` sorts the tree in reading order."""

    __tablename__ = "post"
    __table_args__ = (
        UniqueConstraint("thread_id", "num"),
        UniqueConstraint("thread_id", "path"),
        UniqueConstraint("author_id", "client_id"),
        CheckConstraint(STANDINGS, name="standing"),
        Index("ix_post_gone", "thread_id", sqlite_where=GONE, postgresql_where=GONE),
        Index("ix_post_time", "created_at", "id"),
        Index("ix_post_author", "author_id", "created_at", "id"),
    )
    id: Mapped[Id]
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id"))
    num: Mapped[int]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"), index=True)
    path: Mapped[ByteOrdered]
    depth: Mapped[int]
    author_id: Mapped[UserId]
    client_id: Mapped[str]
    body_md: Mapped[UserText]
    body_html: Mapped[UserText]
    html_version: Mapped[int]
    lang: Mapped[str]
    revision: Mapped[int] = mapped_column(default=1)
    standing: Mapped[str] = mapped_column(default=Standing.SHOWN)
    created_at: Mapped[datetime] = mapped_column(default=now)
    edited_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]  # when a moderator gave it back: hidden, and its author may change it
    files: Mapped[int] = mapped_column(default=0, server_default="0")  # to be read
    thread: Mapped[Thread] = relationship()
    author: Mapped[User] = relationship()
    parent: Mapped["Post | None"] = relationship(remote_side="Post.id")


class ReadState(Base):
    """What a member has read of a thread: every number up to ``read_upto`` and, as bits, some beyond; see ``reading.py``."""

    __tablename__ = "read_state"
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id"), primary_key=True, index=True)
    read_upto: Mapped[int]
    beyond: Mapped[bytes]
    read_shown: Mapped[int]  # how many shown posts are among them: unread is the thread's shown_posts less this


class PostCount(Base):
    """Shown posts of all threads that the same members read: of a pillar under a label and, for AMBER+STRICT, of an organisation (else 0)."""

    __tablename__ = "post_count"
    pillar_id: Mapped[int] = mapped_column(ForeignKey("pillar.id"), primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    posts: Mapped[int]


class ReadCount(Base):
    """How many of those posts a member has read: the sum of ``read_shown`` over these threads."""

    __tablename__ = "read_count"
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    pillar_id: Mapped[int] = mapped_column(ForeignKey("pillar.id"), primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    posts: Mapped[int]


class MovedPost(Base):
    """Where a post went that had a number in another thread: its old address leads on."""

    __tablename__ = "moved_post"
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id"), primary_key=True)
    num: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"), index=True)


class PublicView(Base):
    """How often pages of a public thread were served to people who were not signed in, by day."""

    __tablename__ = "public_view"
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id"), primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    views: Mapped[int]


class Shown(Base):
    """Who was shown which post, and when first: for exposure reports, kept 90 days."""

    __tablename__ = "shown"
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"), primary_key=True, index=True)
    first_at: Mapped[datetime] = mapped_column(default=now, index=True)


class Bookmark(Base):
    """A post a member wants to find again; nobody else sees it."""

    __tablename__ = "bookmark"
    __table_args__ = (Index("ix_bookmark_list", "user_id", "at"),)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"), primary_key=True, index=True)
    at: Mapped[datetime] = mapped_column(default=now)


class Mention(Base):
    """A post names a member or an organisation by its handle."""

    __tablename__ = "mention"
    __table_args__ = (CheckConstraint("(user_id IS NULL) <> (organisation_id IS NULL)", name="one"),)
    id: Mapped[Id]
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)


class PostRevision(Base):
    """A text as it stood before an edit, in full."""

    __tablename__ = "post_revision"
    __table_args__ = (UniqueConstraint("post_id", "revision"),)
    id: Mapped[Id]
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    revision: Mapped[int]
    title: Mapped[UserText | None]
    body_md: Mapped[UserText]
    lang: Mapped[str]
    reason: Mapped[UserText] = mapped_column(default=UserText(""), server_default="")  # why it was replaced
    written_at: Mapped[datetime]
    replaced_by_id: Mapped[UserId]
    replaced_at: Mapped[datetime] = mapped_column(default=now)
