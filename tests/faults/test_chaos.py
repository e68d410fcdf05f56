"""Two web and two live processes, PostgreSQL and Redis, while everything that can break breaks: acknowledged is stored once, and all agree."""

import contextlib
import gc
import http.client
import json
import os
import re
import statistics
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest
from sqlalchemy import create_engine, text

from hub.bell import Bell
from tests.faults.cluster import Cluster, wait_for
from tests.faults.delegates import GONE, Delegate
from tests.faults.nemesis import Nemesis, Poster, keep_connected
from tests.faults.raw import RawSocket
from tests.faults.test_kill import Member
from tests.faults.test_rooms import check, stored
from tests.faults.test_sockets import PORTLESS, SOCKET, PromptClient, cookie_of

pytestmark = [  # lines that are cut leave sockets to the collector, which must not surprise the tests that follow
    pytest.mark.chaos, pytest.mark.filterwarnings("ignore::ResourceWarning"), pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
]  # fmt: skip
LONG = bool(os.environ.get("HUB_LONG_TESTS"))
SECONDS = 90 if LONG else 15
PEOPLE = ("member.la", "fp.la", "member.th", "rev.protection.th")


READERS = ("bn", "kh", "id", "my", "mm", "ph", "sg", "tl", "vn")  # of these states the focal point and the member: 90 pages, with the delegates' over 100


class Page:
    """An open page of a thread: a socket that hears it."""

    last = head = 0

    def __init__(self, url: str, cookie: str) -> None:
        self.url, self.cookie, self.closed, self.socket = url, cookie, threading.Event(), None

    def ask(self) -> bool:
        return True

    def connect(self) -> None:
        self.close()
        self.closed = threading.Event()  # of this socket: whoever hears the one before says nothing of it
        self.socket = PromptClient(self.url.replace("http", "ws") + SOCKET, headers={"Cookie": self.cookie, "Origin": PORTLESS})
        self.socket.receive(timeout=10)
        self.socket.send("40")
        self.socket.send('420["join",{"thread":21}]')
        threading.Thread(target=self._hear, args=(self.socket, self.closed), daemon=True).start()

    @staticmethod
    def _hear(line: PromptClient, closed: threading.Event) -> None:
        with contextlib.suppress(*GONE):
            while (frame := line.receive(timeout=30)) is not None:
                if frame == "2":
                    line.send("3")
        closed.set()

    def close(self) -> None:
        with contextlib.suppress(*GONE):
            self.socket.close()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    started = Cluster(folder, app="tests.faults.changed:app", CRASH=str(folder / "crash-now"), HUB_WRITE_LIMIT="100000 per minute")
    yield started
    started.stop()
    gc.collect()


@pytest.fixture(autouse=True)
def whole(cluster):
    """Every test finds all processes up."""
    cluster.redis.go_on()
    cluster.revive()
    assert wait_for(lambda: all(one.answers() for one in cluster.processes), 60), cluster.logs()


@pytest.mark.timeout(600)
def test_whatever_breaks_acknowledged_is_stored_once_and_everybody_agrees(cluster, capsys):
    delegates = [Delegate(cluster.url, handle) for handle in PEOPLE for _n in range(3)]
    posters = [Poster(cluster.url, handle) for handle in ("member.ph", "member.vn")]
    stop, quiet = threading.Event(), threading.Event()
    at_work = [threading.Thread(target=one.keep_saying, args=(stop, 100_000), daemon=True) for one in delegates]
    at_work += [threading.Thread(target=one.keep_posting, args=(stop,), daemon=True) for one in posters]
    listening = [threading.Thread(target=keep_connected, args=(one, quiet), daemon=True) for one in delegates]
    for thread in at_work + listening:
        thread.start()
    assert wait_for(lambda: all(one.acknowledged for one in delegates), 60)
    nemesis = Nemesis(cluster, delegates)
    nemesis.rage(SECONDS)
    stop.set()
    for thread in at_work:
        thread.join(60)
    began = time.monotonic()
    cluster.revive()
    assert wait_for(lambda: all(one.answers() for one in cluster.processes), 60), cluster.logs()
    entries = stored(cluster.postgresql.url, delegates[0].room)
    converged = wait_for(lambda: all(one.last >= len(entries) for one in delegates), 30)
    took = time.monotonic() - began
    quiet.set()
    for thread in listening:
        thread.join(30)
    _verdict(cluster, delegates, posters, entries)
    assert converged, [(one.handle, one.last, len(entries)) for one in delegates]
    known = {seq: client_id or "" for seq, client_id in entries}
    assert all(one.log == known for one in delegates)
    missed = sum(len(set(known) - one.pushed) for one in delegates)
    with capsys.disabled():
        kinds = {name: nemesis.done.count(name) for name in sorted(set(nemesis.done))}
        print(f"\n  {len(entries)} entries and {sum(len(one.acknowledged) for one in posters)} posts over {len(nemesis.done)} faults {kinds}: nothing lost, doubled or moved; all agree {took:.1f} s")
        print(f"  after the last; pushes alone would have missed {missed} of {len(known) * len(delegates)}")
    for one in delegates:
        one.close()


