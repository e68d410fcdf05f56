"""Loading a thread and its posts: a fixed number of statements, whatever the data."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, literal, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from hub import policy, text
from hub.accounts.models import Organisation, State, User
from hub.accounts.queries import found
from hub.db import UserText, db
from hub.directory.models import Profile
from hub.directory.queries import visible_name
from hub.discussions.models import Post, PostRevision, Standing, Thread
from hub.policy import Actor

POSTS = 20
CONTEXT = 4  # posts shown before the one a link leads to
TREE, FLAT = "tree", "flat"
VIEWS = (TREE, FLAT)


def get_thread(actor: Actor, thread_id: int) -> Thread:
    rows = select(Thread).where(Thread.id == thread_id, policy.readable(actor, Thread))
    return found(db.session.scalar(rows.options(joinedload(Thread.pillar), joinedload(Thread.author), selectinload(Thread.tags))))


class Author(NamedTuple):
    id: int
    slug: str


@dataclass(frozen=True)
class Line:
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

    @property
    def author(self) -> "Author":
        """Enough of the author for a link to the profile."""
        return Author(self.author_id, text.slug(f"{self.role_title} {self.organisation}"))

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
    key = Post.path if view == TREE else Post.num
    backwards = before is not None
    rows = _lines(actor, thread)
    if after:
        rows = rows.where(key > _key_of(thread, view, after))
    elif before:
        rows = rows.where(key < _key_of(thread, view, before))
    fetched = [Line(thread, *row) for row in db.session.execute(rows.order_by(key.desc() if backwards else key).limit(POSTS + 1))]
    more, lines = len(fetched) > POSTS, fetched[:POSTS]
    if not lines and (after or before):  # a number that leads nowhere
        return page_of(actor, thread, view)
    if backwards and not more and before:
        return page_of(actor, thread, view)  # the first page is always full
    if backwards:
        lines.reverse()
    earlier = more if backwards else bool(after and lines)
    later = bool(before) if backwards else more
    return Page(view, lines, lines[0].num if earlier and lines else None, lines[-1].num if later and lines else None)


def _key_of(thread: Thread, view: str, num: int) -> ColumnElement[str] | ColumnElement[int]:
    """Where a number stands in reading order; a number that is not there stands at the end."""
    if view == FLAT:
        return literal(num)
    mark = aliased(Post)
    return select(mark.path).where(mark.thread_id == thread.id, mark.num == num).scalar_subquery()


def _lines(actor: Actor, thread: Thread) -> Select[*tuple[Any, ...]]:
    parent = aliased(Post)
    columns = (
        Post.id, Post.num, Post.depth, Post.path, Post.standing, parent.num, _shown(Post.author_id), Post.lang, _shown(Post.body_html),
        _shown(Post.created_at), _shown(Post.edited_at), _shown(User.role_title), _shown(Organisation.short_name), _shown(State.code),
        _shown(State.short_name), _shown(visible_name(actor)),
    )  # fmt: skip
    return (
        select(*columns)
        .join(User, User.id == Post.author_id)
        .join(Organisation, Organisation.id == User.organisation_id)
        .outerjoin(State, State.code == Organisation.state_code)
        .outerjoin(Profile, Profile.user_id == User.id)
        .outerjoin(parent, parent.id == Post.parent_id)
        .join(Thread, Thread.id == Post.thread_id)
        .where(Post.thread_id == thread.id, policy.placed(actor))
    )


def _shown(column: Any) -> ColumnElement[Any]:
    """Null for a removed post: of it only number and place leave the database."""
    return case((Post.standing == Standing.SHOWN, column), else_=None)


def start_of_page(actor: Actor, thread: Thread, view: str, num: int) -> int | None:
    """The ``after`` of a page that shows post ``num`` with a little before it; ``None`` is the first page."""
    key = Post.path if view == TREE else Post.num
    earlier = select(Post.num).join(Post.thread).where(Thread.id == thread.id, policy.placed(actor), key < _key_of(thread, view, num))
    nums = list(db.session.scalars(earlier.order_by(key.desc()).limit(POSTS)))
    return nums[CONTEXT] if len(nums) == POSTS else None


def get_post(actor: Actor, thread_id: int, num: int) -> Post:
    """A shown post of a thread that ``actor`` reads; else 404."""
    rows = select(Post).where(Post.thread_id == thread_id, Post.num == num, policy.readable(actor, Post))
    return found(db.session.scalar(rows.options(joinedload(Post.thread).joinedload(Thread.pillar), joinedload(Post.author))))


def has_place(actor: Actor, thread: Thread, num: int) -> bool:
    """Whether there is a post, perhaps removed, of this number for ``actor``."""
    rows = select(Post.id).join(Post.thread).where(Thread.id == thread.id, Post.num == num, policy.placed(actor))
    return db.session.scalar(rows) is not None


def earlier_versions(post: Post) -> list[PostRevision]:
    """Up to 200 earlier versions of a post that the reader reads, the newest first."""
    rows = select(PostRevision).where(PostRevision.post_id == post.id).order_by(PostRevision.revision.desc()).limit(200)
    return list(db.session.scalars(rows))


def last_shown_at(thread: Thread, before: Post) -> datetime | None:
    """When the last shown post of a thread was written, ``before`` left out."""
    rows = select(Post.created_at).where(Post.thread_id == thread.id, Post.standing == Standing.SHOWN, Post.id != before.id)
    return db.session.scalar(rows.order_by(Post.num.desc()).limit(1))


def sent_before(author: User, client_id: str) -> Post | None:
    return db.session.scalar(select(Post).where(Post.author_id == author.id, Post.client_id == client_id).options(joinedload(Post.thread)))
