"""What the reader of a page may do to its posts, asked of ``policy`` once a page."""

from typing import NamedTuple

from hub import policy
from hub.discussions.models import Thread
from hub.discussions.reading_order import Line
from hub.policy import Actor


class May(NamedTuple):
    """What the reader may do to one post, and what it is to them."""

    member: bool
    own: bool
    reply: bool
    edit: bool
    delete: bool
    answer: bool  # call it the answer, or no longer
    answers: bool  # it is called the answer


class Rights(NamedTuple):
    """``edit`` and ``delete`` are numbers of posts; ``member`` is whether somebody is signed in."""

    reader_id: int
    member: bool
    reply: bool
    answer: bool
    edit: frozenset[int]
    delete: frozenset[int]

    def to(self, line: Line, answered_num: int | None) -> May:
        num = line.num
        own = line.author_id == self.reader_id
        return May(self.member, own, self.reply, num in self.edit, num in self.delete, self.answer and num > 1, num == answered_num)


def rights_on(actor: Actor, thread: Thread, lines: list[Line]) -> Rights:
    return Rights(
        reader_id=actor.id if actor else 0,
        member=actor is not None,
        reply=policy.can(actor, "thread.reply", thread),
        answer=policy.can(actor, "thread.answer", thread),
        edit=frozenset(line.num for line in lines if policy.can(actor, "post.edit", line)),
        delete=frozenset(line.num for line in lines if policy.can(actor, "post.delete", line)),
    )
