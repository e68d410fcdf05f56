"""Several processes write through the hub's own code at once: nothing is lost, nothing is refused, numbers are dense."""

import multiprocessing
import os
import secrets
import time

import pytest
from sqlalchemy import select

from hub import create_app, text
from hub.accounts.models import User
from hub.db import db, unit_of_work
from hub.discussions import actions
from hub.discussions.models import Post, Thread
from tests.conftest import SETTINGS, make_app
from tests.factories import World, empty

SECONDS = 3


def reply_for_a_while(settings: dict[str, object], thread_id: int, user_id: int, results) -> None:
    app = create_app(settings)
    written, trouble, until = 0, [], time.monotonic() + SECONDS
    with app.app_context():
        while time.monotonic() < until:
            prepared = text.prepare(f"reply {written} of {os.getpid()}")
            try:
                with unit_of_work():
                    user, thread = db.session.get_one(User, user_id), db.session.get_one(Thread, thread_id)
                    actions.reply(user, thread, 1, prepared, "en", secrets.token_hex(8))
                written += 1
            except Exception as error:
                trouble.append(repr(error))
    results.put((written, trouble))


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_four_processes_lose_no_reply(engine, tmp_path, request):
    url = f"sqlite:///{tmp_path / 'hub.sqlite3'}" if engine == "sqlite" else request.getfixturevalue("new_database")()
    app = make_app(url, tmp_path)
    empty(app)
    world = World(app)
    author = world.person()
    thread = world.thread(author)
    settings = SETTINGS | {"HUB_DATABASE_URL": url, "HUB_DATA": str(tmp_path)}
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    workers = [context.Process(target=reply_for_a_while, args=(settings, thread, author.user_id, results)) for _ in range(4)]
    for worker in workers:
        worker.start()
    said = [results.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join()
    written = sum(count for count, _trouble in said)
    assert [trouble for _count, found in said for trouble in found] == []
    assert written > 20
    rows = world.all(select(Post.num).where(Post.thread_id == thread).order_by(Post.num))
    assert [row.num for row in rows] == list(range(1, written + 2))
    assert world.one(select(Thread.last_num, Thread.shown_posts)) == (written + 1, written + 1)
    with app.app_context():
        db.engine.dispose()
    print(f"{engine}: {written} replies by 4 processes in {SECONDS} s")
