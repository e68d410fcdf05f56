"""Reading the queue, held texts and the counts of rules."""

from sqlalchemy import select
from werkzeug.exceptions import NotFound

from hub import policy
from hub.db import db
from hub.policy import Actor
from hub.review.models import Held, ReviewItem, SafeguardChoice, SafeguardRule


def held_by(actor: Actor) -> list[Held]:
    """One's own texts that wait for a moderator, newest first."""
    rows = select(Held).where(policy.readable(actor, Held), Held.sealed.is_not(None)).order_by(Held.held_at.desc())
    return list(db.session.scalars(rows))


def get_held(actor: Actor, held_id: int) -> Held:
    """One's own held text that is still there. Raises ``NotFound``."""
    held = db.session.scalar(select(Held).where(Held.id == held_id, policy.readable(actor, Held), Held.sealed.is_not(None)))
    if held is None:
        raise NotFound
    return held


def held_before(actor_id: int, client_id: str) -> bool:
    """Whether this form was sent to a moderator before."""
    return db.session.scalar(select(Held.id).where(Held.author_id == actor_id, Held.client_id == client_id)) is not None


def get_item(actor: Actor, item_id: int) -> ReviewItem:
    item = db.session.scalar(select(ReviewItem).where(ReviewItem.id == item_id, policy.readable(actor, ReviewItem)))
    if item is None:
        raise NotFound
    return item


def rules_off() -> set[str]:
    return set(db.session.scalars(select(SafeguardRule.rule).where(SafeguardRule.off_at.is_not(None))))


def counts_of_rules() -> dict[str, SafeguardRule]:
    return {row.rule: row for row in db.session.scalars(select(SafeguardRule))}


def reasons_given(rule: str) -> list[SafeguardChoice]:
    """Why writers kept what a rule found, the newest first."""
    rows = select(SafeguardChoice).where(SafeguardChoice.rule == rule, SafeguardChoice.choice == "keep").order_by(SafeguardChoice.id.desc()).limit(20)
    return list(db.session.scalars(rows))
