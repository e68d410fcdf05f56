"""How often something guarded may be tried, counted in the database so that a restart forgets nothing."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import delete, func, select

from hub.accounts.models import Attempt
from hub.db import db, now

WINDOW = timedelta(minutes=15)


class TooMany(Exception):
    """Raised with the number of seconds after which a new try is counted."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(frozen=True)
class Limits:
    """Tries within 15 minutes."""

    account: int
    address: int


def sign_in_limits() -> Limits:
    return Limits(current_app.config["HUB_SIGN_IN_FAILURES"], current_app.config["HUB_SIGN_IN_FAILURES_ADDRESS"])


def count_try(purpose: str, account: str, address: str, limits: Limits) -> int:
    """Count a try before it is made, so that parallel guesses count too; returns its id for ``forgive``.

    Raises ``TooMany`` and counts nothing when the account or the address must wait.
    """
    since = now() - WINDOW
    db.session.execute(delete(Attempt).where(Attempt.at < now() - timedelta(days=1)))
    for column, value, most in ((Attempt.account, keyed(account), limits.account), (Attempt.address, keyed(address), limits.address)):
        count, oldest = db.session.execute(
            select(func.count(), func.min(Attempt.at)).where(Attempt.purpose == purpose, column == value, Attempt.at > since)
        ).one()
        if count >= most:
            raise TooMany(_seconds_until(oldest + WINDOW))
    attempt = Attempt(purpose=purpose, account=keyed(account), address=keyed(address))
    db.session.add(attempt)
    db.session.flush()
    return attempt.id


def forgive(attempt_id: int) -> None:
    """A success never counts."""
    db.session.execute(delete(Attempt).where(Attempt.id == attempt_id))


def forgive_account(purpose: str, account: str) -> None:
    db.session.execute(delete(Attempt).where(Attempt.purpose == purpose, Attempt.account == keyed(account)))


def keyed(value: str) -> str:
    """A keyed hash: counts without keeping the address."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(secret, value.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _seconds_until(moment: datetime) -> int:
    return max(1, int((moment - now()).total_seconds()) + 1)
