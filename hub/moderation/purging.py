"""Wiping removed words from the files of the database, and doing it again after an old backup came back."""

import json
import os
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

from flask import current_app
from sqlalchemy import Connection, Select, func, select, text, update
from sqlalchemy.exc import OperationalError

from hub import config
from hub.db import db, end_reading, now, unit_of_work
from hub.discussions import attaching
from hub.moderation.models import Purge

Entry = dict[str, Any]
FIRST = '{"id": '  # how each entry begins
TABLES = {  # what may hold the words of a row of this table
    "post": ("post", "post_revision", "draft", "review_cause", "safeguard_choice"),
    "thread": ("thread", "post_revision", "draft", "mail", "review_cause"),
    "profile": (
        "profile", "profile_language", "profile_pillar", "user", "mail", "invitation", "former_handle", "expertise", "contact", "folded_word", "review_cause",
    ),
    "practice": (
        "practice", "practice_revision", "practice_right", "practice_partner", "practice_result", "practice_link", "practice_event", "practice_review",
        "practice_comment", "endorsement", "adoption", "mail", "review_cause", "safeguard_choice",
    ),
    "room": ("room_entry", "minutes_line", "minutes_revision", "file", "review_cause"),
    "held": ("held",),
    "draft": ("draft",),
    "letter": ("mail",),
    "file": ("file",),
}
BUSY = "a reader, or a writer, is in the way; tried again"
UNDELETED = "the disk refuses to delete a file"
UNWRITTEN = "the list of purges cannot be written"
PATIENCE = 200  # ms that a checkpoint, or a lock, is waited for: nobody else should wait for it long
AT_ONCE, SOON = 1_000, 10  # rows of one turn; tries before the pauses grow
# Whether somebody on PostgreSQL may still see rows that were there before a transaction: VACUUM then keeps them.
SEES = """
SELECT count(*) FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND (datname = current_database() OR backend_type = 'walsender')
    AND (age(backend_xmin) > age(CAST(:since AS xid)) OR age(backend_xid) > age(CAST(:since AS xid)))
"""


def work() -> int:
    """Wipe what is pending, if nobody is in the way; returns how many rows are done. Call it outside any unit of work."""
    rows = [row for row in db.session.scalars(_pending().limit(AT_ONCE)) if _due(row)]
    ids, tables, lines = [row.id for row in rows], {name for row in rows for name in TABLES[row.table]}, [entry_of(row) for row in rows]
    end_reading()
    if not ids:
        return 0
    trouble = _write_list(lines) or ("" if attaching.sweep() else UNDELETED) or _wipe(tables)
    with unit_of_work():
        db.session.execute(update(Purge).where(Purge.id.in_(ids)).values(tries=Purge.tries + 1, trouble=trouble, done_at=None if trouble else now()))
    return 0 if trouble else len(ids)


def _pending() -> Select[Purge]:
    return select(Purge).where(Purge.done_at.is_(None)).order_by(Purge.id)


def _due(row: Purge) -> bool:
    """A few tries at once, then ever less often: writing tables anew for nothing is work for everybody."""
    return now() - row.asked_at >= timedelta(seconds=max(0, row.tries - SOON) ** 2)


def _wipe(tables: Iterable[str]) -> str:
    """Empty when the files hold no removed word any more, else why not yet."""
    return _vacuum(sorted(tables)) if db.engine.dialect.name == "postgresql" else _checkpoint()


def _checkpoint() -> str:
    """Removed rows are overwritten already (``secure_delete``); the write-ahead log still holds them until it is emptied."""
    connection = db.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={PATIENCE}")
        busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        cursor.execute("PRAGMA busy_timeout=5000")
        return BUSY if busy else ""
    finally:
        connection.close()


def _vacuum(tables: list[str]) -> str:
    """A plain VACUUM would leave the words in the free space of pages; FULL writes the tables and their indexes anew."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            if _somebody_sees(connection):
                return BUSY
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text(f"SET lock_timeout = {PATIENCE}"))
            for table in tables:
                connection.execute(text(f'VACUUM (FULL) "{table}"'))
        except OperationalError:
            return BUSY
        finally:
            connection.execute(text("RESET statement_timeout"))
            connection.execute(text("RESET lock_timeout"))
    return ""


def _somebody_sees(connection: Connection) -> bool:
    """Whether a transaction that began before now goes on; short ones are waited for."""
    since = connection.scalar(text("SELECT CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS xid) AS text)"))
    deadline = time.monotonic() + PATIENCE / 1_000
    while connection.scalar(text(SEES), {"since": since}):
        if time.monotonic() > deadline:
            return True
        time.sleep(0.02)
    return False


# --- the list ------------------------------------------------------------------------------------------


def list_file() -> Path:
    """Where the list is kept beside the database, so that it outlives an old backup of it."""
    return config.data_folder(current_app.config) / "purges.jsonl"


def _write_list(rows: list[Entry]) -> str:
    """Append what is not yet in the list, numbers only; empty when it stands there, else why not."""
    try:
        known = {_key(entry) for entry in entries(list_file())}
        lines = [json.dumps(row) + "\n" for row in rows if _key(row) not in known]
        if lines:
            list_file().parent.mkdir(parents=True, exist_ok=True)
            with open(os.open(list_file(), os.O_APPEND | os.O_CREAT | os.O_RDWR, 0o600), "a+") as file:
                file.writelines(["\n" if _torn(file) else "", *lines])
                file.flush()
                os.fsync(file.fileno())
    except (OSError, ValueError):
        return UNWRITTEN
    return ""


def _key(entry: Entry) -> tuple[Any, ...]:
    """What tells entries apart: after an old backup, ids are given anew."""
    return entry["table"], entry["row"], entry["revision"], entry["spans"]


def _torn(file: IO[str]) -> bool:
    """Whether the last line was not written to its end."""
    size = file.seek(0, os.SEEK_END)
    return size > 0 and os.pread(file.fileno(), 1, size - 1) != b"\n"


def entry_of(row: Purge) -> Entry:
    return {"id": row.id, "table": row.table, "row": row.row_id, "revision": row.revision, "spans": row.spans, "at": row.asked_at.isoformat()}


def entries(path: Path) -> Iterator[Entry]:
    """A line that was not written to its end stands below once more, whole. Raises ``ValueError`` for any other that is no entry."""
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        if not line.strip() or (FIRST.startswith(line[: len(FIRST)]) and not line.endswith("}")):
            continue
        entry = json.loads(line)
        if not isinstance(entry, dict) or set(entry) != {"id", "table", "row", "revision", "spans", "at"} or entry["table"] not in TABLES:
            raise ValueError(line)
        yield entry


def status() -> tuple[list[Purge], int]:
    """Rows that are pending, and how many are done."""
    return list(db.session.scalars(_pending())), db.session.scalar(select(func.count()).where(Purge.done_at.is_not(None)).select_from(Purge)) or 0


def waiting(item_id: int) -> bool:
    """Whether something of an item is not wiped yet."""
    return db.session.scalar(select(Purge.id).where(Purge.item_id == item_id, Purge.done_at.is_(None)).limit(1)) is not None
