"""Pages of moderators and admins: how the safeguard's rules fare, and the record of staff actions."""

import json
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from hub import policy, web
from hub.accounts.queries import members_by_id
from hub.audit import queries as audit
from hub.audit.models import AuditRow
from hub.db import UserText, unit_of_work
from hub.reasons import reasoned
from hub.review import queries as review_queries
from hub.review import rules
from hub.safeguard.scan import RULES
from hub.web import Answer, me, signed_in
from hub.words import _, later

bp = Blueprint("moderation", __name__)


@bp.get("/moderation/safeguard")
@signed_in
def safeguard() -> Answer:
    policy.require(me(), "rules.see")
    counts = review_queries.counts_of_rules()
    return render_template("moderation/safeguard.html", rules=RULES, counts=counts)


@bp.get("/moderation/safeguard/<rule_id>")
@signed_in
def safeguard_rule(rule_id: str) -> Answer:
    policy.require(me(), "rules.see")
    rule = next((rule for rule in RULES if rule.id == rule_id), None)
    if rule is None:
        raise NotFound
    row = review_queries.counts_of_rules().get(rule.id)
    return render_template("moderation/rule.html", rule=rule, row=row, given=review_queries.reasons_given(rule.id))


@bp.post("/moderation/safeguard/<rule_id>")
@signed_in
@reasoned(later("Switch the rule on again"), ("off", "1", later("Switch the rule off")))
def switch_rule(rule_id: str, reason: UserText) -> Answer:
    off = request.form.get("off") == "1"
    try:
        with unit_of_work():
            rules.switch_rule(me(), rule_id, off, reason)
    except KeyError:
        raise NotFound from None
    flash(_("The rule is switched off.") if off else _("The rule is on again."))
    return redirect(url_for(".safeguard_rule", rule_id=rule_id), 303)


@bp.get("/moderation/audit")
@signed_in
def audit_page() -> Answer:
    policy.require(me(), "audit.read")
    readable = policy.readable(me(), AuditRow)
    filters = _filters()
    rows, more = audit.page(readable, filters, web.number("before"))
    actors = members_by_id({row.actor_id for row in rows if row.actor_id})
    narrowed: dict[str, Any] = {name: value for name, value in request.args.items() if name != "before" and value}
    following = url_for(".audit_page", before=rows[-1].seq, **narrowed) if more else None
    return render_template(
        "moderation/audit.html", rows=rows, actors=actors, following=following, filters=filters, actions=audit.actions_recorded(readable), given=request.args,
        details=lambda row: json.loads(row.details).items(),
    )  # fmt: skip


def _filters() -> audit.Filters:
    since, until = (_day(request.args.get(name, "")) for name in ("since", "until"))
    return audit.Filters(
        action=request.args.get("action", "")[:60], actor_id=web.number("actor"), target_kind=request.args.get("kind", "")[:40],
        target_id=web.number("target"), since=since, until=until + timedelta(days=1) if until else None,
    )  # fmt: skip


def _day(given: str) -> datetime | None:
    """Midnight UTC of a day such as 2026-11-25; anything else narrows nothing."""
    try:
        day = datetime.strptime(f"{given} +0000", "%Y-%m-%d %z")
    except ValueError:
        return None
    return day if 2000 < day.year < 3000 else None
