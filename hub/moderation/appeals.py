"""Asking another moderator to look again at a decision."""

from datetime import datetime

from hub import live
from hub.accounts.models import User
from hub.db import UserText, now
from hub.moderation import queries
from hub.moderation.deciding import APPEALABLE
from hub.moderation.flagging import alert
from hub.review import actions as review
from hub.review.models import APPEAL_WITHIN, ItemKind, ReviewItem


class TooLate(Exception):
    """Seven days are over, or it was appealed before."""


def until(item: ReviewItem) -> datetime | None:
    return item.closed_at + APPEAL_WITHIN if item.closed_at else None


def open_to(actor: User, item: ReviewItem) -> bool:
    """Whether the author may still appeal; every decision once."""
    end = until(item)
    sanctioned = '"sanction"' in item.undo
    against = item.kind != ItemKind.APPEAL and (item.outcome in APPEALABLE or sanctioned)
    return item.author_id == actor.id and against and end is not None and now() < end and queries.appeal_of(item) is None


def appeal(actor: User, item: ReviewItem, note: UserText) -> int:
    """Put the decision before another moderator. Raises ``TooLate``."""
    review.hold_item(item)
    if not open_to(actor, item):
        raise TooLate
    target = review.Target("item", item.id, actor.id, actor.organisation.state_code)
    item_id = review.add_item(ItemKind.APPEAL, target, actor.id, "appeal", note, barred_id=item.decided_by_id)
    alert({actor.id, item.decided_by_id or 0})
    live.publish("queue", "queue", item=item_id)
    return item_id
