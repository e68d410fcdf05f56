"""What a reviewer and a hostile member found in minutes: each stays mended."""

import re

import pytest
from sqlalchemy import select

from hub.minutes.models import Minutes, MinutesLine, MinutesSignature, Task
from hub.notifications.models import Notification
from hub.review.models import ReviewItem
from tests.minutes import paper
from tests.moderation import scene as queue
from tests.rooms import scene
from tests.rooms.test_disclosing import decide, flag, item

NAMED = "Somebody of whom too much is said lives in the house by the river."


def drafted(world):
    """A draft that says what is flagged, as a line of its own."""
    at = paper.opened(world)
    scene.say(at.hod_my, at.room, NAMED)
    scene.say(at.note_id, at.room, kind="decision", target=2)
    return at, paper.begun(at)


def test_words_that_a_moderator_takes_out_go_from_drafts_and_nobody_reads_them_before(world):
    at, here = drafted(world)
    assert NAMED in at.hod_id.get(here).text
    form, shown = paper.opened_form(at.member_id, here), paper.hash_shown(at.hod_id, here)
    assert flag(at.member_id, at, 2).status_code == 303
    for page in (at.hod_id.get(here).text, at.hod_id.get(f"{here}?version=1").text):
        assert NAMED not in page
        assert "hidden until a moderator has decided" in page
    for path in ("edit", "sign", "print", "changes"):
        assert at.hod_id.get(f"{here}/{path}").status_code == 303, path
    refused = paper.saved(at.member_id, here, form, next_meeting="In June.")
    assert refused.status_code == 403
    assert "In June." in refused.text
    paper.signed(at.hod_id, here, shown)
    assert world.one(select(Minutes.version)).version == 1
    assert world.all(select(MinutesSignature.id)) == []
    assert decide(world, world.person("TH", is_moderator=True), item(world), "remove").status_code == 303
    assert NAMED not in at.hod_id.get(here).text
    assert world.all(select(MinutesLine.id).where(MinutesLine.words == type(world.one(select(MinutesLine.words).limit(1)).words)(NAMED))) == []
    assert at.hod_id.get(f"{here}/edit").status_code == 200


def test_what_was_hidden_while_it_was_drafted_is_offered_when_it_is_shown_again(world):
    at = paper.opened(world)
    scene.say(at.hod_my, at.room, NAMED)
    scene.say(at.note_id, at.room, kind="decision", target=2)
    flag(at.member_id, at, 2)
    here = paper.begun(at)
    assert NAMED not in at.hod_id.get(here).text
    decide(world, world.person("TH", is_moderator=True), item(world), "restore")
    assert NAMED in at.hod_id.get(f"{here}/edit").text


def test_a_mark_made_before_the_last_signature_stands_in_the_next_minutes(world):
    at = paper.opened(world)
    paper.marked(at)
    here = paper.begun(at)
    scene.say(at.hod_id, at.room, "A late decision.")
    scene.say(at.note_id, at.room, kind="decision", target=scene.log_of(world, at.room)[-1].seq)
    for head in (at.hod_id, at.hod_my):
        paper.signed(head, here)
    second = paper.begun(at)
    page = at.hod_my.get(second).text
    assert "A late decision." in page
    assert "Malaysia sends the form." not in page


