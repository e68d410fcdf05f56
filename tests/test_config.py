"""Settings: documented, typed, and safe in production."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hub import config, create_app
from hub.db import db
from tests.conftest import make_app

ROOT = Path(__file__).resolve().parent.parent
SAFE = {
    "HUB_MODE": "production", "HUB_SECRET_KEY": "s" * 40, "HUB_URL": "https://hub.example.org", "HUB_MAIL_URL": "smtp://mail.example.org",
}  # fmt: skip


def test_every_setting_is_documented_with_its_default_and_nothing_else_is():
    rows = dict(re.findall(r"^\| `(HUB_\w+)` \| `?(.*?)`? \|", (ROOT / "docs" / "operate.md").read_text("utf-8"), re.M))
    expected = {setting.name: ("off" if setting.default is False else str(setting.default) or "empty") for setting in config.SETTINGS}
    assert rows == expected
    used = set(re.findall(r"HUB_[A-Z_]+[A-Z]", "".join(path.read_text("utf-8") for path in (ROOT / "hub").rglob("*.py"))))
    assert used - set(config.OF_TOOLS) == set(expected)


def test_values_have_the_type_of_their_default():
    values = config.read({"HUB_PORT": "8000", "HUB_DEMO": "1"})
    assert values["HUB_PORT"] == 8000
    assert values["HUB_DEMO"] is True
    assert config.read({})["HUB_DEMO"] is False
    with pytest.raises(SystemExit, match="HUB_PORT must be a whole number"):
        config.read({"HUB_PORT": "many"})


def test_production_starts_with_safe_settings():
    assert config.dangers(config.read(SAFE), {}) == []


@pytest.mark.parametrize(("name", "value"), [
    ("HUB_SECRET_KEY", config.DEVELOPMENT_SECRET), ("HUB_SECRET_KEY", "short"), ("HUB_DEMO", "1"), ("HUB_URL", "http://hub.example.org"),
    ("HUB_URL", "https://localhost"), ("HUB_MAIL_URL", "console:"), ("HUB_MAIL_URL", "file:var/mail"),
])  # fmt: skip
def test_production_refuses_each_danger_by_name(name, value):
    found = config.dangers(config.read(SAFE | {name: value}), {})
    assert len(found) == 1
    assert name in found[0]


@pytest.mark.parametrize(
    ("given", "environ", "word"),
    [
        ({"HUB_REDIS_URL": "redis://127.0.0.1", "HUB_ROLE": "live"}, {"WEB_CONCURRENCY": "4"}, "SQLite"),
        ({"HUB_ROLE": "web", "HUB_REDIS_URL": "redis://127.0.0.1"}, {}, "SQLite"),
        ({"HUB_ROLE": "live", "HUB_DATABASE_URL": "postgresql://127.0.0.1/hub"}, {}, "Redis"),
        ({"HUB_DATABASE_URL": "postgresql://127.0.0.1/hub", "HUB_REDIS_URL": "redis://127.0.0.1"}, {"WEB_CONCURRENCY": "2"}, "`live`"),
    ],
)
def test_several_processes_without_what_joins_them_are_refused(given, environ, word):
    [reason] = config.impossible(config.read(given), environ)
    assert word in reason
    done = subprocess.run([sys.executable, "-c", "import wsgi"], cwd=ROOT, env=os.environ | given | environ, capture_output=True, text=True)
    assert done.returncode == 1
    assert reason in done.stderr
    assert "Traceback" not in done.stderr


def test_one_process_and_whole_clusters_start():
    assert config.impossible(config.read({}), {}) == []
    whole = {"HUB_DATABASE_URL": "postgresql://127.0.0.1/hub", "HUB_REDIS_URL": "redis://127.0.0.1"}
    assert config.impossible(config.read(whole | {"HUB_ROLE": "web"}), {}) == []
    assert config.impossible(config.read(whole), {}) == []
    assert [reason.partition(":")[0] for reason in config.impossible(config.read({}), {"WEB_CONCURRENCY": "4"})][:2] == ["Several processes on SQLite", "Several processes without Redis"]


def test_an_unsafe_production_process_ends_with_the_reasons(tmp_path):
    environ = os.environ | SAFE | {"HUB_SECRET_KEY": "short", "HUB_DATA": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", "import wsgi"], cwd=ROOT, env=environ, capture_output=True, text=True)
    assert done.returncode == 1
    assert "HUB_SECRET_KEY" in done.stderr
    assert "Traceback" not in done.stderr


def test_production_refuses_a_database_with_demo_accounts(tmp_path):
    demo = create_app({"HUB_DEMO": True, "HUB_DATA": str(tmp_path), "HUB_PASSWORD_MEMORY_KIB": 64, "HUB_PASSWORD_ROUNDS": 1, "HUB_LOG_LEVEL": "ERROR"})
    runner = demo.test_cli_runner()
    assert runner.invoke(args=["db", "upgrade", "-d", str(ROOT / "migrations")]).exit_code == 0
    assert runner.invoke(args=["hub", "seed"]).exit_code == 0
    settings = config.read(SAFE) | {"HUB_DATA": str(tmp_path), "HUB_PASSWORD_MEMORY_KIB": 64}
    with pytest.raises(SystemExit, match="unseed"):
        create_app(settings)
    assert runner.invoke(args=["hub", "unseed"]).exit_code == 0
    assert create_app(settings)


def test_a_misspelt_name_is_told_where_the_hub_refuses_to_start(monkeypatch):
    monkeypatch.setenv("HUB_SECRETKEY", "s" * 40)
    with pytest.raises(SystemExit, match="HUB_SECRETKEY is no setting of the hub: is HUB_SECRET_KEY meant"):
        create_app(SAFE | {"HUB_SECRET_KEY": "short"})


def test_who_watches_is_answered_by_a_process_that_never_saw_its_database(tmp_path):
    client = create_app({"HUB_DATABASE_URL": "postgresql://hub@127.0.0.1:9/hub", "HUB_DATA": str(tmp_path)}).test_client()
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json["why"]) == (503, "no database")
    assert client.get("/").status_code == 503


def test_a_form_is_taken_without_a_referer(tmp_path):
    """Proxies of offices take it away."""
    app = make_app(f"sqlite:///{tmp_path / 'hub.sqlite3'}", tmp_path, HUB_URL="https://hub.example.org")
    client = app.test_client()
    page = client.get("/sign-in", base_url="https://hub.example.org").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    answer = client.post("/sign-in", base_url="https://hub.example.org", data={"csrf_token": token, "email": "nobody@example.org", "password": "wrong words here"})
    assert "do not belong together" in answer.text
    with app.app_context():
        db.engine.dispose()
