"""What members mark: a post to find again, the answer to a question, a pillar as read."""

from datetime import datetime

from sqlalchemy import delete, literal, select
from werkzeug.exceptions import NotFound

from hub import live, policy
from hub.accounts.models import User
from hub.audit.actions import record
from hub.db import UserText, db, insert_or_leave, lock_row, upsert
from hub.discussions import counts
from hub.discussions.models import Bookmark, Post, ReadState, Standing, Thread
from hub.notifications.actions import notify
from hub.notifications.models import Kind
from hub.pillars.models import Pillar


def bookmark(actor: User, post: Post, wanted: bool) -> None:
    if wanted:
        insert_or_leave(Bookmark, Bookmark.user_id, user_id=actor.id, post_id=post.id)
    else:
        db.session.execute(delete(Bookmark).where(Bookmark.user_id == actor.id, Bookmark.post_id == post.id))


def mark_answer(actor: User, post: Post, answers: bool, reason: UserText | None = None) -> None:
    """Say that a post answers its thread, or take that back; a moderator, who did not ask, says why."""
    thread = post.thread
    lock_row(thread)
    policy.require(actor, "thread.answer", thread)
    db.session.refresh(post)
    if post.standing != Standing.SHOWN:
        raise NotFound
    before = thread.answered_num
    if answers and post.num > 1:
        thread.answered_num = post.num
    elif thread.answered_num == post.num:
        thread.answered_num = None
    if thread.answered_num == before:
        return
    live.publish(f"thread {thread.id}", "edited", thread=thread.id, num=post.num)
    if answers and post.author_id != actor.id:
        notify([post.author_id], Kind.ANSWER, "your_answer", f"post {thread.id}/{post.num}", thread.id, post.num)
    if thread.author_id != actor.id:
        record(actor, "thread.answered" if answers else "thread.unanswered", ("thread", thread.id), reason or UserText(""), num=post.num)


def mark_pillar_read(actor: User, pillar: Pillar, read_at: datetime) -> None:
    """Threads of a pillar count as read, but those answered since the page was made; in a fixed number of statements."""
    threads = select(Thread.id).where(Thread.pillar_id == pillar.id, Thread.last_post_at <= read_at, policy.readable(actor, Thread))
    if db.engine.dialect.name == "postgresql":  # nothing is removed or answered meanwhile
        db.session.execute(threads.order_by(Thread.id).with_for_update(read=True)).all()
    everything = select(literal(actor.id), Thread.id, Thread.last_num, literal(b""), Thread.shown_posts).where(Thread.id.in_(threads))
    insert = upsert(ReadState).from_select(["user_id", "thread_id", "read_upto", "beyond", "read_shown"], everything)
    read = {name: insert.excluded[name] for name in ("read_upto", "beyond", "read_shown")}
    db.session.execute(insert.on_conflict_do_update(index_elements=["user_id", "thread_id"], set_=read))
    counts.recount_reader(actor.id, pillar.id)
