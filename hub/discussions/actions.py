"""Writing in threads: open, answer, edit, delete, and what moderators do to a thread."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, update
from werkzeug.exceptions import NotFound

from hub import live, policy
from hub.accounts.actions import Stale
from hub.accounts.models import User
from hub.db import UserText, db, lock_row, now
from hub.discussions import queries, reading
from hub.discussions.models import DEEPEST, Post, PostRevision, Standing, Thread, ThreadKind
from hub.pillars.models import Pillar, Tag
from hub.text import Prepared

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
STEP = 4  # characters of a path for each level


class Locked(Exception):
    """The thread takes no more posts."""


class NoParent(Exception):
    """The post that is answered is not there."""


class SentBefore(Exception):
    """The same form came with another text: raised so that neither text is lost."""


@dataclass(frozen=True)
class Opening:
    """What a new thread begins with."""

    kind: str
    title: UserText
    label: str
    lang: str
    body: Prepared
    tags: list[Tag]
    client_id: str


def open_thread(actor: User, pillar: Pillar, opening: Opening) -> Post:
    """Start a thread and return its first post. The same ``client_id`` again returns the thread it made."""
    policy.require(actor, "thread.start", pillar)
    if opening.kind == ThreadKind.ANNOUNCEMENT:
        policy.require(actor, "thread.announce", pillar)
    if opening.label not in policy.labels_offered(actor):
        raise policy.Forbidden("label")
    if known := queries.sent_before(actor, opening.client_id):
        return same_opening(known, pillar, opening)
    thread = Thread(
        pillar_id=pillar.id, kind=opening.kind, title=opening.title, author_id=actor.id, organisation_id=actor.root_id,
        label=opening.label, lang=opening.lang, last_num=1, shown_posts=1, tags=opening.tags,
    )  # fmt: skip
    db.session.add(thread)
    db.session.flush()
    post = _add_post(thread, 1, None, actor, opening.body, opening.lang, opening.client_id)
    reading.mark_read(actor.id, thread.id, [1])
    live.publish(f"pillar {pillar.id}", "thread", thread=thread.id)
    return post


def reply(actor: User, thread: Thread, parent_num: int, body: Prepared, lang: str, client_id: str) -> Post:
    """Answer a post of a thread. The same ``client_id`` again returns the post it made."""
    if known := queries.sent_before(actor, client_id):
        return same_reply(known, thread.id, parent_num, body)
    num = _take_number(thread)
    if num is None:
        raise Locked
    policy.require(actor, "thread.reply", thread)
    try:
        parent = queries.get_post(actor, thread.id, parent_num or 1)
    except NotFound:
        raise NoParent from None
    post = _add_post(thread, num, parent, actor, body, lang, client_id)
    reading.mark_read(actor.id, thread.id, [num])
    live.publish(f"thread {thread.id}", "post", thread=thread.id, num=num)
    return post


def same_opening(known: Post | None, pillar: Pillar, opening: Opening) -> Post:
    """The opening that this form made when it was sent before. Raises ``SentBefore`` when it was sent with other words."""
    if known is None or known.num != 1 or known.body_md != opening.body.md:
        raise SentBefore
    thread = known.thread
    if (thread.pillar_id, thread.title, thread.kind, thread.label) != (pillar.id, opening.title, opening.kind, opening.label):
        raise SentBefore
    return known


def same_reply(known: Post | None, thread_id: int, parent_num: int, body: Prepared) -> Post:
    """The answer that this form made when it was sent before. Raises ``SentBefore`` when it was sent with other words, or elsewhere."""
    if known is None or known.parent is None or known.body_md != body.md:
        raise SentBefore
    if (known.thread_id, known.parent.num) != (thread_id, parent_num or 1):
        raise SentBefore
    return known


def _take_number(thread: Thread) -> int | None:
    """The next number, dense per thread: one statement that also holds the thread until the commit."""
    taken = (
        update(Thread)
        .where(Thread.id == thread.id, Thread.locked_at.is_(None), Thread.standing == Standing.SHOWN)
        .values(last_num=Thread.last_num + 1, shown_posts=Thread.shown_posts + 1, last_post_at=now())
        .returning(Thread.last_num)
    )
    return db.session.scalar(taken)


def _add_post(thread: Thread, num: int, parent: Post | None, author: User, body: Prepared, lang: str, client_id: str) -> Post:
    post = Post(
        thread_id=thread.id, num=num, parent_id=parent.id if parent else None, path=path_below(parent, num),
        depth=min(parent.depth + 1, DEEPEST) if parent else 0, author_id=author.id, client_id=client_id,
        body_md=body.md, body_html=body.html, html_version=body.html_version, lang=lang,
    )  # fmt: skip
    db.session.add(post)
    db.session.flush()
    return post


def path_below(parent: Post | None, num: int) -> str:
    """A path whose byte order is the reading order of the tree; at the deepest level answers stand beside their parent."""
    above = "" if parent is None else parent.path
    return above[: DEEPEST * STEP] + base36(num)


def base36(num: int) -> str:
    digits = ""
    for _place in range(STEP):
        num, rest = divmod(num, 36)
        digits = DIGITS[rest] + digits
    return digits


@dataclass(frozen=True)
class Edit:
    """What an edit brings; ``title`` only for an opening, ``revision`` is the one that was edited."""

    revision: int
    body: Prepared
    lang: str
    reason: UserText
    title: UserText | None = None


def edit_post(actor: User, post: Post, edit: Edit) -> None:
    """Replace a text and keep the old one. Raises ``Stale`` when another revision is the present one."""
    lock_row(post.thread)
    lock_row(post)
    if post.thread.locked_at is not None:
        raise Locked
    policy.require(actor, "post.edit", post)
    if post.revision != edit.revision:
        raise Stale
    opening = edit.title is not None and post.num == 1
    if post.body_md == edit.body.md and post.lang == edit.lang and not (opening and edit.title != post.thread.title):
        return
    db.session.add(
        PostRevision(
            post_id=post.id, revision=post.revision, title=post.thread.title if opening else None, body_md=post.body_md,
            lang=post.lang, reason=edit.reason, written_at=post.edited_at or post.created_at, replaced_by_id=actor.id,
        )
    )  # fmt: skip
    post.body_md, post.body_html, post.html_version = edit.body.md, edit.body.html, edit.body.html_version
    post.lang, post.revision, post.edited_at = edit.lang, post.revision + 1, now()
    if opening and edit.title is not None:
        post.thread.title, post.thread.lang = edit.title, edit.lang
    if opening:  # it is no longer what a moderator agreed to
        post.thread.cleared_at, post.thread.cleared_upto = None, 0
    live.publish(f"thread {post.thread_id}", "edited", thread=post.thread_id, num=post.num)


def delete_post(actor: User, post: Post) -> None:
    """Take one's own text back: the words go, with every earlier version; number and place in the tree stay."""
    lock_row(post.thread)
    lock_row(post)
    policy.require(actor, "post.delete", post)
    db.session.execute(delete(PostRevision).where(PostRevision.post_id == post.id))
    post.body_md = post.body_html = UserText("")
    post.standing = Standing.DELETED
    reading.forget_post(post.thread_id, post.num)
    thread = post.thread
    thread.shown_posts = Thread.shown_posts - 1
    thread.last_post_at = queries.last_shown_at(thread, before=post) or thread.created_at
    if post.num == 1:
        thread.standing, thread.title = Standing.DELETED, UserText("")
    live.publish(f"thread {thread.id}", "removed", thread=thread.id, num=post.num)


def lock(actor: User, thread: Thread, locked: bool) -> None:
    policy.require(actor, "thread.lock", thread)
    thread.locked_at = (thread.locked_at or now()) if locked else None


def pin(actor: User, thread: Thread, pinned: bool) -> None:
    policy.require(actor, "thread.pin", thread)
    thread.pinned_at = (thread.pinned_at or now()) if pinned else None


def make_public(actor: User, thread: Thread, read_upto: int, read_at: datetime) -> None:
    """Agree that a TLP:CLEAR thread is open to everyone, as far as the moderator has read it.

    ``read_upto`` is the last number and ``read_at`` the time of the page that was read. Raises ``Stale`` when the opening changed since.
    """
    policy.require(actor, "thread.make_public", thread)
    opening = queries.get_post(actor, thread.id, 1)
    if opening.edited_at is not None and opening.edited_at > read_at:
        raise Stale
    thread.cleared_at, thread.cleared_upto = min(read_at, now()), min(read_upto, thread.last_num)


def take_back(actor: User, thread: Thread) -> None:
    """Close a public thread again: it reads as TLP:GREEN until a moderator agrees anew."""
    policy.require(actor, "thread.take_back", thread)
    thread.cleared_at, thread.cleared_upto = None, 0
