"""The websocket under Engine.IO, for people on bad lines and for those who mean harm; in threads and under gevent.

A text for many readers is framed once. It extends ``SimpleWebSocketWSGI`` of python-engineio: a large frame is refused while it comes, a
reader that does not read is cut off, whatever is no packet of ours ends the connection, and so does a flood. Stock, each of these keeps a
thread for good, and under gevent a line that is full breaks the stream.
"""

import contextlib
import json
import re
import socket
import struct
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from engineio.async_drivers._websocket_wsgi import SimpleWebSocketWSGI
from engineio.async_drivers.threading import DaemonThread
from simple_websocket import ConnectionClosed

LARGEST_FRAME = 64_000  # bytes
SEND_WITHIN = 5  # seconds that a full line is waited for
LOOK_EVERY = 5  # seconds between two looks whether the connection still stands
MOST_EVENTS, IN_SECONDS = 60, 10
PACKET = re.compile(r"3|40(?:\{.*\})?|41|42\d{0,9}(\[\".*\])", re.S)  # a pong; hello, goodbye, an event with its number


class WebSocket(SimpleWebSocketWSGI):
    def __init__(self, handler: Any, server: Any, **settings: Any) -> None:
        super().__init__(handler, server, max_message_size=LARGEST_FRAME, thread_class=DaemonThread, **settings)
        self.came: deque[float] = deque(maxlen=MOST_EVENTS)
        self.sock: Any = None
        self.sending, self.rest, self.by_gevent = False, b"", _by_gevent()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        raw = environ.get("werkzeug.socket")
        if raw is not None:  # under gevent sockets do not block, and _in_time() minds the time
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_WITHIN, 0))
        self.sock = raw if raw is not None else environ.get("gunicorn.socket")
        return super().__call__(environ, start_response)

    def sent_at_once(self, framed: bytes) -> bool:
        """Under gevent: give a framed packet to the system without waiting; whether that, or a queue that will send the rest of it, took it.

        Only gevent lets nobody else come between the look and the sending; threads always use the queue.
        """
        if not self.by_gevent or self.sending or self.rest:
            return False
        try:
            sent = self.sock._sock.send(framed)
        except BlockingIOError:
            return False
        except OSError:
            self.cut()
            return True
        self.rest = framed[sent:]
        if self.rest:  # the line took a part: the remainder goes before all that is queued
            threading.Thread(target=self._send_rest, daemon=True).start()
        return True

    def _send_rest(self) -> None:
        with contextlib.suppress(OSError):
            self.send("")

    def send(self, message: str) -> None:
        """Send one packet, whole, after what is left of the one before; "" sends that alone.

        Raises ``OSError`` when the other side does not take it; the connection is cut then.
        """
        while self.sending:  # the remainder is on its way
            time.sleep(0.01)
        if not self.ws.connected:
            raise OSError("closed")
        self.sending = True
        data, self.rest = self.rest + (frame(message) if message else b""), b""
        try:
            with _in_time(self.by_gevent):
                self.sock.sendall(data)
        except Exception as error:
            self.cut()
            raise OSError("cut off") from error
        finally:
            self.sending = False

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


@lru_cache(maxsize=64)
def frame(message: str) -> bytes:
    """A text as a server sends it (RFC 6455, §5.2): whole, not masked, not compressed."""
    data = message.encode()
    if len(data) < 126:
        return struct.pack("!BB", 0x81, len(data)) + data
    if len(data) < 1 << 16:
        return struct.pack("!BBH", 0x81, 126, len(data)) + data
    return struct.pack("!BBQ", 0x81, 127, len(data)) + data


def _by_gevent() -> bool:
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and bool(monkey.is_module_patched("socket"))


@contextlib.contextmanager
def _in_time(by_gevent: bool) -> Iterator[None]:
    """Raise ``OSError`` under gevent when the line stays full; threads have it from the system."""
    if by_gevent:
        from gevent import Timeout

        with Timeout(SEND_WITHIN, OSError("the line is full")):
            yield
    else:
        yield


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
