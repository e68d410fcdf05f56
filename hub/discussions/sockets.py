"""Which threads an open page may hear of, and that its own member has news."""

from collections.abc import Collection

from hub import listeners, live
from hub.accounts.models import User
from hub.discussions.queries import last_nums, threads_among
from hub.listeners import Listener


def readable_threads(member: User, thread_ids: Collection[int]) -> set[int]:
    return {thread.id for thread in threads_among(member, thread_ids)}


def oneself(member: User, user_ids: Collection[int]) -> set[int]:
    return {member.id} & set(user_ids)


def tell_heads(heard: Collection[tuple[str, Listener]]) -> None:
    """How far each thread is that an open page hears of: it makes up for news that were lost."""
    thread_ids = {number for _sid, listener in heard for kind, number in list(listener.rooms) if kind == "thread"}
    for thread_id, num in (last_nums(thread_ids) if thread_ids else {}).items():
        live.ring_here(f"thread {thread_id}", "head", thread=thread_id, num=num)


listeners.hears("thread", readable_threads)
listeners.on_beat(tell_heads)
listeners.hears("user", oneself)
