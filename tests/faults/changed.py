"""The hub for gunicorn, but for what the environment says: ``CRASH`` names a file, with which the process dies after its next commit;
``WITHOUT`` names mechanisms that are missing, to show that the tests would notice."""

import os
from contextlib import suppress
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.orm import Session

from hub import create_app, heartbeat, live
from hub.rooms import sockets


def no_beacon() -> None:
    sockets._tell = lambda *_given: None


def stock_framing() -> None:
    """Engine.IO as it is installed, under gevent."""
    from engineio.async_drivers.gevent import WebSocketWSGI

    heartbeat.install = lambda: None
    heartbeat.beat_all = lambda _server: None
    heartbeat.broadcast = lambda server, room, said: [server.emit(name, heads, to=room) for name, heads in said]
    live.WebSocket = WebSocketWSGI
    init_app = live.socketio.init_app
    live.socketio.init_app = lambda app, **options: init_app(app, **options | {"monitor_clients": True})


MECHANISMS = {"beacon": no_beacon, "framing": stock_framing}
for name in os.environ.get("WITHOUT", "").split():
    MECHANISMS[name]()
app = create_app()


@event.listens_for(Session, "after_commit")
def _die(session: Session) -> None:
    if "CRASH" in os.environ and session.info.get("writing") and not session.in_nested_transaction():
        with suppress(FileNotFoundError):
            Path(os.environ["CRASH"]).unlink()
            os._exit(70)
