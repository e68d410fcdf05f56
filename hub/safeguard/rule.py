"""What a rule is."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from hub.safeguard.reading import Reading


class Hit(NamedTuple):
    """A passage in places of ``Reading.plain``; ``severity`` where it differs from the rule's."""

    start: int
    end: int
    severity: int | None = None


class Rule(NamedTuple):
    """``found`` is a text in which the rule finds something, ``passed`` one like it in which it does not; all in them is invented."""

    id: str
    kind: str
    severity: int
    find: Callable[[Reading], Iterable[Hit]]
    why: str
    source: str
    found: str
    passed: str