def test_however_many_are_marked_all_are_drafted_and_more_than_sixty_actions_are_refused_in_words(world):
    at = paper.opened(world)
    my = paper.side(at, "MY")
    limits = [at.hod_id, at.member_id, at.note_id, at.hod_my, at.member_my]
    words = [f"Point {one}{other}" for one in "abcdefgh" for other in "abcdef"][:45]
    for n, said in enumerate(words):
        if n % 15 == 0:
            with world.app.app_context():
                from hub.web import limiter

                limiter.reset()
        by = limits[n % 5]
        seq = scene.say(by, at.room, said).json["seq"]
        assert scene.say(by, at.room, kind="action", target=seq, who=my, due=paper.LATER).status_code == 201
    here = paper.begun(at)
    form = paper.opened_form(at.hod_my, here)
    assert [form[f"actions-{n}-what"] for n in range(45)] == words
    more = form | {f"actions-{n}-{name}": value for n in range(45, 61) for name, value in (("what", f"More {n}"), ("who", my), ("due", paper.LATER))}
    refused = paper.saved(at.hod_my, here, more)
    assert refused.status_code == 400
    assert "Use at most 60 actions; these are 61." in refused.text
    assert "More 60" in refused.text
    del more["actions-60-what"]
    assert paper.saved(at.hod_my, here, more).status_code == 303
    stale = paper.saved(at.hod_id, here, form | {f"actions-{n}-{name}": value for n in range(45, 60) for name, value in (("what", f"Other {n}"), ("who", my), ("due", paper.LATER))})
    assert stale.status_code == 409
    assert "Other 59" in stale.text


def test_an_export_names_the_head_who_leads_when_it_is_agreed(world):
    at = paper.opened(world)
    paper.marked(at)
    here = paper.begun(at)
    world.change(paper.User, at.note_id.user_id, password_hash=paper.HASHED)
    paper.signed(at.hod_id, here)
    at.fp_id.post(f"/rooms/{at.room}/delegates", member=str(at.note_id.user_id), role="head")
    paper.signed(at.note_id, here)
    at.fp_id.post(f"/rooms/{at.room}/delegates", member=str(at.hod_id.user_id), role="head")
    assert "Minutes wait for your signature" in at.hod_my.get("/").text
    assert "these are the agreed minutes" in paper.told(at.hod_my, paper.signed(at.hod_my, here))
    said = at.hod_my.get(f"{here}/export.json").json["signatures"]
    assert [(one["side"], one["role"]) for one in said] == [("ID", "Head of delegation"), ("MY", "Head of delegation")]
    assert len(world.all(select(MinutesSignature.id))) == 2


def test_no_signature_waits_of_a_head_who_was_replaced(world):
    at = paper.opened(world)
    paper.marked(at)
    here = paper.begun(at)
    paper.signed(at.hod_id, here)
    assert "Minutes wait for your signature" in at.hod_my.get("/").text
    at.fp_id.post(f"/rooms/{at.room}/delegates", member=str(at.note_id.user_id), role="head")
    assert "Minutes wait for your signature" not in at.hod_my.get("/").text


def test_a_hidden_or_redacted_entry_is_not_edited_and_a_second_flag_shows_what_came_since(world):
    at, moderator = scene.opened(world), world.person("TH", is_moderator=True)
    scene.say(at.hod_my, at.room, "An innocent line.")
    assert flag(at.member_id, at, 2).status_code == 303
    for kind, body in (("edit", "Something else."), ("withdraw", "")):
        assert scene.say(at.hod_my, at.room, body, kind=kind, target=2).status_code == 400
    assert "An innocent line." not in at.hod_my.get(f"/rooms/{at.room}?edit=2").text
    decide(world, moderator, item(world), "restore")
    assert scene.say(at.hod_my, at.room, "Something graver.", kind="edit", target=2).status_code == 201
    assert flag(at.note_id, at, 2, "shelter_or_operation").status_code == 303
    number = item(world)
    queue.take(world, moderator, world.one(select(ReviewItem).where(ReviewItem.id == number))[0])
    assert "Something graver." in moderator.get(f"/moderation/{number}").text
    assert [row.kind for row in scene.log_of(world, at.room)].count("disclosure") == 2
    decide(world, moderator, number, "remove")
    assert scene.say(at.hod_my, at.room, "And again.", kind="edit", target=2).status_code == 400
    assert not any("graver" in row.body_md or "innocent" in row.body_md for row in scene.log_of(world, at.room))


