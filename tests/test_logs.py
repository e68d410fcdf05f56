"""Logs say what happened, and hold no content, secrets or addresses."""

import io
import json
import logging

import pytest

from hub.logs import JsonLines
from tests.factories import PASSWORD


@pytest.fixture
def logged(app):
    stream, log = io.StringIO(), logging.getLogger("hub")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    level = log.level
    log.setLevel(logging.INFO)
    log.addHandler(handler)
    yield stream
    log.removeHandler(handler)
    log.setLevel(level)


def test_requests_are_logged_without_what_they_held(world, logged):
    member, stranger = world.person("LA", title="Screening officer"), world.stranger()
    thread = world.thread(member, title="Particular title")
    member.post(f"/threads/{thread}/posts", body="particular words", parent="", lang="en")
    member.get(member.get(f"/threads/{thread}?reply=1").location)
    stranger.post("/sign-in", email="somebody@example.org", password=PASSWORD)
    stranger.get("/invitations/a-token-that-opens-an-account")
    stranger.post("/forgotten", email="somebody@example.org")
    said = logged.getvalue()
    for secret in ("articular", "somebody", PASSWORD, "a-token", "127.0.0.1", member.token, "Screening"):
        assert secret not in said
    events = [json.loads(line) for line in said.splitlines()]
    assert {"method": "POST", "endpoint": "discussions.reply", "status": 303, "member": member.user_id}.items() <= events[0].items()


def test_an_unexpected_error_is_logged_by_type_and_place_and_answered_calmly(world, app, logged, monkeypatch):
    member = world.person()

    def fail(*_given, **_more):
        raise ValueError("particular words of a member")

    monkeypatch.setattr("hub.directory.queries.people", fail)
    monkeypatch.setitem(app.config, "TESTING", False)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = member.get("/people")
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert "articular" not in answer.text + logged.getvalue()
    event = next(json.loads(line) for line in logged.getvalue().splitlines() if "unhandled" in line)
    assert event["error"] == "ValueError"
    assert any("test_logs.py" in place for place in event["at_line"])
