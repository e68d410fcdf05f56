"""The websocket under Engine.IO, for people on bad lines and for those who mean harm.

It extends ``SimpleWebSocketWSGI`` of python-engineio: a large frame is refused while it comes, a reader that does not read is cut off,
whatever is no packet of ours ends the connection, and so does a flood. Stock, each of these keeps a thread for good.
"""

import contextlib
import json
import re
import socket
import struct
import time
from collections import deque
from typing import Any

from engineio.async_drivers._websocket_wsgi import SimpleWebSocketWSGI
from engineio.async_drivers.threading import DaemonThread
from simple_websocket import ConnectionClosed
from wsproto.events import TextMessage

LARGEST_FRAME = 64_000  # bytes
SEND_WITHIN = 5  # seconds that a full line is waited for
LOOK_EVERY = 5  # seconds between two looks whether the connection still stands
MOST_EVENTS, IN_SECONDS = 60, 10
PACKET = re.compile(r"3|40(?:\{.*\})?|41|42\d{0,9}(\[\".*\])", re.S)  # a pong; hello, goodbye, an event with its number


class WebSocket(SimpleWebSocketWSGI):
    def __init__(self, handler: Any, server: Any, **settings: Any) -> None:
        super().__init__(handler, server, max_message_size=LARGEST_FRAME, thread_class=DaemonThread, **settings)
        self.came: deque[float] = deque(maxlen=MOST_EVENTS)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        raw = environ.get("werkzeug.socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_WITHIN, 0))
        return super().__call__(environ, start_response)

    def send(self, message: str) -> None:
        """Send one packet, whole. Raises ``OSError`` when the other side does not take it; the connection is cut then."""
        if not self.ws.connected:
            raise OSError("closed")
        try:
            self.ws.sock.sendall(self.ws.ws.send(TextMessage(data=message)))
        except Exception as error:
            self.cut()
            raise OSError("cut off") from error

    def wait(self) -> str | None:
        """The next packet; ``None`` when there is none to come, or when what came is not ours."""
        while self.ws.connected:
            try:
                came = self.ws.receive(timeout=LOOK_EVERY)
            except ConnectionClosed:
                return None
            if came is not None:
                return came if self._is_welcome(came) else None
        return None

    def _is_welcome(self, came: str | bytes) -> bool:
        now = time.monotonic()
        flood = len(self.came) == MOST_EVENTS and now - self.came[0] < IN_SECONDS
        self.came.append(now)
        return not flood and isinstance(came, str) and _is_ours(came)

    def close(self) -> None:
        with contextlib.suppress(Exception):  # it may be gone, or full
            super().close()
        self.cut()

    def cut(self) -> None:
        """End the connection under both threads that wait for it."""
        self.ws.connected = False
        self.ws.event.set()
        with contextlib.suppress(OSError):
            self.ws.sock.shutdown(socket.SHUT_RDWR)


def _is_ours(came: str) -> bool:
    """Whether a packet is one that our pages send; anything else would only fill the log with what it broke."""
    packet = PACKET.fullmatch(came)
    if packet is None:
        return False
    try:
        json.loads(packet[1] or came[2:] or "{}")
    except (ValueError, RecursionError):
        return False
    return True
