"""Which threads an open page may hear of, and that its own member has news."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from hub import listeners, policy
from hub.accounts.models import User
from hub.discussions.queries import ids_among, last_nums
from hub.listeners import Listener


def readable_threads(wishes: Sequence[tuple[User, Collection[int]]]) -> list[set[int]]:
    """One statement for all who read threads alike, however many pages they have open."""
    asked: dict[object, set[int]] = defaultdict(set)
    members: dict[object, User] = {}
    circles = [policy.thread_circle(member) for member, _ids in wishes]
    for circle, (member, thread_ids) in zip(circles, wishes, strict=True):
        asked[circle].update(thread_ids)
        members[circle] = member
    readable = {circle: ids_among(members[circle], thread_ids) for circle, thread_ids in asked.items()}
    return [readable[circle].intersection(thread_ids) for circle, (_member, thread_ids) in zip(circles, wishes, strict=True)]


def oneself(wishes: Sequence[tuple[User, Collection[int]]]) -> list[set[int]]:
    return [{member.id} & set(user_ids) for member, user_ids in wishes]


def tell_heads(heard: Collection[tuple[str, Listener]]) -> None:
    """How far each thread is that an open page hears of: it makes up for news that were lost."""
    thread_ids = {number for _sid, listener in heard for kind, number in list(listener.rooms) if kind == "thread"}
    for thread_id, num in (last_nums(thread_ids) if thread_ids else {}).items():
        listeners.tell(f"thread {thread_id}", "head", thread=thread_id, num=num)


listeners.hears("thread", readable_threads)
listeners.on_beat(tell_heads)
listeners.hears("user", oneself)
