"""The pages on which minutes are read: all of a room, one of them, and what changed between two versions."""

from typing import Any, NamedTuple

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for

from hub import policy, web
from hub.db import UserText, unit_of_work
from hub.discussions.history import Piece, word_diff
from hub.languages import of_script
from hub.minutes import beginning, queries, writing
from hub.minutes.content import Place, Row, content_of
from hub.minutes.forms import LABELS, DoneForm
from hub.minutes.models import Minutes, MinutesRevision
from hub.rooms import log, showing
from hub.rooms import queries as rooms
from hub.rooms.models import Delegation, Room
from hub.rooms.queries import Seat
from hub.web import Answer, me, restrict_copies, signed_in
from hub.words import _

bp = Blueprint("minutes", __name__)


class Open(NamedTuple):
    """Minutes as their reader opened them."""

    seat: Seat
    sides: list[Delegation]
    minutes: Minutes
    newest: MinutesRevision
    hidden: set[UserText]  # lines that nobody reads until a moderator has decided

    @property
    def room(self) -> Room:
        return self.seat.room


def opened(public_id: str, num: int) -> Open:
    restrict_copies()
    seat = rooms.get_seat(me(), public_id)
    minutes = queries.get_minutes(me(), seat, num)
    newest = queries.get_version(me(), minutes, minutes.version)
    return Open(seat, rooms.delegations_of(seat.room.id), minutes, newest, queries.hidden_lines(minutes))


def unhidden(public_id: str, num: int) -> Open:
    """The same, where every line is shown. Raises ``Held``."""
    at = opened(public_id, num)
    if at.hidden:
        raise writing.Held
    return at


@bp.errorhandler(writing.Held)
def held(_refusal: writing.Held) -> Answer:
    flash(_("A line of this draft was flagged, and is hidden until a moderator has decided. Meanwhile nobody changes, signs or prints it."))
    given = request.view_args or {}
    return redirect(url_for(".minutes", public_id=given.get("public_id", ""), num=given.get("num", 0)), 303)


@bp.get("/rooms/<public_id>/minutes")
@signed_in
def minutes_of_room(public_id: str) -> Answer:
    """All minutes of a room; where there are only some that are being written, those."""
    restrict_copies()
    seat = rooms.get_seat(me(), public_id)
    listed = queries.minutes_of(me(), seat.room)
    if len(listed) == 1 and listed[0].agreed_at is None:
        return redirect(listed[0].path)
    written = queries.open_minutes(seat.room.id)
    may_begin = policy.can(me(), "room.write", seat.room) and written is None
    unseen = written is not None and written.id not in {one.id for one in listed}
    return render_template("minutes/list.html", room=seat.room, listed=listed, may_begin=may_begin, unseen=unseen)


@bp.post("/rooms/<public_id>/minutes")
@signed_in
def begin(public_id: str) -> Answer:
    try:
        with unit_of_work():
            address = beginning.begin(me(), rooms.get_seat(me(), public_id)).path
    except writing.Moved:
        flash(_("Minutes are being written already: here they are."))
        return redirect(url_for(".minutes_of_room", public_id=public_id), 303)
    except (log.NotOpen, policy.Forbidden):
        return not_open(url_for("rooms.room", public_id=public_id))
    flash(_("Drafted from what was marked. Everybody in the room may change them; the heads sign."))
    return redirect(address, 303)


def not_open(address: str) -> Answer:
    flash(_("The room is paused or closed, or you may not write just now: nothing was stored."))
    return redirect(address, 303)


@bp.get("/rooms/<public_id>/minutes/<int:num>")
@signed_in
def minutes(public_id: str, num: int) -> Answer:
    """The newest version, or the one that the address asks for."""
    at = opened(public_id, num)
    wanted = web.number("version")
    version = queries.get_version(me(), at.minutes, wanted) if wanted else at.newest
    return render_template("minutes/minutes.html", **shown_with(at), version=version, content=content_of(version, at.sides), done=DoneForm(formdata=None))


@bp.get("/rooms/<public_id>/minutes/<int:num>/newest")
@signed_in
def newest(public_id: str, num: int) -> Answer:
    """For an open page: which version is the newest."""
    web.do_not_touch()
    restrict_copies()
    return jsonify(version=queries.get_minutes(me(), rooms.get_seat(me(), public_id), num).version)


def shown_with(at: Open) -> dict[str, Any]:
    """What every page about minutes shows beside its own."""
    hash_now = at.minutes.hash or queries.hash_now(at.minutes, at.newest, at.sides)
    signed = queries.signatures_to(at.minutes, hash_now)
    leads = policy.can(me(), "minutes.sign", (at.room, at.seat.member)) and at.minutes.agreed_at is None
    speaking = queries.speaking_in(at.room.id)
    return {
        "at": at, "room": at.room, "sides": at.sides, "hash_now": hash_now, "signed": signed, "labels": LABELS,
        "versions": queries.versions_of(me(), at.minutes),
        "may_write": policy.can(me(), "room.write", at.room) and at.minutes.agreed_at is None, "place": Place, "of_script": of_script,
        "may_sign": leads and at.seat.member.delegation_id not in signed, "may_export": policy.can(me(), "minutes.export", at.room),
        "tasks": queries.tasks_in(at.minutes), "may_tick": lambda task: policy.can(me(), "task.tick", (task, at.seat.member, queries.owner_of(task, speaking))),
        "times": showing.times, "clocks": showing.sides_of(at.sides),
    }  # fmt: skip


@bp.get("/rooms/<public_id>/minutes/<int:num>/changes")
@signed_in
def changes(public_id: str, num: int) -> Answer:
    """Word by word between a version and the one before, or any two: ``?from=2&to=4``."""
    at = unhidden(public_id, num)
    later_one = queries.get_version(me(), at.minutes, web.number("to") or at.minutes.version)
    earlier = queries.get_version(me(), at.minutes, web.number("from") or max(1, later_one.num - 1))
    before, after = content_of(earlier, at.sides), content_of(later_one, at.sides)
    pieces = {place: _pieces(before[place], after[place], at.sides) for place in after if before[place] != after[place]}
    return render_template("minutes/changes.html", **shown_with(at), earlier=earlier, later=later_one, pieces=pieces)


def _pieces(before: list[Row], after: list[Row], sides: list[Delegation]) -> list[Piece]:
    old, new = ("".join(f"{_in_words(row, sides)}\n" for row in rows) for rows in (before, after))
    return word_diff(old, new)


def _in_words(row: Row, sides: list[Delegation]) -> str:
    if row.due_on is None:
        return row.words
    code = next((side.code for side in sides if side.id == row.side_id), "")
    return f"{row.words} ({', '.join(filter(None, (code, row.owner, row.due_on.isoformat())))})"
