"""Keeping what is not sent yet, so that no window overwrites what another one saved."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import bindparam, delete, false, or_, update

from hub.accounts.models import User
from hub.db import UserText, db, insert_or_leave, now, write
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
    """Another window saved here meanwhile, or discarded what was here."""


class TooMany(Exception):
    """The member keeps as many drafts as fit."""


def save(actor: User, place: str, typed: Typed, seq: int, save_id: str, tried: Collection[str] = ()) -> int:
    """Keep what was typed upon version ``seq`` (0: the first), and return the new one.

    ``tried`` are earlier saves of the same window that were never answered: one of them may be what is stored. Raises ``Stale``
    when another window's version is stored, so that nothing is overwritten unseen; the very same words are no conflict.
    """
    stored = queries.draft_at(actor, place)
    if stored is not None and (stored.title, stored.body, stored.reason, stored.choices) == typed:
        return stored.seq
    values = {"save_id": save_id, "saved_at": now(), **typed._asdict()}
    if not seq:
        if stored is None and queries.count(actor) >= MOST_DRAFTS:
            raise TooMany
        if insert_or_leave(Draft, Draft.seq, user_id=actor.id, place=place, seq=1, **values):
            return 1
    own = or_(Draft.seq == seq, Draft.save_id.in_([save_id, *tried]) if save_id else false())
    kept = update(Draft).where(Draft.user_id == actor.id, Draft.place == place, own).values(seq=Draft.seq + 1, **values)
    replaced = db.session.scalar(kept.returning(Draft.seq).execution_options(synchronize_session=False))
    if replaced is None:
        raise Stale
    return replaced


def discard(draft: Draft, seq: int) -> None:
    """Raises ``Stale`` when the member has typed on since the list was made."""
    if draft.seq != seq:
        raise Stale
    db.session.delete(draft)


def forget(actor: User, place: str) -> None:
    """What was typed there has gone another way."""
    db.session.execute(delete(Draft).where(Draft.user_id == actor.id, Draft.place == place))


def sent(actor: User, place: str, seq: int, body: UserText, tried: Collection[str] = ()) -> None:
    """What was typed is posted, so its draft goes, also one that was saved on the way; what another window saved since stays."""
    write(_SENT, {"member": actor.id, "at": place, "with_seq": seq, "same": body, "saves": list(tried)})


_OWN = or_(Draft.seq == bindparam("with_seq"), Draft.body == bindparam("same"), Draft.save_id.in_(bindparam("saves", expanding=True)))
_SENT = delete(Draft).where(Draft.user_id == bindparam("member"), Draft.place == bindparam("at"), _OWN)
