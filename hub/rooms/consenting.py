"""The pages on which focal points and heads of delegation agree: propose, accept or decline, change terms, name, pause, close, withdraw."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for

from hub import policy
from hub.db import UserText, unit_of_work
from hub.pillars.queries import all_pillars
from hub.resume import resumable, resuming
from hub.rooms import consent, delegates, queries
from hub.rooms.forms import ATTRIBUTIONS, LABELS, LineForm, NamingForm, ProposalForm, TermsForm
from hub.rooms.models import DelegateRole, Room, RoomState, RoomTerms
from hub.rooms.queries import Place
from hub.rooms.views import bp, room_page
from hub.text import Prepared
from hub.web import Answer, me, restrict_copies, signed_in, small
from hub.words import _, later


@bp.route("/rooms/new", methods=["GET", "POST"])
@signed_in
@resumable
def propose() -> Answer:
    """A focal point asks one other task force or more into a room."""
    own = queries.own_task_force(me())
    policy.require(me(), "room.propose", own)
    restrict_copies()
    people = queries.eligible(me(), own.id)
    form = ProposalForm(all_pillars(), people, queries.task_forces(me()))
    if not form.accepted():
        page = render_template("rooms/propose.html", form=form, people=people, own=own, labels=LABELS, attributions=ATTRIBUTIONS)
        return page, 400 if form.is_submitted() and not resuming() and not form.applied else 200
    with unit_of_work():
        others = [one for one in queries.task_forces(me()) if str(one.id) in (form.others.data or ())]
        room = consent.propose(me(), others, _fresh(form).draft(), form.named())
        address = room.path
    flash(_("Proposed. The focal points of the other side are told."))
    return redirect(address, 303)


def _fresh(form: TermsForm) -> TermsForm:
    """The pillars as this unit of work reads them."""
    form.pillars = {pillar.slug: pillar for pillar in all_pillars()}
    return form


@bp.post("/rooms/<public_id>/accept")
@signed_in
@resumable
def accept(public_id: str) -> Answer:
    """Agree to the terms as shown, and name the own delegates."""
    place = queries.get_place(me(), public_id)
    policy.require(me(), "room.answer", (place.room, place.own))
    form = NamingForm(queries.eligible(me(), place.own.organisation_id))
    if not form.accepted():
        return room_page(queries.get_place(me(), public_id), naming=form), 400 if form.is_submitted() and not resuming() else 200
    with unit_of_work():
        consent.accept(me(), queries.get_place(me(), public_id), request.form.get("hash", ""), form.named())
    flash(_("Agreed."))
    return _back(public_id)


def _back(public_id: str) -> Answer:
    return redirect(url_for(".room", public_id=public_id), 303)


@bp.errorhandler(consent.NotNow)
def moved_meanwhile(_refusal: consent.NotNow) -> Answer:
    """Somebody else was quicker, or the terms are others than those that were shown."""
    flash(_("It moved meanwhile: this is how it stands. Nothing was changed."))
    return _back((request.view_args or {}).get("public_id", ""))


@bp.errorhandler(delegates.LastHead)
def needs_a_head(_refusal: delegates.LastHead) -> Answer:
    flash(_("A delegation needs a head: name another head first."))
    return _back((request.view_args or {}).get("public_id", ""))


Act = Callable[[Place, UserText], None]
# what is done: verb of policy, its heading, what the line is for, whether it must be said
STEPS: dict[str, tuple[str, str, str, bool]] = {
    "decline": ("answer", later("Decline"), later("The other side reads it."), True),
    "pause": ("halt", later("Pause the room"), later("Entries stay readable; nobody adds any until your side resumes."), False),
    "resume": ("halt", later("Resume"), later("It stands in the log."), False),
    "close": ("halt", later("Close the room"), later("For good. Entries stay readable until they are deleted as agreed."), False),
    "withdraw": ("withdraw", later("Take the consent back"), later("From now on nobody reads what was said, on any side. This is not undone."), True),
}


@bp.route(f"/rooms/<public_id>/<any({', '.join(STEPS)}):what>", methods=["GET", "POST"])
@signed_in
@resumable
def step(public_id: str, what: str) -> Answer:
    """What one side does alone: GET asks for a line, POST does it."""
    verb, heading, hint, needed = STEPS[what]
    place = queries.get_place(me(), public_id)
    policy.require(me(), f"room.{verb}", (place.room, place.own, place.seat) if verb == "halt" else (place.room, place.own))
    restrict_copies()
    form = LineForm()
    good = form.accepted()
    if good and needed and not form.words.words:
        good, form.words.errors = False, [_("Say why in a line.")]
    if not good:
        page = render_template("rooms/step.html", room=queries.get_place(me(), public_id).room, what=what, heading=heading, hint=hint, needed=needed, form=form)
        return page, 400 if form.is_submitted() and not resuming() and not form.applied else 200
    with unit_of_work():
        _do(what, queries.get_place(me(), public_id), form.words.words)
    flash(_("Done. The other side is told."))
    return redirect(url_for(".rooms"), 303) if what in ("decline", "withdraw") else _back(public_id)


def _do(what: str, place: Place, why: UserText) -> None:
    if what == "decline":
        consent.decline(me(), place, why)
    elif what == "withdraw":
        consent.withdraw(me(), place, why)
    else:
        to = {"pause": RoomState.PAUSED, "resume": RoomState.OPEN, "close": RoomState.CLOSED}[what]
        consent.halt(me(), place, to, Prepared(why, UserText(""), 0))


@bp.route("/rooms/<public_id>/terms", methods=["GET", "POST"])
@signed_in
@resumable
def terms(public_id: str) -> Answer:
    """Other terms: those in force stay until every side has agreed."""
    place = queries.get_place(me(), public_id)
    policy.require(me(), "room.manage", (place.room, place.own))
    restrict_copies()
    form = TermsForm(all_pillars(), **_as_they_are(place.room, queries.terms_of(place.room)))
    good = form.accepted()
    place = queries.get_place(me(), public_id)
    if good and not consent.may_follow(place.room, form.label.data, form.attribution.data):
        good, form.label.errors = False, [_("TLP:RED and the rule on who is named stay as they are: open another room for other ones.")]
    if not good:
        page = render_template("rooms/terms.html", room=place.room, form=form, labels=LABELS, attributions=ATTRIBUTIONS)
        return page, 400 if form.is_submitted() and not resuming() and not form.applied else 200
    with unit_of_work():
        consent.propose_terms(me(), queries.get_place(me(), public_id), _fresh(form).draft())
    flash(_("Proposed. The terms in force stay until every side has agreed."))
    return _back(public_id)


def _as_they_are(room: Room, now: RoomTerms) -> dict[str, object]:
    return {name: getattr(now, name) for name in ("title", "purpose", "label", "attribution", "retention_days", "shows_writing")} | {"pillar": room.pillar.slug}


@bp.post("/rooms/<public_id>/terms/<any(agree, refuse):what>")
@signed_in
def answer_terms(public_id: str, what: str) -> Answer:
    shown = request.form.get("hash", "")
    with unit_of_work():
        place = queries.get_place(me(), public_id)
        policy.require(me(), "room.manage", (place.room, place.own))
        (consent.agree_to_terms if what == "agree" else consent.refuse_terms)(me(), place, shown)
    flash(_("Agreed: the new terms hold once every side has agreed.") if what == "agree" else _("Refused: the terms in force stay."))
    return _back(public_id)


@bp.post("/rooms/<public_id>/delegates")
@signed_in
def name_delegate(public_id: str) -> Answer:
    """Let a member of the own side in, or change what they are."""
    user_id, role = small(request.form.get("member", "")), request.form.get("role", "")
    with unit_of_work():
        place = queries.get_place(me(), public_id)
        policy.require(me(), "room.manage", (place.room, place.own))
        user = next((one for one in queries.eligible(me(), place.own.organisation_id) if one.id == user_id), None)
        named = user is not None and role in DelegateRole.ALL
        if named and user:
            delegates.name_delegate(me(), place, user, role)
    flash(_("Named; the room is told by an entry.") if named else _("Choose a member of your task force first."))
    return _back(public_id)


@bp.post("/rooms/<public_id>/delegates/<int:user_id>/remove")
@signed_in
def remove_delegate(public_id: str, user_id: int) -> Answer:
    with unit_of_work():
        place = queries.get_place(me(), public_id)
        policy.require(me(), "room.take_out", (place.room, place.own))
        delegates.remove_delegate(me(), place, queries.get_delegate(place, user_id))
    flash(_("From now on they read and hear nothing of this room."))
    return _back(public_id)
