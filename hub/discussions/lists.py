"""Lists of threads: a fixed number of statements, whatever the data."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, literal, not_, or_, select, tuple_, union_all
from sqlalchemy.orm import contains_eager, joinedload

from hub import policy
from hub.db import db
from hub.discussions.models import Label, ReadState, Thread, ThreadTag
from hub.pillars.models import Pillar, Tag
from hub.policy import Actor

THREADS = 25


def pinned_threads(actor: Actor, pillar: Pillar) -> list[Thread]:
    rows = _listed(actor).where(Thread.pillar_id == pillar.id, Thread.pinned_at.is_not(None))
    return _threads(rows.order_by(Thread.pinned_at, Thread.id).limit(10))


@dataclass(frozen=True)
class Filters:
    """What a list of threads is narrowed to; empty values narrow nothing."""

    kind: str = ""
    tag: str = ""
    label: str = ""
    lang: str = ""
    mine: bool = False
    unread: bool = False

    @property
    def any(self) -> bool:
        return self != Filters()

    def conditions(self, actor: Actor) -> list[ColumnElement[bool]]:
        pending = and_(Thread.label == Label.CLEAR, Thread.cleared_at.is_(None))  # reads as TLP:GREEN
        by_label = or_(Thread.label == self.label, pending) if self.label == Label.GREEN else and_(Thread.label == self.label, not_(pending))
        wanted = (
            (self.kind, Thread.kind == self.kind),
            (self.tag, exists().where(ThreadTag.thread_id == Thread.id, ThreadTag.tag_id == Tag.id, Tag.slug == self.tag)),
            (self.label, by_label),
            (self.lang, Thread.lang == self.lang),
            (self.unread, Thread.shown_posts > func.coalesce(ReadState.read_shown, 0)),
            (self.mine, Thread.author_id == (actor.id if actor else 0)),
        )
        return [condition for given, condition in wanted if given]


def latest_threads(actor: Actor, pillar: Pillar, before: str = "", filters: Filters = Filters()) -> tuple[list[Thread], str]:
    """A page of threads, the last answered first, and the cursor of the next page ('' at the end).

    Pinned threads are left out, for they stand above; a narrowed list holds them in their turn.
    """
    rows = _listed(actor).where(Thread.pillar_id == pillar.id, *filters.conditions(actor))
    if not filters.any:
        rows = rows.where(Thread.pinned_at.is_(None))
    moment = _moment(before)
    if moment:
        rows = rows.where(tuple_(Thread.last_post_at, Thread.id) < tuple_(literal(moment[0], Thread.last_post_at.type), moment[1]))
    page = _threads(rows.order_by(Thread.last_post_at.desc(), Thread.id.desc()).limit(THREADS + 1))
    more = len(page) > THREADS
    page = page[:THREADS]
    return page, _cursor(page[-1]) if more else ""


def front_threads(actor: Actor, pillars: list[Pillar], each: int = 3) -> dict[int, list[Thread]]:
    """The threads last answered in every pillar, by pillar id, in one statement for any number of threads."""
    picks = [
        select(Thread.id).where(Thread.pillar_id == pillar.id, Thread.pinned_at.is_(None), policy.readable(actor, Thread))
        .order_by(Thread.last_post_at.desc(), Thread.id.desc()).limit(each).subquery()
        for pillar in pillars
    ]  # fmt: skip
    wanted = union_all(*(select(pick.c.id) for pick in picks)) if picks else select(Thread.id).where(false())
    rows = _listed(actor).where(Thread.id.in_(wanted)).order_by(Thread.last_post_at.desc(), Thread.id.desc())
    found_threads = _threads(rows)
    return {pillar.id: [thread for thread in found_threads if thread.pillar_id == pillar.id] for pillar in pillars}


def public_threads() -> list[Thread]:
    rows = _listed(None).order_by(Thread.pinned_at.is_(None), Thread.pillar_id, Thread.last_post_at.desc())
    return _threads(rows.limit(12))


def threads_asking_to_be_public(actor: Actor) -> list[Thread]:
    """What waits for a moderator: TLP:CLEAR threads of others with posts that are not agreed yet."""
    rows = _listed(actor).where(Thread.label == Label.CLEAR, Thread.cleared_upto < Thread.last_num, Thread.author_id != (actor.id if actor else 0))
    return _threads(rows.order_by(Thread.created_at).limit(10))


def _threads(rows: Select[Thread, int | None]) -> list[Thread]:
    """The threads of a list, each with the number of posts its reader has not read."""
    found = []
    for thread, read_shown in db.session.execute(rows):
        thread.unread = thread.shown_posts - (read_shown or 0)
        found.append(thread)
    return found


def _listed(actor: Actor) -> Select[Thread, int | None]:
    reader = actor.id if actor else 0
    return (
        select(Thread, ReadState.read_shown)
        .join(Thread.author)
        .outerjoin(ReadState, and_(ReadState.thread_id == Thread.id, ReadState.user_id == reader))
        .where(policy.readable(actor, Thread))
        .options(contains_eager(Thread.author), joinedload(Thread.pillar))
    )


def _cursor(thread: Thread) -> str:
    micros = int(thread.last_post_at.timestamp()) * 1_000_000 + thread.last_post_at.microsecond
    return f"{micros}-{thread.id}"


def _moment(cursor: str) -> tuple[datetime, int] | None:
    micros, _dash, thread_id = cursor.partition("-")
    if not (micros.isdecimal() and thread_id.isdecimal() and len(micros) < 18 and len(thread_id) < 18):
        return None
    seconds, rest = divmod(int(micros), 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest), int(thread_id)
