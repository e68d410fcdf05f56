"""Which threads an open page may hear of, and that its own member has news."""

from collections.abc import Collection

from hub import listeners
from hub.accounts.models import User
from hub.discussions.queries import threads_among


def readable_threads(member: User, thread_ids: Collection[int]) -> set[int]:
    return {thread.id for thread in threads_among(member, thread_ids)}


def oneself(member: User, user_ids: Collection[int]) -> set[int]:
    return {member.id} & set(user_ids)


listeners.hears("thread", readable_threads)
listeners.hears("user", oneself)
