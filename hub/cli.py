"""flask hub …: what an operator does from the command line."""

import json
import re
import time
from itertools import islice
from pathlib import Path
from typing import IO

import click
from flask import current_app
from flask.cli import AppGroup
from flask_migrate import upgrade as migrate
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from hub import config, retention, setup, text
from hub.accounts.handles import give_handles
from hub.accounts.models import Kind, Organisation, Role
from hub.accounts.queries import normal_email
from hub.accounts.words import index_organisation
from hub.audit import queries as audit_queries
from hub.audit.actions import record
from hub.db import db, end_reading, migrations_pending, unit_of_work, why_away
from hub.deliver import turn
from hub.demo import bulk, removing
from hub.demo import seed as demo
from hub.discussions import attaching
from hub.membership import actions as membership
from hub.membership.forms import MAIL_ADDRESS
from hub.minutes import exporting
from hub.moderation import purging
from hub.moderation.replaying import replay
from hub.web import public_url

hub = AppGroup("hub", help="Set up and look after The Practitioner Hub.")


@hub.command("upgrade")
def upgrade() -> None:
    """Make the database, or bring it to what this code needs, and put what every hub holds in place. Safe to repeat."""
    try:
        pending = migrations_pending()
    except OperationalError as trouble:
        raise click.ClickException(f"Nothing is changed: {why_away(trouble)}.") from None
    if pending:
        end_reading()
        migrate(str(config.ROOT / "migrations"))
    click.get_current_context().invoke(set_up)


@hub.command("setup")
def set_up() -> None:
    """Put states, national bodies, pillars and tags in place. Safe to repeat."""
    with unit_of_work():
        added = setup.put_reference_data()
    click.echo(f"reference data: {added} rows added" if added else "reference data: in place")


@hub.command("seed")
@click.option("--size", type=click.IntRange(min=200), help="Instead, add so many posts in a large invented hub, for measuring.")
def seed(size: int | None) -> None:
    """Add the demo: accounts, profiles and threads, all invented. Only with HUB_DEMO=1, and once."""
    if not current_app.config["HUB_DEMO"]:
        raise click.ClickException("HUB_DEMO is off: demo accounts share a public password and do not belong in a real hub.")
    with unit_of_work():
        setup.put_reference_data()
        threads = demo.sow()
    if size:
        with click.progressbar(length=size, label=f"{size} posts") as bar:
            for added in bulk.sow(size):
                bar.update(added)
    click.echo(f"demo: {threads} threads" if threads else "demo: in place")


@hub.command("unseed")
def unseed() -> None:
    """Remove demo accounts, whom they invited, and what they wrote; states, bodies and pillars stay."""
    with unit_of_work():
        removed = removing.remove()
        if removed:
            record(None, "demo.remove", ("demo", None), text.prepare_line("Removed at the command line"), accounts=removed)
    click.echo(f"demo: {removed} accounts removed")


@hub.command("invite")
@click.argument("email")
@click.option("--admin", is_flag=True, required=True, help="The account may administer the hub; everybody else is invited on the site.")
@click.option("--organisation", default="", help="Short name of the organisation; by default the first regional body.")
@click.option("--role-title", default="Administrator", show_default=True)
def invite(email: str, admin: bool, organisation: str, role_title: str) -> None:
    """Invite an admin: prints the link, and puts it into the outbox."""
    if not re.match(MAIL_ADDRESS, email):
        raise click.ClickException("This does not look like a mail address.")
    place = _organisation(organisation)
    if place is None:
        there = db.session.scalars(select(Organisation.short_name).order_by(Organisation.id))
        raise click.ClickException(f"No such organisation. There are: {', '.join(there)}. `flask hub organisation` adds one.")
    try:
        with unit_of_work():
            offer = membership.Offer(normal_email(email), Role.MEMBER, text.prepare_line(role_title), place)
            _invitation, token = membership.invite_admin(offer, text.prepare_line("Invited at the command line"))
    except membership.Known:
        raise click.ClickException("This address has an account or an open invitation already.") from None
    click.echo(f"Single use, 72 hours: {public_url('membership.accept', token=token)}")


def _organisation(short_name: str) -> Organisation | None:
    rows = select(Organisation).order_by(Organisation.id)
    wanted = Organisation.short_name == text.prepare_line(short_name) if short_name else Organisation.kind == Kind.ASEAN_BODY
    return db.session.scalars(rows.where(wanted)).first()


@hub.command("organisation")
@click.argument("name")
@click.option("--kind", type=click.Choice([Kind.AGENCY, Kind.ASEAN_BODY, Kind.PARTNER]), required=True)
@click.option("--short-name", required=True, help="As shown beside members.")
@click.option("--state", default=None, help="Two-letter code; an agency takes its task force's.")
def organisation(name: str, kind: str, short_name: str, state: str | None) -> None:
    """Add an agency under its state's task force, a regional body, or a partner."""
    rows = select(Organisation).where(Organisation.kind == Kind.TASK_FORCE, Organisation.state_code == (state or "").upper())
    with unit_of_work():
        parent = db.session.scalar(rows) if kind == Kind.AGENCY else None
        if kind == Kind.AGENCY and parent is None:
            raise click.ClickException("An agency needs --state, the two-letter code of a state with a task force.")
        added = Organisation(
            kind=kind, name=text.prepare_line(name), short_name=text.prepare_line(short_name, 80), reads_amber=kind == Kind.AGENCY,
            state_code=state.upper() if state else None, parent_id=parent.id if parent else None,
        )  # fmt: skip
        give_handles(added)
        db.session.add(added)
        index_organisation(added)
    click.echo(f"added: {short_name}")


