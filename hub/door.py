"""The door of websockets: only a signed-in member passes, from our own pages, while there is room."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from flask import Flask, request
from flask_login import current_user
from flask_wtf.csrf import validate_csrf
from wtforms.validators import ValidationError

from hub.db import AWAY
from hub.web import CONTENT_SECURITY_POLICY

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("hub.live")
MOST_EACH = 5  # sockets of one member; further pages ask from time to time
when_opened: list[Callable[[Flask], None]] = []  # who looks after sockets from the first one on
leaving = threading.Event()  # this process is to end
OF_LIVE = ("/healthz", "/readyz", "/metrics")  # all that a process for websockets answers beside them


class Door:
    """Before the websocket, and before pages.

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
