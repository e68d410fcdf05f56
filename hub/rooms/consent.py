"""Agreeing: a room opens when every side has signed the same terms, and ends when one side wants it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from hub import policy
from hub.accounts.models import Organisation, User
from hub.accounts.queries import focal_points_of
from hub.db import UserText, db, hold, lock_row, now
from hub.pillars.models import Pillar
from hub.rooms import log, queries
from hub.rooms.log import Said
from hub.rooms.models import Consent, DelegateRole, Delegation, EntryKind, Room, RoomKind, RoomLabel, RoomMember, RoomState, RoomTerms, new_public_id
from hub.rooms.queries import Place
from hub.rooms.telling import tell
from hub.text import NOTHING, Prepared


class NotNow(Exception):
    """The room moved meanwhile: what was to be done does not fit any more."""


AGREED = ("title", "purpose", "pillar_id", "label", "attribution", "retention_days", "shows_writing")


@dataclass(frozen=True)
class Draft:
    """Terms as they are proposed."""

    title: UserText
    purpose: UserText
    pillar: Pillar
    label: str
    attribution: str
    retention_days: int
    shows_writing: bool

    def columns(self) -> dict[str, Any]:
        """As a room and its terms hold them."""
        return {name: getattr(self, name) for name in AGREED if name != "pillar_id"} | {"pillar_id": self.pillar.id}


@dataclass(frozen=True)
class Named:
    """Whom a side sends: one head, others, and perhaps a note-taker."""

    head: User
    delegates: Sequence[User] = ()
    note_taker: User | None = None
    roles: dict[int, str] = field(init=False)

    def __post_init__(self) -> None:
        roles = {one.id: DelegateRole.DELEGATE for one in self.delegates}
        roles |= {self.note_taker.id: DelegateRole.NOTE_TAKER} if self.note_taker else {}
        object.__setattr__(self, "roles", roles | {self.head.id: DelegateRole.HEAD})


def propose(actor: User, others: Sequence[Organisation], draft: Draft, named: Named) -> Room:
    """Ask other task forces into a room; the own side has agreed by asking. Raises ``Forbidden``."""
    own = db.session.get_one(Organisation, actor.root_id)
    for organisation in sorted((own, *others), key=lambda one: one.id):  # in one order, so that two who ask each other never wait for each other
        hold(f"rooms of {organisation.id}")
        if not policy.may_meet(organisation):
            raise policy.Forbidden("room.propose")
    policy.require(actor, "room.propose", own)
    room = Room(public_id=new_public_id(), kind=RoomKind.BILATERAL if len(others) == 1 else RoomKind.REGIONAL, **draft.columns())
    db.session.add(room)
    db.session.flush()
    sides = [Delegation(room_id=room.id, organisation_id=one.id, agreed=one.id == own.id) for one in (own, *others)]
    db.session.add_all(sides)
    db.session.flush()
    terms = _add_terms(actor, room, 1, draft, sides)
    _sign(actor, terms, sides[0])
    _seat(room, sides[0], named)
    _tell(room, others, "proposed")
    return room


def _add_terms(actor: User, room: Room, num: int, draft: Draft, sides: Sequence[Delegation]) -> RoomTerms:
    terms = RoomTerms(room_id=room.id, num=num, proposed_by=actor.id, hash=hash_of(room.public_id, num, draft, sides), **draft.columns())
    db.session.add(terms)
    db.session.flush()
    return terms


def hash_of(public_id: str, num: int, draft: Draft, sides: Sequence[Delegation]) -> str:
    """SHA-256 over what is agreed, as JSON with sorted names: the same for every side that is shown the same."""
    agreed = draft.columns() | {"room": public_id, "terms": num, "parties": sorted(side.organisation_id for side in sides), "pillar": draft.pillar.slug}
    del agreed["pillar_id"]  # of this database alone
    return hashlib.sha256(json.dumps(agreed, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _sign(actor: User, terms: RoomTerms, side: Delegation) -> None:
    db.session.add(Consent(terms_id=terms.id, delegation_id=side.id, by_id=actor.id, hash=terms.hash))
    db.session.flush()


def _seat(room: Room, side: Delegation, named: Named) -> None:
    elsewhere = set(db.session.scalars(select(RoomMember.user_id).where(RoomMember.room_id == room.id, RoomMember.user_id.in_(named.roles))))
    if elsewhere:
        raise NotNow  # somebody who was named by another side, and came to this one since
    db.session.add_all(RoomMember(room_id=room.id, user_id=user_id, delegation_id=side.id, role=role) for user_id, role in named.roles.items())
    db.session.flush()


def _tell(room: Room, organisations: Sequence[Organisation], reason: str) -> None:
    """Focal points of some sides."""
    tell(room, focal_points_of({one.id for one in organisations}), reason)


def _other_sides(place: Place) -> list[Organisation]:
    return [side.organisation for side in place.sides if side.id != place.own.id]


def accept(actor: User, place: Place, shown_hash: str, named: Named) -> None:
    """Agree to the terms as they were shown, and name the own delegates; the last side to agree opens the room."""
    room = place.room
    lock_row(room)
    policy.require(actor, "room.answer", (room, place.own))
    terms = queries.terms_of(room)
    if terms.hash != shown_hash or place.own.id in queries.consents_to(terms):
        raise NotNow
    _sign(actor, terms, place.own)
    place.own.agreed = True
    _seat(room, place.own, named)
    if len(queries.consents_to(terms)) == len(place.sides):
        _open(actor, place, terms)
    _tell(room, _other_sides(place), "accepted")


def _open(actor: User, place: Place, terms: RoomTerms) -> None:
    room = place.room
    terms.in_force_at = room.opened_at = now()
    room.state = RoomState.OPEN
    db.session.flush()
    log.note(room, actor, place.own, Said(EntryKind.STATE, what=RoomState.OPEN, subject_id=terms.num))
    tell(room, {one.user_id for one in queries.delegates_of(room.id)} - {actor.id}, "opened")


def decline(actor: User, place: Place, why: UserText) -> None:
    lock_row(place.room)
    policy.require(actor, "room.answer", (place.room, place.own))
    place.room.state = RoomState.DECLINED
    place.own.declined_at, place.own.words = now(), why
    _tell(place.room, _other_sides(place), "declined")


def propose_terms(actor: User, place: Place, draft: Draft) -> None:
    """Other terms for a living room: those in force stay so until every side has agreed. Earlier proposals are dropped."""
    room = place.room
    lock_row(room)
    policy.require(actor, "room.manage", (room, place.own))
    if room.state not in RoomState.LIVING or not may_follow(room, draft.label, draft.attribution):
        raise NotNow
    earlier = queries.pending_terms(room)
    if earlier:
        earlier.dropped_at = now()
    last = db.session.scalars(select(RoomTerms.num).where(RoomTerms.room_id == room.id).order_by(RoomTerms.num.desc()).limit(1)).one()
    terms = _add_terms(actor, room, last + 1, draft, place.sides)
    _sign(actor, terms, place.own)
    log.note(room, actor, place.own, Said(EntryKind.TERMS, what="proposed", subject_id=terms.num))
    _tell(room, _other_sides(place), "terms")


def may_follow(room: Room, label: str, attribution: str) -> bool:
    """What was said under TLP:RED, or under a rule on who is named, stays so: no later terms change that."""
    return attribution == room.attribution and (label == room.label or label == RoomLabel.RED)


def agree_to_terms(actor: User, place: Place, shown_hash: str) -> None:
    """Sign changed terms; the last side puts them in force."""
    room = place.room
    terms = _pending(actor, place, shown_hash)
    _sign(actor, terms, place.own)
    if len(queries.consents_to(terms)) < len(place.sides):
        return
    terms.in_force_at = now()
    for name in AGREED:
        setattr(room, name, getattr(terms, name))
    room.terms_num = terms.num
    log.new_epoch(room)  # open pages ask anew
    db.session.flush()
    log.note(room, actor, place.own, Said(EntryKind.TERMS, what="in_force", subject_id=terms.num))
    _tell(room, _other_sides(place), "terms_agreed")


def refuse_terms(actor: User, place: Place, shown_hash: str) -> None:
    """Changed terms are dropped, whoever proposed them; those in force stay."""
    terms = _pending(actor, place, shown_hash, may_have_signed=True)
    terms.dropped_at = now()
    log.note(place.room, actor, place.own, Said(EntryKind.TERMS, what="dropped", subject_id=terms.num))
    _tell(place.room, _other_sides(place), "terms_dropped")


def _pending(actor: User, place: Place, shown_hash: str, may_have_signed: bool = False) -> RoomTerms:
    lock_row(place.room)
    policy.require(actor, "room.manage", (place.room, place.own))
    terms = queries.pending_terms(place.room)
    if terms is None or place.room.state == RoomState.PROPOSED or terms.hash != shown_hash:
        raise NotNow
    if not may_have_signed and place.own.id in queries.consents_to(terms):
        raise NotNow
    return terms


def halt(actor: User, place: Place, to: str, why: Prepared = NOTHING) -> None:
    """Pause, resume or close, by one side alone. A pause lasts until every side that wanted it has had enough."""
    room, side = place.room, place.own
    lock_row(room)
    db.session.refresh(side)
    policy.require(actor, "room.halt", (room, side, place.seat))
    if (to == RoomState.PAUSED) == (side.paused_at is not None) and to != RoomState.CLOSED:
        raise NotNow
    side.paused_at = now() if to == RoomState.PAUSED else None if to == RoomState.OPEN else side.paused_at
    db.session.flush()
    if to == RoomState.OPEN and any(other.paused_at for other in queries.delegations_of(room.id)):
        to = RoomState.PAUSED
        log.note(room, actor, side, Said(EntryKind.STATE, why, what="resumed_by_one"))
        return
    room.state, room.closed_at = to, now() if to == RoomState.CLOSED else None
    if to == RoomState.CLOSED:
        for each in place.sides:
            each.paused_at = None
    db.session.flush()
    log.note(room, actor, side, Said(EntryKind.STATE, why, what=to))
    if to == RoomState.CLOSED:
        _tell(room, _other_sides(place), "closed")


def withdraw(actor: User, place: Place, why: UserText) -> None:
    """Take the consent of one side back: from now on nobody reads what was said."""
    room = place.room
    lock_row(room)
    policy.require(actor, "room.withdraw", (room, place.own))
    place.own.withdrawn_at, place.own.words = now(), why
    room.state = RoomState.WITHDRAWN
    log.new_epoch(room)
    _tell(room, _other_sides(place), "withdrawn")
