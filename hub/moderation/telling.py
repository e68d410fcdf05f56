"""Who hears of a decision, and what of it."""

from sqlalchemy import and_, func, or_, select

from hub.accounts.models import User
from hub.db import db
from hub.discussions.models import Shown, Thread
from hub.discussions.queries import readers_among
from hub.moderation import sanctions
from hub.moderation.decisions import DISMISS, REDACT, REMOVE, RESTORE, Decision
from hub.notifications.actions import notify
from hub.notifications.models import Kind
from hub.review.models import ItemKind, Reason, ReviewCause, ReviewItem


def seen_by(item: ReviewItem) -> int:
    """How many members were shown the post."""
    if item.target_kind != "post":
        return 0
    rows = select(func.count()).where(Shown.post_id == item.target_id, Shown.user_id != item.author_id).select_from(Shown)
    return db.session.scalar(rows) or 0


def tell(item: ReviewItem, made: Decision) -> None:
    """The author hears what was decided and why; whoever flagged it that it was dealt with, and no more."""
    unfounded = item.kind == ItemKind.FLAG and made.decision in (RESTORE, DISMISS) and item.hidden_at is None
    if item.author_id and not (unfounded and not made.sanction):
        told = item.target_id if item.kind == ItemKind.APPEAL else item.id  # the page of the decision tells of its appeal
        notify([item.author_id], Kind.STAFF, "decided", f"item {told}", subject_id=told)
    notify(_flaggers(item, made) - {item.author_id or 0}, Kind.STAFF, "flag_decided", f"flag {item.id}")
    if made.decision in (REDACT, REMOVE) and item.rule in Reason.HIDING and item.author_id and item.target_kind == "post":
        author = db.session.get_one(User, item.author_id)
        notify(sanctions.focal_points_for(author) - {author.id}, Kind.STAFF, "exposure", f"exposure {item.id}", subject_id=item.id)


def _flaggers(item: ReviewItem, made: Decision) -> set[int]:
    """Whoever flagged what is decided on: on this item or, where the decision ends them, on other ones."""
    others = [ReviewItem.target_kind == item.target_kind, ReviewItem.target_id == item.target_id, ReviewItem.closed_at.is_(None)]
    others += [ReviewItem.revision == item.revision] if made.decision == REDACT else []
    which = or_(ReviewItem.id == item.id, and_(*others)) if made.decision in (REDACT, REMOVE) else ReviewItem.id == item.id
    rows = select(ReviewCause.by_id).join(ReviewItem, ReviewItem.id == ReviewCause.item_id).where(ReviewItem.kind == ItemKind.FLAG, which)
    return set(db.session.scalars(rows))


def tell_starter(thread: Thread, item: ReviewItem, what: str) -> None:
    """Who started a thread hears what became of it for another's post."""
    if thread.author_id != item.author_id:
        notify(readers_among(thread, {thread.author_id}), Kind.STAFF, what, f"thread {thread.id} {what}", thread.id)
