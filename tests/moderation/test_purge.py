"""Removed means removed: no file of the database holds the words any more, and an old backup loses them again."""

import json
import shutil
import sqlite3
import time
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select, update

from hub.db import db, end_reading, now, unit_of_work
from hub.deliver import turn
from hub.discussions.models import Post, Thread
from hub.moderation import purging
from hub.moderation.models import Purge
from hub.moderation.replaying import replay
from hub.notifications.models import Notification
from hub.review.models import ReviewItem
from tests.conftest import make_app
from tests.factories import World, empty
from tests.moderation.scene import decide, flag, item

NAME, PLACE, CODE = "Zorvala Demo", "Lembah Xyq", "Qw7Zx9k"  # short, so that no engine compresses them
BODY = f"Our note on {NAME} and {PLACE} has the mark {CODE}. Notice is 24 hours."


def scene(world):
    """A post with versions, drafts and quotes, flagged; its item and how it is redacted."""
    author, reader, moderator = world.person("PH"), world.person("KH"), world.person("SG", is_moderator=True)
    thread = world.thread(reader, title="A thread about notice")
    num = world.reply(author, thread, body=BODY)
    author.post(f"/threads/{thread}/posts/{num}/edit", body=BODY + " More.", lang="en", revision="1")
    author.post(f"/threads/{thread}/posts/{num}/edit", body=BODY + " Still more.", lang="en", revision="2")
    world.reply(reader, thread, num, body=f"> Our note on {NAME}\n> and {PLACE} has the mark {CODE}.\n\nWhy?")
    reader.post("/flags", target=f"post:{world.one(select(Post.id).where(Post.num == num)).id}", reason="identifies_person", note="")
    found = item(world)
    return moderator, found, {"words": f"{NAME}\n{PLACE}\n{CODE}"}


