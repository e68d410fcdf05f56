"""What was removed for another reason than a person's safety is kept, unread, for as long as its author may appeal; then its words go, too."""

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import aliased

from hub.db import db, now
from hub.discussions import standing
from hub.discussions.models import Post, Standing
from hub.moderation.redacting import remove_post
from hub.review.models import ItemKind, ReviewItem


def anything_due() -> bool:
    return db.session.scalar(_due().limit(1)) is not None


def forget_unappealed() -> None:
    """Empty removed posts whose seven days are over, unless an appeal still waits."""
    for item in db.session.scalars(_due().limit(100)).all():
        post = db.session.get_one(Post, item.target_id)
        standing.hold(post)
        if post.standing == Standing.REMOVED and post.body_md:
            remove_post(post, item.id)
        item.empty_at = None


def _due() -> Select[ReviewItem]:
    appeal = aliased(ReviewItem)
    waits = exists().where(appeal.kind == ItemKind.APPEAL, appeal.target_kind == "item", appeal.target_id == ReviewItem.id, appeal.closed_at.is_(None))
    return select(ReviewItem).where(ReviewItem.empty_at < now(), ~waits).order_by(ReviewItem.id)
