"""Flags: what may identify a person is hidden at once, from everybody but its author and moderators."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from hub.db import now
from hub.directory.models import Profile
from hub.discussions.models import PostCount, Thread
from hub.home.letters import write_letters
from hub.mail.models import Mail
from hub.notifications.models import Notification
from hub.review.models import ReviewCause, ReviewItem
from tests.moderation.scene import BODY, decide, flag, item, post, post_id


@pytest.fixture
def people(world):
    return {
        "author": world.person("PH"), "flagger": world.person("VN"), "reader": world.person("TH"), "moderator": world.person("SG", is_moderator=True),
        "partner": world.person(world.body_id(), role="partner"),
    }  # fmt: skip


@pytest.fixture
def thread(world, people):
    thread = world.thread(people["reader"], title="Chain of custody in chats", pillar="prosecution")
    world.reply(people["author"], thread, body=BODY)
    return thread


def test_an_identifying_flag_hides_a_post_from_all_but_its_author_and_moderators(world, people, thread):
    answer = flag(world, people["flagger"], thread, 2)
    assert answer.status_code == 303
    for name in ("reader", "flagger", "partner"):
        page = people[name].get(f"/threads/{thread}?view=tree", follow_redirects=True).text
        assert "Demo Village" not in page
        assert "Post 2 is hidden" in page
        for path in ("history", "edit", "delete"):
            assert people[name].get(f"/threads/{thread}/posts/2/{path}").status_code == 404
        assert "Demo Village" not in people[name].get("/new").text + people[name].get(f"/people/{people['author'].user_id}", follow_redirects=True).text
    for name in ("author", "moderator"):
        assert "Demo Village" in people[name].get(f"/threads/{thread}", follow_redirects=True).text


def test_a_hidden_post_counts_nowhere_and_counts_again_when_it_is_restored(world, people, thread):
    def seen():
        text = people["reader"].get("/pillars").text
        return world.all(select(PostCount.label, PostCount.posts)), text[text.index("<main") :]

    before = seen()
    flag(world, people["flagger"], thread, 2)
    assert world.one(select(Thread.shown_posts, Thread.states).where(Thread.id == thread)) == (1, "TH")
    assert world.one(select(func.sum(PostCount.posts)))[0] == 1
    found = item(world)
    moderator = people["moderator"]
    moderator.post(f"/moderation/{found.id}/claim", version=found.version)
    assert moderator.post(f"/moderation/{found.id}/decide", decision="restore", version=found.version + 1, reason="Nobody is named").status_code == 303
    assert seen() == before
    assert world.one(select(Thread.shown_posts, Thread.states).where(Thread.id == thread)) == (2, "PH TH")


def test_a_flagged_opening_hides_its_whole_thread(world, people, thread):
    flag(world, people["author"], thread, 1)
    assert people["flagger"].get(f"/threads/{thread}").status_code == 404
    assert people["flagger"].get(f"/threads/{thread}/news?after=0").status_code == 404
    assert "Chain of custody in chats" not in people["flagger"].get("/pillars/prosecution").text
    assert "Chain of custody in chats" not in people["author"].get("/pillars/prosecution").text
    assert "Chain of custody in chats" in people["reader"].get(f"/threads/{thread}", follow_redirects=True).text
    assert world.one(select(func.coalesce(func.sum(PostCount.posts), 0)))[0] == 0


@pytest.mark.parametrize("reason", ["personal_attack", "wrong_label", "off_topic", "copyright", "other"])
def test_other_flags_wait_and_hide_nothing(world, people, thread, reason):
    assert flag(world, people["flagger"], thread, 2, reason).status_code == 303
    assert post(world, thread, 2).standing == "shown"
    found = item(world)
    assert found.rule == reason
    assert found.hidden_at is None
    assert timedelta(days=1) < found.due_at - found.opened_at <= timedelta(days=4)


def test_an_identifying_flag_is_due_within_four_hours_and_moderators_are_told_without_a_word_of_it(world, people, thread):
    flag(world, people["flagger"], thread, 2)
    found = item(world)
    assert found.due_at - found.opened_at == timedelta(hours=4)
    told = world.all(select(Notification.user_id, Notification.reason, Notification.thread_id).where(Notification.reason == "queue"))
    assert told == [(people["moderator"].user_id, "queue", None)]


def test_letters_about_a_hidden_post_do_not_leave(world, app, people, thread):
    assert world.all(select(Notification.reason)) == [("your_post",)]
    world.change(Notification, world.one(select(Notification.id)).id, mail_due_at=now())
    with app.app_context():
        write_letters()
    assert world.one(select(Mail.done_at))[0] is None
    flag(world, people["flagger"], thread, 2)
    assert world.one(select(Mail.failure, Mail.subject, Mail.body)) == ("withdrawn", "", "")
    assert "Chain of custody in chats" not in people["reader"].get("/notifications").text


def test_the_author_learns_the_rule_and_never_who_flagged(world, people, thread):
    people["flagger"].post("/flags", target=f"post:{post_id(world, thread, 2)}", reason="identifies_person", note="A village is named")
    page = people["author"].get(f"/decisions/{item(world).id}")
    assert page.status_code == 200
    assert "“It identifies a person”" in page.text
    for word in ("VN", "Viet Nam", "A village is named", f"/people/{people['flagger'].user_id}"):
        assert word not in page.text
    assert people["reader"].get(f"/decisions/{item(world).id}").status_code == 404


def test_five_hiding_flags_a_day_then_they_wait_with_an_alert(world, people):
    threads = [world.thread(people["author"], title=f"Thread number {n}") for n in range(6)]
    for thread in threads:
        flag(world, people["flagger"], thread)
    assert [post(world, thread).standing for thread in threads] == ["hidden"] * 5 + ["shown"]
    assert world.one(select(Notification.count).where(Notification.reason == "queue"))[0] == 6


def test_a_restored_text_is_not_hidden_again_for_the_same_reason(world, people, thread):
    from tests.moderation.scene import decide

    flag(world, people["flagger"], thread, 2)
    decide(world, people["moderator"], item(world), "restore")
    flag(world, people["reader"], thread, 2)
    assert post(world, thread, 2).standing == "shown"
    assert world.one(select(func.count(ReviewItem.id)).where(ReviewItem.closed_at.is_(None)))[0] == 1
    flag(world, people["partner"], thread, 2, "shelter_or_operation")
    assert post(world, thread, 2).standing == "hidden"
    decide(world, people["moderator"], item(world), "restore")
    people["author"].post(f"/threads/{thread}/posts/2/edit", body="Another text, with Demo Village", lang="en", revision="1")
    flag(world, people["reader"], thread, 2)
    assert post(world, thread, 2).standing == "hidden"


def test_one_flags_what_one_reads_once_and_never_oneself(world, people, thread):
    amber = world.thread(people["reader"], label="TLP:AMBER")
    assert flag(world, people["partner"], amber).status_code == 404
    assert flag(world, people["author"], thread, 2).status_code == 403
    for target in ("post:0", "post:999999", "post:x", "thread:1", "", "profile:999999", "post:" + "9" * 30):
        assert people["reader"].post("/flags", target=target, reason="other").status_code == 404
    for _again in range(2):
        flag(world, people["flagger"], thread, 2, "other")
    assert len(world.all(select(ReviewCause.id))) == 1
    assert flag(world, people["flagger"], thread, 2, "nonsense").status_code == 400
    answer = people["flagger"].post("/flags", target=f"post:{post_id(world, thread, 2)}", reason="other", note="passport no. A1234567")
    assert answer.status_code == 400
    assert "passport no. A1234567" in answer.text
    assert world.all(select(ReviewCause.note)) == [("",)]


def test_a_flag_hides_a_profile_but_for_role_and_organisation(world, people):
    owner = world.person("KH", name="A Name Of Demo")
    world.change(Profile, owner.user_id, name_for="everyone", about_md="From Demo Village", about_html="<p>From Demo Village</p>", about_for="everyone")
    assert "From Demo Village" in people["reader"].get(f"/people/{owner.user_id}", follow_redirects=True).text
    assert people["flagger"].post("/flags", target=f"profile:{owner.user_id}", reason="identifies_person").status_code == 303
    page = people["reader"].get(f"/people/{owner.user_id}", follow_redirects=True).text
    assert "From Demo Village" not in page
    assert "A Name Of Demo" not in page
    assert "Officer" in page
    assert "From Demo Village" in owner.get(f"/people/{owner.user_id}", follow_redirects=True).text
    from tests.moderation.scene import decide

    assert decide(world, people["moderator"], item(world), "restore").status_code == 303
    assert "A Name Of Demo" in people["reader"].get(f"/people/{owner.user_id}", follow_redirects=True).text


def test_an_open_list_asks_which_of_its_lines_are_there_still(world, people, thread):
    amber = world.thread(people["author"], label="TLP:AMBER")
    flag(world, people["flagger"], thread, 2)
    ask = f"/notifications/count?listed={thread},{thread}/1,{thread}/2,{amber},{amber}/1,999999,x,1/2/3"
    assert people["reader"].get(ask).json["gone"] == [f"{thread}/2", "999999"]
    assert people["partner"].get(ask).json["gone"] == [f"{thread}/2", f"{amber}", f"{amber}/1", "999999"]


PLAIN = "The driver of the red van waits at the school in the evening, as the note of Demo Town says."


@pytest.mark.parametrize("decision", ["restore", "redact", "remove"])
def test_quotes_of_a_hidden_post_are_hidden_until_it_is_decided(world, people, thread, decision):
    num = world.reply(people["author"], thread, body=PLAIN)
    member = world.person("KH")
    quote = world.reply(member, thread, num, body=f"> {PLAIN}\n\nIs that so?")
    other = world.reply(member, thread, num, body="> Another line altogether\n\nThe driver is not our matter.")
    flag(world, world.person("VN"), thread, num)
    assert {row.num: row.standing for row in world.posts(thread)} | {1: "", 2: ""} == {1: "", 2: "", num: "hidden", quote: "hidden", other: "shown"}
    assert len(world.all(select(ReviewItem.id))) == 1
    assert [row.reason for row in world.all(select(Notification.reason).where(Notification.user_id == member.user_id))] == ["quote_hidden"]
    decide(world, world.person("SG", is_moderator=True), item(world), decision, words="Demo Town")
    found = {row.num: row for row in world.posts(thread)}[quote]
    assert found.standing == "shown"
    assert ("Demo Town" in found.body_md) == (decision == "restore")


def test_a_quote_stays_hidden_while_the_post_is_returned(world, people, thread):
    num, moderator = world.reply(people["author"], thread, body=PLAIN), world.person("SG", is_moderator=True)
    quote = world.reply(world.person("KH"), thread, num, body=f"> {PLAIN}\n\nIs that so?")
    flag(world, world.person("VN"), thread, num)
    first = item(world)
    decide(world, moderator, first, "return")
    people["author"].post(f"/threads/{thread}/posts/{num}/edit", body="The driver waits in the evening.", lang="en", revision="1")
    standings = {row.num: row.standing for row in world.posts(thread)}
    assert (standings[num], standings[quote]) == ("hidden", "hidden")
    decide(world, moderator, item(world, kind="again"), "restore")
    found = {row.num: row for row in world.posts(thread)}
    assert (found[num].standing, found[quote].standing) == ("shown", "shown")
    assert "red van" not in found[quote].body_md


def test_a_quote_is_shown_again_with_a_post_that_an_appeal_gives_back(world, people, thread):
    num = world.reply(people["author"], thread, body=PLAIN)
    quote = world.reply(world.person("KH"), thread, num, body=f"> {PLAIN}\n\nIs that so?")
    flag(world, world.person("VN"), thread, num)
    returned = item(world)
    decide(world, people["moderator"], returned, "return")
    people["author"].post(f"/decisions/{returned.id}/appeal", note="Nobody can be known by this")
    decide(world, world.person("MY", is_moderator=True), item(world, kind="appeal"), "restore")
    standings = {row.num: row.standing for row in world.posts(thread)}
    assert (standings[num], standings[quote]) == ("shown", "shown")
