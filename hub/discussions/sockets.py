"""Which threads an open page may hear of."""

from collections.abc import Collection

from hub import listeners
from hub.accounts.models import User
from hub.discussions.queries import threads_among


def readable_threads(member: User, thread_ids: Collection[int]) -> set[int]:
    return {thread.id for thread in threads_among(member, thread_ids)}


listeners.hears("thread", readable_threads)
