"""Decisions on flagged practices: it stands again, or goes, with its words where they identify somebody."""

from hub.accounts.models import User
from hub.db import UserText, db, lock_row
from hub.discussions import standing
from hub.discussions.models import Standing
from hub.moderation import redacting
from hub.moderation.decisions import REMOVE, Decision
from hub.practices import guarding
from hub.practices.models import Practice, Stage
from hub.practices.way import move
from hub.review import actions as review
from hub.review.models import Reason, ReviewItem


def decide_practice(actor: User, item: ReviewItem, made: Decision, waits_elsewhere: bool) -> None:
    practice = db.session.get_one(Practice, item.target_id)
    lock_row(practice)
    if made.decision == REMOVE:
        _remove(actor, practice, item, made)
    elif practice.stage == Stage.HELD and not waits_elsewhere:
        guarding.let_stand(actor, practice, made.reason)


def _remove(actor: User, practice: Practice, item: ReviewItem, made: Decision) -> None:
    review.close_all(("practice", practice.id), but=item.id)
    if practice.stage != Stage.HELD:
        guarding.hold_back(actor, practice, made.reason)
    opening = guarding.opening_of(practice)
    move(actor, practice, "decline_held", made.reason)
    if item.rule in Reason.HIDING:
        wipe(practice, item.id)
        if opening is not None:
            standing.hold(opening)
            redacting.remove_post(opening, item)
    elif opening is not None and opening.standing == Standing.HIDDEN:
        standing.hold(opening)
        standing.withdraw(opening, Standing.REMOVED)


def wipe(practice: Practice, item_id: int | None) -> None:
    """Its words go now, and from the disk after this unit of work."""
    redacting.note(item_id, "practice", practice.id, practice.working)
    guarding.forget_words(practice)
    redacting.forget_notes("practice", practice.id)


def give_back(actor: User, practice: Practice, reason: UserText) -> None:
    """Upon an appeal, while its words are there."""
    lock_row(practice)
    if practice.stage != Stage.DECLINED or not practice.stage_before:
        return
    guarding.let_stand(actor, practice, reason, "reinstate")
    opening = guarding.opening_of(practice)
    if opening is not None and opening.standing == Standing.REMOVED and opening.body_md:
        standing.hold(opening)
        standing.put_back(opening)

