"""The server is killed while people post: every post that was acknowledged is there afterwards."""

import http.cookiejar
import os
import re
import secrets
import sqlite3
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

from hub.demo.accounts import DOMAIN, PASSWORD
from tests.browser.conftest import start_site

ROUNDS = 10 if os.environ.get("HUB_LONG_TESTS") else 3


class Member:
    """A signed-in member with nothing but the standard library: forms, cookies and the CSRF token of a page."""

    def __init__(self, url: str, handle: str) -> None:
        self.url = url
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self.post("/sign-in", "/sign-in", email=f"{handle}@{DOMAIN}", password=PASSWORD)

    def token(self, page: str) -> str:
        with self.opener.open(self.url + page, timeout=10) as answer:
            return re.search(r'name="csrf_token" value="([^"]+)"', answer.read().decode())[1]

    def post(self, page: str, path: str, **fields: str) -> str:
        form = urllib.parse.urlencode(fields | {"csrf_token": self.token(page)}).encode()
        with self.opener.open(self.url + path, form, timeout=10) as answer:
            return answer.url


def keep_posting(member: Member, acknowledged: list[str], stop: threading.Event) -> None:
    while not stop.is_set():
        client_id = secrets.token_hex(8)
        try:
            landed = member.post("/threads/21", "/threads/21/posts", body=f"words {client_id}", parent="", lang="en", client_id=client_id)
        except (OSError, AttributeError, TypeError, http.client.HTTPException):
            return
        if "#post-" in landed or "/threads/21-" in landed:
            acknowledged.append(client_id)


@pytest.mark.timeout(600)
def test_every_acknowledged_post_survives_kill_9(tmp_path):
    acknowledged: list[str] = []
    for _round in range(ROUNDS):
        site = start_site(tmp_path)
        stop = threading.Event()
        members = [Member(site.url, handle) for handle in ("member.th", "member.ph", "member.vn")]
        threads = [threading.Thread(target=keep_posting, args=(member, acknowledged, stop)) for member in members]
        before = len(acknowledged)
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 20
        while len(acknowledged) < before + 12 and time.monotonic() < deadline:
            time.sleep(0.01)
        site.process.kill()
        site.process.wait()
        stop.set()
        for thread in threads:
            thread.join()
        assert len(acknowledged) >= before + 12
    database = sqlite3.connect(tmp_path / "hub.sqlite3")
    stored = {row[0] for row in database.execute("SELECT client_id FROM post")}
    assert set(acknowledged) <= stored
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    nums = [row[0] for row in database.execute("SELECT num FROM post WHERE thread_id = 21 ORDER BY num")]
    assert nums == list(range(1, len(nums) + 1))
    database.close()
    print(f"{len(acknowledged)} acknowledged posts over {ROUNDS} kills")
