"""Who may read a room, and what was said in it; ``readable.py`` asks here. No role of the hub opens a room."""

from sqlalchemy import ColumnElement, and_, exists, false, or_

from hub.readers import Reader
from hub.rooms.models import Delegation, EntryKind, Room, RoomEntry, RoomLabel, RoomMember, RoomState

Clause = ColumnElement[bool]


def rooms(reader: Reader | None) -> Clause:
    """Its papers: delegates, and the focal points of its sides, who propose, agree, name and end."""
    if reader is None or not reader.in_task_force:
        return false()
    there = and_(Room.state.not_in((RoomState.DECLINED, RoomState.WITHDRAWN)), exists().where(RoomMember.room_id == Room.id, _delegate(reader)).correlate(Room))
    if not reader.is_focal_point:
        return there
    return or_(there, exists().where(Delegation.room_id == Room.id, Delegation.organisation_id == reader.root_id).correlate(Room))


def _delegate(reader: Reader) -> Clause:
    """A delegate who has not left, of a side that they still belong to."""
    side = exists().where(Delegation.id == RoomMember.delegation_id, Delegation.organisation_id == reader.root_id).correlate(RoomMember)
    return and_(RoomMember.user_id == reader.id, RoomMember.left_at.is_(None), side)


def room_members(reader: Reader | None) -> Clause:
    """One's own place in a room that may be read: what opens the log."""
    if reader is None or not reader.in_task_force:
        return false()
    opened = exists().where(Room.id == RoomMember.room_id, Room.state.in_(RoomState.READ)).correlate(RoomMember)
    return and_(_delegate(reader), opened)


def room_entries(reader: Reader | None) -> Clause:
    """What was said while one was a delegate, or before; under TLP:RED nothing from before, not even as changed later."""
    own = and_(RoomMember.room_id == RoomEntry.room_id, room_members(reader))
    heard = and_(RoomEntry.seq >= RoomMember.joined_seq, or_(RoomEntry.kind.in_(EntryKind.NEW), RoomEntry.target_seq >= RoomMember.joined_seq))
    red = exists().where(Room.id == RoomEntry.room_id, Room.label == RoomLabel.RED).correlate(RoomEntry)
    return exists().where(own, or_(heard, ~red)).correlate(RoomEntry)
