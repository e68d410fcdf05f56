"""A room opens when every side has signed the same terms, and ends when one side wants it."""

import pytest
from sqlalchemy import select

from hub.accounts.models import State, User
from hub.db import db, unit_of_work
from hub.notifications.models import Notification
from hub.rooms.models import Consent, Room, RoomMember
from tests.rooms import scene


def state(world, room):
    return world.one(select(Room.state).where(Room.public_id == room))[0]


def test_a_room_opens_when_both_sides_agreed_to_the_same_terms(world):
    fp_id, fp_my = world.person("ID", "focal_point"), world.person("MY", "focal_point")
    head, other = world.person("ID"), world.person("MY")
    room = scene.id_of(scene.propose(world, fp_id, "MY", head=head))
    assert state(world, room) == "proposed"
    assert scene.say(head, room, "Already?").status_code == 404
    assert scene.accept(fp_my, room, other).status_code == 303
    assert state(world, room) == "open"
    assert len({row.hash for row in world.all(select(Consent.hash))}) == 1
    assert len(world.all(select(Consent.delegation_id))) == 2
    assert scene.say(other, room, "Now.").status_code == 201
    page = head.get(f"/rooms/{room}").text
    assert "Readable by 2 people:" in page
    assert "Kept 180 days after closing." in page
    assert "not end to end" in page


def test_terms_that_are_not_those_shown_are_not_agreed_to(world):
    fp_id, fp_my, head = world.person("ID", "focal_point"), world.person("MY", "focal_point"), world.person("MY")
    room = scene.id_of(scene.propose(world, fp_id, "MY", head=world.person("ID")))
    fp_my.post(f"/rooms/{room}/accept", hash="0" * 64, head=str(head.user_id), note_taker="")
    assert state(world, room) == "proposed"


def test_a_side_declines_with_a_line_that_the_other_side_reads(world):
    fp_id, fp_my, head = world.person("ID", "focal_point"), world.person("MY", "focal_point"), world.person("ID")
    room = scene.id_of(scene.propose(world, fp_id, "MY", head=head))
    assert fp_my.post(f"/rooms/{room}/decline", words="").status_code == 400
    assert fp_my.post(f"/rooms/{room}/decline", words="We talk by letter this year.").status_code == 303
    assert state(world, room) == "declined"
    assert "We talk by letter this year." in fp_id.get(f"/rooms/{room}").text
    assert head.get(f"/rooms/{room}").status_code == 404


def test_only_the_focal_point_of_a_side_signs_for_it(world):
    fp_id, member, head = world.person("ID", "focal_point"), world.person("ID"), world.person("MY")
    admin, third = world.person("MY", is_admin=True), world.person("TH", "focal_point")
    assert scene.propose(world, member, "MY", head=member).status_code == 403
    room = scene.id_of(scene.propose(world, fp_id, "MY", head=member))
    for stranger in (admin, third, head):
        assert stranger.post(f"/rooms/{room}/accept", hash="x", head=str(head.user_id)).status_code == 404
    assert fp_id.post(f"/rooms/{room}/accept", hash="x", head=str(member.user_id)).status_code == 403


def test_delegates_are_of_the_own_task_force_and_no_partners(world):
    fp_id, stranger, partner = world.person("ID", "focal_point"), world.person("TH"), world.person("ID", "partner")
    for nobody in (stranger, partner):
        answer = scene.propose(world, fp_id, "MY", head=nobody)
        assert answer.status_code == 400
    assert world.all(select(Room.id)) == []


@pytest.mark.parametrize("switch", ["may_open_rooms", "active"])
@pytest.mark.parametrize("code", ["ID", "MY"])
def test_a_state_that_may_not_open_rooms_neither_asks_nor_is_asked_nor_agrees(world, switch, code):
    fp_id, fp_my, head = world.person("ID", "focal_point"), world.person("MY", "focal_point"), world.person("ID")
    room = scene.id_of(scene.propose(world, fp_id, "MY", head=head))
    with world.app.app_context(), unit_of_work():
        setattr(db.session.get_one(State, code), switch, False)
    answer = scene.propose(world, fp_id, "MY", head=head)
    assert answer.status_code == (403 if code == "ID" else 400)
    if code == "MY":
        assert fp_my.post(f"/rooms/{room}/accept", hash="x", head="1").status_code == 403
    assert len(world.all(select(Room.id))) == 1


