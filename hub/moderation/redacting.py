"""Taking words out of what is stored: the text itself, earlier versions, drafts, quotes elsewhere; and noting what must be wiped from the disk."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, String, delete, or_, select, type_coerce, update
from sqlalchemy.orm import InstrumentedAttribute

from hub import live, text
from hub.accounts.models import User
from hub.db import UserText, db, lock_row, now
from hub.directory.mentions import mentioned
from hub.directory.models import Profile
from hub.discussions import editing, standing
from hub.discussions.models import Post, PostRevision, Standing
from hub.discussions.places import at_post
from hub.drafts.models import Draft
from hub.guard import DECIDED
from hub.moderation import profiles
from hub.moderation.models import Purge
from hub.moderation.redaction import Needle, Span, cut, found_in, lines_of, needles, written
from hub.moderation.targets import GAP, Snapshot
from hub.review.models import ReviewCause, ReviewItem

MOST_QUOTES = 200


class Changed(Exception):
    """What was to be redacted was changed meanwhile."""


@dataclass(frozen=True)
class Quoting:
    """Another post that says what is removed."""

    post_id: int
    thread_id: int
    num: int
    revision: int
    spans: list[Span]


@dataclass(frozen=True)
class Redacted:
    """New texts of a target by field, rendered before anything is locked; ``revision`` is the one they were made from."""

    parts: list[tuple[str, str]]
    body: text.Prepared
    revision: int
    spans: list[Span]  # in the present body, where they are known
    wanted: list[Needle]
    quoting: list[tuple[Quoting, text.Prepared]]


def known_to(author: User) -> Callable[[set[str]], Collection[str]]:
    """Which handles of a text become links: as when its author wrote it."""
    return lambda handles: {named.handle for named in mentioned(author, handles)}


def parts_cut(taken: Snapshot, spans: Sequence[Span]) -> list[tuple[str, str]]:
    """The fields of a snapshot without the passages. Raises ``ValueError`` for a span that reaches from one field into the next."""
    done, at, rest = [], 0, list(spans)
    for part in taken.parts:
        end = at + len(part.words)
        here = [Span(max(span.start, at) - at, min(span.end, end) - at) for span in rest if span.start < end and span.end > at]
        done.append((part.field, cut(part.words, here)))
        at = end + len(GAP)
    return done


def redacted(item: ReviewItem, taken: Snapshot, spans: Sequence[Span]) -> Redacted:
    """What the target of an item will say. Slow, so outside any unit of work."""
    if item.target_kind == "post":
        return redacted_post(db.session.get_one(Post, item.target_id), taken, spans)
    return redacted_profile(db.session.get_one(Profile, item.target_id), taken, spans)


def redacted_profile(profile: Profile, taken: Snapshot, spans: Sequence[Span]) -> Redacted:
    parts = parts_cut(taken, spans)
    body = text.prepare(parts[0][1], known_to(profile.user), DECIDED) if parts[0][1].strip() else text.NOTHING
    return Redacted(parts, body, profile.version, [], needles(taken.source, spans), [])


def redacted_post(post: Post, taken: Snapshot, spans: Sequence[Span]) -> Redacted:
    """Work out what a post says without these passages of its snapshot, and which other posts say them too. Slow, so outside any unit of work."""
    wanted = needles(taken.source, spans)
    if taken.changed:  # its author has written something else since: the words go from that, too
        parts = [("body", cut(post.body_md, found_in(post.body_md, wanted)))]
        here: list[Span] = []
    else:
        parts = parts_cut(taken, spans)
        here = [Span(span.start, min(span.end, len(taken.parts[0].words))) for span in spans if span.start < len(taken.parts[0].words)]
    body = text.prepare(parts[0][1], known_to(post.author), DECIDED)
    others = [(quote, text.prepare(cut(words, quote.spans), known_to(author), DECIDED)) for quote, words, author in quotes_of(post, wanted)]
    return Redacted(parts, body, post.revision, here, wanted, others)


def quoting_of(item: ReviewItem, taken: Snapshot, spans: Sequence[Span]) -> Redacted:
    """Which other posts say what is removed whole: each of its lines, and the passages named."""
    wanted = needles(taken.source, lines_of(taken.source)) + needles(taken.source, spans)
    post = db.session.get_one(Post, item.target_id)
    others = [(quote, text.prepare(cut(words, quote.spans), known_to(author), DECIDED)) for quote, words, author in quotes_of(post, wanted)]
    return Redacted([], text.NOTHING, post.revision, [], wanted, others)


def quotes_of(post: Post, wanted: Sequence[Needle]) -> list[tuple[Quoting, UserText, User]]:
    """Posts written since, or changed in the same thread, that say what is removed, with their texts and authors."""
    words = {needle.word for needle in wanted if len(needle.word) > 2}
    if not words:
        return []
    later = or_(Post.created_at >= post.created_at, Post.thread_id == post.thread_id)
    rows = select(Post).where(later, Post.id != post.id, _says((Post.body_md,), words))
    found = [(row, found_in(row.body_md, wanted)) for row in db.session.scalars(rows.order_by(Post.id).limit(MOST_QUOTES))]
    return [(Quoting(row.id, row.thread_id, row.num, row.revision, spans), row.body_md, row.author) for row, spans in found if spans]


def _says(columns: Sequence[InstrumentedAttribute[UserText]], words: set[str]) -> ColumnElement[bool]:
    """Whether one of these texts holds one of these words: a first look, before the passages are compared."""
    return or_(*(type_coerce(column, String).contains(word, autoescape=True) for column in columns for word in sorted(words)))


def redact_post(post: Post, new: Redacted, item: ReviewItem) -> None:
    """Put the new text in place of the old one, of every earlier version and draft, and of quotes. The caller holds the post."""
    if post.revision != new.revision:
        raise Changed
    replace(post, new.body, new.spans, item.id)
    titles = [words for field, words in new.parts if field == "title"]
    if titles and post.num == 1 and titles[0] != post.thread.title:
        post.thread.title = text.prepare_line(titles[0], 1_000, DECIDED)
        note(item.id, "thread", post.thread_id, new.revision)
    _forget_elsewhere(new, item.id)


def _forget_elsewhere(new: Redacted, item_id: int) -> None:
    for quoting, body in new.quoting:
        other = db.session.get_one(Post, quoting.post_id)
        lock_row(other)
        if other.revision != quoting.revision:
            raise Changed
        replace(other, body, quoting.spans, item_id)
    _forget_drafts(new.wanted)
    forget_notes(item_id)


def replace(post: Post, body: text.Prepared, spans: Sequence[Span], item_id: int | None) -> None:
    """The new text in place of the old one and every earlier one. The caller holds the post."""
    db.session.execute(delete(PostRevision).where(PostRevision.post_id == post.id))
    db.session.execute(delete(Draft).where(Draft.place == at_post(post.thread_id, post.num)))
    note(item_id, "post", post.id, post.revision, written(spans))
    post.body_md, post.body_html, post.html_version = body.md, body.html, body.html_version
    post.revision, post.edited_at = post.revision + 1, now()
    live.publish(f"thread {post.thread_id}", "redacted", thread=post.thread_id, num=post.num)


def _forget_drafts(wanted: Sequence[Needle]) -> None:
    """Drafts of anybody that say what is removed lose it, too."""
    words = {needle.word for needle in wanted if len(needle.word) > 2}
    if not words:
        return
    for draft in db.session.scalars(select(Draft).where(_says((Draft.body, Draft.title), words))):
        draft.body = text.prepare_unfinished(cut(draft.body, found_in(draft.body, wanted)), DECIDED)
        draft.title = text.prepare_line(cut(draft.title, found_in(draft.title, wanted)), 1_000, DECIDED)
        draft.seq += 1


def forget_notes(item_id: int) -> None:
    """What flaggers wrote may name the person as well."""
    db.session.execute(update(ReviewCause).where(ReviewCause.item_id == item_id).values(note=UserText("")))


def remove_post(post: Post, item_id: int, elsewhere: Redacted | None = None) -> None:
    """Its words go, with every earlier version and quotes; one line stays in the thread. The caller holds the post."""
    if elsewhere is not None:
        if post.revision != elsewhere.revision:
            raise Changed
        _forget_elsewhere(elsewhere, item_id)
    note(item_id, "post", post.id, post.revision)
    editing.forget_words(post)
    post.revision += 1
    if post.standing != Standing.REMOVED:
        standing.withdraw(post, Standing.REMOVED)
    forget_notes(item_id)


def redact_profile(profile: Profile, new: Redacted, item_id: int) -> None:
    if profile.version != new.revision:
        raise Changed
    note(item_id, "profile", profile.user_id, profile.version)
    name = next(words for field, words in new.parts if field == "name")
    lines = [text.prepare_line(words, 1_000, DECIDED) for field, words in new.parts if field == "line"]
    profiles.rewrite(profile, new.body, text.prepare_line(name, 1_000, DECIDED), lines)
    forget_notes(item_id)


def note(item_id: int | None, table: str, row_id: int, revision: int, spans: str = "") -> None:
    """Let the words that a row held be wiped from the disk, after this unit of work."""
    db.session.add(Purge(item_id=item_id, table=table, row_id=row_id, revision=revision, spans=spans))
