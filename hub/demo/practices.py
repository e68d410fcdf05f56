"""The practices of the demo, each as far on its way as the content says; every step taken by the account that may take it."""

import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from hub import text
from hub.accounts.models import Reviewer, User
from hub.db import UserText, db, now
from hub.discussions.models import Post, Thread
from hub.notifications.models import Kind, Notification
from hub.pillars.models import Pillar
from hub.practices import moving, queries, reviewing, worth, writing
from hub.practices.fields import FIELDS, RIGHTS
from hub.practices.models import Practice, PracticeStep
from hub.practices.records import Adoption, Endorsement, PracticeEvent, PracticeReview
from hub.practices.workflow import UPDATE_AFTER

CONTENT = Path(__file__).parent / "content" / "practices.toml"
PASSED = (3, 2, 3, 2, 3, 2, 2, 3)
SCORES = ("effective", "sustainable", "replicable", "inclusion", "rights", "survivor", "evidence", "clarity")


def sow(people: dict[str, User]) -> None:
    pillars = {pillar.slug: pillar for pillar in db.session.scalars(select(Pillar))}
    for told in tomllib.loads(CONTENT.read_text("utf-8"))["practice"]:
        _practice(told, people, pillars)


def _practice(told: dict[str, Any], people: dict[str, User], pillars: dict[str, Pillar]) -> None:
    author = people[told["by"]]
    practice = writing.begin(author, text.prepare_line(told["title"], 120), pillars[told["pillar"]].id)
    writing.put_values(practice, queries.revision_of(practice, 1), _values(told, author, pillars[told["pillar"]]))
    if told["way"] != "draft":
        db.session.execute(update(PracticeStep).where(PracticeStep.practice_id == practice.id).values(checked=True, seq=1))
        db.session.flush()
        db.session.expire_all()
        _go(practice, told, people)
    _long_ago(practice, told["days"])


def _values(told: dict[str, Any], author: User, pillar: Pillar) -> dict[str, Any]:
    values: dict[str, Any] = {"pillar": str(pillar.id), "contact": str(author.id), "label": "TLP:GREEN", "stated": True, "lang": "en"}
    values |= {name: told[key] for name, key in (("scope", "scope"), ("evidence_level", "evidence_level"), ("period_start", "since"))}
    values |= {"period_end": told.get("until", ""), "partners": [{"name": text.prepare_line(name), "kind": kind} for name, kind in told.get("partners", ())]}
    for name, field in FIELDS.items():
        if field.kind in ("line", "words") and name in told:
            values[name] = text.prepare_line(told[name], 600)
        elif field.kind == "text":
            prepared = text.prepare(told[name]) if told[name] else text.NOTHING
            values[name] = (prepared.md, prepared.html)
        elif field.kind == "many":
            values[name] = told.get(name, [])
    keys = ("indicator", "unit", "before", "after", "period", "source")
    values["result_rows"] = [
        {key: value if key == "unit" else text.prepare_line(value) for key, value in zip(keys, row, strict=True)} for row in told.get("figures", ())
    ]
    values["links"] = [{"address": text.prepare_line(at), "words": text.prepare_line(words), "kind": kind} for at, words, kind in told.get("links", ())]
    if "cost" in told:
        values |= dict(zip(("cost_amount", "cost_currency", "cost_every", "cost_band"), told["cost"], strict=True))
    survivor, line = told["survivor"]
    values["rights"] = {item: ("yes", UserText("")) for item, _words in RIGHTS} | {"survivor_informed": (survivor, text.prepare_line(line))}
    return values


def _go(practice: Practice, told: dict[str, Any], people: dict[str, User]) -> None:
    author = people[told["by"]]
    clearer = people[f"fp.{author.organisation.state_code.lower()}"]  # type: ignore[union-attr]  # authors are of task forces
    moving.submit(author, practice)
    if told["way"] == "clearance":
        return
    moving.clear(clearer, practice, text.prepare_line("Cleared: it says what was hard, too."))
    revision = queries.revision_of(practice, 1)
    chosen = [user.id for user in queries.proposed_reviewers(practice, revision)][:2]
    reviewing.set_reviewers(people["moderator.1"] if author.handle != "member.sg" else people["moderator.2"], practice, chosen)
    if told["way"] == "review":
        return
    for reviewer in db.session.scalars(select(User).where(User.id.in_(chosen)).order_by(User.id)):
        words = text.prepare("Clear to somebody who was not there, and honest about what did not work. I would try the first two steps tomorrow.")
        reviewing.give_review(reviewer, practice, dict(zip(SCORES, PASSED, strict=True)), "pass", words)
    for handle, line in told.get("endorsed", ()):
        worth.endorse(people[handle], practice, text.prepare_line(line))
    for handle, status, body, since, note in told.get("adopted", ()):
        worth.adopt(people[handle], practice, status, text.prepare_line(body), since, text.prepare_line(note))


def _long_ago(practice: Practice, days: float) -> None:
    """When it happened, so that a first look finds a library that grew."""
    at = _ago(days)
    db.session.flush()
    practice.created_at = practice.stage_since = at
    if practice.published_at:
        practice.published_at, practice.update_due_at = at, at + UPDATE_AFTER
        for model, column in ((PracticeEvent, "at"), (Endorsement, "at"), (Adoption, "at"), (PracticeReview, "given_at")):
            db.session.execute(update(model).where(model.practice_id == practice.id).values({column: at}))
        queries.revision_of(practice, 1).published_at = at
        old_news = (Notification.kind == Kind.PRACTICE, Notification.subject_id == practice.id)
        db.session.execute(update(Notification).where(*old_news).values(read_at=at, mail_due_at=None).execution_options(synchronize_session=False))
    if practice.thread_id:
        db.session.execute(update(Thread).where(Thread.id == practice.thread_id).values(created_at=at, last_post_at=at))
        db.session.execute(update(Post).where(Post.thread_id == practice.thread_id).values(created_at=at))


def _ago(days: float) -> datetime:
    return now() - timedelta(days=days)


REVIEWERS = {
    "prevention": ("member.th", "member.kh", "member.mm", "member.id"),
    "protection": ("member.vn",),
    "prosecution": ("member.my", "member.th", "member.ph"),
    "cooperation": ("member.sg", "member.vn", "member.bn"),
}


def grant(people: dict[str, User]) -> None:
    """Who reviews the practices of a pillar, beside the two reviewers of protection."""
    slugs = {pillar.slug: pillar.id for pillar in db.session.scalars(select(Pillar))}
    db.session.add_all(Reviewer(user_id=people[handle].id, pillar_id=slugs[slug]) for slug, handles in REVIEWERS.items() for handle in handles)
