"""Flat lists of posts across threads: new since one's visit, bookmarks, what a member wrote. One statement each."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, literal, select, tuple_

from hub import text
from hub.accounts.models import Organisation, State, User
from hub.db import UserText, at_most, db
from hub.discussions.cursors import Cursor
from hub.discussions.models import Bookmark, Post, ReadState, Thread, effective_label
from hub.discussions.reading import read_from
from hub.policy import Actor, Reader, readable_by, reader

POSTS = 25
SCANNED = 100  # rows read for a page of 25: some were read out of order, and are left out


class PostLine(NamedTuple):
    """A post as a list across threads shows it."""

    id: int
    num: int
    thread_id: int
    title: UserText
    title_lang: str
    label: str
    cleared_at: datetime | None
    lang: str
    body_html: UserText
    created_at: datetime
    role_title: UserText
    organisation: UserText
    state_code: str | None
    state_name: str | None
    at: datetime  # what the list is sorted by
    read_upto: int | None
    beyond: bytes | None

    @property
    def path(self) -> str:
        return f"/threads/{self.thread_id}/posts/{self.num}"

    @property
    def effective_label(self) -> str:
        return effective_label(self.label, self.cleared_at)

    @property
    def excerpt(self) -> str:
        return text.excerpt(self.body_html)

    @property
    def unread(self) -> bool:
        return self.num not in read_from(self.read_upto or 0, self.beyond or b"")


def new_since(actor: User, since: datetime | None, after: Cursor | None = None) -> tuple[list[PostLine], Cursor | None]:
    """Posts of others that the reader has not read, written after ``since``, the newest first; and where the next page begins."""
    rows = _posts(reader(actor), Post.created_at).where(Post.author_id != actor.id, Post.num > func.coalesce(ReadState.read_upto, 0))
    if since is not None:
        rows = rows.where(Post.created_at > since)
    return _page(rows, Post.created_at, after, lambda line: line.unread)


def bookmarked(actor: User, after: Cursor | None = None) -> tuple[list[PostLine], Cursor | None]:
    """The posts a member bookmarked and still reads, the last bookmarked first."""
    rows = _posts(reader(actor), Bookmark.at).join(Bookmark, and_(Bookmark.post_id == Post.id, Bookmark.user_id == actor.id))
    return _page(rows, Bookmark.at, after)


def written_by(actor: Actor, author_id: int, limit: int = 10) -> list[PostLine]:
    """The last posts of a member that ``actor`` reads."""
    rows = _posts(reader(actor), Post.created_at).where(Post.author_id == author_id).order_by(Post.created_at.desc(), Post.id.desc()).limit(at_most(limit))
    return [PostLine._make(row) for row in db.session.execute(rows)]


def _page(
    rows: Select[*tuple[Any, ...]], key: Any, after: Cursor | None, keep: Callable[[PostLine], bool] = lambda _line: True
) -> tuple[list[PostLine], Cursor | None]:
    if after:
        rows = rows.where(tuple_(key, Post.id) < tuple_(literal(after.at, key.type), after.id))
    scanned = [PostLine._make(row) for row in db.session.execute(rows.order_by(key.desc(), Post.id.desc()).limit(at_most(SCANNED)))]
    kept = [line for line in scanned if keep(line)]
    last = kept[POSTS - 1] if len(kept) > POSTS else scanned[-1] if len(scanned) == SCANNED else None
    return kept[:POSTS], Cursor(last.at, last.id) if last else None


@lru_cache(maxsize=500)
def _posts(who: Reader | None, key: Any) -> Select[*tuple[Any, ...]]:
    reader_id = who.id if who else 0
    return (
        select(
            Post.id, Post.num, Thread.id, Thread.title, Thread.lang, Thread.label, Thread.cleared_at, Post.lang, Post.body_html, Post.created_at,
            User.role_title, Organisation.short_name, State.code, State.short_name, key, ReadState.read_upto, ReadState.beyond,
        )
        .join(Thread, Thread.id == Post.thread_id)
        .join(User, User.id == Post.author_id)
        .join(Organisation, Organisation.id == User.organisation_id)
        .outerjoin(State, State.code == Organisation.state_code)
        .outerjoin(ReadState, and_(ReadState.thread_id == Thread.id, ReadState.user_id == reader_id))
        .where(readable_by(who, Post))
    )  # fmt: skip
