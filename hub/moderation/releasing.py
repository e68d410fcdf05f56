"""A held text, as its moderator decides: posted in its author's name, given back, or deleted."""

import json
from dataclasses import dataclass

from werkzeug.exceptions import NotFound

from hub import policy, text
from hub.accounts.actions import Stale
from hub.accounts.models import User
from hub.db import UserText, db
from hub.discussions import actions, editing, queries
from hub.discussions.forms import SHORTEST_TITLE
from hub.guard import DECIDED
from hub.languages import AUTONYMS
from hub.moderation import redacting
from hub.moderation.decisions import REDACT, REMOVE, RESTORE, Decision, NotAllowed
from hub.moderation.quoting import known_to
from hub.moderation.redaction import Span
from hub.moderation.targets import Snapshot, held_words
from hub.pillars.queries import get_pillar, tags_offered
from hub.review import actions as review
from hub.review.models import Held, ReviewItem

CANNOT = (NotFound, policy.Forbidden, Stale, actions.Locked, actions.NoParent, actions.QuoteTooWide, actions.SentBefore, KeyError, ValueError)


@dataclass(frozen=True)
class Released:
    """What is posted, rendered before anything is locked."""

    body: text.Prepared
    title: UserText
    reason: UserText
    cuts: list[tuple[str, list[Span]]]


def released(author: User, taken: Snapshot, spans: list[Span]) -> Released:
    """The held text without these passages. Raises ``Refused`` when it cannot be a post at all."""
    words = dict(redacting.parts_cut(taken, spans))
    body = text.prepare(words.get("body", ""), known_to(author), DECIDED)
    lines = [text.prepare_line(words.get(field, ""), 200, DECIDED) for field in ("title", "reason")]
    return Released(body, lines[0], lines[1], redacting.cuts_of(taken, spans))


def decide(actor: User, item: ReviewItem, made: Decision, ready: Released | None) -> None:
    """Called once the item is closed. Raises ``NotAllowed`` where the text has no place any more."""
    held = db.session.get_one(Held, item.target_id)
    if made.decision in (RESTORE, REDACT):
        if ready is None:
            raise NotAllowed("gone")
        _post(held, ready)
    if made.decision in (RESTORE, REDACT, REMOVE):
        redacting.note(item.id, "held", held.id, 0)
        review.empty(held)


def _post(held: Held, ready: Released) -> None:
    author = db.session.get_one(User, held.author_id)
    try:
        chosen = json.loads(held_words(held).get("choices", ""))
        kind, *rest = held.place.split("/")
        if chosen["lang"] not in AUTONYMS:
            raise NotAllowed("place")
        {"new": _open, "thread": _reply, "post": _edit}[kind](author, held, ready, chosen, rest)
    except CANNOT:
        raise NotAllowed("place") from None


def _open(author: User, held: Held, ready: Released, chosen: dict[str, object], place: list[str]) -> None:
    if len(ready.title) < SHORTEST_TITLE or chosen["kind"] not in policy.kinds_offered(author):
        raise NotAllowed("place")
    tags = [tag for tag in tags_offered(author) if tag.slug in list(chosen.get("tags") or [])]  # type: ignore[call-overload]
    opening = actions.Opening(str(chosen["kind"]), ready.title, str(chosen["label"]), str(chosen["lang"]), ready.body, tags, held.client_id)
    actions.open_thread(author, get_pillar(author, place[0]), opening)


def _reply(author: User, held: Held, ready: Released, chosen: dict[str, object], place: list[str]) -> None:
    thread = queries.get_thread(author, int(place[0]))
    actions.reply(author, thread, int(str(chosen.get("parent") or 1)), ready.body, str(chosen["lang"]), held.client_id)


def _edit(author: User, _held: Held, ready: Released, chosen: dict[str, object], place: list[str]) -> None:
    post = queries.get_own_post(author, int(place[0]), int(place[1]))
    edit = editing.Edit(int(str(chosen["revision"])), ready.body, str(chosen["lang"]), ready.reason, ready.title if post.num == 1 else None)
    editing.edit_post(author, post, edit)
