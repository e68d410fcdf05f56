"""Lists of threads: a fixed number of statements, whatever the data, each built once for every kind of reader."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, literal, not_, or_, select, tuple_, union_all
from sqlalchemy.orm import aliased

from hub.accounts.models import Organisation, State, User
from hub.db import UserText, at_most, db
from hub.discussions.cursors import Cursor, cursor
from hub.discussions.models import Label, ReadState, Thread, ThreadFacts, ThreadKind, ThreadTag
from hub.pillars.models import Pillar, Tag
from hub.policy import Actor, Reader, readable_by, reader
from hub.prepared import Prepared

THREADS = 25
PINNED = 10


class _Columns(NamedTuple):
    id: int
    title: UserText
    kind: str
    label: str
    cleared_at: datetime | None
    lang: str
    shown_posts: int
    created_at: datetime
    last_post_at: datetime
    locked_at: datetime | None
    pinned_at: datetime | None
    answered_num: int | None
    states: str
    pillar_id: int
    state_code: str | None
    state_name: str | None
    organisation: UserText
    read_shown: int | None


class ThreadLine(_Columns, ThreadFacts):
    """A thread as a list shows it, with what its reader has read of it."""

    __slots__ = ()

    @property
    def unread(self) -> int:
        return self.shown_posts - (self.read_shown or 0)


@lru_cache(maxsize=500)
def _listed(who: Reader | None) -> Select[*tuple[Any, ...]]:
    return _lines_of(Thread, who).where(readable_by(who, Thread))


def _picked(who: Reader | None, picks: list[Select[Thread]]) -> Prepared:
    """The lines of threads that these statements pick, each of which asks what ``who`` reads; the last answered first."""
    thread = aliased(Thread, union_all(*(select(pick.subquery()) for pick in picks)).subquery())
    return Prepared(_lines_of(thread, who).order_by(thread.last_post_at.desc(), thread.id.desc()))


def _lines_of(thread: Any, who: Reader | None) -> Select[*tuple[Any, ...]]:
    return (
        select(
            thread.id, thread.title, thread.kind, thread.label, thread.cleared_at, thread.lang, thread.shown_posts, thread.created_at, thread.last_post_at,
            thread.locked_at, thread.pinned_at, thread.answered_num, thread.states, thread.pillar_id, State.code, State.short_name, Organisation.short_name,
            ReadState.read_shown,
        )
        .select_from(thread)
        .join(User, User.id == thread.author_id)
        .join(Organisation, Organisation.id == User.organisation_id)
        .outerjoin(State, State.code == Organisation.state_code)
        .outerjoin(ReadState, and_(ReadState.thread_id == thread.id, ReadState.user_id == (who.id if who else 0)))
    )  # fmt: skip


def _lines(rows: Select[*tuple[Any, ...]], **values: Any) -> list[ThreadLine]:
    return [ThreadLine._make(row) for row in db.session.execute(rows, values)]


def _fast_lines(rows: Prepared, **values: Any) -> list[ThreadLine]:
    return [ThreadLine._make(row) for row in rows.rows(**values)]


# --- a pillar ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Filters:
    """What a list of threads is narrowed to; empty values narrow nothing."""

    kind: str = ""
    tag: str = ""
    label: str = ""
    lang: str = ""
    answered: str = ""
    mine: bool = False
    unread: bool = False

    @property
    def any(self) -> bool:
        return self != Filters()

    def conditions(self, actor: Actor) -> list[ColumnElement[bool]]:
        pending = and_(Thread.label == Label.CLEAR, Thread.cleared_at.is_(None))  # reads as TLP:GREEN
        by_label = or_(Thread.label == self.label, pending) if self.label == Label.GREEN else and_(Thread.label == self.label, not_(pending))
        answered = Thread.answered_num.is_not(None) if self.answered == "yes" else and_(Thread.answered_num.is_(None), Thread.kind == ThreadKind.QUESTION)
        wanted = (
            (self.kind, Thread.kind == self.kind),
            (self.tag, exists().where(ThreadTag.thread_id == Thread.id, ThreadTag.tag_id == Tag.id, Tag.slug == self.tag)),
            (self.label, by_label),
            (self.lang, Thread.lang == self.lang),
            (self.answered, answered),
            (self.unread, Thread.shown_posts > func.coalesce(ReadState.read_shown, 0)),
            (self.mine, Thread.author_id == (actor.id if actor else 0)),
        )
        return [condition for given, condition in wanted if given]


class ThreadPage(NamedTuple):
    """A page of threads, the last answered first; those kept at the top, on the first page; and the cursor of the next ('' at the end)."""

    pinned: list[ThreadLine]
    latest: list[ThreadLine]
    older: str


def latest_threads(actor: Actor, pillar_id: int, before: str = "", filters: Filters = Filters()) -> ThreadPage:
    """One statement. A narrowed list holds what is kept at the top in its turn."""
    edge, who = cursor(before), reader(actor)
    if edge is None and not filters.any:
        found = _fast_lines(_first(who), pillar=pillar_id)
    else:
        rows = _latest(who, filters.any)
        if filters.any:
            rows = rows.where(*filters.conditions(actor))
        if edge:
            rows = rows.where(tuple_(Thread.last_post_at, Thread.id) < tuple_(literal(edge.at, Thread.last_post_at.type), edge.id))
        found = _lines(rows, pillar=pillar_id)
    pinned = [] if edge or filters.any else sorted((thread for thread in found if thread.pinned_at), key=_kept_since)
    latest = [thread for thread in found if thread not in pinned] if pinned else found
    page = latest[:THREADS]
    return ThreadPage(pinned, page, str(Cursor(page[-1].last_post_at, page[-1].id)) if len(latest) > THREADS else "")


def _kept_since(thread: ThreadLine) -> tuple[datetime | None, int]:
    return thread.pinned_at, thread.id


@lru_cache(maxsize=500)
def _latest(who: Reader | None, with_pinned: bool) -> Select[*tuple[Any, ...]]:
    rows = _listed(who).where(Thread.pillar_id == bindparam("pillar"))
    if not with_pinned:
        rows = rows.where(Thread.pinned_at.is_(None))
    return rows.order_by(Thread.last_post_at.desc(), Thread.id.desc()).limit(at_most(THREADS + 1))


@lru_cache(maxsize=500)
def _first(who: Reader | None) -> Prepared:
    """The first page of a pillar, with what is kept at its top."""
    open_here = select(Thread).where(Thread.pillar_id == bindparam("pillar"), readable_by(who, Thread))
    kept = open_here.where(Thread.pinned_at.is_not(None)).order_by(Thread.pinned_at, Thread.id).limit(at_most(PINNED))
    latest = open_here.where(Thread.pinned_at.is_(None)).order_by(Thread.last_post_at.desc(), Thread.id.desc()).limit(at_most(THREADS + 1))
    return _picked(who, [kept, latest])


# --- across pillars -----------------------------------------------------------------------------


def front_threads(actor: Actor, pillars: list[Pillar], each: int = 3) -> dict[int, list[ThreadLine]]:
    """The threads last answered in every pillar, by pillar id, in one statement for any number of threads."""
    found = _fast_lines(_front(reader(actor), tuple(pillar.id for pillar in pillars), each)) if pillars else []
    return {pillar.id: [thread for thread in found if thread.pillar_id == pillar.id] for pillar in pillars}


@lru_cache(maxsize=500)
def _front(who: Reader | None, pillar_ids: tuple[int, ...], each: int) -> Prepared:
    return _picked(who, [
        select(Thread).where(Thread.pillar_id == pillar_id, Thread.pinned_at.is_(None), readable_by(who, Thread))
        .order_by(Thread.last_post_at.desc(), Thread.id.desc()).limit(at_most(each))
        for pillar_id in pillar_ids
    ])  # fmt: skip


def open_questions(actor: Actor, organisation_id: int) -> list[ThreadLine]:
    """Questions of an organisation that nobody answered yet, as far as ``actor`` reads them, the last asked first."""
    asked = (Thread.organisation_id == organisation_id, Thread.kind == ThreadKind.QUESTION, Thread.answered_num.is_(None), Thread.locked_at.is_(None))
    return _lines(_listed(reader(actor)).where(*asked).order_by(Thread.id.desc()).limit(at_most(10)))


def public_threads() -> list[ThreadLine]:
    rows = _listed(None).order_by(Thread.pinned_at.is_(None), Thread.pillar_id, Thread.last_post_at.desc())
    return _lines(rows.limit(at_most(12)))