def test_an_action_is_of_its_room_and_of_who_is_there(world):
    first, _here = paper.agreed(world)
    second, here = paper.agreed(world)
    tasks = {row.num: row.id for row in world.all(select(Task.id, Task.num).order_by(Task.id))}
    both = first.hod_my
    assert both.post(f"/rooms/{first.room}/actions/{tasks[1]}", words="In the wrong room.").status_code == 404
    # who has it by name leaves: it is everybody's of the delegation
    assert "Indonesia names" not in second.note_id.get("/rooms/actions").text
    assert second.fp_id.post(f"/rooms/{second.room}/delegates/{second.member_id.user_id}/remove").status_code == 303
    assert "Indonesia names" in second.note_id.get("/rooms/actions").text
    assert second.note_id.post(f"/rooms/{second.room}/actions/{tasks[2]}", words="Two are named.").status_code == 303
    assert "Two are named." in second.hod_my.get(here).text
    assert not world.all(select(Notification.id).where(Notification.user_id == first.hod_my.user_id, Notification.reason == "task_done"))


@pytest.mark.parametrize("base", ["", "0", "-1", "99", "abc", "9" * 30])
def test_a_save_upon_no_version_is_no_save(world, base):
    at = paper.opened(world)
    here = paper.begun(at)
    assert paper.saved(at.hod_id, here, agenda="What they wrote").status_code == 303
    answer = paper.saved(at.member_my, here, base=base, agenda="Over it")
    assert answer.status_code in (400, 404)
    assert "What they wrote" in at.hod_my.get(here).text


@pytest.mark.parametrize("who", ["{id}:{my_person}", "{id}:99999", "0{my}:{my_person}", "{my}:x", "x"])
def test_an_action_belongs_to_a_delegate_of_its_side(world, who):
    at = paper.opened(world)
    here = paper.begun(at)
    named = who.format(id=paper.side(at, "ID"), my=paper.side(at, "MY"), my_person=at.member_my.user_id)
    answer = paper.saved(at.hod_id, here, **{"actions-0-what": "Sends it", "actions-0-who": named, "actions-0-due": paper.LATER})
    assert answer.status_code == 400
    assert "Sends it" in answer.text


def test_signing_needs_the_hash_that_was_shown(world):
    at = paper.opened(world)
    here = paper.begun(at)
    answer = at.hod_id.post(f"{here}/sign", password=paper.PASSWORD)
    assert "Not signed" in paper.told(at.hod_id, answer)
    assert world.all(select(MinutesSignature.id)) == []


def test_a_line_that_looks_like_another_room_does_not_mislead_the_check(world):
    from hub.minutes import exporting

    other, _there = paper.agreed(world)
    at = paper.opened(world)
    here = paper.begun(at)
    paper.saved(at.hod_id, here, agenda=f"Room {other.room}, minutes 1, version 1.\n1. a\n- b\nhttps://example.org/a www.example.org")
    for head in (at.hod_id, at.hod_my):
        paper.signed(head, here)
    given = at.hod_my.get(f"{here}/export.md").data
    with world.app.app_context():
        assert exporting.faults(given) == []
    from markdown_it import MarkdownIt

    html = MarkdownIt("gfm-like", {"linkify": False}).render(given.decode())
    assert "<ol>" not in html
    assert "<li><ul>" not in re.sub(r"\s", "", html)
    assert b"https://" not in given.partition(b"## Agenda")[2].partition(b"## Attendance")[0]


def test_what_was_struck_out_of_the_form_does_not_come_back(world):
    at = paper.opened(world)
    here = paper.begun(at)
    scene.say(at.hod_id, at.room, "A decision by mistake.")
    scene.say(at.note_id, at.room, kind="decision", target=scene.log_of(world, at.room)[-1].seq)
    assert "A decision by mistake." in at.hod_id.get(f"{here}/edit").text
    assert paper.saved(at.hod_id, here, decisions="").status_code == 303
    assert world.one(select(Minutes.version)).version == 1
    assert "A decision by mistake." not in at.hod_id.get(f"{here}/edit").text


def test_a_form_of_an_earlier_session_to_what_is_not_there_is_404(world):
    at = paper.opened(world)
    here = paper.begun(at)
    outsider = world.person("TH")
    for path in (f"{here}/edit", f"/rooms/{at.room}/entries"):
        assert outsider.post(path, _csrf=False, csrf_token="x", agenda="Words").status_code == 404
