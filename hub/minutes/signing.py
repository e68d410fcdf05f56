"""Signing: each head signs the hash of the newest version; with the last signature over the same hash minutes are agreed and locked."""

from sqlalchemy import delete

from hub import policy
from hub.accounts.models import User
from hub.db import db, lock_row, now
from hub.minutes import queries, tasks
from hub.minutes.models import Minutes, MinutesSignature
from hub.minutes.writing import Agreed, Held, Moved
from hub.rooms import log
from hub.rooms import queries as rooms
from hub.rooms.log import Said
from hub.rooms.models import EntryKind
from hub.rooms.queries import Seat
from hub.rooms.telling import tell


def sign(actor: User, seat: Seat, minutes: Minutes, shown_hash: str) -> bool:
    """Sign what was shown; returns whether all have signed now. The password was asked before.

    Raises ``Moved`` when another version, or other terms, hold by now, ``Agreed``, ``Held``, ``NotOpen``, and ``Forbidden`` for who is no head any more.
    """
    room = seat.room
    lock_row(room)
    seat = rooms.seat_as_locked(actor, room)
    db.session.refresh(minutes)
    if minutes.agreed_at is not None:
        raise Agreed
    policy.require(actor, "minutes.sign", (room, seat.member))
    if queries.hidden_lines(minutes):
        raise Held
    sides = rooms.delegations_of(room.id)
    newest = queries.newest_version(minutes)
    hash_now = queries.hash_now(minutes, newest, sides)
    signed = queries.signatures_to(minutes, hash_now)
    if shown_hash != hash_now or seat.member.delegation_id in signed:
        raise Moved
    db.session.add(MinutesSignature(
        minutes_id=minutes.id, version=newest.num, side_id=seat.member.delegation_id, by_id=actor.id, signer=actor.role_title, hash=hash_now,
    ))  # fmt: skip
    db.session.flush()
    _note(actor, seat, minutes, f"signed {newest.num}")
    if len(queries.signatures_to(minutes, hash_now)) < len(sides):
        tell(room, set(queries.heads_of(room.id).values()) - {actor.id}, "signed")
        return False
    _agree(actor, seat, minutes, hash_now)
    return True


def _agree(actor: User, seat: Seat, minutes: Minutes, hash_signed: str) -> None:
    room = seat.room
    counted = [one.id for one in queries.signatures_to(minutes, hash_signed).values()]
    others = (MinutesSignature.minutes_id == minutes.id, MinutesSignature.id.not_in(counted))  # of earlier versions, or of who leads no side any more
    db.session.execute(delete(MinutesSignature).where(*others).execution_options(synchronize_session=False))
    minutes.agreed_at, minutes.terms_num, minutes.hash = now(), room.terms_num, hash_signed
    minutes.head_seq, minutes.head_hash = room.last_seq, log.hash_upto(room.id, room.last_seq)
    db.session.flush()
    _note(actor, seat, minutes, f"agreed {minutes.version}")
    tasks.begin(minutes, queries.newest_version(minutes))
    tell(room, {one.user_id for one in rooms.delegates_of(room.id)} - {actor.id}, "agreed")


def _note(actor: User, seat: Seat, minutes: Minutes, what: str) -> None:
    seq = log.take(seat.room, actor)
    log.add(seat.room, seq, actor, seat.member.delegation_id, Said(EntryKind.SIGNATURE, what=what, subject_id=minutes.num))
    db.session.refresh(seat.room, ["last_seq"])
