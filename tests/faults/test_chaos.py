"""Two web and two live processes, PostgreSQL and Redis, while everything that can break breaks: acknowledged is stored once, and all agree."""

import contextlib
import os
import random
import threading
import time
import urllib.parse
import urllib.request

import pytest
from sqlalchemy import create_engine, text

from tests.faults.cluster import Cluster, wait_for
from tests.faults.delegates import GONE, Delegate
from tests.faults.test_kill import Member
from tests.faults.test_rooms import check, stored

LONG = bool(os.environ.get("HUB_LONG_TESTS"))
SECONDS = 90 if LONG else 15
PEOPLE = ("member.la", "fp.la", "member.th", "rev.protection.th")
THREAD = "/threads/21"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    started = Cluster(folder, apps=("tests.faults.changed:app",), CRASH=str(folder / "crash-now"), HUB_WRITE_LIMIT="100000 per minute")
    yield started
    started.stop()


@pytest.fixture(autouse=True)
def whole(cluster):
    """Every test finds all processes up, and leaves them so."""
    cluster.redis.go_on()
    cluster.revive()
    assert wait_for(lambda: all(one.answers() for one in cluster.processes), 60), cluster.logs()


class Poster:
    """Somebody who answers in a thread, over and over, each answer until it is acknowledged."""

    def __init__(self, url: str, handle: str) -> None:
        self.member, self.acknowledged, self.failures = Member(url, handle), [], 0
        self.token = self.member.token("/account")

    def keep_posting(self, stop: threading.Event) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            client_id = f"{''.join(random.choices('abcdefghijk', k=14))}"
            while not stop.is_set():
                fields = {"body": f"words {client_id}", "parent": "", "lang": "en", "client_id": client_id, "csrf_token": self.token}
                try:
                    with self.member.opener.open(self.member.url + THREAD + "/posts", urllib.parse.urlencode(fields).encode(), timeout=20) as answer:
                        if "/threads/21-" in answer.url:
                            self.acknowledged.append(client_id)
                            break
                except GONE:
                    self.failures += 1
                stop.wait(0.3)
            stop.wait(0.2)


def keep_connected(one: Delegate, stop: threading.Event) -> None:
    """As the page does: a socket again once it is lost, and a look at the log meanwhile."""
    while not stop.is_set():
        if one.socket is None or one.closed.is_set() or not one.socket.connected:
            with contextlib.suppress(*GONE):
                one.connect()
            one.ask()
        stop.wait(0.3)


class Nemesis:
    """What breaks, one after the other, each shown to have happened."""

    def __init__(self, cluster: Cluster, delegates: list[Delegate]) -> None:
        self.cluster, self.delegates, self.done = cluster, delegates, []
        self.faults = [self.kill_web, self.kill_live, self.crash_after_commit, self.kill_redis, self.pause_redis, self.cut_pubsub, self.restart_postgresql, self.drop_sockets]

    def rage(self, seconds: float) -> None:
        until, waiting = time.monotonic() + seconds, random.sample(self.faults, len(self.faults))
        while time.monotonic() < until or waiting:  # each at least once
            fault = waiting.pop() if waiting else random.choice(self.faults)
            assert fault(), fault.__name__
            self.done.append(fault.__name__)
            time.sleep(random.uniform(0.2, 0.8))
            self.cluster.revive()

    def kill_web(self) -> bool:
        return self._kill("web")

    def kill_live(self) -> bool:
        return self._kill("live")

    def _kill(self, role: str) -> bool:
        victim = random.choice(self.cluster.of(role))
        pid = victim.master.pid
        victim.kill()
        return victim.master.poll() is not None and not os.path.exists(f"/proc/{pid}/fd/0")

    def crash_after_commit(self) -> bool:
        """The commit stands, the answer never comes."""
        flag = self.cluster.folder / "crash-now"
        if not wait_for(self.cluster.processes[0].answers, 20):
            return False
        flag.touch()
        happened = wait_for(lambda: not flag.exists(), 20)
        return happened and wait_for(self.cluster.processes[0].answers, 20)

    def kill_redis(self) -> bool:
        self.cluster.redis.kill()
        time.sleep(1)
        gone = not self.cluster.redis.command("PING")
        self.cluster.redis.start()
        return gone

    def pause_redis(self) -> bool:
        self.cluster.redis.pause()
        time.sleep(2)
        silent = not self.cluster.redis.command("PING")
        self.cluster.redis.go_on()
        return silent

    def cut_pubsub(self) -> bool:
        return self.cluster.redis.command("CLIENT", "KILL", "TYPE", "pubsub")

    def restart_postgresql(self) -> bool:
        before = self._started_at()
        self.cluster.postgresql.restart()
        return self._started_at() != before

    def _started_at(self) -> str:
        return (self.cluster.postgresql.folder / "postmaster.pid").read_text().splitlines()[2] + (self.cluster.postgresql.folder / "postmaster.pid").read_text().splitlines()[0]

    def drop_sockets(self) -> bool:
        chosen = random.sample(self.delegates, 4)
        for one in chosen:
            one.close()
        return all(one.socket is None or not one.socket.connected for one in chosen)


@pytest.mark.chaos
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