def test_a_regional_room_needs_every_side(world):
    fps = {code: world.person(code, "focal_point") for code in ("ID", "MY", "TH")}
    heads = {code: world.person(code) for code in fps}
    room = scene.id_of(scene.propose(world, fps["ID"], "MY", "TH", head=heads["ID"]))
    assert scene.accept(fps["MY"], room, heads["MY"]).status_code == 303
    assert state(world, room) == "proposed"
    assert scene.accept(fps["TH"], room, heads["TH"]).status_code == 303
    assert state(world, room) == "open"
    assert "Regional room" in heads["TH"].get(f"/rooms/{room}").text
    assert scene.say(heads["TH"], room, "Hello to both.").status_code == 201


def test_other_terms_need_every_side_and_leave_the_old_in_force_meanwhile(world):
    at = scene.opened(world)
    terms = scene.TERMS | {"title": "A shorter keeping", "retention_days": "30"}
    assert at.fp_id.post(f"/rooms/{at.room}/terms", **terms).status_code == 303
    row = world.one(select(Room.retention_days, Room.title, Room.terms_num).where(Room.public_id == at.room))
    assert row == (180, scene.TERMS["title"], 1)
    assert at.fp_my.post(f"/rooms/{at.room}/terms/agree", hash="0" * 64).status_code == 303
    assert world.one(select(Room.terms_num)) == (1,)
    assert at.fp_my.post(f"/rooms/{at.room}/terms/agree", hash=scene.shown_hash(at.fp_my, at.room)).status_code == 303
    row = world.one(select(Room.retention_days, Room.title, Room.terms_num).where(Room.public_id == at.room))
    assert row == (30, "A shorter keeping", 2)
    assert [entry.what for entry in scene.log_of(world, at.room) if entry.kind == "terms"] == ["proposed", "in_force"]


def test_other_terms_may_be_refused(world):
    at = scene.opened(world)
    at.fp_id.post(f"/rooms/{at.room}/terms", **scene.TERMS | {"retention_days": "30"})
    at.fp_my.post(f"/rooms/{at.room}/terms/refuse", hash=scene.shown_hash(at.fp_my, at.room))
    assert world.one(select(Room.retention_days)) == (180,)
    assert [entry.what for entry in scene.log_of(world, at.room) if entry.kind == "terms"] == ["proposed", "dropped"]


def test_neither_the_rule_on_names_nor_tlp_red_is_ever_taken_back(world):
    at = scene.opened(world, label="TLP:RED", attribution="chatham")
    for change in ({"label": "TLP:AMBER+STRICT", "attribution": "chatham"}, {"label": "TLP:RED", "attribution": "named"}):
        assert at.fp_id.post(f"/rooms/{at.room}/terms", **scene.TERMS | change).status_code == 400


def test_either_side_pauses_alone_and_only_it_resumes(world):
    at = scene.opened(world)
    assert at.hod_my.post(f"/rooms/{at.room}/pause", words="Until the minister is back").status_code == 303
    assert state(world, at.room) == "paused"
    assert scene.say(at.hod_id, at.room, "And now?").status_code == 403
    assert scene.ask(at.hod_id, at.room, after=0).status_code == 200
    assert "Until the minister is back" in at.hod_id.get(f"/rooms/{at.room}").text
    at.hod_id.post(f"/rooms/{at.room}/resume", words="")
    assert state(world, at.room) == "paused"
    at.hod_my.post(f"/rooms/{at.room}/resume", words="")
    assert state(world, at.room) == "open"


def test_a_room_that_both_sides_pause_waits_for_both(world):
    at = scene.opened(world)
    for head in (at.hod_my, at.hod_id):
        head.post(f"/rooms/{at.room}/pause", words="")
    at.hod_my.post(f"/rooms/{at.room}/resume", words="")
    assert state(world, at.room) == "paused"
    at.hod_id.post(f"/rooms/{at.room}/resume", words="")
    assert state(world, at.room) == "open"


