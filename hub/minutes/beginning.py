"""The first version of minutes, from what was marked in the room."""

from collections.abc import Sequence

from hub import policy, text
from hub.accounts.models import User
from hub.db import db, lock_row
from hub.languages import AUTONYMS
from hub.minutes import queries
from hub.minutes.content import Content, Place, Row, places, without_persons
from hub.minutes.models import Minutes, Section
from hub.minutes.writing import Moved, add_version
from hub.rooms import queries as rooms
from hub.rooms import showing
from hub.rooms.models import Attribution, Delegation, EntryKind, Room
from hub.rooms.queries import Seat
from hub.words import plural

MOST_DRAFTED = 500
SECTIONS = {EntryKind.POINT: Section.AGENDA, EntryKind.DECISION: Section.DECISIONS, EntryKind.ACTION: Section.ACTIONS}


def begin(actor: User, seat: Seat) -> Minutes:
    """New minutes of what was marked and is not in the last agreed ones. Raises ``Moved`` when some are being written already."""
    room = seat.room
    lock_row(room)
    policy.require(actor, "room.write", room)
    if queries.open_minutes(room.id) is not None:
        raise Moved
    earlier = queries.last_minutes(room.id)
    minutes = Minutes(room_id=room.id, num=earlier.num + 1 if earlier else 1)
    db.session.add(minutes)
    db.session.flush()
    sides = rooms.delegations_of(room.id)
    since = (earlier.head_seq if earlier else 0) or 0
    content: Content = {place: [] for place in places(sides)} | marked(actor, room, sides, queries.newest_version(earlier).marks_upto if earlier else 0)
    content |= _attendance(room, sides)
    content[Place(Section.LANGUAGES)] = _languages(actor, room, since)
    add_version(actor, seat, minutes, content, room.last_seq)
    return minutes


def marked(actor: User, room: Room, sides: Sequence[Delegation], since: int) -> Content:
    """Points, decisions and actions that were marked after an entry, as lines; empty sections are left out."""
    found: Content = {}
    for line in showing.settled(actor, room, showing.sides_of(sides), since, MOST_DRAFTED):
        mark = line.mark
        if mark is not None:
            row = Row(text.in_a_line(line.text.html, queries.LONGEST_LINE))
            if mark.kind == EntryKind.ACTION and mark.side:
                row = row._replace(side_id=mark.side.id, owner_id=mark.owner_id, owner=mark.owner, due_on=mark.due_on)
            found.setdefault(Place(SECTIONS[mark.kind]), []).append(without_persons(room, row))
    return found


def _attendance(room: Room, sides: Sequence[Delegation]) -> Content:
    """Who is named, by role; under the Chatham House Rule how many."""
    there = [one for one in rooms.delegates_of(room.id) if rooms.speaks_for_side(one)]
    roles = {side.id: [one.user.role_title for one in there if one.delegation_id == side.id] for side in sides}
    if room.attribution == Attribution.CHATHAM:
        counted = {side_id: plural("%(num)s delegate", "%(num)s delegates", len(names)) for side_id, names in roles.items()}
        return {Place(Section.ATTENDANCE, side_id): [Row(text.prepare_line(words))] for side_id, words in counted.items()}
    return {Place(Section.ATTENDANCE, side_id): [Row(name) for name in names] for side_id, names in roles.items()}


def _languages(actor: User, room: Room, since: int) -> list[Row]:
    """Those that messages were written in."""
    names = [AUTONYMS[lang] for lang in showing.languages_of(actor, room, since) if lang in AUTONYMS]
    return [Row(text.prepare_line(", ".join(names)))] if names else []
