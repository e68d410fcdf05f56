"""The demo: whole, invented, and removed without a trace."""

import re

import pytest
from sqlalchemy import func, select

from hub.accounts.models import Demo, Organisation, State, User
from hub.db import Base, db
from hub.demo import seed
from hub.demo.accounts import ACCOUNTS, PASSWORD
from hub.discussions.models import Post, Thread
from hub.minutes import exporting
from hub.minutes.models import Minutes
from hub.pillars.models import Pillar
from hub.rooms.models import Room, RoomEntry


@pytest.fixture
def demo(app, monkeypatch):
    monkeypatch.setitem(app.config, "HUB_DEMO", True)
    result = app.test_cli_runner().invoke(args=["hub", "seed"])
    assert result.exit_code == 0, result.output
    return app


def counts(app) -> dict[str, int]:
    with app.app_context():
        return {table.name: db.session.scalar(select(func.count()).select_from(table)) for table in Base.metadata.sorted_tables}


def test_every_state_and_role_has_its_account(demo, world):
    handles = {row.handle for row in world.all(select(User.handle))}
    states = [row.code.lower() for row in world.all(select(State.code))]
    assert len(states) == 11
    assert {f"{kind}.{state}" for kind in ("fp", "member") for state in states} <= handles
    assert {"hod.id", "hod.my", "note.id", "vso.my", "rev.protection.ph", "rev.protection.th", "inv.demo", "moderator.1", "moderator.2", "admin.1", "partner.1", "partner.2"} <= handles
    assert len(handles) == len(ACCOUNTS) == 34


def test_the_threads_of_the_demo_are_there(demo, world):
    titles = {row.title: row for row in world.all(select(Thread.title, Thread.shown_posts, Thread.pinned_at, Thread.label))}
    assert titles["Non-punishment in practice: who decides, and when?"].shown_posts == 10
    assert titles["Who is your 24/7 contact? (post role and official line only)"].pinned_at
    assert len([title for title in titles if title == "Welcome, rules in one page"]) == 1  # one title, four threads
    assert len(world.all(select(Thread.id))) == 25 + 6  # and one under each published practice
    assert {row.lang for row in world.all(select(Post.lang).distinct())} >= {"id", "ms", "fil", "th", "vi", "km", "lo", "my", "zh-Hans", "ta"}


def test_the_rooms_of_the_demo_are_closed_open_and_proposed(demo, world):
    rooms = {row.state: row for row in world.all(select(Room.state, Room.id, Room.last_seq, Room.opened_at, Room.closed_at))}
    assert set(rooms) == {"closed", "open", "proposed"}
    said = [world.all(select(RoomEntry.at).where(RoomEntry.room_id == rooms[state].id).order_by(RoomEntry.seq)) for state in ("closed", "open")]
    assert [len(entries) for entries in said] == [1 + 9 + 4 + 4 + 3 + 1, 1 + 18]
    for entries in said:
        times = [entry.at for entry in entries]
        assert times == sorted(times)
    assert said[0][-1].at == rooms["closed"].closed_at


def test_the_closed_room_of_the_demo_has_agreed_minutes_that_verify(demo, world):
    with demo.app_context():
        minutes = db.session.scalars(select(Minutes)).one()
        assert (minutes.version, minutes.room.state) == (4, "closed")
        assert exporting.faults(exporting.as_json(minutes).encode()) == []
        assert "Names two night contacts." in exporting.as_markdown(minutes)


def test_demo_accounts_sign_in_and_are_listed_in_a_demo_only(demo, world, monkeypatch):
    page = world.stranger().get("/sign-in").text
    assert "fp.la@demo.example" in page
    assert PASSWORD in page
    assert world.stranger().post("/sign-in", email="fp.la@demo.example", password=PASSWORD).status_code == 303
    monkeypatch.setitem(demo.config, "HUB_DEMO", False)
    assert "demo.example" not in world.stranger().get("/sign-in").text


