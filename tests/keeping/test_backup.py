"""A backup is whole, private and of this hub, made while others write; restored on an empty instance everything acknowledged before is there."""

import json
import os
import re
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select

from hub import create_app
from hub.backup import making, restoring
from hub.backup.manifest import NAME, Refused
from hub.db import db, end_reading, unit_of_work
from hub.discussions.models import Post
from hub.files import store
from tests.conftest import ROOT, SETTINGS, make_app
from tests.factories import World, empty
from tests.moderation import scene as queue

ENGINES = ("sqlite", "postgresql")


@pytest.fixture
def hubs(tmp_path, request):
    """Makes hubs with a database and a data folder of their own, on the engine asked for."""
    made = []

    def make(engine: str, name: str, migrated: bool = True, **more):
        folder = tmp_path / name
        folder.mkdir()
        url = f"sqlite:///{folder / 'hub.sqlite3'}" if engine == "sqlite" else request.getfixturevalue("new_database")()
        more = {"HUB_PORT": 1} | more
        app = make_app(url, folder, **more) if migrated else create_app(SETTINGS | {"HUB_DATABASE_URL": url, "HUB_DATA": str(folder)} | more)
        if migrated:
            empty(app)
        made.append(app)
        return app, folder

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def backup(app, target: Path, **how: str) -> Path:
    with app.app_context():
        made = making.make(target, lambda _step: None, **how)
        db.session.remove()
        return made


def restore(app, made: Path):
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
        return restoring.restore(made, lambda _step: None, lambda settings: create_app(SETTINGS | settings))


def bodies(app) -> list[str]:
    with app.app_context():
        found = list(db.session.scalars(select(Post.body_md).order_by(Post.id)))
        end_reading()
        return found


