"""Where a page of a list ends: the time its rows are sorted by, and an id, as an address carries them."""

from datetime import UTC, datetime
from typing import NamedTuple


class Cursor(NamedTuple):
    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{int(self.at.timestamp()) * 1_000_000 + self.at.microsecond}-{self.id}"


def cursor(given: str) -> Cursor | None:
    """A cursor as our own link wrote it; anything else is the first page."""
    micros, _dash, number = given.partition("-")
    if not (micros.isdecimal() and number.isdecimal() and len(micros) < 18 and len(number) < 18):
        return None
    seconds, rest = divmod(int(micros), 1_000_000)
    return Cursor(datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest), int(number))
