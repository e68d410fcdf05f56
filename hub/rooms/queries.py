"""Loading rooms, their sides and their delegates; what may not be read is 404."""

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, or_, select
from werkzeug.exceptions import NotFound

from hub import policy
from hub.accounts.models import Kind, Organisation, State, User
from hub.accounts.queries import found
from hub.db import at_most, db
from hub.policy import Actor, Reader
from hub.rooms.models import Consent, Delegation, EntryKind, Room, RoomEntry, RoomMember, RoomState, RoomTerms

LISTED, MOST_COUNTED = 100, 100
PUBLIC_ID = re.compile(r"[0-9a-f]{32}")


class Place(NamedTuple):
    """A room as its reader stands in it: as a delegate, as the focal point of a side, or both."""

    room: Room
    sides: Sequence[Delegation]  # in the order of their states
    own: Delegation
    seat: RoomMember | None  # none for a focal point who is no delegate, and before the opening


class Seat(NamedTuple):
    """A delegate in a room whose log they read."""

    room: Room
    member: RoomMember


def get_place(actor: User, public_id: str) -> Place:
    """The papers of a room; else 404."""
    room = _room(actor, public_id)
    sides = delegations_of(room.id)
    own = next((side for side in sides if side.organisation_id == actor.root_id), None)
    return Place(room, sides, found(own), _seat(actor, room.id))


def get_seat(actor: User, public_id: str) -> Seat:
    """A delegate's own place in a room that is, or was, open; else 404."""
    room = _room(actor, public_id)
    return Seat(room, found(_seat(actor, room.id)))


def _room(actor: User, public_id: str) -> Room:
    named = PUBLIC_ID.fullmatch(public_id)
    return found(db.session.scalar(select(Room).where(Room.public_id == public_id, policy.readable(actor, Room))) if named else None)


def seat_as_locked(actor: User, room: Room) -> Seat:
    """The same seat, read anew after the room was locked; 404 when it was taken away meanwhile."""
    db.session.refresh(room)
    own = select(RoomMember).where(RoomMember.room_id == room.id, RoomMember.user_id == actor.id, policy.readable(actor, RoomMember))
    return Seat(room, found(db.session.scalar(own.execution_options(populate_existing=True))))


def _seat(actor: User, room_id: int) -> RoomMember | None:
    return db.session.scalar(select(RoomMember).where(RoomMember.room_id == room_id, RoomMember.user_id == actor.id, policy.readable(actor, RoomMember)))


def delegations_of(room_id: int) -> list[Delegation]:
    """The sides of a room, in ASEAN's alphabetical order."""
    rows = select(Delegation).join(Organisation, Organisation.id == Delegation.organisation_id).join(State, State.code == Organisation.state_code)
    return list(db.session.scalars(rows.where(Delegation.room_id == room_id).order_by(State.short_name)))


def delegates_of(room_id: int) -> list[RoomMember]:
    """Who is named and may act; heads first, note-takers last."""
    order = {"head": 0, "delegate": 1, "note_taker": 2}
    rows = select(RoomMember).join(User, User.id == RoomMember.user_id).where(RoomMember.room_id == room_id, RoomMember.left_at.is_(None))
    return sorted((one for one in db.session.scalars(rows) if one.user.active), key=lambda one: (order[one.role], one.user_id))


def get_delegate(place: Place, user_id: int) -> RoomMember:
    """A delegate of the own side; else 404."""
    row = db.session.get(RoomMember, (place.room.id, user_id))
    if row is None or row.left_at is not None or row.delegation_id != place.own.id:
        raise NotFound
    return row


class Listed(NamedTuple):
    """A room in the list of its reader. ``new`` is how far its log went on since they read it."""

    room: Room
    sides: Sequence[Delegation]
    new: int
    to_answer: bool  # the own side has to agree to terms, or decline


