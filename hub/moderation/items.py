"""One item of the queue: claiming it, looking at a passage, deciding."""

from typing import NamedTuple

from flask import current_app, flash, redirect, render_template, request, url_for

from hub import policy, text, web
from hub.accounts.models import User
from hub.accounts.queries import members_by_id
from hub.audit.actions import record
from hub.db import db, unit_of_work
from hub.mail import transports
from hub.moderation import deciding, purging, queries, redacting, releasing, sanctions, targets
from hub.moderation.deciding import Decision
from hub.moderation.forms import KINDS, REASONS, DecideForm, allowed
from hub.moderation.queue import lines_of
from hub.moderation.redaction import Span, cut, joined, places_of, spans_of, written
from hub.moderation.targets import Snapshot
from hub.moderation.views import bp
from hub.review import actions as review
from hub.review.models import ItemKind, Reason, ReviewItem
from hub.review.queries import get_item
from hub.safeguard.scan import scan
from hub.web import Answer, me, signed_in
from hub.words import _, later


@bp.get("/moderation/<int:item_id>")
@signed_in
def item(item_id: int) -> Answer:
    policy.require(me(), "queue.see")
    found = get_item(me(), item_id)
    return _item_page(found, DecideForm(allowed(found.kind, found.target_kind), formdata=None, data={"version": found.version}))


class Piece(NamedTuple):
    """A stretch of the text as the page shows it; ``place`` is set for a passage, which is masked until it is looked at."""

    words: str
    place: str
    kind: str
    open: bool


def _item_page(found: ReviewItem, form: DecideForm, code: int = 200, looked: "Looked | None" = None) -> Answer:
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
        exposure=queries.exposure(found) if found.target_kind == "post" and mine else None,
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
        flash(_taken(get_item(me(), item_id)))
    return redirect(url_for(".queue") if release else url_for(".item", item_id=item_id), 303)


def _taken(found: ReviewItem) -> str:
    """By whom, and when."""
    member = members_by_id({found.decided_by_id or found.claimed_by_id or 0}).get(found.decided_by_id or found.claimed_by_id or 0)
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


# --- deciding --------------------------------------------------------------------------------------------------


class Looked(NamedTuple):
    """What a redaction would do, shown before it is done."""

    spans: str
    after: str
    quotes: list[redacting.Quoting]


@bp.post("/moderation/<int:item_id>/decide")
@signed_in
def decide(item_id: int) -> Answer:
    policy.require(me(), "queue.see")
    found = get_item(me(), item_id)
    form = DecideForm(allowed(found.kind, found.target_kind))
    seen = web.small(str(form.version.data))
    if not form.accepted():
        return _item_page(get_item(me(), item_id), form, 400)
    try:
        ready = _ready(item_id, form)
        if "look" in request.form and ready.redacted:
            return _item_page(
                get_item(me(), item_id),
                form,
                200,
                Looked(written(ready.spans), cut(ready.source, ready.spans), [quoting for quoting, _body in ready.redacted.quoting]),
            )
        with unit_of_work():
            _decide(item_id, form, seen, ready)
        transports.forget_kept(str(current_app.config["HUB_MAIL_URL"]), ready.passages)
    except review.Taken:
        flash(_taken(get_item(me(), item_id)))
        return redirect(url_for(".item", item_id=item_id), 303)
    except (redacting.Changed, deciding.NotAllowed, sanctions.NeedsEnd, text.Refused, ValueError) as refusal:
        form.decision.errors = [_why(refusal)]
        return _item_page(get_item(me(), item_id), form, 409 if isinstance(refusal, redacting.Changed) else 400)
    flash(_done(item_id))
    return redirect(url_for(".queue"), 303)


class Ready(NamedTuple):
    """What was worked out before anything is locked."""

    redacted: redacting.Redacted | None = None
    released: releasing.Released | None = None
    source: str = ""
    spans: tuple[Span, ...] = ()

    @property
    def passages(self) -> list[str]:
        return [self.source[span.start : span.end] for span in self.spans]


def _ready(item_id: int, form: DecideForm) -> Ready:
    """Raises ``ValueError`` for places that are none, ``Refused`` for a text that cannot be stored."""
    found, wanted = get_item(me(), item_id), form.decision.data
    taken = targets.snapshot(found)
    purges = wanted == deciding.REMOVE and found.target_kind == "post" and found.rule in Reason.HIDING and taken is not None
    if not purges and wanted != deciding.REDACT and (wanted != deciding.RESTORE or found.kind != ItemKind.HELD):
        return Ready()
    if taken is None:
        raise deciding.NotAllowed("gone")
    spans = _spans(form, taken) if wanted != deciding.RESTORE else []
    if purges:
        return Ready(redacting.quoting_of(found, taken, spans), None, taken.source, (Span(0, len(taken.source)),))
    if wanted == deciding.REDACT and not spans:
        raise deciding.NotAllowed("spans")
    if found.target_kind == "held":
        author = db.session.get_one(User, found.author_id or 0)
        return Ready(*releasing.released(author, taken, spans), taken.source, tuple(spans))
    return Ready(redacting.redacted(found, taken, spans), None, taken.source, tuple(spans))


def _spans(form: DecideForm, taken: Snapshot) -> list[Span]:
    """The passages to take out: by place, as ticked, and by their words."""
    source = taken.source
    places = spans_of(",".join([form.spans.data or "", *(form.passage.data or [])]), len(source))
    for line in (form.words.data or "").splitlines()[:50]:
        said = places_of(line[:2_000], source)
        if line.strip() and not said:
            raise deciding.NotAllowed("words")
        places += said
    return joined(places)


def _decide(item_id: int, form: DecideForm, seen: int, ready: Ready) -> None:
    found = get_item(me(), item_id)
    removed = "\n".join(ready.passages)
    made = Decision(
        form.decision.data, form.reason.words, seen, form.label.data, form.sanction.data or "", form.end(), ready.redacted, removed, len(ready.spans)
    )  # fmt: skip
    held = (lambda actor, item, made: releasing.decide(actor, item, made, ready.released)) if found.target_kind == "held" else None
    deciding.decide(me(), found, made, held)


WHY: dict[str, str] = {
    "spans": later("Say which passages to take out: tick them, or write their words."),
    "words": later("Some of these words are not in the text. Write them exactly as they stand there, one passage a line."),
    "label": later("The new label must be stricter than the present one."),
    "gone": later("The text is not there any more."),
    "place": later("It cannot be posted where it was meant to go: the thread is closed, gone, or the form was incomplete. Return it to its author."),
}


def _why(refusal: Exception) -> str:
    if isinstance(refusal, redacting.Changed):
        return _("The text, or one that quotes it, was changed while you decided. Nothing is lost: look at it again.")
    if isinstance(refusal, sanctions.NeedsEnd):
        return _("A silence or a suspension needs a day on which it ends.")
    if isinstance(refusal, text.Refused):
        return str(refusal)
    return str(WHY.get(str(refusal), _("This cannot be decided here.")) if isinstance(refusal, deciding.NotAllowed) else _("Those places are not in the text."))


def _done(item_id: int) -> str:
    return _("Decided. The removed words are wiped from the disk in a moment.") if purging.waiting(item_id) else _("Decided, and told.")
