"""Unread posts of a whole pillar without adding up its threads: counted where they change, by circle."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, case, delete, func, insert, literal, select

from hub.db import add_to, db, upsert
from hub.discussions.models import Label, PostCount, ReadCount, ReadState, Standing, Thread
from hub.pillars.models import Pillar
from hub.policy import Actor, Reader, readable_by, reader
from hub.prepared import Prepared

AT_ONCE = 1_000  # rows of one statement


class Circle(NamedTuple):
    """Threads that the same members read: a pillar, a label and, under AMBER+STRICT, whose they are (else 0)."""

    pillar_id: int
    label: str
    organisation_id: int


def circle_of(thread: Thread) -> Circle:
    return Circle(thread.pillar_id, thread.label, thread.organisation_id if thread.label == Label.STRICT else 0)


def posted(circle: Circle, posts: int) -> None:
    """So many posts more (or fewer) are shown. Locks go in one order: the thread, this count, then rows of readers."""
    add_to(PostCount.posts, posts, **circle._asdict())


def read(user_id: int, circle: Circle, posts: int) -> None:
    """A member has read so many more, or fewer."""
    if posts:
        add_to(ReadCount.posts, posts, user_id=user_id, **circle._asdict())


def read_by(user_ids: Sequence[int], circle: Circle, posts: int) -> None:
    """These members have read so many more, or fewer."""
    rows = [{"user_id": user_id, **circle._asdict(), "posts": posts} for user_id in sorted(user_ids)]
    for first in range(0, len(rows), AT_ONCE):
        _add_rows(upsert(ReadCount).values(rows[first : first + AT_ONCE]))


def leave(thread: Thread) -> None:
    """All of a thread is counted no more: its readers may be others now. The caller holds the thread."""
    _count_thread(thread, -1)


def enter(thread: Thread) -> None:
    """All of a thread is counted, as it now stands."""
    _count_thread(thread, 1)


def _count_thread(thread: Thread, sign: int) -> None:
    """One statement for all its readers."""
    db.session.flush()
    circle = circle_of(thread)
    posted(circle, sign * thread.shown_posts)
    readers = select(ReadState.user_id, *map(literal, circle), ReadState.read_shown * sign).where(ReadState.thread_id == thread.id, ReadState.read_shown != 0)
    _add_rows(upsert(ReadCount).from_select(["user_id", *Circle._fields, "posts"], readers.order_by(ReadState.user_id)))


def _add_rows(rows: Any) -> None:
    added = rows.on_conflict_do_update(index_elements=["user_id", *Circle._fields], set_={"posts": ReadCount.posts + rows.excluded.posts})
    db.session.execute(added.execution_options(synchronize_session=False))


def unread_by_pillar(actor: Actor) -> dict[int, int]:
    """How many shown posts ``actor`` has not read, by pillar id. One statement over a handful of rows."""
    return dict(_unread(reader(actor)).rows())


@lru_cache(maxsize=500)
def _unread(who: Reader | None) -> Prepared:
    same = [getattr(ReadCount, name) == getattr(PostCount, name) for name in Circle._fields]
    return Prepared(
        select(Pillar.id, func.coalesce(func.sum(PostCount.posts - func.coalesce(ReadCount.posts, 0)), 0))
        .outerjoin(PostCount, and_(PostCount.pillar_id == Pillar.id, readable_by(who, PostCount)))
        .outerjoin(ReadCount, and_(ReadCount.user_id == (who.id if who else 0), *same))
        .group_by(Pillar.id)
    )


def recount_reader(user_id: int, pillar_id: int) -> None:
    """Add up anew what one member has read in one pillar."""
    db.session.execute(delete(ReadCount).where(ReadCount.user_id == user_id, ReadCount.pillar_id == pillar_id))
    read = _read_anew().where(ReadState.user_id == user_id, Thread.pillar_id == pillar_id)
    db.session.execute(insert(ReadCount).from_select(["user_id", *Circle._fields, "posts"], read))


def recount() -> None:
    """Count everything anew: after rows were added or removed by other ways than the actions."""
    names = [*Circle._fields, "posts"]
    db.session.execute(delete(PostCount))
    db.session.execute(delete(ReadCount))
    posts = select(*_CIRCLE, func.sum(Thread.shown_posts)).where(Thread.standing == Standing.SHOWN).group_by(*_CIRCLE)
    db.session.execute(insert(PostCount).from_select(names, posts))
    db.session.execute(insert(ReadCount).from_select(["user_id", *names], _read_anew()))


_CIRCLE = (Thread.pillar_id, Thread.label, case((Thread.label == Label.STRICT, Thread.organisation_id), else_=0))


def _read_anew() -> Select[*tuple[Any, ...]]:
    read = select(ReadState.user_id, *_CIRCLE, func.sum(ReadState.read_shown)).join(Thread, Thread.id == ReadState.thread_id)
    return read.where(Thread.standing == Standing.SHOWN).group_by(ReadState.user_id, *_CIRCLE)
