"""Who may do what with a room; ``policy.py`` holds these rules among all others."""

from collections.abc import Callable
from typing import Any

from hub.accounts.models import Kind, Organisation, Role, User
from hub.minutes.models import Task
from hub.readers import reader
from hub.rooms.models import DelegateRole, Delegation, Room, RoomMember, RoomState


def _proposes_room(actor: User, organisation: Organisation) -> bool:
    """A focal point for the own task force, while its state takes part and may open rooms."""
    return _signs_for(actor, organisation) and may_meet(organisation)


def may_meet(organisation: Organisation) -> bool:
    """Whether a new room may be opened with a task force."""
    state = organisation.state
    return organisation.kind == Kind.TASK_FORCE and state is not None and state.active and state.may_open_rooms


def _signs_for(actor: User, organisation: Organisation) -> bool:
    """A focal point of that very task force; no admin signs for one."""
    return signs(actor) and actor.root_id == organisation.root_id


def signs(actor: User) -> bool:
    """Whether an actor may sign for their own task force at all."""
    return actor.role == Role.FOCAL_POINT and not actor.silenced


def may_speak(user: User) -> bool:
    """Whether a member may be named as a delegate, and stay one: of a task force, and able to act."""
    who = reader(user)
    return who is not None and who.in_task_force and who.state_code is not None


def _answers_room(actor: User, side: tuple[Room, Delegation]) -> bool:
    room, delegation = side
    return room.state == RoomState.PROPOSED and not delegation.agreed and _signs_for(actor, delegation.organisation) and may_meet(delegation.organisation)


def _manages_room(actor: User, side: tuple[Room, Delegation]) -> bool:
    """Names delegates, proposes other terms, takes consent back: the focal point of a side that has agreed."""
    room, delegation = side
    return delegation.agreed and room.state in (RoomState.PROPOSED, *RoomState.LIVING) and _signs_for(actor, delegation.organisation)


def _ends_for_own_side(actor: User, side: tuple[Room, Delegation]) -> bool:
    """Takes a delegate of the own side out, or its consent back: also when the room is closed, for it can still be read."""
    room, delegation = side
    return delegation.agreed and room.state in (RoomState.PROPOSED, *RoomState.READ) and _signs_for(actor, delegation.organisation)


def _halts_room(actor: User, place: tuple[Room, Delegation, RoomMember | None]) -> bool:
    """Either side alone: its focal point, or its head of delegation."""
    room, delegation, member = place
    head = member is not None and member.role == DelegateRole.HEAD and member.delegation_id == delegation.id and not actor.silenced
    return room.state in RoomState.LIVING and (head or _signs_for(actor, delegation.organisation))


def _signs_minutes(actor: User, seat: tuple[Room, RoomMember]) -> bool:
    """The head of a delegation, while the room is open."""
    room, member = seat
    return room.state == RoomState.OPEN and member.role == DelegateRole.HEAD and not actor.silenced


def _ticks_task(actor: User, about: tuple[Task, RoomMember, int | None]) -> bool:
    """Who has it, or the head of their delegation; any delegate of it where nobody is named, or who was has left."""
    task, member, owner_id = about
    own_side = member.delegation_id == task.side_id
    return task.done_at is None and own_side and (owner_id in (None, actor.id) or member.role == DelegateRole.HEAD)


RULES: dict[str, Callable[[User, Any], bool]] = {
    "room.propose": _proposes_room,
    "room.answer": _answers_room,
    "room.manage": _manages_room,
    "room.take_out": _ends_for_own_side,
    "room.withdraw": _ends_for_own_side,
    "room.halt": _halts_room,
    "room.flag": lambda actor, room: not actor.silenced,
    "minutes.sign": _signs_minutes,
    "minutes.export": lambda actor, room: not room.is_red,  # of TLP:RED nothing leaves
    "task.tick": _ticks_task,
    "room.write": lambda actor, room: room.state == RoomState.OPEN and not actor.silenced,
}
