"""Files of posts: added by who may edit the post, taken away, and shown once the virus scanner has answered."""

from collections.abc import Collection

from flask import current_app
from sqlalchemy import func, select, update

from hub import live, policy
from hub.accounts.models import User
from hub.db import UserText, db, end_reading, hold, lock_row, now, unit_of_work
from hub.discussions import standing
from hub.discussions.actions import Locked, ask_to_be_public
from hub.discussions.editing import look_again
from hub.discussions.models import Label, Post
from hub.files import queries as files
from hub.files import scanner, store
from hub.files.checking import MOST_OF_ONE, Checked
from hub.files.keeping import keep_file
from hub.files.models import File, FileStanding
from hub.files.scanner import Verdict
from hub.notifications.actions import notify
from hub.notifications.models import Kind

AT_ONCE, AN_HOUR = 100, 3600  # files of one sweep; seconds


class TooMany(Exception):
    """A post has as many files as it may."""


def attach(actor: User, post: Post, name: UserText, checked: Checked, waits: bool) -> File:
    """Store a file and add it to a post; ``waits`` for the scanner. Raises ``TooMany``, ``Locked`` and ``Full``."""
    standing.hold(post)
    if post.thread.locked_at is not None:
        raise Locked
    policy.require(actor, "post.edit", post)
    if len(files.all_of(post.id)) >= MOST_OF_ONE:
        raise TooMany
    file = keep_file(actor.id, name, checked, waits, post_id=post.id)
    if not waits:
        _changed(post)
    return file


def _sent_back(post: Post) -> None:
    """A post that was returned for its files comes back once they changed."""
    if post.returned_at is not None:
        post.revision += 1
        look_again(post)


def detach(actor: User, post: Post, public_id: str) -> None:
    """Take a file away from a post for good."""
    standing.hold(post)
    policy.require(actor, "post.edit", post)
    remove(post, [file.id for file in files.all_of(post.id) if file.public_id == public_id])
    _sent_back(post)


def remove(post: Post, file_ids: Collection[int]) -> None:
    """The names go now, the bytes with the next sweep. The caller holds the post."""
    gone = (File.post_id == post.id, File.id.in_(file_ids))
    db.session.execute(update(File).where(*gone).values(standing=FileStanding.REMOVED, name=UserText("")).execution_options(synchronize_session=False))
    _count(post)
    live.publish(f"thread {post.thread_id}", "redacted", thread=post.thread_id, num=post.num)


def _changed(post: Post) -> None:
    """A post with another file is not what a moderator agreed to show to everybody."""
    _count(post)
    _sent_back(post)
    post.edited_at = now()
    if post.num == 1:
        post.thread.cleared_at, post.thread.cleared_upto = None, 0
    if post.thread.label == Label.CLEAR:
        ask_to_be_public(post.thread)
    live.publish(f"thread {post.thread_id}", "redacted", thread=post.thread_id, num=post.num)


def _count(post: Post) -> None:
    db.session.flush()
    post.files = db.session.scalar(select(func.count()).where(File.post_id == post.id, File.standing == FileStanding.SHOWN).select_from(File)) or 0


# --- from time to time ---------------------------------------------------------------------------------------


def rescan() -> None:
    """Ask the scanner again about files that wait; what it finds bad is removed, and its owner told."""
    waiting = [(file.id, file.digest) for file in files.waiting()]
    end_reading()
    for file_id, digest in waiting:
        try:
            answer = scanner.verdict(str(current_app.config["HUB_SCANNER"]), store.read(digest))
        except FileNotFoundError:  # an old backup came without its files
            answer = Verdict.BAD
        if answer == Verdict.UNKNOWN:
            return
        with unit_of_work():
            _answered(file_id, answer)


def _answered(file_id: int, answer: Verdict) -> None:
    file = db.session.get_one(File, file_id)
    if file.post_id is None:
        _answered_of_practice(file, answer)
        return
    post = db.session.get_one(Post, file.post_id)
    standing.hold(post)
    db.session.refresh(file)
    if file.standing != FileStanding.PENDING:
        return
    if answer == Verdict.CLEAN:
        file.standing = FileStanding.SHOWN
        _changed(post)
    else:
        notify([file.owner_id], Kind.STAFF, "virus", f"file {file.id}")
        remove(post, [file.id])


def _answered_of_practice(file: File, answer: Verdict) -> None:
    lock_row(file)
    if file.standing == FileStanding.PENDING and answer == Verdict.CLEAN:
        file.standing = FileStanding.SHOWN
    elif file.standing == FileStanding.PENDING:
        file.standing, file.name = FileStanding.REMOVED, UserText("")
        notify([file.owner_id], Kind.STAFF, "virus", f"file {file.id}")


def tidy() -> int:
    """Delete bytes that a crash left without a file; returns how many. For the start of a process: it looks at every one."""
    left = [path for path in store.older_than(AN_HOUR) if not files.is_known(path.name)]
    end_reading()
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def sweep() -> bool:
    """Delete the bytes of removed files that no other file has; ``False`` when some are left, or the disk refused."""
    rows = list(db.session.execute(select(File.id, File.digest).where(File.standing == FileStanding.REMOVED, File.digest != "").limit(AT_ONCE)))
    end_reading()
    for file_id, digest in rows:
        try:
            with unit_of_work():
                hold(f"file {digest}")
                if not files.still_used(digest):
                    store.forget(digest)
                db.session.execute(update(File).where(File.id == file_id).values(digest=""))
        except OSError:
            return False
    return len(rows) < AT_ONCE
