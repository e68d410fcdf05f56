"""Open websockets of many pages, and count what arrives: ``python -m bench.hearers PORT ROOMS-FILE``; a line of the file is a room and a cookie.

Says ``ready`` and the seconds it took; each line on its standard input is answered with how many news have come by then.
"""

import base64
import os
import selectors
import socket
import struct
import sys
import threading
import time

PING, PONG = b"\x81\x012", struct.pack("!BB", 0x81, 0x81) + b"\0\0\0\0" + b"3"
arrived = 0


def opened(port: int, room: str, cookie: str) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port), timeout=30)
    key = base64.b64encode(os.urandom(16)).decode()
    head = ("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", f"Origin: http://127.0.0.1:{port}", f"Cookie: {cookie}", "", "")  # fmt: skip
    line.sendall("\r\n".join(head).encode())
    wait_for(line, b'"sid"')
    send(line, "40")
    wait_for(line, b'40{"sid"')
    send(line, f'420["join",{{"thread":{room}}}]')
    wait_for(line, b'430[{"joined"')
    line.setblocking(False)
    return line


def wait_for(line: socket.socket, words: bytes) -> None:
    came = b""
    while words not in came:
        data = line.recv(4096)
        assert data, came
        came += data
        if PING in data:
            line.sendall(PONG)


def send(line: socket.socket, text: str) -> None:
    data = text.encode()
    line.sendall(struct.pack("!BB", 0x81, 0x80 | len(data)) + b"\0\0\0\0" + data)


def count(lines: list[socket.socket]) -> None:
    global arrived
    waiting, tails = selectors.DefaultSelector(), dict.fromkeys(lines, b"")
    for line in lines:
        waiting.register(line, selectors.EVENT_READ)
    while True:
        for key, _events in waiting.select(1):
            line = key.fileobj
            try:
                data = tails[line] + line.recv(1 << 18)
            except OSError:
                waiting.unregister(line)
                continue
            if data == tails[line]:
                waiting.unregister(line)
                continue
            arrived += data.count(b'"n":')
            if PING in data:
                line.send(PONG)
            tails[line] = PING[:2] if data.endswith(PING[:2]) else b""  # a ping that came in two parts


def main() -> None:
    port = int(sys.argv[1])
    with open(sys.argv[2]) as rooms:
        wanted = [line.rstrip("\n").split(" ", 1) for line in rooms]
    began = time.perf_counter()
    lines = []
    answered = threading.Thread(target=_keep_alive, args=(lines,), daemon=True)
    answered.start()
    for room, cookie in wanted:
        lines.append(opened(port, room, cookie))
    over.set()
    answered.join()
    threading.Thread(target=count, args=(lines,), daemon=True).start()
    print(f"ready {time.perf_counter() - began:.2f}", flush=True)
    for _line in sys.stdin:
        print(arrived, flush=True)


over = threading.Event()


def _keep_alive(lines: list[socket.socket]) -> None:
    """Answer pings of the first ones while the last ones are opened."""
    while not over.wait(0.5):
        for line in list(lines):
            try:
                if PING in line.recv(4096):
                    line.send(PONG)
            except BlockingIOError:
                pass


if __name__ == "__main__":
    main()
