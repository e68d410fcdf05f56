"""Changing and removing what one wrote."""

from dataclasses import dataclass

from sqlalchemy import delete, exists, select, update

from hub import live, policy
from hub.accounts.actions import Stale
from hub.accounts.models import User
from hub.db import UserText, db, now
from hub.discussions.actions import Locked, ask_to_be_public, note_mentions, refuse_stricter_quotes
from hub.discussions.models import Bookmark, Label, Mention, Post, PostRevision, Standing
from hub.discussions.places import at_post
from hub.discussions.standing import hold, withdraw
from hub.drafts.models import Draft
from hub.files.models import File, FileStanding
from hub.review import actions as review
from hub.review.models import ItemKind, ReviewItem
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
    hold(post)
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
    if post.returned_at is not None:
        look_again(post)
    if opening and edit.title is not None:
        post.thread.title, post.thread.lang = edit.title, edit.lang
    if opening:  # it is no longer what a moderator agreed to
        post.thread.cleared_at, post.thread.cleared_upto = None, 0
    if post.thread.label == Label.CLEAR:
        ask_to_be_public(post.thread)
    live.publish(f"thread {post.thread_id}", "edited", thread=post.thread_id, num=post.num)


def look_again(post: Post) -> None:
    """A post that was given back, and changed, waits for a moderator; it stays hidden until then."""
    post.returned_at = None
    target = review.Target("post", post.id, post.author_id, post.author.organisation.state_code, post.revision)
    item_id = review.add_item(ItemKind.AGAIN, target, None, review.returned_for("post", post.id), UserText(""))
    db.session.execute(update(ReviewItem).where(ReviewItem.id == item_id).values(hidden_at=now()))


def delete_post(actor: User, post: Post) -> None:
    """Take one's own text back: the words go, with every earlier version; number and place in the tree stay."""
    hold(post)
    policy.require(actor, "post.delete", post)
    if post.num == 1 and db.session.scalar(select(exists().where(Post.thread_id == post.thread_id, Post.num > 1, Post.standing == Standing.HIDDEN))):
        raise policy.Forbidden("post.delete")  # answers that a flag hides are others' too, and may come back
    forget_words(post)
    withdraw(post, Standing.DELETED)


def forget_words(post: Post) -> None:
    """What a post says, and said before, goes, with its files; its number and place stay."""
    files = update(File).where(File.post_id == post.id).values(standing=FileStanding.REMOVED, name=UserText(""))
    db.session.execute(files.execution_options(synchronize_session=False))
    post.files = 0
    db.session.execute(delete(Draft).where(Draft.place == at_post(post.thread_id, post.num)))
    for traces in (PostRevision, Mention, Bookmark):
        db.session.execute(delete(traces).where(traces.post_id == post.id))
    post.body_md = post.body_html = UserText("")
    if post.num == 1:
        post.thread.title = UserText("")
