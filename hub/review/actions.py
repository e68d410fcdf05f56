"""The queue of what waits for moderators, and texts held for one."""

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, update

from hub import policy
from hub.db import UserText, db, insert_or_leave, now, upsert
from hub.notifications.actions import forget, notify
from hub.notifications.models import Kind
from hub.policy import User
from hub.review.models import CLAIM_IDLE, CLAIM_LASTS, HELD_FOR, OPEN, Held, ItemKind, Reason, ReviewCause, ReviewItem
from hub.review.sealing import seal, unseal

URGENT_WITHIN, WORKING_DAYS = timedelta(hours=4), 2
MOST_HELD = 10  # of one member at a time


class Taken(Exception):
    """Somebody else has claimed the item, or it was changed or decided meanwhile."""


class TooMany(Exception):
    """The member has as many held texts as the moderators should have to read."""


# --- the queue -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Target:
    """What waits for a moderator: its kind and id, and whose it is."""

    kind: str
    id: int
    author_id: int | None = None
    state_code: str | None = None
    revision: int = 0


def add_item(kind: str, target: Target, by_id: int | None, reason: str, note: UserText, barred_id: int | None = None) -> int:
    """Let a target wait for a moderator, and say why; what waits already gets one more cause. Returns the item's id."""
    key = {"kind": kind, "target_kind": target.kind, "target_id": target.id, "revision": target.revision}
    at = now()
    values = {
        "author_id": target.author_id, "state_code": target.state_code, "barred_id": barred_id, "rule": reason, "opened_at": at,
        "due_at": deadline(at, urgent=reason in Reason.HIDING), "version": 1, "outcome": "", "words": UserText(""), "undo": "",
    }  # fmt: skip
    insert = upsert(ReviewItem).values(**key, **values)
    graver = case((ReviewItem.rule.in_(Reason.HIDING), ReviewItem.rule), (insert.excluded.rule.in_(Reason.HIDING), insert.excluded.rule), else_=ReviewItem.rule)
    sooner = case((insert.excluded.due_at < ReviewItem.due_at, insert.excluded.due_at), else_=ReviewItem.due_at)
    more = {"version": ReviewItem.version + 1, "rule": graver, "due_at": sooner}
    again = insert.on_conflict_do_update(index_elements=list(key), index_where=OPEN, set_=more)
    item_id: int = db.session.scalar(again.returning(ReviewItem.id))
    if by_id is not None:
        insert_or_leave(ReviewCause, ReviewCause.id, item_id=item_id, by_id=by_id, reason=reason, note=note, at=now())
    return item_id


def deadline(opened_at: datetime, urgent: bool) -> datetime:
    """Four hours where a person may be in danger, else two working days."""
    if urgent:
        return opened_at + URGENT_WITHIN
    due, days = opened_at, 0
    while days < WORKING_DAYS:
        due += timedelta(days=1)
        days += due.weekday() < 5
    return due


def claim(actor: User, item: ReviewItem, version: int) -> None:
    """Take an item, which one did not cause, for 24 hours. Raises ``Taken``."""
    policy.require(actor, "item.decide", concerned(item))
    _change(item, version, free_for(actor), claimed_by_id=actor.id, claimed_at=now())


def release(actor: User, item: ReviewItem, version: int) -> None:
    """Give an item back to the queue. Raises ``Taken``."""
    _change(item, version, ReviewItem.claimed_by_id == actor.id, claimed_by_id=None, claimed_at=None)


def close(actor: User, item: ReviewItem, version: int, outcome: str, words: UserText) -> None:
    """Decide an item that one has claimed, or that nobody has, as it was seen in ``version``. Raises ``Taken``."""
    policy.require(actor, "item.decide", concerned(item))
    _change(item, version, free_for(actor), closed_at=now(), outcome=outcome, decided_by_id=actor.id, words=words)


def close_all(target: tuple[str, int], but: int = 0, kind: str = "", revision: int | None = None, by: tuple[int, str] = (0, "over")) -> None:
    """What else waits about a target is over: it was dealt with by another way; ``by`` is who decided that, and what."""
    same = (ReviewItem.target_kind == target[0], ReviewItem.target_id == target[1], ReviewItem.closed_at.is_(None), ReviewItem.id != but)
    of_kind = [ReviewItem.kind == kind] if kind else []
    of_kind += [ReviewItem.revision == revision] if revision is not None else []
    over = update(ReviewItem).where(*same, *of_kind).values(closed_at=now(), outcome=by[1], decided_by_id=by[0] or None, version=ReviewItem.version + 1)
    db.session.execute(over.execution_options(synchronize_session=False))


def follow(target: tuple[str, int], revision: int) -> None:
    """A moderator changed a text about which more waits: that is about the text as it is now, once of each kind."""
    same = (ReviewItem.target_kind == target[0], ReviewItem.target_id == target[1], ReviewItem.closed_at.is_(None))
    kinds: set[str] = set()
    for item in db.session.scalars(select(ReviewItem).where(*same).order_by(ReviewItem.hidden_at.is_(None), ReviewItem.id.desc())).all():
        if item.kind in kinds:
            item.closed_at, item.outcome = now(), "over"
        else:
            kinds.add(item.kind)
            item.revision = revision
        item.version += 1
        db.session.flush()


def concerned(item: ReviewItem) -> set[int]:
    """Who has a part in an item, and so does not decide on it: its author, whoever caused it or another about the same, who decided before."""
    about = item if item.target_kind != "item" else db.session.get_one(ReviewItem, item.target_id)
    same = select(ReviewItem.id).where(ReviewItem.target_kind == about.target_kind, ReviewItem.target_id == about.target_id)
    causes = select(ReviewCause.by_id).where(or_(ReviewCause.item_id == item.id, ReviewCause.item_id.in_(same)))
    return {user_id for user_id in (*db.session.scalars(causes), item.author_id, item.barred_id) if user_id}


