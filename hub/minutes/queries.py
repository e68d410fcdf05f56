"""Loading minutes, their versions and signatures, and what they leave to do; what may not be read is 404."""

from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import lazyload

from hub import policy, text
from hub.accounts.models import User
from hub.accounts.queries import found
from hub.db import UserText, at_most, db
from hub.minutes.content import content_of, hash_of, plain
from hub.minutes.models import Minutes, MinutesLine, MinutesRevision, MinutesSignature, Task
from hub.policy import Reader
from hub.rooms import disclosing
from hub.rooms import queries as rooms
from hub.rooms.models import DelegateRole, Delegation, Room, RoomState
from hub.rooms.queries import Seat
from hub.rooms.records import Disclosure

LISTED, LONGEST_LINE = 50, 600


def minutes_of(actor: User, room: Room) -> list[Minutes]:
    """Of a room that the actor reads, the newest first."""
    rows = select(Minutes).where(Minutes.room_id == room.id, policy.readable(actor, Minutes))
    return list(db.session.scalars(rows.order_by(Minutes.num.desc()).limit(at_most(LISTED))))


def open_minutes(room_id: int) -> Minutes | None:
    """Those that are being written."""
    return db.session.scalar(select(Minutes).where(Minutes.room_id == room_id, Minutes.agreed_at.is_(None)))


def last_minutes(room_id: int) -> Minutes | None:
    return db.session.scalars(select(Minutes).where(Minutes.room_id == room_id).order_by(Minutes.num.desc()).limit(1)).first()


def get_minutes(actor: User, seat: Seat, num: int) -> Minutes:
    return found(db.session.scalar(select(Minutes).where(Minutes.room_id == seat.room.id, Minutes.num == num, policy.readable(actor, Minutes))))


def get_version(actor: User, minutes: Minutes, num: int) -> MinutesRevision:
    rows = select(MinutesRevision).where(MinutesRevision.minutes_id == minutes.id, MinutesRevision.num == num, policy.readable(actor, MinutesRevision))
    return found(db.session.scalar(rows))


def versions_of(actor: User, minutes: Minutes) -> list[MinutesRevision]:
    """The newest first, without their lines."""
    rows = select(MinutesRevision).where(MinutesRevision.minutes_id == minutes.id, policy.readable(actor, MinutesRevision))
    rows = rows.options(lazyload(MinutesRevision.lines))
    return list(db.session.scalars(rows.order_by(MinutesRevision.num.desc()).limit(at_most(LISTED))))


def named_in(actor: User, minutes: Minutes) -> set[tuple[int | None, int]]:
    """Who has an action in any version, as pairs of delegation and user."""
    rows = select(MinutesLine.side_id, MinutesLine.owner_id).join(MinutesRevision, MinutesRevision.id == MinutesLine.revision_id).distinct()
    named = rows.where(MinutesRevision.minutes_id == minutes.id, MinutesLine.owner_id.is_not(None), policy.readable(actor, MinutesRevision))
    return {(side_id, owner_id) for side_id, owner_id in db.session.execute(named) if owner_id}


def newest_version(minutes: Minutes) -> MinutesRevision:
    """The one that counts; the room is locked, or the minutes were read by ``get_minutes``."""
    return db.session.scalars(select(MinutesRevision).where(MinutesRevision.minutes_id == minutes.id, MinutesRevision.num == minutes.version)).one()


def hash_now(minutes: Minutes, revision: MinutesRevision, sides: list[Delegation]) -> str:
    """What a head signs just now: this version under the terms in force."""
    terms = rooms.terms_of(minutes.room, minutes.terms_num)
    return hash_of(minutes.room.public_id, minutes.num, revision.num, terms.hash, plain(content_of(revision, sides), sides))


def signatures_to(minutes: Minutes, hash_signed: str) -> dict[int, MinutesSignature]:
    """Those that count, by delegation: over this hash and, until all have signed, by who is head of the delegation now and can act."""
    rows = db.session.scalars(select(MinutesSignature).where(MinutesSignature.minutes_id == minutes.id, MinutesSignature.hash == hash_signed))
    if minutes.agreed_at is not None:
        return {row.side_id: row for row in rows}
    heads = heads_of(minutes.room_id)
    return {row.side_id: row for row in rows if heads.get(row.side_id) == row.by_id}


