"""Several flags on several revisions of a text: none is lost, none is decided unseen, and places are those of the text that was seen."""

import pytest
from sqlalchemy import select

from hub.db import db, unit_of_work
from hub.deliver import turn
from hub.directory.models import Profile
from hub.discussions import counts
from hub.discussions.models import Post, PostCount, PostRevision, Thread
from hub.drafts.models import Draft
from hub.moderation import purging
from hub.moderation.models import Purge
from hub.notifications.models import Notification
from hub.review.models import Held, ReviewCause, ReviewItem
from tests.moderation.scene import BODY, WHY, decide, flag, item, post, take

MARK = "[removed: identifies a person]"


@pytest.fixture
def thread(world, author):
    thread = world.thread(world.person("TH"))
    world.reply(author, thread, body="A text copied from a book.")
    return thread


@pytest.fixture
def two(world, author, reader, thread):
    """A flag on the first revision, and a graver one on the second, which names a place."""
    flag(world, reader, thread, 2, "copyright")
    first = item(world)
    author.post(f"/threads/{thread}/posts/2/edit", body="A text copied from a book, and Demo Village.", lang="en", revision="1")
    flag(world, reader, thread, 2)
    return first, item(world)


def test_a_redaction_for_one_revision_leaves_hidden_what_another_flag_hides(world, moderator, thread, two):
    decide(world, moderator, two[0], "redact", words="copied from a book")
    assert post(world, thread, 2).standing == "hidden"
    second = item(world, id=two[1].id)
    assert (second.closed_at, second.revision) == (None, 3)
    take(world, moderator, second)
    assert "Demo Village" in moderator.get(f"/moderation/{second.id}").text
    moderator.post(f"/moderation/{second.id}/decide", decision="redact", words="Demo Village", version=item(world, id=second.id).version, reason=WHY)
    assert post(world, thread, 2).body_md == f"A text [removed: breaks a rule of the house], and {MARK}."
    assert post(world, thread, 2).standing == "shown"


def test_a_removal_goes_by_the_gravest_flag(world, author, moderator, thread, two):
    focal_point = world.person("PH", role="focal_point")
    decide(world, moderator, two[0], "remove")
    assert post(world, thread, 2).body_md == ""
    assert focal_point.get(f"/moderation/{two[0].id}/exposure").status_code == 200
    assert item(world, id=two[1].id).outcome == "over"


def test_words_that_only_an_earlier_version_said_are_purged_as_well(world, author, reader, moderator, thread):
    flag(world, reader, thread, 2, "copyright")
    author.post(f"/threads/{thread}/posts/2/edit", body="My own words.", lang="en", revision="1")
    decide(world, moderator, item(world), "redact", words="copied from a book")
    assert world.all(select(PostRevision.id)) == []
    assert [(row.table, row.revision) for row in world.all(select(Purge.table, Purge.revision))] == [("post", 1)]
    assert post(world, thread, 2).body_md == "My own words."


def test_a_short_passage_goes_from_the_changed_text_too(world, author, reader, moderator, thread):
    num = world.reply(author, thread, body="Ask Ana about the bus.")
    flag(world, reader, thread, num, "other")
    author.post(f"/threads/{thread}/posts/{num}/edit", body="Somebody named Ana knows.", lang="en", revision="1")
    found = item(world)
    take(world, moderator, found)
    look = moderator.post(f"/moderation/{found.id}/decide", decision="redact", words="Ana", version="2", look="1")
    assert "Somebody named [removed: breaks a rule of the house] knows." in look.text
    moderator.post(f"/moderation/{found.id}/decide", decision="redact", words="Ana", version="2", reason=WHY)
    assert post(world, thread, num).body_md == "Somebody named [removed: breaks a rule of the house] knows."


def test_a_flagged_quote_of_a_redacted_text_can_still_be_decided_on(world, author, reader, moderator, thread):
    nums = [world.reply(by, thread, body=BODY) for by in (author, reader)]
    for num in nums:
        flag(world, world.person("VN"), thread, num)
    first, second = (row[0] for row in world.all(select(ReviewItem).order_by(ReviewItem.id)))
    decide(world, moderator, first, "redact", words="Demo Village")
    assert post(world, thread, nums[1]).body_md == BODY.replace("Demo Village", MARK)
    assert post(world, thread, nums[1]).standing == "hidden"
    take(world, moderator, item(world, id=second.id))
    assert "by a driver" in moderator.get(f"/moderation/{second.id}").text


