"""What moderators do to a thread: close it, keep it at the top, agree that it is public."""

from datetime import UTC, datetime

from flask import flash, request

from hub.accounts.actions import Stale
from hub.db import unit_of_work
from hub.discussions import actions, queries
from hub.discussions.posting import back_to
from hub.discussions.views import bp as bp
from hub.web import Answer, me, signed_in
from hub.words import _


@bp.post("/threads/<int:thread_id>/lock")
@signed_in
def lock(thread_id: int) -> Answer:
    with unit_of_work():
        thread = queries.get_thread(me(), thread_id)
        actions.lock(me(), thread, locked=request.form.get("locked") == "1")
    return back_to(thread)


@bp.post("/threads/<int:thread_id>/pin")
@signed_in
def pin(thread_id: int) -> Answer:
    with unit_of_work():
        thread = queries.get_thread(me(), thread_id)
        actions.pin(me(), thread, pinned=request.form.get("pinned") == "1")
    return back_to(thread)


@bp.post("/threads/<int:thread_id>/publish")
@signed_in
def make_public(thread_id: int) -> Answer:
    read_upto, read_at = request.form.get("read_upto", 0, int), _moment(request.form.get("read_at", ""))
    try:
        with unit_of_work():
            thread = queries.get_thread(me(), thread_id)
            actions.make_public(me(), thread, read_upto, read_at)
        flash(_("What you have read here is public now: anyone can read it, signed in or not."))
    except Stale:
        flash(_("The opening was changed while you read. Read it again before you agree."))
    return back_to(thread)


@bp.post("/threads/<int:thread_id>/take-back")
@signed_in
def take_back(thread_id: int) -> Answer:
    with unit_of_work():
        thread = queries.get_thread(me(), thread_id)
        actions.take_back(me(), thread)
    flash(_("This thread is no longer public. Copies that others made stay with them."))
    return back_to(thread)


def _moment(given: str) -> datetime:
    """A time as our own page wrote it; anything else is long ago, before which nothing was read."""
    try:
        return datetime.fromisoformat(given).astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime(2000, 1, 1, tzinfo=UTC)
