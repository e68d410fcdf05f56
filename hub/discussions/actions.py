"""Writing in threads: opening one, and answering."""

import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import unquote

from sqlalchemy import bindparam, update

from hub import live, policy
from hub.accounts.models import User
from hub.accounts.queries import focal_points_of
from hub.db import UserText, db, now, write
from hub.directory.mentions import mentioned
from hub.discussions import counts, queries, reading
from hub.discussions.models import DEEPEST, Label, Mention, Post, Standing, Thread, ThreadKind
from hub.notifications.actions import notify
from hub.notifications.models import Kind
from hub.pillars.models import Pillar, Tag
from hub.review import actions as review
from hub.review.models import ItemKind
from hub.text import Prepared
from hub.words import _

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
LINK = re.compile(r'href="([^"]*)"')
BACK_LINK = re.compile(r"\s*(?:https?://[^/]+)?/+threads/(\d{1,9})(?:[/?#-]|$)")  # of a quote that says where it comes from
STEP = 4  # characters of a path for each level


class Locked(Exception):
    """The thread takes no more posts."""


class NoParent(Exception):
    """The post that is answered is not there."""


class QuoteTooWide(Exception):
    """A text quotes, with its back-link, what fewer may read than this thread; the message says what."""


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
    refuse_stricter_quotes(actor, opening.label, opening.body)
    thread = Thread(
        pillar_id=pillar.id, kind=opening.kind, title=opening.title, author_id=actor.id, organisation_id=actor.root_id,
        label=opening.label, lang=opening.lang, last_num=1, shown_posts=1, tags=opening.tags,
    )  # fmt: skip
    db.session.add(thread)
    db.session.flush()
    post = _add_post(thread, 1, None, actor, opening.body, opening.lang, opening.client_id)
    _count_own(actor, thread, 1)
    _name_state(actor, thread, "")
    if thread.label == Label.CLEAR:
        ask_to_be_public(thread)
    live.publish(f"pillar {pillar.id}", "thread", thread=thread.id)
    return post


def reply(actor: User, thread: Thread, parent_num: int, body: Prepared, lang: str, client_id: str) -> Post:
    """Answer a post of a thread. The same ``client_id`` again returns the post it made."""
    if known := queries.sent_before(actor, client_id):
        return same_reply(known, thread.id, parent_num, body)
    taken = _take_number(thread)
    if taken is None:
        raise Locked
    num, states = taken
    policy.require(actor, "thread.reply", thread)
    refuse_stricter_quotes(actor, thread.label, body, thread.id)
    parent = queries.get_parent(actor, thread.id, parent_num or 1)
    if parent is None:
        raise NoParent
    post = _add_post(thread, num, parent, actor, body, lang, client_id)
    if parent.author_id != actor.id and queries.readers_among(thread, {parent.author_id}):
        notify([parent.author_id], Kind.REPLY, "your_post", f"post {thread.id}/{parent_num or 1}", thread.id, num)
    _count_own(actor, thread, num)
    _name_state(actor, thread, states)
    if thread.label == Label.CLEAR:
        ask_to_be_public(thread)
    live.publish(f"thread {thread.id}", "post", thread=thread.id, num=num)
    return post


def ask_to_be_public(thread: Thread) -> None:
    """Moderators have something to read before everybody may."""
    target = review.Target("thread", thread.id, thread.author_id, thread.author.organisation.state_code)
    review.add_item(ItemKind.PUBLIC, target, None, "", UserText(""))


def refuse_stricter_quotes(actor: User, label: str, body: Prepared, thread_id: int = 0) -> None:
    """Words keep the label they were written under: quoting them into a wider thread is refused."""
    quotes = body.html[body.html.find("<blockquote") : body.html.rfind("</blockquote>")] if "<blockquote" in body.html else ""
    sources = {int(match[1]) for link in LINK.findall(quotes) if (match := BACK_LINK.match(unquote(unescape(link))))} - {thread_id}
    for source in queries.threads_among(actor, sources):
        if Label.ALL.index(source.effective_label) > Label.ALL.index(label):
            raise QuoteTooWide(_("“%(title)s” is %(stricter)s, and this thread is %(wider)s. Say it in your own words, without the quote.",
                                 title=source.title, stricter=source.effective_label, wider=label))  # fmt: skip


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


def _take_number(thread: Thread) -> tuple[int, str] | None:
    """The next number, dense per thread, and the states that wrote before: one statement that also holds the thread until the commit."""
    row = write(_TAKEN, {"thread": thread.id, "at": now()}).first()
    return None if row is None else (row.last_num, row.states)


_TAKEN = (
    update(Thread)
    .where(Thread.id == bindparam("thread"), Thread.locked_at.is_(None), Thread.standing == Standing.SHOWN)
    .values(last_num=Thread.last_num + 1, shown_posts=Thread.shown_posts + 1, last_post_at=bindparam("at"))
    .returning(Thread.last_num, Thread.states)
)


def _add_post(thread: Thread, num: int, parent: queries.Parent | None, author: User, body: Prepared, lang: str, client_id: str) -> Post:
    post = Post(
        thread_id=thread.id, num=num, parent_id=parent.id if parent else None, path=path_below(parent, num),
        depth=min(parent.depth + 1, DEEPEST) if parent else 0, author_id=author.id, client_id=client_id,
        body_md=body.md, body_html=body.html, html_version=body.html_version, lang=lang,
    )  # fmt: skip
    db.session.add(post)
    db.session.flush()
    note_mentions(author, post, body, told={author.id, parent.author_id if parent else 0})
    return post


def note_mentions(author: User, post: Post, body: Prepared, told: set[int]) -> None:
    """Keep whom a text names, and tell them, but those ``told`` already; for a task force its focal points."""
    named = mentioned(author, body.handles)
    db.session.add_all(Mention(post_id=post.id, user_id=one.user_id, organisation_id=one.organisation_id) for one in named)
    people = {one.user_id for one in named if one.user_id is not None} - told
    focal_points = focal_points_of({one.organisation_id for one in named if one.organisation_id is not None}) - told - people
    for reason, whom in (("you", people), ("focal_point", focal_points)):
        notify(queries.readers_among(post.thread, whom), Kind.MENTION, reason, f"thread {post.thread_id}", post.thread_id, post.num)


def _count_own(author: User, thread: Thread, num: int) -> None:
    """A new post counts for all who read the thread, and its author has read it."""
    circle = counts.circle_of(thread)
    counts.posted(circle, 1)
    known = reading.known_of(reading.state_of(author, thread.id))
    reading.note_page(author.id, circle, thread.id, known, [num], held=True)


def _name_state(author: User, thread: Thread, states: str) -> None:
    """Note that the author's state wrote in a thread where ``states`` did; the thread is held."""
    code = author.organisation.state_code
    if code and code not in states.split():
        named = update(Thread).where(Thread.id == thread.id).values(states=f"{states} {code}".strip())
        db.session.execute(named.execution_options(synchronize_session=False))


def path_below(parent: queries.Parent | None, num: int) -> str:
    """A path whose byte order is the reading order of the tree; at the deepest level answers stand beside their parent."""
    above = "" if parent is None else parent.path
    return above[: DEEPEST * STEP] + base36(num)


def base36(num: int) -> str:
    digits = ""
    for _place in range(STEP):
        num, rest = divmod(num, 36)
        digits = DIGITS[rest] + digits
    return digits
