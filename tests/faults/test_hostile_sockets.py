"""Sockets opened by somebody who means harm: refused or ended, with their threads and memory, while pages still answer."""

import base64
import contextlib
import json
import os
import re
import socket
import struct
import time
import urllib.request
from importlib.metadata import version
from urllib.parse import urlsplit

import pytest

from hub import heartbeat
from tests.browser.conftest import start_site
from tests.faults.cluster import wait_for
from tests.faults.delegates import Delegate
from tests.faults.test_kill import Member
from tests.faults.test_sockets import SOCKET, Listener, cookie_of

pytestmark = pytest.mark.timeout(300)
PEOPLE = [f"member.{code}" for code in ("bn", "kh", "id", "la", "my", "mm", "ph", "sg", "th", "vn")]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    started = start_site(tmp_path_factory.mktemp("hostile"), HUB_SOCKETS="12")
    yield started
    started.process.kill()
    started.process.wait(10)


@pytest.fixture(scope="module")
def people(site):
    return {handle: Member(site.url, handle) for handle in PEOPLE}


opened: list[socket.socket] = []


def close_all() -> None:
    while opened:
        opened.pop().close()


@pytest.fixture(autouse=True)
def none_is_left():
    yield
    close_all()


class Raw:
    """A websocket by hand: frames as one likes them."""

    def __init__(self, site, member: Member, **headers: str | None) -> None:
        address = urlsplit(site.url)
        self.sock = socket.create_connection((address.hostname, address.port), timeout=20)
        opened.append(self.sock)
        given = {
            "Host": address.netloc, "Origin": site.url, "Cookie": cookie_of(member), "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(b"0123456789abcdef").decode(),
        } | headers  # fmt: skip
        path = given.pop("path", None) or SOCKET
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items() if value is not None), "", ""]
        self.sock.sendall("\r\n".join(lines).encode())
        self.head = b""
        while b"\r\n\r\n" not in self.head and (more := self.sock.recv(1)):
            self.head += more
        self.status = int(self.head.split()[1]) if self.head else 0

    def frame(self, payload: bytes, opcode: int = 1, first: int = 0x80, says: int | None = None) -> None:
        """One masked frame; ``says`` is the length it claims."""
        length = len(payload) if says is None else says
        head = bytes([first | opcode])
        head += bytes([0x80 | length]) if length < 126 else bytes([0x80 | 126]) + struct.pack(">H", length) if length < 65536 else bytes([0x80 | 127]) + struct.pack(">Q", length)
        self.sock.sendall(head + b"\0\0\0\0" + payload)

    def hello(self) -> "Raw":
        self.frame(b"40")
        return self

    def ends_within(self, seconds: float) -> bool:
        """Whether the other side ends the connection; what comes until then is read."""
        self.sock.settimeout(seconds)
        with contextlib.suppress(ConnectionError):
            try:
                while self.sock.recv(65536):
                    pass
            except TimeoutError:
                return False
        return True

    def close(self) -> None:
        self.sock.close()


def threads_of(site) -> int:
    return len(os.listdir(f"/proc/{site.process.pid}/task"))


