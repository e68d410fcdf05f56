"""What is over its time goes from the database and the disk, what must stay verifies; a dry run says the same; a killed run ends as a whole one."""

import json
import os
import secrets
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, select

from hub import retention, text
from hub.accounts.models import FormerHandle, PasswordReset, User, UserSession
from hub.audit import queries as audit
from hub.audit.models import AuditRow
from hub.db import db, end_reading, now, unit_of_work
from hub.directory.models import Profile
from hub.discussions.models import Post, PublicView, Shown
from hub.drafts.models import Draft
from hub.files import store
from hub.files.models import File, FileStanding
from hub.mail.models import Mail
from hub.minutes import exporting
from hub.minutes.models import MinutesLine, Task
from hub.review.models import Held
from hub.rooms.models import Consent, Room, RoomEntry, RoomState
from hub.web import limiter
from tests.conftest import ROOT, SETTINGS, make_app
from tests.factories import World, empty
from tests.minutes import paper
from tests.moderation import scene as queue
from tests.rooms import scene

LONG_AGO = timedelta(days=400)
SECRET = "Qx7wordofaroom"


def ages(world: World, **by: timedelta) -> None:
    """Moves everything that was done back in time: the same as a clock that went on."""
    with world.app.app_context(), unit_of_work():
        for room in db.session.scalars(select(Room).where(Room.closed_at.is_not(None))):
            room.closed_at = room.closed_at - by.get("rooms", LONG_AGO)


def close(at: scene.Opened) -> None:
    assert at.hod_id.post(f"/rooms/{at.room}/close", words="Settled.").status_code == 303


def state_of(world: World) -> dict[str, object]:
    """What the database holds, table by table, but for what tells of runs."""
    with world.app.app_context():
        tables = [table for table in db.metadata.sorted_tables if table.name not in ("audit_row", "audit_head", "purge", "attempt", "user_session")]
        return {table.name: sorted(map(str, db.session.execute(select(table)).all())) for table in tables}


def run(world: World) -> dict[str, int]:
    with world.app.app_context():
        done = retention.run()
        assert retention.wipe()
        return done


def planned(world: World) -> dict[str, int]:
    with world.app.app_context():
        return retention.planned()


def test_entries_go_minutes_and_consent_stay(world):
    at, here = paper.agreed(world)
    scene.say(at.hod_id, at.room, f"{SECRET} was said.")
    second = paper.begun(at)
    assert paper.saved(at.hod_id, second, decisions=f"{SECRET} in a draft").status_code == 303
    given = at.hod_my.get(f"{here}/export.json").data
    close(at)
    assert "Kept until" in at.hod_id.get(f"/rooms/{at.room}").text
    assert planned(world)["rooms"] == 0
    assert run(world)["rooms"] == 0
    ages(world, rooms=timedelta(days=179, hours=23))
    assert run(world)["rooms"] == 0
    ages(world, rooms=timedelta(hours=2))
    before = world.all(select(RoomEntry.seq, RoomEntry.kind, RoomEntry.at, RoomEntry.mac).order_by(RoomEntry.seq))
    assert planned(world)["rooms"] == 1
    assert run(world)["rooms"] == 1
    assert world.all(select(RoomEntry.seq, RoomEntry.kind, RoomEntry.at, RoomEntry.mac).order_by(RoomEntry.seq)) == before
    assert {(row.body_md, row.body_html, row.speaker, row.subject) for row in world.all(select(RoomEntry.body_md, RoomEntry.body_html, RoomEntry.speaker, RoomEntry.subject))} == {("", "", "", "")}
    assert SECRET not in str(state_of(world))
    page = at.hod_my.get(f"/rooms/{at.room}").text
    assert "Its words were deleted as agreed" in page
    assert "What was said was deleted as agreed on" in page
    assert at.hod_my.get(f"{here}/export.json").data == given
    with world.app.app_context():
        assert exporting.faults(given) == []
        assert list(audit.faults()) == []
        assert len(list(db.session.scalars(select(Consent.hash)))) == 2
        assert db.session.scalar(select(func.count()).select_from(Task)) == 2
    assert scene.ask(at.hod_my, at.room, after=0).status_code == 200
    assert scene.say(at.hod_my, at.room, "Too late.").status_code == 403
    assert run(world)["rooms"] == 0


