"""Taking turns: Python runs one thread at a time, and threads that fight for it cost twice the work.

Two requests are at work at once; the others wait for a place, but never long: who waited a quarter of a second goes ahead.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

AT_WORK = 2
PATIENCE = 0.25  # seconds
_places = threading.Semaphore(AT_WORK)
_mine = threading.local()


class Turns:
    """Around the app: one place for each request at work."""

    def __init__(self, inner: WSGIApplication) -> None:
        self.inner = inner

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        _take()
        try:
            return self.inner(environ, start_response)
        finally:
            _give()


@contextmanager
def aside() -> Iterator[None]:
    """Leave one's place to others while waiting, or while working outside Python."""
    held = _give()
    try:
        yield
    finally:
        if held:
            _take()


def _take() -> None:
    _mine.held = _places.acquire(timeout=PATIENCE)


def _give() -> bool:
    held, _mine.held = getattr(_mine, "held", False), False
    if held:
        _places.release()
    return held
