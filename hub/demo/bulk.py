"""A large invented hub, for measuring: many members, threads and posts, made of the sentences of the demo."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy import text as sql

from hub import text
from hub.accounts import passwords
from hub.accounts.models import Demo, Organisation, User
from hub.db import Base, UserText, db, now, unit_of_work
from hub.demo import bulk_practices
from hub.demo.accounts import PASSWORD
from hub.demo.seed import CONTENT, read
from hub.directory.models import Profile
from hub.directory.words import index_missing_members
from hub.discussions import counts
from hub.discussions.actions import base36
from hub.discussions.models import DEEPEST, Post, ReadState, Thread, ThreadKind
from hub.pillars.models import Pillar
from hub.practices.models import Practice, PracticeRevision
from hub.text import Prepared

MEMBERS, BODIES, WORDS = 500, 400, 80
THREADS_READ = 100  # by each member
STEP = 4
KINDS = (ThreadKind.QUESTION, ThreadKind.EXPERIENCE, ThreadKind.CHALLENGE, ThreadKind.WAY_FORWARD)
LABELS = ("TLP:GREEN", "TLP:GREEN", "TLP:GREEN", "TLP:AMBER")


@dataclass(frozen=True)
class Plan:
    """How many posts each thread gets: one long thread, the others of about 50."""

    posts: int

    @property
    def sizes(self) -> list[int]:
        threads, longest = max(4, self.posts // 50), min(5_000, self.posts // 20)
        dice, rest, sizes = random.Random(1), self.posts - longest, [longest]
        for left in range(threads - 1, 0, -1):
            sizes.append(rest if left == 1 else max(1, min(rest - left + 1, dice.randint(1, max(1, 2 * rest // left)))))
            rest -= sizes[-1]
        return sizes


def sow(posts: int) -> Iterator[int]:
    """Add ``posts`` posts by 500 members in units of work of a few thousand; yields how many each added."""
    dice, bodies = random.Random(2), _bodies()
    with unit_of_work():
        members = _members()
        pillars = list(db.session.scalars(select(Pillar.id).order_by(Pillar.position)))
        states = dict(db.session.execute(select(User.id, Organisation.state_code).join(User.organisation).where(User.id.in_(members))).all())
        organisations = dict(db.session.execute(select(User.id, Organisation.id).join(User.organisation).where(User.id.in_(members))).all())
        thread_id, post_id = (db.session.scalar(select(func.coalesce(func.max(model.id), 0))) or 0 for model in (Thread, Post))
    sizes = Plan(posts).sizes
    first, end = thread_id + 1, now()
    batch: list[dict[str, Any]] = []
    threads: list[dict[str, Any]] = []
    for at, size in enumerate(sizes):
        thread_id += 1
        opened = end - timedelta(minutes=20 * (len(sizes) - at))
        rows = _posts(dice, thread_id, post_id, size, members, bodies, opened)
        post_id += size
        author = rows[0]["author_id"]
        threads.append({
            "id": thread_id, "pillar_id": pillars[at % len(pillars)], "kind": dice.choice(KINDS), "title": _title(bodies, dice), "author_id": author,
            "organisation_id": organisations[author], "label": dice.choice(LABELS), "lang": "en", "last_num": size, "shown_posts": size,
            "states": " ".join(sorted({states[row["author_id"]] or "" for row in rows})),
            "created_at": opened, "last_post_at": rows[-1]["created_at"], "standing": "shown",
        })  # fmt: skip
        batch += rows
        if len(batch) >= 5_000 or at == len(sizes) - 1:
            with unit_of_work():
                db.session.execute(insert(Thread), threads)
                db.session.execute(insert(Post), batch)
            yield len(batch)
            batch, threads = [], []
    with unit_of_work():
        _read(dice, members, first, sizes)
        counts.recount()
        bulk_practices.sow(posts // 200)
        _count_on(Thread, Post, Practice, PracticeRevision)


def _bodies() -> list[Prepared]:
    """Texts of about 80 words, each of whole sentences of the demo."""
    said = [words.body for path in sorted(CONTENT.glob("*.md")) for words in read(path)[1] if words.lang == "en"]
    sentences = [part for body in said for part in re.split(r"(?<=[.?!])\s+", " ".join(body.split())) if len(part.split()) > 3]
    dice, bodies = random.Random(3), []
    for _n in range(BODIES):
        parts: list[str] = []
        while sum(len(part.split()) for part in parts) < WORDS:
            parts.append(dice.choice(sentences))
        half = len(parts) // 2
        bodies.append(text.prepare(" ".join(parts[:half]) + "\n\n" + " ".join(parts[half:])))
    return bodies


def _title(bodies: list[Prepared], dice: random.Random) -> UserText:
    return text.prepare_line(" ".join(re.findall(r"\w+", dice.choice(bodies).md)[:8]))


def _members() -> list[int]:
    """The accounts of the large hub; made once. Their password is the demo's."""
    known = list(db.session.scalars(select(User.id).where(User.handle.startswith("bulk.")).order_by(User.id)))
    if known:
        return known
    password_hash = passwords.hash_password(PASSWORD)
    places = list(db.session.scalars(select(Organisation).where(Organisation.state_code.is_not(None)).order_by(Organisation.state_code)))
    people = [
        User(
            email=f"bulk.{n}@demo.example", handle=f"bulk.{n}", password_hash=password_hash, role="member",
            role_title=text.prepare_line(f"Practitioner {n}"), organisation=places[n % len(places)],
        )
        for n in range(1, MEMBERS + 1)
    ]  # fmt: skip
    db.session.add_all(people)
    db.session.flush()
    db.session.add_all([Profile(user_id=person.id) for person in people])
    db.session.add_all([Demo(user_id=person.id) for person in people])
    index_missing_members()
    return [person.id for person in people]


def _posts(
    dice: random.Random, thread_id: int, last_id: int, size: int, members: list[int], bodies: list[Prepared], opened: datetime
) -> list[dict[str, Any]]:
    """A thread's posts: every third answers the one before it, the others the opening."""
    rows: list[dict[str, Any]] = []
    for num in range(1, size + 1):
        parent = rows[num - 2 if num % 3 == 0 else 0] if num > 1 else None
        body = dice.choice(bodies)
        rows.append({
            "id": last_id + num, "thread_id": thread_id, "num": num, "parent_id": parent["id"] if parent else None,
            "path": (parent["path"] if parent else "")[: DEEPEST * STEP] + base36(num), "depth": min(parent["depth"] + 1, DEEPEST) if parent else 0,
            "author_id": dice.choice(members), "client_id": f"bulk {thread_id} {num}", "body_md": body.md, "body_html": body.html,
            "html_version": body.html_version, "lang": "en", "revision": 1, "standing": "shown", "created_at": opened + timedelta(seconds=num),
        })  # fmt: skip
    return rows


def _read(dice: random.Random, members: list[int], first: int, sizes: list[int]) -> None:
    """Every member has read some threads to the end."""
    rows = [
        {"user_id": member, "thread_id": first + at, "read_upto": sizes[at], "beyond": b"", "read_shown": sizes[at]}
        for member in members
        for at in dice.sample(range(len(sizes)), min(THREADS_READ, len(sizes)))
    ]
    db.session.execute(insert(ReadState), rows)


def _count_on(*models: type[Base]) -> None:
    """PostgreSQL's sequences go on after the ids that were given here."""
    if db.engine.dialect.name == "postgresql":
        for model in models:
            db.session.execute(sql(f"SELECT setval(pg_get_serial_sequence('{model.__tablename__}', 'id'), (SELECT max(id) FROM {model.__tablename__}))"))