@pytest.mark.parametrize("engine", ENGINES)
def test_what_was_acknowledged_before_is_there_on_an_empty_instance(hubs, tmp_path, engine):
    app, _folder = hubs(engine, "first")
    world = World(app)
    author = world.person("LA", title="Victim support officer")
    thread = world.thread(author)
    with app.app_context():
        kept = store.keep(b"bytes of a file")
    writers = [World(app) for _writer in range(3)]
    acknowledged: list[str] = []
    over = threading.Event()

    def write(n: int) -> None:
        for number in range(10_000):
            if over.is_set():
                return
            body = f"Answer {'abc'[n]} " + "xyz"[number % 3] * (number // 3 + 1)
            writers[n].reply(author, thread, body=body)
            acknowledged.append(body)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(3)]
    for one in threads:
        one.start()
    deadline = time.monotonic() + 30
    while len(acknowledged) < 5 and time.monotonic() < deadline:
        time.sleep(0.1)
    before = list(acknowledged)
    made = backup(app, tmp_path / "backups")
    over.set()
    for one in threads:
        one.join()
    assert before
    for path in [made, *made.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    second, folder = hubs(engine, "second", migrated=False)
    done = restore(second, made)
    there = bodies(second)
    assert set(before) <= set(there)
    assert set(there) <= {*acknowledged, "The first words."}
    assert done.files == 1
    assert (folder / "files" / kept[:2] / kept).read_bytes() == b"bytes of a file"
    assert not list(folder.glob("restoring-*"))
    assert "Victim support officer" in World(second).again(author).get("/account").text


@pytest.mark.parametrize("engine", ENGINES)
def test_removed_words_do_not_come_back(hubs, tmp_path, engine):
    app, folder = hubs(engine, "first")
    world = World(app)
    author, reader, moderator = world.person("LA"), world.person("TH"), world.person("SG", is_moderator=True)
    thread = world.thread(author, body="A driver brought them to Zorvala Village.")
    made = backup(app, tmp_path / "backups")
    queue.flag(world, reader, thread)
    assert queue.decide(world, moderator, queue.item(world), "remove").status_code == 303
    from hub.moderation import purging

    with app.app_context():
        for _try in range(40):
            purging.work()
            if not purging.status()[0]:
                break
            end_reading()
            time.sleep(0.25)
        db.session.remove()
        db.engine.dispose()
    done = restore(app, made)
    assert done.purged_again >= 1
    assert done.kept
    assert "Zorvala" not in str(bodies(app))
    if engine == "sqlite":
        assert b"Zorvala" not in (folder / "hub.sqlite3").read_bytes()
        assert b"Zorvala" not in Path(done.kept).read_bytes()


def damaged(made: Path, how: str) -> None:
    manifest = made / NAME
    database = next(path for path in made.iterdir() if path.name.startswith("database"))
    said = json.loads(manifest.read_text())
    if how == "truncated":
        os.truncate(database, database.stat().st_size // 2)
    elif how == "altered":
        with open(database, "r+b") as file:
            file.seek(2_000)
            file.write(b"\xff")
    elif how == "without a file":
        next((made / "files").glob("??/*")).unlink()
    elif how == "with a file too many":
        (made / "files" / "more").write_bytes(b"x")
    elif how == "newer":
        manifest.write_text(json.dumps(said | {"head": "9999"}))
    elif how == "newer format":
        manifest.write_text(json.dumps(said | {"format": 2}))
    elif how == "foreign":
        manifest.write_text(json.dumps(said | {"ours": "0" * 64}))
    elif how == "without a manifest":
        manifest.unlink()
    elif how == "nonsense":
        manifest.write_text("[1, 2]")
    elif how == "out of its folder":
        manifest.write_text(json.dumps(said | {"parts": [*said["parts"], {"path": "../../hub.sqlite3", "size": 1, "sha256": "0"}]}))
    elif how == "broken record":  # and a manifest made to fit
        with sqlite3.connect(database) as connection:
            triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit_%'").fetchall()
            for name, _sql in triggers:
                connection.execute(f"DROP TRIGGER {name}")
            connection.execute("UPDATE audit_row SET reason = 'Another reason'")
            for _name, sql in triggers:
                connection.execute(sql)
        from hub.backup.manifest import part_of

        parts = [part for part in said["parts"] if not part["path"].startswith("database")] + [vars(part_of(made, database))]
        manifest.write_text(json.dumps(said | {"parts": parts}))


SAYS = {
    "truncated": "bytes, not", "altered": "was changed", "without a file": "is missing", "with a file too many": "does not belong to it", "newer": "newer hub", "newer format": "another version",
    "foreign": "another HUB_SECRET_KEY", "without a manifest": "is no backup", "nonsense": "is no backup", "out of its folder": "is missing", "broken record": "does not hold",
}  # fmt: skip


@pytest.mark.parametrize("how", SAYS)
def test_what_is_no_good_backup_is_refused_and_the_data_in_use_stay(hubs, tmp_path, how):
    app, folder = hubs("sqlite", "first")
    world = World(app)
    world.thread(world.person("LA"), body="In use.")
    admin, member = world.person("SG", is_admin=True), world.person("SG")
    admin.post(f"/members/{member.user_id}/deactivate")
    with app.app_context():
        store.keep(b"bytes of a file")
    made = backup(app, tmp_path / "backups")
    damaged(made, how)
    world.reply(world.person("LA"), 1, body="Since then.")
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    before = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(Refused, match=SAYS[how]):
        restore(app, made)
    assert {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert bodies(app) == ["In use.", "Since then."]


def test_a_damaged_dump_of_postgresql_leaves_no_database_behind(hubs, tmp_path, postgresql):
    app, _folder = hubs("postgresql", "first")
    world = World(app)
    world.thread(world.person("LA"), body="In use.")
    made = backup(app, tmp_path / "backups")
    database = made / "database.pgdump"
    database.write_bytes(database.read_bytes()[:4_000])
    said = json.loads((made / NAME).read_text())
    from hub.backup.manifest import part_of

    (made / NAME).write_text(json.dumps(said | {"parts": [vars(part_of(made, database))]}))
    with pytest.raises(Refused, match="pg_restore failed"):
        restore(app, made)
    with psycopg.connect(postgresql) as server:
        assert server.execute("SELECT count(*) FROM pg_database WHERE datname LIKE '%restoring%'").fetchone() == (0,)
    assert bodies(app) == ["In use."]


def test_a_running_hub_is_not_restored_over(hubs, tmp_path):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        app, _folder = hubs("sqlite", "first", HUB_PORT=server.getsockname()[1])
        made = backup(app, tmp_path / "backups")
        with pytest.raises(Refused, match="stop it first"):
            restore(app, made)


def test_a_backup_that_breaks_off_is_none(hubs, tmp_path, monkeypatch):
    app, _folder = hubs("sqlite", "first")
    monkeypatch.setattr(making, "write", lambda *_parts: (_ for _ in ()).throw(OSError("No space left on device")))
    with pytest.raises(OSError, match="No space"):
        backup(app, tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


def test_it_is_encrypted_by_the_tool_that_is_there_and_nothing_stays_in_clear(hubs, tmp_path, monkeypatch):
    app, folder = hubs("sqlite", "first")
    World(app).thread(World(app).person("LA", name="x"), body="Words of a post.")
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "age").write_text('#!/bin/sh\n[ "$1 $2 $3" = "--encrypt --recipient age1demo" ] || exit 1\ntr "a-zA-Z" "n-za-mN-ZA-M"\n')
    (tools / "age").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    made = backup(app, tmp_path / "backups", tool="age", recipient="age1demo")
    assert made.name.endswith(".tar.age")
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert b"Jbeqf bs n cbfg." in made.read_bytes()
    assert not list(folder.glob("*.partial"))
    with pytest.raises(Refused, match="age failed"):
        backup(app, tmp_path / "backups", tool="age", recipient="nobody")
    assert [path.name for path in (tmp_path / "backups").iterdir()] == [made.name]
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(Refused, match="not installed"):
        backup(app, tmp_path / "backups", tool="gpg", recipient="x")


def test_at_the_command_line(hubs, tmp_path):
    app, _folder = hubs("sqlite", "first")
    world = World(app)
    world.thread(world.person("LA"), body="Words of a post.")
    run = app.test_cli_runner()
    made = run.invoke(args=["hub", "backup", str(tmp_path / "backups")])
    assert made.exit_code == 0, made.output
    second, _there = hubs("sqlite", "second", migrated=False)
    path = made.output.strip().rpartition("backup: ")[2].partition(",")[0]
    with app.app_context(), unit_of_work():
        db.session.remove()
    done = second.test_cli_runner().invoke(args=["hub", "restore", path])
    assert done.exit_code == 0, done.output
    assert "rows of the record verified" in done.output
    with second.app_context():
        db.engine.dispose()  # this process goes on, as none at the command line does
    assert bodies(second) == ["Words of a post."]
    again = second.test_cli_runner().invoke(args=["hub", "restore", str(tmp_path)])
    assert again.exit_code == 1
    assert "Nothing was changed." in again.output


@pytest.mark.parametrize("there", ["empty", "missing", "in use"])
@pytest.mark.parametrize("engine", ENGINES)
def test_restored_from_the_command_line_by_script_on_a_second_instance(hubs, tmp_path, engine, there, request):
    """As an operator does it, in a process of its own: the time is told, and sign-in works."""
    app, folder = hubs(engine, "first")
    world = World(app)
    author = world.person("LA")
    thread = world.thread(author)
    made = backup(app, tmp_path / "backups")
    world.reply(author, thread, body="Said after the backup.")
    second = tmp_path / "second"
    second.mkdir()
    url = f"sqlite:///{second / 'hub.sqlite3'}" if engine == "sqlite" else request.getfixturevalue("new_database")()
    if there == "missing" and engine == "postgresql":
        url += "_not_there"
    if there == "in use":
        url, second = app.config["HUB_DATABASE_URL"], folder
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    environ |= {"HUB_DATABASE_URL": url, "HUB_DATA": str(second), "HUB_SECRET_KEY": SETTINGS["HUB_SECRET_KEY"], "HUB_PORT": "1"}
    run = subprocess.run([sys.executable, "-m", "flask", "--app", "wsgi", "hub", "restore", str(made)], cwd=ROOT, env=environ, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-2_000:]
    assert re.search(r"in place after \d+\.\d s", run.stdout)
    restored = create_app(SETTINGS | {"HUB_DATABASE_URL": url, "HUB_DATA": str(second)})
    assert "Said after the backup." not in bodies(restored)
    assert "The first words." in bodies(restored)
    assert World(restored).again(author).get("/account").status_code == 200
    with restored.app_context():
        db.session.remove()
        db.engine.dispose()
    if there == "missing" and engine == "postgresql":
        from hub.backup import engines

        engines.drop(url)