@hub.command("deliver")
@click.option("--loop", is_flag=True, help="Keep running and look every few seconds.")
@click.option("--every", default=3.0, show_default=True, help="Seconds between looks.")
def deliver(loop: bool, every: float) -> None:
    """Send the mail that waits, empty held texts that had their time, and wipe what was removed."""
    attaching.tidy()
    while True:
        try:
            sent = turn()
        except OperationalError as trouble:
            if not loop:
                raise
            click.echo(f"mail waits: {type(trouble.orig).__name__}", err=True)
            sent = 0
        if sent or not loop:
            click.echo(f"mail: {sent} sent")
        if not loop:
            return
        time.sleep(every)


@hub.group("purge")
def purge() -> None:
    """Words that moderators took out: whether the disk holds them still, and taking them out again after an old backup."""


@purge.command("status")
def purge_status() -> None:
    """One line for each row that is pending, and how many are done."""
    waiting, done = purging.status()
    for row in waiting:
        trouble = f": {row.trouble}" if row.trouble else ""
        click.echo(f"pending: {row.table} {row.row_id}, revision {row.revision}, asked {row.asked_at:%Y-%m-%d %H:%M} UTC, {row.tries} tries{trouble}")
    click.echo(f"purge: {len(waiting)} pending, {done} done; the list is {purging.list_file()}")


@purge.command("replay")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
def purge_replay(file: Path | None) -> None:
    """Take out again, after restoring an old backup, what the list says; by default the list beside the database."""
    try:
        again = replay(list(purging.entries(file or purging.list_file())))
    except ValueError:
        raise click.ClickException("This is no list of purges, or it is damaged.") from None
    while purging.work():
        pass
    waiting, _done = purging.status()
    click.echo(f"purge: {again} rows held removed words again{'; wiping is pending, see `flask hub purge status`' if waiting else ', and are wiped'}")


@hub.group("audit")
def audit() -> None:
    """The record of staff actions."""


@audit.command("verify")
@click.option("--head", default="", help="Hash of a row noted elsewhere; the chain must still hold it.")
def audit_verify(head: str) -> None:
    """Check that no row was changed, removed or put between; fails with the first faults."""
    faults = list(islice(audit_queries.faults(), 20))
    if head and not audit_queries.holds(head):
        faults.append(f"no row has the hash {head}")
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        raise click.ClickException("The audit does not hold.")
    click.echo(f"audit: {audit_queries.length()} rows, the chain holds, head {audit_queries.head()}")


@audit.command("export")
@click.argument("file", type=click.File("w"), default="-")
def audit_export(file: IO[str]) -> None:
    """Write every row as a line of JSON."""
    for row in audit_queries.exported():
        file.write(json.dumps(row, ensure_ascii=False) + "\n")


@hub.group("minutes")
def minutes() -> None:
    """Agreed minutes of rooms."""


@minutes.command("verify")
@click.argument("file", type=click.File("rb"))
def minutes_verify(file: IO[bytes]) -> None:
    """Check an exported file, JSON or Markdown, byte by byte, and that the database still holds what every head signed."""
    found = exporting.faults(file.read())
    for fault in found:
        click.echo(fault, err=True)
    if found:
        raise click.ClickException("The file does not hold.")
    click.echo("minutes: the file is what every head of delegation signed, and so is what the database holds")


@hub.command("retention")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
def keep_no_longer(dry_run: bool) -> None:
    """Delete what is over its time: entries of closed rooms, drafts, who was shown what, traces of use, accounts that ended a year ago."""
    if dry_run:
        for name, number in retention.planned().items():
            click.echo(f"would go: {number} {KEPT_NAMES[name]}")
        return
    done = retention.run(lambda name, part, whole: click.echo(f"{KEPT_NAMES[name]}: {part} of {max(part, whole)}"))
    wiped = retention.wipe()
    click.echo("retention: " + ", ".join(f"{number} {KEPT_NAMES[name]}" for name, number in done.items()))
    click.echo("retention: the disk holds none of it" if wiped else "retention: wiping is pending, see `flask hub purge status`; the hub goes on by itself")


KEPT_NAMES = {
    "rooms": "rooms", "drafts": "drafts", "shown": "notes of who was shown what", "public_views": "counts of public views", "sessions": "sessions",
    "resets": "links for a new password", "attempts": "counted attempts", "letters": "sent letters", "held": "held texts", "accounts": "accounts",
}  # fmt: skip