def rooms_of(actor: User) -> list[Listed]:
    """Rooms that the actor may read, living ones first, the newest first."""
    rows = select(Room, RoomMember, _new_entries(policy.reader(actor))).where(policy.readable(actor, Room)).order_by(Room.id.desc()).limit(at_most(LISTED))
    rows = rows.outerjoin(RoomMember, (RoomMember.room_id == Room.id) & (RoomMember.user_id == actor.id) & policy.readable(actor, RoomMember))
    listed = list(db.session.execute(rows))
    ids = [room.id for room, _seat, _new in listed]
    sides = _sides_of(ids)
    asked = _asked(actor)
    states = (RoomState.PROPOSED, *RoomState.READ, RoomState.DECLINED, RoomState.WITHDRAWN)
    found_rooms = [Listed(room, sides.get(room.id, []), new if seat else 0, room.id in asked) for room, seat, new in listed]
    return sorted(found_rooms, key=lambda one: (not one.to_answer, states.index(one.room.state)))


def _new_entries(who: Reader | None) -> Any:
    """How many entries of a room its reader may read and has not, counted up to 100; the statement holds ``RoomMember``."""
    new = (RoomEntry.room_id == Room.id, RoomEntry.seq > RoomMember.last_read_seq, policy.readable_by(who, RoomEntry))
    some = select(RoomEntry.seq).where(*new).correlate(Room, RoomMember).limit(at_most(MOST_COUNTED)).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def _sides_of(room_ids: Collection[int]) -> dict[int, list[Delegation]]:
    sides: dict[int, list[Delegation]] = {}
    rows = select(Delegation).where(Delegation.room_id.in_(room_ids)).join(Organisation, Organisation.id == Delegation.organisation_id)
    for side in db.session.scalars(rows.join(State, State.code == Organisation.state_code).order_by(State.short_name)):
        sides.setdefault(side.room_id, []).append(side)
    return sides


def _asked(actor: User) -> set[int]:
    """Rooms in which terms wait for the consent of the actor's task force, which the actor may give."""
    if not policy.signs(actor):
        return set()
    given = select(Consent.terms_id).where(Consent.terms_id == RoomTerms.id, Consent.delegation_id == Delegation.id).exists()
    rows = select(RoomTerms.room_id).join(Delegation, Delegation.room_id == RoomTerms.room_id).join(Room, Room.id == RoomTerms.room_id)
    pending = (RoomTerms.in_force_at.is_(None), RoomTerms.dropped_at.is_(None), Room.state.in_((RoomState.PROPOSED, *RoomState.LIVING)))
    return set(db.session.scalars(rows.where(Delegation.organisation_id == actor.root_id, *pending, ~given)))


def waiting(actor: User) -> list[Room]:
    """Rooms whose terms wait for the actor, for the front page."""
    asked = _asked(actor)
    return list(db.session.scalars(select(Room).where(Room.id.in_(asked), policy.readable(actor, Room)).order_by(Room.id))) if asked else []


def unread_rooms(actor: User) -> list[tuple[Room, int]]:
    """Living rooms in which something was said since the actor read them, with how many entries; for the front page."""
    return [(room, count) for room, count in db.session.execute(_unread(policy.reader(actor))) if count]


@lru_cache(maxsize=500)
def _unread(who: Reader | None) -> Select[Room, int]:
    rows = select(Room, _new_entries(who)).join(RoomMember, RoomMember.room_id == Room.id)
    own = (RoomMember.user_id == (who.id if who else None), policy.readable_by(who, RoomMember), policy.readable_by(who, Room))
    return rows.where(*own, Room.last_seq > RoomMember.last_read_seq, Room.state.in_(RoomState.LIVING)).order_by(Room.id.desc()).limit(at_most(10))


def terms_of(room: Room, num: int | None = None) -> RoomTerms:
    """The terms of a number, or those in force."""
    return found(db.session.scalar(select(RoomTerms).where(RoomTerms.room_id == room.id, RoomTerms.num == (num or room.terms_num))))


def pending_terms(room: Room) -> RoomTerms | None:
    """Terms that wait for the consent of a side; at most one."""
    pending = (RoomTerms.in_force_at.is_(None), RoomTerms.dropped_at.is_(None))
    return db.session.scalar(select(RoomTerms).where(RoomTerms.room_id == room.id, *pending).order_by(RoomTerms.num.desc()).limit(1))


def consents_to(terms: RoomTerms) -> dict[int, Consent]:
    """By delegation."""
    return {one.delegation_id: one for one in db.session.scalars(select(Consent).where(Consent.terms_id == terms.id))}


