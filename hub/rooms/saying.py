"""The door through which delegates say something: with a script or without, once however often it is sent."""

from flask import flash, jsonify, make_response, redirect, request, url_for
from sqlalchemy.exc import IntegrityError

from hub import live, pace, policy
from hub.db import unit_of_work
from hub.keeping import asked_by_script
from hub.resume import resumable, resuming
from hub.rooms import log, queries, talking
from hub.rooms.forms import EntryForm
from hub.rooms.queries import Seat
from hub.rooms.views import bp, room_page
from hub.web import Answer, me, signed_in
from hub.words import _

AT_MOST = "20 per 10 seconds"


@bp.post("/rooms/<public_id>/entries")
@signed_in
@resumable
def say(public_id: str) -> Answer:
    """201 for a new entry, 200 for one that is stored already, 409 for the id of another; a page without a script is led to what it said."""
    seat = queries.get_seat(me(), public_id)
    form = EntryForm(seat.room.id)
    if not resuming() and "check" not in request.form and not pace.within(AT_MOST, "entries"):
        return _refused(public_id, form, _("That was many entries in a short time. Wait a few seconds, then send it again."), 429)
    if not form.accepted():
        return _refused(public_id, form, " ".join(str(error) for field in form for error in field.errors), 400)
    if form.is_for_another(seat.member.delegation_id):
        return _refused(public_id, form, _("That is for a delegate of the other side."), 400)
    try:
        with unit_of_work():
            seq = talking.say(me(), queries.get_seat(me(), public_id), form.said())
    except talking.Repeated as earlier:
        return _again(seat, earlier.seq)
    except (talking.Taken, IntegrityError):
        return _refused(public_id, form, _("This was sent before with other words. Copy them into a new entry."), 409)
    except talking.NotThis as refusal:
        return _refused(public_id, form, str(refusal), 400)
    except (log.NotOpen, policy.Forbidden):
        return _refused(public_id, form, _("The room is paused or closed, or you may not write just now: nothing was stored."), 403)
    return _said(public_id, seq, 201)


def _again(seat: Seat, seq: int) -> Answer:
    """The first answer may have been lost, and the news with it."""
    head = queries.heads([seat.room.id])[seat.room.id]
    live.ring(log.name_of(seat.room.id, head.epoch), "head", room=seat.room.public_id, head=head.seq)
    return _said(seat.room.public_id, seq, 200)


def _said(public_id: str, seq: int, code: int) -> Answer:
    if asked_by_script():
        return make_response(jsonify(seq=seq), code)
    return redirect(url_for(".room", public_id=public_id, _anchor=f"entry-{seq}"), 303)


def _refused(public_id: str, form: EntryForm, words: str, code: int) -> Answer:
    """Nothing is stored, and what was typed is given back."""
    if asked_by_script():
        return make_response(jsonify(error=code, words=words, passages=len(form.passages)), code)
    if resuming() or form.applied:
        return room_page(queries.get_place(me(), public_id), form.writing_again())
    again = form.writing_again()
    if not again.errors:
        flash(words)
    return room_page(queries.get_place(me(), public_id), again), code
