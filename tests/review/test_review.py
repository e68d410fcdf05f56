"""The queue of what waits for moderators: one open item for each thing, claims, and held texts."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from hub import policy, text
from hub.accounts.models import User
from hub.audit.models import AuditRow
from hub.db import UserText, db, now, unit_of_work
from hub.deliver import turn
from hub.notifications.models import Notification
from hub.review import actions, queries, sealing
from hub.review.models import Held, ReviewCause, ReviewItem

WHY = text.prepare_line("A reason for the record")


@pytest.fixture
def held(world):
    author = world.person("LA")
    author.post(f"/threads/{world.thread(author)}/posts", body="passport no. A7654321 was taken", lang="en", hold="1")
    return world.one(select(Held.id)).id


def test_one_open_item_for_each_target_with_many_causes(world, app):
    people = [world.person().user_id for _n in range(3)]
    with app.app_context():
        for by_id in (*people, people[0]):
            with unit_of_work():
                actions.add_item("held", actions.Target("held", 7), by_id, "safeguard", UserText(""))
    item = world.one(select(ReviewItem))[0]
    assert item.version == 4
    assert len(world.all(select(ReviewCause.id))) == 3
    with app.app_context():
        with unit_of_work():
            db.session.execute(sa.update(ReviewItem).values(closed_at=now(), outcome="done"))
        with unit_of_work():
            assert actions.add_item("held", actions.Target("held", 7), people[0], "safeguard", UserText("")) != item.id


def test_a_claim_holds_for_a_day_and_a_stale_page_claims_nothing(world, app, held):
    first, second = world.person("SG", is_moderator=True).user_id, world.person("MY", is_moderator=True).user_id

    def claim(actor_id: int, version: int) -> None:
        with app.app_context(), unit_of_work():
            actor = db.session.get_one(User, actor_id)
            actions.claim(actor, queries.get_item(actor, item), version)

    item = world.one(select(ReviewItem.id)).id
    claim(first, 1)
    for version in (1, 2):
        with pytest.raises(actions.Taken):
            claim(second, version)
    world.change(ReviewItem, item, claimed_at=now() - timedelta(hours=25))
    claim(second, 2)
    with app.app_context():
        with pytest.raises(actions.Taken), unit_of_work():
            actions.release(db.session.get_one(User, first), db.session.get_one(ReviewItem, item), 3)
        with unit_of_work():
            actions.release(db.session.get_one(User, second), db.session.get_one(ReviewItem, item), 3)
    assert world.one(select(ReviewItem.claimed_by_id, ReviewItem.version)) == (None, 4)


def test_only_who_claimed_it_reads_a_held_text_and_the_audit_says_so(world, held):
    claimer, other = world.person("SG", is_moderator=True), world.person("MY", is_moderator=True)
    item = world.one(select(ReviewItem.id, ReviewItem.version))
    assert "was taken" not in claimer.get(f"/moderation/{item.id}").text
    claimer.post(f"/moderation/{item.id}/claim", version=item.version)
    assert "was taken" in claimer.get(f"/moderation/{item.id}").text
    assert "was taken" not in other.get(f"/moderation/{item.id}").text
    assert world.all(select(AuditRow.action, AuditRow.actor_id, AuditRow.target_id)) == [("item.claim", claimer.user_id, item.id)]


def test_nobody_claims_their_own_held_text(world, app):
    moderator = world.person("SG", is_moderator=True)
    moderator.post(f"/threads/{world.thread(moderator)}/posts", body="passport no. B7654321", lang="en", hold="1")
    with app.app_context(), pytest.raises(policy.Forbidden), unit_of_work():
        own = db.session.scalars(select(ReviewItem)).one()
        actions.claim(db.session.get_one(User, moderator.user_id), own, own.version)


def test_a_returned_text_is_emptied_without_saying_that_nobody_took_it_up(world, app, held):
    moderator, item = world.person("SG", is_moderator=True), world.one(select(ReviewItem.id, ReviewItem.version))
    moderator.post(f"/moderation/{item.id}/decide", decision="return", version=item.version, reason="R1: without the number")
    world.change(Held, held, held_at=now() - timedelta(hours=73))
    with app.app_context():
        turn()
    assert world.one(select(Held.sealed))[0] is None
    assert world.all(select(Notification.id).where(Notification.reason == "expired")) == []


def test_a_held_text_is_sealed_with_the_secret_of_the_hub(app, world, held):
    sealed = world.one(select(Held.sealed))[0]
    assert b"7654321" not in sealed
    with app.app_context():
        assert "7654321" in sealing.unseal(sealed)
        app.config["HUB_SECRET_KEY"], before = "another secret " * 4, app.config["HUB_SECRET_KEY"]
        try:
            with pytest.raises(sealing.Unreadable):
                sealing.unseal(sealed)
        finally:
            app.config["HUB_SECRET_KEY"] = before


def test_after_72_hours_it_is_empty_and_its_author_is_told(world, app, held):
    with app.app_context():
        turn()
    assert world.one(select(Held.sealed))[0] is not None
    world.change(Held, held, held_at=now() - timedelta(hours=73))
    with app.app_context():
        turn()
        turn()
    assert world.one(select(Held.sealed))[0] is None
    assert world.one(select(ReviewItem.outcome))[0] == "expired"
    assert world.all(select(Notification.reason).order_by(Notification.id)) == [("expired",)]
    author = world.one(select(Held.author_id))[0]
    assert world.one(select(Notification.user_id, Notification.count)) == (author, 2)


def test_nobody_takes_back_the_held_text_of_another(world, held):
    assert world.person("LA").post(f"/held/{held}/take-back").status_code == 404
    assert world.person("SG", is_moderator=True).post(f"/held/{held}/take-back").status_code == 404


def test_a_member_holds_at_most_ten_texts(world):
    author = world.person("LA")
    thread = world.thread(author)
    answers = [author.post(f"/threads/{thread}/posts", body=f"passport no. A12345{n:02}", lang="en", hold="1") for n in range(11)]
    assert [answer.status_code for answer in answers] == [303] * 10 + [409]
    assert "A1234510" in answers[-1].text


def test_moderators_see_how_rules_fare_and_nobody_else(world):
    author, moderator = world.person("LA"), world.person("SG", is_moderator=True)
    thread = world.thread(author)
    author.post(f"/threads/{thread}/posts", body="passport no. A1234567", lang="en")
    page = moderator.get("/moderation/safeguard").text
    assert "passport" in page
    assert "A1234567" not in page
    assert moderator.get("/moderation/safeguard/passport").status_code == 200
    assert moderator.get("/moderation/safeguard/nothing").status_code == 404
    assert author.get("/moderation/safeguard").status_code == 403
