"""What time does to practices: reminders, comments that did not come, two years; and what a reader is told of versions."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select, update

from hub.db import db, now, unit_of_work
from hub.discussions.history import word_diff
from hub.notifications.models import Notification
from hub.practices import deadlines
from hub.practices.models import Practice
from hub.practices.records import PracticeDeadline
from hub.practices.showing import endorsed_words
from tests.practices import scene


def pass_days(world, days):
    """Move every deadline and due date so many days into the past, then let the hub look."""
    with world.app.app_context():
        with unit_of_work():
            for row in db.session.scalars(select(PracticeDeadline)):
                row.due_at -= timedelta(days=days)
                row.remind_at = row.remind_at and row.remind_at - timedelta(days=days)
            for practice in db.session.scalars(select(Practice).where(Practice.update_due_at.is_not(None))):
                practice.update_due_at -= timedelta(days=days)
        deadlines.look()
        db.session.remove()


def reasons(world, person):
    return [row.reason for row in world.all(select(Notification.reason).where(Notification.user_id == person.user_id).order_by(Notification.id))]


def test_a_focal_point_is_reminded_once_and_not_when_it_is_done(world, author, clearer):
    practice = scene.written(world, author)
    scene.submit(author, practice)
    pass_days(world, 2)
    assert "remind_clear" not in reasons(world, clearer)
    for _twice in range(2):
        pass_days(world, 8)
    assert world.all(select(PracticeDeadline.remind_at)) == [(None,)]
    told = world.one(select(Notification.reason, Notification.count).where(Notification.user_id == clearer.user_id, Notification.subject.like("%clear")))
    assert (told.reason, told.count) == ("remind_clear", 2), "the reminder joins what was told"
    clearer.post(f"/practices/{practice}/clear", words="Cleared.")
    assert world.all(select(PracticeDeadline.id).where(PracticeDeadline.met_at.is_(None))) == []


def test_named_states_that_say_nothing_in_time_do_not_stop_it(world, author, clearer, moderator, reviewers):
    world.person("LA", "focal_point")
    practice = scene.written(world, author, other_states=["LA"])
    scene.submit(author, practice)
    clearer.post(f"/practices/{practice}/clear", words="Cleared.")
    scene.ask(moderator, practice, *reviewers)
    for reviewer in reviewers:
        scene.score(reviewer, practice)
    assert scene.stage(world, practice) == "comment"
    pass_days(world, 7)
    assert scene.stage(world, practice) == "comment"
    pass_days(world, 14)
    assert scene.stage(world, practice) == "published"


def test_after_two_years_the_author_is_asked_and_confirms(world, author, clearer, moderator, reviewers):
    practice = scene.published(world, author, clearer, moderator, reviewers)
    pass_days(world, 731)
    assert scene.stage(world, practice) == "update_due"
    assert "to be looked at again" in world.person("VN").get(f"/practices/{practice}", follow_redirects=True).text
    assert scene.TITLE in author.get("/").text
    author.post(f"/practices/{practice}/confirm", words="The figures of last year are the same.")
    assert scene.stage(world, practice) == "published"
    with world.app.app_context():
        assert db.session.get_one(Practice, practice).update_due_at > now() + timedelta(days=700)


def test_a_late_turn_meets_what_is_done_already(world, author, clearer):
    """Two processes look at the same moment: nobody is told twice, nothing moves twice."""
    practice = scene.written(world, author)
    scene.submit(author, practice)
    with world.app.app_context():
        with unit_of_work():
            db.session.execute(update(PracticeDeadline).values(remind_at=now()))
        assert deadlines.look() == 1
        assert deadlines.look() == 0


@pytest.mark.parametrize(("given", "shown", "words"), [
    ([("PH", 2), ("TH", 2), ("VN", 2)], 3, "Endorsed by 3 task forces: PH, TH, VN (v2); v3 not yet"),
    ([("PH", 2), ("TH", 3)], 3, "Endorsed by 2 task forces: PH (v2); TH (v3)"),
    ([("PH", 1)], 1, "Endorsed by 1 task force: PH (v1)"),
    ([], 1, ""),
])  # fmt: skip
def test_endorsements_say_of_which_version_they_are(given, shown, words):
    rows = [SimpleNamespace(revision=revision, organisation=SimpleNamespace(state_code=code, short_name=code)) for code, revision in given]
    assert endorsed_words(rows, shown) == words


def test_two_texts_of_five_thousand_characters_are_compared_word_by_word():
    old = " ".join(f"word{n}" for n in range(700))
    new = old.replace("word100 ", "another ").replace("word500 word501 ", "")
    assert 4_500 < len(old) < 6_500
    pieces = word_diff(old, new)
    assert "".join(piece.words for piece in pieces if piece.kind != "new") == old
    assert "".join(piece.words for piece in pieces if piece.kind != "gone") == new
    assert [piece.words.strip() for piece in pieces if piece.kind == "gone"] == ["word100", "word500 word501"]
