"""Loading a thread and its posts: a fixed number of statements, whatever the data, each built once for every kind of reader."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, exists, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from hub import policy, text
from hub.accounts.models import Organisation, State, User
from hub.accounts.queries import found
from hub.db import UserText, db
from hub.directory.models import Profile
from hub.directory.queries import visible_name
from hub.discussions.models import Bookmark, Post, PostRevision, ReadState, Shown, Standing, Thread
from hub.discussions.places import at_thread
from hub.drafts.models import Draft
from hub.policy import Actor, Reader, readable_by, reader
from hub.words import _

POSTS = 20
QUOTED = 2_000  # characters of a post that a quote takes at most
CONTEXT = 4  # posts shown before the one a link leads to
TREE, FLAT = "tree", "flat"
VIEWS = (TREE, FLAT)


def get_thread(actor: Actor, thread_id: int) -> Thread:
    return found(db.session.scalar(_thread(reader(actor)), {"thread": thread_id}))


@lru_cache(maxsize=500)
def _thread(who: Reader | None) -> Select[Thread]:
    rows = select(Thread).where(Thread.id == bindparam("thread"), readable_by(who, Thread))
    return rows.options(joinedload(Thread.pillar), selectinload(Thread.tags))


class Desk(NamedTuple):
    """A thread as one reader finds it: what they have read of it, and what they began to answer."""

    thread: Thread
    state: ReadState | None
    draft: Draft | None


def get_desk(actor: Actor, thread_id: int) -> Desk:
    """One statement (and one for the topics)."""
    row = db.session.execute(_desk(reader(actor)), {"thread": thread_id, "place": at_thread(thread_id)}).first()
    return Desk(*found(row))


@lru_cache(maxsize=500)
def _desk(who: Reader | None) -> Select[Thread, ReadState | None, Draft | None]:
    reader_id = who.id if who else 0
    read = and_(ReadState.thread_id == Thread.id, ReadState.user_id == reader_id)
    begun = and_(Draft.user_id == reader_id, Draft.place == bindparam("place"))
    return _thread(who).add_columns(ReadState, Draft).outerjoin(ReadState, read).outerjoin(Draft, begun)


def threads_among(actor: Actor, thread_ids: Collection[int]) -> list[Thread]:
    """Those of these threads that ``actor`` reads."""
    return list(db.session.scalars(select(Thread).where(Thread.id.in_(thread_ids), policy.readable(actor, Thread)))) if thread_ids else []


def titles_of(actor: Actor, thread_ids: Collection[int]) -> dict[int, UserText]:
    return {thread.id: thread.title for thread in threads_among(actor, thread_ids)}


# --- pages of posts ------------------------------------------------------------------------------


class Line(NamedTuple):
    """One post as a page shows it. A removed one keeps its number and place, and nothing else."""

    thread: Thread
    id: int
    num: int
    depth: int
    path: str
    standing: str
    parent_num: int | None
    author_id: int
    lang: str
    body_html: UserText
    created_at: datetime
    edited_at: datetime | None
    role_title: UserText
    organisation: UserText
    state_code: str | None
    state_name: str | None
    person_name: str | None
    bookmarked_at: datetime | None
    shown_at: datetime | None  # when the reader was first shown it

    @property
    def author_path(self) -> str:
        return "/people/" + text.titled(self.author_id, f"{self.role_title} {self.organisation}")

    @property
    def shown(self) -> bool:
        return self.standing == Standing.SHOWN


@dataclass(frozen=True)
class Page:
    """Posts in reading order, and the numbers that lead to the pages beside it (``None``: there is none)."""

    view: str
    lines: list[Line]
    before: int | None
    after: int | None


def page_of(actor: Actor, thread: Thread, view: str, after: int | None = None, before: int | None = None) -> Page:
    """Posts after, or before, a number; ``before=0`` means the last page. One statement."""
    backwards = before is not None
    beside = after or before or None
    rows = _page(reader(actor), view, backwards, beside is not None)
    fetched = [Line(thread, *row) for row in db.session.execute(rows, {"thread": thread.id, "num": beside})]
    more, lines = len(fetched) > POSTS, fetched[:POSTS]
    if not lines and beside:  # a number that leads nowhere
        return page_of(actor, thread, view)
    if backwards and not more and before:
        return page_of(actor, thread, view)  # the first page is always full
    if backwards:
        lines.reverse()
    earlier = more if backwards else bool(after and lines)
    later = bool(before) if backwards else more
    return Page(view, lines, lines[0].num if earlier and lines else None, lines[-1].num if later and lines else None)


@lru_cache(maxsize=1_000)
def _page(who: Reader | None, view: str, backwards: bool, beside: bool) -> Select[*tuple[Any, ...]]:
    rows, key = _lines(who), _key(view)
    if beside:
        edge = _key_of(view, bindparam("num"))
        rows = rows.where(key < edge if backwards else key > edge)
    return rows.order_by(key.desc() if backwards else key).limit(POSTS + 1)


def _key(view: str) -> Any:
    return Post.path if view == TREE else Post.num


def _key_of(view: str, num: ColumnElement[Any]) -> ColumnElement[Any]:
    """Where a number of the bound ``thread`` stands in reading order; a number that is not there stands at the end."""
    if view == FLAT:
        return num
    mark = aliased(Post)
    return select(mark.path).where(mark.thread_id == bindparam("thread"), mark.num == num).scalar_subquery()


def _lines(who: Reader | None) -> Select[*tuple[Any, ...]]:
    parent = aliased(Post)
    reader_id = who.id if who else 0
    columns = (
        Post.id, Post.num, Post.depth, Post.path, Post.standing, parent.num, _shown(Post.author_id), Post.lang, _shown(Post.body_html),
        _shown(Post.created_at), _shown(Post.edited_at), _shown(User.role_title), _shown(Organisation.short_name), _shown(State.code),
        _shown(State.short_name), _shown(visible_name(who)), Bookmark.at, Shown.first_at,
    )  # fmt: skip
    return (
        select(*columns)
        .join(User, User.id == Post.author_id)
        .join(Organisation, Organisation.id == User.organisation_id)
        .outerjoin(State, State.code == Organisation.state_code)
        .outerjoin(Profile, Profile.user_id == User.id)
        .outerjoin(parent, parent.id == Post.parent_id)
        .outerjoin(Bookmark, and_(Bookmark.post_id == Post.id, Bookmark.user_id == reader_id))
        .outerjoin(Shown, and_(Shown.post_id == Post.id, Shown.user_id == reader_id))
        .join(Thread, Thread.id == Post.thread_id)
        .where(Post.thread_id == bindparam("thread"), policy.placed(who))
    )


def _shown(column: Any) -> ColumnElement[Any]:
    """Null for a removed post: of it only number and place leave the database."""
    return case((Post.standing == Standing.SHOWN, column), else_=None)


def start_of_page(actor: Actor, thread: Thread, view: str, num: int) -> int | None:
    """The ``after`` of a page that shows post ``num`` with a little before it; ``None`` is the first page."""
    nums = list(db.session.scalars(_before(reader(actor), view), {"thread": thread.id, "num": num}))
    return nums[CONTEXT] if len(nums) == POSTS else None


@lru_cache(maxsize=500)
def _before(who: Reader | None, view: str) -> Select[int]:
    key = _key(view)
    earlier = select(Post.num).join(Post.thread).where(Thread.id == bindparam("thread"), policy.placed(who), key < _key_of(view, bindparam("num")))
    return earlier.order_by(key.desc()).limit(POSTS)


def later_nums(actor: Actor, thread: Thread, after: int) -> list[int]:
    """Numbers of shown posts of others after a number; at most 100."""
    who = reader(actor)
    later = select(Post.num).join(Post.thread).where(Thread.id == thread.id, Post.num > after, Post.standing == Standing.SHOWN, policy.placed(who))
    return list(db.session.scalars(later.where(Post.author_id != (who.id if who else 0)).order_by(Post.num).limit(100)))


# --- one post --------------------------------------------------------------------------------------


def get_post(actor: Actor, thread_id: int, num: int) -> Post:
    """A shown post of a thread that ``actor`` reads; else 404."""
    rows = select(Post).where(Post.thread_id == thread_id, Post.num == num, policy.readable(actor, Post))
    return found(db.session.scalar(rows.options(joinedload(Post.thread).joinedload(Thread.pillar), joinedload(Post.author))))


def quotation(actor: Actor, thread_id: int, num: int) -> str:
    """A post as a Markdown quote that says where it stands; empty when there is none."""
    md = db.session.scalar(select(Post.body_md).where(Post.thread_id == thread_id, Post.num == num, policy.readable(actor, Post)))
    if md is None:
        return ""
    lines = [f"> {line}".rstrip() for line in md[:QUOTED].splitlines()]
    return "\n".join([*lines, ">", f"> [{_('Post %(n)s', n=num)}](/threads/{thread_id}/posts/{num})", "", ""])


def has_place(actor: Actor, thread: Thread, num: int) -> bool:
    """Whether there is a post, perhaps removed, of this number for ``actor``."""
    rows = select(Post.id).join(Post.thread).where(Thread.id == thread.id, Post.num == num, policy.placed(reader(actor)))
    return db.session.scalar(rows) is not None


def earlier_versions(post: Post) -> list[PostRevision]:
    """Up to 200 earlier versions of a post that the reader reads, the newest first."""
    rows = select(PostRevision).where(PostRevision.post_id == post.id).order_by(PostRevision.revision.desc()).limit(200)
    return list(db.session.scalars(rows))


def last_shown_at(thread: Thread, before: Post) -> datetime | None:
    """When the last shown post of a thread was written, ``before`` left out."""
    rows = select(Post.created_at).where(Post.thread_id == thread.id, Post.standing == Standing.SHOWN, Post.id != before.id)
    return db.session.scalar(rows.order_by(Post.num.desc()).limit(1))


def states_that_wrote(thread: Thread, before: Post) -> list[str]:
    """Codes of the states of the shown posts, ``before`` left out."""
    shown = exists().where(Post.thread_id == thread.id, Post.author_id == User.id, Post.standing == Standing.SHOWN, Post.id != before.id)
    rows = select(Organisation.state_code).join(User, User.organisation_id == Organisation.id).where(Organisation.state_code.is_not(None), shown)
    return sorted({code for code in db.session.scalars(rows) if code})


def sent_before(author: User, client_id: str) -> Post | None:
    return db.session.scalar(select(Post).where(Post.author_id == author.id, Post.client_id == client_id).options(joinedload(Post.thread)))
