"""Posts of a thread in reading order, by answer or by time: a page at a time, in one statement built once for every kind of reader."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Subquery, and_, bindparam, case, or_, select, true
from sqlalchemy.orm import aliased

from hub import policy, text
from hub.accounts.models import Organisation, State, User
from hub.db import UserText, at_most, db
from hub.directory.models import Profile
from hub.directory.queries import visible_name
from hub.discussions.models import Bookmark, Post, Shown, Standing, Thread
from hub.policy import Actor, Reader, reader
from hub.prepared import Prepared

POSTS = 20
CONTEXT = 4  # posts shown before the one a link leads to
TREE, FLAT = "tree", "flat"
VIEWS = (TREE, FLAT)


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
    returned_at: datetime | None
    files: int | None

    @property
    def author_path(self) -> str:
        return "/people/" + text.titled(self.author_id, f"{self.role_title} {self.organisation}")

    @property
    def shown(self) -> bool:
        return self.standing == Standing.SHOWN

    @property
    def hidden_here(self) -> bool:
        """Hidden from others, and read by this reader: its author, or a moderator."""
        return self.standing == Standing.HIDDEN and self.author_id is not None


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
    where = {"thread": thread.id} | ({"num": beside} if beside else {})
    fetched = [Line(thread, *row) for row in _page(reader(actor), view, backwards, beside is not None).rows(**where)]
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
def _page(who: Reader | None, view: str, backwards: bool, beside: bool) -> Prepared:
    key = _key(view)
    picked = select(Post.id).join(Post.thread).where(Post.thread_id == bindparam("thread"), policy.placed(who))
    if beside:
        edge = _key_of(view, bindparam("num"))
        picked = picked.where(key < edge if backwards else key > edge)
    order = key.desc() if backwards else key
    page = picked.order_by(order).limit(at_most(POSTS + 1)).subquery()  # first the few posts, then all that is shown of them
    return Prepared(_lines(who, page).order_by(order))


def _key(view: str) -> Any:
    return Post.path if view == TREE else Post.num


def _key_of(view: str, num: ColumnElement[Any]) -> ColumnElement[Any]:
    """Where a number of the bound ``thread`` stands in reading order; a number that is not there stands at the end."""
    if view == FLAT:
        return num
    mark = aliased(Post)
    return select(mark.path).where(mark.thread_id == bindparam("thread"), mark.num == num).scalar_subquery()


def _lines(who: Reader | None, page: Subquery) -> Select[*tuple[Any, ...]]:
    parent = aliased(Post)
    reader_id, shown = who.id if who else 0, partial(_shown_to, who)
    columns = (
        Post.id, Post.num, Post.depth, Post.path, Post.standing, parent.num, shown(Post.author_id), Post.lang, shown(Post.body_html),
        shown(Post.created_at), shown(Post.edited_at), shown(User.role_title), shown(Organisation.short_name), shown(State.code),
        shown(State.short_name), shown(visible_name(who)), Bookmark.at, Shown.first_at, shown(Post.returned_at), shown(Post.files),
    )  # fmt: skip
    return (
        select(*columns)
        .select_from(page)  # in front: PostgreSQL takes so many joins in the order they are written
        .join(Post, Post.id == page.c.id)
        .join(User, User.id == Post.author_id)
        .join(Organisation, Organisation.id == User.organisation_id)
        .outerjoin(State, State.code == Organisation.state_code)
        .outerjoin(Profile, Profile.user_id == User.id)
        .outerjoin(parent, parent.id == Post.parent_id)
        .outerjoin(Bookmark, and_(Bookmark.post_id == Post.id, Bookmark.user_id == reader_id))
        .outerjoin(Shown, and_(Shown.post_id == Post.id, Shown.user_id == reader_id))
    )


def _shown_to(who: Reader | None, column: Any) -> ColumnElement[Any]:
    """Null for a removed post, and for a hidden one but to its author and moderators: of it only number and place leave the database."""
    own = true() if who and who.is_moderator else Post.author_id == (who.id if who else 0)
    return case((or_(Post.standing == Standing.SHOWN, and_(Post.standing == Standing.HIDDEN, own)), column), else_=None)


def start_of_page(who: Reader | None, thread_id: int, view: str, num: int) -> int | None:
    """The ``after`` of a page that shows post ``num`` with a little before it; ``None`` is the first page."""
    nums = [row[0] for row in _before(who, view).rows(thread=thread_id, num=num)]
    return nums[CONTEXT] if len(nums) == POSTS else None


@lru_cache(maxsize=500)
def _before(who: Reader | None, view: str) -> Prepared:
    key = _key(view)
    earlier = select(Post.num).join(Post.thread).where(Thread.id == bindparam("thread"), policy.placed(who), key < _key_of(view, bindparam("num")))
    return Prepared(earlier.order_by(key.desc()).limit(at_most(POSTS)))


def gone_nums(thread: Thread) -> list[int]:
    """Numbers of posts that are hidden, removed or deleted; the last 500."""
    gone = select(Post.num).where(Post.thread_id == thread.id, Post.standing != Standing.SHOWN).order_by(Post.num.desc()).limit(at_most(500))
    return list(db.session.scalars(gone))


def later_nums(actor: Actor, thread: Thread, after: int) -> list[int]:
    """Numbers of shown posts of others after a number; at most 100."""
    who = reader(actor)
    later = select(Post.num).join(Post.thread).where(Thread.id == thread.id, Post.num > after, Post.standing == Standing.SHOWN, policy.placed(who))
    return list(db.session.scalars(later.where(Post.author_id != (who.id if who else 0)).order_by(Post.num).limit(at_most(100))))
