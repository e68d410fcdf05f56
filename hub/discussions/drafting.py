"""Keeping what is not posted yet: a new thread, an answer, an edit; saved by a button, or by the page itself while one types."""

import json
from collections.abc import Callable

from flask import flash, jsonify, make_response, redirect, render_template, request, url_for

from hub import policy, text
from hub.db import end_reading, now, unit_of_work
from hub.discussions import queries
from hub.discussions.forms import EditForm, ReplyForm, TextForm, ThreadForm
from hub.discussions.holding import take_back
from hub.discussions.models import Post
from hub.discussions.places import at_pillar, at_post, at_thread, choices_of
from hub.discussions.posting import edit_form, thread_form
from hub.discussions.views import bp, thread_page
from hub.drafts import actions as drafts
from hub.drafts import queries as draft_queries
from hub.formats import clock
from hub.forms import guard_now
from hub.guard import Identifying
from hub.keeping import asked_by_script, save_id
from hub.pillars.queries import get_pillar, tags_offered
from hub.resume import resumable, resuming
from hub.review.queries import held_before, held_by
from hub.web import Answer, me, restrict_copies, signed_in
from hub.words import _

REPLACED = ("csrf_token", "body", "seq", "client_id", "save_id", "tried")  # fields that the page of two versions has anew


@bp.post("/pillars/<slug>/threads/draft")
@signed_in
@resumable
def keep_thread(slug: str) -> Answer:
    pillar = get_pillar(me(), slug)
    form = ThreadForm(me(), tags_offered(me()))
    return _keep(at_pillar(slug), form, url_for(".new_thread", slug=slug), lambda code: thread_form(pillar, form, code), _posted_with(form))


@bp.post("/threads/<int:thread_id>/draft")
@signed_in
@resumable
def keep_reply(thread_id: int) -> Answer:
    thread, form = queries.get_thread(me(), thread_id), ReplyForm()
    return _keep(at_thread(thread_id), form, f"{thread.path}#reply", lambda code: (thread_page(thread_id, form), code), _posted_with(form))


@bp.post("/threads/<int:thread_id>/posts/<int:num>/draft")
@signed_in
@resumable
def keep_edit(thread_id: int, num: int) -> Answer:
    post = queries.get_own_post(me(), thread_id, num)
    policy.require(me(), "post.edit", post)
    form = EditForm(num == 1)
    back = url_for(".edit_post", thread_id=thread_id, num=num)
    return _keep(at_post(thread_id, num), form, back, lambda code: edit_form(post, form, code), post)


def _posted_with(form: TextForm) -> Post | None:
    return queries.sent_before(me(), form.sent_as())


def _keep(place: str, form: TextForm, back: str, show: Callable[[int], Answer], post: Post | None) -> Answer:
    """``post`` is what holds these words already, when they are the same."""
    if resuming():
        return show(200)
    try:
        typed = _typed(form)
        if post is not None and _says(post, typed):
            return jsonify(posted=True) if asked_by_script() else redirect(back, 303)
        end_reading()
        with unit_of_work():
            seq = drafts.save(me(), place, typed, form.draft_seq(), save_id(), form.saves())
    except Identifying as refusal:
        words = _("Not kept on the server: something here must be changed first. It stays in this browser.")
        if asked_by_script():
            return jsonify(posted=True) if held_before(me().id, form.sent_as()) else jsonify(words=words)
        form.body.refuse(refusal)
        return show(400)
    except text.Refused as refusal:
        return _refused(form, str(refusal), show)
    except drafts.TooMany:
        return _refused(form, _("You have as many drafts as fit. Post or discard one first."), show)
    except drafts.Stale:
        return _stale(place, form, back)
    if asked_by_script():
        return jsonify(seq=seq, words=_saved_words())
    flash(_("%(saved)s. It waits here and under “Your drafts”.", saved=_saved_words()))
    return redirect(back, 303)


def _says(post: Post, typed: drafts.Typed) -> bool:
    """Whether a post holds just these words: a save that comes after its form was sent is no draft."""
    return post.body_md == typed.body.strip("\n") and (not typed.title or typed.title == post.thread.title)


def _typed(form: TextForm) -> drafts.Typed:
    """What the form holds, cleaned; whether it could be posted is asked when it is."""
    guard = guard_now(least=3)
    lines = {name: text.prepare_line(form[name].data or "" if name in form else "", 200, guard) for name in ("title", "reason")}
    return drafts.Typed(body=text.prepare_unfinished(form.body.data or "", guard), choices=json.dumps(choices_of(form)), **lines)


def _saved_words() -> str:
    return _("Saved %(time)s", time=clock(now()))


def _refused(form: TextForm, words: str, show: Callable[[int], Answer]) -> Answer:
    if asked_by_script():
        return make_response(jsonify(words=words), 400)
    form.body.errors = [words]
    return show(400)


def _stale(place: str, form: TextForm, back: str) -> Answer:
    """Both texts, side by side; what is stored stays until the member decides."""
    stored = draft_queries.draft_at(me(), place)
    seq = stored.seq if stored else 0
    if stored is None:
        form.as_new()
    restrict_copies()
    if asked_by_script():
        return make_response(jsonify(seq=seq, words=_("Another window holds another version.")), 409)
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in REPLACED]
    page = render_template("drafts/stale.html", form=form, stored=stored, seq=seq, fields=fields, back=back, address=request.path)
    return page, 409


# --- one's drafts --------------------------------------------------------------------------------------


@bp.get("/drafts")
@signed_in
def drafts_page() -> Answer:
    restrict_copies()  # a draft may belong to a thread under any label
    rows = draft_queries.drafts_of(me())
    titles = queries.titles_of(me(), [int(row.place.split("/")[1]) for row in rows if not row.place.startswith("new/")])
    return render_template("drafts/drafts.html", drafts=rows, titles=titles, held=held_by(me()))


@bp.post("/held/<int:held_id>/take-back")
@signed_in
def take_back_held(held_id: int) -> Answer:
    return take_back(held_id)


@bp.post("/drafts/<int:draft_id>/discard")
@signed_in
def discard_draft(draft_id: int) -> Answer:
    try:
        with unit_of_work():
            drafts.discard(draft_queries.get_draft(me(), draft_id), request.form.get("seq", 0, int))
        flash(_("The draft is discarded."))
    except drafts.Stale:
        flash(_("Another window has saved more there since. Look at it, then discard it if you want."))
    return redirect(url_for(".drafts_page"), 303)
