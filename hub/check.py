"""flask hub check: what of the settings and of this machine keeps the hub from running well, each in a sentence with its remedy."""

import os
import shutil
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import click
import redis
from flask import current_app
from sqlalchemy import text as sql
from sqlalchemy.exc import SQLAlchemyError

from hub import config
from hub.cli import hub
from hub.db import db, end_reading, migrations_pending, why_away
from hub.moderation import purging


@hub.command("check")
def check() -> None:
    """Look at settings, database, Redis, disk, mail server and scanner; fails when something is wrong."""
    found = list(faults())
    for fault in found:
        click.echo(f"wrong: {fault}")
    if found:
        raise click.ClickException(f"{len(found)} to mend.")
    click.echo("check: settings, database, Redis, disk, mail server and scanner are fine")


def faults() -> Iterator[str]:
    yield from config.misspelt(os.environ)
    if current_app.config["HUB_MODE"] == "production":
        yield from config.dangers(current_app.config, os.environ)
        if not current_app.config["HUB_TRUSTED_PROXIES"]:
            yield "HUB_TRUSTED_PROXIES is 0: behind nginx everybody would share one address; set 1"
    for look in (_database, _redis, _folder, _mail, _scanner):
        yield from look()


def _database() -> Iterator[str]:
    try:
        db.session.execute(sql("SELECT 1"))
        if migrations_pending():
            yield "the database lacks migrations: flask --app wsgi hub upgrade"
            return
        pending, _done = purging.status()
        if any(row.tries > purging.SOON for row in pending):
            yield f"{len(pending)} removed texts are not wiped from the disk yet: flask hub purge status says why"
    except SQLAlchemyError as trouble:
        yield why_away(trouble)
    finally:
        end_reading()


def _redis() -> Iterator[str]:
    url = str(current_app.config["HUB_REDIS_URL"])
    if not url:
        return
    try:
        told = redis.Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3).info("server")
    except (redis.RedisError, ValueError) as trouble:
        yield f"Redis does not answer ({type(trouble).__name__}): look at HUB_REDIS_URL, and whether the server runs"
        return
    if told["redis_version"] == "8.0.0":
        yield "Redis 8.0.0 loses subscriptions: install another version"


def _folder() -> Iterator[str]:
    folder = config.data_folder(current_app.config)
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        yield f"HUB_DATA is no folder that this user may write to: mkdir -p and chown {folder}"
        return
    left = folder / "hub.sqlite3"
    if left.exists() and not config.is_sqlite(config.database_url(current_app.config)):
        yield f"{left} is not in use and keeps words that were removed since: delete it, with its -wal and -shm"
    free, reserve = shutil.disk_usage(folder).free >> 20, int(str(current_app.config["HUB_RESERVE_MB"]))
    if free < 4 * reserve:
        yield f"the disk of HUB_DATA has {free} MB left: make room, posting is refused below {reserve} MB (HUB_RESERVE_MB)"


def _mail() -> Iterator[str]:
    url = urlsplit(str(current_app.config["HUB_MAIL_URL"]))
    if url.scheme in ("smtp", "smtps"):
        yield from _reach(url.hostname, url.port or (465 if url.scheme == "smtps" else 25), "the mail server", "HUB_MAIL_URL")


def _scanner() -> Iterator[str]:
    url = urlsplit(str(current_app.config["HUB_SCANNER"]))
    if url.scheme == "clamd" and url.hostname:
        yield from _reach(url.hostname, url.port or 3310, "the virus scanner", "HUB_SCANNER")


def _reach(host: str | None, port: int, what: str, setting: str) -> Iterator[str]:
    try:
        socket.create_connection((host, port), timeout=3).close()
    except OSError as trouble:
        yield f"{what} at {host}:{port} does not answer ({type(trouble).__name__}): look at {setting}"