def memory_of(site) -> int:
    """Kilobytes that the hub holds in memory."""
    with open(f"/proc/{site.process.pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1])


def page_answers(site) -> bool:
    with urllib.request.urlopen(f"{site.url}/sign-in", timeout=5) as answer:
        return answer.status == 200


@pytest.fixture
def quiet(site):
    """The threads there are before; the test ends when they are that few again."""
    before = threads_of(site)
    yield before
    close_all()
    assert wait_for(lambda: threads_of(site) <= before + 2, 25), (before, threads_of(site))
    assert page_answers(site)


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://127.0.0.1:1", ""])
def test_a_page_of_another_origin_gets_no_socket(site, people, quiet, origin):
    raw = Raw(site, people["member.bn"], Origin=origin)
    assert raw.status in (400, 403)
    raw.close()


def test_who_names_no_origin_must_hold_the_token_of_the_session(site, people, quiet):
    member = people["member.kh"]
    for path in (SOCKET, f"{SOCKET}&token=x"):
        raw = Raw(site, member, Origin=None, path=path)
        assert raw.status == 403
        raw.close()
    other = people["member.bn"].token("/account")
    assert Raw(site, member, Origin=None, path=f"{SOCKET}&token={other}").status == 403
    raw = Raw(site, member, Origin=None, path=f"{SOCKET}&token={member.token('/account')}")
    assert raw.status == 101
    raw.close()


def test_compression_is_not_agreed_to(site, people, quiet):
    raw = Raw(site, people["member.bn"], **{"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"})
    assert raw.status == 101
    assert b"deflate" not in raw.head
    raw.close()


def test_who_never_says_who_they_are_is_closed_within_ten_seconds(site, people, quiet):
    raw = Raw(site, people["member.bn"])
    assert raw.status == 101
    assert raw.ends_within(12)


@pytest.mark.parametrize("size", [1_000_000, 30_000_000])
def test_a_large_frame_is_refused_while_it_comes_and_memory_stays_flat(site, people, quiet, size):
    raw = Raw(site, people["member.bn"]).hello()
    before = memory_of(site)
    with contextlib.suppress(ConnectionError, TimeoutError):
        raw.frame(b"", says=size)
        for _chunk in range(size // 50_000):
            raw.sock.sendall(b"4" * 50_000)
    assert memory_of(site) - before < 8_000
    assert raw.ends_within(10)


def test_a_frame_that_claims_much_and_sends_little_holds_nothing(site, people, quiet):
    raws = [Raw(site, people[handle]).hello() for handle in PEOPLE[:5]]
    before = memory_of(site)
    for raw in raws:
        raw.frame(b"4" * 1000, says=2**40)
    assert memory_of(site) - before < 4_000
    assert all(raw.ends_within(20) for raw in raws)  # they answer no ping either


@pytest.mark.parametrize("payload", [b"", b"x", b"9", b"4", b"4x", b"42", b"42x", b"42[", b"42[]", b"42{}", b"42null", b'42["join"', b"45-[]", b"43[]", b"44", b"41", b"40{", b"40/other,", b"42" + b"[" * 30_000,
                                     b'42["join",' + b"9" * 5_000 + b"]", b'429999999999999999999999["join"]', b'42["typing"]', b'42["join",{"room":{}}]', b'42["join",{"room":"' + b"a" * 5_000 + b'"}]', "42[\"\ud7ff\"]".encode()])  # fmt: skip
def test_malformed_packets_end_their_own_socket_at_most(site, people, payload):
    raw = Raw(site, people["member.id"]).hello()
    with contextlib.suppress(ConnectionError):
        raw.frame(payload)
        raw.frame(b"3")
    raw.close()
    assert page_answers(site)


@pytest.mark.parametrize(("first", "opcode", "payload"), [(0xF0, 1, b"x"), (0x80, 3, b"x"), (0x80, 0, b"x"), (0x00, 9, b"x"), (0x80, 1, b"\xff\xfe"), (0x80, 2, b"\x04bin"), (0x80, 8, b"\x00"), (0x80, 9, b"p" * 125)])
def test_malformed_frames_end_their_own_socket_at_most(site, people, first, opcode, payload):
    raw = Raw(site, people["member.id"]).hello()
    with contextlib.suppress(ConnectionError):
        raw.frame(payload, opcode, first)
    raw.close()
    assert page_answers(site)


def test_two_thousand_events_at_once_end_the_socket_and_hold_up_nobody(site, people, quiet):
    raw = Raw(site, people["member.ph"]).hello()
    event = b'420["join",{"thread":1}]'
    frame = bytes([0x81, 0x80 | len(event)]) + b"\0\0\0\0" + event
    with contextlib.suppress(ConnectionError):
        raw.sock.sendall(frame * 2_000)
    began = time.monotonic()
    assert page_answers(site)
    assert time.monotonic() - began < 5
    assert raw.ends_within(10)


def test_guessed_names_and_old_epochs_open_nothing(site, people, quiet):
    inside = Delegate(site.url, "member.la")
    outside = Listener(site, "member.vn")
    for guess in ("room 1 1", "room 2 1", inside.room, f"room {inside.room} 1", "1", "", "' OR 1=1", "x" * 200):
        for asked in ({"room": guess, "after": 0}, {"room": guess}, {"user": 1}, {"thread": guess}, guess):
            answer = outside.ask(1, "join", asked)
            assert answer == '431[{"error":404}]', (asked, answer)
        time.sleep(0.9)  # within the pace of a socket
    for event in ("room 2 1", "entry", "enter_room", "message"):
        outside.socket.send("42" + json.dumps([event, {"room": inside.room}]))
    inside.post("guess", "Words for two delegations.")
    assert outside.heard(3) == ""
    outside.close()


def test_a_reader_that_stops_reading_is_cut_off_and_the_others_hear_on(site, people, quiet):
    """It says hello and joins, then reads nothing, while much is said."""
    room = Delegate(site.url, "member.th")
    stuck = Raw(site, room.member)
    stuck.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stuck.hello().frame(b"420" + json.dumps(["join", {"room": room.room, "after": 0}]).encode())
    listener, speakers = Delegate(site.url, "member.la"), [Delegate(site.url, handle) for handle in ("rev.protection.th", "fp.la")]
    listener.connect()
    before = memory_of(site)
    began = time.monotonic()
    told = 0
    for n in range(30):
        told += speakers[n % 2].post(f"flood-{n}", "Quite a long line of procedure. " * 600) == 201
        time.sleep(0.05)
    assert told >= 20
    assert wait_for(lambda: len([key for key in listener.log.values() if key.startswith("flood")]) == told, 10)
    assert stuck.ends_within(max(1, 15 - (time.monotonic() - began))) or time.monotonic() - began > 60
    assert memory_of(site) - before < 60_000
    listener.close()


def test_at_the_cap_of_sockets_pages_still_answer(site, people, quiet):
    raws = [Raw(site, people[handle]).hello() for handle in PEOPLE for _n in range(2)]
    assert [raw.status for raw in raws].count(101) == 12
    assert [raw.status for raw in raws].count(503) == 8
    assert page_answers(site)
    for raw in raws:
        raw.close()


def test_one_person_has_five_sockets(site, people, quiet):
    raws = [Raw(site, people["member.sg"]) for _n in range(7)]
    assert [raw.status for raw in raws] == [101] * 5 + [429] * 2
    for raw in raws:
        raw.close()


def test_engineio_is_the_version_that_our_websocket_extends():
    """Read hub/websocket.py again when this changes."""
    assert version("python-engineio") == heartbeat.EXTENDS == "4.15.1"
    assert version("simple-websocket") == "1.1.0"
