"""The page on which minutes are written; a stale save shows what others stored and what was typed, put together."""

from flask import flash, redirect, render_template, request, url_for

from hub import policy
from hub.db import UserText, end_reading, unit_of_work
from hub.minutes import beginning, queries, writing
from hub.minutes.content import Clash, Content, content_of, merge
from hub.minutes.forms import MinutesForm, content_in, minutes_form, names
from hub.minutes.models import MinutesRevision, Section
from hub.minutes.views import Open, bp, opened, shown_with, unhidden
from hub.resume import resumable, resuming
from hub.rooms import log
from hub.rooms import queries as rooms
from hub.web import Answer, me, signed_in, small
from hub.words import _, later

REFUSED: dict[type, str] = {
    writing.Agreed: later("All heads signed meanwhile: agreed minutes stay as they are, and nothing was stored. Your words are below."),
    writing.Held: later("A moderator looks at a line of this draft: until then nobody changes it, and nothing was stored. Your words are below."),
}


@bp.route("/rooms/<public_id>/minutes/<int:num>/edit", methods=["GET", "POST"])
@signed_in
@resumable
def edit(public_id: str, num: int) -> Answer:
    """The newest version, with what was marked since at the end of its sections; a stale save shows both, put together."""
    typed = request.method == "POST" or resuming()  # then whatever is refused is shown again
    at = opened(public_id, num) if typed else unhidden(public_id, num)
    delegates = rooms.delegates_of(at.room.id)
    if not typed:
        if at.minutes.agreed_at is not None or not policy.can(me(), "room.write", at.room):
            flash(_("Agreed minutes stay as they are.") if at.minutes.agreed_at else _("The room is paused or closed, or you may not write just now."))
            return redirect(at.minutes.path, 303)
        added = beginning.marked(me(), at.room, at.sides, at.newest.marks_upto)
        content = _with(content_of(at.newest, at.sides), added)
        form = minutes_form(at.room, at.sides, delegates, _named_before(at), content, base=str(at.minutes.version), marks_upto=str(at.room.last_seq))
        return _edit_page(at, form, 200, added=sum(map(len, added.values())))
    form = minutes_form(at.room, at.sides, delegates, _named_before(at))
    if not form.accepted():
        return _edit_page(opened(public_id, num), form, 200 if resuming() or form.applied else 400)
    return _save(public_id, num, form)


def _with(content: Content, added: Content) -> Content:
    return {place: [*rows, *added.get(place, [])] for place, rows in content.items()}


def _edit_page(at: Open, form: MinutesForm, code: int, added: int = 0, clashes: list[Clash] | None = None, merged: bool = False) -> Answer:
    fields = {place: form[name] for place, name in names(at.sides).items()}
    page = render_template(
        "minutes/edit.html", **shown_with(at), form=form, fields=fields, added=added, clashes={one.place: one for one in clashes or ()}, merged=merged,
        by_side=Section.BY_SIDE,
    )  # fmt: skip
    return page, code


def _save(public_id: str, num: int, form: MinutesForm) -> Answer:
    base = small(form.base.data or "")
    at = opened(public_id, num)
    before = queries.get_version(me(), at.minutes, base)
    typed = content_in(form, at.room, at.sides, _roles(at, before))
    end_reading()
    try:
        with unit_of_work():
            seat = rooms.get_seat(me(), public_id)
            marks_upto = min(small(form.marks_upto.data or ""), seat.room.last_seq)
            version = writing.save(me(), seat, queries.get_minutes(me(), seat, num), before.num, typed, marks_upto)
    except writing.Stale:
        return _put_together(public_id, num, before.num, typed, form)
    except (writing.Agreed, writing.Held, log.NotOpen, policy.Forbidden) as why:
        flash(REFUSED.get(type(why), _("The room is paused or closed, or you may not write just now: nothing was stored. Your words are below.")))
        return _edit_page(opened(public_id, num), form, 403)
    flash(_("Saved as version %(n)s.", n=version))
    return redirect(url_for(".minutes", public_id=public_id, num=num), 303)


def _named_before(at: Open) -> set[str]:
    """Who has an action in any version, as forms name them."""
    return {f"{side_id}:{owner_id}" for side_id, owner_id in queries.named_in(me(), at.minutes)}


def _roles(at: Open, before: MinutesRevision) -> dict[int, UserText]:
    """Who may have an action, with their roles; for those whom a version names already, as it names them."""
    known = {one.user_id: one.user.role_title for one in rooms.delegates_of(at.room.id)}
    return known | {line.owner_id: line.owner for version in (at.newest, before) for line in version.lines if line.owner_id}


def _put_together(public_id: str, num: int, base: int, typed: Content, form: MinutesForm) -> Answer:
    """What others stored and what was typed, upon the newest version; nothing is stored before it was looked at."""
    at = opened(public_id, num)
    both = merge(content_of(queries.get_version(me(), at.minutes, base), at.sides), content_of(at.newest, at.sides), typed)
    fresh = minutes_form(
        at.room, at.sides, rooms.delegates_of(at.room.id), _named_before(at), both.content, base=str(at.minutes.version), marks_upto=form.marks_upto.data
    )  # fmt: skip
    return _edit_page(at, fresh, 409, clashes=both.clashes, merged=True)
