"""The disk fills up, or the power goes: nothing that was acknowledged is lost, and people are told what happened."""

import json
import os
import random
import secrets
import shutil
import sqlite3
import struct
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from tests.browser.conftest import start_site
from tests.conftest import make_app
from tests.factories import empty
from tests.faults.cluster import ROOT
from tests.faults.test_kill import Member

pytestmark = pytest.mark.chaos
ROUNDS, COMMITS = 30, 600  # with a checkpoint among them
HEAD = struct.Struct("=ccQQ")


def recorded(folder: Path, *how: str) -> tuple[list[tuple[bytes, bytes, int, bytes, int]], dict[int, int]]:
    """What a process did to the disk (kind, file, offset, data, end in the journal), and where in it each commit was acknowledged."""
    folder.mkdir()
    app = make_app(f"sqlite:///{folder / 'hub.sqlite3'}", folder)
    empty(app)
    with app.app_context():
        from hub.db import db

        db.engine.dispose()
    with sqlite3.connect(folder / "hub.sqlite3") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    for end in ("-wal", "-shm"):
        (folder / f"hub.sqlite3{end}").unlink(missing_ok=True)
    shutil.copy(folder / "hub.sqlite3", folder / "before.sqlite3")
    library = folder / "powercut.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", library, ROOT / "tests" / "faults" / "powercut.c", "-ldl"], check=True)
    environ = os.environ | {"LD_PRELOAD": str(library), "POWERCUT_DATABASE": str(folder / "hub.sqlite3"), "POWERCUT_JOURNAL": str(folder / "journal")}
    subprocess.run([sys.executable, "-m", "tests.faults.committing", str(folder), str(COMMITS), *how], cwd=ROOT, env=environ, check=True)
    journal, operations, at = (folder / "journal").read_bytes(), [], 0
    while at < len(journal):
        kind, file, offset, length = HEAD.unpack_from(journal, at)
        at += HEAD.size
        operations.append((kind, file, offset, journal[at : at + length], at + length))
        at += length
    told = [line.split() for line in (folder / "acknowledged").read_text().splitlines()]
    return operations, {int(number): int(end) for number, end in told}


def after_a_cut(folder: Path, operations: list, end: int, dice: random.Random) -> str:
    """The row as it is found once the power is back: what was synced is there, of what was not, each write may be or not."""
    images = {b"d": bytearray((folder / "before.sqlite3").read_bytes()), b"w": bytearray()}
    done = [one for one in operations if one[4] <= end]
    synced = {file: max((n for n, one in enumerate(done) if one[0] == b"s" and one[1] == file), default=-1) for file in images}
    for n, (kind, file, offset, data, _end) in enumerate(done):
        if kind == b"s" or (n > synced[file] and dice.random() < 0.5):
            continue
        image = images[file]
        if kind == b"t":
            del image[offset:]
        else:
            image.extend(bytes(max(0, offset + len(data) - len(image))))
            image[offset : offset + len(data)] = data
    target = folder / "after"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    (target / "hub.sqlite3").write_bytes(images[b"d"])
    (target / "hub.sqlite3-wal").write_bytes(images[b"w"])
    connection = sqlite3.connect(target / "hub.sqlite3")
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    name = connection.execute("SELECT short_name FROM state WHERE code = 'LA'").fetchone()[0]
    connection.close()
    return name


def lost_over_cuts(folder: Path, *how: str) -> tuple[int, int]:
    """In how many of the rounds something acknowledged was gone, or the database broken; and how many different rows were found."""
    operations, acknowledged = recorded(folder, *how)
    assert len(acknowledged) == COMMITS
    dice, lost, seen = random.Random(7), 0, set()
    for _round in range(ROUNDS):
        end = dice.choice(operations)[4]
        newest = max((number for number, at in acknowledged.items() if at <= end), default=0)
        try:
            name = after_a_cut(folder, operations, end, dice)
        except (AssertionError, sqlite3.DatabaseError):
            lost += 1
            continue
        there = int(name.split()[0]) if name[:6].isdecimal() else 0
        lost += there < newest
        seen.add(there)
    return lost, len(seen)


def test_a_power_cut_loses_nothing_that_was_acknowledged(tmp_path):
    lost, different = lost_over_cuts(tmp_path / "full")
    assert lost == 0
    assert different > ROUNDS / 2


def test_control_without_syncing_it_does(tmp_path):
    assert lost_over_cuts(tmp_path / "off", "OFF")[0] > 0


# --- full ------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 48 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", place], check=True)
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def fill(place: Path, leave: int) -> None:
    """Leave so many bytes."""
    with (place / "ballast").open("ab") as ballast:
        free = shutil.disk_usage(place).free - leave
        while free > 0:
            try:
                free -= ballast.write(bytes(min(free, 1 << 16)))
                ballast.flush()
            except OSError:
                return


def answer_of(member: Member, body: str) -> tuple[int, str]:
    fields = {"body": body, "parent": "", "lang": "en", "client_id": secrets.token_hex(8), "csrf_token": member.token("/account")}
    try:
        with member.opener.open(f"{member.url}/threads/21/posts", urllib.parse.urlencode(fields).encode(), timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


WORDS = "These words are given back."


def test_on_a_full_disk_reading_and_signing_in_go_on_and_writing_says_why(small_disk):
    site = start_site(small_disk, HUB_RESERVE_MB="8", HUB_MAIL_URL="console:")
    try:
        early = Member(site.url, "member.th")
        assert answer_of(early, "Some words before.")[0] == 200
        fill(small_disk, 6 << 20)  # less than the reserve
        code, page = answer_of(early, WORDS)
        assert code == 507
        assert WORDS in page
        assert "no room" in page
        late = Member(site.url, "member.vn")
        assert late.opener.open(f"{site.url}/account", timeout=10).url.endswith("/account")
        with urllib.request.urlopen(f"{site.url}/readyz", timeout=5) as answer:
            assert json.load(answer) == {"ready": True, "degraded": ["disk nearly full"]}
        fill(small_disk, 0)  # somebody else took the rest, too
        assert shutil.disk_usage(small_disk).free == 0
        for member in (early, late):
            for path in ("/", "/threads/21", "/people", "/practices", "/notifications"):
                with member.opener.open(site.url + path, timeout=10) as answer:
                    assert answer.status == 200
            assert answer_of(member, WORDS)[0] == 507
        (small_disk / "ballast").unlink()
        assert answer_of(early, "Some words after.")[0] == 200  # without a restart
        with urllib.request.urlopen(f"{site.url}/readyz", timeout=5) as answer:
            assert json.load(answer)["degraded"] == []
    finally:
        site.process.terminate()
        site.process.wait(10)
    connection = sqlite3.connect(small_disk / "hub.sqlite3")
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("SELECT count(*) FROM post WHERE body_md IN ('Some words before.', 'Some words after.')").fetchone() == (2,)
    assert connection.execute("SELECT count(*) FROM post WHERE body_md = ?", (WORDS,)).fetchone() == (0,)
    connection.close()
