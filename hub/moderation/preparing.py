"""What a decision will do, worked out before anything is locked: texts without their passages, and who else says them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from hub.accounts.models import User
from hub.db import db
from hub.moderation import decisions, redacting, releasing
from hub.moderation.quoting import Quoting
from hub.moderation.redaction import Span, joined
from hub.moderation.targets import Snapshot, snapshot
from hub.review.actions import rule_of
from hub.review.models import ItemKind, Reason, ReviewItem


@dataclass(frozen=True)
class Ready:
    """``source`` is what spans count in; all empty for a decision that takes nothing out."""

    redacted: redacting.Redacted | None = None
    released: releasing.Released | None = None
    source: str = ""
    spans: tuple[Span, ...] = ()
    whole: tuple[str, ...] = ()  # the parts of a text that is removed whole

    @property
    def passages(self) -> list[str]:
        """What is taken out."""
        return list(self.whole) or [self.source[span.start : span.end] for span in self.spans]

    @property
    def cuts(self) -> list[tuple[str, list[Span]]]:
        """Each field as it is now, with the passages that are taken out of it."""
        return self.redacted.cuts if self.redacted else self.released.cuts if self.released else []

    @property
    def quoting(self) -> list[Quoting]:
        return self.redacted.quoting if self.redacted else []

    def sparing(self, post_ids: Collection[int]) -> "Ready":
        """The same, but for posts that keep what they say."""
        kept = [quoting for quoting in self.quoting if quoting.post_id not in post_ids]
        return replace(self, redacted=replace(self.redacted, quoting=kept)) if self.redacted else self


def purges_whole(item: ReviewItem, decision: str) -> bool:
    """Whether a decision removes a post for a person's sake, with all that says the same."""
    return decision == decisions.REMOVE and item.target_kind == "post" and rule_of(item) in Reason.HIDING


def ready(item: ReviewItem, decision: str, spans: Sequence[Span] = (), files: Sequence[int] = ()) -> Ready:
    """Raises ``NotAllowed`` where there is nothing to take out, ``Refused`` for a text that cannot be stored then."""
    taken = snapshot(item)
    if purges_whole(item, decision):
        whole = tuple(part.words for part in taken.parts) if taken else ()
        return Ready(redacting.quoting_of(item, taken, spans), None, taken.source, (Span(0, len(taken.source)),), whole) if taken else Ready()
    if decision == decisions.RESTORE and item.kind == ItemKind.AGAIN and taken:
        return Ready(redacting.mended(item), None, taken.source)
    if decision == decisions.RESTORE and item.kind == ItemKind.HELD:
        return _released(item, taken, ())
    if decision != decisions.REDACT:
        return Ready()
    if files and not spans:
        return Ready()
    if not spans:
        raise decisions.NotAllowed("spans")
    if item.target_kind == "held":
        return _released(item, taken, spans)
    if taken is None:
        raise decisions.NotAllowed("gone")
    return Ready(redacting.redacted(item, taken, spans), None, taken.source, tuple(joined(spans)))


def _released(item: ReviewItem, taken: Snapshot | None, spans: Sequence[Span]) -> Ready:
    if taken is None:
        raise decisions.NotAllowed("gone")
    author = db.session.get_one(User, item.author_id or 0)
    return Ready(None, releasing.released(author, taken, list(spans)), taken.source, tuple(joined(spans)))
