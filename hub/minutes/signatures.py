"""The page on which a head of delegation signs."""

from flask import flash, redirect, render_template, url_for

from hub import policy
from hub.accounts.confirming import confirmed
from hub.db import unit_of_work
from hub.minutes import queries, signing, writing
from hub.minutes.content import content_of
from hub.minutes.forms import SignForm
from hub.minutes.views import bp, opened, shown_with, unhidden
from hub.rooms import log
from hub.rooms import queries as rooms
from hub.web import Answer, me, signed_in
from hub.words import _


@bp.route("/rooms/<public_id>/minutes/<int:num>/sign", methods=["GET", "POST"])
@signed_in
def sign(public_id: str, num: int) -> Answer:
    """A head reads once more what is signed, and enters the password."""
    at = unhidden(public_id, num)
    if at.minutes.agreed_at is not None:
        flash(_("All have signed already."))
        return redirect(at.minutes.path, 303)
    policy.require(me(), "minutes.sign", (at.room, at.seat.member))
    form = SignForm()  # which signs the hash that it was shown with, and none other
    code = 200 if not form.is_submitted() else 0 if form.accepted() else 400
    code = code or confirmed(me(), form.password)
    if code:
        at = opened(public_id, num)
        form.hash.data = queries.hash_now(at.minutes, at.newest, at.sides)
        return render_template("minutes/sign.html", **shown_with(at), form=form, version=at.newest, content=content_of(at.newest, at.sides)), code
    try:
        with unit_of_work():
            seat = rooms.get_seat(me(), public_id)
            agreed = signing.sign(me(), seat, queries.get_minutes(me(), seat, num), form.hash.data or "")
        flash(_("Signed. All have signed: these are the agreed minutes.") if agreed else _("Signed. They are agreed once every head has signed this version."))
    except writing.Moved:
        flash(_("Not signed: another version was saved meanwhile, other terms hold, or your side has signed. Read it as it is now."))
    except writing.Agreed:
        flash(_("All have signed already."))
    except policy.Forbidden:
        flash(_("Not signed: you are not head of your delegation any more."))
    except log.NotOpen:
        flash(_("Not signed: the room is paused or closed."))
    return redirect(url_for(".minutes", public_id=public_id, num=num), 303)
