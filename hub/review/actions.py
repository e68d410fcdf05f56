"""The queue of what waits for moderators; texts held for one; and how the safeguard's rules fare."""

import json
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, func, select, update

from hub import policy
from hub.audit.actions import record
from hub.db import UserText, add_to, db, insert_or_leave, now, upsert
from hub.db import hold as hold_name
from hub.notifications.actions import forget, notify
from hub.notifications.models import Kind
from hub.policy import User
from hub.review.models import CLAIM_LASTS, HELD_FOR, OPEN, Held, ItemKind, ReviewCause, ReviewItem, SafeguardChoice, SafeguardRule
from hub.review.sealing import seal, unseal
from hub.safeguard.scan import RULES

MOST_HELD = 10  # of one member at a time
KEPT_COLUMNS = {"remove": SafeguardRule.removed, "replace": SafeguardRule.replaced, "keep": SafeguardRule.kept}


class Taken(Exception):
    """Somebody else has claimed the item, or it was changed or decided meanwhile."""


class TooMany(Exception):
    """The member has as many held texts as the moderators should have to read."""


class Choice(NamedTuple):
    """What a writer decided on a passage that a rule found."""

    rule: str
    severity: int
    choice: str
    why: UserText


# --- the queue -----------------------------------------------------------------------------------------


def add_item(kind: str, target: tuple[str, int], by_id: int, reason: str, note: UserText, revision: int = 0) -> int:
    """Let a target wait for a moderator, and say why; what waits already gets one more cause. Returns the item's id."""
    key = {"kind": kind, "target_kind": target[0], "target_id": target[1], "revision": revision}
    insert = upsert(ReviewItem).values(**key, opened_at=now(), version=1, outcome="")
    again = insert.on_conflict_do_update(index_elements=list(key), index_where=OPEN, set_={"version": ReviewItem.version + 1})
    item_id: int = db.session.scalar(again.returning(ReviewItem.id))
    insert_or_leave(ReviewCause, ReviewCause.id, item_id=item_id, by_id=by_id, reason=reason, note=note, at=now())
    return item_id


def claim(actor: User, item: ReviewItem, version: int) -> None:
    """Take an item, which one did not cause, for 24 hours. Raises ``Taken``."""
    policy.require(actor, "item.claim", set(db.session.scalars(select(ReviewCause.by_id).where(ReviewCause.item_id == item.id))))
    free = ReviewItem.claimed_by_id.is_(None) | (ReviewItem.claimed_by_id == actor.id) | (ReviewItem.claimed_at < now() - CLAIM_LASTS)
    _change(item, version, free, claimed_by_id=actor.id, claimed_at=now())


def release(actor: User, item: ReviewItem, version: int) -> None:
    """Give an item back to the queue. Raises ``Taken``."""
    _change(item, version, ReviewItem.claimed_by_id == actor.id, claimed_by_id=None, claimed_at=None)


def _change(item: ReviewItem, version: int, allowed: object, **values: object) -> None:
    changed = update(ReviewItem).where(ReviewItem.id == item.id, ReviewItem.version == version, ReviewItem.closed_at.is_(None), allowed)  # type: ignore[arg-type]
    row = db.session.execute(changed.values(version=ReviewItem.version + 1, **values).returning(ReviewItem.id)).first()
    if row is None:
        raise Taken
    db.session.refresh(item)


# --- held texts ----------------------------------------------------------------------------------------


def hold(author_id: int, place: str, client_id: str, typed: Mapping[str, str], kinds: Iterable[str]) -> Held:
    """Keep a stopped text, sealed, for the moderator who claims it; the same form again is one. Raises ``TooMany``."""
    waiting = select(func.count(Held.id)).where(Held.author_id == author_id, Held.sealed.is_not(None))
    if (db.session.scalar(waiting) or 0) >= MOST_HELD:
        raise TooMany
    values = {"place": place, "sealed": seal(json.dumps(dict(typed))), "kinds": " ".join(sorted(set(kinds))), "held_at": now()}
    new = insert_or_leave(Held, Held.id, author_id=author_id, client_id=client_id, **values)
    held = db.session.scalars(select(Held).where(Held.author_id == author_id, Held.client_id == client_id)).one()
    if not new and (held.sealed is None or json.loads(unseal(held.sealed)) != dict(typed)):  # the form came with other words, or anew
        return hold(author_id, place, secrets.token_urlsafe(16), typed, kinds)
    if new:
        add_item(ItemKind.HELD, ("held", held.id), author_id, "safeguard", UserText(""))
        notify([author_id], Kind.HELD, "held", f"held {held.id}", subject_id=held.id)
    return held


