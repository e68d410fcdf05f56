"""Ways round the safeguard that were tried, and no longer lead there."""

import pytest
from sqlalchemy import select

from hub import guard, text
from hub.accounts.models import User
from hub.audit.models import AuditRow
from hub.discussions.models import Thread
from hub.notifications.models import Notification
from hub.review.models import Held
from hub.safeguard.scan import MOST_FINDINGS, scan
from tests.directory.test_people import FORM
from tests.safeguard.test_columns import everything_stored

NUMBER = "passport no. A1234567"
MAIL = "dewi.demo88@gmail.com"


@pytest.mark.parametrize(
    "body",
    [
        f"{MAIL}\n" * (MOST_FINDINGS + 1) + f"\n{NUMBER}",
        "\u0958" * 20_100 + f" {NUMBER}",  # a letter that NFC takes apart
        "passport no. A12&#51;4567", "เลข 1-6305-012&#51;4-56-2", "passport no. A12[34](https://example.org)567", '[x](https://example.org/ "passport no. A12&#51;4567")',
        "[x](https://example.org/?passport=A1234567)", "1/6305/01234/56/2", "1,6305,01234,56,2", "(1)6305(01234)56(2)", "1'6305'01234'56'2", "passport no.\n\nA1234567",
        "see https://example.org/?passport=A1234567", "1\u20606\u20603\u206005\u206001234562 x", "passport no. *A*1**2**34567", "p\u200bassport no. A1234567",
    ],
)  # fmt: skip
def test_a_grave_passage_is_found_however_it_is_put(body):
    with pytest.raises(text.Refused):
        text.prepare(body, guard=guard.Guard(spared=frozenset([guard.key_of(scan(MAIL)[0], MAIL)])))


def test_a_known_line_lets_nothing_pass_but_itself(world):
    author = world.person("LA")
    thread = world.thread(author)
    assert author.post("/account/profile", **FORM | {"contacts-0-line": "line 1234567", "contacts-1-line": "office tel 01234562"}).status_code == 303
    for body in (NUMBER, "เลข 1-6305-01234-56-2"):
        assert author.post(f"/threads/{thread}/posts", body=body, lang="en").status_code == 400


def test_no_words_hide_in_what_is_no_field_of_words(world):
    author = world.person("LA", role="focal_point")
    thread = world.thread(author)
    assert author.post("/account/handle", handle="passport.a1234567").status_code == 400
    author.post(f"/threads/{thread}/posts", body="Harmless words", lang="en", client_id=NUMBER)
    author.post(f"/threads/{thread}/draft", body="begun", lang=NUMBER, parent="1630501234562", save_id=NUMBER)
    author.post("/pillars/protection/threads/draft", title="A title", body="begun", kind=NUMBER, label=NUMBER, tags=[NUMBER])
    author.post(f"/threads/{thread}/posts", body="passport no. B7654321", lang="en", hold="1", client_id="passport no. B7654321" + "x" * 9_000)
    stored = everything_stored(world)
    assert "1234567" not in stored
    assert "7654321" not in stored
    assert "1630501234562" not in stored


def test_a_form_held_twice_with_other_words_is_held_twice(world):
    author = world.person("LA")
    thread = world.thread(author)
    for body in ("passport no. A1234567", "passport no. A7654321"):
        assert author.post(f"/threads/{thread}/posts", body=body, lang="en", hold="1", client_id="once").status_code == 303
    assert len(world.all(select(Held.id))) == 2
    first = world.all(select(Held.id).order_by(Held.id))[0].id
    author.post(f"/held/{first}/take-back")
    author.post(f"/threads/{thread}/posts", body="passport no. A1234567", lang="en", hold="1", client_id="once")
    assert len(world.all(select(Held.id).where(Held.sealed.is_not(None)))) == 2
    assert author.post(f"/threads/{thread}/posts", body="passport no. A1234567 " + "x" * 900_000, lang="en", hold="1").status_code == 400


def test_what_changes_nothing_is_neither_recorded_nor_told(world):
    moderator, admin, author = world.person("SG", is_moderator=True), world.person("SG", is_admin=True), world.person("LA")
    thread = world.thread(author)
    world.reply(author, thread)
    for path, fields in (("lock", {"locked": "0"}), ("pin", {"pinned": "0"}), ("posts/1/answer", {"on": "1"}), ("posts/2/answer", {"on": "0"})):
        assert moderator.post(f"/threads/{thread}/{path}", **fields).status_code == 303
    assert admin.post(f"/members/{author.user_id}/reactivate").status_code == 303
    assert admin.post("/moderation/safeguard/phone", off="0").status_code == 303
    assert world.all(select(AuditRow.seq)) == []
    assert world.all(select(Notification.id)) == []


def test_a_thread_is_not_made_public_unread(world):
    moderator, author = world.person("SG", is_moderator=True), world.person("LA")
    thread = world.thread(author, label="TLP:CLEAR")
    for fields in ({}, {"read_upto": "-7", "read_at": "2999-01-01T00:00:00+00:00"}, {"read_upto": "1"}):
        moderator.post(f"/threads/{thread}/publish", **fields)
        assert world.one(select(Thread.cleared_at).where(Thread.id == thread))[0] is None


def test_nobody_is_told_of_a_thread_that_is_closed_to_them(world):
    member, partner = world.person("TH"), world.person(world.body_id(), role="partner")
    thread = world.thread(world.person("LA"), label="TLP:AMBER")
    handle = world.one(select(User.handle).where(User.id == partner.user_id)).handle
    assert member.post(f"/threads/{thread}/posts", body=f"Ask @{handle}.", lang="en").status_code == 303
    assert world.all(select(Notification.id).where(Notification.user_id == partner.user_id)) == []


@pytest.mark.parametrize("given", ["9223372036854775808", "-9223372036854775809", "x", "1e3", "٣"])
def test_odd_numbers_are_no_error(world, given):
    assert world.person().post("/notifications/read", id=given).status_code == 303
    assert world.person("SG", is_admin=True).get(f"/moderation/audit?since=9999-12-31&until=9999-12-31&actor={given}").status_code == 200
