"""A line between a browser and the hub that can be cut, and comes back: whatever runs over it breaks off."""

import contextlib
import socket
import threading
from urllib.parse import urlsplit


class Line:
    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self.to = (address.hostname, address.port)
        self.door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.door.getsockname()[1]}"
        self.cut_off = False
        self.open: set[socket.socket] = set()
        self.lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self.cut_off = True
        with self.lock:
            for end in list(self.open):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self.cut_off = False

    def close(self) -> None:
        self.cut()
        with contextlib.suppress(OSError):
            self.door.shutdown(socket.SHUT_RDWR)
        self.door.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                here, _address = self.door.accept()
                if self.cut_off:
                    here.close()
                    continue
                there = socket.create_connection(self.to)
                with self.lock:
                    self.open |= {here, there}
                for one, other in ((here, there), (there, here)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while came := one.recv(65536):
                other.sendall(came)
        with contextlib.suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)
        with self.lock:
            self.open.discard(one)
        one.close()
