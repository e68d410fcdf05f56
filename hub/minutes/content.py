"""What minutes say, as plain values: lines by section and side; compared, merged, hashed and exported in this one shape."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from merge3 import Merge3

from hub.db import UserText
from hub.minutes.models import MinutesLine, MinutesRevision, Section
from hub.rooms.models import Attribution, Delegation, Room


class Row(NamedTuple):
    """A line. The last four are of actions: which delegation does it, perhaps which delegate of it, by when."""

    words: UserText
    side_id: int | None = None
    owner_id: int | None = None
    owner: UserText = UserText("")
    due_on: date | None = None


class Place(NamedTuple):
    """A section, of one delegation where it stands for each."""

    section: str
    side_id: int | None = None


Content = dict[Place, list[Row]]


def places(sides: Iterable[Delegation]) -> list[Place]:
    """Where lines of minutes stand, in their order."""
    ids = [side.id for side in sides]
    return [Place(section, side_id) for section in Section.ALL for side_id in (ids if section in Section.BY_SIDE else [None])]


def content_of(revision: MinutesRevision, sides: Iterable[Delegation]) -> Content:
    found: Content = {place: [] for place in places(sides)}
    for line in revision.lines:
        found[_place_of(line)].append(Row(line.words, line.side_id, line.owner_id, line.owner, line.due_on))
    return found


def _place_of(line: MinutesLine) -> Place:
    return Place(line.section, line.side_id if line.section in Section.BY_SIDE else None)


def without_persons(room: Room, row: Row) -> Row:
    """Under the Chatham House Rule minutes name nobody: an action is its delegation's."""
    return row._replace(owner_id=None, owner=UserText("")) if room.attribution == Attribution.CHATHAM else row


def lines_from(content: Content) -> list[MinutesLine]:
    return [
        MinutesLine(section=place.section, words=row.words, side_id=row.side_id or place.side_id, owner_id=row.owner_id, owner=row.owner, due_on=row.due_on)
        for place, rows in content.items() for row in rows
    ]  # fmt: skip


def plain(content: Content, sides: Sequence[Delegation]) -> dict[str, Any]:
    """As it is signed and exported: states by code, roles as they were, days as 2026-04-30; no number of this database."""
    codes = {side.id: side.code for side in sides}
    said: dict[str, Any] = {}
    for place, rows in content.items():
        if place.section in Section.SINGLE:
            said[place.section] = rows[0].words if rows else ""
        elif place.section == Section.ACTIONS:
            said[place.section] = [
                {"what": row.words, "who": codes[row.side_id or 0], "role": row.owner, "due": row.due_on.isoformat() if row.due_on else ""} for row in rows
            ]
        elif place.side_id is not None:
            said.setdefault(place.section, {})[codes[place.side_id]] = [row.words for row in rows]
        else:
            said[place.section] = [row.words for row in rows]
    return said


def hash_of(room: str, num: int, version: int, terms: str, said: dict[str, Any]) -> str:
    """SHA-256, in hexadecimal digits, over one version and the hash of the terms in force: the same for every head who is shown the same."""
    signed = {"room": room, "minutes": num, "version": version, "terms": terms, "content": said}
    return hashlib.sha256(json.dumps(signed, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


# --- merging -------------------------------------------------------------------------------------------


class Clash(NamedTuple):
    """Lines that both changed: both stand in what was put together, those stored first."""

    place: Place
    stored: list[Row]
    typed: list[Row]


class Merged(NamedTuple):
    content: Content
    clashes: list[Clash]


def merge(base: Content, stored: Content, typed: Content) -> Merged:
    """Put together what two wrote upon the same version. Nothing that either of them added is lost."""
    merged: Content = {}
    clashes: list[Clash] = []
    for place in stored:
        texts = {repr(row): row for version in (base, stored, typed) for row in version[place]}  # the library takes lines of text
        rows: list[Row] = []
        before, theirs, mine = ([repr(row) for row in version[place]] for version in (base, stored, typed))
        for kind, *groups in Merge3(before, theirs, mine).merge_groups():
            lines = [[texts[line] for line in group] for group in groups]
            if kind == "conflict":
                clashes.append(Clash(place, lines[1], lines[2]))
                rows += [*lines[1], *(row for row in lines[2] if row not in lines[1])]
            else:
                rows += lines[0]
        merged[place] = rows
    return Merged(merged, clashes)
