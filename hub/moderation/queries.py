"""Reading the queue, one item, and what was decided."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, not_, or_, select, tuple_

from hub import policy
from hub.accounts.models import Organisation, State, User
from hub.accounts.queries import found
from hub.audit.models import AuditRow
from hub.db import UserText, at_most, db, now
from hub.discussions.models import Post
from hub.moderation.models import Purge, Sanction
from hub.moderation.targets import held_words
from hub.policy import Actor
from hub.review.actions import free_for
from hub.review.models import ItemKind, ReviewCause, ReviewItem
from hub.review.queries import get_held

PAGE = 25
MOST_COUNTED = 99
MONTH = timedelta(days=30)
MOST_TIMED = 1_000


@dataclass(frozen=True)
class Filters:
    """What the queue is narrowed to; empty narrows nothing."""

    kind: str = ""
    state: str = ""
    claim: str = ""  # "mine" or "free"
    late: bool = False


class Cursor(NamedTuple):
    """Where a page of the queue ends: first other states' items, then those of one's own."""

    own: bool
    due_at: datetime
    id: int


def queue(actor: User, filters: Filters, after: Cursor | None) -> tuple[list[ReviewItem], bool]:
    """Open items, soonest due first and those from other states before one's own; and whether there are more. At most two statements."""
    state = actor.organisation.state_code
    own = ReviewItem.state_code == state if state else ReviewItem.id.is_(None)
    rows: list[ReviewItem] = []
    for is_own in (False, True):
        if len(rows) > PAGE or (after and after.own and not is_own):
            continue
        wanted = _open(actor, filters).where(own if is_own else or_(not_(own), ReviewItem.state_code.is_(None)))
        if after and after.own == is_own:
            wanted = wanted.where(tuple_(ReviewItem.due_at, ReviewItem.id) > tuple_(after.due_at, after.id))
        rows += db.session.scalars(wanted.order_by(ReviewItem.due_at, ReviewItem.id).limit(at_most(PAGE + 1 - len(rows))))
    return rows[:PAGE], len(rows) > PAGE


def _open(actor: User, filters: Filters) -> Select[ReviewItem]:
    rows = select(ReviewItem).where(policy.readable(actor, ReviewItem), ReviewItem.closed_at.is_(None))
    return rows.where(*_narrowed(actor, filters))


def _narrowed(actor: User, filters: Filters) -> Iterable[ColumnElement[bool]]:
    if filters.kind:
        yield ReviewItem.kind == filters.kind
    if filters.state:
        yield ReviewItem.state_code == filters.state
    if filters.claim == "mine":
        yield ReviewItem.claimed_by_id == actor.id
    if filters.claim == "free":
        yield free_for(actor)
    if filters.late:
        yield ReviewItem.due_at < now()


def free_among(actor: User, items: Iterable[ReviewItem]) -> set[int]:
    """Ids of those that the moderator may take, as the database will say when it is tried."""
    return set(db.session.scalars(select(ReviewItem.id).where(ReviewItem.id.in_([item.id for item in items]), free_for(actor))))


def waiting(actor: Actor, within: timedelta | None = None) -> int:
    """How many items wait, or are due within a time; counted up to 100."""
    rows = select(ReviewItem.id).where(policy.readable(actor, ReviewItem), ReviewItem.closed_at.is_(None))
    if within is not None:
        rows = rows.where(ReviewItem.due_at < now() + within)
    return db.session.scalar(select(func.count()).select_from(rows.limit(at_most(MOST_COUNTED + 1)).subquery())) or 0


class Cause(NamedTuple):
    """Why an item waits, and from which state; never from whom."""

    reason: str
    state_code: str | None
    state_name: str | None
    at: datetime
    note: UserText


def causes_of(items: Iterable[ReviewItem]) -> dict[int, list[Cause]]:
    rows = (
        select(ReviewCause.item_id, ReviewCause.reason, State.code, State.short_name, ReviewCause.at, ReviewCause.note)
        .join(User, User.id == ReviewCause.by_id)
        .join(Organisation, Organisation.id == User.organisation_id)
        .outerjoin(State, State.code == Organisation.state_code)
        .where(ReviewCause.item_id.in_([item.id for item in items]))
        .order_by(ReviewCause.id)
    )
    causes: dict[int, list[Cause]] = defaultdict(list)
    for item_id, *cause in db.session.execute(rows):
        causes[item_id].append(Cause._make(cause))
    return causes


def unmasked(actor: User, item: ReviewItem) -> set[str]:
    """Passages of an item that the moderator has looked at, as the audit says."""
    rows = select(AuditRow.details).where(
        AuditRow.actor_id == actor.id, AuditRow.action == "item.unmask", AuditRow.target_kind == "item", AuditRow.target_id == item.id
    )
    return {str(json.loads(details).get("place", "")) for details in db.session.scalars(rows)}


# --- what was decided ----------------------------------------------------------------------------------------


