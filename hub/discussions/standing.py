"""Taking a post out of what is read and counted, and putting it back."""

from sqlalchemy import update

from hub import live
from hub.db import db, lock_row, now
from hub.discussions import counts, queries, reading
from hub.discussions.models import Post, Standing, Thread


def hold(*posts: Post) -> None:
    """Let nobody else change posts, or what their threads count, until this unit of work ends: threads first, each in order of their ids."""
    threads = {post.thread_id: post.thread for post in posts}
    for _thread_id, thread in sorted(threads.items()):
        lock_row(thread)
    for post in sorted(posts, key=lambda post: post.id):
        lock_row(post)
    if any(post.thread_id not in threads for post in posts):  # moved while one waited
        hold(*posts)


def withdraw(post: Post, standing: str) -> None:
    """A shown post is read and counted no more; with an opening its whole thread. The caller holds it."""
    thread, was_shown = post.thread, post.standing == Standing.SHOWN
    post.standing = standing
    if post.num == 1:
        if thread.standing == Standing.SHOWN:
            counts.leave(thread)
        thread.standing = standing
    if was_shown:
        reading.count_post(thread, post.num, -1)
        thread.shown_posts -= 1
    if thread.answered_num == post.num and standing != Standing.HIDDEN:  # what a flag hides may come back
        thread.answered_num = None
    sum_up(thread)
    live.publish(f"thread {thread.id}", "removed", thread=thread.id, num=post.num)


def put_back(post: Post) -> None:
    """What was withdrawn is read and counted again, with an opening its whole thread. The caller holds it."""
    thread = post.thread
    if post.standing == Standing.SHOWN:
        return
    post.standing, post.returned_at = Standing.SHOWN, None
    reading.count_post(thread, post.num, 1)
    thread.shown_posts += 1
    sum_up(thread)
    if post.num == 1:
        thread.standing = Standing.SHOWN
        counts.enter(thread)
    live.publish(f"thread {thread.id}", "removed", thread=thread.id, num=post.num)


def sum_up(thread: Thread) -> None:
    """What a list shows of a thread follows from its shown posts."""
    db.session.flush()
    thread.last_post_at = queries.last_shown_at(thread) or thread.created_at
    thread.states = " ".join(queries.states_that_wrote(thread))
    db.session.flush()


def return_to_author(post: Post) -> None:
    """Its author may change a hidden post; a moderator then looks again."""
    post.returned_at = now()


def relabel(thread: Thread, label: str) -> None:
    """Move a whole thread into another circle of readers; a public thread is closed again. The caller holds it."""
    if thread.standing == Standing.SHOWN:
        counts.leave(thread)
    thread.label, thread.cleared_at, thread.cleared_upto = label, None, 0
    if thread.standing == Standing.SHOWN:
        counts.enter(thread)
    live.publish(f"thread {thread.id}", "removed", thread=thread.id, num=1)


def move(thread: Thread, pillar_id: int) -> None:
    """Put a thread into another pillar. The caller holds it."""
    if thread.standing == Standing.SHOWN:
        counts.leave(thread)
    db.session.execute(update(Thread).where(Thread.id == thread.id).values(pillar_id=pillar_id))
    db.session.refresh(thread)
    if thread.standing == Standing.SHOWN:
        counts.enter(thread)
