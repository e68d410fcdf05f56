"""What delegates say: messages, what is changed about them within ten minutes, acknowledgements, translations."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import select, update

from hub import policy
from hub.accounts.models import User
from hub.db import UserText, db, now
from hub.files.keeping import keep_file
from hub.files.receiving import Received
from hub.rooms import log, queries
from hub.rooms.log import Said
from hub.rooms.models import EntryKind, RoomEntry, RoomMember, RoomState
from hub.rooms.queries import Seat
from hub.rooms.telling import tell
from hub.words import _

MAY_CHANGE = timedelta(minutes=10)
OFF = log.OFF


class Repeated(Exception):
    """The entry is stored already, under this number."""

    def __init__(self, seq: int) -> None:
        super().__init__(seq)
        self.seq = seq


class Taken(Exception):
    """Another entry has this id of a page."""


class NotThis(Exception):
    """What the entry is about does not allow it; the message says why."""


def say(actor: User, seat: Seat, said: Said, file: Received | None = None) -> int:
    """Store an entry, perhaps with a file, and return its number.

    Raises ``Repeated``, ``Taken``, ``NotThis`` or ``log.NotOpen``; the caller's unit of work is then undone.
    """
    earlier = _sent_before(actor, said.client_id)
    if earlier is not None:
        raise Repeated(earlier.seq) if _same(earlier, seat, said) else Taken
    if seat.room.state != RoomState.OPEN:
        raise log.NotOpen
    policy.require(actor, "room.write", seat.room)
    seq = log.take(seat.room, actor)
    seat = queries.seat_as_locked(actor, seat.room)  # a revocation, or other terms, may have been committed while this waited
    earlier = _sent_before(actor, said.client_id)  # the same, sent twice at one moment: the other was first
    if earlier is not None:
        raise Repeated(earlier.seq) if _same(earlier, seat, said) else Taken
    _refuse(actor, seat, said)
    if said.subject_id is not None:
        said = said._replace(subject=db.session.get_one(User, said.subject_id).role_title)
    if file is not None:
        keep_file(actor.id, file.name, file.made, file.waits, room_id=seat.room.id, entry_seq=seq)
    log.add(seat.room, seq, actor, seat.member.delegation_id, said)
    _tell(actor, seat, said)
    return seq


def _sent_before(actor: User, client_id: str | None) -> RoomEntry | None:
    if client_id is None:
        return None
    return db.session.scalar(select(RoomEntry).where(RoomEntry.author_id == actor.id, RoomEntry.client_id == client_id))


def _same(entry: RoomEntry, seat: Seat, said: Said) -> bool:
    stored = (entry.room_id, entry.kind, entry.target_seq, entry.body_md, entry.what, entry.side_id, entry.due_on)
    return stored == (seat.room.id, said.kind, said.target, said.body.md, said.what, said.side_id, said.due_on)


def _refuse(actor: User, seat: Seat, said: Said) -> None:
    """Whether the entry fits what it is about. The room is locked, so nobody changes that meanwhile."""
    if said.target is None:
        if said.kind != EntryKind.MESSAGE:
            raise NotThis(_("Choose the entry that this is about."))
        return
    target = _target(actor, seat, said.target)
    if said.kind == EntryKind.MESSAGE:
        if target.kind not in EntryKind.NEW:
            raise NotThis(_("The entry that this is about is not there."))
        return
    if target.kind != EntryKind.MESSAGE:
        raise NotThis(_("That is done to what a delegate said, not to a note of the room."))
    if said.kind in (EntryKind.EDIT, EntryKind.WITHDRAW):
        _refuse_change(actor, seat, target)
    elif log.changes_of(seat.room.id, target.seq, EntryKind.WITHDRAW) or log.is_hidden(target):
        raise NotThis(_("It was withdrawn or hidden meanwhile."))
    elif said.kind == EntryKind.ACK_REQUEST and log.changes_of(seat.room.id, target.seq, EntryKind.ACK_REQUEST):
        raise NotThis(_("An acknowledgement is asked for already."))
    elif said.kind == EntryKind.ACK:
        _refuse_ack(seat, target)
    elif said.kind in EntryKind.MARKS:
        _refuse_mark(seat, target, said)


def _target(actor: User, seat: Seat, seq: int) -> RoomEntry:
    found = db.session.scalar(select(RoomEntry).where(RoomEntry.room_id == seat.room.id, RoomEntry.seq == seq, policy.readable(actor, RoomEntry)))
    if found is None:
        raise NotThis(_("The entry that this is about is not there."))
    return found


def _refuse_change(actor: User, seat: Seat, target: RoomEntry) -> None:
    if target.author_id != actor.id:
        raise NotThis(_("Only who said it may change it."))
    if now() - target.at > MAY_CHANGE:
        raise NotThis(_("Ten minutes have passed: what was said stands. Say what is different in a new entry."))
    if log.changes_of(seat.room.id, target.seq, EntryKind.WITHDRAW) or log.is_hidden(target):
        raise NotThis(_("It was withdrawn or hidden meanwhile."))


def _refuse_ack(seat: Seat, target: RoomEntry) -> None:
    asked = log.changes_of(seat.room.id, target.seq, EntryKind.ACK_REQUEST)
    if not asked or asked[0].delegation_id == seat.member.delegation_id:
        raise NotThis(_("Nobody of another delegation asks for an acknowledgement of this."))
    if any(ack.delegation_id == seat.member.delegation_id for ack in log.changes_of(seat.room.id, target.seq, EntryKind.ACK)):
        raise NotThis(_("Your delegation has acknowledged it."))


def _refuse_mark(seat: Seat, target: RoomEntry, said: Said) -> None:
    """A mark is one of three; it is taken away by who names it as it is."""
    stands = log.mark_of(target)
    if said.what == OFF and (stands is None or stands.kind != said.kind):
        raise NotThis(_("It is not marked so any more."))
    if said.what != OFF and stands is not None and stands.kind == said.kind != EntryKind.ACTION:
        raise NotThis(_("It is marked so already."))
    if said.kind == EntryKind.ACTION and said.what != OFF:
        _refuse_action(seat, said)


def _refuse_action(seat: Seat, said: Said) -> None:
    if said.side_id not in {side.id for side in queries.delegations_of(seat.room.id)}:
        raise NotThis(_("Say which delegation does it."))
    if said.due_on is None or said.due_on < now().date() - timedelta(days=1):  # it is yesterday somewhere
        raise NotThis(_("Say by when: a day from today on."))
    named = {one.user_id for one in queries.delegates_of(seat.room.id) if one.delegation_id == said.side_id}
    if said.subject_id is not None and said.subject_id not in named:
        raise NotThis(_("Who does it is a delegate of that delegation, or nobody by name."))


def _tell(actor: User, seat: Seat, said: Said) -> None:
    """Delegates whom a message mentions."""
    if said.kind == EntryKind.MESSAGE and said.body.handles:
        named = delegates_called(seat.room.id, said.body.handles).values()
        tell(seat.room, set(named) - {actor.id}, "mentioned")


def delegates_called(room_id: int, handles: Collection[str]) -> dict[str, int]:
    """Delegates by handle: whom one may mention in a room."""
    rows = select(User.handle, User.id).join(RoomMember, RoomMember.user_id == User.id)
    rows = rows.where(RoomMember.room_id == room_id, RoomMember.left_at.is_(None), User.handle.in_(handles), User.deactivated_at.is_(None))
    return {row.handle: row.id for row in db.session.execute(rows)}


def read_upto(seat: Seat, seq: int) -> None:
    """Move the line between read and new on; never back, never past the end."""
    upto = min(seq, seat.room.last_seq)
    own = (RoomMember.room_id == seat.room.id, RoomMember.user_id == seat.member.user_id, RoomMember.last_read_seq < upto)
    db.session.execute(update(RoomMember).where(*own).values(last_read_seq=upto).execution_options(synchronize_session=False))


def words_now(actor: User, seat: Seat, seq: int) -> UserText | None:
    """The words of an own message, while they may be changed."""
    try:
        target = _target(actor, seat, seq)
        _refuse_change(actor, seat, target)
    except NotThis:
        return None
    return log.words_of(seat.room.id, target) if log.is_message(target) else None
