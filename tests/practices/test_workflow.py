"""The table is the law: random people try everything, and nothing happens that it does not allow."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from hub.audit.queries import faults
from hub.practices.models import Practice, Stage
from hub.practices.records import PracticeDeadline, PracticeEvent, PracticeReview
from hub.practices.workflow import BY_NAME, MOVES, after_working_days, diagram, table
from tests.factories import MORE
from tests.practices import scene

DOCS = Path(__file__).resolve().parent.parent.parent / "docs" / "practices.md"
WORDS = ("clear", "return", "withdraw", "archive", "confirm", "decline", "hold", "release", "endorse", "unendorse")
WHO = ("author", "clearer", "moderator", "first", "second", "third", "named", "endorser", "member", "partner")


def test_the_diagram_and_the_table_of_the_docs_are_made_from_the_workflow():
    words = DOCS.read_text("utf-8")
    assert diagram() in words
    assert table() in words


def test_every_stage_is_reached_and_each_move_is_named_once():
    assert {move.target for move in MOVES} | {Stage.DRAFT, ""} == set(Stage.ALL) | {""}
    assert len(BY_NAME) == len(MOVES)


def test_working_days_leave_weekends_out():
    from datetime import UTC, datetime

    friday = datetime(2026, 3, 6, 9, tzinfo=UTC)
    assert after_working_days(friday, 1).date().isoformat() == "2026-03-09"
    assert after_working_days(friday, 10).date().isoformat() == "2026-03-20"


def people_of(world):
    return {
        "author": world.person("MY"), "clearer": world.person("MY", "focal_point"), "moderator": world.person("SG", is_moderator=True),
        "first": world.person("PH", reviews="protection"), "second": world.person("TH", reviews="protection"), "third": world.person("VN", reviews="protection"),
        "named": world.person("LA", "focal_point"), "endorser": world.person("KH", "focal_point"), "member": world.person("BN"),
        "partner": world.person(world.body_id(), role="partner"),
    }  # fmt: skip


def act(world, people, practice, who, what, n):
    """One attempt; whether it may is what the hub decides."""
    by = people[who]
    if what in WORDS:
        return by.post(f"/practices/{practice}/{what}", words="A reason in a line.")
    if what == "submit":
        return by.post(f"/practices/{practice}/submit")
    if what == "write":
        return by.post(f"/practices/{practice}/steps/4", **scene.fields_of(world, by, 4, lessons=f"{scene.LONG} Round {n}.", seq=str(n % 9)))
    if what == "ask":
        chosen = [people[one] for one in (("first", "second"), ("third",), ("first",))[n % 3]]
        return scene.ask(by, practice, *chosen)
    if what == "comment":
        return by.post(f"/practices/{practice}/comment", words="No comment.")
    if what == "public":
        return by.post(f"/practices/{practice}/public")
    verdict = ("pass", "pass", "changes")[n % 3]
    return scene.score(by, practice, (3, 2, 3, 2, 3 - n % 2, 2, 2, 3), verdict)


def check(world, practice):
    """Every event is a row of the table and begins where the last one ended; the stage is where the last one led."""
    events = world.all(select(PracticeEvent.move, PracticeEvent.source, PracticeEvent.target).where(PracticeEvent.practice_id == practice).order_by(PracticeEvent.id))
    stands, before_hold = Stage.DRAFT, ""
    for event in events:
        move = BY_NAME[event.move]
        assert event.source == stands
        assert event.source in move.sources
        assert event.target == (move.target or before_hold)
        before_hold = event.source if event.move == "hold" else before_hold
        stands = event.target
    row = world.one(select(Practice).where(Practice.id == practice))[0]
    assert row.stage == stands
    published = [event for event in events if event.target == Stage.PUBLISHED and event.source in (Stage.REVIEW, Stage.COMMENT)]
    assert (row.shown is not None) == bool(published)
    if stands in (Stage.WITHDRAWN, Stage.DECLINED, Stage.ARCHIVED):
        assert world.all(select(PracticeDeadline.id).where(PracticeDeadline.practice_id == practice, PracticeDeadline.met_at.is_(None))) == []
    reviewers = {one.reviewer_id for one in world.all(select(PracticeReview.reviewer_id).where(PracticeReview.practice_id == practice))}
    assert row.author_id not in reviewers


STEP = st.tuples(st.sampled_from(WHO), st.sampled_from((*WORDS, "submit", "write", "write", "ask", "ask", "comment", "public", "score", "score", "score")), st.integers(0, 8))
LIKELY = [("author", "submit", 0), ("clearer", "clear", 0), ("moderator", "ask", 0), ("first", "score", 0), ("second", "score", 0)]


@pytest.mark.parametrize("named", [(), ("LA",)], ids=["nobody named", "a state named"])
@settings(max_examples=2 * MORE, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.lists(STEP, min_size=12, max_size=20), min_size=5, max_size=8))
def test_random_people_never_leave_the_table(world, named, steps):
    """Between what nearly always works come attempts of anybody at anything: together some 2,000 in a long run."""
    people = people_of(world)
    practice = scene.written(world, people["author"], **({"other_states": list(named)} if named else {}))
    for n, tries in enumerate(steps):
        for who, what, number in (*LIKELY[n % 5 :], *tries, ("moderator", "release", 0), ("author", "write", n), ("author", "submit", 0)):
            assert act(world, people, practice, who, what, number).status_code in (200, 303, 400, 403, 404, 409), (who, what)
        check(world, practice)
    with world.app.app_context():
        assert list(faults()) == []


def test_a_forced_move_outside_the_table_is_refused(world, author):
    from hub.db import db, unit_of_work
    from hub.practices.way import NotNow, move, own_words

    practice = scene.begin(author)
    with world.app.app_context():
        for one in MOVES:
            if Stage.DRAFT in one.sources:
                continue
            with pytest.raises(NotNow), unit_of_work():
                move(None, db.session.get_one(Practice, practice), one.name, own_words("Out of turn."))
    assert scene.stage(world, practice) == "draft"


def test_only_the_way_changes_a_stage():
    sources = (Path(__file__).resolve().parent.parent.parent / "hub").rglob("*.py")
    writes = [path.name for path in sources if re.search(r"\.stage(?:, \w+\.stage_since)? = |\bstage=Stage", path.read_text("utf-8"))]
    assert [name for name in writes if name != "practices.py"] == ["way.py"]
