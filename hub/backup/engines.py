"""A database as one file, and a file as a database again: SQLite by its online backup, PostgreSQL by its own tools."""

import os
import re
import secrets
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg

from hub.backup.manifest import Refused
from hub.config import is_sqlite

SQLITE, POSTGRESQL = "database.sqlite3", "database.pgdump"


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def dump(url: str, folder: Path) -> Path:
    """Everything committed by now, while others write."""
    target = folder / (SQLITE if is_sqlite(url) else POSTGRESQL)
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    if is_sqlite(url):
        with closing(sqlite3.connect(file_of(url))) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)  # in one step: a writer in between would make it begin anew
            copy.execute("PRAGMA journal_mode=DELETE")
    else:
        _tool("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")
    return target


def load(dumped: Path, url: str, folder: Path) -> str:
    """The dump as a database beside the one in use; returns its URL. Raises ``Refused``."""
    if is_sqlite(url):
        path = folder / "hub.sqlite3"
        shutil.copyfile(dumped, path)
        path.chmod(0o600)
        with closing(sqlite3.connect(path)) as copy:
            said = copy.execute("PRAGMA integrity_check").fetchone()[0]
        if said != "ok":
            raise Refused(f"The database in it is damaged: {said}.")
        return f"sqlite:///{path}"
    name = f"{_name(url)}_restoring_{secrets.token_hex(4)}"
    with psycopg.connect(_maintenance(url), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    fresh = _renamed(url, name)
    try:
        _tool("pg_restore", fresh, "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", str(dumped))
    except Refused:
        drop(fresh)
        raise
    return fresh


def in_use(url: str) -> bool:
    """Whether another program has the database open; SQLite does not tell."""
    if is_sqlite(url):
        return False
    with psycopg.connect(_maintenance(url), autocommit=True) as server:
        return bool(server.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'", [_name(url)]).fetchone()[0])  # type: ignore[index]


def swap(fresh: str, url: str, stamp: str) -> str:
    """Put the fresh database in place of the one in use, which is kept under another name; returns that, or "" when there was none."""
    if is_sqlite(url):
        live, kept = file_of(url), file_of(url).with_name(f"{file_of(url).name}.before-{stamp}")
        there = live.exists()
        if there:
            with closing(sqlite3.connect(live)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            live.rename(kept)
            for end in ("-wal", "-shm"):
                live.with_name(live.name + end).unlink(missing_ok=True)
        with closing(sqlite3.connect(file_of(fresh))) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        file_of(fresh).rename(live)
        return str(kept) if there else ""
    kept_name = f"{_name(url)}_before_{re.sub('[^0-9]', '', stamp)}"
    with psycopg.connect(_maintenance(url), autocommit=True) as server:
        there = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_name(url)]).fetchone() is not None
        if there:
            server.execute(f'ALTER DATABASE "{_name(url)}" RENAME TO "{kept_name}"')
        server.execute(f'ALTER DATABASE "{_name(fresh)}" RENAME TO "{_name(url)}"')
    return kept_name if there else ""


def drop(url: str) -> None:
    """A database that was made on the way."""
    if not is_sqlite(url):
        with psycopg.connect(_maintenance(url), autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{_name(url)}" WITH (FORCE)')


def _name(url: str) -> str:
    return unquote(urlsplit(url).path.lstrip("/"))


def _renamed(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _maintenance(url: str) -> str:
    return _renamed(url, "postgres")


def _tool(name: str, url: str, *arguments: str) -> None:
    """One of PostgreSQL's programs; the password goes by the environment, where no list of processes shows it."""
    if shutil.which(name) is None:
        raise Refused(f"{name} is not installed. Remedy on Debian: apt-get install postgresql-client.")
    parts = urlsplit(url)
    host = f"{parts.username or ''}@{parts.hostname or ''}" + (f":{parts.port}" if parts.port else "")
    plain = urlunsplit(parts._replace(netloc=host.lstrip("@")))
    environ = os.environ | ({"PGPASSWORD": unquote(parts.password)} if parts.password else {})
    run = subprocess.run([name, f"--dbname={plain}", *arguments], env=environ, capture_output=True, text=True)
    if run.returncode:
        raise Refused(f"{name} failed: {(run.stderr.strip().splitlines() or ['without a word'])[0]}")
