"""Where the bytes lie: by their hash, in a folder of the hub's data that no web server serves."""

import os
import secrets
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from flask import current_app

from hub import config


class Full(Exception):
    """The disk takes no more."""


def folder() -> Path:
    return config.data_folder(current_app.config) / "files"


def path_of(digest: str) -> Path:
    return folder() / digest[:2] / digest


def digest_of(data: bytes) -> str:
    return sha256(data).hexdigest()


def keep(data: bytes) -> str:
    """Store bytes and return their hash; half a file is never found under it. Raises ``Full``."""
    digest = digest_of(data)
    path = path_of(digest)
    if path.exists():
        return digest
    begun = path.with_name(f"{digest}.{secrets.token_hex(4)}.begun")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(begun, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        begun.replace(path)
    except OSError as error:
        begun.unlink(missing_ok=True)
        raise Full from error
    return digest


def read(digest: str) -> bytes:
    return path_of(digest).read_bytes()


def forget(digest: str) -> None:
    """Overwritten, then deleted: what a disk or a file system sets aside is beyond this."""
    path = path_of(digest)
    try:
        with open(path, "r+b") as file:
            file.write(b"\0" * path.stat().st_size)
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        return
    path.unlink(missing_ok=True)


def older_than(seconds: float) -> Iterator[Path]:
    """Everything in the store that was written so long ago, also what was begun and never finished."""
    limit = time.time() - seconds
    return (path for path in sorted(folder().glob("*/*")) if path.stat().st_mtime < limit)
