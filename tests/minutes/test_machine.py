"""Random delegates edit, sign, join, leave, change heads, terms and pauses: agreed is what every head signed, the newest version, and it never changes."""

import json
import re
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from hub.accounts.models import User
from hub.db import db
from hub.minutes import exporting, queries
from hub.minutes.content import content_of
from hub.minutes.models import Minutes, MinutesSignature, Task
from hub.rooms import queries as rooms
from hub.rooms.models import RoomEntry, RoomMember
from hub.web import limiter
from tests.factories import MORE, PASSWORD, Browser, World, empty
from tests.minutes import paper
from tests.rooms import scene

VERBS = ("edit", "edit", "sign", "sign", "sign", "sign", "sign_stale", "join", "leave", "head", "terms", "agree", "pause", "resume", "mark", "begin")
STEPS = st.lists(st.tuples(st.sampled_from(VERBS), st.integers(0, 1), st.integers(0, 5)), min_size=4, max_size=24)


@settings(max_examples=14 * MORE, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_agreed_is_what_every_head_signed_and_stays(migrated, steps):
    empty(migrated)
    with migrated.app_context():
        limiter.reset()
    world = World(migrated)
    at = paper.opened(world)
    paper.marked(at)
    paper.begun(at)
    sides = {0: [at.hod_id, at.member_id, at.note_id, world.person("ID")], 1: [at.hod_my, at.member_my, world.person("MY"), world.person("MY")]}
    for person in (one for people in sides.values() for one in people):
        world.change(User, person.user_id, password_hash=paper.HASHED)
    shown = {0: "0" * 64, 1: "0" * 64}
    frozen: dict[int, Any] = {}
    for n, (verb, side, pick) in enumerate(steps):
        act(at, sides[side][pick % 4], (at.fp_id, at.fp_my)[side], side, verb, f"{verb} {'abcdefghijklmnopqrstuvwxyz'[n]}", shown)
        check(world, frozen)


def act(at: scene.Opened, person: Browser, focal_point: Browser, side: int, verb: str, words: str, shown: dict[int, str]) -> None:
    num = max((int(one) for one in re.findall(r"/minutes/(\d+)\"", person.get(f"/rooms/{at.room}/minutes", follow_redirects=True).text)), default=1)
    here = paper.path(at, num)
    room = f"/rooms/{at.room}"
    page = person.get(f"{here}/sign").text
    hash_now = re.search(r'name="hash" value="([0-9a-f]{64})"', page)
    if hash_now:
        shown[side] = shown[side] if verb == "sign_stale" else hash_now[1]
    if verb == "edit":
        form = person.get(f"{here}/edit")
        if form.status_code == 200:
            paper.saved(person, here, paper.form_of(form.text), next_meeting=words)
    elif verb in ("sign", "sign_stale"):
        person.post(f"{here}/sign", hash=shown[side], password=PASSWORD)
    elif verb == "begin":
        person.post(f"{room}/minutes")
    elif verb == "mark":
        scene.say(person, at.room, kind="decision", target=4, what="off")
        scene.say(person, at.room, kind="point", target=4)
    elif verb == "join":
        focal_point.post(f"{room}/delegates", member=str(person.user_id), role="delegate")
    elif verb == "head":
        focal_point.post(f"{room}/delegates", member=str(person.user_id), role="head")
    elif verb == "leave":
        focal_point.post(f"{room}/delegates/{person.user_id}/remove")
    elif verb == "terms":
        focal_point.post(f"{room}/terms", **scene.TERMS | {"retention_days": str(100 + len(words))})
    elif verb == "agree":
        proposed = re.search(r'name="hash" value="([0-9a-f]{64})"', focal_point.get(room).text)
        if proposed:
            focal_point.post(f"{room}/terms/agree", hash=proposed[1])
    else:
        person.post(f"{room}/{verb}", words="Because.")


def check(world: World, frozen: dict[int, Any]) -> None:
    with world.app.app_context():
        for minutes in db.session.scalars(select(Minutes)).all():
            sides = rooms.delegations_of(minutes.room_id)
            newest = queries.newest_version(minutes)
            signatures = list(db.session.scalars(select(MinutesSignature).where(MinutesSignature.minutes_id == minutes.id)))
            if minutes.agreed_at is None:
                assert set(queries.signatures_to(minutes, queries.hash_now(minutes, newest, sides))) != {side.id for side in sides}, "all have signed, and it is not agreed"
                continue
            over = [one for one in signatures if one.hash == minutes.hash]
            assert {one.side_id for one in over} == {side.id for side in sides}
            assert {one.version for one in over} == {minutes.version} == {newest.num}
            last = max(over, key=lambda one: one.at)
            assert last.by_id == db.session.scalar(select(RoomEntry.author_id).where(RoomEntry.room_id == minutes.room_id, RoomEntry.what == f"agreed {newest.num}", RoomEntry.subject_id == minutes.num))
            assert exporting.faults(exporting.as_json(minutes).encode()) == []
            tasks = sorted(db.session.scalars(select(Task.line_id).where(Task.minutes_id == minutes.id)))
            if minutes.id not in frozen:  # just agreed: by who leads each side now
                assert {one.by_id for one in over} == set(queries.heads_of(minutes.room_id).values())
            now_said = json.dumps([minutes.hash, minutes.version, str(content_of(newest, sides)), len(over), tasks, exporting.as_json(minutes)])
            assert frozen.setdefault(minutes.id, now_said) == now_said, "agreed minutes changed"
        log = list(db.session.scalars(select(RoomEntry.seq).order_by(RoomEntry.seq)))
        assert log == list(range(1, len(log) + 1))
        assert db.session.scalars(select(RoomMember.user_id).where(RoomMember.role == "head", RoomMember.left_at.is_not(None))).all() == []