def test_a_clock_that_goes_back_revives_nothing(world, monkeypatch):
    at, here = paper.agreed(world)
    scene.say(at.hod_id, at.room, f"{SECRET} was said.")
    close(at)
    ages(world)
    run(world)
    after = state_of(world)
    for module in ("hub.retention", "hub.rooms.retiring", "hub.home.leaving", "hub.rooms.models", "hub.db"):
        if hasattr(sys.modules.get(module), "now"):
            monkeypatch.setattr(f"{module}.now", lambda: PAST)
    assert run(world)["rooms"] == 0
    assert state_of(world) == after
    assert at.hod_id.get(f"/rooms/{at.room}").status_code == 200
    assert SECRET not in at.hod_id.get(f"/rooms/{at.room}").text
    assert at.hod_id.get(here).status_code == 200


PAST = now() - timedelta(days=1_000)


def test_a_room_of_which_consent_was_taken_back_is_emptied_by_the_next_run(world):
    at = scene.opened(world)
    scene.say(at.hod_id, at.room, f"{SECRET} was said.")
    assert at.fp_my.post(f"/rooms/{at.room}/withdraw", words="Not any more.").status_code == 303
    assert run(world)["rooms"] == 1
    assert SECRET not in str(state_of(world))
    assert world.one(select(Room.state)).state == RoomState.WITHDRAWN
    assert at.hod_id.get(f"/rooms/{at.room}").status_code == 404


def test_old_drafts_notes_and_traces_go_and_young_ones_stay(world):
    person, other = world.person("TH"), world.person("VN")
    thread = world.thread(person)
    post = world.one(select(Post.id)).id
    ages_of = {True: now() - timedelta(days=91), False: now() - timedelta(days=89)}
    nothing = text.prepare_line("")
    with world.app.app_context(), unit_of_work():
        for n, (_old, at) in enumerate(ages_of.items()):
            db.session.add(Draft(user_id=person.user_id, place=f"new/{n}", save_id="", title=nothing, body=text.prepare_line(SECRET), reason=nothing, choices="", saved_at=at))
            db.session.add(Shown(user_id=(person, other)[n].user_id, post_id=post, first_at=at))
            db.session.add(PublicView(thread_id=thread, day=at.date().isoformat(), views=3))
            db.session.add(PasswordReset(user_id=person.user_id, token_hash=secrets.token_hex(4), created_at=at))
            db.session.add(UserSession(user_id=other.user_id, token_hash=secrets.token_hex(4), seen_at=at))
            db.session.add(Held(author_id=person.user_id, place="new/x", client_id=str(n), sealed=b"x", kinds="", held_at=now() - timedelta(hours=73 - 2 * n)))
    wanted = {"rooms": 0, "drafts": 1, "shown": 1, "public_views": 1, "sessions": 1, "resets": 1, "attempts": 0, "letters": 0, "held": 1, "accounts": 0}
    assert planned(world) == wanted
    assert run(world) == wanted
    assert planned(world) == dict.fromkeys(wanted, 0)
    assert world.all(select(func.count()).select_from(Draft)) == [(1,)]
    assert world.all(select(Shown.user_id)) == [(other.user_id,)]


def test_many_rows_go_in_parts(world, monkeypatch):
    monkeypatch.setattr("hub.retention.AT_ONCE", 7)
    person = world.person("TH")
    thread = world.thread(person)
    for _n in range(20):
        world.reply(person, thread)
    with world.app.app_context(), unit_of_work():
        for (post,) in db.session.execute(select(Post.id)).all():
            db.session.add(Shown(user_id=person.user_id, post_id=post, first_at=now() - timedelta(days=91)))
    parts: list[tuple[str, int, int]] = []
    with world.app.app_context():
        assert retention.run(lambda *part: parts.append(part))["shown"] == 21
    assert [part for part in parts if part[0] == "shown"] == [("shown", 7, 21), ("shown", 14, 21), ("shown", 21, 21)]


