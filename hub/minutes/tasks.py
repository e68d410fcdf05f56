"""What agreed minutes leave to do: on the list of who does it, reminded three days before and when it is overdue, ticked off with a line."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from hub import policy
from hub.accounts.models import User
from hub.db import UserText, db, end_reading, lock_row, now, unit_of_work
from hub.minutes import queries
from hub.minutes.models import Minutes, MinutesRevision, Section, Task
from hub.rooms import queries as rooms
from hub.rooms.models import Delegation, RoomState
from hub.rooms.queries import Seat
from hub.rooms.telling import tell

BEFORE, AT_ONCE = timedelta(days=3), 50


class Done(Exception):
    """It is ticked off already."""


def begin(minutes: Minutes, revision: MinutesRevision) -> None:
    """Each action with a day becomes somebody's task."""
    actions = [line for line in revision.lines if line.section == Section.ACTIONS]
    sides = {side.id: side for side in rooms.delegations_of(minutes.room_id)}
    for num, line in enumerate(actions, 1):
        if line.side_id is not None and line.due_on is not None:
            task = Task(minutes_id=minutes.id, line_id=line.id, num=num, side_id=line.side_id, owner_id=line.owner_id, due_on=line.due_on)
            task.remind_at = _morning(task, sides[line.side_id]) - BEFORE
            db.session.add(task)
    db.session.flush()


def _morning(task: Task, side: Delegation) -> datetime:
    """Eight o'clock on the day it is due, where its delegation is at home."""
    zone = ZoneInfo(side.organisation.state.zone if side.organisation.state else "UTC")
    return datetime.combine(task.due_on, time(8), zone).astimezone(UTC)


def tick(actor: User, seat: Seat, task: Task, words: UserText) -> None:
    """Say in a line that it is done; the heads of all delegations are told. Raises ``Done`` or ``Forbidden``."""
    lock_row(task)
    if task.done_at is not None:
        raise Done
    policy.require(actor, "task.tick", (task, seat.member, queries.owner_of(task, queries.speaking_in(seat.room.id))))
    task.done_at, task.done_by_id, task.done_by, task.done_words, task.remind_at = now(), actor.id, actor.role_title, words, None
    heads = {one.user_id for one in rooms.delegates_of(seat.room.id) if one.role == "head"}
    tell(seat.room, heads - {actor.id}, "task_done")


def look() -> int:
    """Remind of what is due in three days, and again once it is overdue; returns how many tasks were looked at."""
    due = list(db.session.execute(select(Task.id).where(Task.remind_at <= now(), Task.done_at.is_(None)).order_by(Task.id).limit(AT_ONCE)).scalars())
    end_reading()
    for task_id in due:
        with unit_of_work():
            _remind(db.session.get_one(Task, task_id))
    return len(due)


def _remind(task: Task) -> None:
    lock_row(task)
    if task.remind_at is None or task.remind_at > now() or task.done_at is not None:  # another process was quicker
        return
    overdue_at = _morning(task, task.side) + timedelta(days=1)
    overdue = now() >= overdue_at
    task.remind_at = None if overdue else overdue_at
    room = task.minutes.room
    if room.state in RoomState.READ:
        tell(room, _who(task), "task_overdue" if overdue else "task_due")


def _who(task: Task) -> set[int]:
    """Who is named, while they are a delegate; else all delegates of the side."""
    speaking = queries.speaking_in(task.minutes.room_id)
    owner_id = queries.owner_of(task, speaking)
    return {owner_id} if owner_id else {user_id for side_id, user_id in speaking if side_id == task.side_id}
