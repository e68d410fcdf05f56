"""A flag in a room shows three entries to moderators and nothing else; both sides are told; a decision takes the words out or lets them stand."""

import pytest
from sqlalchemy import select

from hub.db import db, now, unit_of_work
from hub.files.models import File, FileStanding
from hub.moderation.models import Purge
from hub.notifications.models import Notification
from hub.review.models import ReviewItem
from hub.rooms.models import Room, RoomEntry
from hub.rooms.records import Disclosure
from tests.moderation import scene as queue
from tests.rooms import scene

SAID = [f"Line number {word}." for word in ("zero", "one", "two", "three", "four", "five")]


@pytest.fixture
def talk(world):
    at = scene.opened(world)
    for n, words in enumerate(SAID):
        scene.say((at.hod_id, at.hod_my)[n % 2], at.room, words)
    return at


def flag(by, at, seq, reason="identifies_person", note=""):
    return by.post("/flags", target=f"entry:{at.room}:{seq}", reason=reason, note=note)


def item(world):
    return world.one(select(ReviewItem.id).order_by(ReviewItem.id.desc()).limit(1)).id


def decide(world, by, number, decision):
    return queue.decide(world, by, world.one(select(ReviewItem).where(ReviewItem.id == number))[0], decision)


def page_of(world, moderator, number):
    moderator.post(f"/moderation/{number}/claim", version=str(world.one(select(ReviewItem.version).where(ReviewItem.id == number)).version))
    return moderator.get(f"/moderation/{number}").text


def test_moderators_see_three_entries_and_nothing_else(world, talk):
    at, moderator, other = talk, world.person("TH", is_moderator=True), world.person("VN", is_moderator=True)
    assert "the two that were said before it" in at.hod_id.get(f"/flags?target=entry:{at.room}:7").text
    assert flag(at.member_id, at, 5, "personal_attack").status_code == 303  # "three", by Malaysia
    number = item(world)
    queue = moderator.get("/moderation").text
    assert "Entries of a room" in queue
    assert not any(words in queue for words in (*SAID, "Referral of returning"))
    assert not any(words in moderator.get(f"/moderation/{number}").text for words in SAID), "before it is taken it shows no word"
    shown = page_of(world, moderator, number)
    assert [words in shown for words in SAID] == [False, True, True, True, False, False]
    assert "Referral of returning" not in shown
    assert not any(words in other.get(f"/moderation/{number}").text for words in SAID)
    for path in (f"/rooms/{at.room}", f"/rooms/{at.room}/entries?after=0", f"/rooms/{at.room}/minutes"):
        assert moderator.get(path).status_code == 404
    for side in (at.hod_id, at.hod_my):
        assert "Shown to moderators upon a flag: entries 3, 4, 5." in side.get(f"/rooms/{at.room}").text
    entry = scene.ask(at.hod_my, at.room, after=7).json["entries"][-1]
    assert entry["kind"] == "disclosure"
    assert 'data-author=""' in entry["html"]
    assert "Migration officer" not in entry["html"], "nobody is told who flagged it"
    assert flag(at.note_id, at, 5, "personal_attack").status_code == 303
    kinds = [row.kind for row in scene.log_of(world, at.room)]
    assert kinds.count("disclosure") == 1, "what is shown already is told once"


def test_what_endangers_somebody_is_hidden_at_once_and_shown_again_when_the_flag_does_not_hold(world, talk):
    at, moderator = talk, world.person("TH", is_moderator=True)
    scene.say(at.hod_my, at.room, kind="decision", target=5)
    assert flag(at.member_id, at, 5).status_code == 303
    for side in (at.hod_id, at.hod_my, at.member_my):
        page = side.get(f"/rooms/{at.room}").text
        assert "Entry 5 is hidden until a moderator has decided." in page
        assert SAID[3] not in page
        assert SAID[3] not in scene.ask(side, at.room, after=0).text
    assert scene.say(at.hod_id, at.room, kind="translation", target=5, body="Anything else.").status_code == 400
    number = item(world)
    assert SAID[3] in page_of(world, moderator, number)
    assert decide(world, moderator, number, "restore").status_code == 303
    assert SAID[3] in at.hod_id.get(f"/rooms/{at.room}").text
    assert [row.kind for row in scene.log_of(world, at.room)][-3:] == ["disclosure", "hidden", "restored"]


