"""What a member has read of a thread: exact in every order of reading, small for any length."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select, update

from hub.accounts.models import User
from hub.db import add_to, db, insert_or_leave, now, upsert, write
from hub.discussions import counts
from hub.discussions.counts import Circle
from hub.discussions.models import Post, PublicView, ReadState, Shown, Standing, Thread


@dataclass(frozen=True)
class ReadSet:
    """Numbers that were read: all up to ``upto``, and bit ``i`` of ``beyond`` for number ``upto + 1 + i``."""

    upto: int = 0
    beyond: int = 0

    def __contains__(self, num: int) -> bool:
        return num <= self.upto or bool(self.beyond >> (num - self.upto - 1) & 1)

    def with_read(self, nums: Iterable[int]) -> "ReadSet":
        beyond = self.beyond
        for num in nums:
            if num > self.upto:
                beyond |= 1 << (num - self.upto - 1)
        run = ((beyond + 1) & ~beyond).bit_length() - 1  # ones at the low end: they follow ``upto`` without a gap
        return ReadSet(self.upto + run, beyond >> run)

    def without(self, first: int) -> "ReadSet":
        """The same, with ``first`` and everything after it unread."""
        if first <= self.upto:
            return ReadSet(first - 1)
        return ReadSet(self.upto, self.beyond & ((1 << (first - self.upto - 1)) - 1))

    def leaving(self, nums: Iterable[int]) -> "ReadSet":
        """The same, with just these unread."""
        mask = (1 << self.upto) - 1 | self.beyond << self.upto
        for num in nums:
            mask &= ~(1 << (num - 1))
        return ReadSet(0, mask).with_read(())

    def stored(self) -> tuple[int, bytes]:
        return self.upto, self.beyond.to_bytes((self.beyond.bit_length() + 7) // 8, "little")


def read_set(state: ReadState | None) -> ReadSet:
    return ReadSet() if state is None else read_from(state.read_upto, state.beyond)


def read_from(upto: int, beyond: bytes) -> ReadSet:
    return ReadSet(upto, int.from_bytes(beyond, "little"))


def state_of(user: User, thread_id: int) -> ReadState | None:
    return db.session.get(ReadState, (user.id, thread_id))


# --- noting ------------------------------------------------------------------------------------------


class Known(NamedTuple):
    """What was stored of a member's reading when a page was rendered."""

    nums: ReadSet
    shown: int


def known_of(state: ReadState | None) -> Known | None:
    return None if state is None else Known(read_set(state), state.read_shown)


def note_page(user_id: int, circle: Circle, thread_id: int, before: Known | None, nums: Sequence[int], held: bool = False) -> None:
    """Note that a page showed ``nums``, none of them in ``before``: what was stored when it was rendered, ``None`` without a row.

    Three statements, one less when the caller holds the thread (``held``); more when another tab was quicker.
    """
    if not held and not _hold_standing(thread_id):
        return
    upto, beyond = (before.nums if before else ReadSet()).with_read(nums).stored()
    noted = {"reader": user_id, "thread": thread_id, "nums": list(nums), "upto": upto, "beyond": beyond}
    if before is None:
        shown = write(_first_noted(db.engine.dialect.name), noted).scalar()
    else:
        was_upto, was_beyond = before.nums.stored()
        shown = write(_NOTED, noted | {"was_upto": was_upto, "was_beyond": was_beyond, "was_shown": before.shown}).scalar()
    if shown is None:
        mark_read(user_id, circle, thread_id, nums)
    else:
        counts.read(user_id, circle, shown - (before.shown if before else 0))


_COUNT = (
    select(func.count())
    .where(Post.thread_id == bindparam("thread"), Post.num.in_(bindparam("nums", expanding=True)), Post.standing == Standing.SHOWN)
    .scalar_subquery()
)
_NOTED = (
    update(ReadState)
    .where(ReadState.user_id == bindparam("reader"), ReadState.thread_id == bindparam("thread"), ReadState.read_upto == bindparam("was_upto"))
    .where(ReadState.beyond == bindparam("was_beyond"), ReadState.read_shown == bindparam("was_shown"))
    .values(read_upto=bindparam("upto"), beyond=bindparam("beyond"), read_shown=ReadState.read_shown + _COUNT)
    .returning(ReadState.read_shown)
)


@cache
def _first_noted(_dialect: str) -> Any:
    row: dict[str, Any] = {"user_id": bindparam("reader"), "thread_id": bindparam("thread"), "read_upto": bindparam("upto"), "beyond": bindparam("beyond")}
    return upsert(ReadState).values(row | {"read_shown": _COUNT}).on_conflict_do_nothing().returning(ReadState.read_shown)


