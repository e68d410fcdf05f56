"""What moderators decide on: posts, profiles, held texts, threads that ask to be public, and decisions themselves."""

import json
import re
from typing import NamedTuple

from sqlalchemy import select
from werkzeug.exceptions import NotFound

from hub import policy
from hub.accounts.models import User
from hub.accounts.queries import found
from hub.db import db
from hub.directory.models import Profile
from hub.directory.queries import get_card
from hub.discussions.models import Post, PostRevision, Standing, Thread
from hub.discussions.queries import get_post, threads_among
from hub.languages import AUTONYMS
from hub.policy import Actor
from hub.practices.fields import FIELDS
from hub.practices.models import Practice, Stage
from hub.practices.queries import get_known, get_practice, revision_of
from hub.practices.showing import plain
from hub.review.actions import Target
from hub.review.models import Held, ReviewItem
from hub.review.sealing import Unreadable, unseal
from hub.rooms import disclosing
from hub.rooms.models import Attribution, RoomEntry
from hub.rooms.queries import get_message, get_room
from hub.rooms.records import Disclosure

GAP = "\n\n"  # between the parts of a text, which spans count on through


class Part(NamedTuple):
    """One field of what was written, such as the body of a post and its title."""

    field: str
    words: str


class Snapshot(NamedTuple):
    """What an item is about, as it was written in the revision that was flagged or held."""

    parts: list[Part]
    lang: str
    changed: bool = False  # whether its author has changed it since

    @property
    def source(self) -> str:
        """The text that spans count in."""
        return GAP.join(part.words for part in self.parts)


Flaggable = Post | Profile | Practice | RoomEntry | Disclosure
ENTRY = re.compile(r"entry:([0-9a-f]{32}):([0-9]{1,9})")


def flaggable(actor: Actor, given: str) -> Flaggable:
    """What ``post:12``, ``profile:3``, ``practice:4`` or ``entry:<room>:7`` names, when the actor reads it; else 404."""
    if match := ENTRY.fullmatch(given):
        return get_message(actor, match[1], int(match[2]))
    kind, _colon, number = given.partition(":")
    target_id = int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else 0
    if kind == "post":
        row = found(db.session.get(Post, target_id))
        return get_post(actor, row.thread_id, row.num)
    if kind == "profile":
        return get_card(actor, target_id).profile
    if kind == "practice":
        return get_practice(actor, target_id)
    raise NotFound


def target_of(row: Flaggable) -> Target:
    if isinstance(row, Practice):
        return Target("practice", row.id, row.author_id, row.state_code, row.shown or row.working)
    if isinstance(row, RoomEntry):
        return Target("entry", row.seq, row.author_id)
    if isinstance(row, Disclosure):
        author = db.session.get_one(User, db.session.get_one(RoomEntry, (row.room_id, row.seq)).author_id)
        chatham = get_room(row.room_id).attribution == Attribution.CHATHAM
        return Target("disclosure", row.id, author.id, None if chatham else author.organisation.state_code)
    owner = row.author if isinstance(row, Post) else row.user
    kind, row_id, revision = ("post", row.id, row.revision) if isinstance(row, Post) else ("profile", row.user_id, row.version)
    return Target(kind, row_id, owner.id, owner.organisation.state_code, revision)


def snapshot(item: ReviewItem) -> Snapshot | None:
    """What is decided on, of an appeal what the decision was about; ``None`` when it is gone."""
    if item.target_kind == "item":
        return snapshot(db.session.get_one(ReviewItem, item.target_id))
    if item.target_kind == "post":
        return _of_post(db.session.get(Post, item.target_id), item.revision)
    if item.target_kind == "profile":
        return _of_profile(db.session.get(Profile, item.target_id))
    if item.target_kind == "practice":
        return _of_practice(db.session.get(Practice, item.target_id), item.revision)
    if item.target_kind == "held":
        return _of_held(db.session.get(Held, item.target_id))
    if item.target_kind == "disclosure":
        return _of_disclosure(db.session.get_one(Disclosure, item.target_id))
    return None


def _of_disclosure(row: Disclosure) -> Snapshot | None:
    """The three entries, each under who said it."""
    parts = [Part(f"entry {n}", f"{one.name}:\n{one.words}") for n, one in enumerate(disclosing.shown(row))]
    return Snapshot(parts, "en") if parts else None


def _of_practice(practice: Practice | None, num: int) -> Snapshot | None:
    """Every field of words of a revision, in the order of the form."""
    if practice is None:
        return None
    revision = revision_of(practice, num)
    written = [field for field in FIELDS.values() if field.kind in ("line", "words", "text", "rows", "rights")]
    parts = [Part(field.name, words) for field in written if (words := plain(revision, field))]
    return Snapshot(parts, revision.lang, practice.working != num) if revision.title else None


def _of_post(post: Post | None, revision: int) -> Snapshot | None:
    if post is None:
        return None
    earlier = db.session.scalar(select(PostRevision).where(PostRevision.post_id == post.id, PostRevision.revision == revision))
    if earlier is None and post.revision != revision:
        return None
    body = earlier.body_md if earlier else post.body_md
    title = [Part("title", (earlier and earlier.title) or post.thread.title)] if post.num == 1 else []
    return Snapshot([Part("body", body), *title], post.lang, earlier is not None) if body else None


