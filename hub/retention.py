"""Keeping no longer than agreed: what is over its time goes, from the database and from the disk. Safe to interrupt and to repeat."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, delete, func, select, tuple_

from hub import text
from hub.accounts.models import Attempt, PasswordReset, User, UserSession
from hub.audit.actions import record
from hub.db import db, end_reading, now, unit_of_work
from hub.discussions.models import PublicView, Shown
from hub.drafts.models import Draft
from hub.home import leaving
from hub.mail.models import Mail
from hub.minutes import retiring as minutes
from hub.moderation import purging, redacting
from hub.review import actions as review
from hub.review.models import HELD_FOR, Held
from hub.rooms import retiring as rooms
from hub.rooms.models import Room
from hub.rooms.records import Disclosure
from hub.words import _

KEPT = timedelta(days=90)  # drafts, who was shown what, traces of use
AT_ONCE = 1_000  # rows of one unit of work
WIPE_TRIES = 20


class Step(NamedTuple):
    """One kind of thing that is over its time: how many there are, and doing it, which tells of each part that is done."""

    name: str
    number: Callable[[], int]
    act: Callable[[], Iterator[int]]


def steps() -> list[Step]:
    return [
        Step("rooms", lambda: len(rooms.due()), _rooms),
        Step("drafts", lambda: _number(_drafts), lambda: _rows(_drafts, Draft.id, "draft")),
        Step("shown", lambda: _number(_shown), lambda: _pairs(_shown, Shown.user_id, Shown.post_id)),
        Step("public_views", lambda: _number(_views), lambda: _pairs(_views, PublicView.thread_id, PublicView.day)),
        Step("sessions", lambda: _number(_sessions), lambda: _rows(_sessions, UserSession.id)),
        Step("resets", lambda: _number(_resets), lambda: _rows(_resets, PasswordReset.id)),
        Step("attempts", lambda: _number(_attempts), lambda: _rows(_attempts, Attempt.id)),
        Step("letters", lambda: _number(_letters), lambda: _rows(_letters, Mail.id, "letter")),
        Step("held", lambda: _number(_held), _empty_held),
        Step("accounts", lambda: len(leaving.due()), _accounts),
    ]


def run(told: Callable[[str, int, int], None] = lambda _name, _done, _all: None) -> dict[str, int]:
    """Do what is due; returns how many of each kind. ``told`` hears of each part: its name, how many are done, of how many."""
    done: dict[str, int] = {}
    for step in steps():
        due = step.number()
        end_reading()
        done[step.name] = 0
        for part in step.act():
            done[step.name] += part
            told(step.name, done[step.name], due)
    with unit_of_work():
        record(None, "retention.run", ("hub", None), text.prepare_line(_("Kept no longer than agreed")), **done)
    return done


def planned() -> dict[str, int]:
    """How many of each kind a run would do now."""
    return {step.name: step.number() for step in steps()}


def wipe() -> bool:
    """Let the disk forget it as well; ``False`` when a reader is in the way for long: the hub goes on trying by itself."""
    for _try in range(WIPE_TRIES):
        while purging.work():
            pass
        pending, _done = purging.status()
        end_reading()
        if not pending:
            return True
        time.sleep(0.25)
    return False


# --- rooms and accounts: one at a time, each in the record -------------------------------------------------


def _rooms() -> Iterator[int]:
    for room_id in _ids(rooms.due):
        with unit_of_work():
            done = empty_room(db.session.get_one(Room, room_id))
        yield int(done)


def empty_room(room: Room) -> bool:
    """What was said goes, with drafts of minutes and what flaggers wrote; agreed minutes and the consent record stay."""
    if not rooms.empty(room):
        return False
    minutes.forget_drafts(room.id)
    for disclosure_id in db.session.scalars(select(Disclosure.id).where(Disclosure.room_id == room.id)).all():
        review.close_all(("disclosure", disclosure_id))
        redacting.forget_notes("disclosure", disclosure_id)
    redacting.note(None, "room", room.id, 0)
    record(None, "room.empty", ("room", room.id), text.prepare_line(_("The days that every side agreed are over")), entries=room.last_seq)
    return True


def _accounts() -> Iterator[int]:
    for user_id in _ids(leaving.due):
        with unit_of_work():
            done = leaving.anonymise(db.session.get_one(User, user_id))
            if done:
                redacting.note(None, "profile", user_id, 0)
                record(None, "member.anonymise", ("user", user_id), text.prepare_line(_("A year after the account ended")))
        yield int(done)


def _ids(due: Callable[[], list[int]]) -> list[int]:
    ids = due()
    end_reading()
    return ids


# --- rows that only grow old -------------------------------------------------------------------------------


def _drafts() -> Select[Any]:
    return select(Draft.id).where(Draft.saved_at < now() - KEPT)


def _shown() -> Any:
    return select(Shown.user_id, Shown.post_id).where(Shown.first_at < now() - KEPT)


def _views() -> Any:
    return select(PublicView.thread_id, PublicView.day).where(PublicView.day < (now() - KEPT).date().isoformat())


def _sessions() -> Select[Any]:
    return select(UserSession.id).where(UserSession.seen_at < now() - KEPT)


def _resets() -> Select[Any]:
    return select(PasswordReset.id).where(PasswordReset.created_at < now() - KEPT)


def _attempts() -> Select[Any]:
    return select(Attempt.id).where(Attempt.at < now() - KEPT)


def _letters() -> Select[Any]:
    """Letters that were sent or given up: who got one, and when."""
    return select(Mail.id).where(Mail.done_at < now() - KEPT)


def _held() -> Select[Any]:
    return select(Held.id).where(Held.sealed.is_not(None), Held.held_at < now() - HELD_FOR)


def _number(rows: Callable[[], Select[Any]]) -> int:
    return db.session.scalar(select(func.count()).select_from(rows().subquery())) or 0


def _rows(rows: Callable[[], Select[Any]], key: Any, purged: str = "") -> Iterator[int]:
    while True:
        with unit_of_work():
            ids = list(db.session.scalars(rows().order_by(key).limit(AT_ONCE)))
            db.session.execute(delete(key.class_).where(key.in_(ids)).execution_options(synchronize_session=False))
            if purged and ids:
                redacting.note(None, purged, 0, 0)
        if not ids:
            return
        yield len(ids)


def _pairs(rows: Callable[[], Select[Any]], *key: Any) -> Iterator[int]:
    """Of a table whose key is two columns."""
    while True:
        with unit_of_work():
            some = tuple_(*key).in_(rows().order_by(*key).limit(AT_ONCE))
            gone = db.session.execute(delete(key[0].class_).where(some).returning(key[0]).execution_options(synchronize_session=False)).all()
        if not gone:
            return
        yield len(gone)


def _empty_held() -> Iterator[int]:
    while True:
        with unit_of_work():
            done = review.empty_held()
        if not done:
            return
        yield done
