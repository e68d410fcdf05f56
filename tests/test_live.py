"""News leaves after the outermost commit, and never after a rollback."""

import threading

import pytest
from engineio.socket import Socket as EngineSocket

from hub import listeners, live
from hub.db import db, unit_of_work


class Heard(list):
    """What was emitted, once everything that was said so far has left."""

    def __eq__(self, other: object) -> bool:
        live.all_rung()
        return super().__eq__(other)

    def __iter__(self):
        live.all_rung()
        return super().__iter__()

    def __len__(self) -> int:
        live.all_rung()
        return super().__len__()

    def clear(self) -> None:
        live.all_rung()
        super().clear()

    __hash__ = None


@pytest.fixture
def sent(monkeypatch):
    heard = Heard()
    monkeypatch.setattr(live.heartbeat, "broadcast", lambda _server, to, said: heard.extend((name, heads, to) for name, heads in said))
    return heard


def test_news_leaves_after_the_commit(app, sent):
    with app.app_context():
        with unit_of_work():
            live.publish("thread 1", "post", num=2)
            assert sent == []
        assert sent == [("post", {"num": 2}, "thread 1")]


def test_a_rollback_drops_the_news_for_good(app, sent):
    with app.app_context():
        with pytest.raises(ValueError), unit_of_work():
            live.publish("thread 1", "post", num=2)
            raise ValueError
        with unit_of_work():
            live.publish("thread 1", "post", num=3)
    assert sent == [("post", {"num": 3}, "thread 1")]


def test_releasing_a_savepoint_sends_nothing_yet(app, sent):
    with app.app_context():
        with unit_of_work():
            with db.session.begin_nested():
                live.publish("thread 1", "post", num=2)
            assert sent == []
        assert len(sent) == 1


def test_rolling_back_a_savepoint_drops_only_its_own_news(app, sent):
    with app.app_context(), unit_of_work():
        live.publish("thread 1", "post", num=2)
        savepoint = db.session.begin_nested()
        live.publish("thread 1", "post", num=3)
        savepoint.rollback()
        live.publish("thread 1", "post", num=4)
    assert [heads["num"] for _name, heads, _to in sent] == [2, 4]


def test_a_released_savepoint_shares_the_fate_of_the_whole(app, sent):
    with app.app_context():
        with pytest.raises(ValueError), unit_of_work():
            with db.session.begin_nested():
                live.publish("thread 1", "post", num=2)
            raise ValueError
        with unit_of_work():
            pass
    assert sent == []


def test_an_answer_is_announced_by_ids_alone(world, sent):
    author = world.person("TH")
    thread = world.thread(author)
    sent.clear()
    author.post(f"/threads/{thread}/posts", body="secret words", parent="", lang="en")
    assert sent == [("post", {"thread": thread, "num": 2}, f"thread {thread}")]


def test_a_failing_announcement_does_not_undo_the_answer(world, monkeypatch):
    author = world.person("TH")
    thread = world.thread(author)

    def fail(*_given, **_more):
        raise RuntimeError

    monkeypatch.setattr(live.heartbeat, "broadcast", fail)
    assert author.post(f"/threads/{thread}/posts", body="words", parent="", lang="en").status_code == 303
    assert len(world.posts(thread)) == 2


def test_what_waits_for_a_room_leaves_in_one_piece_and_in_its_order(app, monkeypatch):
    pieces, held, go_on = [], threading.Event(), threading.Event()

    def slowly(_server, room, said):
        pieces.append((room, [heads["num"] for _name, heads in said]))
        held.set()
        go_on.wait(10)

    monkeypatch.setattr(live.heartbeat, "broadcast", slowly)
    with app.app_context():
        live.ring("thread 1", "post", num=1)
        assert held.wait(10)
        for room, num in (("thread 1", 2), ("thread 2", 3), ("thread 1", 4)):
            live.ring(room, "post", num=num)
        go_on.set()
        live.all_rung()
    assert pieces == [("thread 1", [1]), ("thread 1", [2, 4]), ("thread 2", [3])]


def test_a_client_that_is_gone_does_not_hold_up_the_look_at_all_others(app):
    """Its connection takes no packet any more: the end of its session is not waited for."""
    server = live.socketio.server
    gone = EngineSocket(server.eio, "gone")
    server.eio.sockets["gone"] = gone
    sid = server.manager.connect("gone", "/")
    looking = threading.Thread(target=listeners._close, args=(sid,), daemon=True)
    try:
        looking.start()
        looking.join(10)
        assert not looking.is_alive()
        assert gone.closed
    finally:
        server.eio.sockets.pop("gone", None)
