"""What a member takes along is all of it and nothing of others; who leaves is gone at once, and posts stay under role and state."""

import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from hub.accounts.models import User, UserSession
from hub.audit.models import AuditRow
from hub.db import Base, UserText, db, unit_of_work
from hub.directory.models import Profile
from hub.discussions.models import Post
from hub.drafts.models import Draft
from hub.home import own_data
from hub.home.own_tables import ELSEWHERE, EXPORTED
from hub.rooms.models import Room, RoomEntry, RoomMember
from tests.factories import PASSWORD, Browser, World
from tests.minutes import paper
from tests.moderation import scene as queue
from tests.rooms import scene

MANY = 5_000
HASHED = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)


def taken(by: Browser, password: str = PASSWORD) -> tuple[dict, str]:
    answer = by.post("/account/data", password=password)
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.data)) as file:
        return json.loads(file.read("data.json")), file.read("data.html").decode()


def test_every_column_that_names_a_member_is_exported_or_says_why_not():
    exported = {f"{column.class_.__tablename__}.{column.key}" for kept in EXPORTED for column in kept.own}
    named = {
        f"{table.name}.{column.name}" for table in Base.metadata.sorted_tables for column in table.columns
        if any(key.column.table.name in ("user", "profile") for key in column.foreign_keys)
    }  # fmt: skip
    assert named - exported == set(ELSEWHERE)
    assert not exported & set(ELSEWHERE)


def by_hand(world: World, user_id: int) -> tuple[set[int], set[tuple[int, int]]]:
    """Ids of posts, and room and number of entries, that the tables give a member's number to."""
    posts = {row.id for row in world.all(select(Post.id).where(Post.author_id == user_id))}
    return posts, {(row.room_id, row.seq) for row in world.all(select(RoomEntry.room_id, RoomEntry.seq).where(RoomEntry.author_id == user_id))}


def rows_of(world: World, by: Browser, other: Browser, posts: int, rooms: int) -> None:
    """Many posts, by the rows, for it is their number that counts; and rooms as they are made."""
    thread = world.thread(by)
    with world.app.app_context(), unit_of_work():
        first = db.session.scalars(select(Post).where(Post.thread_id == thread)).one()
        same = {column.key: getattr(first, column.key) for column in Post.__table__.columns if column.key != "id"}
        db.session.execute(Post.__table__.insert(), [
            same | {"num": n, "path": f"x{n:08}", "client_id": f"c{n}", "author_id": (by if n % 3 else other).user_id, "body_md": UserText(f"Post {n}")} for n in range(2, posts + 2)
        ])  # fmt: skip
    fp_id, fp_my = world.person("ID", "focal_point"), world.person("MY", "focal_point")
    for n in range(rooms):
        room = scene.id_of(scene.propose(world, fp_id, "MY", head=by, label="TLP:RED" if n % 5 == 0 else "TLP:AMBER+STRICT", title=f"Room number {n} of many"))
        assert scene.accept(fp_my, room, other).status_code == 303
        scene.say(by, room, f"Own words in room {n}.")
        scene.say(other, room, f"Words of the other in room {n}.")
        if n % 7 == 0:
            assert fp_id.post(f"/rooms/{room}/delegates", member=str(world.person("ID").user_id), role="head").status_code == 303
            assert fp_id.post(f"/rooms/{room}/delegates/{by.user_id}/remove").status_code == 303


def test_the_export_of_many_posts_and_rooms_is_complete_and_holds_nothing_of_others(world):
    me, other = world.person("ID", title="Investigator", password_hash=HASHED, name="Zorvala Demo"), world.person("MY", title="Prosecutor")
    rows_of(world, me, other, MANY, 20)
    export, page = taken(me)
    posts, entries = by_hand(world, me.user_id)
    assert {row["id"] for row in export["sections"]["posts"]} == posts
    with world.app.app_context():
        room_of = {room.id: room for room in db.session.scalars(select(Room))}
        here = {row.room_id for row in db.session.scalars(select(RoomMember).where(RoomMember.user_id == me.user_id, RoomMember.left_at.is_(None)))}
        wanted = {(room_id, seq) for room_id, seq in entries if room_id in here and not room_of[room_id].is_red}
    said = {(row["room_id"], row["seq"]) for row in export["sections"]["said_in_rooms"]}
    assert said == wanted
    assert len(wanted) > 10
    whole = json.dumps(export)
    assert "Words of the other" not in whole + page
    assert not any(f'"body_md": "Post {n}"' in whole for n in range(3, MANY, 3))
    assert "Room number 5 of many" not in whole, "of TLP:RED nothing leaves"
    assert f"{len(entries) - len(wanted)}: What you said in rooms" in export["not_in_it"]
    assert export["label"] == "TLP:AMBER+STRICT"
    assert page.count("TLP:AMBER+STRICT</b>") == 2
    assert "Zorvala Demo" in page
    assert world.one(select(AuditRow.action).order_by(AuditRow.seq.desc()).limit(1)).action == "account.export"