def heads_of(room_id: int) -> dict[int, int]:
    """Who is head and can act, by delegation."""
    there = [one for one in rooms.delegates_of(room_id) if one.role == DelegateRole.HEAD and rooms.speaks_for_side(one)]
    return {one.delegation_id: one.user_id for one in there}


def hidden_lines(minutes: Minutes) -> set[UserText]:
    """Lines of a draft that say what a moderator has yet to decide on: nobody reads them, and meanwhile nobody changes or signs the draft."""
    if minutes.agreed_at is not None:
        return set()
    hidden = db.session.execute(select(Disclosure.room_id, Disclosure.seq).where(Disclosure.room_id == minutes.room_id, Disclosure.hidden)).all()
    said = {line for room_id, seq in hidden for line in drafted_from(room_id, seq)}
    rows = select(MinutesLine.words).join(MinutesRevision, MinutesRevision.id == MinutesLine.revision_id)
    return set(db.session.scalars(rows.where(MinutesRevision.minutes_id == minutes.id, MinutesLine.words.in_(said)))) if said else set()


def drafted_from(room_id: int, seq: int) -> list[UserText]:
    """What a message, in each of its wordings, becomes as a line of minutes."""
    return [text.in_a_line(entry.body_html, LONGEST_LINE) for entry in disclosing.wordings(room_id, seq) if entry.body_html]


# --- what waits ----------------------------------------------------------------------------------------


def to_sign(actor: User) -> list[Minutes]:
    """Minutes that another side has signed as they stand, and the actor leads a side that has not."""
    led = db.session.scalars(_signed_by_others(policy.reader(actor))).all()
    return [minutes for minutes in led if _waits_for(actor, minutes)]


@lru_cache(maxsize=500)
def _signed_by_others(who: Reader | None) -> Select[Minutes]:
    signed = select(MinutesSignature.id).where(MinutesSignature.minutes_id == Minutes.id, MinutesSignature.version == Minutes.version).exists()
    rows = select(Minutes).join(Room, Room.id == Minutes.room_id).where(Minutes.agreed_at.is_(None), Room.state == RoomState.OPEN, signed)
    return rows.where(policy.readable_by(who, Minutes), policy.leads(who)).limit(at_most(LISTED))


def _waits_for(actor: User, minutes: Minutes) -> bool:
    """Whether a signature counts, and none of them is of the actor's side."""
    sides = rooms.delegations_of(minutes.room_id)
    signed = signatures_to(minutes, hash_now(minutes, newest_version(minutes), sides))
    own = {side.id for side in sides if side.organisation_id == actor.root_id}
    return bool(signed) and not own & set(signed)


class ToDo(NamedTuple):
    task: Task
    own: bool  # named as the actor's, not their delegation's


def tasks_of(actor: User) -> list[ToDo]:
    """What the actor, or their delegation, has to do, the soonest first."""
    return [ToDo(task, task.owner_id == actor.id) for task in db.session.scalars(_tasks_of(policy.reader(actor)))]


@lru_cache(maxsize=500)
def _tasks_of(who: Reader | None) -> Select[Task]:
    open_ones = (Task.done_at.is_(None), policy.readable_by(who, Task), policy.concerns(who))
    return select(Task).where(*open_ones).order_by(Task.due_on, Task.id).limit(at_most(LISTED))


def tasks_in(minutes: Minutes) -> list[Task]:
    return list(db.session.scalars(select(Task).where(Task.minutes_id == minutes.id).order_by(Task.num)))


def get_task(actor: User, seat: Seat, task_id: int) -> Task:
    """An action of this room; else 404."""
    here = (Task.id == task_id, Minutes.room_id == seat.room.id, policy.readable(actor, Task))
    return found(db.session.scalar(select(Task).join(Minutes, Minutes.id == Task.minutes_id).where(*here)))


def speaking_in(room_id: int) -> set[tuple[int, int]]:
    """Who can act for a side now, as pairs of delegation and user."""
    return {(one.delegation_id, one.user_id) for one in rooms.delegates_of(room_id) if rooms.speaks_for_side(one)}


def owner_of(task: Task, speaking: set[tuple[int, int]]) -> int | None:
    """Who has it by name, while they are among those who speak for its side; else it is everybody's there."""
    return task.owner_id if task.owner_id and (task.side_id, task.owner_id) in speaking else None