def _of_profile(profile: Profile | None) -> Snapshot | None:
    """As it says now: a profile has no earlier versions."""
    if profile is None:
        return None
    lines = [*(row.words for row in profile.expertise), *(row.line for row in profile.contacts)]
    account = [Part("name", profile.name), Part("role", profile.user.role_title)]
    return Snapshot([Part("about", profile.about_md), *account, *(Part("line", line) for line in lines)], "en")


def _of_held(held: Held | None) -> Snapshot | None:
    words = held_words(held)
    fields = [Part(field, words[field]) for field in ("body", "title", "reason") if words.get(field)]
    return Snapshot(fields, _lang_of(words)) if fields else None


def _lang_of(words: dict[str, str]) -> str:
    """The language a held text was sent in."""
    try:
        lang = json.loads(words.get("choices", "")).get("lang")
    except (ValueError, AttributeError):
        return "en"
    return lang if lang in AUTONYMS else "en"


def held_words(held: Held | None) -> dict[str, str]:
    """What a held text says; nothing when it is emptied, or was sealed with another secret."""
    try:
        words: dict[str, str] = json.loads(unseal(held.sealed)) if held is not None and held.sealed else {}
    except Unreadable:
        return {}
    return words


class Bound(NamedTuple):
    """Where a held text was meant to go, and what it was stopped for."""

    thread: Thread | None
    pillar: str
    label: str
    kinds: list[str]


def bound_for(actor: User, item: ReviewItem) -> Bound | None:
    """Of a held text, in words that tell nothing of it; the thread only where the moderator reads it."""
    held = db.session.get(Held, item.target_id) if item.target_kind == "held" else None
    if held is None:
        return None
    kind, place, *_rest = held.place.split("/")
    thread = next(iter(threads_among(actor, {int(place)})), None) if kind != "new" else None
    label = thread.effective_label if thread else str(json.loads(held_words(held).get("choices", "{}")).get("label", "")) if kind == "new" else ""
    return Bound(thread, place if kind == "new" else "", label, held.kinds.split())


def posted_from(item: ReviewItem) -> Post | None:
    """The post that a held text became."""
    held = db.session.get(Held, item.target_id) if item.target_kind == "held" else None
    return db.session.scalar(select(Post).where(Post.author_id == held.author_id, Post.client_id == held.client_id)) if held else None


class Head(NamedTuple):
    """What a page says about the target of an item without showing it."""

    kind: str
    label: str
    thread_title: str  # empty where the moderator does not read the thread
    num: int | None
    address: str
    standing: str


def heads(actor: User, items: list[ReviewItem]) -> dict[int, Head]:
    """By item id; a fixed number of statements."""
    posts = _posts({item.target_id for item in items if item.target_kind == "post"})
    threads = {item.target_id for item in items if item.target_kind == "thread"} | {post.thread_id for post in posts.values()}
    known = {row.id: row for row in db.session.scalars(select(Thread).where(Thread.id.in_(threads)))} if threads else {}
    return {item.id: _head(actor, item, posts, known) for item in items}


def _posts(ids: set[int]) -> dict[int, Post]:
    return {row.id: row for row in db.session.scalars(select(Post).where(Post.id.in_(ids)))} if ids else {}


def _head(actor: User, item: ReviewItem, posts: dict[int, Post], threads: dict[int, Thread]) -> Head:
    post = posts.get(item.target_id) if item.target_kind == "post" else None
    thread = threads.get(post.thread_id if post else item.target_id) if post or item.target_kind == "thread" else None
    if item.target_kind == "practice":
        return _head_of_practice(actor, item)
    if item.target_kind == "disclosure":
        return Head("disclosure", get_room(db.session.get_one(Disclosure, item.target_id).room_id).label, "", None, "", Standing.SHOWN)
    if thread is None:
        return Head(item.target_kind, "", "", None, f"/people/{item.target_id}" if item.target_kind == "profile" else "", Standing.SHOWN)
    open_to = thread.label in policy.labels_read(policy.reader(actor))
    address = (f"/threads/{thread.id}/posts/{post.num}" if post and post.num > 1 else f"/threads/{thread.id}") if open_to else ""
    title = thread.title if open_to and thread.standing == Standing.SHOWN else ""  # of a hidden one to whoever takes its item
    return Head(item.target_kind, thread.effective_label, title, post.num if post else None, address, post.standing if post else thread.standing)


def _head_of_practice(actor: User, item: ReviewItem) -> Head:
    practice = get_known(actor, item.target_id)
    if practice is None:
        return Head("practice", "", "", None, "", Standing.HIDDEN)
    title, stands = ("", Standing.HIDDEN) if practice.stage == Stage.HELD else (practice.title, Standing.SHOWN)
    return Head("practice", practice.effective_label, title, None, f"/practices/{practice.id}", stands)
