"""Minutes over HTTP: drafted from marks, changed side by side, signed by every head, locked."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import select

from hub.accounts.models import User
from hub.minutes import tasks
from hub.minutes.models import Minutes, MinutesSignature, Task
from hub.notifications.models import Notification
from hub.rooms.models import EntryKind
from tests.minutes import paper
from tests.rooms import scene


def test_story_b_from_marks_to_agreed_minutes(world):
    at = paper.opened(world)
    paper.marked(at)
    here = paper.begun(at)
    draft = at.hod_my.get(here).text
    for words in ("Advance notice before a hand-over.", "D1", "Notice is given at least 48 hours", "A1", "Malaysia sends the form.", "A2", "Migration officer", "Note-taker"):
        assert words in draft, words
    assert "Saved as version 2" in paper.told(at.member_my, paper.saved(at.member_my, here, languages="English, Bahasa Indonesia"))
    first = paper.signed(at.hod_id, here)
    assert "Signed. They are agreed once every head has signed" in paper.told(at.hod_id, first)
    assert "Minutes wait for your signature" in at.hod_my.get("/").text
    page = paper.told(at.member_my, paper.saved(at.member_my, here, reservations_MY="24 h in medical cases"))
    assert "Saved as version 3" in page
    assert page.count("not signed") == 2
    late = paper.opened_form(at.member_my, here)
    assert "Signed" in paper.told(at.hod_id, paper.signed(at.hod_id, here))
    assert "these are the agreed minutes" in paper.told(at.hod_my, paper.signed(at.hod_my, here))
    kinds = [(row.kind, row.what) for row in scene.log_of(world, at.room) if row.kind in (EntryKind.MINUTES, EntryKind.SIGNATURE)]
    assert kinds == [
        ("minutes", "saved 1"), ("minutes", "saved 2"), ("signature", "signed 2"), ("minutes", "saved 3"), ("signature", "cleared 2"),
        ("signature", "signed 3"), ("signature", "signed 3"), ("signature", "agreed 3"),
    ]  # fmt: skip
    assert "Agreed minutes stay as they are" in paper.told(at.member_my, at.member_my.get(f"{here}/edit"))
    refused = paper.saved(at.member_my, here, late, next_meeting="In June.")
    assert refused.status_code == 403
    assert "agreed minutes stay as they are" in refused.text
    assert "In June." in refused.text, "what was typed is given back"
    assert at.hod_my.get(f"{here}/changes?to=3").text.count("<ins>") == 1
    assert world.one(Minutes.__table__.select()).head_seq == len(scene.log_of(world, at.room)) - 1


def test_a_stale_save_shows_both_put_together_and_loses_nothing(world):
    at = paper.opened(world)
    paper.marked(at)
    here = paper.begun(at)
    mine = paper.opened_form(at.member_my, here)
    theirs = paper.opened_form(at.hod_id, here)
    two = "Notice is given at least 48 hours before a hand-over.\nThe contact list is renewed on the first of each month."
    assert paper.saved(at.hod_id, here, theirs, decisions=two, agenda="Advance notice, and who is called.").status_code == 303
    answer = paper.saved(at.member_my, here, mine, reservations_MY="24 h in medical cases", agenda="Advance notice, in hours.")
    assert answer.status_code == 409
    both = paper.form_of(answer.text)
    assert both["base"] == "2"
    assert both["decisions"] == two
    assert both["reservations_MY"] == "24 h in medical cases"
    assert both["agenda"].split("\n") == ["Advance notice, and who is called.", "Advance notice, in hours."]
    assert "Both of you changed this" in answer.text
    assert "24 h in medical" not in at.hod_my.get(here).text, "nothing is stored before it was looked at"
    assert paper.saved(at.member_my, here, both, agenda="Advance notice, in hours, and who is called.").status_code == 303
    last = at.hod_my.get(here).text
    assert "Draft, version 3" in last
    for words in ("in hours, and who is called", "renewed on the first", "24 h in medical cases"):
        assert words in last
    same = paper.saved(at.member_my, here)
    assert same.status_code == 303
    assert "Draft, version 3" in at.hod_my.get(here).text, "nothing changed: no version"


def test_two_heads_sign_different_versions_at_the_same_moment(world):
    at = paper.opened(world)
    paper.marked(at)
    here = paper.begun(at)
    shown_to_my = paper.hash_shown(at.hod_my, here)
    assert paper.saved(at.member_my, here, next_meeting="In June.").status_code == 303
    shown_to_id = paper.hash_shown(at.hod_id, here)
    assert shown_to_my != shown_to_id
    assert "Signed. They are agreed once" in paper.told(at.hod_id, paper.signed(at.hod_id, here, shown_to_id))
    refused = paper.told(at.hod_my, paper.signed(at.hod_my, here, shown_to_my))
    assert "Not signed: another version was saved meanwhile" in refused
    assert "Draft, version 2" in refused
    assert "these are the agreed minutes" in paper.told(at.hod_my, paper.signed(at.hod_my, here))


def test_an_edit_while_a_head_signs_ends_in_one_of_the_two_orders(world, app):
    at = paper.opened(world)
    paper.marked(at)
    here = paper.begun(at)
    assert paper.signed(at.hod_id, here).status_code == 303
    shown, form = paper.hash_shown(at.hod_my, here), paper.opened_form(at.member_id, here)
    with ThreadPoolExecutor(2) as pool:
        edit = pool.submit(paper.saved, at.member_id, here, form, next_meeting="In June.")
        signature = pool.submit(paper.signed, at.hod_my, here, shown)
        edit.result(), signature.result()
    minutes = world.one(select(Minutes.version, Minutes.agreed_at, Minutes.hash))
    whole = at.hod_my.get(here).text
    if minutes.agreed_at:
        assert (minutes.version, minutes.hash) == (1, shown)
        assert "In June." not in whole
    else:
        assert minutes.version == 2
        assert whole.count("not signed") == 2


def test_who_left_the_delegation_or_is_no_head_any_more_signs_nothing(world):
    at = paper.opened(world)
    paper.marked(at)
    here = paper.begun(at)
    shown = paper.hash_shown(at.hod_my, here)
    assert paper.signed(at.hod_id, here).status_code == 303
    assert at.fp_my.post(f"/rooms/{at.room}/delegates", member=str(at.member_my.user_id), role="head").status_code == 303
    assert at.hod_my.get(f"{here}/sign").status_code == 403
    assert paper.signed(at.hod_my, here, shown).status_code == 403
    assert at.fp_my.post(f"/rooms/{at.room}/delegates/{at.hod_my.user_id}/remove").status_code == 303
    assert paper.signed(at.hod_my, here, shown).status_code == 404
    assert at.hod_my.get(here).status_code == 404
    assert at.hod_my.get(f"{here}/export.json").status_code == 404
    # whose head signed and is replaced has not signed any more
    assert at.fp_id.post(f"/rooms/{at.room}/delegates", member=str(at.member_id.user_id), role="head").status_code == 303
    assert at.member_id.get(here).text.count("not signed") == 2
    world.change(User, at.member_my.user_id, password_hash=paper.HASHED)
    assert "They are agreed once every head has signed" in paper.told(at.member_my, paper.signed(at.member_my, here))
    assert world.one(select(Minutes.agreed_at)).agreed_at is None


def test_a_wrong_password_signs_nothing_and_guesses_are_counted(world):
    at = paper.opened(world)
    paper.marked(at)
    here = paper.begun(at)
    shown = paper.hash_shown(at.hod_my, here)
    assert paper.signed(at.hod_my, here, shown, "not the password at all").status_code == 400
    codes = [paper.signed(at.hod_my, here, shown, "not the password at all").status_code for _try in range(12)]
    assert codes[-1] == 429
    assert world.all(select(MinutesSignature.id)) == []


def test_nobody_writes_or_signs_while_the_room_is_paused_or_closed(world):
    at = paper.opened(world)
    paper.marked(at)
    here = paper.begun(at)
    form, shown = paper.opened_form(at.member_my, here), paper.hash_shown(at.hod_my, here)
    for step, code in (("pause", "paused"), ("close", "closed")):
        assert at.hod_id.post(f"/rooms/{at.room}/{step}", words="Enough.").status_code == 303
        answer = paper.saved(at.member_my, here, form, next_meeting="In June.")
        assert answer.status_code == 403, code
        assert "paused or closed" in answer.text
        assert "In June." in answer.text, "what was typed is given back"
        assert paper.signed(at.hod_my, here, shown).status_code == 403
    assert world.one(select(Minutes.version)).version == 1
    assert at.hod_my.post(f"/rooms/{at.room}/minutes").status_code == 303
    assert len(world.all(select(Minutes.id))) == 1


def test_other_terms_in_force_are_signed_anew(world):
    at = paper.opened(world)
    paper.marked(at)
    here = paper.begun(at)
    assert paper.signed(at.hod_id, here).status_code == 303
    at.fp_id.post(f"/rooms/{at.room}/terms", **scene.TERMS | {"retention_days": "30"})
    shown = scene.shown_hash(at.fp_my, at.room)
    assert at.fp_my.post(f"/rooms/{at.room}/terms/agree", hash=shown).status_code == 303
    assert at.hod_my.get(here).text.count("not signed") == 2


def test_in_a_regional_room_every_head_signs(world):
    fp_id, fp_my, fp_sg = (world.person(code, "focal_point") for code in ("ID", "MY", "SG"))
    heads = [world.person(code, title=f"Head of {code}", password_hash=paper.HASHED) for code in ("ID", "MY", "SG")]
    room = scene.id_of(scene.propose(world, fp_id, "MY", "SG", head=heads[0]))
    for fp, head in ((fp_my, heads[1]), (fp_sg, heads[2])):
        assert scene.accept(fp, room, head).status_code == 303
    assert heads[0].post(f"/rooms/{room}/minutes").status_code == 303
    here = f"/rooms/{room}/minutes/1"
    for n, head in enumerate(heads):
        page = paper.told(head, paper.signed(head, here))
        assert ("these are the agreed minutes" in page) == (n == 2)


def test_under_the_chatham_house_rule_minutes_name_nobody(world):
    at, here = paper.agreed(world, attribution="chatham")
    for page in (at.hod_my.get(f"{here}/print").text, at.hod_my.get(f"{here}/export.md").text, at.hod_my.get(f"{here}/export.json").text):
        for role in ("Migration officer", "Legal officer", "Head of delegation", "Note-taker"):
            assert role not in page
        assert "3 delegates" in page
        assert "Malaysia sends the form." in page


def test_of_tlp_red_nothing_leaves_and_who_joins_later_reads_no_earlier_version(world):
    at, here = paper.agreed(world, label="TLP:RED")
    for path in ("print", "export.md", "export.json"):
        assert at.hod_my.get(f"{here}/{path}").status_code == 403
    late = world.person("MY", title="Late")
    at.fp_my.post(f"/rooms/{at.room}/delegates", member=str(late.user_id), role="delegate")
    assert late.get(f"/rooms/{at.room}").status_code == 200
    assert late.get(here).status_code == 404
    assert "none" in late.get(f"/rooms/{at.room}/minutes").text.lower()
    assert not world.all(select(Notification.id).where(Notification.kind == "room", Notification.mail_due_at.is_not(None)))


def test_the_next_minutes_begin_with_what_was_marked_since(world):
    at, _here = paper.agreed(world)
    scene.say(at.hod_id, at.room, "A common form is piloted.")
    seq = scene.log_of(world, at.room)[-1].seq
    assert scene.say(at.note_id, at.room, kind="decision", target=seq).status_code == 201
    second = paper.begun(at)
    page = at.hod_my.get(second).text
    assert second.endswith("/2")
    assert "A common form is piloted." in page
    assert "Notice is given at least 48 hours" not in page
    assert at.hod_my.get(f"/rooms/{at.room}/minutes").text.count("Minutes ") >= 2


def test_marks_since_the_draft_stand_in_the_form_at_the_end_of_their_section(world):
    at = paper.opened(world)
    paper.marked(at)
    here = paper.begun(at)
    scene.say(at.hod_id, at.room, "A common form is piloted.")
    seq = scene.log_of(world, at.room)[-1].seq
    scene.say(at.note_id, at.room, kind="decision", target=seq)
    page = at.member_my.get(f"{here}/edit").text
    assert "1 line was marked in the room since" in page
    form = paper.form_of(page)
    assert form["decisions"].split("\n")[-1] == "A common form is piloted."
    assert paper.saved(at.member_my, here, form).status_code == 303
    assert "marked in the room since" not in at.member_my.get(f"{here}/edit").text


def test_what_could_identify_somebody_is_stopped_and_stays_in_its_field(world):
    at = paper.opened(world)
    here = paper.begun(at)
    answer = paper.saved(at.member_my, here, decisions="Her passport is no. A1234567")
    assert answer.status_code == 400
    assert "Her passport is no. A1234567" in answer.text
    assert "A1234567" not in at.hod_my.get(here).text
    assert paper.saved(at.member_my, here, decisions="x" * 601).status_code == 400
    wrong = paper.saved(at.member_my, here, **{"actions-0-what": "Send the form", "actions-0-who": "", "actions-0-due": "30 April"})
    assert wrong.status_code == 400
    assert "Send the form" in wrong.text


def test_marks_are_three_and_taken_away_by_who_names_them(world):
    at = paper.opened(world)
    scene.say(at.hod_id, at.room, "Two working days.")
    assert scene.say(at.hod_my, at.room, kind="decision", target=2).status_code == 201
    assert scene.say(at.hod_id, at.room, kind="decision", target=2).status_code == 400
    assert scene.say(at.hod_id, at.room, kind="point", target=2, what="off").status_code == 400
    assert "Two working days." in at.hod_id.get(f"/rooms/{at.room}").text.partition("Decided so far")[2]
    assert scene.say(at.hod_id, at.room, kind="decision", target=2, what="off").status_code == 201
    assert "Decided so far" not in at.hod_id.get(f"/rooms/{at.room}").text
    my = paper.side(at, "MY")
    for who, due in ((my, "2020-01-01"), (my, "30 April"), ("", paper.LATER), ("99999", paper.LATER), (f"{my}:{at.hod_id.user_id}", paper.LATER)):
        assert scene.say(at.hod_id, at.room, kind="action", target=2, who=who, due=due).status_code == 400, (who, due)
    without_script = at.hod_id.post(f"/rooms/{at.room}/entries", client_id="a-1", kind="action", target="2", who=my, due="2020-01-01")
    assert 'value="2020-01-01"' in without_script.text, "what was typed is given back"
    assert scene.say(at.hod_id, at.room, kind="action", target=2, who=my, due=paper.LATER).status_code == 201
    assert scene.say(at.hod_id, at.room, kind="action", target=1, who=my, due=paper.LATER).status_code == 400


def test_actions_are_reminded_of_and_ticked_off_with_a_line(world, app, monkeypatch):
    at, here = paper.agreed(world)
    page = at.hod_my.get("/").text
    assert "Malaysia sends the form." in page
    assert "Indonesia names" not in page
    assert "Indonesia names" in at.member_id.get("/rooms/actions").text
    task = {row.num: row for row in world.all(select(Task.id, Task.num, Task.remind_at, Task.due_on))}
    assert at.member_my.post(f"/rooms/{at.room}/actions/{task[2].id}", words="Named them.").status_code == 403
    assert at.note_id.post(f"/rooms/{at.room}/actions/{task[2].id}", words="Named them.").status_code == 403
    refused = at.member_id.post(f"/rooms/{at.room}/actions/{task[2].id}", words="")
    assert refused.status_code == 400
    assert at.member_id.post(f"/rooms/{at.room}/actions/{task[2].id}", words="Two night contacts are named.").status_code == 303
    assert "Two night contacts are named." in at.hod_my.get(here).text
    assert "ticked off already" in paper.told(at.hod_id, at.hod_id.post(f"/rooms/{at.room}/actions/{task[2].id}", words="Again."))
    assert "Indonesia names" not in at.member_id.get("/rooms/actions").text
    moments = [task[1].remind_at - timedelta(minutes=1), task[1].remind_at + timedelta(minutes=1), task[1].remind_at + timedelta(days=4, hours=1)]
    said = []
    for moment in moments:
        monkeypatch.setattr("hub.minutes.tasks.now", lambda moment=moment: moment)
        with app.app_context():
            for _turn in range(2):
                tasks.look()
        said.append({(row.user_id, row.reason) for row in world.all(select(Notification.user_id, Notification.reason).where(Notification.reason.startswith("task_")))})
    my = {at.hod_my.user_id, at.member_my.user_id}
    assert {pair for pair in said[0] if pair[1] != "task_done"} == set()
    assert {pair for pair in said[1] if pair[1] == "task_due"} == {(one, "task_due") for one in my}
    assert {pair for pair in said[2] if pair[1] == "task_overdue"} == {(one, "task_overdue") for one in my}
    assert not world.all(select(Task.id).where(Task.remind_at.is_not(None)))


def test_nobody_but_delegates_opens_any_address_of_minutes(world):
    at, here = paper.agreed(world)
    task = world.all(select(Task.id))[0].id
    others = [at.fp_id, at.fp_my, world.person("TH"), world.person("ID"), world.person("TH", is_admin=True), world.person("TH", is_moderator=True)]
    for visitor in others:
        for path in (here, f"{here}/edit", f"{here}/sign", f"{here}/print", f"{here}/export.md", f"{here}/export.json", f"{here}/changes", f"{here}/newest", f"/rooms/{at.room}/minutes"):
            assert visitor.get(path).status_code == 404, path
        assert visitor.post(f"/rooms/{at.room}/minutes").status_code == 404
        assert visitor.post(f"{here}/edit", base="1").status_code == 404
        assert visitor.post(f"{here}/sign", hash="0", password="x").status_code == 404
        assert visitor.post(f"/rooms/{at.room}/actions/{task}", words="Done by me.").status_code == 404
        assert "Malaysia sends" not in visitor.get("/").text + visitor.get("/rooms/actions").text
