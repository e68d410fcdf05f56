"""How often something guarded may be tried, counted in the database so that a restart forgets nothing."""

import hashlib
import hmac
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import delete, func, select, update

from hub.accounts.models import Attempt
from hub.db import db, hold, now, unit_of_work

WINDOW = timedelta(minutes=15)
TRY_LASTS = timedelta(minutes=1)  # one that never ended, because its process did, stops counting
PATIENCE, LOOK_EVERY = 15, 0.5  # seconds


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


def take_turn(purpose: str, account: str, address: str, limits: Limits) -> int:
    """Begin a guarded try, in a unit of work of its own; returns its id for ``failed`` or ``forgive``.

    Tries under way count too, so parallel guesses are as limited as others; but they may yet succeed, so one more
    waits for them. Raises ``TooMany`` when failures alone reach a limit.
    """
    for _look in range(int(PATIENCE / LOOK_EVERY)):
        with unit_of_work():
            attempt = _begin(purpose, account, address, limits)
        if attempt is not None:
            return attempt
        time.sleep(LOOK_EVERY)
    raise TooMany(1)


def _begin(purpose: str, account: str, address: str, limits: Limits) -> int | None:
    db.session.execute(delete(Attempt).where(Attempt.at < now() - timedelta(days=1)))
    for column, value, most in ((Attempt.account, keyed(account), limits.account), (Attempt.address, keyed(address), limits.address)):
        hold(f"{purpose} {value}")
        same = (Attempt.purpose == purpose, column == value, Attempt.at > now() - WINDOW)
        failures, oldest, under_way = db.session.execute(
            select(
                func.count().filter(Attempt.failed),
                func.min(Attempt.at).filter(Attempt.failed),
                func.count().filter(Attempt.failed.is_(False), Attempt.at > now() - TRY_LASTS),
            ).where(*same)
        ).one()  # one statement: a try that fails between two would be counted by neither
        if failures >= most:
            raise TooMany(_seconds_until(oldest + WINDOW))
        if failures + under_way >= most:
            return None
    attempt = Attempt(purpose=purpose, account=keyed(account), address=keyed(address))
    db.session.add(attempt)
    db.session.flush()
    return attempt.id


def failed(attempt_id: int) -> None:
    with unit_of_work():
        db.session.execute(update(Attempt).where(Attempt.id == attempt_id).values(failed=True))


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
