"""How much work something is: processor time of this thread against a fixed loop beside it, so that a slow moment of the machine changes both."""

import time
from collections.abc import Callable

TRIES = 3


def work(done: Callable[[], object]) -> float:
    """Units of one fixed loop (about 10 ms on the machines of 2026)."""
    return _seconds(done) / _seconds(_unit)


def is_bounded(done: Callable[[], object], units: float) -> bool:
    """Whether it is at most so much work in one of a few tries: a collection of garbage in between is not the work of the code."""
    return any(work(done) <= units for _ in range(TRIES))


def _seconds(done: Callable[[], object]) -> float:
    started = time.thread_time()
    done()
    return time.thread_time() - started


def _unit() -> int:
    return sum(number % 7 for number in range(150_000))
