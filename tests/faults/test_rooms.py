"""A room whose server is killed while everybody writes: what was acknowledged is stored once, at its number, for everybody."""

import contextlib
import os
import re
import secrets
import threading
import time

import pytest
from sqlalchemy import create_engine, text

from tests.browser.conftest import start_site
from tests.faults.cluster import wait_for
from tests.faults.delegates import GONE, Delegate
from tests.faults.test_kill import Member

ROUNDS = 8 if os.environ.get("HUB_LONG_TESTS") else 3
PEOPLE = ("member.la", "fp.la", "member.th", "rev.protection.th")
EACH = 3  # browsers of each: twelve write


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def start(request, tmp_path_factory):
    """Starts the hub, again and again on the same data, perhaps without a mechanism; one at a time."""
    tmp_path = tmp_path_factory.mktemp(request.param)
    more = {"HUB_SECRET_KEY": "the same after each start " * 2}
    more |= {"HUB_DATABASE_URL": request.getfixturevalue("new_database")()} if request.param == "postgresql" else {}
    url = more.get("HUB_DATABASE_URL", f"sqlite:///{tmp_path / 'hub.sqlite3'}")
    running = []

    def begin(*without: str, port: str = ""):
        end()
        site = start_site(tmp_path, module=("tests.faults.without", *without) if without else ("hub.serve",), **more | ({"HUB_PORT": port, "HUB_URL": f"http://127.0.0.1:{port}"} if port else {}))
        running.append(site)
        return site

    def end() -> None:
        for site in running:
            if site.process.poll() is None:
                site.process.kill()
                site.process.wait(10)

    begin.url = url
    yield begin
    end()


