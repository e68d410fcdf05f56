"""The bell between processes: what one says, others ring on their open pages. Through Redis, sealed; a hint that may be lost.

Nobody waits for it but the thread that rings. Words of rooms pass through it, so they are encrypted with the hub's secret, and what was
not sealed by this hub is dropped. Nothing is kept in Redis.
"""

import hashlib
import json
import logging
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any

import redis
from cryptography.fernet import InvalidToken

from hub import sealed

log = logging.getLogger("hub.live")
PATIENCE = 0.3  # seconds that the ringing thread waits for Redis
REST_AFTER_FAILURE = 1.0  # seconds in which it does not try again, so that a queue of news does not wait one by one
DEAF_AFTER = 6.0  # seconds without one's own echo
BREATH = 0.04  # seconds between two looks at a busy line; the first word on a quiet one is heard at once
MOST_AT_ONCE = 50  # words; whoever floods Redis does not keep the others from being rung
YOUNGEST = 30  # seconds: an older message is not rung any more

Hear = Callable[[list[dict[str, Any]]], None]


class Bell:
    """One process at the bell of its hub; ``listen`` begins to hear the others."""

    def __init__(self, url: str, secret: str, database: str) -> None:
        self.name = secrets.token_hex(8)
        self.channel = "hub:" + hashlib.sha256(f"{database} {secret}".encode()).hexdigest()[:24]
        self.box = sealed.box(secret, b"bell")
        self.out = redis.Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
        self.inward = redis.Redis.from_url(url, socket_connect_timeout=PATIENCE, socket_timeout=DEAF_AFTER)
        self.tired_until = 0.0
        self.echoed_at = time.monotonic()
        self.lost = 0

    def send(self, told: dict[str, Any]) -> bool:
        """Say something to all processes; whether Redis took it. Waits for Redis, a moment."""
        if time.monotonic() < self.tired_until:
            self.lost += 1
            return False
        try:
            self.out.publish(self.channel, self.box.encrypt(json.dumps({"from": self.name} | told).encode()))
        except redis.RedisError:
            self.lost += 1
            self.tired_until = time.monotonic() + REST_AFTER_FAILURE
            log.warning("redis is out of reach: news of other processes are late")
            return False
        return True

    def listen(self, hear: Hear) -> None:
        """Call ``hear`` in a thread of its own with what other processes say, for good."""
        threading.Thread(target=self._keep_listening, args=(hear,), daemon=True).start()

    def hears_itself(self) -> bool:
        """Whether its own echo came back lately: the proof that Redis carries news to this process."""
        return time.monotonic() - self.echoed_at < DEAF_AFTER

    def answers(self) -> bool:
        """Whether Redis answers just now, for a process that does not listen."""
        try:
            return bool(self.out.ping())
        except redis.RedisError:
            return False

    def _keep_listening(self, hear: Hear) -> None:
        while True:
            try:
                self._listen(hear)
            except (redis.RedisError, OSError):
                log.warning("redis does not bring news; trying again")
            time.sleep(REST_AFTER_FAILURE)

    def _listen(self, hear: Hear) -> None:
        """Until the line breaks, or brings nothing, not even the own echo."""
        with self.inward.pubsub(ignore_subscribe_messages=True) as line:  # type: ignore[no-untyped-call]  # redis leaves it so
            line.subscribe(self.channel)
            for message in line.listen():
                self._hear([message["data"]], hear)
                while came := _what_came(line):
                    self._hear(came, hear)

    def _hear(self, came: list[bytes], hear: Hear) -> None:
        said = [told for told in map(self._opened, came) if told]
        try:
            hear(said)
        except Exception:  # a hint is no reason to stop listening
            log.exception("news lost")

    def _opened(self, data: bytes) -> dict[str, Any] | None:
        """What another process of this hub said; the own echo is noted."""
        try:
            told: dict[str, Any] = json.loads(self.box.decrypt(data, ttl=YOUNGEST))
        except (InvalidToken, ValueError):
            log.warning("redis brought what this hub did not say")
            return None
        if told.get("from") != self.name:
            return told
        self.echoed_at = time.monotonic() if "echo" in told else self.echoed_at
        return None


def _what_came(line: redis.client.PubSub) -> list[bytes]:
    """While much is said, it is read twenty-five times a second and rung in one go: a page is told once, not for each word."""
    time.sleep(BREATH)
    came: list[bytes] = []
    while len(came) < MOST_AT_ONCE and (message := line.get_message(timeout=0)):
        came.append(message["data"])
    return came
