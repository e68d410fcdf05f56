"""The only commit, the two engines, and migrations that lose nothing."""

import shutil
import subprocess
import sys
import threading
import time
from datetime import datetime

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import select

from hub import config
from hub.accounts.models import Organisation, User
from hub.audit.triggers import EXPECTED
from hub.db import UserText, db, end_reading, now, read_patiently, unit_of_work
from hub.engines import PRAGMAS
from hub.pillars.models import Tag
from tests.conftest import ROOT, make_app
from tests.factories import World, empty


def test_a_unit_of_work_commits_once_and_rolls_back_on_any_error(app):
    with app.app_context():
        with unit_of_work():
            db.session.add(Tag(slug="kept", name="Kept"))
        with pytest.raises(KeyboardInterrupt), unit_of_work():
            db.session.add(Tag(slug="lost", name="Lost"))
            db.session.flush()
            raise KeyboardInterrupt
        slugs = set(db.session.scalars(select(Tag.slug)))
    assert "kept" in slugs
    assert "lost" not in slugs


def test_units_of_work_do_not_nest(app):
    with app.app_context(), unit_of_work(), pytest.raises(RuntimeError, match="nest"), unit_of_work():
        pass


def test_rows_change_inside_a_unit_of_work_only(app):
    with app.app_context():
        db.session.add(Tag(slug="stray", name="Stray"))
        with pytest.raises(RuntimeError, match="unit_of_work"):
            db.session.flush()
        db.session.rollback()
        for statement in (sa.update(Tag).values(name="x"), sa.delete(Tag), sa.insert(Tag).values(slug="x", name="x")):
            with pytest.raises(RuntimeError, match="unit_of_work"):
                db.session.execute(statement)


def test_a_get_takes_no_write_lock(sqlite_app):
    reader = World(sqlite_app).person()
    with sqlite_app.app_context(), unit_of_work():
        assert reader.get("/people").status_code == 200


def test_words_that_no_one_checked_are_not_stored(app):
    with app.app_context(), pytest.raises(sa.exc.StatementError, match="prepare"), unit_of_work():
        row = db.session.scalars(select(Organisation)).first()
        row.note = "raw words"
        db.session.flush()


def test_times_are_aware_and_utc(app):
    with app.app_context():
        with pytest.raises(sa.exc.StatementError, match="aware"), unit_of_work():
            db.session.execute(select(User).where(User.created_at > datetime(2026, 1, 1)))
        world = World(app)
        world.person()
        created = db.session.scalar(select(User.created_at))
    assert created.utcoffset().total_seconds() == 0
    assert abs((now() - created).total_seconds()) < 60


def test_sqlite_holds_every_pragma_on_every_connection(sqlite_app):
    with sqlite_app.app_context():
        connections = [db.engine.connect() for _ in range(3)]
        for connection in connections:
            for name, (_value, expected) in PRAGMAS.items():
                assert connection.exec_driver_sql(f"PRAGMA {name}").scalar() == expected
            connection.close()


def test_sqlite_takes_the_write_lock_at_once(sqlite_app):
    seen = []
    with sqlite_app.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
        with unit_of_work():
            pass
        db.session.scalar(select(Tag.id))
        db.session.rollback()
    assert [statement for statement in seen if statement.startswith("BEGIN")] == ["BEGIN IMMEDIATE", "BEGIN"]


def test_writers_of_sqlite_wait_for_each_other_before_they_ask_the_database(sqlite_app):
    said, inside, leave = [], threading.Event(), threading.Event()

    def write_and_stay() -> None:
        with sqlite_app.app_context(), unit_of_work():
            inside.set()
            leave.wait(10)
            said.append("leaves")

    def write() -> None:
        with sqlite_app.app_context(), unit_of_work():
            pass

    with sqlite_app.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", lambda _connection, _cursor, statement, *_more: said.append(statement))
    first, second = threading.Thread(target=write_and_stay), threading.Thread(target=write)
    first.start()
    assert inside.wait(10)
    second.start()
    time.sleep(0.3)
    leave.set()
    first.join(10)
    second.join(10)
    assert said == ["BEGIN IMMEDIATE", "leaves", "BEGIN IMMEDIATE"]


def test_postgresql_has_its_time_outs(app):
    with app.app_context():
        if db.engine.dialect.name != "postgresql":
            assert db.engine.dialect.name == "sqlite"
            return
        shown = {name: db.session.scalar(sa.text(f"SHOW {name}")) for name in ("statement_timeout", "lock_timeout", "TimeZone")}
    assert shown == {"statement_timeout": "5s", "lock_timeout": "3s", "TimeZone": "UTC"}


def test_the_old_spelling_of_postgresql_is_understood():
    assert config.database_url({"HUB_DATABASE_URL": "postgres://u@h/d", "HUB_DATA": "var"}) == "postgresql://u@h/d"
    with pytest.raises(SystemExit):
        config.database_url({"HUB_DATABASE_URL": "sqlite://", "HUB_DATA": "var"})


