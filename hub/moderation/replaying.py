"""Purging again what an old backup brought back: the list names tables, rows and revisions, and no words."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from hub import text
from hub.db import db, lock_row, unit_of_work
from hub.directory.models import Profile
from hub.discussions import attaching, editing, standing
from hub.discussions.models import Post, Standing, Thread
from hub.files.models import File, FileStanding
from hub.guard import DECIDED
from hub.minutes import retiring as minutes
from hub.minutes.queries import drafted_from
from hub.moderation import about_practices, profiles, redacting
from hub.moderation.quoting import known_to
from hub.moderation.redaction import MARK, cut, spans_of
from hub.practices import guarding
from hub.practices.guarding import REMOVED
from hub.practices.models import Practice, Stage
from hub.practices.way import own_words
from hub.review.actions import empty
from hub.review.models import Held
from hub.rooms import disclosing
from hub.rooms.models import Room, RoomEntry
from hub.rooms.records import Disclosure


def replay(entries: Iterable[dict[str, Any]]) -> int:
    """Each entry in its own unit of work; returns how many rows held the words again."""
    done = 0
    for entry in entries:
        with unit_of_work():
            done += AGAIN[entry["table"]](entry)
    return done


def _post(entry: dict[str, Any]) -> bool:
    """The same passages of the same revision; of an older one, whose places differ, the whole text; of one that was changed since, that version."""
    post = db.session.get(Post, entry["row"])
    if post is None or not post.body_md or _later(post.created_at, entry):
        return False
    standing.hold(post)
    if post.revision > entry["revision"]:
        return redacting.forget_versions(post, None, {entry["revision"]: []}) > 0
    if entry["spans"] and post.revision == entry["revision"]:
        body = text.prepare(cut(post.body_md, spans_of(entry["spans"], len(post.body_md))), known_to(post.author), DECIDED)
        redacting.replace(post, body, spans_of(entry["spans"], len(post.body_md)), None)
    else:
        redacting.note(None, "post", post.id, post.revision)
        editing.forget_words(post)
        if post.standing == Standing.SHOWN:
            standing.withdraw(post, Standing.REMOVED)
        post.revision = entry["revision"] + 1
    return True


def _thread(entry: dict[str, Any]) -> bool:
    """A title has no revisions: what stands there is taken out whole when its opening is as old as its redaction, or older."""
    thread = db.session.get(Thread, entry["row"])
    opening = db.session.scalar(select(Post).where(Post.thread_id == entry["row"], Post.num == 1))
    if thread is None or opening is None or opening.revision > entry["revision"] or thread.title in ("", MARK) or _later(thread.created_at, entry):
        return False
    standing.hold(opening)
    thread.title = text.prepare_line(MARK, 200, DECIDED)
    redacting.forget_versions(opening, None)
    redacting.note(None, "thread", thread.id, entry["revision"])
    return True


def _profile(entry: dict[str, Any]) -> bool:
    profile = db.session.get(Profile, entry["row"])
    if profile is None or profile.version > entry["revision"]:
        return False
    redacting.note(None, "profile", profile.user_id, profile.version)
    profiles.empty(profile)
    profile.version = entry["revision"] + 1
    return True


def _held(entry: dict[str, Any]) -> bool:
    held = db.session.get(Held, entry["row"])
    if held is None or held.sealed is None or _later(held.held_at, entry):
        return False
    redacting.note(None, "held", held.id, 0)
    empty(held)
    return True


def _file(entry: dict[str, Any]) -> bool:
    file = db.session.get(File, entry["row"])
    if file is None or file.standing == FileStanding.REMOVED or _later(file.created_at, entry):
        return False
    post = db.session.get_one(Post, file.post_id)
    standing.hold(post)
    redacting.note(None, "file", file.id, 0)
    attaching.remove(post, [file.id])
    return True


def _later(written_at: datetime, entry: dict[str, Any]) -> bool:
    """Whether a row was written after an old backup came back, under an id that another had before."""
    return written_at > datetime.fromisoformat(entry["at"])


def _practice(entry: dict[str, Any]) -> bool:
    """Whole: an old backup brought back words that went with a decision."""
    practice = db.session.get(Practice, entry["row"])
    if practice is None or practice.title == own_words(REMOVED) or _later(practice.created_at, entry):
        return False
    if practice.stage not in (Stage.HELD, Stage.DECLINED, Stage.DRAFT, Stage.WITHDRAWN):
        guarding.hold_back(None, practice, own_words(REMOVED))
    opening = guarding.opening_of(practice)
    if opening is not None and opening.body_md:
        standing.hold(opening)
        editing.forget_words(opening)
    about_practices.wipe(practice, None)
    return True


def _room(entry: dict[str, Any]) -> bool:
    """One entry that a moderator took out; a room whose time is over is emptied by the next ``flask hub retention``."""
    said = db.session.get(RoomEntry, (entry["row"], entry["revision"]))
    if said is None or not said.body_md or _later(said.at, entry):
        return False
    room = db.session.get_one(Room, said.room_id)
    lock_row(room)
    redacting.note(None, "room", room.id, said.seq)
    minutes.forget_lines(room.id, drafted_from(room.id, said.seq))
    disclosing.redact_entry(room, said.seq)
    redacting.forget_notes("disclosure", *db.session.scalars(select(Disclosure.id).where(Disclosure.room_id == room.id, Disclosure.seq == said.seq)))
    return True


def _by_retention(_entry: dict[str, Any]) -> bool:
    """Goes again, by its age, with the next ``flask hub retention``."""
    return False


AGAIN = {
    "practice": _practice, "thread": _thread, "post": _post, "profile": _profile, "held": _held, "file": _file, "room": _room,
    "draft": _by_retention, "letter": _by_retention,
}  # fmt: skip
