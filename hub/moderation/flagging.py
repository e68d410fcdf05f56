"""Flags: a member says that something is wrong; where a person may be in danger it is hidden at once."""

import json
from collections.abc import Collection
from datetime import timedelta
from enum import Enum

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.orm import aliased

from hub import policy, text
from hub.accounts.models import User
from hub.accounts.queries import moderators
from hub.db import UserText, db, hold, lock_row, now
from hub.directory.models import Profile
from hub.discussions import standing
from hub.discussions.models import Post, Standing
from hub.mail import actions as mail
from hub.moderation import profiles
from hub.moderation.targets import Flaggable, target_of
from hub.notifications.actions import notify
from hub.notifications.models import Kind, Notification
from hub.practices import guarding
from hub.practices.models import Practice, Stage
from hub.review import actions as review
from hub.review.models import ItemKind, Reason, ReviewCause, ReviewItem
from hub.rooms import disclosing
from hub.rooms.models import RoomEntry
from hub.rooms.records import Disclosure
from hub.words import _

HIDING_A_DAY = 5  # flags of one member that hide at once; more of them wait for a moderator


class Flagged(Enum):
    HIDDEN = "hidden"  # by this flag, or before
    QUEUED = "queued"


def flag(actor: User, row: Flaggable, reason: str, note: UserText) -> Flagged:
    """Put a post, a profile or a practice into the moderators' queue, and hide it when the reason asks for that."""
    hold(f"flags {actor.id}")  # so that two at a moment are counted one after the other
    policy.require(actor, "flag", target_of(row).author_id)
    if isinstance(row, RoomEntry):
        row = disclosing.disclose(actor, row, reason)
    elif isinstance(row, Post):
        standing.hold(row)
    else:
        lock_row(row)
    target = target_of(row)
    hides = reason in Reason.HIDING and not _shown_before(target, reason) and _hiding_today(actor) < HIDING_A_DAY
    item_id = review.add_item(ItemKind.FLAG, target, actor.id, reason, note)
    if hides:
        hide(row, item_id)
    if reason in Reason.HIDING:
        alert({actor.id, target.author_id or 0})
    return Flagged.HIDDEN if hides else Flagged.QUEUED


def hide(row: Flaggable, item_id: int) -> None:
    """From everybody but its author and moderators; letters about it that wait are dropped, and the author is told."""
    db.session.execute(update(ReviewItem).where(ReviewItem.id == item_id, ReviewItem.hidden_at.is_(None)).values(hidden_at=now()))
    if isinstance(row, Profile):
        profiles.hide(row)
    elif isinstance(row, Practice):
        _hold_back(row)
    elif isinstance(row, Disclosure):
        disclosing.hide(row)
    elif isinstance(row, Post) and row.standing == Standing.SHOWN:
        standing.withdraw(row, Standing.HIDDEN)
        drop_letters(row)
    notify([author for author in [target_of(row).author_id] if author], Kind.STAFF, "hidden", f"item {item_id}", subject_id=item_id)


def _hold_back(practice: Practice) -> None:
    if practice.stage != Stage.HELD:
        guarding.hold_back(None, practice, text.prepare_line(_("Flagged.")))


def hide_quotes(post: Post, quoting: Collection[int]) -> None:
    """Posts that quote what was just hidden are hidden with it, until it is decided; its open item knows them."""
    rows = db.session.scalars(select(Post).where(Post.id.in_([post.id, *quoting])).order_by(Post.id)).all()
    standing.hold(*rows)
    opened = (ReviewItem.target_kind == "post", ReviewItem.target_id == post.id, ReviewItem.closed_at.is_(None), ReviewItem.hidden_at.is_not(None))
    item = db.session.scalar(select(ReviewItem).where(*opened).order_by(ReviewItem.id).limit(1))
    if item is None:  # decided meanwhile
        return
    hidden = [row for row in rows if row.id != post.id and row.standing == Standing.SHOWN]
    for row in hidden:
        standing.withdraw(row, Standing.HIDDEN)
        drop_letters(row)
        notify([row.author_id], Kind.STAFF, "quote_hidden", f"quote {row.id}")
    if ids := dict.fromkeys([*quotes_of_item(item), *(row.id for row in hidden)]):
        item.undo = json.dumps({"quotes": ",".join(map(str, ids))})


def quotes_of_item(item: ReviewItem) -> list[int]:
    """Ids of the posts that are hidden because they quote what the item hides."""
    given = str(json.loads(item.undo or "{}").get("quotes", ""))
    return [int(one) for one in given.split(",") if one]


def drop_letters(post: Post) -> None:
    """Letters about a post, or with an opening about its thread, do not leave any more."""
    about = [Notification.thread_id == post.thread_id, *([Notification.last_num == post.num] if post.num > 1 else [])]
    ids = list(
        db.session.scalars(update(Notification).where(*about).values(mail_due_at=None).returning(Notification.id).execution_options(synchronize_session=False))
    )
    mail.withdraw(ids)


def alert(but: set[int]) -> None:
    """Tell moderators that something urgent waits, without a word of it."""
    notify(moderators() - but, Kind.STAFF, "queue", "queue")


def _shown_before(target: review.Target, reason: str) -> bool:
    """Whether a moderator has looked at this very text for this reason, and shown it again, be it upon an appeal."""
    appeal = aliased(ReviewItem)
    same = (ReviewItem.target_kind == target.kind, ReviewItem.target_id == target.id, ReviewItem.revision == target.revision)
    upheld = exists().where(appeal.target_kind == "item", appeal.target_id == ReviewItem.id, appeal.outcome == "restore")
    for_it = or_(ReviewItem.rule == reason, exists().where(ReviewCause.item_id == ReviewItem.id, ReviewCause.reason == reason))
    shown = or_(ReviewItem.outcome.in_(("restore", "dismiss", "relabel", "lock")), upheld)
    return bool(db.session.scalar(select(exists().where(*same, for_it, shown))))


def _hiding_today(actor: User) -> int:
    recent = (ReviewCause.by_id == actor.id, ReviewCause.reason.in_(Reason.HIDING), ReviewCause.at > now() - timedelta(days=1))
    return db.session.scalar(select(func.count()).where(*recent).select_from(ReviewCause)) or 0
