"""The record of staff actions: only added to, chained, with a reason each; on both engines."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub import create_app, text
from hub.audit import actions, queries, triggers
from hub.audit.models import AuditRow
from hub.db import db, unit_of_work
from tests.conftest import SETTINGS
from tests.factories import without_triggers

ROOT = Path(__file__).resolve().parent.parent.parent
WHY = text.prepare_line("A reason for the record")


def add(app, how_many=3):
    with app.app_context():
        for n in range(how_many):
            with unit_of_work():
                actions.record(None, "test.act", ("thread", n), WHY, n=n)


def faults(app):
    with app.app_context():
        return list(queries.faults())


def test_a_chain_of_rows_holds(app):
    add(app)
    assert faults(app) == []
    with app.app_context():
        assert queries.length() == 3
        assert queries.holds(queries.head())


@pytest.mark.parametrize("statement", ["UPDATE audit_row SET reason = 'x'", "DELETE FROM audit_row", "DELETE FROM audit_head", "TRUNCATE audit_row", "TRUNCATE audit_head"])
def test_the_database_refuses_to_change_it(app, statement):
    add(app, 1)
    with app.app_context():
        if statement.startswith("TRUNCATE") and db.engine.dialect.name == "sqlite":
            statement = "DELETE FROM " + statement.split()[1]  # SQLite has no other
        with pytest.raises(sa.exc.DBAPIError, match="only added to"), unit_of_work():
            db.session.connection().exec_driver_sql(statement)
    assert faults(app) == []


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE audit_row SET reason = 'another' WHERE seq = 2", "row 2 was changed"),
        ("UPDATE audit_row SET actor_id = 7 WHERE seq = 3", "row 3 was changed"),
        ("DELETE FROM audit_row WHERE seq = 2", "row 2 is missing"),
        ("DELETE FROM audit_row WHERE seq = 3", "the chain ends at row 2"),
        ("DELETE FROM audit_row", "the chain ends at row 0"),
    ],
)
def test_a_change_by_force_is_seen(app, statement, fault):
    add(app)
    with app.app_context(), unit_of_work():
        without_triggers(statement)
    assert any(found.startswith(fault) for found in faults(app))
    with app.app_context():
        outcome = app.test_cli_runner().invoke(args=["hub", "audit", "verify"])
    assert outcome.exit_code == 1
    assert fault in outcome.output


def test_many_at_once_keep_one_chain(app):
    def act(n: int) -> None:
        with app.app_context(), unit_of_work():
            actions.record(None, "test.act", ("thread", n), WHY)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(act, range(1000)))
    assert faults(app) == []
    with app.app_context():
        assert queries.length() == 1000


def test_a_row_without_a_reason_is_not_written(app):
    with app.app_context(), pytest.raises(ValueError, match="needs a reason"), unit_of_work():
        actions.record(None, "test.act", ("thread", 1), text.prepare_line(""))


def test_what_is_undone_is_not_recorded(app):
    with app.app_context(), pytest.raises(RuntimeError), unit_of_work():
        actions.record(None, "test.act", ("thread", 1), WHY)
        raise RuntimeError
    assert faults(app) == []


def test_the_command_line_verifies_and_exports(app):
    add(app)
    runner = app.test_cli_runner()
    said = runner.invoke(args=["hub", "audit", "verify"]).output
    assert "3 rows, the chain holds" in said
    head = said.split()[-1]
    assert runner.invoke(args=["hub", "audit", "verify", "--head", head]).exit_code == 0
    assert runner.invoke(args=["hub", "audit", "verify", "--head", "f" * 64]).exit_code == 1
    rows = [json.loads(line) for line in runner.invoke(args=["hub", "audit", "export"]).output.splitlines()]
    assert [row["seq"] for row in rows] == [1, 2, 3]
    assert rows[-1]["hash"] == head


def test_the_hub_does_not_start_without_the_triggers(sqlite_app, tmp_path):
    with sqlite_app.app_context():
        assert triggers.missing(db.engine) == set()
        with unit_of_work():
            db.session.connection().exec_driver_sql("DROP TRIGGER audit_row_no_update")
    with pytest.raises(SystemExit, match="audit_row_no_update"):
        create_app(SETTINGS | {"HUB_DATABASE_URL": sqlite_app.config["SQLALCHEMY_DATABASE_URI"], "HUB_DATA": str(tmp_path)})


def test_a_removed_text_is_proved_by_a_keyed_hash(app):
    with app.app_context():
        first = actions.keyed("a removed text")
        assert first == actions.keyed("a removed text")
        assert first != actions.keyed("another")
        assert len(first) == 64


# --- who reads it, and who writes it ---------------------------------------------------------


def test_every_staff_action_leaves_a_row_with_its_reason(world):
    focal_point, admin, moderator = world.person("LA", role="focal_point"), world.person("SG", is_admin=True), world.person("SG", is_moderator=True)
    asker, answerer, colleague = world.person("LA"), world.person("TH"), world.person("LA")
    place, thread = world.organisation_id("LA"), world.thread(asker, label="TLP:CLEAR")
    num = world.reply(answerer, thread)
    members = f"/organisations/{place}/members"
    steps = [
        (focal_point, members, {"email": "a@example.org", "role_title": "Guest", "role": "member", "organisation": place}, "invitation.send"),
        (focal_point, "/invitations/{invitation}/resend", {}, "invitation.resend"), (focal_point, "/invitations/{invitation}/withdraw", {}, "invitation.withdraw"),
        (focal_point, f"/members/{colleague.user_id}/deactivate", {}, "member.deactivate"), (focal_point, f"/members/{colleague.user_id}/reactivate", {}, "member.reactivate"),
        (admin, f"/members/{colleague.user_id}/moderator", {"moderates": "1"}, "moderator.grant"), (admin, f"/members/{colleague.user_id}/moderator", {"moderates": "0"}, "moderator.withdraw"),
        (admin, f"/organisations/{place}/edit", {"name": "Full name", "short_name": "Short", "version": "1", "reads_amber": "1"}, "organisation.edit"),
        (admin, f"/organisations/{place}/edit", {"name": "Full name", "short_name": "Short", "version": "2"}, "organisation.edit organisation.read_green"),
        (moderator, f"/threads/{thread}/lock", {"locked": "1"}, "thread.close"), (moderator, f"/threads/{thread}/lock", {"locked": "0"}, "thread.open"),
        (moderator, f"/threads/{thread}/pin", {"pinned": "1"}, "thread.pin"), (moderator, f"/threads/{thread}/pin", {"pinned": "0"}, "thread.unpin"),
        (moderator, f"/threads/{thread}/posts/{num}/answer", {"on": "1"}, "thread.answered"),
        (moderator, f"/threads/{thread}/publish", {"read_upto": "2", "read_at": "2999-01-01T00:00:00+00:00"}, "thread.publish"),
        (moderator, f"/threads/{thread}/take-back", {}, "thread.take_back"), (admin, "/moderation/safeguard/phone", {"off": "1"}, "safeguard.off"),
    ]  # fmt: skip
    written, invitation = [], 0
    for actor, path, fields, action in steps:
        asked = actor.post(path.format(invitation=invitation), reason="", **fields)
        assert asked.status_code == 400, path
        answer = actor.post(path.format(invitation=invitation), reason=f"Why: {action}", **fields)
        assert answer.status_code == 303, path
        rows = world.all(sa.select(AuditRow.action, AuditRow.actor_id, AuditRow.reason).where(AuditRow.seq > len(written)).order_by(AuditRow.seq))
        assert rows == [(one, actor.user_id, f"Why: {action}") for one in action.split()], path
        written += rows
        invitation = invitation or world.one(sa.text("SELECT id FROM invitation")).id
    assert faults(world.app) == []


def test_a_staff_form_without_a_reason_asks_for_one_and_keeps_its_fields(world):
    moderator = world.person("SG", is_moderator=True)
    thread = world.thread(world.person())
    page = moderator.client.post(f"/threads/{thread}/lock", data={"locked": "1", "csrf_token": moderator.signed()})
    assert page.status_code == 200
    assert '<input type="hidden" name="locked" value="1">' in page.text
    assert "Close the thread: why?" in page.text
    named = moderator.post(f"/threads/{thread}/lock", locked="1", reason="the victim Siti Demo, 17, was named")
    assert named.status_code == 400
    assert 'name="locked" value="1"' in named.text


def test_admins_read_and_narrow_it(world):
    admin, moderator = world.person("SG", is_admin=True), world.person("SG", is_moderator=True)
    threads = [world.thread(world.person()) for _n in range(2)]
    for thread in threads:
        moderator.post(f"/threads/{thread}/lock", locked="1", reason=f"Reason {thread}")
    page = admin.get("/moderation/audit").text
    assert all(f"Reason {thread}" in page for thread in threads)
    narrowed = admin.get(f"/moderation/audit?action=thread.close&target={threads[0]}&actor={moderator.user_id}&since=2020-01-01&until=2999-01-01").text
    assert f"Reason {threads[0]}" in narrowed
    assert f"Reason {threads[1]}" not in narrowed
    assert "No such row" in admin.get("/moderation/audit?action=nothing").text
    assert admin.get("/moderation/audit?since=nonsense&target=x&actor=-1").status_code == 200
    assert moderator.get("/moderation/audit").status_code == 403


def test_a_long_record_is_read_by_pages(world):
    add(world.app, 120)
    admin, seen, address = world.person("SG", is_admin=True), [], "/moderation/audit?action=test.act"
    while address:
        page = admin.get(address).text
        seen += [int(part.split("<")[0]) for part in page.split('<th scope="row">')[1:]]
        link = page.partition(">Earlier<")[0].rpartition('href="')[2] if ">Earlier<" in page else ""
        address = link.partition('"')[0].replace("&amp;", "&")
    assert seen == list(range(120, 0, -1))


def test_two_processes_keep_one_chain(app, tmp_path):
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    script = (
        "from hub import create_app, text; from hub.audit.actions import record; from hub.db import unit_of_work\n"
        f"app = create_app({SETTINGS | {'HUB_DATABASE_URL': url, 'HUB_DATA': str(tmp_path)}!r})\n"
        "with app.app_context():\n    for n in range(60):\n        with unit_of_work():\n            record(None, 'test.act', ('thread', n), text.prepare_line('A reason'))\n"
    )
    environ = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    running = [subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=environ) for _n in range(2)]
    assert [process.wait(60) for process in running] == [0, 0]
    assert faults(app) == []
    with app.app_context():
        assert queries.length() == 120