def _verdict(cluster: Cluster, delegates: list[Delegate], posters: list[Poster], entries: list[tuple[int, str]]) -> None:
    acknowledged = {key: seq for one in delegates for key, seq in one.acknowledged.items()}
    assert check(entries, acknowledged) == []
    codes = [code for one in delegates for code in one.codes]
    assert codes.count(200) > 0, "nothing was sent twice"
    assert set(codes) <= {200, 201, 429, 502, 503, 504}, set(codes)  # 429: the pace of entries
    engine = create_engine(cluster.postgresql.url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        rows = list(connection.execute(text("SELECT num, client_id FROM post WHERE thread_id = 21 ORDER BY num")))
    engine.dispose()
    assert [row.num for row in rows] == list(range(1, len(rows) + 1))
    ids = [row.client_id for row in rows]
    for one in posters:
        assert one.acknowledged, "a poster was never answered"
        assert all(ids.count(client_id) == 1 for client_id in one.acknowledged)


def test_nginx_serves_static_files_from_the_hub_and_hides_what_is_for_operators(cluster):
    with urllib.request.urlopen(f"{cluster.url}/sign-in", timeout=10) as answer:
        page = answer.read().decode()
    path = re.search(r'href="(/static/[0-9a-f]+/css/[^"]+)"', page)[1]
    kept = []
    for _twice in range(2):
        with urllib.request.urlopen(cluster.url + path, timeout=10) as answer:
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            kept.append(answer.read())
    assert kept[0] == kept[1] != b""
    for hidden in ("/metrics", "/readyz"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(cluster.url + hidden, timeout=10)
    nobody = urllib.request.Request(f"{cluster.url}/account", headers={"X-Forwarded-Host": "elsewhere.example", "X-Forwarded-Port": "81"})
    with urllib.request.urlopen(nobody, timeout=10) as answer:
        assert answer.url.startswith(cluster.url)


# --- Redis away ------------------------------------------------------------------------------------


def last_word_arrives(cluster: Cluster, seconds: float) -> bool:
    """Whether a delegate hears of a last entry, after which nobody says anything more."""
    listener, speaker = Delegate(cluster.url, "member.la"), Delegate(cluster.url, "member.th")
    listener.ask()
    listener.connect()
    assert wait_for(lambda: listener.head > 0, 10)
    word = os.urandom(6).hex().translate(str.maketrans("0123456789", "ghijklmnop"))
    assert wait_for(lambda: speaker.post(word, f"words {word}") in (200, 201), 30)  # 429 when much was said in the ten seconds before
    arrived = wait_for(lambda: word in listener.log.values(), seconds)
    listener.close()
    return arrived


def test_with_redis_dead_the_last_word_still_arrives_by_the_beacon(cluster):
    cluster.redis.kill()
    try:
        assert last_word_arrives(cluster, 5)
        for one in cluster.processes:
            assert wait_for(lambda one=one: "redis unreachable" in degraded(one.port), 10), one.role
    finally:
        cluster.redis.start()
    assert wait_for(lambda: not any(degraded(one.port) for one in cluster.processes), 15)


def test_control_without_the_beacon_it_does_not(cluster):
    live = cluster.of("live")
    cluster.redis.kill()
    try:
        _restart(live, WITHOUT="beacon")
        assert not last_word_arrives(cluster, 7)
    finally:
        cluster.redis.start()
        _restart(live, WITHOUT="")


def _restart(processes, **environ: str) -> None:
    for one in processes:
        one.kill()
        one.environ |= environ
        one.start()
    assert wait_for(lambda: all(one.answers() for one in processes), 60)


def degraded(port: int) -> list[str]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
        assert answer.status == 200
        return json.load(answer)["degraded"]


def test_with_redis_paused_a_suspended_member_hears_nothing_more_and_no_answer_waits(cluster):
    """The look of every two seconds closes the socket; answers take as long as before."""
    delegate, reader, writer = Delegate(cluster.url, "fp.la"), Member(cluster.url, "member.vn"), Poster(cluster.url, "member.ph")
    engine = create_engine(cluster.postgresql.url.replace("postgresql://", "postgresql+psycopg://"))
    delegate.connect()
    assert wait_for(lambda: delegate.head > 0, 10)

    def suspended(until: str | None) -> None:
        with engine.begin() as connection:
            connection.execute(text("UPDATE \"user\" SET suspended_until = CAST(:until AS timestamptz) WHERE handle = 'fp.la'"), {"until": until})

    def times() -> list[float]:
        found = []
        for _n in range(8):
            began = time.monotonic()
            reader.opener.open(cluster.url + "/pillars/protection", timeout=10).close()
            assert writer.post_once()
            found.append(time.monotonic() - began)
        return found

    before = times()
    cluster.redis.pause()
    try:
        suspended("2999-01-01 00:00:00")
        began = time.monotonic()
        paused = times()
        assert delegate.closed.wait(max(0.1, 5.5 - (time.monotonic() - began)))
    finally:
        cluster.redis.go_on()
        suspended(None)
        engine.dispose()
    assert statistics.median(paused) < 2 * statistics.median(before) + 0.05, (before, paused)


# --- slow readers ----------------------------------------------------------------------------------


FLOOD, WIDE = 400, 30_000


def flooded(cluster: Cluster, quick: int) -> tuple[list[list[int]], RawSocket, float]:
    """400 x 30 kB to a page that reads a little at a time and to some that read at once: what each got, and how long the slow one lasted."""
    live = cluster.of("live")[0]
    member = Member(cluster.url, "member.la")
    slow = RawSocket(live.port, cookie_of(member))
    others = [PromptClient(f"ws://127.0.0.1:{live.port}{SOCKET}", headers={"Cookie": cookie_of(Member(cluster.url, "member.th")), "Origin": PORTLESS}) for _n in range(quick)]
    slow.read(4096)
    for one in (slow, *others):
        one.send("40")
    time.sleep(1)
    for one in (slow, *others):
        one.send('420["join",{"thread":21}]')
    time.sleep(1)
    got: list[list[int]] = [[] for _one in others]

    def hear(one: PromptClient, numbers: list[int]) -> None:
        with contextlib.suppress(*GONE):
            while len(numbers) < FLOOD and (frame := one.receive(timeout=20)) is not None:
                if frame == "2":
                    one.send("3")
                elif frame.startswith('42["flood"'):
                    numbers.append(json.loads(frame[2:])[1]["n"])

    threads = [threading.Thread(target=hear, args=pair, daemon=True) for pair in zip(others, got, strict=True)]
    for thread in threads:
        thread.start()
    bell = Bell(cluster.redis.url, cluster.environ["HUB_SECRET_KEY"], cluster.postgresql.url)
    began = time.monotonic()

    def flood() -> None:
        for n in range(FLOOD):
            assert bell.send({"room": "thread 21", "event": "flood", "heads": {"n": n, "words": "x" * WIDE}})
            time.sleep(0.005)

    threading.Thread(target=flood, daemon=True).start()
    while slow.read(4096, 20) and time.monotonic() - began < 30:
        time.sleep(0.02)
    lasted = time.monotonic() - began
    for thread in threads:
        thread.join(30)
    for one in (slow, *others):
        with contextlib.suppress(*GONE):
            one.close()
    return got, slow, lasted


def test_who_reads_slowly_is_put_out_with_a_whole_stream_and_nobody_else_notices(cluster):
    before = put_out(cluster.of("live")[0].port)
    got, slow, lasted = flooded(cluster, 5)
    assert got == [list(range(FLOOD))] * 5
    numbers = [json.loads(text_[2:])[1]["n"] for text_ in slow.texts() if text_.startswith('42["flood"')]
    assert numbers == list(range(len(numbers)))
    assert 0 < len(numbers) < FLOOD
    assert lasted < 25
    assert put_out(cluster.of("live")[0].port) == before + 1


@pytest.mark.long
def test_control_stock_framing_breaks_the_stream_of_a_slow_reader(cluster):
    live = cluster.of("live")[:1]
    _restart(live, WITHOUT="framing")
    try:
        got, slow, _lasted = flooded(cluster, 1)
        assert got[0], "the flood came"
        with pytest.raises(ValueError, match=r"."):  # no frame, no text or no JSON begins where one should
            for words in slow.texts():
                json.loads(words[2:] if words.startswith("42") else "0")
    finally:
        _restart(live, WITHOUT="")


def put_out(port: int) -> float:
    return float(re.search(r"^hub_readers_put_out (\S+)", metrics(port), re.M)[1])


def metrics(port: int) -> str:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/metrics", headers={"Authorization": "Bearer for the test"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return answer.read().decode()


# --- restarts --------------------------------------------------------------------------------------


def test_a_rolling_restart_fails_no_request_and_sockets_come_back(cluster, capsys):
    reader, writer = Member(cluster.url, "member.vn"), Poster(cluster.url, "member.ph")
    delegates = [Delegate(cluster.url, handle) for handle in PEOPLE for _n in range(4)]
    cookies = [cookie_of(Member(cluster.url, f"{role}.{state}")) for role in ("fp", "member") for state in READERS]
    pages = delegates + [Page(cluster.url, cookie) for cookie in cookies for _n in range(5)]
    assert len(pages) > 100
    for one in pages:
        one.ask()
        one.connect()
    stop, failed, answered, away = threading.Event(), [], [], []

    def keep_reading() -> None:
        while not stop.is_set():
            try:
                reader.opener.open(cluster.url + "/pillars/protection", timeout=20).close()
                answered.append(writer.post_once() or failed.append("post"))
            except (OSError, http.client.HTTPException) as trouble:
                failed.append(repr(trouble))
            stop.wait(0.1)

    def keep_watching(one: Delegate | Page) -> None:
        while not stop.is_set():
            if one.closed.is_set() or not one.socket.connected:
                lost = time.monotonic()
                while not stop.is_set():
                    with contextlib.suppress(*GONE):
                        one.connect()
                        break
                    stop.wait(0.2)
                away.append((one, time.monotonic() - lost))
            stop.wait(0.1)

    at_work = [threading.Thread(target=keep_reading, daemon=True) for _n in range(4)]
    at_work += [threading.Thread(target=keep_watching, args=(one,), daemon=True) for one in pages]
    began = time.monotonic()
    for thread in at_work:
        thread.start()
    for one in cluster.processes:
        one.end()
        one.start()
        assert wait_for(one.answers, 60), cluster.logs()
        time.sleep(2.5)  # nginx tries it again after two seconds
    stop.set()
    for thread in at_work:
        thread.join(30)
    assert failed == []
    rate = 2 * len(answered) / (time.monotonic() - began)
    assert {one for one, _seconds in away} == set(pages), "every socket was moved"
    assert max(seconds for _one, seconds in away) < 10
    word = "abcdefghijkl"
    assert delegates[0].post(word, f"words {word}") in (200, 201)
    assert wait_for(lambda: all(word in one.log.values() for one in delegates), 10)
    with capsys.disabled():
        print(f"\n  rolling restart of four processes: {2 * len(answered)} requests, {rate:.0f} a second, none failed; {len(pages)} sockets back within {max(s for _one, s in away):.1f} s")
    for one in pages:
        one.close()


def test_while_postgresql_restarts_answers_are_503_with_what_was_typed_and_then_all_is_well(cluster):
    writer = Poster(cluster.url, "member.ph")
    assert writer.post_once()
    pages, until = [], []

    def keep_trying() -> None:
        while not until or time.monotonic() < until[0]:
            try:
                writer.post_once("These words are kept by the page.")
                pages.append((time.monotonic(), 200, ""))
            except urllib.error.HTTPError as error:
                pages.append((time.monotonic(), error.code, error.read().decode()))
            time.sleep(0.05)

    trying = threading.Thread(target=keep_trying, daemon=True)
    trying.start()
    cluster.postgresql.stop()
    time.sleep(3)
    cluster.postgresql.start()
    back = time.monotonic()
    until.append(back + 12)
    trying.join(60)
    troubled = [(at, code, page) for at, code, page in pages if code != 200]
    assert troubled
    assert {code for _at, code, _page in troubled} == {503}
    assert all("These words are kept by the page." in page for _at, _code, page in troubled)
    assert max(at for at, _code, _page in troubled) - back < 10
    assert pages[-1][1] == 200
