"""What tests of moderation have in common: a post that is flagged, and who decides."""

from sqlalchemy import select

from hub.discussions.models import Post
from hub.review.models import ReviewItem

BODY = "The victim was brought to Demo Village by a driver. Notice: 24 hours."
WHY = "R1: the place points to a person"


def post_id(world, thread, num=1):
    return world.one(select(Post.id).where(Post.thread_id == thread, Post.num == num)).id


def post(world, thread, num=1):
    return world.one(select(Post).where(Post.thread_id == thread, Post.num == num))[0]


def flag(world, by, thread, num=1, reason="identifies_person", **more):
    return by.post("/flags", target=f"post:{post_id(world, thread, num)}", reason=reason, note="", **more)


def item(world, **where):
    rows = select(ReviewItem).order_by(ReviewItem.id.desc()).limit(1)
    return world.one(rows.filter_by(**where))[0]


def take(world, by, which):
    """Claim an item; its version afterwards."""
    by.post(f"/moderation/{which.id}/claim", version=which.version)
    return world.one(select(ReviewItem.version).where(ReviewItem.id == which.id))[0]


def decide(world, by, which, decision, **more):
    version = take(world, by, which)
    return by.post(f"/moderation/{which.id}/decide", **{"decision": decision, "version": version, "reason": WHY} | more)
