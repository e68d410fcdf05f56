"""What is wrong is said in a sentence with its remedy."""

import socket

import pytest
from sqlalchemy.exc import OperationalError

from hub.check import faults
from hub.db import why_away
from tests.conftest import make_app


@pytest.fixture
def told(tmp_path):
    from hub.db import db

    def look(**settings) -> list[str]:
        app = make_app(f"sqlite:///{tmp_path / 'hub.sqlite3'}", tmp_path)
        app.config.update(settings)
        with app.app_context():
            found = list(faults())
            db.session.remove()
            db.engine.dispose()
            return found

    return look


def test_all_is_well(told):
    with socket.create_server(("127.0.0.1", 0)) as server:
        here = f"127.0.0.1:{server.getsockname()[1]}"
        assert told(HUB_MAIL_URL=f"smtp://{here}", HUB_SCANNER=f"clamd://{here}") == []


def test_each_fault_is_named(told, monkeypatch):
    assert "the mail server at 127.0.0.1:9 does not answer" in told(HUB_MAIL_URL="smtp://127.0.0.1:9")[0]
    assert "the virus scanner at 127.0.0.1:9 does not answer" in told(HUB_SCANNER="clamd://127.0.0.1:9")[0]
    assert "HUB_DATA is no folder" in told(HUB_DATA="/proc/nothing")[0]
    assert any("HUB_SECRET_KEY" in fault for fault in told(HUB_MODE="production", HUB_SECRET_KEY="short"))
    assert any("HUB_TRUSTED_PROXIES" in fault for fault in told(HUB_MODE="production"))
    assert "MB left" in told(HUB_RESERVE_MB=1 << 40)[0]
    assert "Redis does not answer" in told(HUB_REDIS_URL="redis://127.0.0.1:9")[0]
    monkeypatch.setenv("HUB_SESION_HOURS", "8")
    assert "HUB_SESION_HOURS is no setting of the hub: is HUB_SESSION_HOURS meant?" in told()[0]
    monkeypatch.delenv("HUB_SESION_HOURS")
    monkeypatch.setattr("hub.check.migrations_pending", lambda: True)
    assert "lacks migrations" in told()[0]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ('FATAL:  password authentication failed for user "hub"', "refuses the password"),
        ('FATAL:  database "hub" does not exist', "no such database"),
        ("failed to resolve host 'word@127.0.0.1'", "%40"),
        ("connection refused", "does not answer (OperationalError)"),
    ],
)
def test_what_keeps_it_from_the_database_is_told_apart_and_no_word_of_the_address_is_told(said, words):
    told = why_away(OperationalError("SELECT 1", None, Exception(said)))
    assert words in told
    assert "word@" not in told


def test_at_the_command_line(told, sqlite_app):
    run = sqlite_app.test_cli_runner()
    assert run.invoke(args=["hub", "check"]).exit_code == 0
    sqlite_app.config["HUB_MAIL_URL"] = "smtp://127.0.0.1:9"
    failed = run.invoke(args=["hub", "check"])
    assert failed.exit_code == 1
    assert "1 to mend." in failed.output
