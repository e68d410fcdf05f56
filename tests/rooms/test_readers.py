"""Who reads a room: the delegates that are in it, and nobody else by any door; under TLP:RED each from when they joined."""

import json
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from itertools import product

import pytest
from sqlalchemy import select, update

from hub import live
from hub.accounts.models import User
from hub.db import db, now, unit_of_work
from hub.files.models import File
from hub.home.letters import write_letters
from hub.mail.models import Mail
from hub.notifications.models import Notification
from hub.rooms import delegates, queries
from hub.rooms.models import Room
from tests.files.made import picture
from tests.moderation.test_canary import ENDS_THE_SESSION, address
from tests.rooms import scene

TITLE, WORD, FILE, LATER = "zqtitle", "zqword", "zqfile", "zqlater"


@pytest.fixture
def pushes(monkeypatch):
    heard: list[tuple] = []
    monkeypatch.setattr(live.heartbeat, "broadcast", lambda _server, to, said: heard.extend((name, heads, to) for name, heads in said))
    return heard


def add_file(by, room, name=f"{FILE}.png"):
    data = {"csrf_token": by.signed(), "files": (BytesIO(picture()), name)}
    return by.client.post(f"/rooms/{room}/files", data=data, content_type="multipart/form-data", buffered=True)


def around(world, at):
    """Everybody who is not in it."""
    return {
        "stranger": world.stranger(), "partner": world.person("MY", "partner"), "colleague": world.person("MY"), "third": world.person("TH"),
        "third focal point": world.person("TH", "focal_point"), "moderator": world.person("SG", is_moderator=True), "admin": world.person("ID", is_admin=True),
        "focal point of a side": at.fp_my, "was in it": at.member_my, "suspended": at.note_id,
    }  # fmt: skip


def addresses(world, app, room):
    """Every GET there is, with every number of this small world."""
    with app.app_context():
        files, users = list(db.session.scalars(select(File.public_id))), list(db.session.scalars(select(User.id)))
        db.session.rollback()
    known = {
        "public_id": [room, *files], "user_id": users, "thread_id": (1,), "num": (1,), "item_id": (1,), "held_id": (1,), "draft_id": (1,), "organisation_id": (world.organisation_id("MY"),),
        "invitation_id": (1,), "sanction_id": (1,), "tag_id": (1,), "slug": ("cooperation",), "rule_id": ("phone",), "code": ("MY",), "token": ("x",), "handle": ("tf.my",),
        "version": ("x",), "name": ("x",), "practice_id": (1,), "what": ("clear", "pause", "close", "decline", "withdraw"), "form": ("csv", "json", "md"),
    }  # fmt: skip
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint in ENDS_THE_SESSION:
            continue
        names = sorted(rule.arguments)
        for chosen in product(*(known[name] for name in names)):
            yield address(rule, dict(zip(names, chosen, strict=True)))
    yield from (f"/rooms/{room}?{query}" for query in ("after=0", "before=99", "on=2", "reply=2", "edit=2", "translate=2"))


