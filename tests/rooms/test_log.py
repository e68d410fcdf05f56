"""A page that applies entries ends as the page that is loaded anew; the log has no gap, also when many write at once."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, select

from hub.accounts.models import User
from hub.db import db
from hub.rooms.models import EntryKind, RoomEntry
from tests.minutes import paper
from tests.moderation import scene as queue
from tests.rooms import scene

LINE = re.compile(r'<li class="entry.*?</li>(?=\s*(?:<li class="(?:entry|newline)|</ol>))', re.S)


def lines_of(page: str) -> dict[int, str]:
    found = [match[0] for match in LINE.finditer(page)]
    return {int(re.search(r'data-seq="(\d+)"', line)[1]): line for line in found}


def applied(lines: dict[int, str], entries: list[dict]) -> dict[int, str]:
    """As ``play`` of reducer.js does."""
    played = dict(lines)
    for entry in entries:
        if entry["verb"] == "append":
            played[entry["seq"]] = entry["html"]
        elif entry["verb"] == "replace" and entry["target"] in played:
            played[entry["target"]] = entry["html"]
        elif entry["verb"] == "remove":
            played.pop(entry["target"], None)
    return played


def test_entries_applied_to_a_stale_page_give_the_fresh_page_for_every_kind(world):
    at = scene.opened(world)
    scene.say(at.hod_id, at.room, "Two working days.")
    stale = lines_of(at.hod_my.get(f"/rooms/{at.room}").text)
    scene.say(at.hod_id, at.room, "Three working days.", kind="edit", target=2)
    scene.say(at.hod_my, at.room, "Fine.", target=2)
    scene.say(at.hod_my, at.room, kind="withdraw", target=4)
    scene.say(at.hod_id, at.room, kind="ack_request", target=2)
    scene.say(at.member_my, at.room, kind="ack", target=2)
    scene.say(at.note_id, at.room, "Tiga hari kerja.", kind="translation", target=2, lang="id")
    late = world.person("MY")
    at.fp_my.post(f"/rooms/{at.room}/delegates", member=str(late.user_id), role="delegate")
    at.fp_my.post(f"/rooms/{at.room}/delegates/{late.user_id}/remove")
    at.fp_my.post(f"/rooms/{at.room}/terms", **scene.TERMS | {"retention_days": "30"})
    for kind, more in (("point", {}), ("decision", {}), ("action", {"who": paper.side(at, "MY"), "due": paper.LATER})):
        assert scene.say(at.hod_id, at.room, kind=kind, target=2, **more).status_code == 201
    assert at.hod_id.post(f"/rooms/{at.room}/minutes").status_code == 303
    for head in (at.hod_id, at.hod_my):
        world.change(User, head.user_id, password_hash=paper.HASHED)
        assert paper.signed(head, f"/rooms/{at.room}/minutes/1").status_code == 303
    moderator = world.person("TH", is_moderator=True)
    scene.say(at.hod_id, at.room, "To be taken out.")
    for seq, decision in ((2, "restore"), (scene.log_of(world, at.room)[-1].seq, "remove")):
        assert at.hod_my.post("/flags", target=f"entry:{at.room}:{seq}", reason="identifies_person", note="").status_code == 303
        assert queue.decide(world, moderator, queue.item(world), decision).status_code == 303
    at.hod_my.post(f"/rooms/{at.room}/pause", words="Lunch")
    at.hod_my.post(f"/rooms/{at.room}/resume", words="")
    at.hod_my.post(f"/rooms/{at.room}/close", words="Done.")
    assert {row.kind for row in scene.log_of(world, at.room)} == set(EntryKind.ALL)
    entries = scene.ask(at.hod_my, at.room, after=2).json["entries"]
    fresh = lines_of(at.hod_my.get(f"/rooms/{at.room}").text)
    assert applied(stale, entries) == fresh
    assert fresh == lines_of(at.hod_id.get(f"/rooms/{at.room}").text), "the same for every delegate"


def test_what_is_pushed_is_what_is_asked_for(world, monkeypatch):
    from hub import live

    pushed: list[dict] = []
    monkeypatch.setattr(live.heartbeat, "broadcast", lambda _server, to, said: pushed.extend(heads for name, heads in said if name == "entry"))
    at = scene.opened(world)
    scene.say(at.hod_id, at.room, "Two working days.")
    scene.say(at.hod_id, at.room, kind="ack_request", target=2)
    scene.say(at.hod_my, at.room, kind="ack", target=2)
    live.all_rung()
    asked = scene.ask(at.hod_my, at.room, after=0).json["entries"]
    assert [{name: value for name, value in push.items() if name != "room"} for push in pushed][-1] == asked[-1]
    assert [push["seq"] for push in pushed] == [entry["seq"] for entry in asked]
    assert {push["room"] for push in pushed} == {at.room}


def test_numbers_have_no_gap_and_no_double_when_many_write_and_send_twice(world, app):
    at = scene.opened(world)
    people = [world.again(one) for one in at.delegates] + list(at.delegates)

    def keep_saying(n: int) -> list[tuple[str, int]]:
        said = []
        for turn in range(6):
            key = f"{people[n].user_id}-{n % 2 if n > 4 else n}-{turn}" if turn % 3 == 0 else f"{n}-{turn}"
            answer = scene.say(people[n], at.room, f"Words {key}.", client_id=key)
            if answer.status_code in (200, 201):
                said.append((key, answer.json["seq"]))
        return said

    with ThreadPoolExecutor(len(people)) as pool:
        acknowledged = [one for said in pool.map(keep_saying, range(len(people))) for one in said]
    stored = world.all(select(RoomEntry.seq, RoomEntry.client_id, RoomEntry.author_id).order_by(RoomEntry.seq))
    assert [row.seq for row in stored] == list(range(1, len(stored) + 1))
    assert len(acknowledged) >= 40
    by_seq = {row.seq: row.client_id for row in stored}
    assert all(by_seq[seq] == key for key, seq in acknowledged)
    assert len({(row.author_id, row.client_id) for row in stored if row.client_id}) == len([row for row in stored if row.client_id])


@pytest.mark.parametrize("size", [1, 40])
def test_a_room_costs_the_same_statements_however_much_was_said(world, app, size):
    at = scene.opened(world)
    for n in range(size):
        by = at.delegates[n % 5]
        scene.say(by, at.room, f"Line {n}.")
        if n == 0:
            scene.say(by, at.room, "Baris.", kind="translation", target=2, lang="id")
    counted: list[str] = []

    def count(_connection, _cursor, sql, *_more):
        counted.append(sql)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", count)
    try:
        at.hod_my.post(f"/rooms/{at.room}/read", upto="999")
        costs = {}
        for path, headers in ((f"/rooms/{at.room}", {}), (f"/rooms/{at.room}/entries?after=0", scene.JSON), ("/rooms", {})):
            counted.clear()
            assert at.hod_my.get(path, headers=headers).status_code == 200
            costs[path.replace(at.room, "x")] = len([sql for sql in counted if sql.lstrip().startswith("SELECT")])
    finally:
        with app.app_context():
            event.remove(db.engine, "before_cursor_execute", count)
    assert costs["/rooms/x"] <= 16, costs
    assert costs["/rooms/x/entries?after=0"] <= 7, costs
    assert costs["/rooms"] <= 7, costs