def mark_read(user_id: int, circle: Circle, thread_id: int, nums: Sequence[int]) -> None:
    """Note that a member has read posts of these numbers; removed ones do not count."""
    if not _hold_standing(thread_id):
        return
    state = _own_row(user_id, thread_id)
    known, before = read_set(state), state.read_shown
    shown = db.session.scalars(select(Post.num).where(Post.thread_id == thread_id, Post.num.in_(nums), Post.standing == Standing.SHOWN))
    state.read_shown += sum(1 for num in shown if num not in known)
    state.read_upto, state.beyond = known.with_read(nums).stored()
    counts.read(user_id, circle, state.read_shown - before)


def mark_thread_read(user: User, thread: Thread, upto: int) -> None:
    """Everything up to post ``upto``, the last when the page was made, counts as read; what came since does not."""
    if not _hold_standing(thread.id):
        return
    db.session.refresh(thread)
    state = _own_row(user.id, thread.id)
    _store(user, thread, state, read_set(state).with_read(range(1, min(upto, thread.last_num) + 1)))


def mark_unread_from(user: User, thread: Thread, first: int) -> None:
    """Everything from post ``first`` on is unread again, but for one's own posts."""
    if not _hold_standing(thread.id):
        return
    state = _own_row(user.id, thread.id)
    own = db.session.scalars(select(Post.num).where(Post.thread_id == thread.id, Post.author_id == user.id))
    _store(user, thread, state, read_set(state).without(first).with_read(own))


def _store(user: User, thread: Thread, state: ReadState, nums: ReadSet) -> None:
    """Keep a set of read numbers, with how many shown posts are among them."""
    shown = db.session.scalars(select(Post.num).where(Post.thread_id == thread.id, Post.standing == Standing.SHOWN))
    read = sum(1 for num in shown if num in nums)
    counts.read(user.id, counts.circle_of(thread), read - state.read_shown)
    state.read_shown = read
    state.read_upto, state.beyond = nums.stored()


def count_post(thread: Thread, num: int, step: int) -> None:
    """A post is shown no more (``step`` -1), or again (1), also to those who had read it. The caller holds the thread."""
    had_read = update(ReadState).where(ReadState.thread_id == thread.id, ReadState.read_upto >= num).values(read_shown=ReadState.read_shown + step)
    readers = list(db.session.scalars(had_read.returning(ReadState.user_id).execution_options(synchronize_session=False)))
    for state in db.session.scalars(select(ReadState).where(ReadState.thread_id == thread.id, ReadState.read_upto < num)):
        if num in read_set(state):
            state.read_shown += step
            readers.append(state.user_id)
    if thread.standing == Standing.SHOWN:
        counts.posted(counts.circle_of(thread), step)
        counts.read_by(readers, counts.circle_of(thread), step)


def not_noted(user_id: int, post_ids: Collection[int]) -> list[int]:
    """Those of these posts of which it is not noted that a member was shown them."""
    noted = set(db.session.scalars(select(Shown.post_id).where(Shown.user_id == user_id, Shown.post_id.in_(post_ids))))
    return [post_id for post_id in post_ids if post_id not in noted]


def note_shown(user_id: int, post_ids: Sequence[int]) -> None:
    """Note who was shown which posts, once each."""
    at = now()
    write(_first_shown(db.engine.dialect.name), [{"user_id": user_id, "post_id": post_id, "first_at": at} for post_id in post_ids])


@cache
def _first_shown(_dialect: str) -> Any:
    return upsert(Shown).on_conflict_do_nothing()


def note_public_view(thread_id: int) -> None:
    """A page of a public thread was served to somebody who is not signed in: a count, no more."""
    add_to(PublicView.views, 1, thread_id=thread_id, day=now().date().isoformat())


# --- finding -----------------------------------------------------------------------------------------


def first_unread(user: User, thread: Thread, in_tree: bool) -> int | None:
    """The number of the first post, in this order, that ``user`` has not read; ``None`` when all is read."""
    known = read_set(state_of(user, thread.id))
    key = Post.path if in_tree else Post.num
    later = select(Post.num).where(Post.thread_id == thread.id, Post.num > known.upto, Post.standing == Standing.SHOWN).order_by(key)
    with closing(db.session.scalars(later.execution_options(yield_per=100))) as nums:
        return next((num for num in nums if num not in known), None)


def _hold_standing(thread_id: int) -> bool:
    """Until this unit of work ends no post of the thread is removed, so that what is counted stays true.

    ``False`` when the thread itself is not there to be read any more: then nothing is noted.
    """
    rows = select(Thread.standing).where(Thread.id == thread_id)
    return bool(db.session.scalar(rows.with_for_update(read=True)) == Standing.SHOWN)  # SQLite, which has one writer, ignores the lock


def _own_row(user_id: int, thread_id: int) -> ReadState:
    """The member's row for a thread, locked; made when there is none."""
    insert_or_leave(ReadState, ReadState.user_id, user_id=user_id, thread_id=thread_id, read_upto=0, beyond=b"", read_shown=0)
    rows = select(ReadState).where(ReadState.user_id == user_id, ReadState.thread_id == thread_id)
    return db.session.scalars(rows.with_for_update().execution_options(populate_existing=True)).one()