def test_nobody_else_meets_a_word_of_it_by_any_door(world, app, pushes, caplog):
    at = scene.opened(world, title=f"About {TITLE} alone")
    caplog.set_level(logging.DEBUG)
    scene.say(at.hod_id, at.room, f"Said: {WORD}.")
    scene.say(at.hod_my, at.room, f"Changed: {WORD}.", client_id="c")
    scene.say(at.hod_my, at.room, f"Changed again: {WORD}.", kind="edit", target=3)
    with app.app_context():
        handle = db.session.get_one(User, at.member_id.user_id).handle
    scene.say(at.hod_my, at.room, f"@{handle}: {WORD}")
    assert add_file(at.hod_id, at.room).status_code == 303
    assert world.one(select(File.name)) == (f"{FILE}.png",)
    assert scene.say(at.hod_my, at.room, kind="decision", target=2).status_code == 201
    assert at.hod_my.post(f"/rooms/{at.room}/minutes").status_code == 303
    assert at.hod_id.post("/flags", target=f"entry:{at.room}:3", reason="off_topic", note="").status_code == 303
    at.fp_my.post(f"/rooms/{at.room}/delegates/{at.member_my.user_id}/remove")
    world.change(User, at.note_id.user_id, suspended_until=now().replace(year=2999))
    people, told = around(world, at), []
    may_see_title = {"focal point of a side"}
    for path in list(addresses(world, app, at.room)):
        for name, person in people.items():
            answer = person.get(path, headers=scene.JSON if "entries" in path else {})
            seen = answer.text if answer.mimetype.startswith(("text", "application/json")) else ""
            seen += str(answer.headers)
            words = [WORD, FILE] if name in may_see_title else [WORD, FILE, TITLE]
            told += [(name, word, path) for word in words if word in seen]
            if path.startswith(f"/rooms/{at.room}") and name not in may_see_title:
                assert answer.status_code in (404, 302), (name, path, answer.status_code)
    assert told == []
    for name, person in people.items():
        for path, fields in (("entries", {"body": "x", "kind": "message", "client_id": "y"}), ("read", {"upto": "1"}), ("files", {})):
            assert person.post(f"/rooms/{at.room}/{path}", **fields).status_code in (404, 401), (name, path)
    with app.app_context():
        with unit_of_work():
            db.session.execute(update(Notification).values(mail_due_at=now()))
        write_letters()
        letters = [row.subject + row.body for row in db.session.scalars(select(Mail))]
        rows = [str(row) for row in db.session.execute(Notification.__table__.select())]
    assert letters
    live.all_rung()
    assert len(pushes) > 5
    outside = [push for push in pushes if not push[2].startswith("room ")]
    for words in (*letters, *rows, caplog.text, json.dumps(outside)):
        assert not any(word in words for word in (WORD, FILE, TITLE))
    assert WORD in at.hod_id.get(f"/rooms/{at.room}").text
    assert at.hod_my.get(f"/files/{world.one(select(File.public_id))[0]}").status_code == 200


def test_under_tlp_red_who_joins_later_reads_from_then_on_by_every_door(world, pushes):
    at = scene.opened(world, label="TLP:RED")
    scene.say(at.hod_id, at.room, f"Before: {WORD}.")
    add_file(at.hod_id, at.room)
    late = world.person("MY", title="Late delegate")
    at.fp_my.post(f"/rooms/{at.room}/delegates", member=str(late.user_id), role="delegate")
    joined = scene.log_of(world, at.room)[-1].seq
    scene.say(at.hod_id, at.room, f"Changed: {WORD}.", kind="edit", target=2)
    scene.say(at.hod_my, at.room, f"Another answer to it: {LATER}.", target=2)
    page = late.get(f"/rooms/{at.room}").text
    assert LATER in page
    assert WORD not in page
    assert FILE not in page
    entries = scene.ask(late, at.room, after=0).json
    assert [entry["seq"] for entry in entries["entries"]] == [joined, joined + 2]
    assert entries["head"] == joined + 2
    assert WORD not in json.dumps(entries) + json.dumps(scene.ask(late, at.room, before=99).json)
    for query in ("on=2", "reply=2", "edit=2"):
        assert WORD not in late.get(f"/rooms/{at.room}?{query}").text
    for kind in ("ack_request", "translation", "message"):
        assert scene.say(late, at.room, "Words", kind=kind, target=2).status_code == 400
    assert late.get(f"/files/{world.one(select(File.public_id))[0]}").status_code == 404
    assert at.hod_my.get(f"/files/{world.one(select(File.public_id))[0]}").headers["Content-Disposition"].count("TLP-RED") == 1
    assert WORD in json.dumps(scene.ask(at.hod_my, at.room, after=0).json)
    live.all_rung()
    assert pushes
    assert WORD not in json.dumps(pushes)
    assert LATER not in json.dumps(pushes)  # nobody's line holds more than the number


def test_a_delegate_who_comes_back_reads_nothing_from_between_under_tlp_red(world):
    at = scene.opened(world, label="TLP:RED")
    at.fp_my.post(f"/rooms/{at.room}/delegates/{at.member_my.user_id}/remove")
    scene.say(at.hod_id, at.room, f"Meanwhile: {WORD}.")
    at.fp_my.post(f"/rooms/{at.room}/delegates", member=str(at.member_my.user_id), role="delegate")
    assert WORD not in at.member_my.get(f"/rooms/{at.room}").text


