"""The moderators' queue: what waits, and deciding on several alike items at once."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from flask import current_app, flash, redirect, render_template, request, url_for
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import NotFound

from hub import policy, text, web
from hub.accounts.models import User
from hub.accounts.queries import members_by_id, states
from hub.db import UserText, now, unit_of_work
from hub.mail import transports
from hub.moderation import deciding, decisions, preparing, queries, redacting, targets
from hub.moderation.forms import KINDS, OUTCOMES, REASONS
from hub.moderation.views import bp
from hub.notifications.actions import seen_about
from hub.reasons import reasoned
from hub.review import actions as review
from hub.review.models import ItemKind, ReviewItem
from hub.review.queries import get_item
from hub.web import Answer, me, signed_in
from hub.words import _, later, plural

SOON = timedelta(hours=1)
TOGETHER = (decisions.RESTORE, decisions.DISMISS, decisions.REMOVE)  # what may need no look at passages
ALIKE = ItemKind.FLAG
MOST_TOGETHER = 25


@bp.get("/moderation")
@signed_in
def queue() -> Answer:
    policy.require(me(), "queue.see")
    if request.args.get("claim") == "done":
        return _decided()
    filters = _filters()
    rows, more = queries.queue(me(), filters, _cursor(request.args.get("after", "")))
    web.restrict_copies()
    given = {name: value for name, value in request.args.items() if name != "after" and value}
    page = render_template(
        "moderation/queue.html", lines=lines_of(rows), following=_place_of(rows[-1]) if more else None, filters=filters, kinds=KINDS, reasons=REASONS,
        alike=ALIKE, states=states(me()), count=queries.waiting(me()), soon=queries.waiting(me(), SOON), narrowed=given,
        month=queries.transparency(),
    )  # fmt: skip
    if me().has_news and request.method == "GET":
        with unit_of_work():
            seen_about(me().id, "queue")
    return page


def _decided() -> Answer:
    """What the moderator decided, to look at again."""
    rows, more = queries.decided_by(me(), web.number("before"))
    web.restrict_copies()
    following = url_for(".queue", claim="done", before=rows[-1].id) if more else None
    return render_template("moderation/decided.html", lines=lines_of(rows), following=following, kinds=KINDS, reasons=REASONS, outcomes=OUTCOMES)


class Line(NamedTuple):
    """An item as the list shows it: nothing of what was written."""

    item: ReviewItem
    head: targets.Head
    causes: list[queries.Cause]
    claimer: User | None
    mine: bool
    free: bool  # whether the moderator who asks may take it

    @property
    def left(self) -> tuple[bool, str]:
        """Whether it is late, and the time to its deadline in words."""
        left = self.item.due_at - now()
        minutes = round(abs(left.total_seconds()) / 60)
        if minutes < 120:
            words = plural("%(num)s min", "%(num)s min", minutes)
        else:
            words = (
                plural("%(num)s hour", "%(num)s hours", round(minutes / 60)) if minutes < 2880 else plural("%(num)s day", "%(num)s days", round(minutes / 1440))
            )
        return left < timedelta(), _("late by %(time)s", time=words) if left < timedelta() else _("%(time)s left", time=words)


def lines_of(rows: list[ReviewItem]) -> list[Line]:
    heads, causes = targets.heads(me(), rows), queries.causes_of(rows)
    held_by, free = members_by_id({row.claimed_by_id for row in rows if row.claimed_by_id}), queries.free_among(me(), rows)
    return [
        Line(row, heads[row.id], causes.get(row.id, []), held_by.get(row.claimed_by_id or 0), review.claimed_by(me(), row), row.id in free) for row in rows
    ]


def _filters() -> queries.Filters:
    kind, state, claim = (request.args.get(name, "") for name in ("kind", "state", "claim"))
    return queries.Filters(kind if kind in ItemKind.ALL else "", state[:2].upper(), claim if claim in ("mine", "free") else "", request.args.get("late") == "1")


def _place_of(row: ReviewItem) -> str:
    own = row.state_code is not None and row.state_code == me().organisation.state_code
    return f"{int(own)}-{row.due_at.timestamp():.6f}-{row.id}"


def _cursor(given: str) -> queries.Cursor | None:
    own, at, row_id = [*given.split("-"), "", "", ""][:3]
    try:
        return queries.Cursor(own == "1", datetime.fromtimestamp(float(at), UTC), int(row_id)) if row_id.isdecimal() and len(row_id) < 10 else None
    except (ValueError, OverflowError, OSError):
        return None


@bp.post("/moderation/decide")
@signed_in
@reasoned(later("Decide on the chosen items"))
def decide_together(reason: UserText) -> Answer:
    """Several alike items, each in its own unit of work; those that others decided meanwhile are told of, and stay."""
    policy.require(me(), "queue.see")
    chosen = [one.partition(":") for one in request.form.getlist("item")[:MOST_TOGETHER]]
    numbers = [(web.small(item_id), web.small(version)) for item_id, _colon, version in chosen]
    done = sum(_decide_one(item_id, version, request.form.get("decision", ""), reason) for item_id, version in numbers)
    flash(plural("%(num)s item decided.", "%(num)s items decided.", done))
    if done < len(numbers):
        flash(_("Some were not: somebody else has them, they changed, other posts say the same words, or the decision does not fit. Open them one by one."))
    return redirect(url_for(".queue"), 303)


def _decide_one(item_id: int, version: int, decision: str, reason: UserText) -> bool:
    """What identifies somebody, and stands in other posts, too, is to be looked at first."""
    try:
        found = get_item(me(), item_id)
        if decision not in TOGETHER or found.kind != ALIKE:
            return False
        wanted = decisions.RESTORE if found.hidden_at and decision == decisions.DISMISS else decision
        ready = preparing.ready(found, wanted)
        if ready.quoting:
            return False
        with unit_of_work():
            made = decisions.Decision(wanted, reason, version, redacted=ready.redacted, removed="\n".join(ready.passages), passages=len(ready.spans))
            deciding.decide(me(), get_item(me(), item_id), made)
        transports.forget_kept(str(current_app.config["HUB_MAIL_URL"]), ready.passages)
    except (review.Taken, redacting.Changed, decisions.NotAllowed, text.Refused, policy.Forbidden, NotFound, OperationalError):
        return False
    return True
