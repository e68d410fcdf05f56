"""Open sockets: who may hear of what is asked when a page joins, and again every few seconds."""

import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, request, session
from flask_login import current_user
from flask_socketio import join_room, leave_room

from hub import heartbeat, live
from hub.accounts.models import User
from hub.accounts.queries import living_sessions
from hub.door import when_opened
from hub.live import socketio

log = logging.getLogger("hub.live")
BEAT = 2  # seconds between two looks at who may still hear
MOST_ROOMS = 20  # that one socket hears


def init_app(app: Flask) -> None:
    for name, handler in (("connect", _connect), ("disconnect", _disconnect), ("join", _join), ("leave", _leave)):
        socketio.on(name)(handler)
    if look_after not in when_opened:
        when_opened.append(look_after)


Wish = tuple[User, Collection[int]]  # what a page of a member wants to hear
Readable = Callable[[Sequence[Wish]], Sequence[Collection[int]]]
_kinds: dict[str, Readable] = {}


def hears(kind: str, readable: Readable) -> None:
    """Let pages join rooms of this kind; ``readable`` says, for each wish, which of its ids its member may read just now."""
    _kinds[kind] = readable


@dataclass
class Listener:
    """An open socket: the session it came with, the rooms it hears, and which epoch of those of delegations."""

    token: str
    user_id: int
    rooms: set[tuple[str, int]] = field(default_factory=set)
    epochs: dict[int, int] = field(default_factory=dict)


Join = Callable[[User, str, Listener, dict[str, object]], dict[str, int]]
Beat = Callable[[list[tuple[str, Listener]]], None]
_doors: dict[str, Join] = {}
_beats: list[Beat] = []


def has_door(kind: str, join: Join, beat: Beat) -> None:
    """Rooms that are joined by a name and more: ``join`` answers, and ``beat`` looks at who is in, every two seconds."""
    _doors[kind] = join
    on_beat(beat)


def on_beat(beat: Beat) -> None:
    """Look, every two seconds, at every open socket with the rooms it may still hear."""
    _beats.append(beat)


Told = Callable[[str, Any], None]
_told: dict[str, Told] = {}


def on_told(name: str, hear: Told) -> None:
    """``hear(process, value)`` is called with what other processes said by ``live.tell_others(name=value)``."""
    _told[name] = hear


def _hear(said: list[dict[str, Any]]) -> None:
    """What other processes said: news for open pages, or something that one of ours asked for."""
    live.heard([told for told in said if "event" in told])
    for told in said:
        for name in told.keys() & _told.keys():
            _told[name](told["from"], told[name])


_listeners: dict[str, Listener] = {}
_lock = threading.Lock()
_look: threading.Thread | None = None


def _connect() -> bool:
    if not current_user.is_authenticated:
        return False
    with _lock:
        _listeners.setdefault(_sid(), Listener(session["_user_id"], current_user.id))  # a page may also send an event of this name
    return True


def _disconnect(*_reason: object) -> None:
    if _server().manager.is_connected(_sid(), "/"):
        return  # an event that a page sent under this name: the socket is open, and stays watched
    with _lock:
        _listeners.pop(_sid(), None)


def _join(room: object = None, *_more: object) -> dict[str, int]:
    """Hear a room, such as ``{"thread": 12}``; the answer is ``{"joined": 12}`` or ``{"error": 404}``."""
    named, listener = _room(room), _listeners.get(_sid())
    door = next((kind for kind in _doors if isinstance(room, dict) and kind in room), None)
    if door and not current_user.is_authenticated:
        return {"error": 401}  # the session ended: no sign that the room is not there
    if door and isinstance(room, dict) and listener:
        full = len(listener.rooms) >= MOST_ROOMS
        return {"error": 404} if full else _doors[door](current_user._get_current_object(), _sid(), listener, room)
    if named is None or listener is None or not current_user.is_authenticated:
        return {"error": 404}
    kind, number = named
    if len(listener.rooms) >= MOST_ROOMS or number not in _kinds[kind]([(current_user._get_current_object(), [number])])[0]:
        return {"error": 404}
    listener.rooms.add(named)
    join_room(f"{kind} {number}")
    return {"joined": number}