def stored(url: str, room: str, column: str = "client_id") -> list[tuple[int, str]]:
    """Number and one column of every entry of a room."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        rows = connection.execute(text(f"SELECT seq, room_entry.{column} FROM room_entry JOIN room ON room.id = room_id WHERE public_id = :room ORDER BY seq"), {"room": room})
        found = [(row[0], row[1]) for row in rows]
    engine.dispose()
    return found


def check(entries: list[tuple[int, str]], acknowledged: dict[str, int]) -> list[str]:
    """What is wrong, in words: lost, doubled, at another number, or with a gap."""
    wrong = []
    seqs = [seq for seq, _id in entries]
    if seqs != list(range(1, len(seqs) + 1)):
        wrong.append("numbers have a gap")
    by_id: dict[str, list[int]] = {}
    for seq, client_id in entries:
        by_id.setdefault((client_id or "").partition(" ")[0], []).append(seq)
    for client_id, seq in acknowledged.items():
        at = by_id.get(client_id, [])
        if not at:
            wrong.append("an acknowledged entry is lost")
        elif len(at) > 1:
            wrong.append("an entry is doubled")
        elif at != [seq]:
            wrong.append("an entry stands at another number")
    return wrong


@pytest.mark.timeout(900)
def test_nothing_acknowledged_is_lost_doubled_or_moved_over_kills(start, capsys):
    site = start()
    port = site.url.rpartition(":")[2]
    delegates = [Delegate(site.url, handle) for handle in PEOPLE for _n in range(EACH)]
    room = delegates[0].room
    pushed_only, kills = [0, 0], 0
    for _round in range(ROUNDS):
        stop = threading.Event()
        for one in delegates:
            one.connect()
        before = sum(len(one.acknowledged) for one in delegates)
        speaking = [threading.Thread(target=one.keep_saying, args=(stop, 6)) for one in delegates]
        for thread in speaking:
            thread.start()
        assert wait_for(lambda: sum(len(one.acknowledged) for one in delegates) >= before + 20, 40)  # noqa: B023
        site.process.kill()  # in the middle: the others are tried again
        site.process.wait()
        kills += 1
        site = start(port=port)
        for one in delegates:
            one.close()
            one.connect()
        for thread in speaking:
            thread.join(60)
        stop.set()
        entries = stored(start.url, room)
        assert wait_for(lambda: all(one.last >= len(entries) for one in delegates), 15), [(one.handle, one.last, len(entries)) for one in delegates]  # noqa: B023
        acknowledged = {key: seq for one in delegates for key, seq in one.acknowledged.items()}
        assert check(entries, acknowledged) == []
        known = {seq: client_id or "" for seq, client_id in entries}
        for one in delegates:
            assert one.log == known
            pushed_only[0] += len(entries) - len(one.pushed & set(known))
            pushed_only[1] += len(entries)
            one.pushed = set(known)
            one.close()
    codes = [code for one in delegates for code in one.codes]
    doubles = codes.count(200)
    assert doubles > 0
    with capsys.disabled():
        print(f"\n  {len(acknowledged)} acknowledged over {kills} kills, {doubles} sent twice; pushes alone would have missed {pushed_only[0]} of {pushed_only[1]}")


def last_one_arrives(site, seconds: float) -> bool:
    """Whether a listener hears of a last entry, after which nobody says anything more."""
    listener, speaker = Delegate(site.url, "member.la"), Delegate(site.url, "member.th")
    listener.ask()
    listener.connect()
    assert wait_for(lambda: listener.socket is not None and listener.socket.connected, 5)
    time.sleep(0.5)
    tail = secrets.token_hex(8)
    assert speaker.post(tail, "The last word.") == 201
    arrived = wait_for(lambda: tail in listener.log.values(), seconds)
    listener.close()
    return arrived


@pytest.mark.timeout(300)
def test_a_lost_last_push_is_made_up_for_by_the_beacon(start):
    assert last_one_arrives(start("pushes"), 5)


@pytest.mark.timeout(300)
def test_control_without_the_beacon_a_lost_last_push_stays_lost(start):
    assert not last_one_arrives(start("pushes", "beacon"), 7)


@pytest.mark.timeout(300)
def test_control_without_its_ids_an_entry_that_is_sent_twice_is_doubled_and_the_check_says_so(start):
    site = start("ids")
    speaker = Delegate(site.url, "member.th")
    for _twice in range(2):
        speaker.post("same", "Said once.")
    assert "an entry is doubled" in check(stored(start.url, speaker.room), speaker.acknowledged)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("how", ["signed out", "suspended"])
def test_the_socket_of_who_is_suspended_or_signed_out_closes_within_five_seconds(start, how):
    site = start()
    delegate = Delegate(site.url, "fp.la")
    delegate.connect()
    assert wait_for(lambda: delegate.head > 0, 5)
    if how == "suspended":
        engine = create_engine(start.url.replace("postgresql://", "postgresql+psycopg://"))
        with engine.begin() as connection:
            connection.execute(text("UPDATE \"user\" SET suspended_until = '2999-01-01 00:00:00' WHERE handle = 'fp.la'"))
        engine.dispose()
    else:
        delegate.member.post("/account", "/sign-out")
    began = time.monotonic()
    assert delegate.closed.wait(6)
    assert time.monotonic() - began <= 5.5
    with contextlib.suppress(*GONE):
        assert delegate.post("late", "Words") in (401, 404)


@pytest.mark.timeout(300)
def test_after_a_revocation_nothing_more_reaches_the_delegate_and_every_door_is_404(start):
    """In the middle of a flood."""
    site = start()
    revoked, other, focal_point = Delegate(site.url, "rev.protection.th"), Delegate(site.url, "member.la"), Member(site.url, "fp.th")
    revoked.connect()
    stop = threading.Event()
    flood = [threading.Thread(target=Delegate(site.url, handle, other.room).keep_saying, args=(stop, 14)) for handle in ("member.la", "member.th")]
    for thread in flood:
        thread.start()
    assert wait_for(lambda: len(revoked.pushed) > 5, 20)
    with focal_point.opener.open(f"{site.url}/rooms/{other.room}", timeout=10) as answer:
        user_id = re.search(r"/delegates/(\d+)/remove", answer.read().decode())[1]
    focal_point.post(f"/rooms/{other.room}", f"/rooms/{other.room}/delegates/{user_id}/remove")
    left = next(seq for seq, kind in stored(start.url, other.room, "kind") if kind == "leave")
    assert wait_for(lambda: revoked.refused, 5)
    for thread in flood:
        thread.join(40)
    stop.set()
    time.sleep(2.5)  # a beacon more
    head = len(stored(start.url, other.room))
    assert head > left + 3, "the flood went on"
    assert max(revoked.pushed) < left
    assert max(revoked.log) < left
    assert revoked.post("late", "Still here?") == 404
    assert not revoked.ask()
    revoked.close()
