"""Writing a letter into the outbox, and sending what waits there."""

import logging
import secrets
from collections.abc import Callable, Collection
from datetime import timedelta
from urllib.parse import urlsplit

from flask import current_app, render_template
from sqlalchemy import select, update

from hub.db import db, end_reading, now, unit_of_work
from hub.mail import transports
from hub.mail.models import Mail

log = logging.getLogger("hub.mail")
LEASE = timedelta(minutes=5)  # how long a letter belongs to the process that is sending it
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
MOST_TRIES = 14  # the waits double: about a day and a half in all


def send(to: str, template: str, notification_id: int | None = None, **values: object) -> None:
    """Put a letter into the outbox of this unit of work. The template's first line is the subject."""
    subject, _blank, body = render_template(f"emails/{template}.txt", **values).partition("\n\n")
    host = urlsplit(str(current_app.config["HUB_URL"])).hostname
    letter = Mail(message_id=f"<{secrets.token_hex(16)}@{host}>", to=to, subject=subject.strip(), body=body.strip() + "\n", notification_id=notification_id)
    db.session.add(letter)


def withdraw(notification_ids: Collection[int]) -> None:
    """Letters about these notifications that wait are given up, and emptied."""
    waiting = (Mail.notification_id.in_(notification_ids), Mail.done_at.is_(None))
    if notification_ids:
        db.session.execute(update(Mail).where(*waiting).values(done_at=now(), failure="withdrawn", body="", subject=""))


def deliver(still_due: Callable[[Mail], bool] = lambda _letter: True) -> int:
    """Send every letter that is due, each in its own units of work; returns how many left.

    ``still_due`` is asked before each try; a letter that it says no to is given up.

    A letter is claimed before and marked after it is sent: a crash between the two sends it twice, with one Message-ID.
    """
    transport = transports.for_url(current_app.config["HUB_MAIL_URL"])
    sent = 0
    while letter := _claim_next():
        if not still_due(letter):
            _finish(letter, failure="no longer due")
            continue
        try:
            transport(letter)
        except transports.Undeliverable as refusal:
            _finish(letter, failure=str(refusal))
        except OSError as trouble:  # smtplib's errors are OSErrors too
            _retry(letter, type(trouble).__name__)
        except Exception as trouble:  # one letter that cannot be written must not keep the others waiting
            log.exception("mail cannot be written", extra={"mail": letter.id})
            _finish(letter, failure=type(trouble).__name__)
        else:
            _finish(letter, failure=None)
            sent += 1
    return sent


def _claim_next() -> Mail | None:
    due = (Mail.done_at.is_(None), Mail.next_try_at <= now())
    with unit_of_work():
        first = select(Mail.id).where(*due).order_by(Mail.next_try_at, Mail.id).limit(1).scalar_subquery()
        claim = update(Mail).where(Mail.id == first, *due).values(next_try_at=now() + LEASE, tries=Mail.tries + 1).returning(Mail.id)
        claimed = db.session.scalar(claim)
    letter = db.session.get(Mail, claimed) if claimed else None
    if letter is not None:
        db.session.refresh(letter)
        db.session.expunge(letter)
    end_reading()
    return letter


def _finish(letter: Mail, failure: str | None) -> None:
    with unit_of_work():
        db.session.execute(update(Mail).where(Mail.id == letter.id).values(done_at=now(), failure=failure, body="", subject=""))


def _retry(letter: Mail, failure: str) -> None:
    if letter.tries >= MOST_TRIES:
        _finish(letter, failure)
        return
    wait = min(FIRST_WAIT * 2 ** (letter.tries - 1), LONGEST_WAIT)
    with unit_of_work():
        db.session.execute(update(Mail).where(Mail.id == letter.id).values(next_try_at=now() + wait, failure=failure))