def _leave(room: object = None, *_more: object) -> None:
    named, listener = _room(room), _listeners.get(_sid())
    if named and listener:
        listener.rooms.discard(named)
        leave_room(f"{named[0]} {named[1]}")


def _server() -> Any:
    return socketio.server  # type: ignore[attr-defined]  # the stubs do not know it


def _room(given: object) -> tuple[str, int] | None:
    """The kind and number of a room as a page names it; nothing else."""
    match given:
        case {**names} if len(names) == 1:
            kind, number = next(iter(names.items()))
            return (str(kind), number) if kind in _kinds and type(number) is int and 0 < number < 2**31 else None
    return None


def _sid() -> str:
    return str(request.sid)  # type: ignore[attr-defined]


def look_after(app: Flask) -> None:
    """Begin what looks after open sockets in this process, and listens to the others, unless it is at work."""
    global _look
    with _lock:
        if _look is None or not _look.is_alive():
            _look = threading.Thread(target=_keep_looking, args=(app,), daemon=True)
            _look.start()
            heartbeat.look_after(_server().eio)
            if app.extensions["bell"]:
                app.extensions["bell"].listen(_hear)


looked_at = {"last": 0.0}  # monotonic


def _keep_looking(app: Flask) -> None:
    while True:
        time.sleep(BEAT)
        with app.app_context():
            try:
                live.tell_others(echo=1)
                look_again()
                looked_at["last"] = time.monotonic()
            except Exception:  # such as a database that is away for a moment; a page asks for what it was not told
                log.exception("listeners not looked at")


def look_again() -> None:
    """Close sockets whose session ended or that never said who they are, silence rooms that may no longer be read, tell of heads."""
    with _lock:
        open_now = list(_listeners.items())
    heartbeat.close_silent(_server().eio, {_server().manager.eio_sid_from_sid(sid, "/") for sid, _listener in open_now})
    alive = living_sessions({listener.token for _sid, listener in open_now}) if open_now else {}
    heard = []
    for sid, listener in open_now:
        if listener.token in alive:
            heard.append((sid, listener))
        else:
            _close(sid)
    for kind, readable in _kinds.items():
        inside = [(sid, listener, [number for other, number in set(listener.rooms) if other == kind]) for sid, listener in heard]
        inside = [one for one in inside if one[2]]
        for (sid, listener, numbers), open_still in zip(inside, readable([(alive[one.token], numbers) for _sid, one, numbers in inside]), strict=True):
            for number in set(numbers) - set(open_still):
                listener.rooms.discard((kind, number))
                _server().leave_room(sid, f"{kind} {number}")
    for beat in _beats:
        beat(heard)


SAID_AGAIN, MOST_SAID = 10, 5_000  # beats; rooms
_said: dict[str, tuple[int, object]] = {}


def tell(room: str, event_name: str, /, **heads: Any) -> None:
    """In a beat: what pages know already is said again only now and then."""
    times, before = _said.get(room, (0, None))
    if before == heads and times < SAID_AGAIN:
        _said[room] = (times + 1, before)
        return
    if len(_said) > MOST_SAID:
        _said.clear()  # of rooms that nobody hears any more
    _said[room] = (0, heads)
    live.ring_here(room, event_name, **heads)


def open_sockets() -> int:
    return len(_listeners)


def hearers(kind: str, number: int) -> set[int]:
    """Members whose open page hears a room."""
    with _lock:
        return {listener.user_id for listener in _listeners.values() if (kind, number) in listener.rooms}


def listener_now() -> Listener | None:
    """The one whose event is being answered."""
    return _listeners.get(_sid())


def leave(sid: str, name: str) -> None:
    _server().leave_room(sid, name)


def enter(sid: str, name: str) -> None:
    _server().enter_room(sid, name)


def _close(sid: str) -> None:
    """End the connection itself, which also gives its thread back; leaving the namespace would keep it open.

    Nothing is waited for: a client that is gone takes nothing any more, and whoever waits for it looks at nobody else.
    """
    connection = _server().eio.sockets.get(_server().manager.eio_sid_from_sid(sid, "/"))
    if connection is not None:
        connection.close(wait=False, reason=_server().eio.reason.SERVER_DISCONNECT)
