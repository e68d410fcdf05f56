"""Taking words out of what is stored: the text itself, earlier versions, drafts, quotes elsewhere; and noting what must be wiped from the disk."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import and_, delete, or_, select, update

from hub import live, text
from hub.db import UserText, db
from hub.directory.models import Profile
from hub.discussions import attaching, editing, standing
from hub.discussions.models import Post, PostRevision, Standing
from hub.discussions.places import at_post
from hub.drafts.models import Draft
from hub.files.queries import all_of
from hub.guard import DECIDED
from hub.moderation import profiles
from hub.moderation.flagging import drop_letters
from hub.moderation.models import Purge
from hub.moderation.quoting import Drafted, Quoting, drafts_of, gone_from, line_without, quotes_of, without
from hub.moderation.redaction import MARK, MARK_OF_OTHERS, Needle, Span, cut, found_in, joined, needles, needles_of_all, places_of, written
from hub.moderation.targets import GAP, Part, Snapshot
from hub.review import actions as review
from hub.review.models import ItemKind, Reason, ReviewCause, ReviewItem


class Changed(Exception):
    """What was to be redacted was changed meanwhile."""


@dataclass(frozen=True)
class Redacted:
    """New texts of a target by field, rendered before anything is locked; ``revision`` is the one they were made from."""

    parts: list[tuple[str, str]]
    body: text.Prepared
    revision: int
    spans: list[Span]  # in the present body, where they are known
    quoting: list[Quoting]
    drafts: list[Drafted]
    cuts: list[tuple[str, list[Span]]] = field(default_factory=list)  # each field as it is, with what is taken out of it


# --- working it out: slow, so outside any unit of work -----------------------------------------------------------


def by_part(taken: Snapshot, spans: Sequence[Span]) -> list[tuple[Part, list[Span]]]:
    """The fields of a snapshot with their passages; one that reaches from a field into the next is in both."""
    done, at = [], 0
    for part in taken.parts:
        end = at + len(part.words)
        here = [Span(max(span.start, at) - at, min(span.end, end) - at) for span in spans if span.start < end and span.end > at]
        done.append((part, joined(here)))
        at = end + len(GAP)
    return done


def parts_cut(taken: Snapshot, spans: Sequence[Span], mark: str = MARK) -> list[tuple[str, str]]:
    """The fields of a snapshot without the passages."""
    return [(part.field, cut(part.words, here, mark)) for part, here in by_part(taken, spans)]


def cuts_of(taken: Snapshot, spans: Sequence[Span]) -> list[tuple[str, list[Span]]]:
    return [(part.words, here) for part, here in by_part(taken, spans)]


def mark_of(item: ReviewItem) -> str:
    """What stands in place of a passage, and is true."""
    return MARK if item.rule in Reason.HIDING or item.kind in (ItemKind.HELD, ItemKind.AGAIN) else MARK_OF_OTHERS


def redacted(item: ReviewItem, taken: Snapshot, spans: Sequence[Span]) -> Redacted:
    """What the target of an item will say."""
    if item.target_kind == "post":
        return _redacted_post(item, db.session.get_one(Post, item.target_id), taken, spans)
    return _redacted_profile(item, db.session.get_one(Profile, item.target_id), taken, spans)


def _redacted_profile(item: ReviewItem, profile: Profile, taken: Snapshot, spans: Sequence[Span]) -> Redacted:
    parts = parts_cut(taken, spans, mark_of(item))
    (about, here), *_lines = by_part(taken, spans)
    body = without(about.words, here, profile.user, mark_of(item)) if about.words.strip() else text.NOTHING
    return Redacted(parts, body, profile.version, [], [], [], cuts_of(taken, spans))


def _redacted_post(item: ReviewItem, post: Post, taken: Snapshot, spans: Sequence[Span]) -> Redacted:
    wanted = needles(taken.source, {*spans, *joined(spans)}) + _returned_for(item, post)
    if taken.changed:  # its author has written something else since: the words go from that, too
        now_written = [Part("body", post.body_md), *([Part("title", post.thread.title)] if post.num == 1 else [])]
        said = [taken.source[span.start : span.end] for span in spans]
        cuts = [(part, joined([*found_in(part.words, wanted), *(place for words in said for place in places_of(words, part.words))])) for part in now_written]
    else:
        cuts = by_part(taken, spans)
    present, here = cuts[0]
    body = without(present.words, here, post.author, mark_of(item))
    parts = [("body", str(body.md)), *((part.field, str(line_without(part.words, said, mark_of(item)))) for part, said in cuts[1:])]
    quoting, drafts = quotes_of(post, wanted, mark_of(item)), drafts_of(wanted, mark_of(item))
    return Redacted(parts, body, post.revision, here, quoting, drafts, [(part.words, said) for part, said in cuts])


def quoting_of(item: ReviewItem, taken: Snapshot, spans: Sequence[Span] = ()) -> Redacted:
    """Which other posts say what is removed whole, or a part of it, or the passages named."""
    post = db.session.get_one(Post, item.target_id)
    wanted = needles_of_all(taken.source) + needles(taken.source, spans) + _returned_for(item, post)
    wanted += needles_of_all(post.body_md) if taken.changed else []
    return Redacted([], text.NOTHING, post.revision, [], quotes_of(post, wanted), drafts_of(wanted))


def mended(item: ReviewItem) -> Redacted:
    """Which other posts say what a returned post identified somebody by, before its author changed it."""
    post = db.session.get_one(Post, item.target_id)
    wanted = _returned_for(item, post)
    return Redacted([], text.NOTHING, post.revision, [], quotes_of(post, wanted), drafts_of(wanted))


def _returned_for(item: ReviewItem, post: Post) -> list[Needle]:
    return gone_from(post) if item.kind == ItemKind.AGAIN and item.rule in Reason.HIDING else []


# --- doing it: the caller holds the post, and those that quote it ------------------------------------------------


def redact_post(post: Post, new: Redacted, item: ReviewItem) -> None:
    """Put the new text in place of the old one, of every earlier version and draft, and of quotes."""
    if post.revision != new.revision:
        raise Changed
    title = next((words for name, words in new.parts if name == "title" and words != post.thread.title), None)
    if title is not None:
        _retitle(post, text.prepare_line(title, 1_000, DECIDED), item.id)
    db.session.execute(delete(Draft).where(Draft.place == at_post(post.thread_id, post.num)))
    replace(post, new.body, new.spans, item.id)
    forget_elsewhere(new, item)


def forget_elsewhere(new: Redacted, item: ReviewItem) -> None:
    """What other posts, drafts and flaggers' notes say of it goes as well."""
    for quoting in new.quoting:
        other = db.session.get_one(Post, quoting.post_id)
        if other.revision != quoting.revision:
            raise Changed
        if quoting.title is not None:
            _retitle(other, quoting.title, item.id)
        if quoting.body is not None:
            replace(other, quoting.body, quoting.spans, item.id)
        else:
            forget_versions(other, item.id, quoting.versions)
            other.revision += quoting.title is not None  # played again, a title that was taken out already is left alone
    forget_notes("post", *(quoting.post_id for quoting in new.quoting))
    _forget_drafts(new.drafts)
    forget_notes(item.target_kind, item.target_id)


