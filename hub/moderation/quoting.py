"""Finding what is removed where it stands elsewhere: in other posts, their earlier versions, titles of threads, and drafts. Reads only."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, String, or_, select, type_coerce, union
from sqlalchemy.orm import InstrumentedAttribute

from hub import text
from hub.accounts.models import User
from hub.db import UserText, db
from hub.directory.mentions import mentioned
from hub.discussions.history import GONE, NEW, word_diff
from hub.discussions.models import Post, PostRevision, Thread
from hub.drafts.models import Draft
from hub.guard import DECIDED
from hub.moderation.redaction import Needle, Span, cut, found_in, needles

AT_ONCE = 100  # posts that are read together
SHORTEST = 3  # characters of a word that the database looks for


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


def known_to(author: User) -> Callable[[set[str]], Collection[str]]:
    """Which handles of a text become links: as when its author wrote it."""
    return lambda handles: {named.handle for named in mentioned(author, handles)}


def quotes_of(post: Post, wanted: Sequence[Needle]) -> list[Quoting]:
    """Every other post that says what is removed. Slow, for it reads each text that may: outside any unit of work."""
    words = _words(wanted)
    if not words:
        return []
    bodies = select(Post.id).where(_says((Post.body_md,), words))
    earlier = select(PostRevision.post_id).where(_says((PostRevision.body_md, PostRevision.title), words))
    titles = select(Post.id).join(Thread, Thread.id == Post.thread_id).where(Post.num == 1, _says((Thread.title,), words))
    ids = sorted(set(db.session.scalars(union(bodies, earlier, titles))) - {post.id})
    return [quoting for first in range(0, len(ids), AT_ONCE) for quoting in _among(ids[first : first + AT_ONCE], wanted)]


def _among(ids: Sequence[int], wanted: Sequence[Needle]) -> Iterator[Quoting]:
    versions: dict[int, dict[int, list[Span]]] = {}
    for earlier in db.session.scalars(select(PostRevision).where(PostRevision.post_id.in_(ids))):
        said = found_in(earlier.body_md, wanted)
        if said or found_in(earlier.title or "", wanted):
            versions.setdefault(earlier.post_id, {})[earlier.revision] = said
    for row in db.session.scalars(select(Post).where(Post.id.in_(ids)).order_by(Post.id)):
        said, titled = found_in(row.body_md, wanted), found_in(row.thread.title, wanted) if row.num == 1 else []
        if said or titled or row.id in versions:
            body = text.prepare(cut(row.body_md, said), known_to(row.author), DECIDED) if said else None
            title = text.prepare_line(cut(row.thread.title, titled), 1_000, DECIDED) if titled else None
            yield Quoting(row.id, row.thread_id, row.num, row.revision, said, body, title, versions.get(row.id, {}))


def drafts_of(wanted: Sequence[Needle]) -> list[Draft]:
    """Drafts of anybody that may say what is removed."""
    words = _words(wanted)
    return list(db.session.scalars(select(Draft).where(_says((Draft.body, Draft.title), words)))) if words else []


def gone_from(post: Post) -> list[Needle]:
    """What earlier versions of a post said, and its present text says no more: it was returned to its author for that."""
    found: list[Needle] = []
    for row in db.session.scalars(select(PostRevision).where(PostRevision.post_id == post.id)):
        found += needles(row.body_md, _gone(row.body_md, post.body_md))
        if row.title is not None:
            found += needles(row.title, _gone(row.title, post.thread.title))
    return [needle for needle in found if not needle.pattern.search(post.body_md) and not (post.num == 1 and needle.pattern.search(post.thread.title))]


def _gone(old: str, new: str) -> list[Span]:
    spans, at = [], 0
    for piece in word_diff(old, new):
        if piece.kind == GONE:
            words = piece.words.strip()
            start = at + piece.words.index(words)
            spans.append(Span(start, start + len(words)))
        at += len(piece.words) if piece.kind != NEW else 0
    return [span for span in spans if span.start < span.end]


def _words(wanted: Sequence[Needle]) -> set[str]:
    """What the database looks for, in the cases that SQLite does not fold by itself."""
    return {form for needle in wanted if len(needle.word) >= SHORTEST for form in (needle.word, needle.word.lower(), needle.word.upper(), needle.word.title())}


def _says(columns: Sequence[InstrumentedAttribute[UserText]] | Sequence[InstrumentedAttribute[UserText | None]], words: set[str]) -> ColumnElement[bool]:
    """Whether one of these texts holds one of these words: a first look, before the passages are compared."""
    return or_(*(type_coerce(column, String).icontains(word, autoescape=True) for column in columns for word in sorted(words)))