def test_places_in_a_text_that_changed_since_the_page_are_refused(world, author, reader, moderator):
    with world.app.app_context(), unit_of_work():
        profile = db.session.get_one(Profile, author.user_id)
        profile.about_md = profile.about_html = type(profile.about_md)("I sell a course and know referral.")
    reader.post("/flags", target=f"profile:{author.user_id}", reason="off_topic", note="")
    found = item(world)
    take(world, moderator, found)
    source = moderator.get(f"/moderation/{found.id}").text.split('name="source" value="')[1].split('"')[0]
    with world.app.app_context(), unit_of_work():
        profile = db.session.get_one(Profile, author.user_id)
        profile.about_md, profile.version = type(profile.about_md)("Now I know referral."), profile.version + 1
    fields = {"decision": "redact", "spans": "0-15", "version": "2", "reason": WHY}
    assert moderator.post(f"/moderation/{found.id}/decide", **fields, source=source).status_code == 409
    assert world.one(select(Profile.about_md).where(Profile.user_id == author.user_id))[0] == "Now I know referral."


def test_what_it_will_say_masks_what_was_not_looked_at(world, author, reader, moderator, thread):
    from hub.guard import DECIDED
    from hub.text import prepare

    num = world.reply(author, thread, body="To be replaced")
    prepared = prepare("Passport no. A1234567 and a telephone +66 81 234 5678.", guard=DECIDED)
    world.change(Post, post(world, thread, num).id, body_md=prepared.md, body_html=prepared.html)
    flag(world, reader, thread, num)
    found = item(world)
    take(world, moderator, found)
    for where in ({"words": "and a telephone"}, {"spans": "0-8"}, {"spans": "0-16"}):
        page = moderator.post(f"/moderation/{found.id}/decide", decision="redact", version="2", look="1", **where)
        assert page.status_code == 200
        assert "Nothing is decided yet" in page.text
        assert "1234567" not in page.text
        assert "81 234 5678" not in page.text


@pytest.mark.parametrize("fields", [{"decision": "redact", "look": "1"}, {"decision": "remove"}, {"decision": "redact"}, {"decision": "restore", "ask": "1"}])
def test_words_are_compared_for_whoever_took_the_item_alone(world, author, reader, moderator, fields):
    author.post(f"/threads/{world.thread(author)}/posts", body="passport no. A7654321 was taken", lang="en", hold="1")
    found = item(world, kind="held")
    for words in ("was taken", "was given"):
        answer = moderator.post(f"/moderation/{found.id}/decide", **fields, words=words, version="0", reason=WHY)
        assert answer.status_code == 303
    assert item(world, kind="held").claimed_by_id is None
    moderator.post(f"/moderation/{found.id}/decide", **fields, words="was taken", version=str(found.version), reason=WHY)
    assert item(world, kind="held").claimed_by_id == moderator.user_id


def test_a_hidden_threads_title_stands_nowhere_in_the_queue(world, author, reader, moderator):
    thread = world.thread(author, title="A title with Demo Village")
    world.reply(author, thread, body="An insult to all")
    flag(world, reader, thread, 2, "personal_attack")
    flag(world, reader, thread, 1)
    assert "A title with Demo Village" not in moderator.get("/moderation").text
    assert "A title with Demo Village" not in moderator.get(f"/moderation/{item(world).id}").text


def test_a_redacted_post_of_a_public_thread_stays_public(world, author, reader, moderator):
    thread = world.thread(author, label="TLP:CLEAR", body="A poster at the station of Demo Village.")
    moderator.get(f"/threads/{thread}", follow_redirects=True)
    moderator.post(f"/threads/{thread}/publish", read_upto="1", read_at="2999-01-01T00:00:00+00:00", reason=WHY)
    flag(world, reader, thread, 1)
    decide(world, moderator, item(world), "redact", words="Demo Village")
    assert f"A poster at the station of {MARK}." in world.stranger().get(f"/threads/{thread}", follow_redirects=True).text


def test_a_draft_saved_meanwhile_is_looked_at_again_and_an_innocent_one_stays(world, author, reader, moderator, thread):
    num = world.reply(author, thread, body=BODY)
    quote = world.reply(reader, thread, body="I read of Demo Village.")
    reader.post(f"/threads/{thread}/posts/{quote}/draft", body="A better text that I began", lang="en", revision="1")
    flag(world, world.person("VN"), thread, num)
    decide(world, moderator, item(world), "redact", words="Demo Village")
    assert [row.body for row in world.all(select(Draft.body))] == ["A better text that I began"]


def test_a_label_ends_what_asked_to_be_public_and_an_appeal_asks_again(world, author, moderator):
    thread = world.thread(author, label="TLP:CLEAR")
    flag(world, world.person("VN"), thread, 1, "wrong_label")
    found = item(world, kind="flag")
    decide(world, moderator, found, "relabel", label="TLP:AMBER")
    assert item(world, kind="public").outcome == "over"
    author.post(f"/decisions/{found.id}/appeal", note="It is for everybody")
    decide(world, world.person("MY", is_moderator=True), item(world, kind="appeal"), "restore")
    assert item(world, kind="public").closed_at is None
    assert world.one(select(Thread.label).where(Thread.id == thread))[0] == "TLP:CLEAR"


