"""The minutes of the demo: marked, written in four versions, signed by both heads, and what followed from them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from hub import text
from hub.accounts.models import User
from hub.db import db
from hub.minutes import beginning, queries, signing, tasks, writing
from hub.minutes.content import Content, Place, Row, content_of
from hub.minutes.models import Minutes, MinutesLine, MinutesRevision, MinutesSignature, Section, Task
from hub.rooms import log, talking
from hub.rooms import queries as rooms
from hub.rooms.log import Said
from hub.rooms.models import Delegation, Room, RoomEntry


def sow(told: dict[str, Any], room: Room, people: dict[str, User], began: datetime) -> None:
    """``room`` is open, and was talked in; afterwards every entry and version has its own time."""
    for n, (who, entry, kind) in enumerate(told["marks"]):
        talking.say(people[who], rooms.get_seat(people[who], room.public_id), Said(kind, target=entry + 1, client_id=f"demo mark {room.id} {n}"))
    first = people[told["begun_by"]]
    minutes = beginning.begin(first, rooms.get_seat(first, room.public_id))
    for version in told["version"]:
        writer = people[version["by"]]
        content = _changed(room, minutes, version, people, began)
        writing.save(writer, rooms.get_seat(writer, room.public_id), minutes, minutes.version, content, room.last_seq)
    for who in told["signed_by"]:
        sides = rooms.delegations_of(room.id)
        signing.sign(people[who], rooms.get_seat(people[who], room.public_id), minutes, queries.hash_now(minutes, queries.newest_version(minutes), sides))
    for (who, words), task in zip(told["done"], queries.tasks_in(minutes), strict=True):
        tasks.tick(people[who], rooms.get_seat(people[who], room.public_id), task, text.prepare_line(words))
    _long_ago(minutes, room, began)


def _changed(room: Room, minutes: Minutes, version: dict[str, Any], people: dict[str, User], began: datetime) -> Content:
    sides = {side.code: side for side in rooms.delegations_of(room.id)}
    content = content_of(queries.newest_version(minutes), sides.values())
    for section in Section.ALL:
        if section == Section.ACTIONS and section in version:
            content[Place(section)] = [_action(one, sides, people, began) for one in version[section]]
        elif section in Section.BY_SIDE:
            content |= {Place(section, sides[code].id): _rows(lines, sides[code].id) for code, lines in version.get(section, {}).items()}
        elif section in version:
            content[Place(section)] = _rows(version[section])
    return content


def _rows(lines: Sequence[str], side_id: int | None = None) -> list[Row]:
    return [Row(text.prepare_line(line, 600), side_id) for line in lines]


def _action(told: list[Any], sides: dict[str, Delegation], people: dict[str, User], began: datetime) -> Row:
    words, code, who, days = told
    owner = people[who] if who else None
    row = Row(text.prepare_line(words, 600), sides[code].id, due_on=(began + timedelta(days=days)).date())
    return row._replace(owner_id=owner.id, owner=owner.role_title) if owner else row


def _long_ago(minutes: Minutes, room: Room, began: datetime) -> None:
    """Entries, versions and signatures as far back as the talk."""
    db.session.flush()
    at = began + timedelta(minutes=40)
    said = select(RoomEntry.seq).where(RoomEntry.room_id == room.id, RoomEntry.at > began + timedelta(days=1)).order_by(RoomEntry.seq)
    for n, seq in enumerate(db.session.scalars(said).all()):
        db.session.execute(update(RoomEntry).where(RoomEntry.room_id == room.id, RoomEntry.seq == seq).values(at=at + timedelta(minutes=3 * n)))
    dated: tuple[tuple[Any, int], ...] = ((MinutesRevision, 4), (MinutesSignature, 5))
    for model, each in dated:
        rows = db.session.scalars(select(model).where(model.minutes_id == minutes.id).order_by(model.id)).all()
        for n, row in enumerate(rows):
            row.at = at + timedelta(minutes=6 * (n + each))
    minutes.begun_at, minutes.agreed_at = at, at + timedelta(minutes=60)
    for task in queries.tasks_in(minutes):
        task.done_at = began + timedelta(days=(task.due_on - began.date()).days - 1)


def seal(room: Room) -> None:
    """What the log was when all had signed, with the times that its entries have now."""
    db.session.flush()
    for minutes in db.session.scalars(select(Minutes).where(Minutes.room_id == room.id)).all():
        minutes.head_hash = log.hash_upto(room.id, minutes.head_seq or 0)


def remove(room_ids: set[int]) -> None:
    """Minutes of rooms that go."""
    ids = list(db.session.scalars(select(Minutes.id).where(Minutes.room_id.in_(room_ids))))
    db.session.execute(delete(Task).where(Task.minutes_id.in_(ids)))
    versions = select(MinutesRevision.id).where(MinutesRevision.minutes_id.in_(ids))
    db.session.execute(delete(MinutesLine).where(MinutesLine.revision_id.in_(versions)))
    for model in (MinutesRevision, MinutesSignature):
        db.session.execute(delete(model).where(model.minutes_id.in_(ids)))
    db.session.execute(delete(Minutes).where(Minutes.id.in_(ids)))