def test_every_page_of_a_demo_says_so(app, tmp_path):
    from tests.conftest import make_app
    from tests.factories import World, empty
    from tests.pages import every_page, open_page

    demo_app = make_app(f"sqlite:///{tmp_path / 'demo.sqlite3'}", tmp_path, HUB_DEMO=True)
    empty(demo_app)
    for name, visitor, path, form in every_page(World(demo_app)):
        assert "Demo data: everything here is invented." in open_page(visitor, path, form).text, name
    with demo_app.app_context():
        db.engine.dispose()


def test_removing_the_demo_leaves_reference_data_alone(app, world, monkeypatch):
    before = counts(app)
    monkeypatch.setitem(app.config, "HUB_DEMO", True)
    runner = app.test_cli_runner()
    runner.invoke(args=["hub", "seed"])
    assert counts(app)["post"] > 100
    assert "34 accounts removed" in runner.invoke(args=["hub", "unseed"]).output
    assert counts(app) == before | {"audit_row": 58, "library_stamp": 1}  # a decision in the demo, what its practices went through, and the removal itself
    assert "in place" in runner.invoke(args=["hub", "setup"]).output


def test_removing_the_demo_keeps_what_real_members_wrote(demo, world):
    real = world.person("LA")
    thread = world.thread(real, title="A real thread")
    guest = world.stranger()
    guest.post("/sign-in", email="member.th@demo.example", password=PASSWORD)
    guest.post(f"/threads/{thread}/posts", body="a demo answer", parent="", lang="en")
    world.reply(real, thread, 2, body="a real answer")
    demo.test_cli_runner().invoke(args=["hub", "unseed"])
    page = real.get(real.get(f"/threads/{thread}").location).text
    assert "a real answer" in page
    assert "a demo answer" not in page
    assert world.all(select(Demo.user_id)) == []
    assert world.stranger().post("/sign-in", email="member.th@demo.example", password=PASSWORD).status_code == 401
    assert len(world.all(select(Thread.id))) == 1


def test_whom_a_demo_account_invited_goes_with_it(demo, world):
    from hub.mail.models import Mail

    focal_point = world.stranger()
    focal_point.post("/sign-in", email="fp.la@demo.example", password=PASSWORD)
    focal_point.post(f"/organisations/{world.organisation_id('LA')}/members", email="guest@example.org", role_title="Guest", role="member", organisation=world.organisation_id("LA"))
    link = re.search(r"/invitations/[\w-]+", world.one(select(Mail.body)).body)[0]
    assert world.stranger().post(link, role_title="Guest", name="", password="four quiet herons 9", again="four quiet herons 9").status_code == 303
    demo.test_cli_runner().invoke(args=["hub", "unseed"])
    assert world.all(select(User.id)) == []


def test_seeding_and_setting_up_are_safe_to_repeat(demo, world):
    runner, before = demo.test_cli_runner(), counts(demo)
    assert "in place" in runner.invoke(args=["hub", "seed"]).output
    assert "in place" in runner.invoke(args=["hub", "setup"]).output
    assert counts(demo) == before


def test_the_demo_is_refused_outside_demo_mode(app):
    result = app.test_cli_runner().invoke(args=["hub", "seed"])
    assert result.exit_code == 1
    assert "HUB_DEMO" in result.output


def test_setting_up_does_not_undo_what_a_focal_point_wrote(world, app):
    world.change(Organisation, world.organisation_id("LA"), note="ours")
    app.test_cli_runner().invoke(args=["hub", "setup"])
    assert world.one(select(Organisation.note).where(Organisation.state_code == "LA")).note == "ours"
    assert len(world.all(select(Pillar.id))) == 4


@pytest.mark.parametrize("path", sorted(seed.CONTENT.glob("*.md")), ids=lambda path: path.stem)
def test_demo_texts_hold_no_numbers_to_call_and_no_addresses(path):
    words = path.read_text("utf-8")
    assert not re.search(r"\+\d{6,}|\d{3}[ -]\d{3,4}[ -]\d{3,4}|[\w.]+@[\w.]+", words)
    head, said = seed.read(path)
    assert [post.days for post in said] == sorted((post.days for post in said), reverse=True)
    assert head["label"] in ("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER")
