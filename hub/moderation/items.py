"""One item of the queue: its page, claiming it, looking at a passage."""

from collections.abc import Collection, Sequence
from hashlib import sha256
from typing import NamedTuple

from flask import flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from hub import policy, text, web
from hub.accounts.queries import members_by_id
from hub.audit.actions import record
from hub.db import unit_of_work
from hub.discussions.models import Label
from hub.discussions.queries import label_of, titles_of
from hub.files.queries import all_of
from hub.files.serving import served
from hub.moderation import decisions, exposure, purging, queries, redacting, targets
from hub.moderation.forms import KINDS, OUTCOMES, REASONS, RULE_WORDS, DecideForm, allowed
from hub.moderation.preparing import Ready
from hub.moderation.queue import lines_of
from hub.moderation.redaction import Span, joined, spans_of, written
from hub.moderation.targets import GAP, Snapshot
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
    return item_page(found, form_of(found, formdata=None, data={"version": found.version}))


def form_of(found: ReviewItem, **values: object) -> DecideForm:
    """What may be decided on an item, with the labels that are stricter than the present one."""
    label = targets.heads(me(), [found])[found.id].label
    stricter = Label.ALL[Label.ALL.index(label) + 1 :] if label in Label.ALL else ()
    choices = allowed(found.kind, found.target_kind)
    return DecideForm({name: words for name, words in choices.items() if name != decisions.RELABEL or stricter}, stricter, **values)


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
    seen = queries.unmasked(me(), found) if taken else set()
    line = lines_of([found])[0]
    form.version.data = found.version
    appealed = queries.found_item(found.target_id) if found.target_kind == "item" else None
    known = _known(taken.source, seen) if taken else set()
    return render_template(
        "moderation/item.html", line=line, item=found, form=form, allowed=allowed(found.kind, found.target_kind), looked=looked, mine=mine,
        pieces=_pieces(taken.source, taken.lang, seen) if taken else [], gone=taken is None, changed=bool(taken and taken.changed), source=told(taken),
        after=_after(looked, taken.lang, known, redacting.mark_of(found)) if looked and taken else [], rule=RULE_WORDS.get((appealed or found).rule, ""),
        may=policy.can(me(), "item.decide", review.concerned(found)), appealed=appealed,
        files=all_of(found.target_id) if taken and found.target_kind == "post" else [], seen=seen,
        appealed_head=targets.heads(me(), [appealed])[appealed.id] if appealed else None,
        purges=queries.purges_of(found), pending=purging.waiting(found.id), reasons=REASONS, kinds=KINDS, outcomes=OUTCOMES, asked=queries.asked_for(found),
        members=members_by_id({row for row in (found.claimed_by_id, found.decided_by_id) if row}),
        exposed=exposure.exposed(found) if found.target_kind == "post" and mine else None, bound=targets.bound_for(me(), found) if mine else None,
        quote_titles=titles_of(me(), {quoting.thread_id for quoting in looked.quoting}) if looked else {},
        posted=targets.posted_from(found) if found.closed_at else None, before=queries.sanctions_of(found) if mine else 0,
    ), code  # fmt: skip


def _known(source: str, seen: set[str]) -> set[str]:
    """The words of passages that were looked at."""
    places = ",".join(place for place in seen if not place.startswith("file-"))
    return {source[span.start : span.end] for span in spans_of(places, len(source))}


def told(taken: Snapshot | None) -> str:
    """What tells one text from another, and says nothing of it but to whoever has it."""
    return sha256(taken.source.encode()).hexdigest()[:16] if taken else ""


def _passages(source: str, lang: str) -> list[tuple[Span, str]]:
    """What the safeguard finds in a whole text, with its kind; what overlaps is one."""
    found = scan(source, lang)
    return [(span, next(f.kind for f in found if span.start <= f.start < span.end)) for span in joined(Span(f.start, f.end) for f in found)]


def _pieces(source: str, lang: str, seen: set[str]) -> list[Piece]:
    """``seen`` are places that were looked at."""
    pieces, at = [], 0
    for span, kind in _passages(source, lang):
        pieces.append(Piece(source[at : span.start], "", "", True))
        place = written([span])
        pieces.append(Piece(source[span.start : span.end], place, kind, place in seen))
        at = span.end
    return [*pieces, Piece(source[at:], "", "", True)]


def _after(looked: Ready, lang: str, known: Collection[str], mark: str) -> list[Piece]:
    """What it will say; passages that stay, and were not looked at (``known`` are the words of those that were), are masked here, too."""
    pieces: list[Piece] = []
    for num, (source, cuts) in enumerate(looked.cuts):
        if num:
            pieces.append(Piece(GAP, "", "", True))
        stays = [(span, kind) for span, kind in _passages(source, lang) if source[span.start : span.end] not in known and not _within(span, cuts)]
        at = 0
        for span, kind in sorted([*stays, *((span, "") for span in cuts)]):
            pieces.append(Piece(source[at : max(at, span.start)], "", "", True))
            pieces.append(Piece("", written([span]), kind, False) if kind else Piece(mark, "", "", True))
            at = max(at, span.end)
        pieces.append(Piece(source[at:], "", "", True))
    return pieces


def _within(span: Span, cuts: Sequence[Span]) -> bool:
    return any(cut.start <= span.start and span.end <= cut.end for cut in cuts)


@bp.post("/moderation/<int:item_id>/claim")
@signed_in
def claim(item_id: int) -> Answer:
    """Take an item, or with ``release`` give it back; the other moderator hears who was quicker."""
    policy.require(me(), "queue.see")
    release = request.form.get("release") == "1"
    version = web.small(request.form.get("version", ""))
    try:
        if release:
            with unit_of_work():
                review.release(me(), get_item(me(), item_id), version)
                record(me(), "item.release", ("item", item_id), text.prepare_line(_("Given back")))
        else:
            take(item_id, version)
    except review.Taken:
        flash(taken_by(get_item(me(), item_id)))
    return redirect(url_for(".queue") if release else url_for(".item", item_id=item_id), 303)


def take(item_id: int, version: int) -> None:
    """Raises ``Taken``."""
    with unit_of_work():
        review.claim(me(), get_item(me(), item_id), version)
        record(me(), "item.claim", ("item", item_id), text.prepare_line(_("Taken from the queue")))


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
        if review.claimed_by(me(), found) and taken and place in _places(found, taken) - queries.unmasked(me(), found):
            record(me(), "item.unmask", ("item", item_id), text.prepare_line(_("To decide on it")), place=place)
    return redirect(url_for(".item", item_id=item_id, _anchor="source"), 303)


def _places(found: ReviewItem, taken: Snapshot) -> set[str]:
    """What a moderator may look at, piece by piece: passages of the text, and files."""
    files = all_of(found.target_id) if found.target_kind == "post" else []
    return {written([span]) for span, _kind in _passages(taken.source, taken.lang)} | {f"file-{file.id}" for file in files}


@bp.get("/moderation/<int:item_id>/files/<public_id>")
@signed_in
def file_of_item(item_id: int, public_id: str) -> Answer:
    """A file of a post that is decided on, for the moderator who took it and chose to look; the record says so."""
    policy.require(me(), "queue.see")
    found = get_item(me(), item_id)
    file = next((file for file in all_of(found.target_id) if file.public_id == public_id), None) if found.target_kind == "post" else None
    if file is None or not review.claimed_by(me(), found) or f"file-{file.id}" not in queries.unmasked(me(), found):
        raise NotFound
    return served(file, label_of(found.target_id))
