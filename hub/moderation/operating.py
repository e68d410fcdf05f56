"""Moving, splitting and merging threads: the page, and the three forms on it."""

import re

from flask import flash, redirect, render_template, url_for
from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import NumberRange, Optional

from hub import policy, web
from hub.db import unit_of_work
from hub.discussions import queries
from hub.discussions.forms import LONGEST_TITLE, SHORTEST_TITLE
from hub.discussions.models import Thread
from hub.forms import HubForm, LineField, options
from hub.moderation import surgery
from hub.moderation.views import bp
from hub.pillars.queries import all_pillars, get_pillar
from hub.reasons import ReasonField
from hub.web import Answer, me, signed_in
from hub.words import _, later

THREAD = re.compile(r"(?:.*/threads/)?(\d{1,9})(?:-[^/]*)?(?:[/?#].*)?")


class MoveForm(HubForm):
    pillar = SelectField(later("Into which pillar?"))
    reason = ReasonField()

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        self.pillar.choices = options((pillar.slug, pillar.name) for pillar in all_pillars())


class SplitForm(HubForm):
    num = IntegerField(later("From which post? Its number"), validators=[NumberRange(2, 10**6)])
    title = LineField(later("Title of the new thread"), shortest=SHORTEST_TITLE, longest=LONGEST_TITLE)
    reason = ReasonField()


class MergeForm(HubForm):
    into = StringField(later("Into which thread? Its address or number"))
    under = IntegerField(later("As an answer to which post? (optional)"), validators=[Optional(), NumberRange(1, 10**6)])
    reason = ReasonField()


def _page(thread: Thread, code: int = 200, **filled: HubForm) -> Answer:
    web.restrict_copies()
    kinds: dict[str, type[HubForm]] = {"moving": MoveForm, "splitting": SplitForm, "merging": MergeForm}
    forms = {name: filled.get(name) or kind(formdata=None) for name, kind in kinds.items()}
    for name, form in forms.items():
        for field in form:
            field.id = f"{name}-{field.id}"
    return render_template("moderation/surgery.html", thread=thread, **forms), code


@bp.get("/threads/<int:thread_id>/surgery")
@signed_in
def operate(thread_id: int) -> Answer:
    return _page(_thread(thread_id))


def _thread(thread_id: int) -> Thread:
    found = queries.get_thread(me(), thread_id)
    policy.require(me(), "thread.operate", found)
    return found


@bp.post("/threads/<int:thread_id>/move")
@signed_in
def move(thread_id: int) -> Answer:
    _thread(thread_id)
    form = MoveForm()
    if not form.accepted():
        return _page(_thread(thread_id), 400, moving=form)
    with unit_of_work():
        surgery.move(me(), _thread(thread_id), get_pillar(me(), form.pillar.data), form.reason.words)
    flash(_("Moved. Addresses stay as they are."))
    return redirect(_thread(thread_id).path, 303)


@bp.post("/threads/<int:thread_id>/split")
@signed_in
def split(thread_id: int) -> Answer:
    _thread(thread_id)
    form = SplitForm()
    if not form.accepted():
        return _page(_thread(thread_id), 400, splitting=form)
    try:
        with unit_of_work():
            new_id = surgery.split(me(), _thread(thread_id), form.num.data or 0, form.title.words, form.reason.words).id
    except surgery.NotThere:
        form.num.errors = [_("There is no such post to begin with; the opening stays where it is.")]
        return _page(_thread(thread_id), 400, splitting=form)
    flash(_("Split. Addresses of the moved posts lead here."))
    return redirect(url_for("discussions.thread", thread_id=queries.get_thread(me(), new_id)), 303)


@bp.post("/threads/<int:thread_id>/merge")
@signed_in
def merge(thread_id: int) -> Answer:
    _thread(thread_id)
    form = MergeForm()
    if not form.accepted():
        return _page(_thread(thread_id), 400, merging=form)
    match = THREAD.fullmatch((form.into.data or "").strip()[:300])
    target = next(iter(queries.threads_among(me(), {int(match[1])})), None) if match else None
    if target is None:
        form.into.errors = [_("There is no such thread that you read. Copy its address from your browser.")]
        return _page(_thread(thread_id), 400, merging=form)
    try:
        with unit_of_work():
            surgery.merge(me(), _thread(thread_id), _thread(int(match[1]) if match else 0), form.under.data, form.reason.words)
    except surgery.NotThere:
        form.under.errors = [_("There is no such post in that thread.")]
        return _page(_thread(thread_id), 400, merging=form)
    except surgery.TooWide:
        form.into.errors = [_("That thread is read by others than this one: its label is wider, it is public, or it belongs to another house.")]
        return _page(_thread(thread_id), 400, merging=form)
    flash(_("Merged. Addresses of the moved posts lead here."))
    return redirect(_thread(int(match[1]) if match else 0).path, 303)
