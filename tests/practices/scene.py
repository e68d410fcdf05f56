"""What tests of practices have in common: the words of a whole practice, and how it goes its way."""

import re

from sqlalchemy import select

from hub.pillars.models import Pillar
from hub.practices.fields import RIGHTS
from hub.practices.models import Practice
from hub.practices.records import PracticeEvent

TITLE = "Interpreter on call within 60 minutes for first interviews"
LONG = "A roster of trained interpreters is on call in shifts, paid by the half hour, under one number for all agencies. "
STEPS = {
    1: {"title": TITLE, "summary": "A shared roster puts a trained interpreter on the line before the first question is asked. Most first interviews now have one.",
        "lang": "en", "pillar": "", "scope": "national", "lead_body": "Victim support unit", "period_start": "2024-01"},
    2: {"problem": LONG * 2, "what_was_done": LONG * 3, "who_benefits": ["adults", "migrant_workers"]},
    3: {"results": LONG * 2, "evidence_level": "E2", "result_rows-0-indicator": "First interviews with an interpreter", "result_rows-0-unit": "percent",
        "result_rows-0-before": "41 %", "result_rows-0-after": "88 %", "result_rows-0-period": "2024 and 2025", "result_rows-0-source": "own case system"},
    4: {"success_factors": LONG, "constraints": LONG, "lessons": LONG, "how_to_adapt": LONG},
    5: {"contact": "", "label": "TLP:GREEN", "stated": "y"},
}  # fmt: skip
SCORES = ("effective", "sustainable", "replicable", "inclusion", "rights", "survivor", "evidence", "clarity")


def rights(**more):
    answers = {f"rights-{n}-answer": "yes" if item != "survivor_informed" else "none" for n, (item, _words) in enumerate(RIGHTS)}
    return answers | more


def begin(author, title=TITLE, pillar="protection", **more):
    answer = author.post("/practices/new", title=title, pillar=pillar, **more)
    assert answer.status_code == 303, answer.text
    return int(re.search(r"/practices/(\d+)/", answer.location)[1])


def fields_of(world, author, step, **more):
    given = dict(STEPS[step])
    if step == 1:
        given["pillar"] = str(world.one(select(Pillar.id).where(Pillar.slug == "protection"))[0])
    if step == 5:
        given = {**given, "contact": str(author.user_id), **rights()}
    return given | more


def save(world, author, practice, step, **more):
    page = author.get(f"/practices/{practice}/steps/{step}").text
    seq = re.search(r'name="seq" value="(\d+)"', page)[1]
    return author.post(f"/practices/{practice}/steps/{step}", **fields_of(world, author, step, **{"seq": seq} | more))


def written(world, author, title=TITLE, **more):
    """A draft with nothing missing; ``more`` goes to the steps that have such fields."""
    practice = begin(author, title)
    for step in STEPS:
        own = {name: value for name, value in more.items() if name in fields_of(world, author, step) or name in EXTRA.get(step, ())}
        answer = save(world, author, practice, step, **({"title": title} if step == 1 else {}) | own)
        assert answer.status_code == 303, answer.text[:4000]
    return practice


EXTRA = {1: ("other_states",), 3: ("links-0-address", "links-0-kind", "links-0-words", "cost_amount", "cost_currency"), 5: ("tags",)}


def submit(author, practice):
    return author.post(f"/practices/{practice}/submit")


def stage(world, practice):
    return world.one(select(Practice.stage).where(Practice.id == practice))[0]


def moves(world, practice):
    return [row.move for row in world.all(select(PracticeEvent.move).where(PracticeEvent.practice_id == practice).order_by(PracticeEvent.id))]


def score(reviewer, practice, scores=(3, 2, 3, 2, 3, 2, 2, 3), verdict="pass", words="Clear, and useful to us."):
    return reviewer.post(f"/practices/{practice}/review", words=words, verdict=verdict, **dict(zip(SCORES, scores, strict=True)))


def ask(moderator, practice, *reviewers):
    return moderator.post(f"/practices/{practice}/reviewers", reviewer=[str(one.user_id) for one in reviewers])


def published(world, author, clearer, moderator, reviewers, **more):
    """A practice that went all its way."""
    practice = written(world, author, **more)
    submit(author, practice)
    clearer.post(f"/practices/{practice}/clear", words="Cleared.")
    ask(moderator, practice, *reviewers)
    for reviewer in reviewers:
        score(reviewer, practice)
    assert stage(world, practice) == "published", stage(world, practice)
    return practice
