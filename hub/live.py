"""News for open pages: publish() is the only emit, and nothing leaves before the outermost commit.

Who may hear what stands in ``listeners.py``; how other processes hear of it, in ``bell.py``.
"""

from __future__ import annotations

import logging
import queue
import threading
from typing import Any, NamedTuple

from flask import Flask, current_app
from flask_socketio import SocketIO
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from hub import config, heartbeat
from hub.bell import Bell
from hub.db import db
from hub.door import Door, leaving
from hub.turns import Turns
from hub.websocket import LARGEST_FRAME, WebSocket

log = logging.getLogger("hub.live")
MOST_WAITING = 2_000  # news that wait to be sent
MOST_AT_ONCE = 50  # of those are rung in one go
PING_EVERY, PING_LASTS = 5, 7  # seconds: who does not read is gone within fifteen
socketio = SocketIO(transports=["websocket"])  # type: ignore[call-arg]  # the stubs do not know it


def init_app(app: Flask) -> None:
    heartbeat.install()
    role = app.config["HUB_ROLE"]
    socketio.init_app(
        app,
        async_mode="gevent" if role == "live" else "threading",
        async_handlers=False,
        manage_session=False,
        monitor_clients=False,  # heartbeat.py does
        cookie=None,
        max_http_buffer_size=LARGEST_FRAME,
        ping_interval=PING_EVERY,
        ping_timeout=PING_LASTS,
    )
    server = socketio.server.eio  # type: ignore[attr-defined]  # the stubs do not know it
    server._async = server._async | {"websocket": WebSocket}
    at_work = 1 if config.is_sqlite(config.database_url(app.config)) else 2
    app.wsgi_app = Door(app, app.wsgi_app, Turns(app.wsgi_app, at_work))  # type: ignore[method-assign]
    url = app.config["HUB_REDIS_URL"]
    app.extensions["bell"] = Bell(url, app.config["HUB_SECRET_KEY"], config.database_url(app.config)) if url else None


def publish(room: str, event_name: str, /, **heads: Any) -> None:
    """Announce ``heads`` to ``room`` after the outermost commit: ids and numbers, and content in the rooms of delegations alone.

    A rollback, of the whole or of the savepoint it was said in, drops it. A push may still be lost.
    """
    session = db.session()
    _outbox(session).append(News(_open_transactions(session), room, event_name, heads))


class News(NamedTuple):
    within: tuple[SessionTransaction, ...]
    room: str
    name: str
    heads: dict[str, Any]


def _outbox(session: Session) -> list[News]:
    box: list[News] = session.info.setdefault("outbox", [])
    return box


def _open_transactions(session: Session) -> tuple[SessionTransaction, ...]:
    chain = []
    transaction = session.get_nested_transaction() or session.get_transaction()
    while transaction is not None:
        chain.append(transaction)
        transaction = transaction.parent
    return tuple(chain)


@event.listens_for(Session, "after_commit")
def _send(session: Session) -> None:
    if session.in_nested_transaction():  # the event also fires when a SAVEPOINT is released
        return
    said, session.info["outbox"] = _outbox(session), []
    for news in said:
        ring(news.room, news.name, **news.heads)


@event.listens_for(Session, "after_soft_rollback")
def _drop(session: Session, undone: SessionTransaction) -> None:
    session.info["outbox"] = [news for news in _outbox(session) if undone not in news.within]


_bell: queue.Queue[tuple[Bell | None, list[dict[str, Any]]]] = queue.Queue(MOST_WAITING)
_ringer: threading.Thread | None = None
_lock = threading.Lock()
lost = {"full": 0}


def ring(room: str, event_name: str, /, **heads: Any) -> None:
    """Send news now, of what is committed already, to the open pages of all processes."""
    _queue(the_bell(), [{"room": room, "event": event_name, "heads": heads}])


def ring_here(room: str, event_name: str, /, **heads: Any) -> None:
    """The same to the open pages of this process alone: each looks after its own."""
    _queue(None, [{"room": room, "event": event_name, "heads": heads}])


def tell_others(**told: Any) -> None:
    """Say something to other processes that is no news for pages, such as who is there; dropped when there are none."""
    bell = the_bell()
    if bell is not None:
        _queue(bell, [told])


def the_bell() -> Bell | None:
    bell: Bell | None = current_app.extensions["bell"]
    return bell


def _queue(bell: Bell | None, said: list[dict[str, Any]]) -> None:
    """No answer waits for it; what does not fit is lost, and the beacon makes up for it."""
    global _ringer
    with _lock:
        if _ringer is None or not _ringer.is_alive():
            _ringer = threading.Thread(target=_keep_ringing, daemon=True)
            _ringer.start()
    try:
        _bell.put_nowait((bell, said))
    except queue.Full:
        lost["full"] += len(said)
        log.warning("news lost: too much waits to be sent")


def _keep_ringing() -> None:
    while True:
        some = [_bell.get()]
        while len(some) < MOST_AT_ONCE and not _bell.empty():
            some.append(_bell.get())
        try:
            _emit([told for _of, said in some for told in said if "event" in told])
            for bell, said in some:
                if bell is not None:
                    for told in said:
                        bell.send(told)
        except Exception:  # the rows are committed; a page asks for what it was not told
            log.exception("news lost")
        finally:
            for _one in some:
                _bell.task_done()


def _emit(some: list[dict[str, Any]]) -> None:
    """To the open pages of this process; what waits for the same room leaves in one piece."""
    rooms: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for told in some:
        rooms.setdefault(told["room"], []).append((told["event"], told["heads"]))
    for room, said in rooms.items():
        try:
            heartbeat.broadcast(socketio.server, room, said)  # type: ignore[attr-defined]  # the stubs do not know it
        except Exception:  # other rooms, and other processes, still hear theirs
            log.exception("news lost")


def heard(news: list[dict[str, Any]]) -> None:
    """News of other processes, for the open pages of this one."""
    if news:
        _queue(None, news)


def waiting_to_be_sent() -> int:
    return _bell.qsize()


def all_rung() -> None:
    """Wait until what was said so far has left; for tests."""
    _bell.join()


def say_goodbye(within: float) -> None:
    """Open no further socket, and close those that are open over ``within`` seconds: their pages go to another process."""
    leaving.set()
    heartbeat.say_goodbye(socketio.server.eio, within)  # type: ignore[attr-defined]
