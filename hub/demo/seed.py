"""Sowing the demo: accounts, profiles, threads, and a little work for the moderators."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import inspect, or_, select

from hub import text
from hub.accounts import passwords
from hub.accounts.handles import give_handles
from hub.accounts.models import Demo, Kind, Organisation, Reviewer, User
from hub.accounts.words import index_organisation
from hub.db import UserText, db, now
from hub.demo import moderation, posters, practices, rooms
from hub.demo.accounts import ACCOUNTS, PASSWORD, DemoAccount
from hub.directory.models import Audience, Contact, Expertise, Profile, ProfileLanguage, ProfilePillar
from hub.directory.words import index_member
from hub.discussions import actions
from hub.discussions.models import Label
from hub.membership.actions import new_member
from hub.membership.models import Invitation
from hub.pillars.models import Pillar, Tag
from hub.review.actions import close_all

CONTENT = Path(__file__).parent / "content"
REPLY = re.compile(r"^=== (\d+) re (\d+) by (\S+) lang (\S+) days (\S+)$", re.M)


@dataclass(frozen=True)
class Said:
    """One text of a demo thread."""

    answers: int
    by: str
    lang: str
    days: float
    body: str


def sow() -> int:
    """Add the demo to an empty hub; returns how many threads, 0 when it is there already."""
    if db.session.scalar(select(Demo.user_id).limit(1)) is not None:
        return 0
    password_hash = passwords.hash_password(PASSWORD)
    pillars = {pillar.slug: pillar for pillar in db.session.scalars(select(Pillar))}
    people = {account.handle: _person(account, password_hash, pillars) for account in ACCOUNTS}
    tags = {tag.slug: tag for tag in db.session.scalars(select(Tag))}
    files = sorted(CONTENT.glob("*.md"))
    for path in files:
        _thread(path, people, pillars, tags)
    posters.sow()
    moderation.sow(people)
    practices.grant(people)
    practices.sow(people)
    rooms.sow(people)
    return len(files)


def dangers(app: Flask) -> list[str]:
    """Why a real hub must not start on this database: demo accounts share a public password."""
    if app.config["HUB_MODE"] != "production":
        return []
    with app.app_context():
        tables = inspect(db.engine).get_table_names()
        found = Demo.__tablename__ in tables and db.session.scalar(select(Demo.user_id).limit(1)) is not None
    return ["The database holds demo accounts: run `HUB_MODE=development flask hub unseed`."] if found else []


# --- people ----------------------------------------------------------------------------------


def _person(account: DemoAccount, password_hash: str, pillars: dict[str, Pillar]) -> User:
    organisation = _place(account.place)
    invitation = Invitation(email=account.email, role=account.role, is_admin=account.admin, organisation=organisation, role_title=UserText(""))
    user = new_member(invitation, text.prepare_line(account.title), UserText(""), password_hash, account.handle)
    user.is_moderator = account.moderator
    db.session.add(Demo(user_id=user.id))
    if account.reviews:
        db.session.add(Reviewer(user_id=user.id, pillar_id=pillars[account.reviews].id))
    _fill_profile(db.session.get_one(Profile, user.id), account, pillars)
    return user


def _fill_profile(profile: Profile, account: DemoAccount, pillars: dict[str, Pillar]) -> None:
    state = profile.user.organisation.state
    about = text.prepare(account.about) if account.about else text.NOTHING
    profile.about_md, profile.about_html = about.md, about.html
    profile.expertise = [Expertise(words=text.prepare_line(words)) for words in account.expertise]
    spoken = dict.fromkeys(["en", *(state.languages.split() if state else [])])
    profile.languages = [ProfileLanguage(lang=lang) for lang in spoken]
    profile.pillars = [ProfilePillar(pillar_id=pillars[slug].id) for slug in account.pillars]
    reach = text.prepare_line("By the office of the task force, in working hours")
    profile.contacts = [Contact(line=reach, shown_to=Audience.TASK_FORCES)]
    index_member(profile.user_id)


def _place(place: str) -> Organisation:
    rows = select(Organisation).where(
        or_((Organisation.state_code == place) & (Organisation.kind == Kind.TASK_FORCE), Organisation.short_name == text.prepare_line(place))
    )
    organisation = db.session.scalar(rows)
    if organisation is None:
        name = text.prepare_line(place)
        organisation = Organisation(kind=Kind.PARTNER, name=name, short_name=name, note=text.prepare_line("Invented, for the demo."))
        give_handles(organisation)
        db.session.add(organisation)
        index_organisation(organisation)
    return organisation


# --- threads ---------------------------------------------------------------------------------


def _thread(path: Path, people: dict[str, User], pillars: dict[str, Pillar], tags: dict[str, Tag]) -> None:
    head, said = read(path)
    author = people[head["by"]]
    opening = actions.Opening(
        head["kind"], text.prepare_line(head["title"]), head["label"], head["lang"], text.prepare(said[0].body),
        [tags[slug] for slug in head["tags"].replace(",", " ").split()], f"demo {path.stem}",
    )  # fmt: skip
    first = actions.open_thread(author, pillars[path.name.partition("-")[0]], opening)
    thread = first.thread
    posts = [first]
    for num, answer in enumerate(said[1:], 2):
        posts.append(actions.reply(people[answer.by], thread, answer.answers, text.prepare(answer.body), answer.lang, f"demo {path.stem} {num}"))
    for post, words in zip(posts, said, strict=True):
        post.created_at = _ago(words.days)
    db.session.flush()
    thread.created_at, thread.last_post_at = posts[0].created_at, posts[-1].created_at
    if head.get("pinned") == "yes":
        thread.pinned_at = thread.created_at
    if head["label"] == Label.CLEAR:
        thread.cleared_at, thread.cleared_upto = now(), thread.last_num
        close_all(("thread", thread.id))


def read(path: Path) -> tuple[dict[str, str], list[Said]]:
    """A demo file: ``name: value`` lines, ``---``, then texts parted by ``=== 2 re 1 by … lang … days …``."""
    top, _line, rest = path.read_text("utf-8").partition("\n---\n")
    head = {name.strip(): value.strip() for name, _colon, value in (line.partition(":") for line in top.splitlines())}
    first, *parts = REPLY.split(rest)
    said = [Said(0, head["by"], head["lang"], float(head["days"]), first)]
    for _num, answers, by, lang, days, body in zip(*[iter(parts)] * 6, strict=True):
        said.append(Said(int(answers), by, lang, float(days), body))
    return head, said


def _ago(days: float) -> datetime:
    return now() - timedelta(days=days)
