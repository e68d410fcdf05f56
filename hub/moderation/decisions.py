"""What moderators may decide, and on what."""

from dataclasses import dataclass, field
from datetime import datetime

from hub.db import UserText
from hub.moderation.redacting import Redacted
from hub.review.models import ItemKind

RESTORE, REDACT, REMOVE, RETURN, RELABEL, LOCK, DISMISS = "restore", "redact", "remove", "return", "relabel", "lock", "dismiss"
OF_POSTS = (RESTORE, REDACT, REMOVE, RETURN, RELABEL, LOCK, DISMISS)
ALLOWED: dict[tuple[str, str], tuple[str, ...]] = {  # what may be decided on an item, by its kind and what it is about
    (ItemKind.FLAG, "post"): OF_POSTS,
    (ItemKind.AGAIN, "post"): (RESTORE, REDACT, REMOVE, RETURN),
    (ItemKind.FLAG, "profile"): (RESTORE, REDACT, REMOVE, DISMISS),
    (ItemKind.FLAG, "practice"): (RESTORE, REMOVE, DISMISS),
    (ItemKind.FLAG, "disclosure"): (RESTORE, REMOVE, DISMISS),
    (ItemKind.HELD, "held"): (RESTORE, REDACT, REMOVE, RETURN),
    (ItemKind.PUBLIC, "thread"): (DISMISS,),
    (ItemKind.APPEAL, "item"): (RESTORE, DISMISS),
}
APPEALABLE = (REDACT, REMOVE, RETURN, RELABEL, LOCK)


class NotAllowed(Exception):
    """The decision does not fit the item; the message says why."""


@dataclass(frozen=True)
class Decision:
    """What a moderator decides; ``version`` is of the item as it was seen."""

    decision: str
    reason: UserText
    version: int
    label: str = ""
    sanction: str = ""
    until: datetime | None = None
    redacted: Redacted | None = None
    removed: str = ""  # the passages themselves: only their keyed hash is kept
    passages: int = 0
    files: tuple[int, ...] = ()  # of the post, to be removed with the passages
    undo: dict[str, int | str] = field(default_factory=dict)
