"""The rooms of the demo: one closed, one open, one proposed; agreed and said by the accounts that may."""

import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select, update

from hub import text
from hub.accounts.models import User
from hub.db import db, now
from hub.demo import minutes as papers
from hub.files.models import File
from hub.notifications.models import Kind, Notification
from hub.pillars.models import Pillar
from hub.rooms import consent, queries, talking
from hub.rooms.consent import Draft, Named
from hub.rooms.log import Said
from hub.rooms.models import Attribution, Consent, Delegation, EntryKind, Room, RoomEntry, RoomLabel, RoomMember, RoomState, RoomTerms
from hub.rooms.records import Disclosure

CONTENT = Path(__file__).parent / "content" / "rooms.toml"


def sow(people: dict[str, User]) -> None:
    for told in tomllib.loads(CONTENT.read_text("utf-8"))["room"]:
        _room(told, people)


def _room(told: dict[str, Any], people: dict[str, User]) -> None:
    pillar = db.session.scalars(select(Pillar).where(Pillar.slug == "cooperation")).one()
    title, purpose = text.prepare_line(told["title"]), text.prepare_line(told["purpose"], 600)
    draft = Draft(title, purpose, pillar, RoomLabel.STRICT, Attribution.NAMED, 180, told.get("shows_writing", False))
    proposer, asked = people[told["by"]], people[told["with"]]
    room = consent.propose(proposer, [asked.organisation], draft, _named(told["own"], people))
    began = now() - timedelta(days=told["days"])
    if told["theirs"]:
        consent.accept(asked, queries.get_place(asked, room.public_id), queries.terms_of(room).hash, _named(told["theirs"], people))
        _talk(room, told["said"], people, began)
    if "minutes" in told:
        papers.sow(told["minutes"], room, people, began)
    if "closed" in told:
        consent.halt(proposer, queries.get_place(proposer, room.public_id), RoomState.CLOSED, text.NOTHING)
    _long_ago(room, began, now() - timedelta(days=told["closed"]) if "closed" in told else None)
    papers.seal(room)


def _named(handles: list[str], people: dict[str, User]) -> Named:
    head, *others = (people[handle] for handle in handles)
    notes = next((one for one in others if one.handle.startswith("note.")), None)
    return Named(head, [one for one in others if one is not notes], notes)


def _talk(room: Room, said: list[Any], people: dict[str, User], began: datetime) -> None:
    for n, (who, _minutes, words, lang, answers) in enumerate(said, 1):
        seat = queries.get_seat(people[who], room.public_id)
        talking.say(people[who], seat, Said(EntryKind.MESSAGE, text.prepare(words), lang, answers + 1 if answers else None, f"demo {room.id} {n}"))
    for n, (_who, minutes, *_rest) in enumerate(said, 2):  # the first entry says that the room is open
        db.session.execute(update(RoomEntry).where(RoomEntry.room_id == room.id, RoomEntry.seq == n).values(at=began + timedelta(minutes=minutes)))


def _long_ago(room: Room, began: datetime, closed: datetime | None) -> None:
    db.session.flush()
    db.session.refresh(room)
    db.session.execute(update(RoomEntry).where(RoomEntry.room_id == room.id, RoomEntry.seq == 1).values(at=began - timedelta(hours=1)))
    if closed:
        db.session.execute(update(RoomEntry).where(RoomEntry.room_id == room.id, RoomEntry.seq == room.last_seq).values(at=closed))
        db.session.execute(update(RoomMember).where(RoomMember.room_id == room.id).values(last_read_seq=room.last_seq))
        old_news = (Notification.kind == Kind.ROOM, Notification.subject_id == room.id)
        db.session.execute(update(Notification).where(*old_news).values(read_at=closed, mail_due_at=None).execution_options(synchronize_session=False))
    room.created_at, room.opened_at, room.closed_at = began - timedelta(days=1), began - timedelta(hours=1) if room.opened_at else None, closed


def remove(gone: set[int]) -> None:
    """Rooms that a demo account proposed, or is a delegate in, with all that was said."""
    proposed = select(RoomTerms.room_id).where(RoomTerms.proposed_by.in_(gone))
    rooms = set(db.session.scalars(select(Room.id).where(Room.id.in_(proposed) | Room.id.in_(select(RoomMember.room_id).where(RoomMember.user_id.in_(gone))))))
    papers.remove(rooms)
    db.session.execute(delete(Disclosure).where(Disclosure.room_id.in_(rooms)))
    db.session.execute(delete(Consent).where(Consent.terms_id.in_(select(RoomTerms.id).where(RoomTerms.room_id.in_(rooms)))))
    for model in (RoomEntry, RoomMember, RoomTerms, Delegation):
        db.session.execute(delete(model).where(model.room_id.in_(rooms)))
    db.session.execute(delete(File).where(File.room_id.in_(rooms)))
    db.session.execute(delete(Notification).where(Notification.kind == Kind.ROOM, Notification.subject_id.in_(rooms)))
    db.session.execute(delete(Room).where(Room.id.in_(rooms)))
