"""A text that the safeguard stops may go to a moderator instead: sealed, for at most 72 hours."""

import json
from collections.abc import Callable

from flask import current_app, flash, redirect, request, url_for

from hub.db import unit_of_work
from hub.discussions.forms import TextForm
from hub.discussions.places import choices_of
from hub.drafts import actions as drafts
from hub.resume import resuming
from hub.review import actions, queries
from hub.text import LONGEST
from hub.web import Answer, me
from hub.words import _

SENT_COOKIE = "sent"


def holding() -> bool:
    return request.method == "POST" and "hold" in request.form and not resuming()


def done(form: TextForm, address: str) -> Answer:
    """On to where the text went; this window's copy of the form is told by a cookie that it is sent."""
    answer = redirect(address, 303)
    answer.set_cookie(SENT_COOKIE, form.sent_as()[:64], max_age=60, samesite="Lax", secure=current_app.config["SESSION_COOKIE_SECURE"])
    return answer


def hold(place: str, form: TextForm, show: Callable[[int], Answer]) -> Answer:
    """Hold what was typed, when it holds a passage that must not be stored; otherwise show the form again."""
    if form.accepted():
        flash(_("Nothing here needs a moderator: you can post it."))
        return show(200)
    if not form.grave:
        return show(400)
    kinds = [passage.finding.kind for passage in form.passages]
    typed = {name: form[name].data or "" for name in ("title", "body", "reason") if name in form}
    if sum(map(len, typed.values())) > LONGEST + 1_000:
        return show(400)  # the field says that it is too long
    try:
        with unit_of_work():
            actions.hold(me().id, me().organisation.state_code, place, form.sent_as(), typed | {"choices": json.dumps(choices_of(form))}, kinds)
            drafts.forget(me(), place)
    except actions.TooMany:
        flash(_("As many of your texts as fit wait for a moderator. Take one back first, under “Your drafts”."))
        return show(409)
    flash(_("Held for a moderator: encrypted, and deleted after 72 hours. It stands below; you hear what was decided."))
    return done(form, url_for("discussions.drafts_page"))


def take_back(held_id: int) -> Answer:
    with unit_of_work():
        actions.take_back(queries.get_held(me(), held_id))
    flash(_("Taken back and deleted. No moderator will see it."))
    return redirect(url_for("discussions.drafts_page"), 303)
