"""Asking a virus scanner (clamd's protocol). Off by default; where it is on and does not answer, a file waits."""

import socket
import struct
from enum import Enum
from urllib.parse import urlsplit

PATIENCE = 10  # seconds
CHUNK = 64 * 1024


class Verdict(Enum):
    CLEAN = "clean"
    BAD = "bad"
    UNKNOWN = "unknown"  # no answer, or none that is understood


def verdict(url: str, data: bytes) -> Verdict:
    """``url`` is ``clamd://host:port`` or ``clamd:///path/of.sock``; empty: nobody is asked, and every file is clean."""
    if not url:
        return Verdict.CLEAN
    try:
        with _connected(url) as scanner:
            scanner.sendall(b"zINSTREAM\0")
            for at in range(0, len(data), CHUNK):
                scanner.sendall(struct.pack("!I", len(data[at : at + CHUNK])) + data[at : at + CHUNK])
            scanner.sendall(struct.pack("!I", 0))
            answer = _answer(scanner)
    except OSError:
        return Verdict.UNKNOWN
    if answer.endswith(b"OK"):
        return Verdict.CLEAN
    return Verdict.BAD if answer.endswith((b"FOUND", b"ERROR")) else Verdict.UNKNOWN  # what it cannot read is not taken


def _connected(url: str) -> socket.socket:
    parts = urlsplit(url)
    if parts.hostname:
        return socket.create_connection((parts.hostname, parts.port or 3310), timeout=PATIENCE)
    scanner = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    scanner.settimeout(PATIENCE)
    try:
        scanner.connect(parts.path)
    except OSError:
        scanner.close()
        raise
    return scanner


def _answer(scanner: socket.socket) -> bytes:
    """Up to the end of the connection, or a reasonable length."""
    said = b""
    while len(said) < 4_096 and (some := scanner.recv(4_096)):
        said += some
        if said.endswith(b"\0"):
            break
    return said.strip(b"\0\n ")
