"""Loading a thread and its posts: a fixed number of statements, whatever the data, each built once for every kind of reader."""

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Select, and_, bindparam, exists, or_, select, tuple_
from sqlalchemy.orm import joinedload

from hub import policy
from hub.accounts.models import Organisation, User
from hub.accounts.queries import found, members_by_id
from hub.db import UserText, db
from hub.discussions.models import MovedPost, Post, PostRevision, ReadState, Standing, Thread
from hub.discussions.places import at_thread
from hub.drafts.models import Draft
from hub.notifications.models import Notification
from hub.policy import Actor, Reader, readable_by, reader
from hub.words import _

QUOTED = 2_000  # characters of a post that a quote takes at most


def get_thread(actor: Actor, thread_id: int) -> Thread:
    return found(db.session.scalar(_thread(reader(actor)), {"thread": thread_id}))


@lru_cache(maxsize=500)
def _thread(who: Reader | None) -> Select[Thread]:
    return _any_thread().where(readable_by(who, Thread))


def _any_thread() -> Select[Thread]:
    return select(Thread).where(Thread.id == bindparam("thread")).options(joinedload(Thread.pillar))


class Desk(NamedTuple):
    """A thread as one reader finds it, hidden ones too: what they have read of it, what they began to answer, and whether their inbox tells of it."""

    thread: Thread
    state: ReadState | None
    draft: Draft | None
    news: bool


def get_desk(actor: Actor, thread_id: int) -> Desk:
    """One statement."""
    row = db.session.execute(_desk(reader(actor)), {"thread": thread_id, "place": at_thread(thread_id)}).unique().first()
    return Desk(*found(row))


@lru_cache(maxsize=500)
def _desk(who: Reader | None) -> Select[Thread, ReadState | None, Draft | None, bool]:
    reader_id = who.id if who else 0
    read = and_(ReadState.thread_id == Thread.id, ReadState.user_id == reader_id)
    begun = and_(Draft.user_id == reader_id, Draft.place == bindparam("place"))
    news = exists().where(Notification.user_id == reader_id, Notification.thread_id == Thread.id, Notification.read_at.is_(None))
    found = _any_thread().where(or_(readable_by(who, Thread), policy.hidden_but_open_to(who, Thread)))
    return found.options(joinedload(Thread.tags)).add_columns(ReadState, Draft, news.correlate(Thread)).outerjoin(ReadState, read).outerjoin(Draft, begun)


def threads_among(actor: Actor, thread_ids: Collection[int]) -> list[Thread]:
    """Those of these threads that ``actor`` reads."""
    return list(db.session.scalars(select(Thread).where(Thread.id.in_(thread_ids), policy.readable(actor, Thread)))) if thread_ids else []


def ids_among(actor: Actor, thread_ids: Collection[int]) -> set[int]:
    """Numbers of those of these threads that ``actor`` reads."""
    return set(db.session.scalars(select(Thread.id).where(Thread.id.in_(thread_ids), policy.readable(actor, Thread)))) if thread_ids else set()


def last_nums(thread_ids: Collection[int]) -> dict[int, int]:
    """The number of the last post of threads, for open pages that may read them."""
    return {row.id: row.last_num for row in db.session.execute(select(Thread.id, Thread.last_num).where(Thread.id.in_(thread_ids)))}


