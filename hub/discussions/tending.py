"""What moderators do to a thread: close it, keep it at the top, agree that it is public."""

from functools import partial

from flask import flash, request

from hub import web
from hub.accounts.actions import Stale
from hub.discussions import actions, queries
from hub.discussions.posting import back_to, change_thread
from hub.discussions.views import bp
from hub.web import Answer, me, signed_in
from hub.words import _


@bp.post("/threads/<int:thread_id>/lock")
@signed_in
def lock(thread_id: int) -> Answer:
    return change_thread(thread_id, partial(actions.lock, locked=request.form.get("locked") == "1"))


@bp.post("/threads/<int:thread_id>/pin")
@signed_in
def pin(thread_id: int) -> Answer:
    return change_thread(thread_id, partial(actions.pin, pinned=request.form.get("pinned") == "1"))


@bp.post("/threads/<int:thread_id>/publish")
@signed_in
def make_public(thread_id: int) -> Answer:
    read_upto, read_at = request.form.get("read_upto", 0, int), web.moment_of(request.form.get("read_at", ""))
    try:
        answer = change_thread(thread_id, partial(actions.make_public, read_upto=read_upto, read_at=read_at))
    except Stale:
        flash(_("The opening was changed while you read. Read it again before you agree."))
        return back_to(queries.get_thread(me(), thread_id))
    flash(_("What you have read here is public now: anyone can read it, signed in or not."))
    return answer


@bp.post("/threads/<int:thread_id>/take-back")
@signed_in
def take_back(thread_id: int) -> Answer:
    answer = change_thread(thread_id, actions.take_back)
    flash(_("This thread is no longer public. Copies that others made stay with them."))
    return answer
