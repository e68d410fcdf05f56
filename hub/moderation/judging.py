"""Deciding on an item: looked at first where words are taken out, then done."""

from collections.abc import Collection

from flask import current_app, flash, redirect, url_for

from hub import policy, text, web
from hub.accounts.models import User
from hub.db import db, unit_of_work
from hub.mail import transports
from hub.moderation import deciding, decisions, preparing, purging, redacting, releasing, sanctions, targets
from hub.moderation.decisions import Decision
from hub.moderation.forms import DecideForm, allowed
from hub.moderation.items import form_of, item_page, take, taken_by, told
from hub.moderation.preparing import Ready
from hub.moderation.views import bp
from hub.review import actions as review
from hub.review.models import ReviewItem
from hub.review.queries import get_item
from hub.web import Answer, me, signed_in
from hub.words import _, later, plural

WHY: dict[str, str] = {
    "spans": later("Say what to take out: tick passages or files, or write words."),
    "words": later("Some of these words are not in the text. Write them exactly as they stand there, one passage a line."),
    "places": later("Those places are not in the text."),
    "nothing": later("This decision takes no words out of a text."),
    "label": later("The new label must be stricter than the present one."),
    "gone": later("The text is not there any more."),
    "place": later("It cannot be posted where it was meant to go: the thread is closed, gone, or the form was incomplete. Return it to its author."),
}


@bp.post("/moderation/<int:item_id>/decide")
@signed_in
def decide(item_id: int) -> Answer:
    policy.require(me(), "queue.see")
    form = form_of(get_item(me(), item_id))
    if not form.accepted():
        return _refused(item_id, form, 400)
    if not _may_sanction(get_item(me(), item_id), form):
        return _refused(item_id, form, 403)
    try:
        _take_first(item_id, form)
        ready = _ready(get_item(me(), item_id), form)
        if form.looking or (form.ask.data and ready.quoting):
            return item_page(get_item(me(), item_id), form, 200, ready)
        if form.listed.data:
            ready = _as_seen(ready, form.seen(), form.spared())
        with unit_of_work():
            _decide(get_item(me(), item_id), form, ready)
        transports.forget_kept(str(current_app.config["HUB_MAIL_URL"]), ready.passages)
    except review.Taken:
        flash(taken_by(get_item(me(), item_id)))
        return redirect(url_for(".item", item_id=item_id), 303)
    except (redacting.Changed, decisions.NotAllowed, sanctions.NeedsEnd, text.Refused) as refusal:
        form.decision.errors = [_why(refusal)]
        return _refused(item_id, form, 409 if isinstance(refusal, redacting.Changed) else 400)
    flash(_done(get_item(me(), item_id), len(ready.quoting), bool(form.sanction.data)))
    return redirect(url_for(".queue"), 303)


def _take_first(item_id: int, form: DecideForm) -> None:
    """Words are compared with a text for whoever took its item, and the record says so. Raises ``Taken``."""
    named = form.words.data or form.spans.data or form.passage.data
    compares = form.looking or form.ask.data or named or form.decision.data == decisions.REDACT
    if compares and not review.claimed_by(me(), get_item(me(), item_id)):
        take(item_id, web.small(str(form.version.data)))
        form.version.data = web.small(str(form.version.data)) + 1


def _done(found: ReviewItem, quotes: int, sanctioned: bool) -> str:
    """What was done, and who is told."""
    choices = allowed(found.kind, found.target_kind)
    said = [_("“%(decision)s”: done, and its author is told.", decision=choices[found.outcome][0])]
    if quotes:
        said.append(plural("%(num)s other post lost the words as well.", "%(num)s other posts lost the words as well.", quotes))
    if sanctioned:
        said.append(_("The sanction is imposed."))
    if found.outcome in (decisions.REDACT, decisions.REMOVE) and purging.waiting(found.id):
        said.append(_("The words are wiped from the disk in a moment."))
    return " ".join(said)


def _may_sanction(found: ReviewItem, form: DecideForm) -> bool:
    """A moderator or an admin is an admin's matter."""
    author = db.session.get(User, found.author_id or 0)
    if not form.sanction.data or author is None or policy.can(me(), "member.sanction", author):
        return True
    form.sanction.errors = [_("Its author is a moderator or an admin: only an admin imposes that. Decide without it, and tell an admin.")]
    return False


def _ready(found: ReviewItem, form: DecideForm) -> Ready:
    """Raises ``NotAllowed``, and ``Refused`` for a text that cannot be stored."""
    taken = targets.snapshot(found)
    wanted = form.decision.data
    if taken and form.source.data and form.source.data != told(taken):
        raise redacting.Changed
    spans = form.places(taken.source) if taken and wanted in (decisions.REDACT, decisions.REMOVE) else []
    ready = preparing.ready(found, wanted, spans, form.files())
    if form.looking and ready == Ready():
        raise decisions.NotAllowed("nothing")
    return ready


def _as_seen(ready: Ready, seen: Collection[int], spared: Collection[int]) -> Ready:
    """Raises ``Changed`` when more posts say it than the moderator saw."""
    if {quoting.post_id for quoting in ready.quoting} - set(seen):
        raise redacting.Changed
    return ready.sparing(spared)


def _refused(item_id: int, form: DecideForm, code: int) -> Answer:
    """The page with what was typed; what was looked at before is shown again, as it is now."""
    found = get_item(me(), item_id)
    try:
        looked = _ready(found, form) if form.listed.data and review.claimed_by(me(), found) else None
    except (decisions.NotAllowed, redacting.Changed, text.Refused):
        looked = None
    return item_page(get_item(me(), item_id), form, code, looked)


def _decide(found: ReviewItem, form: DecideForm, ready: Ready) -> None:
    made = Decision(
        form.decision.data, form.reason.words, web.small(str(form.version.data)), form.label.data, form.sanction.data or "", form.end(), ready.redacted,
        "\n".join(ready.passages), len(ready.spans), form.files() if form.decision.data == decisions.REDACT else (),
    )  # fmt: skip
    held = (lambda actor, item, made: releasing.decide(actor, item, made, ready.released)) if found.target_kind == "held" else None
    deciding.decide(me(), found, made, held)


def _why(refusal: Exception) -> str:
    if isinstance(refusal, redacting.Changed):
        return _("The text, or one that says the same, was changed while you decided. Nothing is lost: look at it again.")
    if isinstance(refusal, sanctions.NeedsEnd):
        return _("A silence or a suspension needs a day on which it ends.")
    if isinstance(refusal, text.Refused):
        return str(refusal)
    return str(WHY.get(str(refusal), _("This cannot be decided here.")))