def test_a_delegate_who_leads_nobody_neither_pauses_nor_closes(world):
    at = scene.opened(world)
    for what in ("pause", "close", "withdraw"):
        assert at.member_id.post(f"/rooms/{at.room}/{what}", words="x").status_code == 403
    assert at.hod_id.post(f"/rooms/{at.room}/withdraw", words="x").status_code == 403


def test_a_closed_room_stays_readable_and_nobody_adds_to_it(world):
    at = scene.opened(world)
    scene.say(at.hod_id, at.room, "Words that stay")
    assert at.fp_my.post(f"/rooms/{at.room}/close", words="").status_code == 303
    assert "Words that stay" in at.hod_my.get(f"/rooms/{at.room}").text
    assert scene.say(at.hod_id, at.room, "More").status_code == 403
    assert at.fp_my.post(f"/rooms/{at.room}/pause", words="").status_code == 403


def test_consent_taken_back_makes_everything_unreadable_on_both_sides(world):
    at = scene.opened(world)
    scene.say(at.hod_id, at.room, "Words that go")
    assert at.fp_my.post(f"/rooms/{at.room}/withdraw", words="The basis is gone.").status_code == 303
    for delegate in at.delegates:
        assert delegate.get(f"/rooms/{at.room}").status_code == 404
        assert scene.ask(delegate, at.room, after=0).status_code == 404
    for focal_point in (at.fp_id, at.fp_my):
        page = focal_point.get(f"/rooms/{at.room}").text
        assert "The basis is gone." in page
        assert "Words that go" not in page


def test_a_new_delegate_joins_with_an_entry_and_reads_what_was_said(world):
    at = scene.opened(world)
    scene.say(at.hod_id, at.room, "Before you came")
    late = world.person("MY", title="State police officer")
    assert late.get(f"/rooms/{at.room}").status_code == 404
    at.fp_my.post(f"/rooms/{at.room}/delegates", member=str(late.user_id), role="delegate")
    assert scene.log_of(world, at.room)[-1].kind == "join"
    assert "State police officer joined the delegation." in at.hod_id.get(f"/rooms/{at.room}").text
    assert "Before you came" in late.get(f"/rooms/{at.room}").text


def test_a_delegate_who_is_taken_out_gets_404_by_every_door(world):
    at = scene.opened(world)
    scene.say(at.hod_id, at.room, "Words")
    before = world.one(select(Room.epoch))[0]
    at.fp_id.post(f"/rooms/{at.room}/delegates/{at.member_id.user_id}/remove")
    assert world.one(select(Room.epoch))[0] == before + 1
    assert at.member_id.get(f"/rooms/{at.room}").status_code == 404
    assert scene.ask(at.member_id, at.room, after=0).status_code == 404
    assert scene.say(at.member_id, at.room, "Still here?").status_code == 404
    assert at.member_id.post(f"/rooms/{at.room}/read", upto="1").status_code == 404
    assert at.room not in at.member_id.get("/rooms").text
    assert scene.log_of(world, at.room)[-1].kind == "leave"


def test_the_head_is_not_taken_out_before_there_is_another(world):
    at = scene.opened(world)
    at.fp_id.post(f"/rooms/{at.room}/delegates/{at.hod_id.user_id}/remove")
    assert at.hod_id.get(f"/rooms/{at.room}").status_code == 200
    at.fp_id.post(f"/rooms/{at.room}/delegates", member=str(at.member_id.user_id), role="head")
    at.fp_id.post(f"/rooms/{at.room}/delegates/{at.hod_id.user_id}/remove")
    assert at.hod_id.get(f"/rooms/{at.room}").status_code == 404
    roles = {row.user_id: row.role for row in world.all(select(RoomMember.user_id, RoomMember.role).where(RoomMember.left_at.is_(None)))}
    assert roles[at.member_id.user_id] == "head"


def test_nobody_takes_out_delegates_of_the_other_side(world):
    at = scene.opened(world)
    assert at.fp_my.post(f"/rooms/{at.room}/delegates/{at.member_id.user_id}/remove").status_code == 404
    at.fp_my.post(f"/rooms/{at.room}/delegates", member=str(world.person("TH").user_id), role="delegate")
    assert len(world.all(select(RoomMember.user_id))) == 5


