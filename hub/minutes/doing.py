"""The pages of what agreed minutes leave to do."""

from flask import flash, redirect, render_template, url_for

from hub.db import unit_of_work
from hub.minutes import queries, tasks
from hub.minutes.content import content_of
from hub.minutes.forms import DoneForm
from hub.minutes.views import bp, opened, shown_with
from hub.rooms import queries as rooms
from hub.web import Answer, me, restrict_copies, signed_in
from hub.words import _


@bp.get("/rooms/actions")
@signed_in
def to_do() -> Answer:
    """Everything that agreed minutes leave to the reader, or to their delegation."""
    restrict_copies()
    return render_template("minutes/to_do.html", to_do=queries.tasks_of(me()), done=DoneForm(formdata=None))


@bp.post("/rooms/<public_id>/actions/<int:task_id>")
@signed_in
def tick(public_id: str, task_id: int) -> Answer:
    """Tick an action off with a line."""
    seat = rooms.get_seat(me(), public_id)
    at = opened(public_id, queries.get_task(me(), seat, task_id).minutes.num)
    form = DoneForm()
    if not form.accepted():
        at = opened(public_id, at.minutes.num)
        page = render_template("minutes/minutes.html", **shown_with(at), version=at.newest, content=content_of(at.newest, at.sides), done=form, doing=task_id)
        return page, 400
    try:
        with unit_of_work():
            seat = rooms.get_seat(me(), public_id)
            task = queries.get_task(me(), seat, task_id)
            tasks.tick(me(), seat, task, form.words.words)
            address = task.minutes.path
    except tasks.Done:
        flash(_("It is ticked off already."))
        return redirect(url_for(".minutes_of_room", public_id=public_id), 303)
    flash(_("Ticked off. The heads of the delegations are told."))
    return redirect(f"{address}#action-{task_id}", 303)
