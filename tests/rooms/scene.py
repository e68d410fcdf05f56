"""What tests of rooms have in common: how one is agreed, and how delegates speak in it."""

import re
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from hub.rooms.models import Room, RoomEntry
from tests.factories import Browser, World

JSON = {"Accept": "application/json"}
TERMS = {
    "title": "Referral of returning domestic workers", "purpose": "To settle the smallest workable procedure at one crossing.", "pillar": "cooperation",
    "label": "TLP:AMBER+STRICT", "attribution": "named", "retention_days": "180",
}  # fmt: skip


def propose(world: World, by: Browser, *codes: str, head: Browser, delegates: tuple[Browser, ...] = (), note_taker: Browser | None = None, **more: str) -> TestResponse:
    others = [str(world.organisation_id(code)) for code in codes]
    named = {"head": str(head.user_id), "delegates": [str(one.user_id) for one in delegates], "note_taker": str(note_taker.user_id) if note_taker else ""}
    return by.post("/rooms/new", others=others, **TERMS | named | more)


def id_of(answer: TestResponse) -> str:
    assert answer.status_code == 303, answer.text
    return re.search(r"/rooms/([0-9a-f]{32})", answer.location)[1]


def shown_hash(reader: Browser, room: str) -> str:
    return re.search(r'name="hash" value="([0-9a-f]{64})"', reader.get(f"/rooms/{room}").text)[1]


def accept(by: Browser, room: str, head: Browser, *delegates: Browser) -> TestResponse:
    return by.post(f"/rooms/{room}/accept", hash=shown_hash(by, room), head=str(head.user_id), delegates=[str(one.user_id) for one in delegates], note_taker="")


def say(by: Browser, room: str, body: str = "", kind: str = "message", target: int | str = "", client_id: str = "", **more: str) -> TestResponse:
    return by.post(f"/rooms/{room}/entries", _headers=JSON, client_id=client_id or secrets.token_hex(8), kind=kind, body=body, target=str(target), **more)


def ask(by: Browser, room: str, **query: int) -> Any:
    return by.get(f"/rooms/{room}/entries", headers=JSON, query_string=query)


def log_of(world: World, room: str) -> list[Any]:
    rows = select(RoomEntry.seq, RoomEntry.kind, RoomEntry.body_md, RoomEntry.what, RoomEntry.author_id).join(Room, Room.id == RoomEntry.room_id)
    return world.all(rows.where(Room.public_id == room).order_by(RoomEntry.seq))


@dataclass
class Opened:
    """An open room of Indonesia and Malaysia, and everybody around it."""

    room: str
    fp_id: Browser
    fp_my: Browser
    hod_id: Browser
    hod_my: Browser
    member_id: Browser
    member_my: Browser
    note_id: Browser

    @property
    def delegates(self) -> tuple[Browser, ...]:
        return (self.hod_id, self.member_id, self.note_id, self.hod_my, self.member_my)


def opened(world: World, **terms: str) -> Opened:
    fp_id, fp_my = world.person("ID", "focal_point", title="Focal point"), world.person("MY", "focal_point", title="Focal point")
    hod_id, member_id, note_id = (world.person("ID", title=title) for title in ("Head of delegation", "Migration officer", "Note-taker"))
    hod_my, member_my = (world.person("MY", title=title) for title in ("Head of delegation", "Legal officer"))
    room = id_of(propose(world, fp_id, "MY", head=hod_id, delegates=(member_id,), note_taker=note_id, **terms))
    assert accept(fp_my, room, hod_my, member_my).status_code == 303
    return Opened(room, fp_id, fp_my, hod_id, hod_my, member_id, member_my, note_id)
