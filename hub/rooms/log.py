"""The log of a room: every entry takes the next number in the statement that also asks whether it may be said."""

import hashlib
import json
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import bindparam, exists, insert, select, update

from hub import live
from hub.accounts.models import User
from hub.audit.actions import keyed
from hub.db import UserText, db, write
from hub.rooms import showing
from hub.rooms.models import Delegation, EntryKind, Room, RoomEntry, RoomMember, RoomState
from hub.rooms.showing import OFF as OFF
from hub.text import NOTHING, Prepared

KEPT_COLUMNS = (  # of an entry, for good
    RoomEntry.seq, RoomEntry.kind, RoomEntry.author_id, RoomEntry.delegation_id, RoomEntry.target_seq, RoomEntry.what, RoomEntry.subject_id,
    RoomEntry.side_id, RoomEntry.due_on, RoomEntry.at, RoomEntry.mac,
)  # fmt: skip
LARGEST_PUSH = 30_000  # characters of HTML; a page asks for more by itself


class NotOpen(Exception):
    """The room is paused or closed, or the writer is no delegate any more."""


class Said(NamedTuple):
    """What an entry says. ``what`` and ``subject_id`` are for the hub's own kinds."""

    kind: str
    body: Prepared = NOTHING
    lang: str = ""
    target: int | None = None
    client_id: str | None = None
    what: str = ""
    subject_id: int | None = None
    subject: UserText = UserText("")
    side_id: int | None = None
    due_on: date | None = None


def take(room: Room, writer: User) -> int:
    """The next number, for a delegate of a room that is open; nobody else writes until the commit. Raises ``NotOpen``."""
    taken = write(_taking(), {"in_room": room.id, "by": writer.id}).first()
    if taken is None:
        raise NotOpen
    return int(taken.last_seq)


@lru_cache
def _taking() -> Any:
    delegate = exists().where(RoomMember.room_id == bindparam("in_room"), RoomMember.user_id == bindparam("by"), RoomMember.left_at.is_(None))
    open_room = (Room.id == bindparam("in_room"), Room.state == RoomState.OPEN, delegate)
    return update(Room).where(*open_room).values(last_seq=Room.last_seq + 1).returning(Room.last_seq)


def note(room: Room, writer: User, side: Delegation, said: Said) -> int:
    """Add an entry of the hub's own, such as that somebody joined; the room is locked, and may be paused."""
    seq = int(write(_noting(), {"in_room": room.id}).one().last_seq)
    add(room, seq, writer, side.id, said)
    return seq


@lru_cache
def _noting() -> Any:
    return update(Room).where(Room.id == bindparam("in_room")).values(last_seq=Room.last_seq + 1).returning(Room.last_seq)


def add(room: Room, seq: int, writer: User, side_id: int, said: Said) -> None:
    """Store an entry under its number, and ring."""
    db.session.execute(insert(RoomEntry).values(
        room_id=room.id, seq=seq, kind=said.kind, author_id=writer.id, delegation_id=side_id, client_id=said.client_id, target_seq=said.target,
        what=said.what, subject_id=said.subject_id, side_id=said.side_id, due_on=said.due_on, speaker=writer.role_title, subject=said.subject,
        body_md=said.body.md, body_html=said.body.html, html_version=said.body.html_version, mac=keyed(said.body.md), lang=said.lang,
    ))  # fmt: skip
    ring(room, seq)


def ring(room: Room, seq: int) -> None:
    """Tell the delegates that hear the room, which is locked. The number alone under TLP:RED: not each of them reads what an entry changes."""
    entry = None if room.is_red else showing.entry_as_sent(room, seq)
    if entry is None or len(entry["html"]) > LARGEST_PUSH:
        live.publish(name_of(room.id, room.epoch), "head", room=room.public_id, head=seq)
    else:
        live.publish(name_of(room.id, room.epoch), "entry", room=room.public_id, **entry)


def name_of(room_id: int, epoch: int) -> str:
    """What sockets join; whoever left is not in the next one."""
    return f"room {room_id} {epoch}"


def new_epoch(room: Room) -> None:
    """From here on nothing is said to sockets that do not ask anew; the room is locked."""
    live.publish(name_of(room.id, room.epoch), "resub", room=room.public_id)
    db.session.execute(update(Room).where(Room.id == room.id).values(epoch=Room.epoch + 1).execution_options(synchronize_session=False))
    db.session.refresh(room, ["epoch"])


def hash_upto(room_id: int, seq: int) -> str:
    """SHA-256 over the entries up to a number: who, what, when, and the keyed hash of the words. It stays the same when the words are gone."""
    digest = hashlib.sha256()
    rows = select(*KEPT_COLUMNS).where(RoomEntry.room_id == room_id, RoomEntry.seq <= seq).order_by(RoomEntry.seq)
    for kept in db.session.execute(rows):
        digest.update(json.dumps([one.isoformat() if isinstance(one, date) else one for one in kept]).encode() + b"\n")
    return digest.hexdigest()


def is_message(entry: RoomEntry | None) -> bool:
    return entry is not None and entry.kind == EntryKind.MESSAGE


def entry_at(room_id: int, seq: int | None) -> RoomEntry | None:
    return db.session.get(RoomEntry, (room_id, seq)) if seq else None


def changes_of(room_id: int, seq: int, kind: str) -> list[RoomEntry]:
    """Entries of a kind about another one, in order."""
    rows = select(RoomEntry).where(RoomEntry.room_id == room_id, RoomEntry.target_seq == seq, RoomEntry.kind == kind).order_by(RoomEntry.seq)
    return list(db.session.scalars(rows))


def mark_of(entry: RoomEntry) -> RoomEntry | None:
    """The mark of a message that is in force."""
    rows = select(RoomEntry).where(RoomEntry.room_id == entry.room_id, RoomEntry.target_seq == entry.seq, RoomEntry.kind.in_(EntryKind.MARKS))
    last = db.session.scalars(rows.order_by(RoomEntry.seq.desc()).limit(1)).first()
    return last if last is not None and last.what != OFF else None


def is_hidden(entry: RoomEntry) -> bool:
    """Whether a moderator has yet to decide on a message, or took its words out."""
    kinds = (EntryKind.HIDDEN, EntryKind.RESTORED, EntryKind.REDACTED)
    rows = select(RoomEntry.kind).where(RoomEntry.room_id == entry.room_id, RoomEntry.target_seq == entry.seq, RoomEntry.kind.in_(kinds))
    return db.session.scalars(rows.order_by(RoomEntry.seq.desc()).limit(1)).first() in (EntryKind.HIDDEN, EntryKind.REDACTED)


def words_of(room_id: int, message: RoomEntry) -> UserText:
    """The words of a message as they are now."""
    edits = changes_of(room_id, message.seq, EntryKind.EDIT)
    return edits[-1].body_md if edits else message.body_md
