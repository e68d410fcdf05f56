"""The Engine.IO socket of the hub: a queue that ends, one heartbeat for all, and under gevent no queue at all for who reads.

It extends ``Socket`` of python-engineio (``EXTENDS``; a test fails when that changes). Stock, packets for a reader who does not read pile
up without end, each ping of each socket is a thread of its own, and each packet wakes a greenlet of its socket that sets up a timer.
"""

import logging
import threading
import time
from collections.abc import Collection, Sequence
from typing import Any

import engineio.server
import engineio.socket
from engineio import packet
from socketio.packet import EVENT

from hub.websocket import frame

log = logging.getLogger("hub.live")
EXTENDS = "4.15.1"
MOST_QUEUED = 150  # packets that wait for one reader
BEAT = 1.0  # seconds
SILENT_LOOKS = 4  # after so many a connection that never said who it is ends: within ten seconds
counted = {"evicted": 0}


class Socket(engineio.socket.Socket):
    """One open page."""

    line: Any = None  # the websocket under it
    last_ping: float | None
    ping_at = 0.0  # monotonic; when the next ping is due

    def schedule_ping(self) -> None:
        """After the hello and each pong: the next ping is due an interval later."""
        self.last_ping = None
        self.ping_at = time.monotonic() + self.server.ping_interval

    def send(self, pkt: packet.Packet) -> None:
        """Send a packet, or queue it behind those that wait; who lets too many wait is put out, and comes back to a log that has everything."""
        self.pass_on([pkt], frame(pkt.encode()))

    def pass_on(self, packets: Sequence[packet.Packet], framed: bytes) -> None:
        """``send`` of packets that are framed already, for all their readers at once."""
        line, waiting = self.line, self.queue.qsize()
        if self.closed or line is None or self.last_ping is not None:
            for pkt in packets:
                super().send(pkt)  # which closes who does not answer
        elif waiting >= MOST_QUEUED:
            self.evict()
        elif waiting or not line.sent_at_once(framed):
            for pkt in packets:
                self.queue.put(pkt)

    def poll(self) -> list[packet.Packet]:
        """What waits to be sent; nothing when the socket is closed. No time-out: the heartbeat closes who is gone."""
        first = self.queue.get()
        self.queue.task_done()
        return [] if first is None else [first]

    def evict(self) -> None:
        counted["evicted"] += 1
        log.warning("a reader who does not read was put out")
        self.close(wait=False, abort=True, reason=self.server.reason.TRANSPORT_ERROR)
        if self.line is not None:
            self.line.cut()

    def beat(self) -> None:
        """Ping when it is time; close when the last ping was not answered."""
        if self.check_ping_timeout() and self.last_ping is None and time.monotonic() >= self.ping_at:
            self.last_ping = time.time()
            self.send(packet.Packet(packet.PING))

    def _websocket_handler(self, ws: Any) -> Any:
        self.line = ws
        return super()._websocket_handler(ws)


def install() -> None:
    """New connections of this process get sockets of ours; Engine.IO has no other place to say so."""
    engineio.socket.Socket = Socket


_heart: threading.Thread | None = None
_lock = threading.Lock()


def look_after(server: engineio.server.Server) -> None:
    """Begin the one heartbeat of all sockets of ``server``, unless it beats."""
    global _heart
    with _lock:
        if _heart is None or not _heart.is_alive():
            _heart = threading.Thread(target=_keep_beating, args=(server,), daemon=True)
            _heart.start()


def _keep_beating(server: engineio.server.Server) -> None:
    while True:
        time.sleep(BEAT)
        beat_all(server)


def beat_all(server: engineio.server.Server) -> None:
    for sid, one in list(server.sockets.items()):
        try:
            if one.closed:
                server.sockets.pop(sid, None)
            elif not one.closing:
                one.beat()
        except Exception:  # one broken socket does not stop the heart of the others
            log.exception("a socket was not looked after")


_silent: dict[str, int] = {}


def close_silent(server: engineio.server.Server, known: Collection[str | None]) -> None:
    """A connection that does not join Socket.IO hears nothing, but holds a place; ``known`` are those that did."""
    there = {sid: connection for sid, connection in list(server.sockets.items()) if sid not in known}
    for sid in set(_silent) - set(there):
        del _silent[sid]
    for sid, connection in there.items():
        _silent[sid] = _silent.get(sid, 0) + 1
        if _silent[sid] > SILENT_LOOKS:
            connection.close(wait=False, reason=server.reason.SERVER_DISCONNECT)


def say_goodbye(server: engineio.server.Server, within: float) -> None:
    """Before this process ends: close every socket, one after the other over ``within`` seconds, so that not all come back at once."""
    there = list(server.sockets.values())
    for connection in there:
        connection.close(wait=False, reason=server.reason.SERVER_DISCONNECT)
        time.sleep(within / len(there))


def broadcast(server: Any, room: str, said: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """Events with their heads to all who are in a room: what ``emit`` of Socket.IO comes to without callbacks and binary parts, packed and framed once."""
    if room not in server.manager.rooms.get("/", {}):
        return
    packets = [packet.Packet(packet.MESSAGE, server.packet_class(EVENT, namespace="/", data=list(one)).encode()) for one in said]
    framed, sockets = b"".join(frame(pkt.encode()) for pkt in packets), server.eio.sockets
    for _sid, eio_sid in server.manager.get_participants("/", room):
        one = sockets.get(eio_sid)
        if one is not None and not one.closed:
            one.pass_on(packets, framed)
