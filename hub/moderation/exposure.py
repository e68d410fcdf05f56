"""Who was shown a post before it was hidden: read from what was noted as it happened."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Select, func, or_, select

from hub import policy
from hub.accounts.models import User
from hub.accounts.queries import found
from hub.db import db, now
from hub.discussions.models import MovedPost, Post, PublicView, Shown
from hub.mail.models import Mail
from hub.notifications.models import Notification
from hub.review.models import ReviewItem

LATE_NOTE = timedelta(seconds=30)  # a page that was rendered before a text was hidden is noted a moment later


def get_exposed(actor: User, item_id: int) -> ReviewItem:
    """An item whose exposure report the actor may read; else 404."""
    item = found(db.session.get(ReviewItem, item_id))
    author = db.session.get(User, item.author_id) if item.author_id else None
    return found(item if author is not None and item.target_kind == "post" and policy.can(actor, "exposure.see", (item, author)) else None)


class Exposure(NamedTuple):
    """Who was shown a post between posting and hiding, who had a letter with a link to it, and how often the public was served the thread."""

    shown: list[tuple[User, datetime]]
    mailed: list[tuple[User, datetime]]
    public_views: int


def report(item: ReviewItem) -> Exposure:
    shown, letters = _exposed_to(item)
    listed = [(user, at) for user, at in db.session.execute(shown.order_by(Shown.first_at, User.id)).unique()]
    mailed = [(user, at) for user, at in db.session.execute(letters.order_by(Mail.done_at, User.id)).unique() if at]
    return Exposure(listed, mailed, _public_views(item))


class Exposed(NamedTuple):
    """The same in numbers."""

    shown: int
    mailed: int
    public_views: int


def exposed(item: ReviewItem) -> Exposed:
    shown, letters = (db.session.scalar(select(func.count()).select_from(rows.with_only_columns(User.id).subquery())) or 0 for rows in _exposed_to(item))
    return Exposed(shown, letters, _public_views(item))


def _exposed_to(item: ReviewItem) -> tuple[Select[User, datetime], Select[User, datetime | None]]:
    """Members who were shown a post, and who had a letter with a link to it; a letter about a thread tells of its opening."""
    post, until = db.session.get_one(Post, item.target_id), _until(item)
    shown = select(User, Shown.first_at).join(Shown, Shown.user_id == User.id)
    about = [] if post.num == 1 else [Notification.first_num <= post.num, Notification.last_num >= post.num]
    letters = select(User, Mail.done_at).join(Notification, Notification.user_id == User.id).join(Mail, Mail.notification_id == Notification.id)
    left = (Mail.done_at.is_not(None), Mail.failure.is_(None), Mail.done_at <= until)
    return (
        shown.where(Shown.post_id == post.id, Shown.first_at <= until, User.id != post.author_id),
        letters.where(Notification.thread_id == post.thread_id, *about, *left, User.id != post.author_id),
    )


def _until(item: ReviewItem) -> datetime:
    return (item.hidden_at or item.closed_at or now()) + LATE_NOTE


def _public_views(item: ReviewItem) -> int:
    """How often the thread was served to the public since the post was written, whether or not it is public now."""
    post = db.session.get_one(Post, item.target_id)
    stood = or_(PublicView.thread_id == post.thread_id, PublicView.thread_id.in_(select(MovedPost.thread_id).where(MovedPost.post_id == post.id)))
    days = (stood, PublicView.day >= post.created_at.date().isoformat(), PublicView.day <= _until(item).date().isoformat())
    return db.session.scalar(select(func.coalesce(func.sum(PublicView.views), 0)).where(*days)) or 0