def rule_of(item: ReviewItem) -> str:
    """The gravest rule for which the target of an item waits, be it by another item."""
    others = (ReviewItem.target_kind == item.target_kind, ReviewItem.target_id == item.target_id, ReviewItem.closed_at.is_(None))
    grave = select(ReviewItem.rule).where(*others, ReviewItem.rule.in_(Reason.HIDING)).limit(1)
    return item.rule if item.rule in Reason.HIDING else db.session.scalar(grave) or item.rule


def returned_for(target_kind: str, target_id: int) -> str:
    """By which rule a moderator last gave a text back to its author; empty when none did."""
    returned = (ReviewItem.target_kind == target_kind, ReviewItem.target_id == target_id, ReviewItem.outcome == "return")
    return db.session.scalar(select(ReviewItem.rule).where(*returned).order_by(ReviewItem.closed_at.desc()).limit(1)) or ""


def free_for(actor: User) -> ColumnElement[bool]:
    """Whether an item is nobody's, or the actor's: a claim ends after a day, and when its moderator was away for two hours."""
    away = exists().where(User.id == ReviewItem.claimed_by_id, User.seen_at < now() - CLAIM_IDLE).correlate(ReviewItem)
    lapsed = or_(ReviewItem.claimed_at < now() - CLAIM_LASTS, and_(ReviewItem.claimed_at < now() - CLAIM_IDLE, away))
    return or_(ReviewItem.claimed_by_id.is_(None), ReviewItem.claimed_by_id == actor.id, lapsed)


def _change(item: ReviewItem, version: int, allowed: ColumnElement[bool], **values: object) -> None:
    changed = update(ReviewItem).where(ReviewItem.id == item.id, ReviewItem.version == version, ReviewItem.closed_at.is_(None), allowed)
    changed = changed.values(version=ReviewItem.version + 1, **values).execution_options(synchronize_session=False)
    row = db.session.execute(changed.returning(ReviewItem.id)).first()
    if row is None:
        raise Taken
    db.session.refresh(item)


# --- held texts ----------------------------------------------------------------------------------------


def hold(author_id: int, state_code: str | None, place: str, client_id: str, typed: Mapping[str, str], kinds: Iterable[str]) -> Held:
    """Keep a stopped text, sealed, for the moderator who claims it; the same form again is one. Raises ``TooMany``."""
    waiting = select(func.count(Held.id)).where(Held.author_id == author_id, Held.sealed.is_not(None))
    if (db.session.scalar(waiting) or 0) >= MOST_HELD:
        raise TooMany
    values = {"place": place, "sealed": seal(json.dumps(dict(typed))), "kinds": " ".join(sorted(set(kinds))), "held_at": now()}
    new = insert_or_leave(Held, Held.id, author_id=author_id, client_id=client_id, **values)
    held = db.session.scalars(select(Held).where(Held.author_id == author_id, Held.client_id == client_id)).one()
    if not new and (held.sealed is None or json.loads(unseal(held.sealed)) != dict(typed)):  # the form came with other words, or anew
        return hold(author_id, state_code, place, secrets.token_urlsafe(16), typed, kinds)
    if new:
        add_item(ItemKind.HELD, Target("held", held.id, author_id, state_code), None, Reason.PERSON, UserText(""))
        notify([author_id], Kind.HELD, "held", f"held {held.id}", subject_id=held.id)
    return held


def claimed_by(actor: User, item: ReviewItem) -> bool:
    """Whether the actor holds an open item just now."""
    return item.claimed_by_id == actor.id and item.claimed_at is not None and item.claimed_at > now() - CLAIM_LASTS and item.closed_at is None


def take_back(held: Held) -> None:
    """The author wants the text out of the queue: it is emptied at once, and is no news any more."""
    _empty([held.id], "taken back")
    forget(held.author_id, f"held {held.id}")


def empty(held: Held) -> None:
    """Its item was decided: the text is not needed any more."""
    held.sealed, held.emptied_at = None, now()
    forget(held.author_id, f"held {held.id}")


def empty_held() -> int:
    """Empty what was held for 72 hours, and tell authors whose text no moderator took up; returns how many."""
    rows = db.session.execute(_due().limit(100).with_for_update(skip_locked=True)).all()
    undecided = _empty([row.id for row in rows], "expired")
    for held_id, author_id in rows:
        if held_id in undecided:
            notify([author_id], Kind.HELD, "expired", f"held {held_id}", subject_id=held_id)
    return len(rows)


def _empty(ids: list[int], outcome: str) -> set[int]:
    """Returns those that still waited for a decision."""
    db.session.execute(update(Held).where(Held.id.in_(ids)).values(sealed=None, emptied_at=now()))
    items = (ReviewItem.kind == ItemKind.HELD, ReviewItem.target_kind == "held", ReviewItem.target_id.in_(ids), ReviewItem.closed_at.is_(None))
    over = update(ReviewItem).where(*items).values(closed_at=now(), outcome=outcome, version=ReviewItem.version + 1)
    return set(db.session.scalars(over.returning(ReviewItem.target_id).execution_options(synchronize_session=False)))


def anything_due() -> bool:
    """Whether a held text has had its time; asked before a unit of work is opened for nothing."""
    return db.session.scalar(_due().limit(1)) is not None


def _due() -> Select[int, int]:
    return select(Held.id, Held.author_id).where(Held.sealed.is_not(None), Held.held_at < now() - HELD_FOR).order_by(Held.id)