def test_a_year_after_an_account_ended_only_role_and_state_are_left(world):
    agency = world.agency("TH")
    person, reader = world.person(agency, title="Investigator", name="Zorvala Demo"), world.person("VN", is_admin=True)
    thread = world.thread(person)
    with world.app.app_context(), unit_of_work():
        db.session.add(FormerHandle(handle="old.handle", user_id=person.user_id))
    world.change(User, person.user_id, deactivated_at=now() - timedelta(days=364), email="zorvala@example.org", handle="zorvala")
    assert run(world)["accounts"] == 0
    world.change(User, person.user_id, deactivated_at=now() - timedelta(days=366))
    assert planned(world)["accounts"] == 1
    assert run(world)["accounts"] == 1
    assert "orvala" not in str(state_of(world))
    assert {row.handle[0] for row in world.all(select(FormerHandle.handle))} == {"#"}
    row = world.one(select(User.role_title, User.organisation_id, User.handle).where(User.id == person.user_id))
    assert (row.role_title, row.organisation_id) == ("Investigator", world.organisation_id("TH"))
    assert "Investigator" in reader.get(f"/threads/{thread}", follow_redirects=True).text
    assert reader.get(f"/people/{person.user_id}").status_code == 404
    assert reader.post(f"/members/{person.user_id}/reactivate").status_code in (403, 404)
    assert world.one(select(Profile.name).where(Profile.user_id == person.user_id)).name == ""


def fifty_rooms(world: World) -> tuple[dict[str, bytes], int]:
    """Fifty rooms, every second one over its time, every fifth with agreed minutes and a file; exports of the minutes by address."""
    fp_id, fp_my = world.person("ID", "focal_point"), world.person("MY", "focal_point")
    heads = [world.person(code, title=f"Head of {code}", password_hash=paper.HASHED) for code in ("ID", "MY")]
    exports: dict[str, bytes] = {}
    for n in range(50):
        with world.app.app_context():
            limiter.reset()
        room = scene.id_of(scene.propose(world, fp_id, "MY", head=heads[0]))
        assert scene.accept(fp_my, room, heads[1]).status_code == 303
        for m in range(3):
            assert scene.say(heads[m % 2], room, f"{SECRET}{'due' if n % 2 else 'young'} in room {chr(97 + n % 26)}.").status_code == 201
        if n % 5 == 0:
            assert heads[0].post(f"/rooms/{room}/minutes").status_code == 303
            here = f"/rooms/{room}/minutes/1"
            assert paper.saved(heads[0], here, decisions="Notice is given in time.").status_code == 303
            for head in heads:
                assert paper.signed(head, here).status_code == 303
            exports[here] = heads[0].get(f"{here}/export.json").data
        if n % 2:
            assert heads[n % 2].post(f"/rooms/{room}/close", words="Settled.").status_code == 303
    with world.app.app_context(), unit_of_work():
        room_ids = list(db.session.scalars(select(Room.id).where(Room.closed_at.is_not(None))))
        for room_id in room_ids:
            digest = store.keep(f"{SECRET}due bytes {room_id}".encode())
            db.session.add(File(owner_id=heads[0].user_id, room_id=room_id, entry_seq=2, name=text.prepare_line(f"{SECRET}due"), kind="png", digest=digest, size=9))
    ages(world)
    return exports, len(room_ids)


def test_fifty_rooms_are_planned_as_they_are_done_and_the_files_hold_none_of_it(sqlite_app, tmp_path):
    world = World(sqlite_app)
    exports, due = fifty_rooms(world)
    assert in_files(tmp_path, f"{SECRET}due"), "the words are there before: else this test would tell nothing"
    said = planned(world)
    done = run(world)
    assert said == done
    assert done["rooms"] == due == 25
    assert not in_files(tmp_path, f"{SECRET}due")
    assert in_files(tmp_path, f"{SECRET}young")
    verify(world, exports)


def in_files(folder: Path, words: str) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and words.encode() in path.read_bytes()]


def verify(world: World, exports: dict[str, bytes]) -> None:
    with world.app.app_context():
        end_reading()
        assert [exporting.faults(given) for given in exports.values()] == [[]] * len(exports)
        assert list(audit.faults()) == []
        assert db.session.scalar(select(func.count()).select_from(Consent)) == 100
        for (room_id, last), in [(row,) for row in db.session.execute(select(Room.id, Room.last_seq)).all()]:
            assert list(db.session.scalars(select(RoomEntry.seq).where(RoomEntry.room_id == room_id).order_by(RoomEntry.seq))) == list(range(1, last + 1))


