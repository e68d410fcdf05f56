"""What moderators do to a thread: close it, keep it at the top, agree that it is public."""

from functools import partial

from flask import flash, request

from hub import web
from hub.accounts.actions import Stale
from hub.db import UserText
from hub.discussions import moderating, queries
from hub.discussions.posting import back_to, change_thread
from hub.discussions.views import bp
from hub.reasons import reasoned
from hub.web import Answer, me, signed_in
from hub.words import _, later


@bp.post("/threads/<int:thread_id>/lock")
@signed_in
@reasoned(later("Open the thread again"), ("locked", "1", later("Close the thread")))
def lock(thread_id: int, reason: UserText) -> Answer:
    return change_thread(thread_id, partial(moderating.lock, locked=request.form.get("locked") == "1", reason=reason))


@bp.post("/threads/<int:thread_id>/pin")
@signed_in
@reasoned(later("No longer keep the thread at the top"), ("pinned", "1", later("Keep the thread at the top")))
def pin(thread_id: int, reason: UserText) -> Answer:
    return change_thread(thread_id, partial(moderating.pin, pinned=request.form.get("pinned") == "1", reason=reason))


@bp.post("/threads/<int:thread_id>/publish")
@signed_in
@reasoned(later("Make the thread public"))
def make_public(thread_id: int, reason: UserText) -> Answer:
    read_upto, read_at = request.form.get("read_upto", 0, int), web.moment_of(request.form.get("read_at", ""))
    try:
        answer = change_thread(thread_id, partial(moderating.make_public, read_upto=read_upto, read_at=read_at, reason=reason))
    except Stale:
        flash(_("The opening was changed while you read. Read it again before you agree."))
        return back_to(queries.get_thread(me(), thread_id))
    flash(_("What you have read here is public now: anyone can read it, signed in or not."))
    return answer


@bp.post("/threads/<int:thread_id>/take-back")
@signed_in
@reasoned(later("Take the thread back from the public"))
def take_back(thread_id: int, reason: UserText) -> Answer:
    answer = change_thread(thread_id, partial(moderating.take_back, reason=reason))
    flash(_("This thread is no longer public. Copies that others made stay with them."))
    return answer
