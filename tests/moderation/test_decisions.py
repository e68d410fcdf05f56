"""Decisions: one for each item, by somebody without a part in it, told to the author, and in the audit."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from hub.accounts.models import User
from hub.audit.models import AuditRow
from hub.db import now
from hub.discussions.models import Post, PostRevision, Thread
from hub.drafts.models import Draft
from hub.guard import DECIDED
from hub.moderation.models import Purge, Sanction
from hub.notifications.models import Notification
from hub.review.models import Held, ReviewItem
from hub.text import prepare
from tests.moderation.scene import BODY, WHY, decide, flag, item, post, take


@pytest.fixture
def flagged(world, thread):
    flag(world, world.person("VN"), thread, 2)
    return item(world)


def spans(*passages):
    return ",".join(f"{BODY.index(words)}-{BODY.index(words) + len(words)}" for words in passages)


def test_two_moderators_at_once_one_wins_and_the_other_is_told_by_whom(world, moderator, flagged):
    other = world.person("MY", is_moderator=True, title="Second moderator")
    take(world, moderator, flagged)
    answer = other.post(f"/moderation/{flagged.id}/claim", version=flagged.version, _headers={})
    page = other.get(f"/moderation/{flagged.id}").text
    assert answer.status_code == 303
    assert "Officer, " in page
    assert "took this before you" in page
    assert "Demo Village" not in page
    assert other.post(f"/moderation/{flagged.id}/decide", decision="remove", version=flagged.version + 1, reason=WHY).status_code == 303
    assert item(world).closed_at is None
    assert moderator.post(f"/moderation/{flagged.id}/decide", decision="restore", version=flagged.version + 1, reason=WHY).status_code == 303
    other.post(f"/moderation/{flagged.id}/decide", decision="remove", version=flagged.version + 2, reason=WHY)
    assert item(world).outcome == "restore"
    assert "has decided this meanwhile" in other.get("/moderation").text + other.get(f"/moderation/{flagged.id}").text


def test_a_claim_ends_when_its_moderator_is_away(world, moderator, flagged):
    other = world.person("MY", is_moderator=True)
    version = take(world, moderator, flagged)
    world.change(ReviewItem, flagged.id, claimed_at=now() - timedelta(hours=3))
    assert other.post(f"/moderation/{flagged.id}/claim", version=version).status_code == 303
    assert item(world).claimed_by_id == moderator.user_id
    world.change(User, moderator.user_id, seen_at=now() - timedelta(hours=3))
    other.post(f"/moderation/{flagged.id}/claim", version=version)
    assert item(world).claimed_by_id == other.user_id


def test_passages_are_masked_until_looked_at_one_by_one_and_the_record_says_so(world, author, moderator):
    thread, prepared = world.thread(author), prepare("Call +66 81 234 5678, or NIK 3201014512900001.", guard=DECIDED)
    world.change(Post, post(world, thread).id, body_md=prepared.md, body_html=prepared.html)
    flag(world, world.person("VN"), thread, 1)
    found = item(world)
    assert "81 234 5678" not in moderator.get(f"/moderation/{found.id}").text
    take(world, moderator, found)
    page = moderator.get(f"/moderation/{found.id}").text
    assert "81 234 5678" not in page
    assert "3201014512900001" not in page
    assert page.count('class="mask"') == 2
    place = page.split('name="place" value="')[1].split('"')[0]
    moderator.post(f"/moderation/{found.id}/unmask", place=place)
    page = moderator.get(f"/moderation/{found.id}").text
    assert "+66 81 234 5678" in page
    assert "3201014512900001" not in page
    assert [json.loads(row.details) for row in world.all(select(AuditRow.details).where(AuditRow.action == "item.unmask"))] == [{"place": place}]
    moderator.post(f"/moderation/{found.id}/unmask", place="0-4")
    other = world.person("MY", is_moderator=True)
    other.post(f"/moderation/{found.id}/unmask", place=place)
    assert len(world.all(select(AuditRow.seq).where(AuditRow.action == "item.unmask"))) == 1


def test_redaction_takes_passages_out_of_text_versions_drafts_and_quotes(world, author, moderator, thread):
    author.post(f"/threads/{thread}/posts/2/edit", body=BODY + " More.", lang="en", revision="1")
    reader = world.person("KH")
    world.reply(reader, thread, 2, body="> The victim was brought\n> to Demo Village by a driver.\n\nWhere is that?")
    world.reply(reader, thread, 2, body="A village of the demo is no Demo Town.")
    reader.post(f"/threads/{thread}/draft", body="You wrote: brought to Demo Village by a driver. Why?", lang="en")
    author.post(f"/threads/{thread}/posts/2/draft", body=BODY + " Begun.", lang="en", revision="2")
    flag(world, reader, thread, 2)
    look = decide(world, moderator, item(world), "redact", spans=spans("to Demo Village", "a driver"), look="1")
    assert "1 other post says the same words" in look.text
    assert "[removed: identifies a person] by [removed: identifies a person]" in look.text
    answer = moderator.post(f"/moderation/{item(world).id}/decide", decision="redact", version=item(world).version, reason=WHY, spans=spans("to Demo Village", "a driver"))
    assert answer.status_code == 303
    texts = [row.body_md for row in world.posts(thread)]
    assert texts[1] == "The victim was brought [removed: identifies a person] by [removed: identifies a person]. Notice: 24 hours. More."
    assert "Demo Village" not in texts[2]
    assert "Where is that?" in texts[2]
    assert texts[3] == "A village of the demo is no Demo Town."
    assert world.all(select(PostRevision.id)) == []
    assert [row.body for row in world.all(select(Draft.body))] == ["You wrote: brought [removed: identifies a person] by [removed: identifies a person]. Why?"]
    page = reader.get(f"/threads/{thread}", follow_redirects=True).text
    assert "Demo Village" not in page
    assert post(world, thread, 2).standing == "shown"
    row = world.one(select(AuditRow).where(AuditRow.action == "item.redact"))[0]
    details = json.loads(row.details)
    assert details["passages"] == 2
    assert len(details["hmac"]) == 64
    assert "Demo" not in row.details + row.reason
    assert world.one(select(func.count(Purge.id)))[0] == 3


def test_words_to_take_out_can_be_written_instead_of_places(world, moderator, flagged, thread):
    answer = decide(world, moderator, flagged, "redact", words="demo   village\na driver")
    assert answer.status_code == 303
    assert post(world, thread, 2).body_md.count("[removed: identifies a person]") == 2


@pytest.mark.parametrize("given", [{"spans": ""}, {"spans": "5-2"}, {"spans": "1-99999"}, {"spans": "x"}, {"words": "not there"}, {"passage": "9-9"}])
def test_places_that_are_none_are_refused_and_what_was_typed_is_kept(world, moderator, flagged, thread, given):
    answer = decide(world, moderator, flagged, "redact", **given)
    assert answer.status_code == 400
    assert WHY in answer.text.replace("&#39;", "'")
    assert given.get("words", "") in answer.text
    assert post(world, thread, 2).standing == "hidden"


def test_what_identifies_a_person_is_removed_with_its_words_and_one_line_stays(world, moderator, flagged, thread):
    decide(world, moderator, flagged, "remove")
    assert world.one(select(Post.body_md, Post.body_html, Post.standing).where(Post.num == 2)) == ("", "", "removed")
    assert "Post 2 was removed by a moderator" in world.person().get(f"/threads/{thread}", follow_redirects=True).text


def test_what_breaks_another_rule_is_removed_and_given_back_when_an_appeal_holds(world, author, moderator, thread):
    flag(world, world.person("VN"), thread, 2, "off_topic")
    decide(world, moderator, item(world), "remove")
    reader = world.person()
    assert "Demo Village" not in reader.get(f"/threads/{thread}", follow_redirects=True).text
    first = item(world)
    assert author.post(f"/decisions/{first.id}/appeal", note="It answers the question").status_code == 303
    appeal = item(world, kind="appeal")
    assert moderator.get(f"/moderation/{appeal.id}").status_code == 404
    assert author.post(f"/decisions/{first.id}/appeal", note="It answers the question").status_code == 409
    decide(world, world.person("MY", is_moderator=True), appeal, "restore")
    assert "Demo Village" in reader.get(f"/threads/{thread}", follow_redirects=True).text


def test_an_appeal_is_open_for_seven_days(world, author, moderator, flagged):
    decide(world, moderator, flagged, "remove")
    world.change(ReviewItem, flagged.id, closed_at=now() - timedelta(days=7, minutes=1))
    assert author.post(f"/decisions/{flagged.id}/appeal", note="Too late to say so").status_code == 409
    assert "Send the appeal" not in author.get(f"/decisions/{flagged.id}").text


def test_a_returned_post_is_changed_looked_at_again_and_shown(world, author, moderator, flagged, thread):
    assert author.get(f"/threads/{thread}/posts/2/edit").status_code == 403
    decide(world, moderator, flagged, "return")
    page = author.get(f"/decisions/{flagged.id}").text
    assert WHY in page
    assert f"/threads/{thread}/posts/2/edit" in page
    assert author.post(f"/threads/{thread}/posts/2/edit", body="In a village, by a driver.", lang="en", revision="1").status_code == 303
    again = item(world, kind="again")
    assert post(world, thread, 2).standing == "hidden"
    assert author.post(f"/threads/{thread}/posts/2/edit", body="Once more", lang="en", revision="2").status_code == 403
    decide(world, world.person("MY", is_moderator=True), again, "restore")
    assert "In a village, by a driver." in world.person().get(f"/threads/{thread}", follow_redirects=True).text


def test_a_stricter_label_moves_the_whole_thread_and_a_wider_one_is_refused(world, moderator, thread):
    partner, member = world.person(world.body_id(), role="partner"), world.person()
    for reader in (partner, member):
        reader.get(f"/threads/{thread}", follow_redirects=True)
    flag(world, member, thread, 2, "wrong_label")
    assert decide(world, moderator, item(world), "relabel", label="TLP:GREEN").status_code == 400
    assert decide(world, moderator, item(world), "relabel", label="TLP:AMBER").status_code == 303
    assert partner.get(f"/threads/{thread}").status_code == 404
    assert world.one(select(Thread.label).where(Thread.id == thread))[0] == "TLP:AMBER"
    from hub.db import db
    from hub.discussions.counts import unread_by_pillar

    with world.app.app_context():
        assert sum(unread_by_pillar(db.session.get_one(User, member.user_id)).values()) == 0
        assert sum(unread_by_pillar(db.session.get_one(User, partner.user_id)).values()) == 0


def test_a_closed_thread_and_a_flag_that_does_not_hold(world, moderator, thread):
    flag(world, world.person("VN"), thread, 2, "personal_attack")
    assert decide(world, moderator, item(world), "lock").status_code == 303
    assert world.one(select(Thread.locked_at).where(Thread.id == thread))[0] is not None
    flag(world, world.person("VN"), thread, 2, "off_topic")
    assert decide(world, moderator, item(world), "dismiss").status_code == 303
    assert post(world, thread, 2).standing == "shown"


def test_nobody_decides_on_their_own_text_on_what_they_flagged_or_decided_before(world, thread):
    author = world.person("MY", is_moderator=True)
    num = world.reply(author, thread, body=BODY)
    flagger = world.person("SG", is_moderator=True)
    flag(world, flagger, thread, num)
    found = item(world)
    for own, code in ((author, 404), (flagger, 403)):
        for path in ("claim", "decide"):
            assert own.post(f"/moderation/{found.id}/{path}", decision="restore", version=found.version, reason=WHY).status_code == code
    assert f"/moderation/{found.id}" not in author.get("/moderation").text
    assert item(world).closed_at is None


@pytest.mark.parametrize("kind", ["warn", "silence", "suspend"])
def test_a_decision_may_bring_a_sanction_with_an_end(world, author, moderator, flagged, thread, kind):
    until = (now() + timedelta(days=3)).date()
    refused = decide(world, moderator, flagged, "remove", sanction=kind, until="yesterday")
    assert refused.status_code == (303 if kind == "warn" else 400)
    if kind != "warn":
        be = until.replace(year=until.year + 543).isoformat()  # as a Thai moderator may write it
        version = item(world).version
        assert moderator.post(f"/moderation/{flagged.id}/decide", decision="remove", version=version, reason=WHY, sanction=kind, until=be).status_code == 303
    row = world.one(select(Sanction))[0]
    assert (row.user_id, row.kind, row.reason) == (author.user_id, kind, WHY)
    writes = author.post(f"/threads/{thread}/posts", body="Words", lang="en", parent="")
    if kind == "suspend":
        assert writes.status_code == 401 or writes.location.startswith("/sign-in")
        assert author.get("/people").status_code == 302
    else:
        assert writes.status_code == (403 if kind == "silence" else 303)
        page = author.get(f"/threads/{thread}", follow_redirects=True)
        assert page.status_code == 200
        assert ("may not write until" in page.text) == (kind == "silence")
    moderator.post(f"/moderation/sanctions/{row.id}/lift", reason="It was lifted for the test")
    assert world.one(select(User.silenced_until, User.suspended_until).where(User.id == author.user_id)) == (None, None)
    assert [row.action for row in world.all(select(AuditRow.action).where(AuditRow.action.like("sanction%")).order_by(AuditRow.seq))] == [f"sanction.{kind}", "sanction.lift"]


def test_a_moderator_is_sanctioned_by_an_admin_only(world, moderator, thread):
    other = world.person("MY", is_moderator=True)
    num = world.reply(other, thread, body=BODY)
    flag(world, world.person("VN"), thread, num)
    assert decide(world, moderator, item(world), "remove", sanction="warn").status_code == 403
    assert item(world).closed_at is None


def test_several_alike_items_are_decided_at_once(world, author, moderator, thread):
    nums = [world.reply(author, thread, body=f"Something off the topic, number {n}") for n in range(4)]
    for num in nums:
        flag(world, world.person("VN"), thread, num, "off_topic")
    rows = [row[0] for row in world.all(select(ReviewItem).order_by(ReviewItem.id))]
    take(world, world.person("MY", is_moderator=True), rows[3])
    from werkzeug.datastructures import MultiDict

    fields = MultiDict([("item", f"{row.id}:{row.version}") for row in rows] + [("decision", "remove"), ("reason", WHY), ("csrf_token", moderator.signed())])
    answer = moderator.client.post("/moderation/decide", data=fields)
    assert answer.status_code == 303
    page = moderator.get("/moderation").text
    assert "3 items decided" in page
    assert "somebody else has them" in page
    assert [row.standing for row in world.posts(thread)][2:] == ["removed"] * 3 + ["shown"]


def test_a_held_text_is_posted_redacted_or_given_back(world, author, moderator, thread):
    def hold(body):
        author.post(f"/threads/{thread}/posts", body=body, lang="en", parent="", hold="1")
        return item(world, kind="held")

    first = hold("The budget no. is passport no. A7654321 as a joke")
    text = "The budget no. is passport no. A7654321 as a joke"
    assert "A7654321" not in moderator.get(f"/moderation/{first.id}").text
    start = text.index("A7654321")
    assert decide(world, moderator, first, "redact", spans=f"{start}-{start + 8}").status_code == 303
    assert world.posts(thread)[-1].body_md == "The budget no. is passport no. [removed: identifies a person] as a joke"
    second = hold("Form passport no. A1234567 is the sample of the manual")
    assert decide(world, moderator, second, "restore").status_code == 303
    assert "A1234567" in world.posts(thread)[-1].body_md
    third = hold("Seen: passport no. B7654321")
    decide(world, moderator, third, "return")
    held = world.one(select(Held.id, Held.sealed).where(Held.id == third.target_id))
    assert held.sealed is not None
    assert "B7654321" in author.get(f"/held/{held.id}").text
    assert moderator.get(f"/held/{held.id}").status_code == 404
    fourth = hold("Seen: passport no. C7654321")
    decide(world, moderator, fourth, "remove")
    assert world.one(select(Held.sealed).where(Held.id == fourth.target_id))[0] is None
    assert [row.outcome for row in world.all(select(ReviewItem.outcome).where(ReviewItem.kind == "held").order_by(ReviewItem.id))] == ["redact", "restore", "return", "remove"]


def test_a_held_text_whose_place_is_gone_stays_in_the_queue(world, author, moderator, thread):
    author.post(f"/threads/{thread}/posts", body="passport no. A7654321 is a sample", lang="en", parent="", hold="1")
    moderator.post(f"/threads/{thread}/lock", locked="1")
    answer = decide(world, moderator, item(world, kind="held"), "restore")
    assert answer.status_code == 400
    assert "Return it to its author" in answer.text
    assert item(world, kind="held").closed_at is None


def test_a_thread_that_asks_to_be_public_waits_and_agreeing_ends_that(world, author, moderator):
    thread = world.thread(author, label="TLP:CLEAR")
    assert "Asks to be public" in moderator.get("/moderation").text
    moderator.post(f"/threads/{thread}/publish", read_upto="1", read_at="2999-01-01T00:00:00+00:00")
    assert item(world).outcome == "publish"
    world.reply(author, thread)
    assert decide(world, moderator, item(world), "dismiss").status_code == 303


def test_a_strict_thread_discloses_the_flagged_post_only(world, moderator):
    author, colleague = world.person("LA"), world.person("LA")
    thread = world.thread(author, label="TLP:AMBER+STRICT", title="A title for the own house", body="Opening words of the house.")
    world.reply(author, thread, body="Disclosed words.")
    flag(world, colleague, thread, 2)
    found = item(world)
    pages = moderator.get("/moderation").text + moderator.get(f"/moderation/{found.id}").text
    assert "Disclosed words." not in pages
    take(world, moderator, found)
    page = moderator.get(f"/moderation/{found.id}").text
    assert "Disclosed words." in page
    for word in ("A title for the own house", "Opening words"):
        assert word not in page + pages
    assert moderator.get(f"/threads/{thread}").status_code == 404


def test_the_exposure_report_lists_exactly_who_was_shown_it(world, author, moderator, thread):
    readers = [world.person("KH", title="First reader"), world.person("LA", title="Second reader")]
    focal_point, elsewhere = world.person("PH", role="focal_point"), world.person("TH", role="focal_point")
    for reader in readers:
        reader.get(f"/threads/{thread}", follow_redirects=True)
    flag(world, readers[0], thread, 2)
    late = world.person("MM", title="Late reader")
    late.get(f"/threads/{thread}", follow_redirects=True)
    moderator.get(f"/threads/{thread}", follow_redirects=True)
    found = item(world)
    assert focal_point.get(f"/moderation/{found.id}/exposure").status_code == 404
    decide(world, moderator, found, "remove")
    for allowed in (moderator, focal_point):
        page = allowed.get(f"/moderation/{found.id}/exposure").text
        assert "2 members were shown it" in page
        assert "First reader" in page
        assert "Second reader" in page
        assert "Late reader" not in page
    for other in (elsewhere, author, late):
        assert other.get(f"/moderation/{found.id}/exposure").status_code == 404
    assert world.one(select(Notification.user_id).where(Notification.reason == "exposure"))[0] == focal_point.user_id
