"""What stands in deploy/ fits the hub: settings exist, programs and files are where units look for them, processes are where nginx looks for them."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from hub import config

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())


def test_the_example_names_settings_that_exist_and_production_accepts_it_once_filled_in():
    lines = [line for line in (DEPLOY / "hub.env.example").read_text().splitlines() if line and not line.startswith("#")]
    given = {name: value.strip('"') for name, value in (line.split("=", 1) for line in lines)}
    assert list(config.misspelt(given)) == []
    filled = config.read(given | {"HUB_SECRET_KEY": "s" * 64})
    assert config.dangers(filled, {}) == []
    assert config.impossible(filled | {"HUB_ROLE": "web"}, {}) == []


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_is_one_that_systemd_takes(unit, tmp_path):
    words = unit.read_text()
    for name in re.findall(r"/srv/hub/\.venv/bin/(\w+)", words):
        assert (Path(sys.executable).parent / name).is_file(), name
    for path in re.findall(r"deploy/[\w/.]+", words):
        assert (ROOT / path).is_file(), path
    if not shutil.which("systemd-analyze"):
        assert re.search(r"^\[(Service|Timer|Socket)\]$", words, re.M)
        return
    for other in UNITS:  # as on a machine where the hub is installed: its programs and its user are there
        there = re.sub(r"/srv/hub/\.venv/bin/\w+", "/bin/true", other.read_text()).replace("User=hub", "User=root")
        (tmp_path / other.name.replace("@.", "@1.")).write_text(there)
    checked = tmp_path / unit.name.replace("@.", "@1.")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(checked)], capture_output=True, text=True)
    complaints = [line for line in done.stderr.splitlines() if str(tmp_path) in line or unit.name.partition(".")[0].rstrip("@") in line]
    assert complaints == []


def test_commands_of_the_manual_exist():
    words = (ROOT / "docs" / "operate.md").read_text("utf-8")
    for name in re.findall(r"\.venv/bin/(\w+)", words):
        assert (Path(sys.executable).parent / name).is_file(), name
    done = subprocess.run([sys.executable, "-m", "flask", "--app", "wsgi", "hub", "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    known = set(re.findall(r"^  ([\w-]+)  ", done.stdout, re.M))
    used = set(re.findall(r"^    hub ([\w-]+)", words, re.M)) | set(re.findall(r"`hub ([\w-]+)", words))
    assert used <= known, used - known


def test_nginx_looks_for_processes_where_units_and_containers_put_them():
    words = (DEPLOY / "nginx" / "hub.conf").read_text()
    assert set(re.findall(r"server 127\.0\.0\.1:(\d+)", words)) == {"8001", "8002", "9001", "9002"}
    assert "ListenStream=127.0.0.1:800%i" in (DEPLOY / "systemd" / "hub-web@.socket").read_text()
    assert "HUB_BIND=127.0.0.1:900%i" in (DEPLOY / "systemd" / "hub-live@.service").read_text()
    services = yaml.safe_load((DEPLOY / "container" / "compose.yaml").read_text())["services"]
    for role, port in (("web", 8000), ("live", 9000)):
        for number in (1, 2):
            one = services[f"{role}{number}"]
            assert one["environment"]["HUB_BIND"] == f"0.0.0.0:{port}"
            assert one["environment"].keys() >= {"HUB_DATABASE_URL", "HUB_REDIS_URL"}
    assert "deploy/gunicorn/live.py" in services["live2"]["command"]
    built = (DEPLOY / "container" / "Containerfile").read_text()
    assert all(f" AS {services[name]['build']['target']}\n" in built for name in ("web1", "nginx"))
    for path in re.findall(r"COPY (deploy/\S+)", built):
        assert (ROOT / path).is_file()


def test_a_form_is_never_sent_to_two_processes():
    assert "non_idempotent" not in (DEPLOY / "nginx" / "hub.conf").read_text()