def task_forces(actor: User) -> list[Organisation]:
    """Those a room may be opened with, in the order of their states."""
    rows = select(Organisation).join(State, State.code == Organisation.state_code).where(policy.readable(actor, Organisation))
    rows = rows.where(Organisation.kind == Kind.TASK_FORCE, Organisation.id != actor.root_id).order_by(State.short_name)
    return [one for one in db.session.scalars(rows) if policy.may_meet(one)]


def eligible(actor: Actor, organisation_id: int) -> list[User]:
    """Members who may be named for a side: of the task force or an agency under it, and no partners."""
    rows = select(User).join(Organisation, Organisation.id == User.organisation_id).where(policy.readable(actor, User))
    rows = rows.where(_under(organisation_id)).order_by(User.role_title, User.id).limit(at_most(500))
    return [one for one in db.session.scalars(rows) if policy.may_speak(one)]


def _under(organisation_id: int) -> ColumnElement[bool]:
    return or_(Organisation.id == organisation_id, Organisation.parent_id == organisation_id)


def reading_now(room_ids: Collection[int], user_ids: Collection[int]) -> set[tuple[int, int]]:
    """Pairs of room and member of those given that may be read just now, for open sockets; asked of the rows, not of a session."""
    rows = select(RoomMember).join(Room, Room.id == RoomMember.room_id).where(RoomMember.room_id.in_(room_ids), RoomMember.user_id.in_(user_ids))
    found_there = db.session.scalars(rows.where(RoomMember.left_at.is_(None), Room.state.in_(RoomState.READ)))
    return {(one.room_id, one.user_id) for one in found_there if speaks_for_side(one)}


def speaks_for_side(member: RoomMember) -> bool:
    """Whether a delegate is still of the task force that named them, and able to act."""
    return policy.may_speak(member.user) and member.user.root_id == member.delegation.organisation_id


def where_writing_shows(user_id: int, public_id: str) -> Room | None:
    """The room, when its terms show who is writing and this member may write in it; for open sockets."""
    if not PUBLIC_ID.fullmatch(public_id):
        return None
    rows = select(Room, RoomMember).join(RoomMember, RoomMember.room_id == Room.id).where(Room.public_id == public_id, Room.shows_writing)
    row = db.session.execute(rows.where(RoomMember.user_id == user_id, RoomMember.left_at.is_(None))).first()
    return row[0] if row is not None and speaks_for_side(row[1]) and policy.can(row[1].user, "room.write", row[0]) else None


class Head(NamedTuple):
    public_id: str
    seq: int
    epoch: int


def heads(room_ids: Collection[int]) -> dict[int, Head]:
    """How far the log of each room is."""
    rows = select(Room.id, Room.public_id, Room.last_seq, Room.epoch).where(Room.id.in_(room_ids))
    return {row.id: Head(row.public_id, row.last_seq, row.epoch) for row in db.session.execute(rows)}


def has_entry(actor: Actor, room: Room, seq: int) -> bool:
    """Whether the actor reads a line of this number."""
    rows = select(RoomEntry.seq).where(RoomEntry.room_id == room.id, RoomEntry.seq == seq, RoomEntry.kind.in_(EntryKind.NEW), policy.readable(actor, RoomEntry))
    return db.session.scalar(rows) is not None


def get_message(actor: Actor, public_id: str, seq: int) -> RoomEntry:
    """What a delegate said in a room that the actor reads, while its words are there; else 404."""
    rows = select(RoomEntry).join(Room, Room.id == RoomEntry.room_id).where(Room.public_id == public_id, Room.state != RoomState.ARCHIVED)
    message = found(db.session.scalar(rows.where(RoomEntry.seq == seq, RoomEntry.kind == EntryKind.MESSAGE, policy.readable(actor, RoomEntry))))
    if not message.body_md:
        raise NotFound
    return message


def known_rooms(actor: Actor, room_ids: Collection[int]) -> dict[int, Room]:
    """Those of these rooms that the actor may read, by number."""
    rows = select(Room).where(Room.id.in_(room_ids), policy.readable(actor, Room))
    return {room.id: room for room in db.session.scalars(rows)} if room_ids else {}


def get_room(room_id: int) -> Room:
    """Of which an entry may be read."""
    return db.session.get_one(Room, room_id)


def own_task_force(actor: User) -> Organisation:
    return db.session.get_one(Organisation, actor.root_id)
