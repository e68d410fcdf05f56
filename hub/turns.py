"""Taking turns: Python runs one thread at a time, and threads that fight for it cost twice the work.

One request is at work at once where SQLite works in the same process, two where a database server works beside it. The others wait
for a place, but never long: who waited a quarter of a second goes ahead.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from hub.engines import BUSY_SECONDS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATIENCE = 0.25  # seconds
_mine = threading.local()
_writers: WeakKeyDictionary[Engine, threading.Lock] = WeakKeyDictionary()


class Turns:
    """Around the app: one place for each request at work."""

    def __init__(self, inner: WSGIApplication, at_work: int) -> None:
        self.inner, self.places = inner, threading.Semaphore(at_work)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        _take(self.places)
        try:
            return self.inner(environ, start_response)
        finally:
            _give()


@contextmanager
def aside() -> Iterator[None]:
    """Leave one's place to others while waiting, or while working outside Python."""
    places = _give()
    try:
        yield
    finally:
        if places:
            _take(places)


@contextmanager
def one_writer(engine: Engine) -> Iterator[None]:
    """Beside SQLite, let the writers of this process wait for each other here.

    SQLite has no queue: who waits for its lock sleeps and looks again, and among many may find it taken until the time is over.
    """
    if engine.dialect.name != "sqlite":
        yield
        return
    lock = _writers.setdefault(engine, threading.Lock())
    with aside():
        mine = lock.acquire(timeout=BUSY_SECONDS)
    try:
        yield  # if the time is over, SQLite says so
    finally:
        if mine:
            lock.release()


def _take(places: threading.Semaphore) -> None:
    _mine.places = places if places.acquire(timeout=PATIENCE) else None


def _give() -> threading.Semaphore | None:
    places: threading.Semaphore | None = getattr(_mine, "places", None)
    _mine.places = None
    if places:
        places.release()
    return places
