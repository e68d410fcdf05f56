"""What was removed for another reason than a person's safety is kept, unread, for as long as its author may appeal; then its words go, too.

So do those of a returned post that its author has not changed in two weeks.
"""

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import aliased

from hub.db import db, end_reading, now, unit_of_work
from hub.discussions import standing
from hub.discussions.models import Post, Standing
from hub.moderation import appeals
from hub.moderation.deciding import release_quotes
from hub.moderation.decisions import REMOVE, RETURN
from hub.moderation.preparing import ready
from hub.moderation.redacting import Redacted, quoted_posts, remove_post
from hub.review.models import ItemKind, ReviewItem


def forget_unappealed() -> None:
    """Empty removed posts whose time to appeal is over, unless an appeal still waits; each in its own unit of work."""
    ids = list(db.session.scalars(_due().limit(100)))
    end_reading()
    for item_id in ids:
        elsewhere = ready(db.session.get_one(ReviewItem, item_id), REMOVE).redacted
        with unit_of_work():
            if db.session.scalar(_due().where(ReviewItem.id == item_id)) is not None:
                _forget(db.session.get_one(ReviewItem, item_id), elsewhere)


def _forget(item: ReviewItem, elsewhere: Redacted | None) -> None:
    end = appeals.until(item)
    if end is not None and end > now():  # its author was away, by a sanction
        item.empty_at = end
        return
    post = db.session.get_one(Post, item.target_id)
    standing.hold(post, *quoted_posts(elsewhere))
    left = post.standing == Standing.HIDDEN and post.returned_at is not None and item.outcome == RETURN
    if post.body_md and (left or post.standing == Standing.REMOVED):
        remove_post(post, item, elsewhere)
        release_quotes(post)
    item.empty_at = None


def _due() -> Select[int]:
    appeal = aliased(ReviewItem)
    waits = exists().where(appeal.kind == ItemKind.APPEAL, appeal.target_kind == "item", appeal.target_id == ReviewItem.id, appeal.closed_at.is_(None))
    return select(ReviewItem.id).where(ReviewItem.empty_at < now(), ~waits).order_by(ReviewItem.id)