def test_removed_words_are_gone_from_every_wording_and_the_log_stays_dense(world, talk):
    at, moderator = talk, world.person("TH", is_moderator=True)
    scene.say(at.hod_my, at.room, "Line number three, said differently.", kind="edit", target=5)
    scene.say(at.hod_id, at.room, "Baris ketiga.", kind="translation", target=5, lang="id")
    scene.say(at.hod_id, at.room, "An answer to it.", target=5)
    before = world.all(select(RoomEntry.seq, RoomEntry.mac).order_by(RoomEntry.seq))
    flag(at.member_id, at, 5, note="A note that names it")
    number = item(world)
    shown = page_of(world, moderator, number)
    assert "said differently" in shown
    assert SAID[3] in shown
    assert decide(world, moderator, number, "remove").status_code == 303
    left = world.all(select(RoomEntry.body_md, RoomEntry.body_html))
    assert not any("number three" in str(row) or "Baris" in str(row) for row in left)
    assert any("An answer to it." in row.body_md for row in left)
    page = at.hod_id.get(f"/rooms/{at.room}").text
    assert "Entry 5: a moderator took its words out." in page
    rows = world.all(select(RoomEntry.seq, RoomEntry.mac).order_by(RoomEntry.seq))
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert rows[: len(before)] == before
    assert world.all(select(Purge.table, Purge.revision)) == [("room", 5)]
    assert "A note that names it" not in str(world.all(select(ReviewItem.words)))
    assert flag(at.member_id, at, 5).status_code == 404, "its words are gone"


def test_under_tlp_red_nothing_from_before_the_flagger_joined_is_shown(world):
    at, moderator = scene.opened(world, label="TLP:RED"), world.person("TH", is_moderator=True)
    for words in SAID[:3]:
        scene.say(at.hod_id, at.room, words)
    late = world.person("MY")
    at.fp_my.post(f"/rooms/{at.room}/delegates", member=str(late.user_id), role="delegate")
    scene.say(at.hod_id, at.room, SAID[4])
    seq = scene.log_of(world, at.room)[-1].seq
    assert flag(late, at, seq, "off_topic").status_code == 303
    shown = page_of(world, moderator, item(world))
    assert [words in shown for words in SAID] == [False, False, False, False, True, False]


@pytest.mark.parametrize("who", ["outsider", "focal point", "author", "silenced", "moderator"])
def test_who_may_not_flag(world, talk, who):
    at = talk
    people = {"outsider": world.person("TH"), "focal point": at.fp_id, "author": at.hod_my, "silenced": at.member_id, "moderator": world.person("TH", is_moderator=True)}
    if who == "silenced":
        from datetime import timedelta

        from hub.accounts.models import User

        world.change(User, at.member_id.user_id, silenced_until=now() + timedelta(days=1))
    answer = flag(people[who], at, 5)
    assert answer.status_code == (404 if who in ("outsider", "focal point", "moderator") else 403)
    assert world.all(select(Disclosure.id)) == []


@pytest.mark.parametrize("target", ["entry:0:1", "entry:" + "0" * 32 + ":1", "entry:{room}:1", "entry:{room}:9999", "entry:{room}:-1", "entry:{room}:7 "])
def test_odd_targets_are_not_there(world, talk, target):
    assert talk.hod_id.get("/flags", query_string={"target": target.replace("{room}", talk.room)}).status_code == 404


def test_a_file_of_a_hidden_entry_does_not_open(world, talk, app):
    at = talk
    with app.app_context(), unit_of_work():
        room = db.session.scalars(select(Room)).one()
        db.session.add(File(owner_id=at.hod_my.user_id, room_id=room.id, entry_seq=5, name=db.session.get_one(RoomEntry, (room.id, 5)).body_md, kind="png", digest="0" * 64, size=1))
    public_id = world.one(select(File.public_id)).public_id
    with app.app_context():
        from hub import policy
        from hub.accounts.models import User

        reads = select(File.id).where(policy.readable(db.session.get(User, at.hod_id.user_id), File))
        assert db.session.scalar(reads) is not None
    flag(at.member_id, at, 5)
    assert at.hod_id.get(f"/files/{public_id}").status_code == 404
    moderator = world.person("TH", is_moderator=True)
    number = item(world)
    page_of(world, moderator, number)
    assert decide(world, moderator, number, "remove").status_code == 303
    assert world.one(select(File.standing, File.name)) == (FileStanding.REMOVED, "")


def test_the_author_is_told_and_whoever_flagged_it_hears_that_it_was_dealt_with(world, talk):
    at, moderator = talk, world.person("TH", is_moderator=True)
    flag(at.member_id, at, 5)
    number = item(world)
    page_of(world, moderator, number)
    decide(world, moderator, number, "remove")
    told = {(row.user_id, row.reason) for row in world.all(select(Notification.user_id, Notification.reason))}
    assert (at.hod_my.user_id, "decided") in told
    assert (at.member_id.user_id, "flag_decided") in told
    assert at.hod_my.get(f"/decisions/{number}").status_code == 200