def get_decision(actor: User, item_id: int) -> ReviewItem:
    """An item about something of one's own that hid it, or was decided; else 404, and so for flags that did not hold and for appeals."""
    unfounded = and_(ReviewItem.kind == ItemKind.FLAG, ReviewItem.outcome.in_(("restore", "dismiss")), ReviewItem.undo == "")
    told = or_(ReviewItem.hidden_at.is_not(None), and_(ReviewItem.decided_by_id.is_not(None), not_(unfounded)))
    own = (ReviewItem.id == item_id, ReviewItem.author_id == actor.id, ReviewItem.kind != ItemKind.APPEAL)
    return found(db.session.scalar(select(ReviewItem).where(*own, told)))


def found_item(item_id: int) -> ReviewItem:
    """The item that an appeal is about, for whoever decides on the appeal."""
    return found(db.session.get(ReviewItem, item_id))


def post_of(item: ReviewItem) -> Post | None:
    """The post that an item of its author is about."""
    return db.session.get(Post, item.target_id) if item.target_kind == "post" else None


def own_held_words(actor: User, held_id: int) -> dict[str, str]:
    return held_words(get_held(actor, held_id))


def appeal_of(item: ReviewItem) -> ReviewItem | None:
    rows = select(ReviewItem).where(ReviewItem.kind == ItemKind.APPEAL, ReviewItem.target_kind == "item", ReviewItem.target_id == item.id)
    return db.session.scalar(rows.order_by(ReviewItem.id).limit(1))


def asked_for(item: ReviewItem) -> UserText | None:
    """What a moderator asked of the author when a post was returned that has come back."""
    same = (ReviewItem.target_kind == item.target_kind, ReviewItem.target_id == item.target_id, ReviewItem.outcome == "return")
    return db.session.scalar(select(ReviewItem.words).where(*same).order_by(ReviewItem.closed_at.desc()).limit(1)) if item.kind == ItemKind.AGAIN else None


def sanctions_of(item: ReviewItem) -> int:
    """How often the author was sanctioned before."""
    return db.session.scalar(select(func.count()).where(Sanction.user_id == item.author_id).select_from(Sanction)) or 0


def decided_by(actor: User, before: int | None) -> tuple[list[ReviewItem], bool]:
    """What a moderator decided, the last first, and whether there is more before item ``before``."""
    rows = select(ReviewItem).where(policy.readable(actor, ReviewItem), ReviewItem.decided_by_id == actor.id)
    edge = select(ReviewItem.closed_at).where(ReviewItem.id == before).scalar_subquery()
    rows = rows.where(tuple_(ReviewItem.closed_at, ReviewItem.id) < tuple_(edge, before)) if before else rows
    listed = list(db.session.scalars(rows.order_by(ReviewItem.closed_at.desc(), ReviewItem.id.desc()).limit(at_most(PAGE + 1))))
    return listed[:PAGE], len(listed) > PAGE


def purges_of(item: ReviewItem) -> list[Purge]:
    return list(db.session.scalars(select(Purge).where(Purge.item_id == item.id).order_by(Purge.id)))


def sanctions(actor: Actor, before: int | None) -> tuple[list[Sanction], bool]:
    """The newest first, and whether there are more."""
    rows = select(Sanction).where(policy.readable(actor, Sanction)).order_by(Sanction.id.desc()).limit(at_most(PAGE + 1))
    if before:
        rows = rows.where(Sanction.id < before)
    listed = list(db.session.scalars(rows))
    return listed[:PAGE], len(listed) > PAGE


def own_sanctions(actor: User) -> list[Sanction]:
    """What was imposed on oneself, the newest first."""
    return list(db.session.scalars(select(Sanction).where(Sanction.user_id == actor.id).order_by(Sanction.id.desc()).limit(PAGE)))


def sanction_of(item: ReviewItem) -> Sanction | None:
    """What a decision imposed on the author beside it."""
    return db.session.scalar(select(Sanction).where(Sanction.item_id == item.id).order_by(Sanction.id).limit(1))


def get_sanction(actor: User, sanction_id: int) -> Sanction:
    return found(db.session.scalar(select(Sanction).where(Sanction.id == sanction_id, policy.readable(actor, Sanction))))


# --- for everybody -------------------------------------------------------------------------------------------


class Transparency(NamedTuple):
    """What moderation did in the last thirty days; ``minutes`` is the median from posting to hiding, ``None`` when nothing was hidden."""

    flags: int
    hidden: int
    minutes: int | None
    restored: int


def transparency() -> Transparency:
    recent = (ReviewItem.kind == ItemKind.FLAG, ReviewItem.opened_at > now() - MONTH)
    shown_again = and_(ReviewItem.hidden_at.is_not(None), ReviewItem.outcome.in_(("restore", "dismiss")))
    counted = select(func.count(), func.count(ReviewItem.hidden_at), func.count(case((shown_again, 1)))).where(*recent).select_from(ReviewItem)
    flags, hidden, restored = db.session.execute(counted).one()
    rows = select(ReviewItem.hidden_at, Post.created_at).join(Post, and_(ReviewItem.target_kind == "post", Post.id == ReviewItem.target_id))
    times = db.session.execute(rows.where(*recent, ReviewItem.hidden_at.is_not(None)).order_by(ReviewItem.opened_at.desc()).limit(at_most(MOST_TIMED))).all()
    waits = [(row.hidden_at - row.created_at).total_seconds() / 60 for row in times]
    return Transparency(flags, hidden, round(median(waits)) if waits else None, restored)
