"""How the safeguard's rules fare: what they stopped, what writers decided, and switching one off."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, update

from hub import policy
from hub.audit.actions import record
from hub.db import UserText, add_to, db, hold, now
from hub.policy import User
from hub.review.models import SafeguardChoice, SafeguardRule
from hub.safeguard.scan import RULES

KEPT_COLUMNS = {"remove": SafeguardRule.removed, "replace": SafeguardRule.replaced, "keep": SafeguardRule.kept}


class Choice(NamedTuple):
    """What a writer decided on a passage that a rule found."""

    rule: str
    severity: int
    choice: str
    why: UserText


def count_found(rules: Iterable[str]) -> None:
    """Note that rules stopped a text which was sent."""
    for rule, times in sorted(Counter(rules).items()):
        add_to(SafeguardRule.found, times, rule=rule)


def record_choices(user_id: int | None, choices: Iterable[Choice]) -> None:
    for made in sorted(choices):
        db.session.add(SafeguardChoice(user_id=user_id, rule=made.rule, severity=made.severity, choice=made.choice, why=made.why))
        add_to(KEPT_COLUMNS[made.choice], 1, rule=made.rule)


def switch_rule(actor: User, rule: str, off: bool, reason: UserText) -> None:
    """Switch a rule off or on again. Raises ``KeyError`` for a rule there is not."""
    policy.require(actor, "rule.switch")
    if rule not in {known.id for known in RULES}:
        raise KeyError(rule)
    hold(f"rule {rule}")
    if (db.session.scalar(select(SafeguardRule.off_at).where(SafeguardRule.rule == rule)) is not None) == off:
        return
    since: datetime | None = now() if off else None
    add_to(SafeguardRule.found, 0, rule=rule)
    db.session.execute(update(SafeguardRule).where(SafeguardRule.rule == rule).values(off_at=since))
    record(actor, "safeguard.off" if off else "safeguard.on", ("rule", None), reason, rule=rule)