def test_models_and_migrations_agree(app):
    result = app.test_cli_runner().invoke(args=["db", "check", "-d", str(ROOT / "migrations")])
    assert result.exit_code == 0, result.output


def counts() -> dict[str, int]:
    return {name: db.session.scalar(sa.text(f'SELECT count(*) FROM "{name}"')) for name in sa.inspect(db.engine).get_table_names() if name != "alembic_version"}


SECOND = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "9999", "{head}"


def upgrade():
    with op.batch_alter_table("thread", recreate="{recreate}") as batch:
        batch.add_column(sa.Column("later", sa.Text()))
    {more}


def downgrade():
    pass
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def filled(request, tmp_path):
    """A database of its own with people and posts, and a folder of migrations to which one can be added."""
    url = f"sqlite:///{tmp_path / 'x.sqlite3'}" if request.param == "sqlite" else request.getfixturevalue("new_database")()
    app = make_app(url, tmp_path)
    empty(app)
    world = World(app)
    author = world.person("LA")
    world.reply(author, world.thread(author))
    folder = tmp_path / "migrations"
    shutil.copytree(ROOT / "migrations", folder)
    with app.app_context():
        if request.param == "sqlite":
            with db.engine.begin() as connection:
                connection.exec_driver_sql("CREATE TRIGGER kept AFTER DELETE ON post BEGIN SELECT 1; END")
                connection.exec_driver_sql("CREATE TRIGGER kept_too AFTER DELETE ON thread_tag BEGIN SELECT 1; END")
        yield folder, request.param
        db.session.rollback()
        db.engine.dispose()


def write_second(folder, more="pass", recreate="always") -> None:
    head = next(iter(ScriptDirectory(str(folder)).get_heads()))
    (folder / "versions" / "9999_second.py").write_text(SECOND.format(head=head, more=more, recreate=recreate))


def test_a_filled_database_keeps_its_rows_and_triggers_when_a_table_is_rebuilt(filled):
    folder, engine = filled
    before = counts()
    db.session.rollback()
    write_second(folder, recreate="always" if engine == "sqlite" else "auto")
    upgrade(str(folder))
    assert counts() == before
    assert before["post"] == 2
    assert "later" in {column["name"] for column in sa.inspect(db.engine).get_columns("thread")}
    if engine == "sqlite":
        triggers = db.session.scalars(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
        assert set(triggers) >= {"kept", "kept_too"} | EXPECTED


def test_a_migration_that_breaks_rows_is_undone(filled):
    folder, _engine = filled
    before = counts()
    db.session.rollback()
    write_second(folder, more="""op.execute("DELETE FROM thread")""", recreate="auto")
    with pytest.raises((SystemExit, sa.exc.IntegrityError)):
        upgrade(str(folder))
    db.session.rollback()
    assert counts() == before
    assert "later" not in {column["name"] for column in sa.inspect(db.engine).get_columns("thread")}


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_migrations_go_down_and_up_again(engine, tmp_path, request):
    url = f"sqlite:///{tmp_path / 'x.sqlite3'}" if engine == "sqlite" else request.getfixturevalue("new_database")()
    app = make_app(url, tmp_path)
    with app.app_context():
        downgrade(str(ROOT / "migrations"), revision="base")
        assert set(sa.inspect(db.engine).get_table_names()) <= {"alembic_version"}
        upgrade(str(ROOT / "migrations"))
        empty(app)
        db.session.rollback()
        db.engine.dispose()


def test_readyz_says_when_migrations_are_pending(tmp_path):
    from hub import create_app
    from tests.conftest import SETTINGS

    app = create_app(SETTINGS | {"HUB_DATABASE_URL": f"sqlite:///{tmp_path / 'new.sqlite3'}", "HUB_DATA": str(tmp_path)})
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"ready": False, "why": "migrations pending"})
    with app.app_context():
        db.engine.dispose()


def test_readyz_and_healthz_answer(world):
    assert world.stranger().get("/healthz").text == "ok\n"
    assert world.stranger().get("/readyz").json == {"ready": True, "degraded": []}


def test_user_text_is_made_by_hub_text_alone():
    makers = subprocess.run(["grep", "-rlE", r"UserText\((\"[^\"]|[a-z])", "hub"], cwd=ROOT, capture_output=True, text=True).stdout.split()
    assert set(makers) <= {"hub/text.py", "hub/db.py"}
    assert isinstance(UserText("x"), str)
    assert sys.version_info >= (3, 11)


def test_a_search_through_every_text_may_take_longer_and_nothing_else_may(app):
    with app.app_context():
        read_patiently()
        if db.engine.dialect.name == "postgresql":
            assert db.session.scalar(sa.text("SHOW statement_timeout")) == "1min"
        end_reading()
        if db.engine.dialect.name == "postgresql":
            assert db.session.scalar(sa.text("SHOW statement_timeout")) == "5s"