def readable_places(actor: Actor, places: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those of these (thread, number) at which a post stands that ``actor`` reads. One statement."""
    rows = select(Post.thread_id, Post.num).where(tuple_(Post.thread_id, Post.num).in_(list(places)), policy.readable(actor, Post))
    return {(row.thread_id, row.num) for row in db.session.execute(rows)}


def titles_of(actor: Actor, thread_ids: Collection[int]) -> dict[int, UserText]:
    return {thread.id: thread.title for thread in threads_among(actor, thread_ids)}


def readers_among(thread: Thread, user_ids: Collection[int]) -> set[int]:
    """Those of these members to whom a thread is open."""
    return {user.id for user in members_by_id(user_ids).values() if policy.opens(user, thread.label, thread.organisation_id)}


# --- one post --------------------------------------------------------------------------------------


def get_post(actor: Actor, thread_id: int, num: int) -> Post:
    """A shown post of a thread that ``actor`` reads; else 404."""
    rows = select(Post).where(Post.thread_id == thread_id, Post.num == num, policy.readable(actor, Post))
    return found(db.session.scalar(rows.options(joinedload(Post.thread).joinedload(Thread.pillar), joinedload(Post.author))))


def get_own_post(actor: Actor, thread_id: int, num: int) -> Post:
    """A post that ``actor`` may perhaps change: a shown one, or a hidden one of theirs; else 404."""
    open_to = or_(policy.readable(actor, Post), and_(policy.hidden_but_open_to(reader(actor), Post), Post.author_id == (actor.id if actor else 0)))
    rows = select(Post).where(Post.thread_id == thread_id, Post.num == num, open_to)
    return found(db.session.scalar(rows.options(joinedload(Post.thread).joinedload(Thread.pillar), joinedload(Post.author))))


def label_of(post_id: int) -> str:
    """The label that a post stands under."""
    return str(db.session.scalar(select(Thread.label).join(Post, Post.thread_id == Thread.id).where(Post.id == post_id)))


def readable_ids(actor: Actor, thread_id: int, num: int) -> list[int]:
    """The id of the post at this place, when ``actor`` reads it."""
    return list(db.session.scalars(select(Post.id).where(Post.thread_id == thread_id, Post.num == num, policy.readable(actor, Post))))


def quotation(actor: Actor, thread_id: int, num: int) -> str:
    """A post as a Markdown quote that says where it stands; empty when there is none."""
    md = db.session.scalar(select(Post.body_md).where(Post.thread_id == thread_id, Post.num == num, policy.readable(actor, Post)))
    if md is None:
        return ""
    lines = [f"> {line}".rstrip() for line in md[:QUOTED].splitlines()]
    return "\n".join([*lines, ">", f"> [{_('Post %(n)s', n=num)}](/threads/{thread_id}/posts/{num})", "", ""])


def has_place(actor: Actor, thread: Thread, num: int) -> bool:
    """Whether there is a post, perhaps removed, of this number for ``actor``."""
    rows = select(Post.id).join(Post.thread).where(Thread.id == thread.id, Post.num == num, Post.standing != Standing.MOVED, policy.placed(reader(actor)))
    return db.session.scalar(rows) is not None


def moved_to(actor: Actor, thread_id: int, num: int) -> Post | None:
    """A post that once had this number in this thread, when ``actor`` reads the thread where it stands now."""
    rows = select(Post).join(MovedPost, MovedPost.post_id == Post.id).join(Thread, Thread.id == Post.thread_id)
    return db.session.scalar(rows.where(MovedPost.thread_id == thread_id, MovedPost.num == num, policy.readable(actor, Thread)))


def earlier_versions(post: Post) -> list[PostRevision]:
    """Up to 200 earlier versions of a post that the reader reads, the newest first."""
    rows = select(PostRevision).where(PostRevision.post_id == post.id).order_by(PostRevision.revision.desc()).limit(200)
    return list(db.session.scalars(rows))


def last_shown_at(thread: Thread) -> datetime | None:
    """When the last shown post of a thread was written."""
    rows = select(Post.created_at).where(Post.thread_id == thread.id, Post.standing == Standing.SHOWN)
    return db.session.scalar(rows.order_by(Post.num.desc()).limit(1))


def states_that_wrote(thread: Thread) -> list[str]:
    """Codes of the states of the shown posts."""
    shown = exists().where(Post.thread_id == thread.id, Post.author_id == User.id, Post.standing == Standing.SHOWN)
    rows = select(Organisation.state_code).join(User, User.organisation_id == Organisation.id).where(Organisation.state_code.is_not(None), shown)
    return sorted({code for code in db.session.scalars(rows) if code})


def sent_before(author: User, client_id: str) -> Post | None:
    """The post that a form made when it was sent before; most were not, so the look is short."""
    sent = db.session.scalar(_SENT, {"author": author.id, "client": client_id})
    return None if sent is None else db.session.get(Post, sent, options=[joinedload(Post.thread)])


_SENT = select(Post.id).where(Post.author_id == bindparam("author"), Post.client_id == bindparam("client"))


class Parent(NamedTuple):
    """What an answer needs of the post it answers."""

    id: int
    path: str
    depth: int
    author_id: int


def get_parent(actor: User, thread_id: int, num: int) -> Parent | None:
    row = db.session.execute(_parent(reader(actor)), {"thread": thread_id, "num": num}).first()
    return None if row is None else Parent._make(row)


@lru_cache(maxsize=500)
def _parent(who: Reader | None) -> Select[int, str, int, int]:
    rows = select(Post.id, Post.path, Post.depth, Post.author_id).where(Post.thread_id == bindparam("thread"), Post.num == bindparam("num"))
    return rows.where(readable_by(who, Post))
