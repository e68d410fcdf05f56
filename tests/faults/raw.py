"""A websocket by hand, which reads as slowly as it is told, and notices a broken frame."""

import base64
import os
import socket
import struct


class RawSocket:
    def __init__(self, port: int, cookie: str, path: str = "/socket.io/?EIO=4&transport=websocket") -> None:
        self.line = socket.socket()
        self.line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        self.line.connect(("127.0.0.1", port))
        key = base64.b64encode(os.urandom(16)).decode()
        lines = (f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {key}",
                 "Sec-WebSocket-Version: 13", "Origin: http://127.0.0.1", f"Cookie: {cookie}", "", "")  # fmt: skip
        self.line.sendall("\r\n".join(lines).encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.line.recv(1)
        assert b" 101 " in head, head
        self.came = b""

    def send(self, text: str) -> None:
        """A short text, masked with zeros."""
        data = text.encode()
        assert len(data) < 126
        self.line.sendall(struct.pack("!BB", 0x81, 0x80 | len(data)) + b"\0\0\0\0" + data)

    def read(self, most: int, timeout: float = 1.0) -> bool:
        """Take up to so many bytes; whether the line is still open."""
        self.line.settimeout(timeout)
        try:
            data = self.line.recv(most)
        except TimeoutError:
            return True
        except OSError:
            return False
        self.came += data
        return bool(data)

    def texts(self) -> list[str]:
        """What came whole so far. Raises ``ValueError`` when it is no stream of text frames."""
        found, at = [], 0
        while at + 2 <= len(self.came):
            first, length = self.came[at], self.came[at + 1]
            if first == 0x88:  # goodbye
                break
            if first != 0x81 or length > 127:
                raise ValueError(f"no text frame begins at {at}")
            start = at + 2
            if length == 126:
                length, start = int.from_bytes(self.came[start : start + 2], "big"), start + 2
            elif length == 127:
                length, start = int.from_bytes(self.came[start : start + 8], "big"), start + 8
            if start + length > len(self.came):
                break
            found.append(self.came[start : start + length].decode())
            at = start + length
        return found

    def close(self) -> None:
        self.line.close()
