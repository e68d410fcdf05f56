"""What follows from decisions: who hears of them, what a later one leaves alone, and what an appeal gives back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from hub.accounts.models import User
from hub.db import now
from hub.directory.models import Profile
from hub.discussions.models import Post, Thread
from hub.moderation.models import Sanction
from hub.notifications.models import Notification
from hub.review.models import ReviewItem
from tests.moderation.scene import BODY, WHY, decide, flag, item, post, take


def flag_profile(by, member, reason="identifies_person"):
    return by.post("/flags", target=f"profile:{member.user_id}", reason=reason, note="")


def appeal(world, by, decided, other, outcome="restore"):
    assert by.post(f"/decisions/{decided.id}/appeal", note="Look again, please").status_code == 303
    assert decide(world, other, item(world, kind="appeal"), outcome).status_code == 303


def test_exposure_is_told_of_posts_that_went_for_a_persons_sake_alone(world, author, moderator, thread):
    focal_point = world.person("PH", role="focal_point")
    flag_profile(world.person("VN"), author)
    decide(world, moderator, item(world), "remove")
    flag(world, world.person("VN"), thread, 2, "off_topic")
    harmless = item(world)
    decide(world, moderator, harmless, "remove")
    assert world.all(select(Notification.id).where(Notification.reason == "exposure")) == []
    assert focal_point.get(f"/moderation/{harmless.id}/exposure").status_code == 404
    num = world.reply(author, thread, body=BODY)
    flag(world, world.person("VN"), thread, num)
    found = item(world)
    assert focal_point.get(f"/moderation/{found.id}/exposure").status_code == 404
    decide(world, moderator, found, "restore")
    assert focal_point.get(f"/moderation/{found.id}/exposure").status_code == 404


def test_public_views_and_letters_count_though_the_thread_is_public_no_more(world, author, moderator):
    thread = world.thread(author, label="TLP:CLEAR", body=BODY)
    moderator.post(f"/threads/{thread}/publish", read_upto="1", read_at=(now() + timedelta(seconds=5)).isoformat(), reason=WHY)
    stranger = world.stranger()
    assert stranger.get(f"/threads/{thread}", follow_redirects=True).status_code == 200
    author.post(f"/threads/{thread}/take-back", reason=WHY)
    flag(world, world.person("VN"), thread, 1)
    take(world, moderator, item(world))
    assert "at most 1 time to people" in moderator.get(f"/moderation/{item(world).id}/exposure").text
    assert "at most 1 public view" in moderator.get(f"/moderation/{item(world).id}").text


def test_a_profile_stays_hidden_while_another_flag_hides_it(world, author, moderator):
    flag_profile(world.person("VN"), author)
    grave = item(world)
    world.change(Profile, author.user_id, version=world.one(select(Profile.version).where(Profile.user_id == author.user_id))[0] + 1)
    flag_profile(world.person("KH"), author, "off_topic")
    decide(world, moderator, item(world), "dismiss")
    assert world.one(select(Profile.hidden_at).where(Profile.user_id == author.user_id))[0] is not None
    decide(world, moderator, grave, "restore")
    assert world.one(select(Profile.hidden_at).where(Profile.user_id == author.user_id))[0] is None


@pytest.mark.parametrize("way", ["appeal", "again", "lock", "relabel"])
def test_what_a_moderator_showed_again_in_any_way_is_not_hidden_again_for_the_same(world, author, moderator, other, thread, way):
    flag(world, world.person("VN"), thread, 2)
    found = item(world)
    if way == "appeal":
        decide(world, moderator, found, "return")
        appeal(world, author, found, other)
    elif way == "again":
        decide(world, moderator, found, "return")
        author.post(f"/threads/{thread}/posts/2/edit", body="In a village, by a driver.", lang="en", revision="1")
        decide(world, other, item(world, kind="again"), "restore")
    else:
        decide(world, moderator, found, way, label="TLP:AMBER")
    assert post(world, thread, 2).standing == "shown"
    flag(world, world.person("KH"), thread, 2)
    assert post(world, thread, 2).standing == "shown"
    flag(world, world.person("KH"), thread, 2, "shelter_or_operation")
    assert post(world, thread, 2).standing == "hidden"


def test_an_appeal_leaves_what_a_later_decision_did(world, author, moderator, other, thread):
    flag(world, world.person("VN"), thread, 2, "wrong_label")
    first = item(world)
    decide(world, moderator, first, "relabel", label="TLP:AMBER")
    flag(world, world.person("VN"), thread, 2, "off_topic")
    decide(world, other, item(world), "relabel", label="TLP:AMBER+STRICT")
    appeal(world, author, first, other)
    assert world.one(select(Thread.label).where(Thread.id == thread))[0] == "TLP:AMBER+STRICT"


def test_an_appeal_opens_only_the_lock_that_it_is_about(world, author, moderator, other, thread):
    moderator.post(f"/threads/{thread}/lock", locked="1", reason=WHY)
    flag(world, world.person("VN"), thread, 2, "off_topic")
    found = item(world)
    decide(world, moderator, found, "lock")
    appeal(world, author, found, other)
    assert world.one(select(Thread.locked_at).where(Thread.id == thread))[0] is not None


def test_an_appeal_does_not_bring_back_what_was_removed_since(world, author, moderator, other, thread):
    flag(world, world.person("VN"), thread, 2, "off_topic")
    first = item(world)
    decide(world, moderator, first, "return")
    author.post(f"/threads/{thread}/posts/2/edit", body=BODY + " Again.", lang="en", revision="1")
    decide(world, moderator, item(world, kind="again"), "remove")
    appeal(world, author, first, other)
    assert post(world, thread, 2).standing == "removed"


def test_who_flagged_it_decides_neither_on_the_appeal_nor_on_the_changed_text(world, author, moderator, other, thread):
    flag(world, other, thread, 2)
    decide(world, moderator, item(world), "return")
    author.post(f"/threads/{thread}/posts/2/edit", body="In a village.", lang="en", revision="1")
    assert other.post(f"/moderation/{item(world, kind='again').id}/claim", version="1").status_code == 403
    author.post(f"/decisions/{item(world, kind='flag').id}/appeal", note="Look again, please")
    assert other.post(f"/moderation/{item(world, kind='appeal').id}/claim", version="1").status_code == 403


def test_a_false_flag_does_not_cost_an_answer_its_mark(world, author, moderator, thread):
    world.change(Thread, thread, answered_num=2)
    flag(world, world.person("VN"), thread, 2)
    decide(world, moderator, item(world), "restore")
    assert world.one(select(Thread.answered_num).where(Thread.id == thread))[0] == 2
    flag(world, world.person("VN"), thread, 2, "shelter_or_operation")
    decide(world, moderator, item(world), "remove")
    assert world.one(select(Thread.answered_num).where(Thread.id == thread))[0] is None


def test_an_admin_imposes_and_lifts_on_the_page_of_sanctions(world, author, moderator):
    admin = world.person(world.body_id(), is_admin=True)
    handle = world.one(select(User.handle).where(User.id == moderator.user_id))[0]
    until = (now() + timedelta(days=2)).date().isoformat()
    for who, given, code in (
        (moderator, {"handle": handle}, 403), (admin, {"handle": "nobody.here"}, 400), (admin, {"until": "2020-01-01"}, 400), (admin, {"reason": ""}, 400), (admin, {}, 303),
    ):  # fmt: skip
        answer = who.post("/moderation/sanctions", **{"handle": f"@{handle}", "sanction": "silence", "until": until, "reason": WHY} | given)
        assert answer.status_code == code, given
        assert code == 303 or given.get("reason", WHY) in answer.text
    row = world.one(select(Sanction))[0]
    assert (row.user_id, row.kind, row.by_id) == (moderator.user_id, "silence", admin.user_id)
    own = moderator.get("/account/sanctions").text
    assert WHY in own
    assert "May not write" in own
    assert admin.post(f"/moderation/sanctions/{row.id}/lift", reason=WHY).status_code == 303
    assert "Lifted" in moderator.get("/account/sanctions").text


def test_a_sanction_refused_keeps_the_reason(world, thread, moderator, other):
    num = world.reply(other, thread, body=BODY)
    flag(world, world.person("VN"), thread, num)
    answer = decide(world, moderator, item(world), "remove", sanction="warn")
    assert answer.status_code == 403
    assert WHY in answer.text
    assert "only an admin imposes that" in answer.text


def test_a_suspended_member_appeals_when_they_are_back(world, author, moderator, thread):
    flag(world, world.person("VN"), thread, 2, "off_topic")
    found = item(world)
    decide(world, moderator, found, "remove", sanction="suspend", until=(now() + timedelta(days=30)).date().isoformat())
    long_ago = now() - timedelta(days=31)
    world.change(ReviewItem, found.id, closed_at=long_ago)
    row = world.one(select(Sanction.id)).id
    world.change(Sanction, row, at=long_ago, until=now() - timedelta(days=1))
    world.change(User, author.user_id, suspended_until=now() - timedelta(days=1))
    author = world.again(author)
    assert "Send the appeal" in author.get(f"/decisions/{found.id}").text
    assert "May not come in" in author.get(f"/decisions/{found.id}").text
    assert post(world, thread, 2).body_md == BODY
    assert author.post(f"/decisions/{found.id}/appeal", note="It answers the question").status_code == 303


def test_a_silenced_member_may_still_take_an_own_post_back(world, author, thread):
    world.change(User, author.user_id, silenced_until=now() + timedelta(days=1))
    assert author.post(f"/threads/{thread}/posts/2/delete").status_code == 303
    assert post(world, thread, 2).standing == "deleted"


def test_no_page_tells_of_flags_that_did_not_hold_and_an_appeal_is_told_where_the_decision_stands(world, author, moderator, other, thread):
    flag(world, world.person("VN"), thread, 2, "off_topic")
    found = item(world)
    assert author.get(f"/decisions/{found.id}").status_code == 404
    decide(world, moderator, found, "dismiss")
    assert author.get(f"/decisions/{found.id}").status_code == 404
    flag(world, world.person("VN"), thread, 2, "personal_attack")
    second = item(world)
    decide(world, moderator, second, "return")
    appeal(world, author, second, other, "dismiss")
    assert author.get(f"/decisions/{item(world, kind='appeal').id}").status_code == 404
    told = world.all(select(Notification.subject).where(Notification.user_id == author.user_id, Notification.reason == "decided"))
    assert {row.subject for row in told} == {f"item {second.id}"}
    assert "let the decision stand" in author.get(f"/decisions/{second.id}").text


def test_who_flagged_it_for_another_reason_hears_when_it_was_removed(world, author, moderator, thread):
    first, second = world.person("VN"), world.person("KH")
    flag(world, first, thread, 2, "off_topic")
    author.post(f"/threads/{thread}/posts/2/edit", body=BODY + " More.", lang="en", revision="1")
    flag(world, second, thread, 2)
    decide(world, moderator, item(world), "remove")
    told = world.all(select(Notification.user_id).where(Notification.reason == "flag_decided"))
    assert {row.user_id for row in told} == {first.user_id, second.user_id}
    assert [row[0] for row in world.all(select(Post.body_md).where(Post.num == 2))] == [""]
