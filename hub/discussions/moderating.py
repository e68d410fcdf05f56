"""What moderators do to a thread: close it, keep it at the top, agree that it is public. Each is told to its author, and in the audit."""

from datetime import datetime

from hub import policy
from hub.accounts.actions import Stale
from hub.accounts.models import User
from hub.audit.actions import record
from hub.db import UserText, lock_row, now
from hub.discussions import queries
from hub.discussions.models import Thread
from hub.notifications.actions import notify
from hub.notifications.models import Kind
from hub.review import actions as review
from hub.review.models import ItemKind


def lock(actor: User, thread: Thread, locked: bool, reason: UserText) -> None:
    lock_row(thread)
    policy.require(actor, "thread.lock", thread)
    if (thread.locked_at is not None) == locked:
        return
    thread.locked_at = now() if locked else None
    _decided(actor, thread, "close" if locked else "open", reason)


def pin(actor: User, thread: Thread, pinned: bool, reason: UserText) -> None:
    lock_row(thread)
    policy.require(actor, "thread.pin", thread)
    if (thread.pinned_at is not None) == pinned:
        return
    thread.pinned_at = now() if pinned else None
    _decided(actor, thread, "pin" if pinned else "unpin", reason)


def _decided(actor: User, thread: Thread, what: str, reason: UserText, **details: int) -> None:
    """Tell who started the thread, unless they acted themselves, and add to the audit."""
    if thread.author_id != actor.id:
        notify(queries.readers_among(thread, {thread.author_id}), Kind.STAFF, what, f"thread {thread.id} {what}", thread.id)
    record(actor, f"thread.{what}", ("thread", thread.id), reason, **details)


def make_public(actor: User, thread: Thread, read_upto: int, read_at: datetime, reason: UserText) -> None:
    """Agree that a TLP:CLEAR thread is open to everyone, as far as the moderator has read it.

    ``read_upto`` is the last number and ``read_at`` the time of the page that was read. Raises ``Stale`` when the opening changed since.
    """
    policy.require(actor, "thread.make_public", thread)
    opening = queries.get_post(actor, thread.id, 1)
    if (opening.edited_at or opening.created_at) > read_at or read_upto < 1:
        raise Stale
    thread.cleared_at, thread.cleared_upto = min(read_at, now()), min(read_upto, thread.last_num)
    if thread.cleared_upto == thread.last_num:
        review.close_all(("thread", thread.id), kind=ItemKind.PUBLIC, by=(actor.id, "publish"))
    _decided(actor, thread, "publish", reason, upto=thread.cleared_upto)


def take_back(actor: User, thread: Thread, reason: UserText) -> None:
    """Close a public thread again: it reads as TLP:GREEN until a moderator agrees anew."""
    policy.require(actor, "thread.take_back", thread)
    thread.cleared_at, thread.cleared_upto = None, 0
    _decided(actor, thread, "take_back", reason)
