"""Finding what is removed where it stands elsewhere: in other posts, their earlier versions, titles of threads, and drafts. Reads only, and slowly."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, TypeVar

from sqlalchemy import ColumnElement, String, or_, select, type_coerce, union
from sqlalchemy.orm import InstrumentedAttribute

from hub import text
from hub.accounts.models import User
from hub.db import UserText, db, read_patiently
from hub.directory.mentions import mentioned
from hub.discussions.history import GONE, NEW, word_diff
from hub.discussions.models import Post, PostRevision, Standing, Thread
from hub.drafts.models import Draft
from hub.guard import DECIDED
from hub.moderation.letters import letters_of
from hub.moderation.redaction import MARK, PART_OF_TEXT, Needle, Span, cut, found_in, needles, needles_of_all

AT_ONCE = 100  # posts, or words, of one statement
MOST_HIDDEN = 50  # posts that are hidden with the one they quote
SHORTEST, MOST_WORDS = 3, 400  # characters of a word that the database looks for; and of these so many
SHORTER = ("(removed)", "…")  # where the mark makes a text too long, or too rich in brackets
Value = TypeVar("Value")
Row = TypeVar("Row")


@dataclass(frozen=True)
class Quoting:
    """Another post that says what is removed, with what it will say, rendered; ``None`` where its present text or title does not say it."""

    post_id: int
    thread_id: int
    num: int
    revision: int
    spans: list[Span] = field(default_factory=list)  # of the present text
    body: text.Prepared | None = None
    title: UserText | None = None
    versions: dict[int, list[Span]] = field(default_factory=dict)  # earlier ones that say it, by revision

    @property
    def around(self) -> str:
        """How the present text will read there."""
        at = self.spans[0].start if self.spans else 0
        return str(self.body.md)[max(0, at - 60) : at + 110] if self.body else ""


def known_to(author: User) -> Callable[[set[str]], Collection[str]]:
    """Which handles of a text become links: as when its author wrote it."""
    return lambda handles: {named.handle for named in mentioned(author, handles)}


def without(words: str, spans: Sequence[Span], author: User, mark: str = MARK) -> text.Prepared:
    """A text with a mark in place of these passages. Raises ``Refused`` where nothing is left."""
    return _marked(mark, lambda mark: text.prepare(cut(words, spans, mark), known_to(author), DECIDED))


def line_without(words: str, spans: Sequence[Span], mark: str = MARK) -> UserText:
    return _marked(mark, lambda mark: text.prepare_line(cut(words, spans, mark), 1_000, DECIDED))


def draft_without(words: str, spans: Sequence[Span], mark: str = MARK) -> UserText:
    return _marked(mark, lambda mark: text.prepare_unfinished(cut(words, spans, mark), DECIDED))


def _marked(mark: str, prepared: Callable[[str], Value]) -> Value:
    for one in (mark, *SHORTER[:-1]):
        with suppress(text.Refused):
            return prepared(one)
    return prepared(SHORTER[-1])


def quotes_of(post: Post, wanted: Sequence[Needle], mark: str = MARK) -> list[Quoting]:
    """Every other post that says what is removed. Slow, for it reads each text that may: outside any unit of work."""
    if not wanted:
        return []
    read_patiently()
    ids = set(db.session.scalars(select(Post.id).where(Post.thread_id == post.thread_id)))  # however they spell it
    for words in _some(_words(wanted)):
        bodies = select(Post.id).where(_says((Post.body_md,), words))
        earlier = select(PostRevision.post_id).where(_says((PostRevision.body_md, PostRevision.title, PostRevision.reason), words))
        titles = select(Post.id).join(Thread, Thread.id == Post.thread_id).where(Post.num == 1, _says((Thread.title,), words))
        ids |= set(db.session.scalars(union(bodies, earlier, titles)))
    return [quoting for some in _some(sorted(ids - {post.id})) for quoting in _among(some, wanted, mark, post.created_at)]


def _among(ids: Sequence[int], wanted: Sequence[Needle], mark: str, since: datetime) -> Iterator[Quoting]:
    """What was written before a text that is removed whole does not quote it: there, only passages count."""
    versions: dict[int, dict[int, list[Span]]] = {}
    passages = [needle for needle in wanted if needle.part != PART_OF_TEXT]
    for earlier in db.session.scalars(select(PostRevision).where(PostRevision.post_id.in_(ids))):
        told = wanted if earlier.written_at >= since else passages
        said = found_in(earlier.body_md, told)
        if said or found_in(earlier.title or "", told) or found_in(earlier.reason, told):
            versions.setdefault(earlier.post_id, {})[earlier.revision] = said
    for row in db.session.scalars(select(Post).where(Post.id.in_(ids)).order_by(Post.id)):
        told = wanted if (row.edited_at or row.created_at) >= since else passages
        said, titled = found_in(row.body_md, told), found_in(row.thread.title, told) if row.num == 1 else []
        if said or titled or row.id in versions:
            body = without(row.body_md, said, row.author, mark) if said else None
            title = line_without(row.thread.title, titled, mark) if titled else None
            yield Quoting(row.id, row.thread_id, row.num, row.revision, said, body, title, versions.get(row.id, {}))


class Drafted(NamedTuple):
    """A draft without what is removed, as it was in save ``seq``."""

    id: int
    seq: int
    body: UserText
    title: UserText
    reason: UserText


def quoted_in_thread(post: Post) -> list[int]:
    """Ids of later shown posts of the same thread that quote a post: they say, in a quote, what is hidden there."""
    wanted = needles_of_all(post.body_md)
    read_patiently()
    later = (Post.thread_id == post.thread_id, Post.num > post.num, Post.standing == Standing.SHOWN, type_coerce(Post.body_md, String).contains(">"))
    rows = db.session.execute(select(Post.id, Post.body_md).where(*later).order_by(Post.num))
    return [row.id for row in rows if _quotes(row.body_md, wanted)][:MOST_HIDDEN]


def _quotes(body: str, wanted: Sequence[Needle]) -> bool:
    lines = [line for line in body.splitlines() if line.lstrip().startswith(">")]
    return bool(lines and found_in("\n".join(lines), wanted))


def drafts_of(wanted: Sequence[Needle], mark: str = MARK) -> list[Drafted]:
    """Drafts of anybody that say what is removed."""
    found: dict[int, Drafted] = {}
    for words in _some(_words(wanted)):
        for row in db.session.scalars(select(Draft).where(_says((Draft.body, Draft.title, Draft.reason), words))):
            body, title, reason = (found_in(words, wanted) for words in (row.body, row.title, row.reason))
            if body or title or reason:
                lines = line_without(row.title, title, mark), line_without(row.reason, reason, mark)
                found[row.id] = Drafted(row.id, row.seq, draft_without(row.body, body, mark), *lines)
    return list(found.values())


def gone_from(post: Post) -> list[Needle]:
    """What earlier versions of a post said, and its present text says no more: it was returned to its author for that."""
    found: list[Needle] = []
    for row in db.session.scalars(select(PostRevision).where(PostRevision.post_id == post.id)):
        found += needles(row.body_md, _gone(row.body_md, post.body_md))
        if row.title is not None:
            found += needles(row.title, _gone(row.title, post.thread.title))
    still = f"{post.body_md}\n\n{post.thread.title if post.num == 1 else ''}"
    return [needle for needle in found if not found_in(still, [needle])]


def _gone(old: str, new: str) -> list[Span]:
    spans, at = [], 0
    for piece in word_diff(old, new):
        if piece.kind == GONE:
            words = piece.words.strip()
            start = at + piece.words.index(words)
            spans.append(Span(start, start + len(words)))
        at += len(piece.words) if piece.kind != NEW else 0
    return [span for span in spans if span.start < span.end]


def _words(wanted: Sequence[Needle]) -> list[str]:
    """What the database looks for: words as they stand, without their marks, and in the cases that SQLite does not fold by itself."""
    words = {word for needle in wanted for word in needle.words if len(word) >= SHORTEST}
    words = set(sorted(words, key=len, reverse=True)[:MOST_WORDS])
    bare = {plain for word in words if len(plain := letters_of(word).plain) >= SHORTEST}
    return sorted(words | bare | {form for word in words if not word.isascii() for form in (word.lower(), word.upper(), word.title())})


def _some(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """A statement has room for so many."""
    return (rows[first : first + AT_ONCE] for first in range(0, len(rows), AT_ONCE))


def _says(columns: Sequence[InstrumentedAttribute[UserText]] | Sequence[InstrumentedAttribute[UserText | None]], words: Sequence[str]) -> ColumnElement[bool]:
    """Whether one of these texts holds one of these words: a first look, before the passages are compared."""
    return or_(*(type_coerce(column, String).icontains(word, autoescape=True) for column in columns for word in words))