def found_in_files(folder: Path) -> set[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {word for word in (NAME, PLACE, CODE) for path in files if word.encode() in path.read_bytes()}


def heap_of(app: Flask, url: str) -> bytes:
    """Everything the touched tables keep on disk: heap, TOAST and indexes."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("CHECKPOINT")
        folder = Path(server.execute("SHOW data_directory").fetchone()[0])
        rows = server.execute("""
            SELECT pg_relation_filepath(c.oid) FROM pg_class c WHERE c.relkind IN ('r', 't', 'i') AND (c.relname IN ('post', 'post_revision', 'draft', 'thread', 'review_cause')
                OR c.oid IN (SELECT reltoastrelid FROM pg_class WHERE relname IN ('post', 'post_revision', 'draft'))
                OR c.oid IN (SELECT indexrelid FROM pg_index WHERE indrelid IN ('post'::regclass, 'post_revision'::regclass, 'draft'::regclass)))""").fetchall()
    return b"".join(path.read_bytes() for row in rows if (path := folder / row[0]).exists())


@pytest.fixture
def own_app(tmp_path):
    app = make_app(f"sqlite:///{tmp_path / 'hub.sqlite3'}", tmp_path, HUB_MAIL_URL=f"file:{tmp_path / 'mail'}")
    empty(app)
    yield app
    with app.app_context():
        db.engine.dispose()


def test_sqlite_holds_none_of_the_words_after_the_purge(own_app, tmp_path):
    world = World(own_app)
    moderator, found, how = scene(world)
    with own_app.app_context():
        turn()
    assert found_in_files(tmp_path) == {NAME, PLACE, CODE}
    assert decide(world, moderator, found, "redact", **how).status_code == 303
    assert "pending" in moderator.get(f"/moderation/{found.id}").text
    assert found_in_files(tmp_path), "before the purge the write-ahead log holds the words: without it this test would tell nothing"
    with own_app.app_context():
        turn()
    assert found_in_files(tmp_path) == set()
    assert "are wiped from the database" in moderator.get(f"/moderation/{found.id}").text


def test_a_title_goes_from_the_thread_waiting_letters_and_those_a_demo_kept(own_app, tmp_path):
    world = World(own_app)
    author, reader, moderator = world.person("PH"), world.person("KH"), world.person("SG", is_moderator=True)
    thread = world.thread(author, title=f"What {NAME} taught us")
    world.reply(reader, thread)
    with own_app.app_context():
        with unit_of_work():
            db.session.execute(update(Notification).values(mail_due_at=now()))
        turn()
        db.session.remove()
    assert any(NAME.encode() in path.read_bytes() for path in (tmp_path / "mail").glob("*.eml"))
    world.reply(reader, thread)
    with own_app.app_context(), unit_of_work():
        db.session.execute(update(Notification).values(mail_due_at=now()))
    flag(world, reader, thread, 1)
    assert decide(world, moderator, item(world), "redact", words=NAME).status_code == 303
    with own_app.app_context():
        turn()
        db.session.remove()
    assert found_in_files(tmp_path) == set()
    assert "What [removed: identifies a person] taught us" in reader.get(f"/threads/{thread}", follow_redirects=True).text


def test_a_long_reader_keeps_it_pending_and_it_finishes_after(own_app, tmp_path):
    world = World(own_app)
    moderator, found, how = scene(world)
    with sqlite3.connect(tmp_path / "hub.sqlite3", isolation_level=None) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM post").fetchone()
        decide(world, moderator, found, "redact", **how)
        with own_app.app_context():
            turn()
        assert "pending" in moderator.get(f"/moderation/{found.id}").text
        assert found_in_files(tmp_path)
        status = own_app.test_cli_runner().invoke(args=["hub", "purge", "status"]).output
        assert "pending: post" in status
        assert "in the way" in status
        reader.execute("COMMIT")
    with own_app.app_context():
        turn()
    assert found_in_files(tmp_path) == set()
    assert "0 pending" in own_app.test_cli_runner().invoke(args=["hub", "purge", "status"]).output


@pytest.fixture
def on_postgresql(new_database, tmp_path):
    url = new_database()
    app = make_app(url, tmp_path)
    empty(app)
    yield app, url
    with app.app_context():
        db.engine.dispose()


def wipe(app):
    """Turn until nothing is pending: the server may be tidying up a young database, which is in the way for a moment."""
    for _try in range(40):
        with app.app_context():
            end_reading()
            db.session.remove()
            turn()
            left, done = purging.status()
            db.session.remove()
        if done and not left:
            return
        time.sleep(0.5)


def test_postgresql_holds_none_of_the_words_after_the_purge(on_postgresql):
    app, url = on_postgresql
    world = World(app)
    moderator, found, how = scene(world)
    decide(world, moderator, found, "redact", **how)
    left = heap_of(app, url)
    assert NAME.encode() in left, "without a purge the pages hold the words: else this test would tell nothing"
    wipe(app)
    left = heap_of(app, url)
    assert [word for word in (NAME, PLACE, CODE) if word.encode() in left] == []
    assert "are wiped from the database" in moderator.get(f"/moderation/{found.id}").text


def test_a_long_reader_of_postgresql_keeps_it_pending(on_postgresql):
    app, url = on_postgresql
    world = World(app)
    moderator, found, how = scene(world)
    decide(world, moderator, found, "redact", **how)
    with psycopg.connect(url) as reader:
        reader.execute("SELECT count(*) FROM post")
        with app.app_context():
            turn()
        assert "pending" in moderator.get(f"/moderation/{found.id}").text
        reader.rollback()
    wipe(app)
    assert "are wiped from the database" in moderator.get(f"/moderation/{found.id}").text


@pytest.mark.parametrize("decision", ["redact", "remove"])
def test_an_old_backup_loses_the_words_again(own_app, tmp_path, decision):
    world = World(own_app)
    moderator, found, how = scene(world)
    with own_app.app_context():
        purging._checkpoint()
        db.session.remove()
        shutil.copy(tmp_path / "hub.sqlite3", tmp_path.parent / f"{tmp_path.name}.old")
    decide(world, moderator, found, decision, **how)
    with own_app.app_context():
        turn()
        text_after = db.session.scalar(select(Post.body_md).where(Post.num == 2))
        db.session.remove()
        db.engine.dispose()
    lines = [json.loads(line) for line in (tmp_path / "purges.jsonl").read_text().splitlines()]
    assert lines
    assert not any(word in (tmp_path / "purges.jsonl").read_text() for word in (NAME, PLACE, CODE))
    for suffix in ("-wal", "-shm"):
        (tmp_path / f"hub.sqlite3{suffix}").unlink(missing_ok=True)
    shutil.copy(tmp_path.parent / f"{tmp_path.name}.old", tmp_path / "hub.sqlite3")
    assert found_in_files(tmp_path) == {NAME, PLACE, CODE}
    said = own_app.test_cli_runner().invoke(args=["hub", "purge", "replay"])
    assert "and are wiped" in said.output, said.output
    assert found_in_files(tmp_path) == set()
    with own_app.app_context():
        assert db.session.scalar(select(Post.body_md).where(Post.num == 2)) == text_after
        db.session.remove()
        assert replay(purging.entries(purging.list_file())) == 0


def test_a_damaged_list_is_refused(own_app, tmp_path):
    (tmp_path / "purges.jsonl").write_text('{"id": 1, "table": "user", "row": 1, "revision": 1, "spans": "", "at": ""}\n')
    said = own_app.test_cli_runner().invoke(args=["hub", "purge", "replay"])
    assert said.exit_code == 1
    assert "no list of purges" in said.output


def test_what_was_removed_for_another_reason_goes_after_seven_days(own_app, tmp_path):
    world = World(own_app)
    author, moderator = world.person("PH"), world.person("SG", is_moderator=True)
    thread = world.thread(author, body=BODY)
    num = world.reply(author, thread, body=BODY)
    flag(world, world.person("VN"), thread, num, "off_topic")
    found = item(world)
    decide(world, moderator, found, "remove")
    with own_app.app_context():
        turn()
        assert db.session.scalar(select(Post.body_md).where(Post.num == num)) == BODY
        db.session.remove()
        with unit_of_work():
            row = db.session.get_one(ReviewItem, found.id)
            row.closed_at, row.empty_at = row.closed_at - timedelta(days=7), now() - timedelta(minutes=1)
        turn()
        assert db.session.scalar(select(Post.body_md).where(Post.num == num)) == ""
        assert db.session.scalar(select(Purge.table)) == "post"


def restored(app, folder, work):
    """Do ``work`` after a copy of the database was put aside, purge, put the copy back, and play the list again; what the command says."""
    with app.app_context():
        purging._checkpoint()
        db.session.remove()
        shutil.copy(folder / "hub.sqlite3", folder.parent / f"{folder.name}.old")
    work()
    with app.app_context():
        turn()
        db.session.remove()
        db.engine.dispose()
    for suffix in ("-wal", "-shm"):
        (folder / f"hub.sqlite3{suffix}").unlink(missing_ok=True)
    shutil.copy(folder.parent / f"{folder.name}.old", folder / "hub.sqlite3")
    said = app.test_cli_runner().invoke(args=["hub", "purge", "replay"])
    assert said.exit_code == 0, said.output
    return said.output


@pytest.mark.parametrize("decision", ["redact", "remove"])
def test_an_old_backup_loses_a_title_again_and_keeps_an_opening_that_did_not_say_it(own_app, tmp_path, decision):
    world = World(own_app)
    author, reader, moderator = world.person("PH"), world.person("KH"), world.person("SG", is_moderator=True)
    thread = world.thread(author, title=f"What {NAME} taught us", body="An opening without it.")
    flag(world, reader, thread, 1)
    said = restored(own_app, tmp_path, lambda: decide(world, moderator, item(world), decision, words=NAME))
    assert "and are wiped" in said
    assert found_in_files(tmp_path) == set()
    title, body = world.one(select(Thread.title, Post.body_md).join(Post, Post.thread_id == Thread.id).where(Post.num == 1))
    assert (title, body) == (("[removed: identifies a person]", "An opening without it.") if decision == "redact" else ("", ""))
    assert "purge: 0 rows" in own_app.test_cli_runner().invoke(args=["hub", "purge", "replay"]).output


def test_an_old_backup_loses_an_earlier_version_again(own_app, tmp_path):
    world = World(own_app)
    author, reader, moderator = world.person("PH"), world.person("KH"), world.person("SG", is_moderator=True)
    thread = world.thread(author, body=f"A note that names {NAME}.")
    other = world.thread(reader, body=f"I read that {NAME} was named.")
    reader.post(f"/threads/{other}/posts/1/edit", body="I read it.", title="A question for all", lang="en", revision="1")
    flag(world, reader, thread, 1)
    restored(own_app, tmp_path, lambda: decide(world, moderator, item(world), "redact", words=NAME))
    assert found_in_files(tmp_path) == set()
    assert world.one(select(Post.body_md).where(Post.thread_id == other))[0] == "I read it."


def test_a_list_that_was_not_written_to_its_end_stops_neither_letters_nor_a_replay(own_app, tmp_path):
    world = World(own_app)
    moderator, found, how = scene(world)
    (tmp_path / "purges.jsonl").write_text('{"id": 9, "table": "po')
    decide(world, moderator, found, "redact", **how)
    with own_app.app_context():
        turn()
        db.session.remove()
    assert found_in_files(tmp_path) == set()
    assert "purge: 0 rows" in own_app.test_cli_runner().invoke(args=["hub", "purge", "replay"]).output
    (tmp_path / "purges.jsonl").write_text("{}\n")
    num = world.reply(world.person("PH"), 1, body=f"{NAME} once more")
    flag(world, world.person("KH"), 1, num)
    decide(world, moderator, item(world), "remove")
    with own_app.app_context():
        turn()
    assert "cannot be written" in own_app.test_cli_runner().invoke(args=["hub", "purge", "status"]).output


def test_a_snapshot_of_another_table_keeps_it_pending_on_postgresql(on_postgresql):
    app, url = on_postgresql
    world = World(app)
    moderator, found, how = scene(world)
    with psycopg.connect(url) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.execute("SELECT count(*) FROM pillar")
        decide(world, moderator, found, "redact", **how)
        with app.app_context():
            turn()
            db.session.remove()
        assert "pending" in moderator.get(f"/moderation/{found.id}").text
        assert NAME.encode() in heap_of(app, url)
        reader.rollback()
    wipe(app)
    assert NAME.encode() not in heap_of(app, url)
    assert "are wiped from the database" in moderator.get(f"/moderation/{found.id}").text