def replace(post: Post, body: text.Prepared, spans: Sequence[Span], item_id: int | None) -> None:
    """The new text in place of the old one and every earlier one."""
    forget_versions(post, item_id)
    if body.md != post.body_md:
        note(item_id, "post", post.id, post.revision, written(spans))
    post.body_md, post.body_html, post.html_version = body.md, body.html, body.html_version
    post.revision += 1  # not an edit of its author: it stays where it is read, in public too
    review.follow(("post", post.id), post.revision)
    live.publish(f"thread {post.thread_id}", "redacted", thread=post.thread_id, num=post.num)


def _retitle(opening: Post, title: UserText, item_id: int) -> None:
    """Noted before its opening is: played again, the title goes while the opening still says which revision it was."""
    note(item_id, "thread", opening.thread_id, opening.revision)
    opening.thread.title = title
    drop_letters(opening)


def forget_versions(post: Post, item_id: int | None, versions: dict[int, list[Span]] | None = None) -> int:
    """Earlier versions go, all or those named; the present text stays. Returns how many were there."""
    mine = (PostRevision.post_id == post.id, *([PostRevision.revision.in_(versions)] if versions is not None else []))
    gone = db.session.execute(delete(PostRevision).where(*mine).returning(PostRevision.revision, PostRevision.title)).all()
    for revision, title in sorted(gone):
        if title is not None:
            note(item_id, "thread", post.thread_id, revision)
        note(item_id, "post", post.id, revision, written((versions or {}).get(revision, [])))
    return len(gone)


