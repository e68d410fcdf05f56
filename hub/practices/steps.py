"""Writing a practice in five steps that are one form underneath: begun, kept, compared when two windows differ, sent."""

from collections import Counter
from typing import Any

from flask import abort, current_app, flash, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from hub import policy, text, web
from hub.accounts.queries import people_of
from hub.db import end_reading, now, unit_of_work
from hub.discussions.holding import SENT_COOKIE
from hub.discussions.queries import get_thread
from hub.formats import clock
from hub.guard import Identifying
from hub.keeping import KeptForm, asked_by_script, save_id
from hub.pillars.queries import all_pillars, get_pillar, tag_choices
from hub.practices import forms, moving, queries, showing, writing
from hub.practices.fields import RIGHTS, ROWS, STEPS
from hub.practices.models import Practice, PracticeRevision, PracticeStep
from hub.practices.views import bp
from hub.resume import resumable, resuming
from hub.web import Answer, me, restrict_copies, signed_in
from hub.words import _

BLANK = 2  # rows more than are filled


@bp.route("/practices/new", methods=["GET", "POST"])
@signed_in
@resumable
def new() -> Answer:
    """A title and a pillar; from a copy of a practice, or from a thread, when the address names one."""
    policy.require(me(), "practice.start")
    pillars = all_pillars()
    form = forms.BeginForm(pillars, data=_suggested())
    if not form.accepted():
        return render_template("practices/new.html", form=form), 400 if form.is_submitted() and not resuming() else 200
    source = form.copy_of.data or ""
    with unit_of_work():
        if source:
            practice = writing.begin_from_copy(me(), queries.get_practice(me(), int(source)), form.title.words)
        else:
            practice = writing.begin(me(), form.title.words, get_pillar(me(), form.pillar.data).id)
        address = url_for(".step", practice_id=practice.id, num=1)
    return redirect(address, 303)


def _suggested() -> dict[str, Any]:
    """What the address suggests: ``copy=12`` a practice, ``thread=12`` a thread, ``pillar=protection``."""
    if number := web.number("copy"):
        found = queries.get_practice(me(), number)
        return {"title": found.title[:120], "copy_of": str(found.id), "pillar": queries.get_revision(me(), found).pillar.slug}
    if number := web.number("thread"):
        thread = get_thread(me(), number)
        return {"title": thread.title[:120], "pillar": thread.pillar.slug}
    return {"pillar": request.args.get("pillar", "")}


@bp.get("/practices/<int:practice_id>/steps/<int:num>")
@signed_in
def step(practice_id: int, num: int) -> Answer:
    practice, revision = _written(practice_id, num)
    return _page(practice, revision, num, _form(practice, revision, num), 200)


@bp.post("/practices/<int:practice_id>/steps/<int:num>")
@signed_in
@resumable
def save_step(practice_id: int, num: int) -> Answer:
    """Keep a step that the safeguard has read whole, and go on."""
    practice, revision = _written(practice_id, num)
    form = _form(practice, revision, num)
    if not form.accepted():
        return _page(practice, revision, num, form, 400 if not resuming() and not form.applied else 200)
    try:
        with unit_of_work():
            written = queries.get_written(me(), practice_id)
            writing.save_step(me(), written, num, forms.decided_values(form, num), form.draft_seq(), tried=form.saves(), checked=True)
    except writing.Stale:
        return _stale(practice_id, num, form)
    answer = redirect(_next(practice_id, num), 303)
    answer.set_cookie(SENT_COOKIE, str(form.client_id.data)[:64], max_age=60, samesite="Lax", secure=current_app.config["SESSION_COOKIE_SECURE"])
    return answer


def _next(practice_id: int, num: int) -> str:
    if request.form.get("then") in forms.ROW_FORMS:
        return url_for(".step", practice_id=practice_id, num=num, _anchor=request.form["then"])
    return url_for(".step", practice_id=practice_id, num=num + 1) if num < len(STEPS) else f"/practices/{practice_id}#missing"


