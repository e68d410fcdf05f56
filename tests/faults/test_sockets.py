"""Websockets against the real server: for members alone, capped, counted while they are open."""

import contextlib
import http.client
import json
import os
import re
import sqlite3
import threading
import time
from urllib.parse import urlsplit

import pytest
from simple_websocket import Client, ConnectionClosed

from tests.browser.conftest import start_site
from tests.faults.test_kill import Member

SOCKET = "/socket.io/?EIO=4&transport=websocket"
PORTLESS = "http://127.0.0.1"  # as this client names its host
CAP = 3
HELLO = 20  # seconds


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    started = start_site(tmp_path_factory.mktemp("sockets"), HUB_SOCKETS=str(CAP))
    yield started
    started.process.terminate()
    started.process.wait(10)


class Daemon(threading.Thread):
    """Does not keep the tests from ending when a socket was left open."""

    def __init__(self, *given, **named) -> None:
        super().__init__(*given, **named, daemon=True)


class PromptClient(Client):
    """Reads a first frame that comes with the answer to the handshake, too; the library leaves it until the next one."""

    def __init__(self, *given, **named) -> None:
        super().__init__(*given, **named, thread_class=Daemon)

    def handshake(self) -> None:
        try:
            super().handshake()
            self.connected = self._handle_events()
        except BaseException:
            self.sock.close()
            raise


def connect(site, cookie: str = "") -> Client:
    return PromptClient(site.url.replace("http", "ws") + SOCKET, headers={"Origin": PORTLESS} | ({"Cookie": cookie} if cookie else {}))


def cookie_of(member: Member) -> str:
    jar = next(handler.cookiejar for handler in member.opener.handlers if hasattr(handler, "cookiejar"))
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def answer_to_handshake(site, cookie: str = "") -> tuple[int, str]:
    """Status and content security policy of a websocket handshake, which is then given up."""
    headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": site.url}
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", SOCKET, headers=headers | ({"Cookie": cookie} if cookie else {}))
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Content-Security-Policy", "")


def threads_of(site) -> int:
    return len(os.listdir(f"/proc/{site.process.pid}/task"))


class Listener:
    """A socket that has said hello, with its acknowledgements."""

    def __init__(self, site, handle: str, **headers: str) -> None:
        self.member = Member(site.url, handle)
        self.socket = PromptClient(site.url.replace("http", "ws") + SOCKET, headers={"Cookie": cookie_of(self.member), "Origin": PORTLESS, **headers})
        assert self.socket.receive(timeout=HELLO).startswith("0")
        self.socket.send("40")
        assert self.socket.receive(timeout=HELLO).startswith("40{")

    def ask(self, number: int, *event: object) -> str:
        self.socket.send(f"42{number}{json.dumps(event)}")
        return self.heard()

    def heard(self, seconds: float = 5) -> str:
        """The next frame that is neither the protocol's own ping nor the beacon; empty when nothing comes in time."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            frame = self.socket.receive(timeout=left)
            if frame == "2":
                self.socket.send("3")
            elif frame is not None and not frame.startswith('42["head"'):
                return frame
        return ""

    def close(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            self.socket.close()


def thread_of(member: Member, label: str) -> int:
    """A new thread under a label."""
    landed = member.post(
        "/pillars/protection/threads/new", "/pillars/protection/threads/new", title="A thread for listeners", kind="question", label=label, lang="en", body="Words."
    )
    return int(re.search(r"/threads/(\d+)", landed)[1])


@pytest.fixture
def listener(site):
    opened = []

    def make(handle: str, **headers: str) -> Listener:
        opened.append(Listener(site, handle, **headers))
        return opened[-1]

    yield make
    for one in opened:
        one.close()
    wait_until_closed(site)


def wait_until_closed(site) -> None:
    cookie = cookie_of(Member(site.url, "member.th"))
    for _look in range(50):
        if answer_to_handshake(site, cookie)[0] == 101:
            return
        threading.Event().wait(0.1)


def test_a_page_hears_of_threads_it_may_read_and_of_no_other(site, listener):
    author = Member(site.url, "member.la")
    green, amber = thread_of(author, "TLP:GREEN"), thread_of(author, "TLP:AMBER")
    partner = listener("partner.1")
    assert partner.ask(0, "join", {"thread": green}) == f'430[{{"joined":{green}}}]'
    assert partner.ask(1, "join", {"thread": amber}) == partner.ask(1, "join", {"thread": 999_999}) == '431[{"error":404}]'
    for odd in ("12", {}, {"thread": "1"}, {"thread": True}, {"thread": -1}, {"thread": 2**40}, {"thread": [1]}, {"user": 1}, {"thread": 1, "x": 2}, None, [amber]):
        assert partner.ask(2, "join", odd) == '432[{"error":404}]', odd
    for thread in (amber, green):
        author.post(f"/threads/{thread}", f"/threads/{thread}/posts", body="secret words", parent="", lang="en")
    assert partner.heard() == f'42["post",{{"thread":{green},"num":2}}]'
    assert partner.heard(1) == ""


def test_a_thread_that_closes_to_a_member_falls_silent_within_five_seconds(site, listener):
    author = Member(site.url, "member.la")
    thread = thread_of(author, "TLP:GREEN")
    member = listener("member.ph")
    assert "joined" in member.ask(0, "join", {"thread": thread})
    with contextlib.closing(sqlite3.connect(site.data / "hub.sqlite3", timeout=10)) as database, database:
        database.execute("UPDATE thread SET label = 'TLP:AMBER+STRICT' WHERE id = ?", (thread,))
    threading.Event().wait(5)
    author.post(f"/threads/{thread}", f"/threads/{thread}/posts", body="words", parent="", lang="en")
    assert member.heard(1) == ""


def test_a_socket_closes_within_five_seconds_of_the_end_of_its_session(site, listener):
    member = listener("member.vn")
    assert "joined" in member.ask(0, "join", {"thread": 21})
    member.member.post("/account", "/sign-out")
    with pytest.raises(ConnectionClosed):
        for _frame in range(9):
            member.heard(5)


def test_events_under_reserved_names_do_not_escape_the_watch(site, listener):
    member = listener("member.kh")
    assert "joined" in member.ask(0, "join", {"thread": 21})
    member.ask(1, "disconnect")
    member.ask(2, "connect")
    member.member.post("/account", "/sign-out")
    with pytest.raises(ConnectionClosed):
        for _frame in range(9):
            member.heard(5)


def test_another_site_gets_no_socket(site):
    cookie = cookie_of(Member(site.url, "member.th"))
    headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Cookie": cookie}
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", SOCKET, headers=headers | {"Origin": "https://elsewhere.example"})
        assert connection.getresponse().status == 400


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
        assert socket.receive(timeout=HELLO).startswith("0")
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


def test_the_beacon_says_how_far_a_thread_is(site, listener):
    author = Member(site.url, "member.la")
    thread = thread_of(author, "TLP:GREEN")
    member = listener("member.ph")
    assert "joined" in member.ask(0, "join", {"thread": thread})
    heard = [member.socket.receive(timeout=3) for _frame in range(2)]
    assert f'42["head",{{"thread":{thread},"num":1}}]' in heard
