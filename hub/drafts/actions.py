"""Keeping what is not sent yet, so that no window overwrites what another one saved."""

from typing import NamedTuple

from sqlalchemy import delete, update

from hub.accounts.models import User
from hub.db import UserText, db, insert_or_leave, now
from hub.drafts import queries
from hub.drafts.models import Draft

MOST_DRAFTS = 100


class Typed(NamedTuple):
    """What a form holds; ``choices`` is JSON of what was ticked and chosen."""

    title: UserText
    body: UserText
    reason: UserText
    choices: str


class Stale(Exception):
    """Another window saved here meanwhile, or the text was sent or discarded; ``stored`` is what is kept, if anything."""

    def __init__(self, stored: Draft | None) -> None:
        super().__init__()
        self.stored = stored


class TooMany(Exception):
    """The member keeps as many drafts as fit."""


def save(actor: User, place: str, typed: Typed, seq: int, save_id: str) -> int:
    """Keep what was typed upon version ``seq`` (0: the first), and return the new one. The same ``save_id`` again changes nothing.

    Raises ``Stale`` when another version is stored, so that nothing is overwritten unseen.
    """
    if seq:
        return _replace(actor, place, typed, seq, save_id)
    if len(queries.drafts_of(actor)) >= MOST_DRAFTS and queries.draft_at(actor, place) is None:
        raise TooMany
    first = insert_or_leave(Draft, Draft.seq, user_id=actor.id, place=place, seq=1, save_id=save_id, saved_at=now(), **typed._asdict())
    return first or _same_save(actor, place, save_id)


def _replace(actor: User, place: str, typed: Typed, seq: int, save_id: str) -> int:
    kept = update(Draft).where(Draft.user_id == actor.id, Draft.place == place, Draft.seq == seq)
    values = {"seq": Draft.seq + 1, "save_id": save_id, "saved_at": now(), **typed._asdict()}
    replaced = db.session.scalar(kept.values(values).returning(Draft.seq).execution_options(synchronize_session=False))
    return replaced or _same_save(actor, place, save_id)


def _same_save(actor: User, place: str, save_id: str) -> int:
    stored = queries.draft_at(actor, place)
    if stored is None or stored.save_id != save_id:
        raise Stale(stored)
    return stored.seq


def discard(draft: Draft) -> None:
    db.session.delete(draft)


def sent(actor: User, place: str, seq: int) -> None:
    """What was typed is posted, so the draft goes; one that another window saved since stays."""
    db.session.execute(delete(Draft).where(Draft.user_id == actor.id, Draft.place == place, Draft.seq == seq))
