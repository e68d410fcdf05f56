"""Where letters go: a mail server, a folder, or nowhere but a line on the console."""

import os
import smtplib
import ssl
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default as modern
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from flask import current_app

from hub import config
from hub.db import now
from hub.mail.models import Mail

Transport = Callable[[Mail], None]
PATIENCE = 10  # seconds for each answer of a mail server


class Undeliverable(Exception):
    """The mail server refused this letter for good."""


def for_url(url: str) -> Transport:
    """The transport of HUB_MAIL_URL. Raises ``SystemExit`` for a scheme the hub does not know."""
    parts = urlsplit(url)
    if parts.scheme == "console":
        return _print_addressee
    if parts.scheme == "file":
        return lambda letter: _keep(letter, folder(url))
    if parts.scheme in ("smtp", "smtps"):
        return lambda letter: _hand_over(letter, parts)
    raise SystemExit(f"HUB_MAIL_URL must begin with smtp:, smtps:, file: or console:, not {parts.scheme or 'nothing'}.")


def folder(url: str) -> Path:
    return config.ROOT / url.removeprefix("file:").removeprefix("//")


def forget_kept(url: str, passages: Iterable[str]) -> int:
    """Delete the letters of a folder that say one of these; returns how many. Letters that left for a mail server are out of reach."""
    wanted = [" ".join(passage.split()) for passage in passages if passage.strip()]
    forgotten = 0
    for path in folder(url).glob("*.eml") if url.startswith("file:") and wanted else ():
        letter = message_from_bytes(path.read_bytes(), policy=modern)
        words = " ".join(f"{letter['Subject']} {letter.get_content()}".split())
        if any(passage in words for passage in wanted):
            path.unlink(missing_ok=True)
            forgotten += 1
    return forgotten


def _print_addressee(letter: Mail) -> None:
    print(f"mail for {letter.to}", flush=True)


def _keep(letter: Mail, where: Path) -> None:
    where.mkdir(parents=True, exist_ok=True)
    path = where / f"{letter.id:08d}.eml"
    begun = path.with_suffix(".begun")  # so that nobody reads half of it
    with open(os.open(begun, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as kept:
        kept.write(bytes(_message(letter)))
    begun.replace(path)


def _message(letter: Mail) -> EmailMessage:
    message = EmailMessage()
    message["From"] = current_app.config["HUB_MAIL_FROM"]
    message["To"] = Address(addr_spec=letter.to)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(now())
    message["Message-ID"] = letter.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body)
    return message


def _hand_over(letter: Mail, parts: SplitResult) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(_connect(parts))
        if parse_qs(parts.query).get("tls") == ["starttls"]:
            server.starttls(context=ssl.create_default_context())
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        try:
            server.send_message(_message(letter))
        except smtplib.SMTPRecipientsRefused as refusal:
            code = max(code for code, _words in refusal.recipients.values())
            raise _final_or_passing(code, refusal) from refusal
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as refusal:
            raise _final_or_passing(refusal.smtp_code, refusal) from refusal


def _connect(parts: SplitResult) -> smtplib.SMTP:
    host = parts.hostname or "127.0.0.1"
    if parts.scheme == "smtps":
        return smtplib.SMTP_SSL(host, parts.port or 465, timeout=PATIENCE, context=ssl.create_default_context())
    return smtplib.SMTP(host, parts.port or 25, timeout=PATIENCE)


def _final_or_passing(code: int, refusal: Exception) -> Exception:
    return Undeliverable(f"refused with {code}") if code >= 500 else refusal