def test_it_asks_for_the_password_and_is_given_three_times_in_a_while(world):
    me = world.person("TH", password_hash=HASHED)
    assert me.post("/account/data", password="not the password").status_code == 400
    answer = me.post("/account/data", password=PASSWORD)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="[TLP-GREEN] own data.zip"'
    assert answer.headers["Cache-Control"] == "no-store"
    codes = [me.post("/account/data", password=PASSWORD).status_code for _try in range(3)]
    assert codes == [200, 200, 429]
    assert world.stranger().get("/account/data").status_code in (302, 303)


def test_every_part_is_in_it_and_no_secret_of_the_hub(world):
    at, _here = paper.agreed(world)
    author, moderator = at.hod_id, world.person("TH", is_moderator=True)
    thread = world.thread(author, body="A driver brought them to Demo Village.")
    queue.flag(world, at.hod_my, thread)
    queue.decide(world, moderator, queue.item(world), "remove")
    author.post("/flags", target=f"post:{world.thread(at.hod_my) and queue.post_id(world, thread + 1)}", reason="other", note="Look at this")
    export, _page = taken(author)
    sections = export["sections"]
    for name in ("account", "profile", "sessions", "rooms", "said_in_rooms", "signatures", "flags", "decisions", "notifications"):
        assert sections[name], name
    assert sections["decisions"][0]["outcome"] == "remove"
    whole = json.dumps(export)
    for secret in ("password_hash", "token_hash", "decided_by_id", '"mac"', "body_html"):
        assert secret not in whole
    assert "1: Your posts" in export["not_in_it"]


def test_each_query_of_the_export_runs_for_every_kind_of_member(world):
    people = [world.person("TH"), world.person("TH", "focal_point"), world.person("TH", "partner"), world.person("TH", is_admin=True), world.person("TH", is_moderator=True)]
    for one in people:
        with world.app.app_context():
            assert set(own_data.export_of(db.session.get_one(User, one.user_id))["sections"]) == {kept.name for kept in EXPORTED}


# --- leaving -------------------------------------------------------------------------------------------


def leave(by: Browser, password: str = PASSWORD):
    return by.post("/account/leave", password=password)


def test_who_leaves_is_gone_and_what_they_posted_stays_under_their_role(world):
    at = scene.opened(world)
    world.change(User, at.member_id.user_id, password_hash=HASHED)
    world.change(Profile, at.member_id.user_id, name="Zorvala Demo")
    thread = world.thread(at.member_id)
    second = world.again(at.member_id)
    at.member_id.post("/drafts", place="new/protection", body="Begun")
    assert leave(at.member_id, "wrong").status_code == 400
    answer = leave(at.member_id)
    assert answer.status_code == 303
    assert answer.headers["Clear-Site-Data"]
    assert second.get("/account").status_code in (302, 303)
    assert "Migration officer" in at.hod_id.get(f"/threads/{thread}", follow_redirects=True).text
    assert world.one(select(Profile.name).where(Profile.user_id == at.member_id.user_id)).name == ""
    assert world.all(select(Draft.id)) == []
    assert world.all(select(UserSession.id).where(UserSession.user_id == at.member_id.user_id)) == []
    page = at.hod_my.get(f"/rooms/{at.room}").text
    assert "Migration officer left the delegation" in page
    assert "Readable by 4 people:" in page
    assert leave(second).status_code == 401, "twice: there is nobody signed in any more"
    assert at.fp_id.post(f"/members/{at.member_id.user_id}/reactivate").status_code in (403, 404)
    assert world.one(select(func.count()).where(AuditRow.action == "account.leave"))[0] == 1


def test_leaving_twice_at_the_same_moment_is_leaving_once(world):
    me = world.person("TH", password_hash=HASHED)
    again = world.again(me)
    with ThreadPoolExecutor(2) as pool:
        codes = [answer.status_code for answer in pool.map(leave, (me, again))]
    assert set(codes) <= {303, 401}
    assert world.one(select(func.count()).where(AuditRow.action == "account.leave"))[0] == 1


