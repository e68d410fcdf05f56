"""What leaves the hub: a print sheet, and agreed minutes as a file."""

from flask import current_app, flash, redirect, render_template

from hub import policy, web
from hub.db import now
from hub.languages import of_script
from hub.minutes import exporting
from hub.minutes.content import content_of, plain
from hub.minutes.forms import LABELS
from hub.minutes.views import Open, bp, unhidden
from hub.rooms import queries as rooms
from hub.web import Answer, me, signed_in
from hub.words import _


@bp.get("/rooms/<public_id>/minutes/<int:num>/print")
@signed_in
def sheet(public_id: str, num: int) -> Answer:
    """A4, the label at the head and foot of each page; what is not agreed says so."""
    at = _leaving(public_id, num)
    said = exporting.exported(at.minutes) if at.minutes.agreed_at else None
    content = plain(content_of(at.newest, at.sides), at.sides)
    return render_template(
        "minutes/print.html", at=at, room=at.room, sides=at.sides, content=content, said=said, labels=LABELS, of_script=of_script, printed=now(),
        address=web.public_url("minutes.minutes", public_id=public_id, num=num), terms=rooms.terms_of(at.room, at.minutes.terms_num),
        demo_data=current_app.config["HUB_DEMO"],
    )  # fmt: skip


def _leaving(public_id: str, num: int) -> Open:
    at = unhidden(public_id, num)
    policy.require(me(), "minutes.export", at.room)
    return at


@bp.get("/rooms/<public_id>/minutes/<int:num>/export.<any(json, md):form>")
@signed_in
def export(public_id: str, num: int, form: str) -> Answer:
    """Agreed minutes as a file; what is not agreed yet does not leave as one."""
    at = _leaving(public_id, num)
    if at.minutes.agreed_at is None:
        flash(_("Minutes leave the hub as a file once they are agreed. Until then print the draft."))
        return redirect(at.minutes.path, 303)
    body = exporting.as_json(at.minutes) if form == "json" else exporting.as_markdown(at.minutes)
    answer = current_app.response_class(body, mimetype="application/json" if form == "json" else "text/markdown; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="[{at.room.label.replace(":", "-")}] minutes {num}.{form}"'
    return answer
