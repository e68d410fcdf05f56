"""Naming delegates of one's own side, and taking them out; the room is told by an entry."""

from sqlalchemy import update

from hub import policy
from hub.accounts.models import User
from hub.accounts.queries import focal_points_of
from hub.db import db, lock_row, now
from hub.rooms import log, queries
from hub.rooms.consent import NotNow
from hub.rooms.log import Said
from hub.rooms.models import DelegateRole, EntryKind, Room, RoomMember, RoomState
from hub.rooms.queries import Place
from hub.rooms.telling import tell


class LastHead(Exception):
    """A side without its head of delegation cannot sign: name another head first."""


def name_delegate(actor: User, place: Place, user: User, role: str) -> None:
    """Let a member of the own side in. A new head makes the one before a delegate. Raises ``NotNow`` when they are in with this role."""
    room = place.room
    lock_row(room)
    policy.require(actor, "room.manage", (room, place.own))
    row = db.session.get(RoomMember, (room.id, user.id), populate_existing=True)
    there = row is not None and row.left_at is None and row.delegation_id == place.own.id
    if row is not None and there and row.role == role:
        raise NotNow
    if row is not None and there and row.role == DelegateRole.HEAD:
        raise LastHead
    if role == DelegateRole.HEAD:
        heads = (RoomMember.room_id == room.id, RoomMember.delegation_id == place.own.id, RoomMember.role == DelegateRole.HEAD)
        db.session.execute(update(RoomMember).where(*heads).values(role=DelegateRole.DELEGATE))
    if row is not None and there:
        row.role = role
        _note(actor, place, EntryKind.JOIN, user, f"now_{role}")
        return
    joined = _note(actor, place, EntryKind.JOIN, user, role)
    if row is None:
        db.session.add(RoomMember(room_id=room.id, user_id=user.id, delegation_id=place.own.id, role=role, joined_seq=joined, last_read_seq=max(joined - 1, 0)))
    else:
        row.role, row.joined_seq, row.left_at, row.delegation_id = role, joined, None, place.own.id
        row.last_read_seq = max(row.last_read_seq, joined - 1)
    tell(room, [user.id], "named")
    tell(room, _answering(place) - {actor.id, user.id}, "joined")


def _answering(place: Place) -> set[int]:
    """Heads and focal points of all sides: nobody comes in without their hearing of it."""
    heads = {one.user_id for one in queries.delegates_of(place.room.id) if one.role == DelegateRole.HEAD}
    return heads | focal_points_of({side.organisation_id for side in place.sides})


def _note(actor: User, place: Place, kind: str, user: User, role: str) -> int:
    """The number of the entry; none before the opening, when nothing is said yet."""
    if place.room.state == RoomState.PROPOSED:
        return 0
    return log.note(place.room, actor, place.own, Said(kind, what=role, subject_id=user.id, subject=user.role_title))


def remove_delegate(actor: User, place: Place, member: RoomMember) -> None:
    """From this commit on they read and hear nothing more. Raises ``LastHead``."""
    lock_row(place.room)
    policy.require(actor, "room.take_out", (place.room, place.own))
    db.session.refresh(member)
    if member.left_at is not None:
        raise NotNow
    if member.role == DelegateRole.HEAD:
        raise LastHead
    member.left_at = now()
    db.session.flush()
    log.new_epoch(place.room)
    _note(actor, place, EntryKind.LEAVE, member.user, member.role)


def leave(user: User, room: Room, seat: RoomMember) -> None:
    """A delegate leaves the hub: from this commit on they are in no room. The room is locked; who leads or signs for their side hears of it."""
    seat.left_at = now()
    db.session.flush()
    if room.state in RoomState.READ:
        log.new_epoch(room)
        log.note(room, user, seat.delegation, Said(EntryKind.LEAVE, what=seat.role, subject_id=user.id, subject=user.role_title))
    tell(room, focal_points_of({seat.delegation.organisation_id}) - {user.id}, "left")


def readers(place: Place) -> list[RoomMember]:
    """Who can read what is said, as the head of the page names them."""
    return [one for one in queries.delegates_of(place.room.id) if queries.speaks_for_side(one)]