def _forget_drafts(drafts: Sequence[Drafted]) -> None:
    """Drafts of anybody that say what is removed lose it, too; one that was saved meanwhile is looked at again. Raises ``Changed``."""
    for draft in drafts:
        same = (Draft.id == draft.id, Draft.seq == draft.seq)
        changed = update(Draft).where(*same).values(body=draft.body, title=draft.title, reason=draft.reason, seq=Draft.seq + 1)
        gone = db.session.execute(changed.returning(Draft.id).execution_options(synchronize_session=False)).first() is None
        if gone and db.session.scalar(select(Draft.id).where(Draft.id == draft.id)) is not None:
            raise Changed


def forget_notes(target_kind: str, *ids: int) -> None:
    """What flaggers wrote about a text, or its author in an appeal, may name the person as well."""
    about = (ReviewItem.target_kind == target_kind, ReviewItem.target_id.in_(ids))
    appeals = (ReviewItem.target_kind == "item", ReviewItem.target_id.in_(select(ReviewItem.id).where(*about)))
    same = select(ReviewItem.id).where(or_(and_(*about), and_(*appeals)))
    db.session.execute(update(ReviewCause).where(ReviewCause.item_id.in_(same)).values(note=UserText("")).execution_options(synchronize_session=False))


def remove_files(post: Post, file_ids: Sequence[int], item: ReviewItem) -> None:
    """Files of a post go, names and bytes; what is not its own stays."""
    own = [file.id for file in all_of(post.id) if file.id in file_ids]
    for file_id in own:
        note(item.id, "file", file_id, 0)
    if own:
        attaching.remove(post, own)


def remove_post(post: Post, item: ReviewItem, elsewhere: Redacted | None = None) -> None:
    """Its words go, with every earlier version and quotes; one line stays in the thread."""
    if elsewhere is not None:
        if post.revision != elsewhere.revision:
            raise Changed
        forget_elsewhere(elsewhere, item)
    if post.num == 1:
        note(item.id, "thread", post.thread_id, post.revision)
    note(item.id, "post", post.id, post.revision)
    remove_files(post, [file.id for file in all_of(post.id)], item)
    editing.forget_words(post)
    post.revision += 1
    if post.standing != Standing.REMOVED:
        standing.withdraw(post, Standing.REMOVED)
    forget_notes(item.target_kind, item.target_id)


def redact_profile(profile: Profile, new: Redacted, item: ReviewItem) -> None:
    if profile.version != new.revision:
        raise Changed
    note(item.id, "profile", profile.user_id, profile.version)
    name, role = (next(words for name, words in new.parts if name == wanted) for wanted in ("name", "role"))
    lines = [text.prepare_line(words, 1_000, DECIDED) for name, words in new.parts if name == "line"]
    profiles.rewrite(profile, new.body, text.prepare_line(name, 1_000, DECIDED), text.prepare_line(role, 1_000, DECIDED), lines)
    forget_notes(item.target_kind, item.target_id)


def note(item_id: int | None, table: str, row_id: int, revision: int, spans: str = "") -> None:
    """Let the words that a row held be wiped from the disk, after this unit of work."""
    db.session.add(Purge(item_id=item_id, table=table, row_id=row_id, revision=revision, spans=spans))


def quoted_posts(new: Redacted | None) -> Sequence[Post]:
    """The posts that quote what is taken out."""
    ids = [quoting.post_id for quoting in new.quoting] if new else []
    return db.session.scalars(select(Post).where(Post.id.in_(ids))).all() if ids else []
