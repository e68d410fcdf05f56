"""The rooms of a delegate or a focal point, and one room: its papers and its log."""

from flask import Blueprint, jsonify, redirect, render_template, request, url_for

from hub import pace, policy, web
from hub.db import unit_of_work
from hub.notifications.actions import seen_about
from hub.notifications.queries import news_about
from hub.rooms import delegates, queries, showing, talking
from hub.rooms.forms import EntryForm, Marking, NamingForm
from hub.rooms.models import EntryKind
from hub.rooms.news import HEADS
from hub.rooms.queries import Place, Seat
from hub.rooms.showing import Window
from hub.rooms.sockets import here
from hub.web import Answer, me, restrict_copies, signed_in

bp = Blueprint("rooms", __name__)
NEWS = tuple(HEADS)


@bp.get("/rooms")
@signed_in
def rooms() -> Answer:
    restrict_copies()
    may = policy.signs(me()) and policy.can(me(), "room.propose", queries.own_task_force(me()))
    return render_template("rooms/rooms.html", rooms=queries.rooms_of(me()), may_propose=may)


@bp.get("/rooms/<public_id>")
@signed_in
def room(public_id: str) -> Answer:
    place = queries.get_place(me(), public_id)
    log = _log(place)
    page = room_page(place, log=log)
    _note_read(place, log)
    return page


def _log(place: Place) -> Window | None:
    """The part of the log that the address asks for; none for who is no delegate."""
    return showing.window(me(), place.room, showing.sides_of(place.sides), web.whole("before"), web.whole("after")) if place.seat else None


def room_page(place: Place, form: EntryForm | None = None, naming: NamingForm | None = None, log: Window | None = None) -> str:
    """The page of a room: its papers, and for a delegate its log."""
    restrict_copies()
    room, seat, pending = place.room, place.seat, queries.pending_terms(place.room)
    sides, log = showing.sides_of(place.sides), log or _log(place)
    terms, marking = queries.terms_of(room), _marking(form)
    return render_template(
        "rooms/room.html", room=room, place=place, sides=sides, log=log, terms=terms, pending=pending if pending and pending.id != terms.id else None,
        consents=queries.consents_to(pending or terms), delegates=delegates.readers(place), here=here(room.id) if seat else [], may=_rights(place),
        may_write=seat is not None and policy.can(me(), "room.write", room), form=form or _entry_form(place), chosen=_chosen(place, marking),
        fragment=showing.fragment, naming=naming or _naming_form(place), last=room.last_seq, new_from=_new_from(place), marking=marking,
        settled=showing.settled(me(), room, sides) if seat else [],
    )  # fmt: skip


def _rights(place: Place) -> dict[str, bool]:
    side = (place.room, place.own)
    return {
        **{verb: policy.can(me(), f"room.{verb}", side) for verb in ("answer", "manage", "take_out", "withdraw")},
        "halt": policy.can(me(), "room.halt", (place.room, place.own, place.seat)),
    }


def _naming_form(place: Place) -> NamingForm | None:
    """For who answers or manages for their side."""
    wanted = policy.can(me(), "room.answer", (place.room, place.own)) or policy.can(me(), "room.manage", (place.room, place.own))
    return NamingForm(queries.eligible(me(), place.own.organisation_id), formdata=None) if wanted else None


def _entry_form(place: Place) -> EntryForm | None:
    """Empty, or filled for what the address asks: ``?reply=7``, ``?edit=7``, ``?translate=7``."""
    if place.seat is None:
        return None
    form = EntryForm(place.room.id, formdata=None)
    for name, kind in (("reply", EntryKind.MESSAGE), ("edit", EntryKind.EDIT), ("translate", EntryKind.TRANSLATION)):
        seq = web.number(name)
        if seq is not None:
            form.kind.data, form.target.data = kind, str(seq)
            form.body.data = talking.words_now(me(), Seat(place.room, place.seat), seq) if name == "edit" else ""
    return form


def _marking(form: EntryForm | None) -> Marking | None:
    """The action that one is about to mark, or that was refused: ``?action=7``."""
    seq = web.number("action")
    return form.marking if form and form.marking else Marking(seq) if seq else None


def _chosen(place: Place, marking: Marking | None) -> showing.Line | None:
    """The line that the address asks what can be done with: ``?on=7``."""
    seq = marking.seq if marking else web.number("on")
    if seq is None or place.seat is None or not queries.has_entry(me(), place.room, seq):
        return None
    return showing.lines_of(place.room.id, [seq], showing.sides_of(place.sides)).get(seq)


def _new_from(place: Place) -> int:
    """The number after which everything is new to the reader."""
    return place.seat.last_read_seq if place.seat else 0


def _note_read(place: Place, log: Window | None) -> None:
    """What the page shows counts as read, unless a script tells of it; what the inbox says of the room is read in any case."""
    subjects = [f"room {place.room.id} {what}" for what in NEWS]
    told = me().has_news and news_about(me().id, subjects)
    served = place.seat is not None and "beacon" not in request.cookies and place.seat.last_read_seq < place.room.last_seq
    if request.method == "GET" and (told or served):
        with unit_of_work():
            seen_about(me().id, *subjects)
            if served and place.seat and log:
                talking.read_upto(Seat(place.room, place.seat), log.lines[-1].seq if log.later and log.lines else place.room.last_seq)


@bp.get("/rooms/<public_id>/entries")
@signed_in
def entries(public_id: str) -> Answer:
    """Entries after a number, or before one: what a page missed, and what it goes back to."""
    web.do_not_touch()
    restrict_copies()
    seat = queries.get_seat(me(), public_id)
    after, before = web.whole("after"), web.whole("before")
    if request.accept_mimetypes.best != "application/json":
        return redirect(url_for(".room", public_id=seat.room.public_id, after=after, before=before))
    if not pace.within("60 per minute", "catch-up"):
        return pace.too_many()
    found, more = showing.entries(me(), seat.room, after, before)
    return jsonify(head=seat.room.last_seq, more=more, entries=found)


@bp.get("/rooms/<public_id>/here")
@signed_in
def who_is_here(public_id: str) -> Answer:
    """For a page without a socket: who is in the room just now."""
    web.do_not_touch()
    restrict_copies()
    return jsonify(here=here(queries.get_seat(me(), public_id).room.id))


@bp.post("/rooms/<public_id>/read")
@signed_in
def read(public_id: str) -> Answer:
    """A page tells how far it was read."""
    seat = queries.get_seat(me(), public_id)
    with unit_of_work():
        talking.read_upto(seat, web.small(request.form.get("upto", "")))
    return "", 204
