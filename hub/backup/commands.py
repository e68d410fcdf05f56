"""flask hub backup | restore | move-to: what an operator does every night, hopes never to need, or does once."""

from pathlib import Path
from time import monotonic

import click
from flask import Flask

from hub import config
from hub.backup import making, moving, restoring
from hub.backup.manifest import Refused
from hub.cli import hub


@hub.command("backup")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--age", "age", default="", metavar="RECIPIENT", help="Encrypt it with age, which has to be installed.")
@click.option("--gpg", "gpg", default="", metavar="RECIPIENT", help="Encrypt it with gpg, which has to be installed.")
def backup(folder: Path, age: str, gpg: str) -> None:
    """Back the database and the files up into FOLDER, while the hub runs; readable by you alone."""
    if age and gpg:
        raise click.ClickException("Choose age or gpg, not both.")
    began = monotonic()
    try:
        made = making.make(folder, lambda step: click.echo(f"· {step}"), "age" if age else "gpg" if gpg else "", age or gpg)
    except Refused as why:
        raise click.ClickException(str(why)) from None
    click.echo(f"backup: {made}, in {monotonic() - began:.1f} s")


@hub.command("restore")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def restore(folder: Path) -> None:
    """Put a backup in place of the data in use, which are touched last and kept under another name. Stop the hub first."""
    began = monotonic()
    try:
        done = restoring.restore(folder, lambda step: click.echo(f"· {step}"), _app)
    except Refused as why:
        raise click.ClickException(f"{why} Nothing was changed.") from None
    told = f"{done.audit_rows} rows of the record verified, {done.files} files, {done.purged_again} rows held removed words again"
    click.echo(f"restore: in place after {monotonic() - began:.1f} s; {told}")
    if done.kept:
        click.echo(f"restore: what was in use before is kept as {done.kept}; delete it when all is well. Then: flask --app wsgi hub retention")


@hub.command("move-to")
@click.argument("url")
def move_to(url: str) -> None:
    """Copy the hub from SQLite to the empty PostgreSQL database URL. Stop the hub first; what is here stays as it is."""
    began = monotonic()
    try:
        restoring.refuse_while_running()
        rows = moving.move(config.postgresql_url(url), lambda step: click.echo(f"· {step}"), _app)
    except Refused as why:
        raise click.ClickException(f"{why} The hub here was not changed.") from None
    click.echo(f"move-to: {rows:,} rows in {monotonic() - began:.1f} s, each read back and the same. Set HUB_DATABASE_URL to it, keep HUB_DATA, start.")
    click.echo("move-to: when all is well, delete hub.sqlite3 and what begins like it: it keeps every word, also those that are removed later.")


def _app(settings: dict[str, object]) -> Flask:
    from hub import create_app  # which brings this command

    return create_app(settings)
