"""Decisions on entries that were shown to moderators: they stand again, or their words go, which no appeal brings back."""

from hub.db import db
from hub.minutes import queries
from hub.minutes import retiring as minutes
from hub.moderation import redacting
from hub.moderation.decisions import REMOVE, Decision
from hub.review import actions as review
from hub.review.models import ReviewItem
from hub.rooms import disclosing
from hub.rooms.records import Disclosure


def decide_disclosure(item: ReviewItem, made: Decision, waits_elsewhere: bool) -> None:
    row = db.session.get_one(Disclosure, item.target_id)
    if made.decision == REMOVE:
        review.close_all(("disclosure", row.id), but=item.id)
        wipe(row, item.id)
    elif not waits_elsewhere:
        disclosing.restore(row)


def wipe(row: Disclosure, item_id: int | None) -> None:
    """Its words go now, and from the disk after this unit of work."""
    redacting.note(item_id, "room", row.room_id, row.seq)
    minutes.forget_lines(row.room_id, queries.drafted_from(row.room_id, row.seq))
    disclosing.redact(row)
    redacting.forget_notes("disclosure", row.id)