def test_each_step_is_told_to_those_whom_it_concerns(world):
    at = scene.opened(world)
    at.fp_id.post(f"/rooms/{at.room}/terms", **scene.TERMS | {"retention_days": "30"})
    at.fp_id.post(f"/rooms/{at.room}/close", words="")
    told = {(row.user_id, row.reason) for row in world.all(select(Notification.user_id, Notification.reason))}
    assert {(at.fp_my.user_id, "proposed"), (at.fp_id.user_id, "accepted"), (at.fp_my.user_id, "terms"), (at.fp_my.user_id, "closed")} <= told
    assert {(one.user_id, "opened") for one in at.delegates} <= told


def test_a_side_names_nobody_before_it_has_agreed_and_is_not_asked_again_after(world):
    fps = {code: world.person(code, "focal_point") for code in ("ID", "MY", "TH")}
    heads = {code: world.person(code) for code in fps}
    room = scene.id_of(scene.propose(world, fps["ID"], "MY", "TH", head=heads["ID"]))
    assert fps["MY"].post(f"/rooms/{room}/delegates", member=str(heads["MY"].user_id), role="delegate").status_code == 403
    scene.accept(fps["MY"], room, heads["MY"])
    page = fps["MY"].get(f"/rooms/{room}").text
    assert "Your task force is asked" not in page
    assert "Name a delegate" in page
    assert fps["MY"].get(f"/rooms/{room}/withdraw").status_code == 200


def test_who_moved_to_the_other_side_joins_it_anew(world):
    at = scene.opened(world)
    world.change(User, at.member_my.user_id, organisation_id=world.organisation_id("ID"))
    at.fp_id.post(f"/rooms/{at.room}/delegates", member=str(at.member_my.user_id), role="head")
    rows = {row.user_id: row for row in world.all(select(RoomMember.user_id, RoomMember.role, RoomMember.delegation_id).where(RoomMember.left_at.is_(None)))}
    assert rows[at.member_my.user_id].delegation_id == rows[at.member_id.user_id].delegation_id
    assert at.member_my.get(f"/rooms/{at.room}").status_code == 200
    assert [row.role for row in rows.values()].count("head") == 2


def test_a_change_of_role_is_told_by_an_entry(world):
    at = scene.opened(world)
    at.fp_id.post(f"/rooms/{at.room}/delegates", member=str(at.member_id.user_id), role="head")
    assert "Migration officer is head of delegation now." in at.hod_my.get(f"/rooms/{at.room}").text


def test_pages_of_rooms_that_ended_say_nothing_of_readers(world):
    at = scene.opened(world)
    at.fp_my.post(f"/rooms/{at.room}/withdraw", words="The basis is gone.")
    assert "Readable by" not in at.fp_id.get(f"/rooms/{at.room}").text


def test_a_focal_point_who_is_no_delegate_does_not_see_who_is_there(world, monkeypatch):
    at = scene.opened(world)
    monkeypatch.setattr("hub.rooms.views.here", lambda _room: [at.hod_my.user_id])
    assert "data-here>" in at.hod_id.get(f"/rooms/{at.room}").text
    assert "data-here>" not in at.fp_id.get(f"/rooms/{at.room}").text


def test_a_delegate_is_taken_out_of_a_closed_room_too(world):
    at = scene.opened(world)
    at.fp_id.post(f"/rooms/{at.room}/close", words="")
    assert at.fp_id.post(f"/rooms/{at.room}/delegates/{at.member_id.user_id}/remove").status_code == 303
    assert at.member_id.get(f"/rooms/{at.room}").status_code == 404
    assert at.fp_id.post(f"/rooms/{at.room}/delegates", member=str(at.member_id.user_id), role="delegate").status_code == 403


def test_nobody_joins_without_the_heads_and_focal_points_of_all_sides_hearing_of_it(world):
    at = scene.opened(world)
    at.fp_my.post(f"/rooms/{at.room}/delegates", member=str(world.person("MY").user_id), role="delegate")
    told = {row.user_id for row in world.all(select(Notification.user_id).where(Notification.reason == "joined"))}
    assert told == {at.fp_id.user_id, at.hod_id.user_id, at.hod_my.user_id}