def test_a_run_that_is_killed_and_run_again_ends_as_a_whole_one(sqlite_app, tmp_path):
    world = World(sqlite_app)
    exports, _due = fifty_rooms(world)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")} | {
        "HUB_DATA": str(tmp_path), "HUB_DATABASE_URL": f"sqlite:///{tmp_path / 'hub.sqlite3'}", "HUB_SECRET_KEY": str(SETTINGS["HUB_SECRET_KEY"]), "FLASK_APP": "wsgi",
        "HUB_URL": "http://127.0.0.1", "PYTHONUNBUFFERED": "1",
    }  # fmt: skip
    kills = 0
    for _try in range(2):
        with subprocess.Popen([sys.executable, "-m", "flask", "hub", "retention"], cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            for n, line in enumerate(process.stdout or ()):
                if line.startswith("rooms:") and n >= 2:
                    process.send_signal(signal.SIGKILL)
                    kills += 1
                    break
    left = planned(world)["rooms"]
    assert kills
    assert 0 < left < 25
    whole = subprocess.run([sys.executable, "-m", "flask", "hub", "retention"], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120)
    assert whole.returncode == 0, whole.stderr
    assert f"{left} rooms" in whole.stdout
    assert "the disk holds none of it" in whole.stdout
    assert not in_files(tmp_path, f"{SECRET}due")
    assert in_files(tmp_path, f"{SECRET}young")
    assert world.all(select(func.count()).where(AuditRow.action == "room.empty")) == [(25,)]
    assert world.all(select(func.count()).where(Room.state == RoomState.ARCHIVED)) == [(25,)]
    verify(world, exports)


def test_at_the_command_line_a_dry_run_says_what_would_go_and_changes_nothing(world):
    at = scene.opened(world)
    scene.say(at.hod_id, at.room, f"{SECRET} was said.")
    close(at)
    ages(world)
    before = state_of(world)
    cli = world.app.test_cli_runner()
    said = cli.invoke(args=["hub", "retention", "--dry-run"])
    assert "would go: 1 rooms" in said.output
    assert state_of(world) == before
    done = cli.invoke(args=["hub", "retention"])
    assert "retention: 1 rooms, 0 drafts" in done.output
    row = world.all(select(AuditRow.action, AuditRow.details).order_by(AuditRow.seq.desc()).limit(1))[0]
    assert (row.action, json.loads(row.details)["rooms"]) == ("retention.run", 1)


def test_an_old_backup_is_emptied_by_the_next_run(sqlite_app, tmp_path):
    import sqlite3

    world = World(sqlite_app)
    at, _here = paper.agreed(world)
    scene.say(at.hod_id, at.room, f"{SECRET} was said.")
    close(at)
    ages(world)
    with sqlite3.connect(tmp_path / "hub.sqlite3") as source, sqlite3.connect(tmp_path / "backup") as backup:
        source.backup(backup)
    run(world)
    with sqlite_app.app_context():
        db.engine.dispose()
    for name in ("hub.sqlite3-wal", "hub.sqlite3-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / "backup").rename(tmp_path / "hub.sqlite3")
    assert SECRET in str(state_of(world))
    cli = sqlite_app.test_cli_runner()
    assert "0 rows held removed words again" in cli.invoke(args=["hub", "purge", "replay"]).output
    assert run(world)["rooms"] == 1
    assert not in_files(tmp_path, SECRET)


@pytest.mark.parametrize("what", ["lines", "files"])
def test_what_goes_with_a_room(world, what):
    at, _here = paper.agreed(world)
    close(at)
    ages(world)
    lines = world.all(select(MinutesLine.id))
    with world.app.app_context(), unit_of_work():
        room = db.session.scalars(select(Room)).one()
        db.session.add(File(owner_id=at.hod_id.user_id, room_id=room.id, entry_seq=2, name=text.prepare_line("plan"), kind="png", digest="0" * 64, size=9))
    run(world)
    if what == "lines":
        assert world.all(select(MinutesLine.id)) == lines, "the only version is the agreed one"
    else:
        assert world.all(select(File.standing, File.name)) == [(FileStanding.REMOVED, "")]


def database_of(url: str) -> bytes:
    """Every file of a PostgreSQL database: each table, TOAST and index."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("CHECKPOINT")
        folder = Path(server.execute("SHOW data_directory").fetchone()[0])
        rows = server.execute("SELECT pg_relation_filepath(oid) FROM pg_class WHERE relkind IN ('r', 't', 'i')").fetchall()
    return b"".join(path.read_bytes() for row in rows if row[0] and (path := folder / row[0]).exists())


def test_postgresql_holds_none_of_it_either(new_database, tmp_path):
    url = new_database()
    app = make_app(url, tmp_path)
    empty(app)
    world = World(app)
    at, here = paper.agreed(world)
    long = " ".join([f"{SECRET} was said."] * 200)  # also out of line
    scene.say(at.hod_id, at.room, long)
    second = paper.begun(at)
    assert paper.saved(at.hod_id, second, decisions=f"{SECRET} in a draft").status_code == 303
    seq = next(row.seq for row in scene.log_of(world, at.room) if row.body_md == long)
    at.hod_my.post("/flags", target=f"entry:{at.room}:{seq}", reason="off_topic", note=f"{SECRET} in a note")
    given = at.hod_my.get(f"{here}/export.json").data
    close(at)
    ages(world)
    leaver = world.person("TH", name=f"{SECRET} Demo")
    world.change(User, leaver.user_id, email=f"{SECRET.lower()}@example.org", deactivated_at=now() - timedelta(days=366))
    assert SECRET.encode() in database_of(url)
    with app.app_context():
        done = retention.run()
        for _try in range(10):
            if retention.wipe():
                break
        db.session.remove()
    assert (done["rooms"], done["accounts"]) == (1, 1)
    left = database_of(url)
    assert SECRET.encode() not in left
    assert SECRET.lower().encode() not in left
    with app.app_context():
        assert exporting.faults(given) == []
        db.session.remove()
        db.engine.dispose()


def test_a_handle_of_somebody_who_is_gone_stays_taken_and_leads_nowhere(world):
    gone, other = world.person("TH"), world.person("VN")
    world.change(User, gone.user_id, handle="zorvala.th", deactivated_at=now() - timedelta(days=366))
    assert run(world)["accounts"] == 1
    assert "zorvala" not in str(state_of(world))
    assert "Somebody has" in other.post("/account/handle", handle="zorvala.th").text or other.post("/account/handle", handle="zorvala.th").status_code == 409
    assert world.one(select(User.handle).where(User.id == other.user_id)).handle != "zorvala.th"
    assert other.post("/account/handle", handle=f"gone{other.user_id + 1}").status_code == 303
    late = world.person("VN")
    world.change(User, late.user_id, deactivated_at=now() - timedelta(days=366))
    assert run(world)["accounts"] == 1


def test_nothing_is_left_of_a_gone_member_that_says_what_they_did_here(world):
    at = scene.opened(world)
    thread = world.thread(at.hod_my)
    world.reply(at.hod_my, thread, body="Thank you @h6.member")
    at.member_my.get(f"/threads/{thread}", follow_redirects=True)
    world.change(User, at.member_my.user_id, deactivated_at=now() - timedelta(days=366), is_moderator=True)
    assert run(world)["accounts"] == 1
    user_id = at.member_my.user_id
    with world.app.app_context():
        for name in ("notification", "bookmark", "read_state", "read_count", "mention", "reviewer", "draft"):
            table = db.metadata.tables[name]
            assert db.session.execute(select(func.count()).select_from(table).where(table.c.user_id == user_id)).scalar() == 0, name
        assert db.session.get_one(User, user_id).is_moderator is False
    assert "Legal officer" not in at.hod_id.get(f"/rooms/{at.room}").text.partition("Who is in it")[2]


def test_the_address_of_an_old_letter_is_wiped_as_well(sqlite_app, tmp_path):
    world = World(sqlite_app)
    with sqlite_app.app_context(), unit_of_work():
        db.session.add(Mail(message_id="<x>", to=f"{SECRET.lower()}@example.org", subject="", body="", done_at=now() - timedelta(days=91)))
    assert in_files(tmp_path, SECRET.lower())
    assert run(world)["letters"] == 1
    assert not in_files(tmp_path, SECRET.lower())


def test_what_waits_for_a_moderator_of_an_emptied_room_is_over_and_writes_nothing_into_it(world):
    at, moderator = scene.opened(world), world.person("TH", is_moderator=True)
    scene.say(at.hod_my, at.room, f"{SECRET} was said.")
    at.hod_id.post("/flags", target=f"entry:{at.room}:2", reason="identifies_person", note="")
    found = queue.item(world)
    close(at)
    ages(world)
    assert run(world)["rooms"] == 1
    last = world.one(select(Room.last_seq)).last_seq
    assert queue.item(world).outcome == "over"
    moderator.post(f"/moderation/{found.id}/decide", version=found.version, decision="restore", reason="It may stand")
    assert world.one(select(Room.last_seq)).last_seq == last
