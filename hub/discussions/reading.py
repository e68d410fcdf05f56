"""What a member has read of a thread: exact in every order of reading, small for any length."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update

from hub.accounts.models import User
from hub.db import db, insert_or_leave
from hub.discussions.models import Post, ReadState, Standing, Thread


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

    def stored(self) -> tuple[int, bytes]:
        return self.upto, self.beyond.to_bytes((self.beyond.bit_length() + 7) // 8, "little")


def read_set(state: ReadState | None) -> ReadSet:
    return ReadSet() if state is None else ReadSet(state.read_upto, int.from_bytes(state.beyond, "little"))


def state_of(user: User, thread_id: int) -> ReadState | None:
    return db.session.get(ReadState, (user.id, thread_id))


def note_page(user_id: int, thread_id: int, before: ReadSet | None, nums: Sequence[int]) -> None:
    """Note that a page showed ``nums``, none of them in ``before``: what was stored when it was rendered, ``None`` without a row.

    One statement (two on PostgreSQL), unless another tab was quicker.
    """
    _hold_standing(thread_id)
    upto, beyond = (before or ReadSet()).with_read(nums).stored()
    count = select(func.count()).where(Post.thread_id == thread_id, Post.num.in_(nums), Post.standing == Standing.SHOWN).scalar_subquery()
    if before is None:
        done = insert_or_leave(ReadState, user_id=user_id, thread_id=thread_id, read_upto=upto, beyond=beyond, read_shown=count)
    else:
        was_upto, was_beyond = before.stored()
        same = (ReadState.user_id == user_id, ReadState.thread_id == thread_id, ReadState.read_upto == was_upto, ReadState.beyond == was_beyond)
        values = {"read_upto": upto, "beyond": beyond, "read_shown": ReadState.read_shown + count}
        done = db.session.scalar(update(ReadState).where(*same).values(values).returning(ReadState.user_id)) is not None
    if not done:
        mark_read(user_id, thread_id, nums)


def mark_read(user_id: int, thread_id: int, nums: Sequence[int]) -> None:
    """Note that a member has read posts of these numbers; removed ones do not count."""
    _hold_standing(thread_id)
    state = _own_row(user_id, thread_id)
    known = read_set(state)
    shown = db.session.scalars(select(Post.num).where(Post.thread_id == thread_id, Post.num.in_(nums), Post.standing == Standing.SHOWN))
    state.read_shown += sum(1 for num in shown if num not in known)
    state.read_upto, state.beyond = known.with_read(nums).stored()


def mark_thread_read(user: User, thread: Thread) -> None:
    _hold_standing(thread.id)
    db.session.refresh(thread)
    state = _own_row(user.id, thread.id)
    state.read_upto, state.beyond, state.read_shown = thread.last_num, b"", thread.shown_posts


def mark_unread_from(user: User, thread: Thread, first: int) -> None:
    """Everything from post ``first`` on is unread again, but for one's own posts."""
    _hold_standing(thread.id)
    state = _own_row(user.id, thread.id)
    shown = db.session.execute(select(Post.num, Post.author_id).where(Post.thread_id == thread.id, Post.standing == Standing.SHOWN)).all()
    kept = read_set(state).without(first).with_read(num for num, author_id in shown if author_id == user.id)
    state.read_shown = sum(1 for num, _author_id in shown if num in kept)
    state.read_upto, state.beyond = kept.stored()


def forget_post(thread_id: int, num: int) -> None:
    """A post was removed: it counts for nobody, also for those who had read it. The caller holds the thread."""
    rows = (ReadState.thread_id == thread_id,)
    db.session.execute(update(ReadState).where(*rows, ReadState.read_upto >= num).values(read_shown=ReadState.read_shown - 1))
    for state in db.session.scalars(select(ReadState).where(*rows, ReadState.read_upto < num)):
        if num in read_set(state):
            state.read_shown -= 1


def first_unread(user: User, thread: Thread, in_tree: bool) -> int | None:
    """The number of the first post, in this order, that ``user`` has not read; ``None`` when all is read."""
    known = read_set(state_of(user, thread.id))
    key = Post.path if in_tree else Post.num
    later = select(Post.num).where(Post.thread_id == thread.id, Post.num > known.upto, Post.standing == Standing.SHOWN).order_by(key)
    return next((num for num in db.session.scalars(later) if num not in known), None)


def _hold_standing(thread_id: int) -> None:
    """Until this unit of work ends no post of the thread is removed, so that what is counted stays true."""
    if db.engine.dialect.name == "postgresql":  # SQLite has one writer anyway
        db.session.execute(select(Thread.id).where(Thread.id == thread_id).with_for_update(read=True))


def _own_row(user_id: int, thread_id: int) -> ReadState:
    """The member's row for a thread, locked; made when there is none."""
    insert_or_leave(ReadState, user_id=user_id, thread_id=thread_id, read_upto=0, beyond=b"", read_shown=0)
    rows = select(ReadState).where(ReadState.user_id == user_id, ReadState.thread_id == thread_id)
    return db.session.scalars(rows.with_for_update().execution_options(populate_existing=True)).one()
