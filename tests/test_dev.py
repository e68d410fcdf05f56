"""./dev on machines where something is missing: one line, with the remedy."""

import importlib.machinery
import importlib.util
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def dev(monkeypatch, tmp_path):
    loader = importlib.machinery.SourceFileLoader("dev", str(ROOT / "dev"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("dev", loader))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader.exec_module(module)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(module, "STAMPS", tmp_path / ".venv" / "stamps")
    return module


def last_words(dev, capsys, work) -> str:
    with pytest.raises(SystemExit) as ended:
        work()
    assert ended.value.code == 1
    said = capsys.readouterr().err.strip()
    assert "\n" not in said
    return said


def program(path: Path, words: str) -> Path:
    path.write_text(f"#!/bin/sh\n{words}\n")
    path.chmod(0o755)
    return path


def test_an_unknown_command_names_the_known_ones(dev, capsys):
    assert "./dev test" in last_words(dev, capsys, lambda: dev.main(["tests"]))


def test_an_old_python_is_named(dev, capsys, monkeypatch):
    monkeypatch.setattr(dev.sys, "version_info", (3, 10, 1))
    assert "3.11 or newer" in last_words(dev, capsys, lambda: dev.main([]))


def test_a_taken_port_is_named_with_the_way_around(dev, capsys):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        said = last_words(dev, capsys, lambda: dev.refuse_taken(port))
    assert port in said
    assert "HUB_PORT=" in said


def test_a_missing_venv_module_names_the_package(dev, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(dev.sys, "executable", str(program(tmp_path / "python-without-venv", "exit 1")))
    assert "apt-get install python3-venv" in last_words(dev, capsys, dev.make_venv)
    assert not dev.VENV.exists()


def test_an_unreachable_registry_is_named_and_tried_again_next_time(dev, capsys, monkeypatch, tmp_path):
    dev.STAMPS.mkdir(parents=True)
    dev.PYTHON.parent.mkdir(exist_ok=True)
    program(dev.PYTHON, "echo 'ERROR: could not find a version' >&2; exit 1")
    said = last_words(dev, capsys, lambda: dev.prepare(dev=False))
    assert "registry reachable" in said
    assert list(dev.STAMPS.iterdir()) == []


def test_what_is_done_is_not_done_again(dev, tmp_path):
    dev.STAMPS.mkdir(parents=True)
    file, done = tmp_path / "wanted.txt", []
    file.write_text("one")
    for _time in range(2):
        dev.once("packages", [""], [file], lambda: done.append(1))
    file.write_text("two")
    dev.once("packages", [""], [file], lambda: done.append(2))
    assert done == [1, 2]


def test_without_chromium_browser_tests_are_deselected_in_one_line():
    environ = os.environ | {"PATH": "/nowhere"}
    environ.pop("HUB_CHROMIUM", None)
    done = subprocess.run([sys.executable, str(ROOT / "dev"), "test", "tests/browser", "--collect-only"], capture_output=True, text=True, env=environ, cwd=ROOT)
    assert done.stdout.count("no Chromium here") == 1
    assert "deselected" in done.stdout.splitlines()[-1]
