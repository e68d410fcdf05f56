"""A hub moves from SQLite to PostgreSQL with every row, and goes on there; what is not whole, or not meant, is refused."""

import socket

import pytest
from sqlalchemy import func, select

from hub import create_app, text
from hub.accounts.models import Kind, Organisation
from hub.audit import queries as audit
from hub.backup import moving
from hub.backup.manifest import Refused
from hub.db import Base, db, unit_of_work
from hub.demo import seed
from tests.conftest import SETTINGS, make_app
from tests.factories import World, empty


@pytest.fixture
def source(tmp_path):
    """A hub with everything that a demo has, on SQLite."""
    app = make_app(f"sqlite:///{tmp_path / 'hub.sqlite3'}", tmp_path, HUB_PORT=1, HUB_DEMO=1)
    empty(app)
    with app.app_context():
        with unit_of_work():
            seed.sow()
        db.session.remove()
    world = World(app)
    world.agency("TH")
    with app.app_context():  # a parent with a larger number than its child
        first = db.session.scalars(select(Organisation.id).where(Organisation.kind == Kind.AGENCY).order_by(Organisation.id)).first()
        with unit_of_work():
            later = Organisation(kind=Kind.PARTNER, name=text.prepare_line("Named later"), short_name=text.prepare_line("Later"))
            db.session.add(later)
            db.session.flush()
            db.session.get_one(Organisation, first).parent_id = later.id
        db.session.remove()
    yield app
    with app.app_context():
        db.engine.dispose()


def move(app, url: str) -> int:
    with app.app_context():
        try:
            return moving.move(url, lambda _step: None, lambda settings: create_app(SETTINGS | {"HUB_DATA": app.config["HUB_DATA"]} | settings))
        finally:
            db.session.remove()


def counts(app) -> dict[str, int]:
    with app.app_context():
        found = {table.name: db.session.scalar(select(func.count()).select_from(table)) for table in Base.metadata.sorted_tables}
        db.session.remove()
        return found


@pytest.fixture
def opened(source):
    """Opens a hub on a database, and closes it at the end."""
    apps = []

    def open_it(url: str):
        apps.append(create_app(SETTINGS | {"HUB_DATABASE_URL": url, "HUB_DATA": source.config["HUB_DATA"], "HUB_DEMO": 1}))
        return apps[-1]

    yield open_it
    for app in apps:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def test_every_row_arrives_and_the_hub_goes_on_there(source, new_database, opened):
    url = new_database()
    rows = move(source, url)
    there = opened(url)
    assert counts(there) == counts(source)
    assert rows == sum(counts(source).values()) > 1_000
    with there.app_context():
        assert next(audit.faults(), None) is None
        assert audit.length() > 0
        db.session.remove()
    world = World(there)
    author, reader = world.person("LA"), world.person("TH")  # new rows get numbers of their own
    thread = world.thread(author)
    world.reply(reader, thread, body="Said after the move.")
    assert "Said after the move." in author.get(f"/threads/{thread}", follow_redirects=True).text


def test_what_is_not_meant_is_refused(source, new_database, tmp_path):
    with pytest.raises(Refused, match="SQLite to PostgreSQL"):
        move(source, f"sqlite:///{tmp_path / 'other.sqlite3'}")
    url = new_database()
    move(source, url)
    before = counts(source)
    with pytest.raises(Refused, match="not empty"):
        move(source, url)
    with pytest.raises(Refused, match="server there"):
        move(source, "postgresql://postgres@127.0.0.1:1/nothing")
    assert counts(source) == before


def test_a_row_that_arrives_otherwise_is_noticed_and_nothing_stays(source, new_database, opened, monkeypatch):
    summed = moving._sum

    def spoil(table, connection):
        if table.name == "post" and connection.dialect.name == "postgresql":
            connection.exec_driver_sql("UPDATE post SET body_md = body_md || '.' WHERE id = 1")
        return summed(table, connection)

    monkeypatch.setattr(moving, "_sum", spoil)
    url = new_database()
    with pytest.raises(Refused, match="arrived in post is not what was sent"):
        move(source, url)
    assert set(counts(opened(url)).values()) <= {0, 1}  # what migrations put there


def test_a_hub_that_runs_is_not_moved(source, new_database, opened):
    with socket.create_server(("127.0.0.1", 0)) as door:
        app = create_app(SETTINGS | {"HUB_DATABASE_URL": source.config["HUB_DATABASE_URL"], "HUB_DATA": source.config["HUB_DATA"], "HUB_PORT": door.getsockname()[1]})
        result = app.test_cli_runner().invoke(args=["hub", "move-to", new_database()])
        with app.app_context():
            db.engine.dispose()
    assert result.exit_code == 1
    assert "stop it first" in result.output