def test_who_started_a_thread_hears_when_it_is_closed_over_an_answer(world, author, reader, moderator, thread):
    flag(world, reader, thread, 2, "personal_attack")
    decide(world, moderator, item(world), "lock")
    starter = world.one(select(Thread.author_id).where(Thread.id == thread))[0]
    assert "close" in [row.reason for row in world.all(select(Notification.reason).where(Notification.user_id == starter))]
    assert "The thread of your post was closed" in author.get(f"/decisions/{item(world).id}").text


def test_a_deleted_post_is_not_returned_and_a_held_text_not_appealed(world, author, reader, moderator, thread):
    flag(world, reader, thread, 2, "off_topic")
    author.post(f"/threads/{thread}/posts/2/delete")
    assert decide(world, moderator, item(world), "return").status_code == 400
    author.post(f"/threads/{thread}/posts", body="passport no. A7654321 was taken", lang="en", hold="1")
    held = item(world, kind="held")
    decide(world, moderator, held, "remove")
    assert author.post(f"/decisions/{held.id}/appeal", note="It was a sample").status_code == 409


def test_an_appeal_shows_the_moderator_what_was_removed(world, author, reader, moderator, thread):
    flag(world, reader, thread, 2, "off_topic")
    first = item(world)
    decide(world, moderator, first, "remove")
    author.post(f"/decisions/{first.id}/appeal", note="It belongs here")
    other, found = world.person("MY", is_moderator=True), item(world, kind="appeal")
    assert "copied from a book" not in other.get(f"/moderation/{found.id}").text
    take(world, other, found)
    assert "copied from a book" in other.get(f"/moderation/{found.id}").text


def test_a_held_text_says_where_it_would_go_and_where_it_went(world, author, moderator, thread):
    author.post(f"/threads/{thread}/posts", body="passport no. A7654321 was taken", lang="en", hold="1")
    held = item(world, kind="held")
    take(world, moderator, held)
    page = moderator.get(f"/moderation/{held.id}").text
    assert "Meant for" in page
    assert "A question for all" in page
    moderator.post(f"/moderation/{held.id}/decide", decision="restore", version=item(world, kind="held").version, reason=WHY)
    page = moderator.get(f"/moderation/{held.id}").text
    assert f"/threads/{thread}/posts/3" in page
    assert "wiped" not in page
    assert world.one(select(Held.sealed))[0] is None


def test_a_returned_post_that_nobody_changes_is_removed_in_two_weeks(world, app, author, reader, moderator, thread):
    from datetime import timedelta

    from hub.db import now

    flag(world, reader, thread, 2)
    found = item(world)
    decide(world, moderator, found, "return")
    world.change(ReviewItem, found.id, closed_at=now() - timedelta(days=15), empty_at=now() - timedelta(minutes=1))
    with app.app_context():
        turn()
        db.session.remove()
    assert (post(world, thread, 2).body_md, post(world, thread, 2).standing) == ("", "removed")


def test_an_opening_is_not_deleted_over_answers_that_a_flag_hides(world, author, reader):
    thread = world.thread(author)
    num = world.reply(reader, thread)
    flag(world, author, thread, num)
    assert author.post(f"/threads/{thread}/posts/1/delete").status_code == 403
    assert post(world, thread, 1).standing == "shown"


def test_notes_on_quoting_posts_and_in_appeals_go_with_the_words(world, author, reader, moderator, thread):
    num, quote = world.reply(author, thread, body=BODY), world.reply(reader, thread, body="Demo Village is named here.")
    author.post("/flags", target=f"post:{post(world, thread, quote).id}", reason="other", note="It names the village of the demo")
    flag(world, reader, thread, num)
    decide(world, moderator, item(world), "redact", words="Demo Village")
    assert {row.note for row in world.all(select(ReviewCause.note))} == {""}


def test_a_second_replay_leaves_a_new_post_with_a_former_number_alone(app, world, author, thread, monkeypatch):
    from datetime import UTC, datetime

    from hub.moderation.replaying import replay

    row = post(world, thread, 2)
    entry = {"id": 1, "table": "post", "row": row.id, "revision": 1, "spans": "0-6", "at": datetime(2020, 1, 1, tzinfo=UTC).isoformat()}
    with app.app_context():
        assert replay([entry]) == 0
        assert replay([entry | {"at": datetime(2999, 1, 1, tzinfo=UTC).isoformat()}]) == 1
        assert set(purging.TABLES["thread"]) >= {"review_cause", "mail"}


def test_a_thread_that_a_flag_hid_meanwhile_is_counted_nowhere_when_it_moves(app, world, author, reader):
    from hub.discussions import standing
    from hub.pillars.models import Pillar

    thread = world.thread(author)
    flag(world, reader, thread, 1)
    with app.app_context(), unit_of_work():
        standing.move(db.session.get_one(Thread, thread), db.session.scalars(select(Pillar.id).where(Pillar.slug == "prevention")).one())
    stored = {(row[0].pillar_id, row[0].posts) for row in world.all(select(PostCount)) if row[0].posts}
    with app.app_context(), unit_of_work():
        counts.recount()
    assert {(row[0].pillar_id, row[0].posts) for row in world.all(select(PostCount)) if row[0].posts} == stored
