"""Asking another moderator to look again at a decision."""

from datetime import datetime

from sqlalchemy import func, select

from hub.accounts.models import User
from hub.db import UserText, db, lock_row, now
from hub.moderation import queries
from hub.moderation.decisions import APPEALABLE
from hub.moderation.flagging import alert
from hub.moderation.models import Sanction, SanctionKind
from hub.review import actions as review
from hub.review.models import APPEAL_WITHIN, ItemKind, ReviewItem


class TooLate(Exception):
    """Seven days are over, or it was appealed before."""


def until(item: ReviewItem) -> datetime | None:
    """The end of the time to appeal: days in which the member could not come in do not count."""
    if item.closed_at is None:
        return None
    meanwhile = (Sanction.user_id == item.author_id, Sanction.kind == SanctionKind.SUSPEND, Sanction.at < item.closed_at + APPEAL_WITHIN)
    out = db.session.scalar(select(func.max(func.coalesce(Sanction.lifted_at, Sanction.until))).where(*meanwhile))
    return max(item.closed_at, out or item.closed_at) + APPEAL_WITHIN


def open_to(actor: User, item: ReviewItem) -> bool:
    """Whether the author may still appeal; every decision once."""
    end = until(item)
    sanctioned = '"sanction"' in item.undo
    against = item.kind != ItemKind.APPEAL and ((item.outcome in APPEALABLE and item.target_kind not in ("held", "disclosure")) or sanctioned)
    return item.author_id == actor.id and against and end is not None and now() < end and queries.appeal_of(item) is None


def appeal(actor: User, item: ReviewItem, note: UserText) -> int:
    """Put the decision before another moderator. Raises ``TooLate``."""
    lock_row(item)
    if not open_to(actor, item):
        raise TooLate
    target = review.Target("item", item.id, actor.id, actor.organisation.state_code)
    item_id = review.add_item(ItemKind.APPEAL, target, actor.id, "appeal", note, barred_id=item.decided_by_id)
    alert({actor.id, item.decided_by_id or 0})
    return item_id