def test_mail_says_that_there_is_something_and_of_tlp_red_not_even_that(world, app):
    for label, letters in (("TLP:AMBER+STRICT", True), ("TLP:RED", False)):
        at = scene.opened(world, title=f"About {TITLE} alone", label=label)
        with app.app_context():
            about = (Notification.user_id == at.hod_my.user_id, Notification.mail_due_at.is_not(None))
            assert bool(db.session.scalar(select(Notification.id).where(*about))) is letters
            db.session.rollback()
            with unit_of_work():
                db.session.execute(update(Notification).where(Notification.mail_due_at.is_not(None)).values(mail_due_at=now()))
            write_letters()
            written = list(db.session.scalars(select(Mail)))
        assert all(TITLE not in row.subject + row.body for row in written)
        assert any(f"/rooms/{at.room}" in row.body for row in written) is letters


@pytest.mark.parametrize("change", ["deactivated_at", "role", "organisation"])
def test_who_is_no_member_of_the_task_force_any_more_reads_nothing(world, change):
    at = scene.opened(world)
    values = {"deactivated_at": {"deactivated_at": now()}, "role": {"role": "partner"}, "organisation": {"organisation_id": world.organisation_id("TH")}}[change]
    world.change(User, at.member_id.user_id, **values)
    assert at.member_id.get(f"/rooms/{at.room}").status_code in (404, 302)
    assert scene.ask(at.member_id, at.room, after=0).status_code in (404, 302)
    assert "Readable by 4 people:" in at.hod_id.get(f"/rooms/{at.room}").text
    with world.app.app_context():
        from hub.rooms import queries

        room = db.session.scalars(select(Room.id)).one()
        assert (room, at.member_id.user_id) not in queries.reading_now([room], [at.member_id.user_id, at.hod_id.user_id])


def test_under_tlp_red_only_what_may_be_read_is_counted(world):
    at = scene.opened(world, label="TLP:RED")
    at.fp_my.post(f"/rooms/{at.room}/delegates/{at.member_my.user_id}/remove")
    for n in range(5):
        scene.say(at.hod_id, at.room, f"Line {n}.")
    at.fp_my.post(f"/rooms/{at.room}/delegates", member=str(at.member_my.user_id), role="delegate")
    assert "1 new entry" in at.member_my.get("/rooms").text
    scene.say(at.hod_id, at.room, "Changed.", kind="edit", target=7)
    assert "1 new entry" in at.member_my.get("/rooms").text
    assert "1 new entry in the room" in at.member_my.get("/").text


def test_a_letter_that_was_due_does_not_leave_once_the_room_is_under_tlp_red(world, app):
    at = scene.opened(world)
    at.fp_id.post(f"/rooms/{at.room}/terms", **scene.TERMS | {"label": "TLP:RED"})
    at.fp_my.post(f"/rooms/{at.room}/terms/agree", hash=scene.shown_hash(at.fp_my, at.room))
    assert world.one(select(Room.label)) == ("TLP:RED",)
    with app.app_context():
        with unit_of_work():
            db.session.execute(update(Notification).where(Notification.mail_due_at.is_not(None)).values(mail_due_at=now()))
        assert write_letters() == 0


def test_on_postgresql_nothing_is_stored_of_who_was_taken_out_while_they_wrote(world, app):
    """The statement that takes the number waits for the revocation, and asks with what it knew before."""
    at = scene.opened(world)
    started = threading.Event()

    def write() -> int:
        started.set()
        return scene.say(at.member_id, at.room, "Still here?").status_code

    with app.app_context(), ThreadPoolExecutor(1) as pool:
        with unit_of_work():
            fp = db.session.get_one(User, at.fp_id.user_id)
            place = queries.get_place(fp, at.room)
            delegates.remove_delegate(fp, place, queries.get_delegate(place, at.member_id.user_id))
            answer = pool.submit(write)
            started.wait(5)
            time.sleep(0.6)  # it waits for the room by now
        assert answer.result(20) == 404
    log = scene.log_of(world, at.room)
    assert log[-1].kind == "leave"
    assert [row.seq for row in log] == list(range(1, len(log) + 1))
