"""A flagged practice: gone from every page at once, with its thread; decided on by somebody else; its words gone where they identify somebody."""

from sqlalchemy import select

from hub.db import db
from hub.deliver import turn
from hub.moderation import purging
from hub.moderation.replaying import replay
from hub.practices.models import Practice
from hub.review.models import ReviewItem
from tests.moderation.scene import item, take
from tests.practices import scene

WORD = "axolotl"


def flagged(world, people, reason="identifies_person"):
    author, clearer, moderator, reviewers = people
    practice = scene.published(world, author, clearer, moderator, reviewers, lessons=f"The {WORD} of Demo Village told us. {scene.LONG}")
    by = world.person("VN")
    answer = by.post("/flags", target=f"practice:{practice}", reason=reason, note="")
    return practice, by, answer


def decide(world, by, found, decision, **more):
    return by.post(f"/moderation/{found.id}/decide", decision=decision, version=take(world, by, found), reason="R1: it leads to a person", **more)


def test_what_may_identify_a_person_is_held_back_at_once_with_its_thread(world, author, clearer, moderator, reviewers):
    practice, by, answer = flagged(world, (author, clearer, moderator, reviewers))
    assert answer.status_code == 303
    assert scene.stage(world, practice) == "held"
    thread = world.one(select(Practice.thread_id).where(Practice.id == practice))[0]
    for reader in (by, clearer, reviewers[0], world.person("LA"), world.stranger()):
        assert reader.get(f"/practices/{practice}").status_code in (302, 404)
        assert WORD not in reader.get("/practices").text
        assert scene.TITLE not in reader.get("/pillars/protection").text
        assert reader.get(f"/threads/{thread}").status_code in (302, 404)
    assert "Held back until a moderator decides" in author.get("/notifications").text
    assert "A practice" in moderator.get("/moderation").text


def test_another_reason_waits_and_hides_nothing(world, author, clearer, moderator, reviewers):
    practice, _by, _answer = flagged(world, (author, clearer, moderator, reviewers), "wrong_label")
    assert scene.stage(world, practice) == "published"
    decide(world, moderator, item(world, target_kind="practice"), "dismiss")
    assert scene.stage(world, practice) == "published"


def test_it_stands_again_where_it_stood(world, author, clearer, moderator, reviewers):
    practice, by, _answer = flagged(world, (author, clearer, moderator, reviewers))
    found = item(world, target_kind="practice")
    page = moderator.get(f"/moderation/{found.id}").text
    assert WORD not in page, "not before it is taken"
    decide(world, moderator, found, "restore")
    assert scene.stage(world, practice) == "published"
    assert WORD in by.get(f"/practices/{practice}", follow_redirects=True).text
    thread = world.one(select(Practice.thread_id).where(Practice.id == practice))[0]
    assert by.get(f"/threads/{thread}", follow_redirects=True).status_code == 200
    assert by.post("/flags", target=f"practice:{practice}", reason="identifies_person", note="").status_code == 303
    assert scene.stage(world, practice) == "published", "what a moderator has looked at is not hidden again for the same reason"


def test_its_author_decides_nothing(world, clearer, moderator, reviewers):
    author = world.person("MY", is_moderator=True)
    flagged(world, (author, clearer, moderator, reviewers))
    found = world.one(select(ReviewItem.id, ReviewItem.version).where(ReviewItem.target_kind == "practice"))
    assert author.get(f"/moderation/{found.id}").status_code == 404
    assert author.post(f"/moderation/{found.id}/decide", decision="restore", version=found.version, reason="Mine").status_code == 404


def everything(app):
    with app.app_context():
        tables = db.metadata.sorted_tables
        return " ".join(str(row) for table in tables for row in db.session.execute(table.select()).all())


def test_removed_means_removed_from_every_table_and_after_an_old_backup(world, app, author, clearer, moderator, reviewers):
    practice, _by, _answer = flagged(world, (author, clearer, moderator, reviewers))
    assert WORD in everything(app)
    decide(world, moderator, item(world, target_kind="practice"), "remove")
    assert scene.stage(world, practice) == "declined"
    assert WORD not in everything(app)
    with app.app_context():
        turn()
        pending, done = purging.status()
        db.session.remove()
        assert done
        assert not pending
        assert replay([{"table": "practice", "row": practice, "revision": 1, "spans": "", "id": 1, "at": "2999-01-01T00:00:00+00:00"}]) == 0, "nothing came back"
    assert "[removed]" in author.get(f"/practices/{practice}", follow_redirects=True).text


def test_an_appeal_gives_back_what_was_removed_for_another_reason(world, author, clearer, moderator, reviewers):
    practice, by, _answer = flagged(world, (author, clearer, moderator, reviewers), "off_topic")
    found = item(world, target_kind="practice")
    decide(world, moderator, found, "remove")
    assert scene.stage(world, practice) == "declined"
    author.post(f"/decisions/{found.id}/appeal", note="It is on the topic")
    appeal = item(world, kind="appeal")
    other = world.person("LA", is_moderator=True)
    decide(world, other, appeal, "restore")
    assert scene.stage(world, practice) == "published"
    assert WORD in by.get(f"/practices/{practice}", follow_redirects=True).text
