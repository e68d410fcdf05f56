"""Changing and removing what one wrote."""

from dataclasses import dataclass

from sqlalchemy import delete

from hub import live, policy
from hub.accounts.actions import Stale
from hub.accounts.models import User
from hub.db import UserText, db, lock_row, now
from hub.discussions import queries, reading
from hub.discussions.actions import Locked, note_mentions, refuse_stricter_quotes
from hub.discussions.models import Bookmark, Mention, Post, PostRevision, Standing, Thread
from hub.discussions.places import at_post
from hub.drafts.models import Draft
from hub.text import Prepared


@dataclass(frozen=True)
class Edit:
    """What an edit brings; ``title`` only for an opening, ``revision`` is the one that was edited."""

    revision: int
    body: Prepared
    lang: str
    reason: UserText
    title: UserText | None = None


def edit_post(actor: User, post: Post, edit: Edit) -> None:
    """Replace a text and keep the old one. Raises ``Stale`` when another revision is the present one."""
    lock_row(post.thread)
    lock_row(post)
    if post.thread.locked_at is not None:
        raise Locked
    policy.require(actor, "post.edit", post)
    if post.revision != edit.revision:
        raise Stale
    refuse_stricter_quotes(actor, post.thread.label, edit.body, post.thread_id)
    opening = edit.title is not None and post.num == 1
    if post.body_md == edit.body.md and post.lang == edit.lang and not (opening and edit.title != post.thread.title):
        return
    db.session.add(
        PostRevision(
            post_id=post.id, revision=post.revision, title=post.thread.title if opening else None, body_md=post.body_md,
            lang=post.lang, reason=edit.reason, written_at=post.edited_at or post.created_at, replaced_by_id=actor.id,
        )
    )  # fmt: skip
    post.body_md, post.body_html, post.html_version = edit.body.md, edit.body.html, edit.body.html_version
    told = set(db.session.scalars(delete(Mention).where(Mention.post_id == post.id).returning(Mention.user_id)))
    note_mentions(actor, post, edit.body, told={actor.id, *(user_id for user_id in told if user_id)})
    post.lang, post.revision, post.edited_at = edit.lang, post.revision + 1, now()
    if opening and edit.title is not None:
        post.thread.title, post.thread.lang = edit.title, edit.lang
    if opening:  # it is no longer what a moderator agreed to
        post.thread.cleared_at, post.thread.cleared_upto = None, 0
    live.publish(f"thread {post.thread_id}", "edited", thread=post.thread_id, num=post.num)


def delete_post(actor: User, post: Post) -> None:
    """Take one's own text back: the words go, with every earlier version; number and place in the tree stay."""
    lock_row(post.thread)
    lock_row(post)
    policy.require(actor, "post.delete", post)
    db.session.execute(delete(Draft).where(Draft.place == at_post(post.thread_id, post.num)))
    for traces in (PostRevision, Mention, Bookmark):
        db.session.execute(delete(traces).where(traces.post_id == post.id))
    post.body_md = post.body_html = UserText("")
    post.standing = Standing.DELETED
    thread = post.thread
    reading.forget_post(thread, post.num)
    thread.shown_posts = Thread.shown_posts - 1
    thread.last_post_at = queries.last_shown_at(thread, before=post) or thread.created_at
    thread.states = " ".join(queries.states_that_wrote(thread, before=post))
    if thread.answered_num == post.num:
        thread.answered_num = None
    if post.num == 1:
        thread.standing, thread.title = Standing.DELETED, UserText("")
    live.publish(f"thread {thread.id}", "removed", thread=thread.id, num=post.num)
