"""A flag shows one entry and the two before it to moderators, and nothing else of the room; every side is told by an entry."""

from typing import NamedTuple

from sqlalchemy import or_, select, update

from hub import policy
from hub.accounts.models import User
from hub.db import UserText, at_most, db, lock_row
from hub.files.models import File, FileStanding
from hub.rooms import log
from hub.rooms.log import Said
from hub.rooms.models import Attribution, Delegation, EntryKind, Room, RoomEntry
from hub.rooms.records import Disclosure
from hub.words import _

BEFORE = 2
CHANGED = (EntryKind.EDIT, EntryKind.TRANSLATION)


def disclose(actor: User, entry: RoomEntry, reason: str) -> Disclosure:
    """Show a message, and the two before it that the actor reads, as they stand now.

    What was shown before is shown again only as far as it was changed since. Raises ``Forbidden``.
    """
    room = db.session.get_one(Room, entry.room_id)
    lock_row(room)
    policy.require(actor, "room.flag", room)
    known = db.session.scalar(select(Disclosure).where(Disclosure.room_id == room.id, Disclosure.seq == entry.seq))
    if known is not None:
        return _again(room, known, reason)
    said = (RoomEntry.room_id == room.id, RoomEntry.kind == EntryKind.MESSAGE, RoomEntry.seq < entry.seq, policy.readable(actor, RoomEntry))
    before = sorted(db.session.scalars(select(RoomEntry.seq).where(*said).order_by(RoomEntry.seq.desc()).limit(at_most(BEFORE))))
    row = Disclosure(room_id=room.id, seq=entry.seq, before=" ".join(map(str, before)), upto=room.last_seq)
    db.session.add(row)
    db.session.flush()
    _tell(room, row, reason)
    return row


def _tell(room: Room, row: Disclosure, reason: str) -> None:
    """Which entries; under TLP:RED the flagged one alone is named: how much of the rest somebody reads would tell who flagged it."""
    _note(room, row, EntryKind.DISCLOSURE, None, f"{reason} {row.seq if room.is_red else ' '.join(map(str, row.seqs))}")


def _again(room: Room, row: Disclosure, reason: str) -> Disclosure:
    changed = (RoomEntry.room_id == room.id, RoomEntry.seq > row.upto, RoomEntry.target_seq.in_(row.seqs), RoomEntry.kind.in_(CHANGED))
    if db.session.scalar(select(RoomEntry.seq).where(*changed).limit(1)) is not None:
        row.upto = room.last_seq
        _tell(room, row, reason)
    return row


def hide(row: Disclosure) -> None:
    """What was flagged is hidden from every delegate until a moderator has decided."""
    room = _hold(row)
    if not row.hidden and not log.is_hidden(_entry(row)):
        row.hidden = True
        _note(room, row, EntryKind.HIDDEN, row.seq)


def restore(row: Disclosure) -> None:
    room = _hold(row)
    if row.hidden:
        row.hidden = False
        _note(room, row, EntryKind.RESTORED, row.seq)


def redact(row: Disclosure) -> None:
    """Its words go, with every wording, translation and file; number, time and keyed hash stay."""
    room = _hold(row)
    row.hidden = False
    redact_entry(room, row.seq)


def redact_entry(room: Room, seq: int) -> None:
    """The room is locked."""
    empty_words(room.id, seq)
    _note_on(room, seq, EntryKind.REDACTED, seq)


def wordings(room_id: int, seq: int) -> list[RoomEntry]:
    """Everything a message said, first and later, and its translations."""
    own = (RoomEntry.room_id == room_id, or_(RoomEntry.seq == seq, (RoomEntry.target_seq == seq) & RoomEntry.kind.in_(CHANGED)))
    return list(db.session.scalars(select(RoomEntry).where(*own)))


def empty_words(room_id: int, seq: int) -> None:
    own = (RoomEntry.room_id == room_id, or_(RoomEntry.seq == seq, RoomEntry.target_seq == seq), RoomEntry.kind.in_(EntryKind.WITH_WORDS))
    empty = {"body_md": UserText(""), "body_html": UserText("")}
    # an answer has the number of what it answers as its target, and keeps its words
    mine = or_(RoomEntry.seq == seq, RoomEntry.kind != EntryKind.MESSAGE)
    db.session.execute(update(RoomEntry).where(*own, mine).values(**empty).execution_options(synchronize_session=False))
    files = update(File).where(File.room_id == room_id, File.entry_seq == seq, File.standing != FileStanding.REMOVED)
    db.session.execute(files.values(standing=FileStanding.REMOVED, name=UserText("")).execution_options(synchronize_session=False))


def _hold(row: Disclosure) -> Room:
    room = db.session.get_one(Room, row.room_id)
    lock_row(room)
    db.session.refresh(row)
    return room


def _entry(row: Disclosure) -> RoomEntry:
    return db.session.get_one(RoomEntry, (row.room_id, row.seq))


def _note(room: Room, row: Disclosure, kind: str, target: int | None, what: str = "") -> None:
    _note_on(room, row.seq, kind, target, what)


def _note_on(room: Room, seq: int, kind: str, target: int | None, what: str = "") -> None:
    """An entry of the hub: it stands beside what was said, and tells nobody who flagged it or decided; none in a room that was emptied."""
    if room.emptied_at is not None:
        return
    entry = db.session.get_one(RoomEntry, (room.id, seq))
    author, side = db.session.get_one(User, entry.author_id), db.session.get_one(Delegation, entry.delegation_id)
    log.note(room, author, side, Said(kind, target=target, what=what))


class Shown(NamedTuple):
    """One of the entries as moderators read it."""

    name: str
    words: str


def shown(row: Disclosure) -> list[Shown]:
    """Who said it and every wording of it up to the moment it was flagged, the flagged one first; nothing once the words are gone."""
    said = select(RoomEntry, Delegation).join(Delegation, Delegation.id == RoomEntry.delegation_id)
    about = or_(RoomEntry.seq.in_(row.seqs), RoomEntry.target_seq.in_(row.seqs) & RoomEntry.kind.in_(CHANGED))
    rows = said.where(RoomEntry.room_id == row.room_id, RoomEntry.seq <= row.upto, about, RoomEntry.kind.in_(EntryKind.WITH_WORDS)).order_by(RoomEntry.seq)
    said_so: dict[int, list[str]] = {seq: [] for seq in row.seqs}
    names: dict[int, str] = {}
    chatham = db.session.get_one(Room, row.room_id).attribution == Attribution.CHATHAM  # who said it does not leave the room
    for entry, side in db.session.execute(rows):
        seq = entry.seq if entry.seq in said_so else entry.target_seq or 0
        names.setdefault(seq, _("Entry %(n)s", n=seq) if chatham else _("Entry %(n)s, %(role)s, %(state)s", n=seq, role=entry.speaker, state=side.code))
        if entry.body_md:
            said_so[seq].append(entry.body_md)
    if not said_so[row.seq]:
        return []
    return [Shown(names[seq], "\n".join(said_so[seq])) for seq in sorted(said_so, key=lambda seq: (seq != row.seq, seq)) if said_so[seq]]