def open_held(actor: User, held: Held, item: ReviewItem, reason: UserText) -> dict[str, str]:
    """What a held text says, to the moderator who has claimed its item; the opening is in the audit. Raises ``Taken``."""
    policy.require(actor, "item.claim", {held.author_id})
    claimed = item.claimed_by_id == actor.id and item.claimed_at is not None and item.claimed_at > now() - CLAIM_LASTS and item.closed_at is None
    if not claimed or (item.target_kind, item.target_id) != ("held", held.id) or held.sealed is None:
        raise Taken
    words: dict[str, str] = json.loads(unseal(held.sealed))
    record(actor, "held.open", ("held", held.id), reason)
    return words


def take_back(held: Held) -> None:
    """The author wants the text out of the queue: it is emptied at once, and is no news any more."""
    _empty([held.id], "taken back")
    forget(held.author_id, f"held {held.id}")


def empty_held() -> int:
    """Empty what was held for 72 hours, and tell its authors; returns how many."""
    rows = db.session.execute(_due().limit(100).with_for_update(skip_locked=True)).all()
    _empty([row.id for row in rows], "expired")
    for held_id, author_id in rows:
        notify([author_id], Kind.HELD, "expired", f"held {held_id}", subject_id=held_id)
    return len(rows)


def _empty(ids: list[int], outcome: str) -> None:
    db.session.execute(update(Held).where(Held.id.in_(ids)).values(sealed=None, emptied_at=now()))
    items = (ReviewItem.kind == ItemKind.HELD, ReviewItem.target_kind == "held", ReviewItem.target_id.in_(ids), ReviewItem.closed_at.is_(None))
    db.session.execute(update(ReviewItem).where(*items).values(closed_at=now(), outcome=outcome, version=ReviewItem.version + 1))


def anything_due() -> bool:
    """Whether a held text has had its time; asked before a unit of work is opened for nothing."""
    return db.session.scalar(_due().limit(1)) is not None


def _due() -> Select[int, int]:
    return select(Held.id, Held.author_id).where(Held.sealed.is_not(None), Held.held_at < now() - HELD_FOR).order_by(Held.id)


# --- the rules of the safeguard ------------------------------------------------------------------------


def count_found(rules: Iterable[str]) -> None:
    """Note that rules stopped a text which was sent."""
    for rule, times in sorted(Counter(rules).items()):
        add_to(SafeguardRule.found, times, rule=rule)


def record_choices(user_id: int | None, choices: Iterable[Choice]) -> None:
    for made in sorted(choices):
        db.session.add(SafeguardChoice(user_id=user_id, rule=made.rule, severity=made.severity, choice=made.choice, why=made.why))
        add_to(KEPT_COLUMNS[made.choice], 1, rule=made.rule)


def switch_rule(actor: User, rule: str, off: bool, reason: UserText) -> None:
    """Switch a rule off or on again. Raises ``KeyError`` for a rule there is not."""
    policy.require(actor, "rule.switch")
    if rule not in {known.id for known in RULES}:
        raise KeyError(rule)
    hold_name(f"rule {rule}")
    if (db.session.scalar(select(SafeguardRule.off_at).where(SafeguardRule.rule == rule)) is not None) == off:
        return
    since: datetime | None = now() if off else None
    add_to(SafeguardRule.found, 0, rule=rule)
    db.session.execute(update(SafeguardRule).where(SafeguardRule.rule == rule).values(off_at=since))
    record(actor, "safeguard.off" if off else "safeguard.on", ("rule", None), reason, rule=rule)


