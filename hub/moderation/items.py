"""One item of the queue: its page, claiming it, looking at a passage."""

from typing import NamedTuple

from flask import flash, redirect, render_template, request, url_for

from hub import policy, text, web
from hub.accounts.queries import members_by_id
from hub.audit.actions import record
from hub.db import unit_of_work
from hub.moderation import exposure, purging, queries, targets
from hub.moderation.forms import KINDS, REASONS, DecideForm, allowed
from hub.moderation.preparing import Ready
from hub.moderation.queue import lines_of
from hub.moderation.redaction import Span, joined, written
from hub.moderation.targets import Snapshot
from hub.moderation.views import bp
from hub.review import actions as review
from hub.review.models import ReviewItem
from hub.review.queries import get_item
from hub.safeguard.scan import scan
from hub.web import Answer, me, signed_in
from hub.words import _


@bp.get("/moderation/<int:item_id>")
@signed_in
def item(item_id: int) -> Answer:
    policy.require(me(), "queue.see")
    found = get_item(me(), item_id)
    return item_page(found, DecideForm(allowed(found.kind, found.target_kind), formdata=None, data={"version": found.version}))


class Piece(NamedTuple):
    """A stretch of the text as the page shows it; ``place`` is set for a passage, which is masked until it is looked at."""

    words: str
    place: str
    kind: str
    open: bool


def item_page(found: ReviewItem, form: DecideForm, code: int = 200, looked: Ready | None = None) -> Answer:
    """``looked`` is what the decision in the form would take out."""
    web.restrict_copies()
    mine = review.claimed_by(me(), found)
    taken = targets.snapshot(found) if mine else None  # what was written is for the moderator who decides
    appealed = queries.found_item(found.target_id) if found.target_kind == "item" else None
    form.version.data = found.version
    return render_template(
        "moderation/item.html", line=lines_of([found])[0], item=found, form=form, allowed=allowed(found.kind, found.target_kind), looked=looked, mine=mine,
        pieces=_pieces(found, taken) if taken else [], passages=len(_passages(taken)) if taken else 0, gone=taken is None,
        changed=bool(taken and taken.changed),
        may=policy.can(me(), "item.decide", review.concerned(found)), appealed=appealed, purges=queries.purges_of(found), reasons=REASONS, kinds=KINDS,
        members=members_by_id({row for row in (found.claimed_by_id, found.decided_by_id) if row}), pending=purging.waiting(found.id),
        exposed=exposure.exposed(found) if found.target_kind == "post" and mine else None, spans=written(looked.spans) if looked else "",
    ), code  # fmt: skip


def _passages(taken: Snapshot) -> list[tuple[Span, str]]:
    """What the safeguard finds in the whole text, with its kind; what overlaps is one."""
    found = scan(taken.source, taken.lang)
    return [(span, next(f.kind for f in found if span.start <= f.start < span.end)) for span in joined(Span(f.start, f.end) for f in found)]


def _pieces(found: ReviewItem, taken: Snapshot) -> list[Piece]:
    seen, pieces, at, source = queries.unmasked(me(), found), [], 0, taken.source
    for span, kind in _passages(taken):
        pieces.append(Piece(source[at : span.start], "", "", True))
        place = written([span])
        pieces.append(Piece(source[span.start : span.end], place, kind, place in seen))
        at = span.end
    return [*pieces, Piece(source[at:], "", "", True)]


@bp.post("/moderation/<int:item_id>/claim")
@signed_in
def claim(item_id: int) -> Answer:
    """Take an item, or with ``release`` give it back; the other moderator hears who was quicker."""
    policy.require(me(), "queue.see")
    release = request.form.get("release") == "1"
    version = web.small(request.form.get("version", ""))
    try:
        with unit_of_work():
            found = get_item(me(), item_id)
            (review.release if release else review.claim)(me(), found, version)
            record(
                me(),
                "item.release" if release else "item.claim",
                ("item", item_id),
                text.prepare_line(_("Given back") if release else _("Taken from the queue")),
            )
    except review.Taken:
        flash(taken_by(get_item(me(), item_id)))
    return redirect(url_for(".queue") if release else url_for(".item", item_id=item_id), 303)


def taken_by(found: ReviewItem) -> str:
    """Why a moderator came too late, and who was quicker."""
    member_id = found.decided_by_id or found.claimed_by_id or 0
    member = members_by_id({member_id}).get(member_id)
    who = f"{member.role_title}, {member.organisation.short_name}" if member else _("somebody else")
    if found.closed_at is not None:
        return _("%(who)s has decided this meanwhile.", who=who)
    if found.claimed_by_id not in (None, me().id):
        return _("%(who)s took this before you.", who=who)
    return _("This has changed since you opened it. Look at it as it is now.")


@bp.post("/moderation/<int:item_id>/unmask")
@signed_in
def unmask(item_id: int) -> Answer:
    """Look at one passage; the record says so."""
    policy.require(me(), "queue.see")
    place = request.form.get("place", "")
    with unit_of_work():
        found = get_item(me(), item_id)
        taken = targets.snapshot(found)
        if review.claimed_by(me(), found) and taken and place in {written([span]) for span, _kind in _passages(taken)} - queries.unmasked(me(), found):
            record(me(), "item.unmask", ("item", item_id), text.prepare_line(_("To decide on it")), place=place)
    return redirect(url_for(".item", item_id=item_id, _anchor="source"), 303)
