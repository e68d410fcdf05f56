"""Who is at work while things break, and what breaks them."""

import contextlib
import os
import random
import signal
import threading
import time
import urllib.parse

from tests.faults.cluster import Cluster, wait_for
from tests.faults.delegates import GONE, Delegate
from tests.faults.test_kill import Member

THREAD = "/threads/21"


class Poster:
    """Somebody who answers in a thread, over and over, each answer until it is acknowledged."""

    def __init__(self, url: str, handle: str) -> None:
        self.member, self.acknowledged = Member(url, handle), []
        self.token = self.member.token("/account")

    def post_once(self, words: str = "") -> bool:
        """Whether one answer was stored. Raises what ``urlopen`` raises."""
        client_id = "".join(random.choices("abcdefghijk", k=14))
        return self._post(words or f"words {client_id}", client_id)

    def _post(self, words: str, client_id: str) -> bool:
        fields = {"body": words, "parent": "", "lang": "en", "client_id": client_id, "csrf_token": self.token}
        with self.member.opener.open(self.member.url + THREAD + "/posts", urllib.parse.urlencode(fields).encode(), timeout=20) as answer:
            return "/threads/21-" in answer.url

    def keep_posting(self, stop: threading.Event) -> None:
        while not stop.is_set():
            client_id = "".join(random.choices("abcdefghijk", k=14))
            while not stop.is_set():
                try:
                    if self._post(f"words {client_id}", client_id):
                        self.acknowledged.append(client_id)
                        break
                except GONE:
                    pass
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
        self.faults = [self.kill_web, self.kill_live, self.kill_worker, self.crash_after_commit, self.kill_redis, self.pause_redis, self.cut_pubsub, self.restart_postgresql, self.drop_sockets]

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

    def kill_worker(self) -> bool:
        """Its master stays and begins another. A process that was begun just now has none yet."""
        victim = random.choice(self.cluster.processes)
        before = victim.workers() if wait_for(victim.workers, 30) else []
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        return bool(before) and wait_for(lambda: victim.workers() and not set(before) & set(victim.workers()), 30)

    def crash_after_commit(self) -> bool:
        """The commit stands, the answer never comes."""
        flag = self.cluster.folder / "crash-now"
        flag.touch()
        return wait_for(lambda: not flag.exists(), 30)

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
        """Once somebody listens again after the fault before."""
        return wait_for(lambda: self.cluster.redis.answer("CLIENT", "KILL", "TYPE", "pubsub") > b":0", 15)

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
