"""Delegates at their browsers, with nothing but the standard library and a websocket: they speak, hear, and ask for what they missed."""

import contextlib
import http.client
import json
import random
import re
import string
import threading
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from simple_websocket import Client, ConnectionClosed
from simple_websocket.errors import ConnectionError as Refused

from tests.faults.test_kill import Member
from tests.faults.test_sockets import PORTLESS, SOCKET, PromptClient, cookie_of

GONE = (OSError, ValueError, http.client.HTTPException, ConnectionClosed, Refused, AttributeError, TypeError)


def room_of(member: Member, title: str = "One meeting point") -> str:
    with member.opener.open(f"{member.url}/rooms", timeout=10) as answer:
        return re.search(rf'href="/rooms/([0-9a-f]{{32}})">{title}', answer.read().decode())[1]


class Delegate:
    """One browser: its outbox, and the log as it knows it."""

    def __init__(self, url: str, handle: str, room: str = "") -> None:
        self.member = Member(url, handle)
        self.handle = handle
        self.room = room or room_of(self.member)
        self.csrf = self.member.token("/account")
        self.acknowledged: dict[str, int] = {}
        self.codes: list[int] = []
        self.log: dict[int, str] = {}
        self.pushed: set[int] = set()
        self.last = self.head = 0
        self.socket: Client | None = None
        self.closed = threading.Event()
        self.lock = threading.Lock()

    # --- speaking ---

    def post(self, client_id: str, body: str, kind: str = "message", target: str = "") -> int:
        """The status of one try; the number is noted when it was stored."""
        fields = {"client_id": client_id, "kind": kind, "body": body, "target": target, "csrf_token": self.csrf}
        request = urllib.request.Request(f"{self.member.url}/rooms/{self.room}/entries", urllib.parse.urlencode(fields).encode(), {"Accept": "application/json"})
        try:
            with self.member.opener.open(request, timeout=20) as answer:
                self.acknowledged[client_id] = json.load(answer)["seq"]
                return answer.status
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    def keep_saying(self, stop: threading.Event, most: int, doubles: float = 0.1) -> None:
        """Up to ``most`` entries, each tried until it is answered; one in ten is sent twice."""
        for _n in range(most):
            client_id = "".join(random.choices(string.ascii_lowercase, k=16))  # digits would be taken for a number of somebody
            while not stop.is_set():
                with contextlib.suppress(*GONE):
                    code = self.post(client_id, f"words {client_id}")
                    self.codes.append(code)
                    if code in (200, 201):
                        break
                stop.wait(0.2)
            if random.random() < doubles:
                with contextlib.suppress(*GONE):
                    self.codes.append(self.post(client_id, f"words {client_id}"))
            if stop.is_set():
                return

    # --- hearing ---

    def ask(self) -> bool:
        """Everything after the last number that is known; whether the hub answered."""
        while True:
            request = urllib.request.Request(f"{self.member.url}/rooms/{self.room}/entries?after={self.last}", headers={"Accept": "application/json"})
            try:
                with self.member.opener.open(request, timeout=10) as answer:
                    page = json.load(answer)
            except GONE:
                return False
            with self.lock:
                for entry in page["entries"]:
                    self._apply(entry)
                self.head = max(self.head, page["head"])
            if not page["more"]:
                return True

    def _apply(self, entry: dict[str, Any]) -> None:
        if entry["seq"] == self.last + 1:
            self.last = entry["seq"]
            self.log[self.last] = entry["client_id"]

    def connect(self) -> None:
        """Open a socket, join, and hear in a thread until it closes."""
        self.close()
        self.closed = threading.Event()  # of this socket: whoever hears the one before says nothing of it
        self.socket = PromptClient(self.member.url.replace("http", "ws") + SOCKET, headers={"Cookie": cookie_of(self.member), "Origin": PORTLESS})
        self.socket.receive(timeout=10)
        self.socket.send("40")
        self.join()
        threading.Thread(target=self._hear, args=(self.socket, self.closed), daemon=True).start()

    def join(self) -> None:
        self.socket.send("420" + json.dumps(["join", {"room": self.room, "after": self.last}]))

    def _hear(self, line: Client, closed: threading.Event) -> None:
        with contextlib.suppress(*GONE):
            while (frame := line.receive(timeout=30)) is not None:
                self._heard(frame)
        closed.set()

    def _heard(self, frame: str) -> None:
        if frame == "2":
            self.socket.send("3")
        elif frame.startswith("430"):
            answer = json.loads(frame[3:])[0]
            self.head = max(self.head, answer.get("head", 0))
            self.refused = "error" in answer
        elif frame.startswith("42"):
            name, heads = json.loads(frame[2:])
            if name in ("resub", "bye"):
                self.join()
            elif name == "entry":
                with self.lock:
                    self.pushed.add(heads["seq"])
                    self._apply(heads)
                    self.head = max(self.head, heads["seq"])
            elif name == "head":
                self.head = max(self.head, heads["head"])
        if self.head > self.last:
            self.ask()

    refused = False

    def close(self) -> None:
        if self.socket is not None:
            with contextlib.suppress(*GONE):
                self.socket.close()
