"""News for open pages: publish() is the only emit, and nothing leaves before the outermost commit."""

import threading
from typing import NamedTuple

from flask import Flask, current_app
from flask_login import current_user
from flask_socketio import SocketIO
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from hub.db import db

socketio = SocketIO(transports=["websocket"])  # type: ignore[call-arg]  # the stubs do not know it
_open = 0
_count_lock = threading.Lock()


def init_app(app: Flask) -> None:
    socketio.init_app(
        app,
        async_mode="threading",
        async_handlers=False,
        manage_session=False,
        cookie=None,
        max_http_buffer_size=64_000,
    )
    socketio.on("connect")(_admit)
    socketio.on("disconnect")(_leave)


def publish(room: str, event_name: str, **heads: int | str) -> None:
    """Announce ``heads`` (ids and numbers, never content) to ``room`` after the outermost commit.

    A rollback, of the whole or of the savepoint it was said in, drops it. A push may still be lost.
    """
    session = db.session()
    _outbox(session).append(News(_open_transactions(session), room, event_name, heads))


class News(NamedTuple):
    within: tuple[SessionTransaction, ...]
    room: str
    name: str
    heads: dict[str, int | str]


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
        socketio.emit(news.name, news.heads, to=news.room)


@event.listens_for(Session, "after_soft_rollback")
def _drop(session: Session, undone: SessionTransaction) -> None:
    session.info["outbox"] = [news for news in _outbox(session) if undone not in news.within]


def _admit() -> bool:
    """Only a signed-in member gets a socket, and only while there are threads to spare."""
    global _open
    with _count_lock:
        if not current_user.is_authenticated or _open >= current_app.config["HUB_SOCKETS"]:
            return False
        _open += 1
    return True


def _leave(_reason: str | None = None) -> None:
    global _open
    with _count_lock:
        _open -= 1