@bp.post("/practices/<int:practice_id>/steps/<int:num>/draft")
@signed_in
@resumable
def keep_step(practice_id: int, num: int) -> Answer:
    """Keep a step as it is; what is gravest stays in the browser."""
    practice, revision = _written(practice_id, num)
    form = _form(practice, revision, num)
    if resuming():
        return _page(practice, revision, num, form, 200)
    try:
        typed = forms.typed_values(form, num)
        end_reading()
        with unit_of_work():
            seq = writing.save_step(me(), queries.get_written(me(), practice_id), num, typed, form.draft_seq(), save_id(), form.saves())
    except Identifying:
        words = _("Not kept on the server: something here must be changed first. It stays in this browser.")
        return jsonify(words=words) if asked_by_script() else _checked(practice, revision, num, form)
    except text.Refused as refusal:
        return make_response(jsonify(words=str(refusal)), 400) if asked_by_script() else _checked(practice, revision, num, form)
    except writing.Stale:
        if asked_by_script():
            return make_response(jsonify(words=_("Another window holds another version.")), 409)
        return _stale(practice_id, num, form)
    words = _("Saved %(time)s", time=clock(now()))
    if asked_by_script():
        return jsonify(seq=seq, words=words)
    flash(words)
    return redirect(url_for(".step", practice_id=practice_id, num=num), 303)


def _checked(practice: Practice, revision: PracticeRevision, num: int, form: KeptForm) -> Answer:
    form.accepted()
    return _page(practice, revision, num, form, 400)


def _written(practice_id: int, num: int) -> tuple[Practice, PracticeRevision]:
    practice = queries.get_written(me(), practice_id)
    restrict_copies()
    if not policy.can(me(), "practice.write", practice):
        flash(_("It takes no changes now: %(stage)s.", stage=showing.STAGES[practice.stage]))
        abort(redirect(f"/practices/{practice_id}", 303))
    return practice, queries.revision_of(practice, practice.working)


def _form(practice: Practice, revision: PracticeRevision, num: int) -> KeptForm:
    if not 1 <= num <= len(STEPS):
        raise NotFound
    state = next(one for one in queries.steps_of(practice) if one.step == num)
    return forms.step_form(num, me(), _offered(practice, num), data=_as_form(practice, revision, num, state))


def _offered(practice: Practice, num: int) -> forms.Offered:
    """A page saves itself every few seconds: what another step offers is not read for it."""
    names = {field.name for field in STEPS[num - 1].fields}
    people = people_of(me(), practice.organisation) if "contact" in names else []
    as_choices = [(str(user.id), f"{user.role_title}, {user.organisation.short_name}") for user in people]
    return forms.Offered(all_pillars() if "pillar" in names else [], tag_choices(me()) if "tags" in names else (), as_choices)


def _as_form(practice: Practice, revision: PracticeRevision, num: int, state: PracticeStep) -> dict[str, Any]:
    values = writing.values_of(practice, revision, num)
    for name in ("partners", "result_rows", "links"):
        if name in values:
            values[name] = [*values[name], *({} for _blank in range(min(BLANK, ROWS - len(values[name]))))]
    if "rights" in values:
        values["rights"] = [dict(zip(("answer", "note"), values["rights"][item], strict=True)) for item, _words in RIGHTS]
    return values | {"seq": str(state.seq)}


def _page(practice: Practice, revision: PracticeRevision, num: int, form: KeptForm, code: int, stored: dict[str, Any] | None = None) -> Answer:
    states = queries.steps_of(practice)
    return render_template(
        "practices/step.html", practice=practice, revision=revision, step=STEPS[num - 1], steps=STEPS, states={one.step: one for one in states}, form=form,
        saved=next(one for one in states if one.step == num), stored=stored,
        left=Counter(one.step for one in writing.missing(practice, revision, states)), rights_words=[words for _item, words in RIGHTS],
    ), code  # fmt: skip


def _stale(practice_id: int, num: int, form: KeptForm) -> Answer:
    """Yours in the form, the stored one beside it: saving again is then meant."""
    practice = queries.get_written(me(), practice_id)
    revision = queries.revision_of(practice, practice.working)
    state = next(one for one in queries.steps_of(practice) if one.step == num)
    form.seq.data = str(state.seq)
    return _page(practice, revision, num, form, 409, stored=writing.values_of(practice, revision, num))


@bp.post("/practices/<int:practice_id>/submit")
@signed_in
def submit(practice_id: int) -> Answer:
    try:
        with unit_of_work():
            moving.submit(me(), queries.get_written(me(), practice_id))
    except moving.Incomplete:
        return redirect(f"/practices/{practice_id}#missing", 303)
    except moving.Unchanged:
        flash(_("Nothing was changed since it was sent. Save a step first."))
        return redirect(f"/practices/{practice_id}#missing", 303)
    flash(_("Sent. You hear of every step; it stands under “Your practices”."))
    return redirect(f"/practices/{practice_id}", 303)