@pytest.mark.parametrize("last", [True, False])
def test_the_last_focal_point_stays_until_there_is_another(world, last):
    me = world.person("TH", "focal_point", password_hash=HASHED)
    if not last:
        world.person(world.agency("TH"), "focal_point")
        world.person("TH", "focal_point")
    page = me.get("/account/leave").text
    assert ("last focal point of your task force" in page) == last
    assert leave(me).status_code == (409 if last else 303)
    assert (world.one(select(User.left_at).where(User.id == me.user_id)).left_at is None) == last


def test_two_last_focal_points_who_leave_at_once_do_not_both_leave(world):
    pair = [world.person("TH", "focal_point", password_hash=HASHED) for _one in range(2)]
    with ThreadPoolExecutor(2) as pool:
        codes = sorted(answer.status_code for answer in pool.map(leave, pair))
    assert codes == [303, 409]


def test_the_last_admin_stays(world):
    me = world.person("TH", is_admin=True, password_hash=HASHED)
    assert leave(me).status_code == 409
    world.person("VN", is_admin=True)
    assert leave(me).status_code == 303


def test_a_head_who_leaves_is_told_of_to_who_signs_for_the_side(world):
    at = paper.opened(world)
    assert leave(at.hod_my).status_code == 303
    assert "A delegate of yours left the hub" in at.fp_my.get("/notifications").text
    assert at.fp_my.post(f"/rooms/{at.room}/delegates", member=str(at.member_my.user_id), role="head").status_code == 303
    assert scene.say(at.member_my, at.room, "I lead now.").status_code == 201


# --- what a reviewer and a hostile member found ------------------------------------------------------------


def test_the_label_is_as_strict_as_anything_in_it(world):
    fp_id = world.person("ID", "focal_point", password_hash=HASHED)
    scene.propose(world, fp_id, "MY", head=world.person("ID"))
    assert taken(fp_id)[0]["label"] == "TLP:AMBER+STRICT"
    drafts = world.person("TH", password_hash=HASHED)
    drafts.post(f"/threads/{world.thread(world.person('TH'), label='TLP:AMBER+STRICT')}/draft", body="begun", lang="en")
    assert taken(drafts)[0]["label"] == "TLP:AMBER+STRICT"
    assert taken(world.person(world.body_id(), "partner", password_hash=HASHED))[0]["label"] == "TLP:GREEN"


def test_of_rooms_under_red_and_of_others_nothing_is_in_it(world):
    red = scene.opened(world, label="TLP:RED")
    world.change(User, red.member_id.user_id, password_hash=HASHED)
    scene.say(red.hod_my, red.room, "Said under red.")
    red.member_id.post("/flags", target=f"entry:{red.room}:2", reason="off_topic", note="Quoting: said under red")
    export, page = taken(red.member_id)
    assert "under red" not in json.dumps(export["sections"]) + page
    assert any("Flags and appeals" in line for line in export["not_in_it"])
    at = paper.opened(world, attribution="chatham")
    world.change(User, at.note_id.user_id, password_hash=HASHED)
    scene.say(at.hod_id, at.room, "One contact.")
    who = f"{paper.side(at, 'ID')}:{at.member_id.user_id}"
    assert scene.say(at.note_id, at.room, kind="action", target=2, who=who, due=paper.LATER).status_code == 201
    at.hod_my.post("/flags", target=f"entry:{at.room}:2", reason="personal_attack", note="")
    whole = json.dumps(taken(at.note_id)[0])
    assert "Migration officer" not in whole
    assert "personal_attack" not in json.dumps(taken(at.hod_id)[0]["sections"]["said_in_rooms"])


def test_the_last_moderator_stays_and_claimed_items_are_given_back(world):
    first, second = (world.person(code, is_moderator=True, password_hash=HASHED) for code in ("TH", "VN"))
    queue.flag(world, world.person("LA"), world.thread(world.person("SG")))
    queue.take(world, first, queue.item(world))
    assert leave(first).status_code == 303
    assert queue.item(world).claimed_by_id is None
    assert leave(second).status_code == 409
    assert "last moderator" in second.get("/account/leave").text


def test_who_leaves_while_another_takes_the_last_admin_away_does_not_leave_none(world):
    for _try in range(4):
        pair = [world.person("TH", is_admin=True, password_hash=HASHED) for _one in range(2)]
        again = world.again(pair[0])
        handle = world.one(select(User.handle).where(User.id == pair[1].user_id)).handle
        with ThreadPoolExecutor(2) as pool:
            left = pool.submit(leave, pair[0])
            taken_away = pool.submit(again.post, "/moderation/grants", handle=handle, what="admin", given="0", reason="Because of a rule")
            left.result(), taken_away.result()
        assert world.all(select(User.id).where(User.is_admin, User.deactivated_at.is_(None)))
        for one in pair:
            world.change(User, one.user_id, is_admin=False)
