"""Random people flag, claim, decide, appeal, edit and lift at random: no double decision, no self-decision, no state outside the table, all in the audit."""

import json
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from hub.audit import queries as audit
from hub.audit.models import AuditRow
from hub.db import db, now, unit_of_work
from hub.discussions import counts
from hub.discussions.models import Post, PostCount, Thread
from hub.moderation.decisions import ALLOWED
from hub.moderation.flagging import quotes_of_item
from hub.moderation.models import Sanction
from hub.review.models import Reason, ReviewCause, ReviewItem
from tests.factories import MORE, World, empty

BODY = "The note names Demo Village and a driver."
VERBS = ("post", "flag", "flag", "claim", "release", "decide", "decide", "decide", "appeal", "edit", "lift", "delete")
STEPS = st.lists(st.tuples(st.sampled_from(VERBS), st.integers(0, 4), st.integers(0, 8), st.integers(0, 6), st.sampled_from(["", "warn", "silence", "suspend"])), max_size=30)


@settings(max_examples=8 * MORE, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_moderation_keeps_its_rules_whatever_is_done(migrated, steps):
    empty(migrated)
    world = World(migrated)
    people = [world.person("LA"), world.person("TH"), *(world.person(code, is_moderator=True) for code in ("SG", "MY", "VN"))]
    thread = world.thread(people[0])
    decided: dict[int, tuple] = {}
    for verb, who, pick, choice, sanction in steps:
        act(world, people[who], thread, verb, pick, choice, sanction)
        check(migrated, decided)


def act(world, person, thread, verb, pick, choice, sanction):
    with world.app.app_context():
        posts = db.session.execute(select(Post.id, Post.num, Post.revision).order_by(Post.id)).all()
        items = db.session.execute(select(ReviewItem.id, ReviewItem.version, ReviewItem.kind, ReviewItem.target_kind).order_by(ReviewItem.id)).all()
        sanctions = list(db.session.scalars(select(Sanction.id)))
    post = posts[pick % len(posts)]
    item = items[-1 - pick % len(items)] if items else None
    if verb == "post":
        person.post(f"/threads/{thread}/posts", body=BODY, lang="en", parent="")
    elif verb == "flag":
        person.post("/flags", target=f"post:{post.id}", reason=Reason.ALL[choice], note="")
    elif verb == "edit":
        person.post(f"/threads/{thread}/posts/{post.num}/edit", body=BODY + " Again.", lang="en", revision=post.revision, title="A question for all")
    elif verb == "delete":
        person.post(f"/threads/{thread}/posts/{post.num}/delete")
    elif verb == "lift" and sanctions:
        person.post(f"/moderation/sanctions/{sanctions[pick % len(sanctions)]}/lift")
    elif item is not None and verb in ("claim", "release"):
        person.post(f"/moderation/{item.id}/claim", version=item.version, release="1" if verb == "release" else "")
    elif item is not None and verb == "appeal":
        person.post(f"/decisions/{item.id}/appeal", note="Another moderator should look")
    elif item is not None and verb == "decide":
        allowed = ALLOWED[item.kind, item.target_kind]
        until = (now() + timedelta(days=2)).date().isoformat()
        answer = person.post(
            f"/moderation/{item.id}/decide", decision=allowed[choice % len(allowed)], version=item.version - (pick == 7), reason="R1: a place is named", words="Demo Village",
            label="TLP:AMBER", sanction=sanction, until=until,
        )  # fmt: skip
        assert answer.status_code in (303, 302, 400, 401, 403, 404, 409), answer.status_code


def check(app, decided):
    with app.app_context():
        rows = list(db.session.scalars(select(ReviewItem).order_by(ReviewItem.id)))
        audited = [json.loads(row.details).get("item") for row in db.session.scalars(select(AuditRow).where(AuditRow.action.like("item.%"))) if row.action.split(".")[1] in OUTCOMES]
        for row in rows:
            if row.closed_at is None:
                assert row.id not in decided, "a decided item is open again"
                assert row.decided_by_id is None
                continue
            outcome = (row.outcome, row.decided_by_id, row.closed_at)
            assert decided.setdefault(row.id, outcome) == outcome, "an item was decided twice"
            if row.decided_by_id is None:
                assert row.outcome == "over"
                continue
            assert row.outcome in ALLOWED[row.kind, row.target_kind]
            causes = set(db.session.scalars(select(ReviewCause.by_id).where(ReviewCause.item_id == row.id)))
            assert row.decided_by_id not in causes | {row.author_id, row.barred_id}, "somebody with a part in it decided"
            assert audited.count(row.id) == 1
        check_posts(rows)
        imposed = [row.action for row in db.session.scalars(select(AuditRow).where(AuditRow.action.like("sanction.%")))]
        assert len([action for action in imposed if action != "sanction.lift"]) == len(list(db.session.scalars(select(Sanction.id))))
        assert imposed.count("sanction.lift") == len(list(db.session.scalars(select(Sanction.id).where(Sanction.lifted_at.is_not(None)))))
        assert list(audit.faults()) == []
        stored = {(row.label, row.pillar_id): row.posts for row in db.session.scalars(select(PostCount)) if row.posts}
    with app.app_context(), unit_of_work():
        counts.recount()
        assert {(row.label, row.pillar_id): row.posts for row in db.session.scalars(select(PostCount)) if row.posts} == stored


OUTCOMES = {name for names in ALLOWED.values() for name in names}


def check_posts(items):
    hiding = {row.target_id for row in items if row.closed_at is None and row.hidden_at is not None}
    hiding |= {post_id for row in items for post_id in quotes_of_item(row)}
    for post in db.session.scalars(select(Post)):
        if post.standing == "hidden":
            assert post.id in hiding or post.returned_at is not None, "hidden, and nobody is asked to decide"
        if post.standing == "shown":
            assert post.id not in hiding, "shown, though a flag hides it"
    for thread in db.session.scalars(select(Thread)):
        shown = list(db.session.scalars(select(Post.id).where(Post.thread_id == thread.id, Post.standing == "shown")))
        assert thread.shown_posts == len(shown)
