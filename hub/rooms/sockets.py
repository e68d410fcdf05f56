"""Open pages of a room: who may hear it, who is there just now, who is writing, and the beacon that makes up for lost news."""

import time
from collections.abc import Callable, Collection

from werkzeug.exceptions import NotFound

from hub import listeners, live
from hub.accounts.models import User
from hub.listeners import Listener
from hub.rooms import queries
from hub.rooms.log import name_of
from hub.rooms.queries import Head

WRITING_LASTS = 6  # seconds
HERE_LASTS = 3 * listeners.BEAT  # seconds that what another process says of who is there holds
_writing: dict[tuple[int, int], float] = {}
_elsewhere: dict[str, tuple[float, dict[int, list[int]]]] = {}  # by process


def init_app() -> None:
    listeners.has_door("room", join, beat)
    listeners.on_told("here", _hear_who_is_there)
    listeners.on_told("writing", _hear_who_writes)
    live.socketio.on("typing")(typing)


def join(member: User, sid: str, listener: Listener, asked: dict[str, object]) -> dict[str, int]:
    """``{"room": public id, "after": seq}``: the answer is ``{"head": seq}``, after which the page asks for what it has not."""
    try:
        seat = queries.get_seat(member, str(asked["room"]))
    except NotFound:
        return {"error": 404}
    room = seat.room
    _leave(sid, listener, room.id)
    listener.epochs[room.id] = room.epoch
    listener.rooms.add(("room", room.id))
    listeners.enter(sid, name_of(room.id, room.epoch))
    _tell(room.id, Head(room.public_id, room.last_seq, room.epoch))
    return {"head": room.last_seq}


def _leave(sid: str, listener: Listener, room_id: int) -> None:
    epoch = listener.epochs.pop(room_id, None)  # a beat may have been here at the same moment
    if epoch is not None:
        listeners.leave(sid, name_of(room_id, epoch))
    listener.rooms.discard(("room", room_id))


def here(room_id: int) -> list[int]:
    """Members in the room now, whichever process holds their page; who left it a moment ago is nowhere kept."""
    now = time.monotonic()
    others = {member for until, rooms in list(_elsewhere.values()) if until > now for member in rooms.get(room_id, ())}
    return sorted(listeners.hearers("room", room_id) | others)


def _hear_who_is_there(process: str, rooms: dict[str, list[int]]) -> None:
    now = time.monotonic()
    for gone in [name for name, (until, _rooms) in list(_elsewhere.items()) if until < now]:
        _elsewhere.pop(gone, None)
    _elsewhere[process] = (now + HERE_LASTS, {int(room): members for room, members in rooms.items()})


def _hear_who_writes(_process: str, who: list[int]) -> None:
    _writing[(who[0], who[1])] = time.monotonic() + WRITING_LASTS


def writing(room_id: int) -> list[int]:
    until = time.monotonic()
    return sorted(user_id for (room, user_id), late in list(_writing.items()) if room == room_id and late > until)


def typing(given: object = None, *_more: object) -> None:
    """``{"room": public id}``: somebody writes, in a room whose terms show that."""
    listener = listeners.listener_now()
    if listener is None or not isinstance(given, dict):
        return
    room = queries.where_writing_shows(listener.user_id, str(given.get("room")))
    if room is None or room.id not in listener.epochs:
        return
    _writing[(room.id, listener.user_id)] = time.monotonic() + WRITING_LASTS
    live.tell_others(writing=[room.id, listener.user_id])
    _tell(room.id, Head(room.public_id, room.last_seq, room.epoch))


def beat(heard: Collection[tuple[str, Listener]]) -> None:
    """Heads to everybody who is in; out with who may not read any more; who heard an earlier epoch asks anew."""
    for key in [key for key, late in list(_writing.items()) if late < time.monotonic()]:
        _writing.pop(key, None)
    inside = [(sid, listener, room_id) for sid, listener in heard for room_id in list(listener.epochs)]
    live.tell_others(here={room_id: sorted(listeners.hearers("room", room_id)) for room_id in {room_id for _sid, _listener, room_id in inside}})
    if not inside:
        return
    room_ids = {room_id for _sid, _listener, room_id in inside}
    heads, allowed = queries.heads(room_ids), queries.reading_now(room_ids, {listener.user_id for _sid, listener, _room in inside})
    for sid, listener, room_id in inside:
        head = heads.get(room_id)
        if (room_id, listener.user_id) not in allowed or head is None:
            live.ring_here(sid, "bye", room=head.public_id if head else "")
            _leave(sid, listener, room_id)
        elif listener.epochs.get(room_id) != head.epoch:
            live.ring_here(sid, "resub", room=head.public_id)
    for room_id, head in heads.items():
        _tell(room_id, head, listeners.tell)


def _tell(room_id: int, head: Head, ring: Callable[..., None] = live.ring) -> None:
    ring(name_of(room_id, head.epoch), "head", room=head.public_id, head=head.seq, here=here(room_id), writing=writing(room_id))
