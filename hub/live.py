"""News for open pages: publish() is the only emit, and nothing leaves before the outermost commit.

Who may hear what stands in ``listeners.py``; how other processes hear of it, in ``bell.py``.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import Flask, current_app, request
from flask_login import current_user
from flask_socketio import SocketIO
from flask_wtf.csrf import validate_csrf
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction
from wtforms.validators import ValidationError

from hub import config, heartbeat
from hub.bell import Bell
from hub.db import AWAY, db
from hub.turns import Turns
from hub.web import CONTENT_SECURITY_POLICY
from hub.websocket import LARGEST_FRAME, WebSocket

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("hub.live")
MOST_WAITING = 2_000  # news that wait to be sent
MOST_EACH = 5  # sockets of one member; further pages ask from time to time
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
    leaving, session.info["outbox"] = _outbox(session), []
    for news in leaving:
        ring(news.room, news.name, **news.heads)


@event.listens_for(Session, "after_soft_rollback")
def _drop(session: Session, undone: SessionTransaction) -> None:
    session.info["outbox"] = [news for news in _outbox(session) if undone not in news.within]


when_opened: list[Callable[[Flask], None]] = []  # who looks after sockets from the first one on
_bell: queue.Queue[tuple[Bell | None, dict[str, Any]]] = queue.Queue(MOST_WAITING)
_ringer: threading.Thread | None = None
_lock = threading.Lock()
lost = {"full": 0}


def ring(room: str, event_name: str, /, **heads: Any) -> None:
    """Send news now, of what is committed already, to the open pages of all processes."""
    _queue(the_bell(), {"room": room, "event": event_name, "heads": heads})


def ring_here(room: str, event_name: str, /, **heads: Any) -> None:
    """The same to the open pages of this process alone: each looks after its own."""
    _queue(None, {"room": room, "event": event_name, "heads": heads})


def tell_others(**told: Any) -> None:
    """Say something to other processes that is no news for pages, such as who is there; dropped when there are none."""
    bell = the_bell()
    if bell is not None:
        _queue(bell, told)


def the_bell() -> Bell | None:
    bell: Bell | None = current_app.extensions["bell"]
    return bell


def _queue(bell: Bell | None, told: dict[str, Any]) -> None:
    """No answer waits for it; what does not fit is lost, and the beacon makes up for it."""
    global _ringer
    with _lock:
        if _ringer is None or not _ringer.is_alive():
            _ringer = threading.Thread(target=_keep_ringing, daemon=True)
            _ringer.start()
    try:
        _bell.put_nowait((bell, told))
    except queue.Full:
        lost["full"] += 1
        log.warning("news lost: too much waits to be sent")


def _keep_ringing() -> None:
    while True:
        bell, told = _bell.get()
        try:
            if "event" in told:
                emit_here(told)
            if bell is not None:
                bell.send(told)
        except Exception:  # the rows are committed; a page asks for what it was not told
            log.exception("news lost")
        finally:
            _bell.task_done()


def emit_here(told: dict[str, Any]) -> None:
    """To the open pages of this process."""
    heartbeat.broadcast(socketio.server, told["room"], told["event"], told["heads"])  # type: ignore[attr-defined]  # the stubs do not know it


def waiting_to_be_sent() -> int:
    return _bell.qsize()


def all_rung() -> None:
    """Wait until what was said so far has left; for tests."""
    _bell.join()


leaving = threading.Event()  # this process is to end


def say_goodbye(within: float) -> None:
    """Open no further socket, and close those that are open over ``within`` seconds: their pages go to another process."""
    leaving.set()
    heartbeat.say_goodbye(socketio.server.eio, within)  # type: ignore[attr-defined]


OF_LIVE = ("/healthz", "/readyz", "/metrics")  # all that a process for websockets answers beside them


class Door:
    """Before the websocket: only a signed-in member passes, from our own pages, and only while there are threads to spare.

    A socket holds its thread, and this call, until it closes: what is counted here is open.
    """

    def __init__(self, app: Flask, sockets: WSGIApplication, pages: WSGIApplication) -> None:
        self.app, self.sockets, self.pages = app, sockets, pages
        self.lock, self.open = threading.Lock(), Counter[int]()
        self.role = app.config["HUB_ROLE"]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith("/socket.io"):
            known = self.role != "live" or environ["PATH_INFO"] in OF_LIVE
            return self.pages(environ, start_response) if known else self._refuse("404 Not Found", start_response)
        if self.role == "web" or leaving.is_set():
            return self._refuse("503 Service Unavailable", start_response)
        try:
            member_id = self._member(environ)
        except AWAY:
            return self._refuse("503 Service Unavailable", start_response)
        if member_id is None:
            return self._refuse("403 Forbidden", start_response)
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)  # no compression: it costs more than it saves, and can be made a bomb
        with self.lock:
            if self.open[member_id] >= MOST_EACH:  # 429: a proxy takes 503 for a sign that this process is ill
                return self._refuse("429 Too Many Requests", start_response)
            if self.open.total() >= self.app.config["HUB_SOCKETS"]:
                return self._refuse("503 Service Unavailable", start_response)
            self.open[member_id] += 1
        for watch in when_opened:
            watch(self.app)
        try:
            return self.sockets(environ, start_response)
        finally:
            with self.lock:
                self.open[member_id] -= 1

    def _member(self, environ: WSGIEnvironment) -> int | None:
        with self.app.request_context(environ):
            return current_user.id if current_user.is_authenticated and _comes_from_us() else None

    def _refuse(self, status: str, start_response: StartResponse) -> Iterable[bytes]:
        log.info("socket refused", extra={"status": status[:3]})
        start_response(status, [("Content-Type", "text/plain"), ("Content-Security-Policy", CONTENT_SECURITY_POLICY)])
        return [b""]


def _comes_from_us() -> bool:
    """Browsers name the page that opens a socket (Engine.IO compares it); who names none must hold the token of the session."""
    if request.headers.get("Origin"):
        return True
    try:
        validate_csrf(request.args.get("token"))
    except ValidationError:
        return False
    return True
