"""News for open pages: publish() is the only emit, and nothing leaves before the outermost commit.

Who may hear what stands in ``listeners.py``.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import Flask, request
from flask_login import current_user
from flask_socketio import SocketIO
from flask_wtf.csrf import validate_csrf
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction
from wtforms.validators import ValidationError

from hub import config
from hub.db import db
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
    socketio.init_app(
        app,
        async_mode="threading",
        async_handlers=False,
        manage_session=False,
        cookie=None,
        max_http_buffer_size=LARGEST_FRAME,
        ping_interval=PING_EVERY,
        ping_timeout=PING_LASTS,
    )
    socketio.server.eio._async = socketio.server.eio._async | {"websocket": WebSocket}  # type: ignore[attr-defined]  # the stubs do not know it
    app.wsgi_app = Door(app, app.wsgi_app, Turns(app.wsgi_app, 1 if config.database_url(app.config).startswith("sqlite") else 2))  # type: ignore[method-assign]


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
_bell: queue.Queue[tuple[str, str, dict[str, Any]]] = queue.Queue(MOST_WAITING)
_ringer: threading.Thread | None = None
_lock = threading.Lock()


def ring(room: str, event_name: str, /, **heads: Any) -> None:
    """Send news now, of what is committed already. No answer waits for it; what does not fit is lost, and the beacon makes up for it."""
    global _ringer
    with _lock:
        if _ringer is None or not _ringer.is_alive():
            _ringer = threading.Thread(target=_keep_ringing, daemon=True)
            _ringer.start()
    try:
        _bell.put_nowait((room, event_name, heads))
    except queue.Full:
        log.warning("news lost: too much waits to be sent")


def _keep_ringing() -> None:
    while True:
        room, event_name, heads = _bell.get()
        try:
            socketio.emit(event_name, heads, to=room)
        except Exception:  # the rows are committed; a page asks for what it was not told
            log.exception("news lost")
        finally:
            _bell.task_done()


def all_rung() -> None:
    """Wait until what was said so far has left; for tests."""
    _bell.join()


class Door:
    """Before the websocket: only a signed-in member passes, from our own pages, and only while there are threads to spare.

    A socket holds its thread, and this call, until it closes: what is counted here is open.
    """

    def __init__(self, app: Flask, sockets: WSGIApplication, pages: WSGIApplication) -> None:
        self.app, self.sockets, self.pages = app, sockets, pages
        self.lock, self.open = threading.Lock(), Counter[int]()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith("/socket.io"):
            return self.pages(environ, start_response)
        member_id = self._member(environ)
        if member_id is None:
            return self._refuse("403 Forbidden", start_response)
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)  # no compression: it costs more than it saves, and can be made a bomb
        with self.lock:
            if self.open.total() >= self.app.config["HUB_SOCKETS"] or self.open[member_id] >= MOST_EACH:
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
