"""Who may read a room, and what was said in it; ``readable.py`` asks here. No role of the hub opens a room."""

from sqlalchemy import ColumnElement, and_, exists, false, or_

from hub.accounts.models import User
from hub.minutes.models import Minutes, MinutesRevision, Task
from hub.readers import Reader
from hub.rooms.models import DelegateRole, Delegation, EntryKind, Room, RoomEntry, RoomLabel, RoomMember, RoomState

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


def minutes(reader: Reader | None) -> Clause:
    """Minutes of which a version may be read."""
    return exists().where(MinutesRevision.minutes_id == Minutes.id, minutes_revisions(reader)).correlate(Minutes)


def minutes_revisions(reader: Reader | None) -> Clause:
    """What was saved in a room that one reads; under TLP:RED while one was a delegate. """
    own = and_(Minutes.id == MinutesRevision.minutes_id, RoomMember.room_id == Minutes.room_id, room_members(reader))
    red = exists().where(Room.id == Minutes.room_id, Room.label == RoomLabel.RED).correlate(Minutes)
    return exists().where(own, or_(MinutesRevision.seq >= RoomMember.joined_seq, ~red)).correlate(MinutesRevision)


def tasks(reader: Reader | None) -> Clause:
    """What agreed minutes leave to do, of minutes that one reads."""
    return exists().where(Minutes.id == Task.minutes_id, minutes(reader)).correlate(Task)


def leads(reader: Reader | None) -> Clause:
    """Whether one is head of a delegation in the room of ``Minutes``."""
    if reader is None:
        return false()
    return exists().where(RoomMember.room_id == Minutes.room_id, RoomMember.role == DelegateRole.HEAD, _delegate(reader)).correlate(Minutes)


def concerns(reader: Reader | None) -> Clause:
    """Whether a task is one's own, or of one's delegation and nobody's by name who is still in it."""
    if reader is None:
        return false()
    there = (RoomMember.user_id == Task.owner_id, RoomMember.delegation_id == Task.side_id, RoomMember.left_at.is_(None))
    named = exists().where(*there, User.id == RoomMember.user_id, User.deactivated_at.is_(None)).correlate(Task)
    side = exists().where(Delegation.id == Task.side_id, Delegation.organisation_id == reader.root_id).correlate(Task)
    return or_(and_(Task.owner_id == reader.id, named), and_(~named, side))
