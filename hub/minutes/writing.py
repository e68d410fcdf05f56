"""Saving a version of minutes: never over another one, each with its entry in the log; signatures to the one before are cleared by it."""

from hub import policy
from hub.accounts.models import User
from hub.db import db, lock_row
from hub.minutes import queries
from hub.minutes.content import Content, content_of, lines_from
from hub.minutes.models import Minutes, MinutesRevision
from hub.rooms import log
from hub.rooms import queries as rooms
from hub.rooms.log import Said
from hub.rooms.models import EntryKind
from hub.rooms.queries import Seat


class Moved(Exception):
    """What was to be done does not fit any more: somebody was quicker."""


class Agreed(Exception):
    """All have signed: nobody changes these minutes any more."""


class Held(Exception):
    """A line of the draft says what a moderator has yet to decide on."""


class Stale(Exception):
    """Another version was saved meanwhile; both are to be put together."""


def save(actor: User, seat: Seat, minutes: Minutes, base: int, content: Content, marks_upto: int) -> int:
    """Store the next version upon ``base`` and return its number; without a change it is the stored one.

    Raises ``Agreed``, ``Held``, ``Stale``, ``NotOpen``.
    """
    _lock(actor, seat, minutes)
    sides = rooms.delegations_of(seat.room.id)
    newest = queries.newest_version(minutes)
    if content == content_of(newest, sides):
        newest.marks_upto = max(marks_upto, newest.marks_upto)  # what was offered, and struck out
        return minutes.version
    if base != minutes.version:
        raise Stale
    signed = queries.signatures_to(minutes, queries.hash_now(minutes, newest, sides))
    add_version(actor, seat, minutes, content, max(marks_upto, newest.marks_upto))
    if signed:
        _note(actor, seat, Said(EntryKind.SIGNATURE, what=f"cleared {newest.num}", subject_id=minutes.num))
    return minutes.version


def _lock(actor: User, seat: Seat, minutes: Minutes) -> None:
    lock_row(seat.room)
    db.session.refresh(minutes)
    if minutes.agreed_at is not None:
        raise Agreed
    if not policy.can(actor, "room.write", seat.room):
        raise log.NotOpen
    if queries.hidden_lines(minutes):
        raise Held


def add_version(actor: User, seat: Seat, minutes: Minutes, content: Content, marks_upto: int) -> None:
    """The room is locked."""
    minutes.version += 1
    seq = _note(actor, seat, Said(EntryKind.MINUTES, what=f"saved {minutes.version}", subject_id=minutes.num))
    db.session.add(MinutesRevision(
        minutes_id=minutes.id, num=minutes.version, author_id=actor.id, side_id=seat.member.delegation_id, author=actor.role_title, seq=seq,
        marks_upto=marks_upto, lines=lines_from(content),
    ))  # fmt: skip
    db.session.flush()


def _note(actor: User, seat: Seat, said: Said) -> int:
    """An entry of a delegate, under the rules of what they say: the room is open, and they are still in it."""
    seq = log.take(seat.room, actor)
    member = rooms.seat_as_locked(actor, seat.room).member
    log.add(seat.room, seq, actor, member.delegation_id, said)
    return seq
