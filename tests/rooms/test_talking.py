"""What delegates say: stored once, numbered without a gap, changed within ten minutes, and shown as it is now."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import select, update

from hub.accounts.models import User
from hub.db import db, now, unit_of_work
from hub.files.models import File
from hub.notifications.models import Notification
from hub.rooms.models import RoomEntry, RoomMember
from tests.files.made import picture
from tests.rooms import scene


@pytest.fixture
def at(world):
    return scene.opened(world)


def test_an_entry_sent_again_is_the_same_entry(world, at):
    first = scene.say(at.hod_id, at.room, "Two working days.", client_id="one")
    assert (first.status_code, first.json) == (201, {"seq": 2})
    again = scene.say(at.hod_id, at.room, "Two working days.", client_id="one")
    assert (again.status_code, again.json) == (200, {"seq": 2})
    for other in (scene.say(at.hod_id, at.room, "Three.", client_id="one"), scene.say(at.hod_id, at.room, "Two working days.", client_id="one", target=2)):
        assert other.status_code == 409
    assert scene.say(at.hod_my, at.room, "Two working days.", client_id="one").status_code == 201  # ids are of their author
    assert [row.seq for row in scene.log_of(world, at.room)] == [1, 2, 3]


def test_a_repeat_is_answered_though_the_room_was_closed_meanwhile(world, at):
    scene.say(at.hod_id, at.room, "Words.", client_id="one")
    at.fp_my.post(f"/rooms/{at.room}/close", words="")
    assert scene.say(at.hod_id, at.room, "Words.", client_id="one").status_code == 200


@pytest.mark.parametrize("kind", ["point", "decision", "action", "join", "state", "hidden", "", "x"])
def test_a_page_does_not_send_other_kinds(world, at, kind):
    assert scene.say(at.hod_id, at.room, "Words.", kind=kind or "none").status_code == 400
    assert len(scene.log_of(world, at.room)) == 1


@pytest.mark.parametrize("fields", [{"client_id": "x" * 65}, {"client_id": "a b"}, {"target": "99"}, {"target": "x"}, {"target": "-1"}, {"body": ""}, {"body": " \n"}])
def test_odd_entries_are_refused_and_take_no_number(world, at, fields):
    assert scene.say(at.hod_id, at.room, **{"body": "Words."} | fields).status_code == 400
    assert scene.say(at.hod_id, at.room, "Words.").json == {"seq": 2}


def test_an_identifying_line_is_stopped_and_stored_nowhere(world, at):
    answer = scene.say(at.hod_my, at.room, "The night contact is the duty officer, her name is Siti Aminah, passport A1234567")
    assert answer.status_code == 400
    assert answer.json["passages"] > 0
    assert len(scene.log_of(world, at.room)) == 1
    page = at.hod_my.post(f"/rooms/{at.room}/entries", kind="message", body="her passport is no. A1234567", client_id="x")
    assert page.status_code == 400
    assert "her passport is no. A1234567" in page.text  # nothing typed is lost
    assert scene.say(at.hod_my, at.room, "person ref. REF-2026-014, details through the official channel (HSU)").status_code == 201


def test_a_page_without_a_script_is_led_to_what_it_said(world, at):
    answer = at.hod_id.post(f"/rooms/{at.room}/entries", body="Words.", kind="message", client_id="x", target="")
    assert (answer.status_code, answer.location) == (303, f"/rooms/{at.room}#entry-2")
    again = at.hod_id.post(f"/rooms/{at.room}/entries", body="Words.", kind="message", client_id="x", target="")
    assert again.location == answer.location
    assert at.hod_id.get(f"/rooms/{at.room}/entries?after=1").location == f"/rooms/{at.room}?after=1"


def test_an_edit_within_ten_minutes_keeps_what_was_first_said(world, at):
    scene.say(at.hod_id, at.room, "Two working days.")
    assert scene.say(at.hod_my, at.room, "Three.", kind="edit", target=2).status_code == 400
    assert scene.say(at.hod_id, at.room, "Three working days.", kind="edit", target=2).status_code == 201
    page = at.hod_my.get(f"/rooms/{at.room}").text
    assert "Three working days." in page
    assert "As it was first said" in page
    assert "Two working days." in page


def test_a_withdrawn_message_stays_visible_as_withdrawn(world, at):
    scene.say(at.hod_id, at.room, "Two working days.")
    assert scene.say(at.hod_id, at.room, kind="withdraw", target=2).status_code == 201
    page = at.hod_my.get(f"/rooms/{at.room}").text
    assert "Withdrawn by who said it" in page
    assert "Two working days." in page
    for kind in ("withdraw", "edit", "ack_request", "translation"):
        assert scene.say(at.hod_id, at.room, "Words", kind=kind, target=2).status_code == 400


def test_after_ten_minutes_what_was_said_stands(world, at):
    scene.say(at.hod_id, at.room, "Two working days.")
    with world.app.app_context(), unit_of_work():
        db.session.execute(update(RoomEntry).values(at=now() - timedelta(minutes=11)))
    for kind in ("edit", "withdraw"):
        assert scene.say(at.hod_id, at.room, "Three.", kind=kind, target=2).status_code == 400


def test_an_acknowledgement_is_asked_once_and_given_once_by_each_other_delegation(world, at):
    scene.say(at.hod_id, at.room, "Notice at least 48 hours before.")
    assert scene.say(at.hod_my, at.room, kind="ack", target=2).status_code == 400
    assert scene.say(at.hod_id, at.room, kind="ack_request", target=2).status_code == 201
    assert scene.say(at.member_id, at.room, kind="ack_request", target=2).status_code == 400
    assert scene.say(at.member_id, at.room, kind="ack", target=2).status_code == 400
    answer = at.hod_my.post(f"/rooms/{at.room}/entries", do="ack:2")
    assert answer.status_code == 303
    assert scene.say(at.member_my, at.room, kind="ack", target=2).status_code == 400
    page = at.hod_id.get(f"/rooms/{at.room}").text
    assert "Acknowledged by" in page
    assert "not yet" not in page


def test_a_translation_stands_under_its_entry_in_its_language(world, at):
    scene.say(at.hod_id, at.room, "Two working days.")
    assert scene.say(at.note_id, at.room, "Dua hari kerja.", kind="translation", target=2, lang="id").status_code == 201
    line = scene.ask(at.hod_my, at.room, after=2).json["entries"][0]
    assert (line["verb"], line["target"]) == ("replace", 2)
    assert '<div class="prose" lang="id" dir="auto"><p>Dua hari kerja.</p>' in line["html"]
    assert "Translated into Indonesian by a delegate" in line["html"]


def test_only_messages_are_changed_acknowledged_or_translated(world, at):
    for kind in ("edit", "withdraw", "ack_request", "ack", "translation"):
        assert scene.say(at.fp_my if kind == "x" else at.hod_my, at.room, "Words", kind=kind, target=1).status_code == 400
        assert scene.say(at.hod_my, at.room, "Words", kind=kind).status_code == 400


def test_a_reply_names_the_number_of_what_it_answers_and_nothing_of_its_words(world, at):
    scene.say(at.hod_id, at.room, "Particular words.")
    scene.say(at.hod_my, at.room, "Agreed.", target=2)
    html = scene.ask(at.hod_id, at.room, after=2).json["entries"][0]["html"]
    assert 'href="#entry-2"' in html
    assert "articular" not in html


def test_delegates_are_mentioned_and_nobody_else(world, at):
    with world.app.app_context():
        named, stranger = (db.session.get_one(User, one.user_id).handle for one in (at.member_my, world.person("TH")))
    scene.say(at.hod_id, at.room, f"@{named} and @{stranger}, please look.")
    told = world.all(select(Notification.user_id, Notification.reason).where(Notification.reason == "mentioned"))
    assert told == [(at.member_my.user_id, "mentioned")]
    html = scene.ask(at.hod_my, at.room, after=1).json["entries"][0]["html"]
    assert f'href="/@{named}"' in html
    assert f'href="/@{stranger}"' not in html


def test_catching_up_goes_by_number_a_hundred_at_a_time_in_both_directions(world, at):
    with world.app.app_context(), unit_of_work():
        from hub import text
        from hub.rooms import queries, talking
        from hub.rooms.log import Said

        author = db.session.get_one(User, at.hod_id.user_id)
        for n in range(230):
            talking.say(author, queries.get_seat(author, at.room), Said("message", text.prepare(f"Line {n}."), "en", None, f"c{n}"))
    seen, after = [], 0
    while True:
        page = scene.ask(at.hod_my, at.room, after=after).json
        seen += [entry["seq"] for entry in page["entries"]]
        assert len(page["entries"]) <= 100
        assert page["head"] == 231
        after = seen[-1]
        if not page["more"]:
            break
    assert seen == list(range(1, 232))
    back, before = [], 232
    while True:
        page = scene.ask(at.hod_my, at.room, before=before).json
        back = [entry["seq"] for entry in page["entries"]] + back
        if not page["more"]:
            break
        before = back[0]
    assert back == seen
    first = at.hod_my.get(f"/rooms/{at.room}").text
    assert first.count('<li class="entry') == 50
    assert f"/rooms/{at.room}?before=182" in first


def test_more_than_twenty_entries_in_ten_seconds_are_refused_and_kept(world, at):
    codes = [scene.say(at.hod_id, at.room, f"Line {n}.").status_code for n in range(22)]
    assert codes[:20] == [201] * 20
    assert codes[20:] == [429] * 2
    assert scene.say(at.hod_my, at.room, "Another person.").status_code == 201


def test_what_was_read_is_counted_and_never_goes_back(world, at):
    for n in range(3):
        scene.say(at.hod_id, at.room, f"Line {n}.")
    assert "4 new entries" in at.hod_my.get("/rooms").text
    assert "4 new entries in the room" in at.hod_my.get("/").text
    for upto in ("3", "2", "x", "99"):
        assert at.hod_my.post(f"/rooms/{at.room}/read", upto=upto).status_code == 204
        read = world.one(select(RoomMember.last_read_seq).where(RoomMember.user_id == at.hod_my.user_id))[0]
        assert read == {"3": 3, "2": 3, "x": 3, "99": 4}[upto]
    at.hod_id.get(f"/rooms/{at.room}")  # without a script a page counts when it is served
    assert world.one(select(RoomMember.last_read_seq).where(RoomMember.user_id == at.hod_id.user_id))[0] == 4


def test_a_silenced_delegate_reads_and_says_nothing(world, at):
    world.change(User, at.hod_id.user_id, silenced_until=now() + timedelta(days=1))
    assert scene.say(at.hod_id, at.room, "Words").status_code == 403
    assert at.hod_id.get(f"/rooms/{at.room}").status_code == 200


def test_times_are_on_the_clocks_of_both_sides(world, at):
    scene.say(at.hod_id, at.room, "Words.")
    with world.app.app_context(), unit_of_work():
        from datetime import UTC, datetime

        db.session.execute(update(RoomEntry).where(RoomEntry.seq == 2).values(at=datetime(2026, 4, 14, 6, 8, tzinfo=UTC)))
    page = at.hod_my.get(f"/rooms/{at.room}").text
    assert '<span title="UTC+07:00">13:08 WIB</span><span title="UTC+08:00">14:08 MYT</span>' in page


@pytest.mark.parametrize("kind", ["edit", "withdraw", "ack_request", "translation"])
def test_what_changes_a_line_is_no_line_of_its_own(world, at, kind):
    scene.say(at.hod_id, at.room, "Words.")
    seq = scene.say(at.hod_id, at.room, "Other words." if kind in ("edit", "translation") else "", kind=kind, target=2).json["seq"]
    for query in ("on", "reply", "edit", "translate"):
        assert at.hod_id.get(f"/rooms/{at.room}?{query}={seq}").status_code == 200
    assert scene.say(at.hod_my, at.room, "An answer.", target=seq).status_code == 400


def test_a_refused_button_does_not_become_what_one_writes_next(world, at):
    scene.say(at.hod_id, at.room, "Words.")
    page = at.hod_my.post(f"/rooms/{at.room}/entries", do="ack:2")
    assert page.status_code == 400
    assert 'name="kind" value="message"' in page.text
    refused = at.hod_id.post(f"/rooms/{at.room}/entries", kind="withdraw", target="2", body="My new long text.", client_id="x")
    assert refused.status_code == 400
    assert "My new long text." in refused.text
    assert len(scene.log_of(world, at.room)) == 2


def test_nobody_acknowledges_for_another_delegation(world):
    people = {code: (world.person(code, "focal_point"), world.person(code)) for code in ("ID", "MY", "TH")}
    room = scene.id_of(scene.propose(world, people["ID"][0], "MY", "TH", head=people["ID"][1]))
    for code in ("MY", "TH"):
        scene.accept(people[code][0], room, people[code][1])
    head = people["TH"][1]
    scene.say(people["ID"][1], room, "Words.")
    scene.say(people["ID"][1], room, kind="ack_request", target=2)
    buttons = dict(re.findall(r'value="(ack:2:\d+)">Acknowledge for (\w+)', head.get(f"/rooms/{room}").text))
    values = {name: value for value, name in buttons.items()}
    assert head.post(f"/rooms/{room}/entries", do=values["Malaysia"]).status_code == 400
    assert head.post(f"/rooms/{room}/entries", do=values["Thailand"]).status_code == 303


def test_a_closed_room_says_so_and_gives_the_words_back(world, at):
    at.fp_my.post(f"/rooms/{at.room}/close", words="")
    answer = scene.say(at.hod_id, at.room, "Too late.")
    assert answer.status_code == 403
    assert "paused or closed" in answer.json["words"]
    page = at.hod_id.post(f"/rooms/{at.room}/entries", kind="message", body="Too late.", client_id="x")
    assert (page.status_code, "paused or closed" in page.text) == (403, True)


def test_files_sent_again_are_the_same_and_have_the_pace_of_entries(world, at):
    def add(n: int, key: str) -> None:
        data = {"csrf_token": at.hod_id.signed(), "client_id": key, "files": [(BytesIO(picture()), f"form-{i}.png") for i in range(n)]}
        at.hod_id.client.post(f"/rooms/{at.room}/files", data=data, content_type="multipart/form-data", buffered=True)

    add(2, "once")
    add(2, "once")
    assert len(world.all(select(File.id))) == 2
    assert [row.body_md for row in scene.log_of(world, at.room)][1:] == ["File: form-0.png", "File: form-1.png"]


def test_a_page_of_earlier_entries_counts_as_read_as_far_as_it_goes(world, at):
    for n in range(70):
        scene.say(at.delegates[n % 5], at.room, f"Line {n}.")
    late = at.hod_my
    late.get(f"/rooms/{at.room}?after=0")
    assert world.one(select(RoomMember.last_read_seq).where(RoomMember.user_id == late.user_id))[0] == 50


def test_a_later_profile_changes_nothing_of_what_was_said(world, at):
    """Neither who spoke, nor who joined or left; also of somebody who was taken out."""
    scene.say(at.member_my, at.room, "Words.")
    late = world.person("MY", title="State police officer")
    at.fp_my.post(f"/rooms/{at.room}/delegates", member=str(late.user_id), role="delegate")
    for one in (at.member_my, late):
        at.fp_my.post(f"/rooms/{at.room}/delegates/{one.user_id}/remove")
    before = scene.ask(at.hod_id, at.room, after=0).json["entries"]
    for one in (at.member_my, late):
        world.change(User, one.user_id, role_title="Note of the chair")
    assert scene.ask(at.hod_id, at.room, after=0).json["entries"] == before
    assert "State police officer left the delegation" in str(before)


def test_who_speaks_leads_to_their_page(world, at):
    scene.say(at.hod_id, at.room, "Words.")
    assert f'href="/people/{at.hod_id.user_id}"><b>Head of delegation</b></a>' in at.hod_my.get(f"/rooms/{at.room}").text
