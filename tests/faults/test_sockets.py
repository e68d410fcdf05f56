"""Websockets against the real server: for members alone, capped, counted while they are open."""

import contextlib
import http.client
import os
import threading
from urllib.parse import urlsplit

import pytest
from simple_websocket import Client, ConnectionClosed

from tests.browser.conftest import start_site
from tests.faults.test_kill import Member

SOCKET = "/socket.io/?EIO=4&transport=websocket"
CAP = 3


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    started = start_site(tmp_path_factory.mktemp("sockets"), HUB_SOCKETS=str(CAP))
    yield started
    started.process.terminate()
    started.process.wait(10)


def connect(site, cookie: str = "") -> Client:
    return Client(site.url.replace("http", "ws") + SOCKET, headers={"Cookie": cookie} if cookie else {})


def cookie_of(member: Member) -> str:
    jar = next(handler.cookiejar for handler in member.opener.handlers if hasattr(handler, "cookiejar"))
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def answer_to_handshake(site, cookie: str = "") -> tuple[int, str]:
    """Status and content security policy of a websocket handshake, which is then given up."""
    headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", SOCKET, headers=headers | ({"Cookie": cookie} if cookie else {}))
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Content-Security-Policy", "")


def threads_of(site) -> int:
    return len(os.listdir(f"/proc/{site.process.pid}/task"))


def test_a_stranger_is_refused_before_the_websocket(site):
    before = threads_of(site)
    for _try in range(20):
        status, policy = answer_to_handshake(site)
        assert status == 403
        assert "default-src 'none'" in policy
    assert threads_of(site) <= before + 3


def test_members_get_sockets_up_to_the_cap_and_a_closed_one_makes_room(site):
    cookie = cookie_of(Member(site.url, "member.th"))
    sockets = [connect(site, cookie) for _ in range(CAP)]
    for socket in sockets:
        assert socket.receive(timeout=5).startswith("0")
    assert answer_to_handshake(site, cookie)[0] == 503
    sockets.pop().close()
    for _look in range(50):
        status, _policy = answer_to_handshake(site, cookie)
        if status == 101:
            break
        threading.Event().wait(0.1)
    assert status == 101
    for socket in sockets:
        with contextlib.suppress(ConnectionClosed):
            socket.close()
