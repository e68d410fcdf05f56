"""Wiping removed words from the files of the database, and doing it again after an old backup came back."""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import OperationalError

from hub import config
from hub.db import db, end_reading, now, unit_of_work
from hub.moderation.models import Purge

TABLES = {  # what may hold the words of a row of this table
    "post": ("post", "post_revision", "draft", "review_cause", "safeguard_choice"),
    "thread": ("thread", "post_revision", "draft", "mail"),
    "profile": ("profile", "expertise", "contact", "folded_word", "review_cause"),
    "held": ("held",),
}
BUSY = "a reader, or a writer, is in the way; tried again"
PATIENCE = 200  # ms that a checkpoint, or a lock, is waited for: nobody else should wait for it long


def work() -> int:
    """Wipe what is pending, if nobody is in the way; returns how many rows are done. Call it outside any unit of work."""
    rows = [(row.id, row.table) for row in db.session.scalars(select(Purge).where(Purge.done_at.is_(None)).order_by(Purge.id).limit(1_000))]
    end_reading()
    if not rows:
        return 0
    write_list([row_id for row_id, _table in rows])
    trouble = _wipe({name for _row_id, table in rows for name in TABLES[table]})
    with unit_of_work():
        ours = update(Purge).where(Purge.id.in_([row_id for row_id, _table in rows]))
        db.session.execute(ours.values(tries=Purge.tries + 1, trouble=trouble, done_at=None if trouble else now()))
    return 0 if trouble else len(rows)


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


# --- the list ------------------------------------------------------------------------------------------


def list_file() -> Path:
    """Where the list is kept beside the database, so that it outlives an old backup of it."""
    return config.data_folder(current_app.config) / "purges.jsonl"


def write_list(row_ids: list[int]) -> None:
    """Append rows that are not yet in the list; numbers only."""
    known = {entry["id"] for entry in entries(list_file())}
    rows = select(Purge).where(Purge.id.in_(row_ids), Purge.id.not_in(known)).order_by(Purge.id)
    lines = [json.dumps(entry_of(row)) + "\n" for row in db.session.scalars(rows)]
    end_reading()
    if lines:
        list_file().parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(list_file(), os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600), "a") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())


def entry_of(row: Purge) -> dict[str, Any]:
    return {"id": row.id, "table": row.table, "row": row.row_id, "revision": row.revision, "spans": row.spans, "at": row.asked_at.isoformat()}


def entries(path: Path) -> Iterator[dict[str, Any]]:
    """Raises ``ValueError`` for a line that is no entry."""
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        entry = json.loads(line)
        if not isinstance(entry, dict) or set(entry) != {"id", "table", "row", "revision", "spans", "at"} or entry["table"] not in TABLES:
            raise ValueError(line)
        yield entry


def status() -> tuple[list[Purge], int]:
    """Rows that are pending, and how many are done."""
    rows = list(db.session.scalars(select(Purge).where(Purge.done_at.is_(None)).order_by(Purge.id).limit(1_000)))
    return rows, db.session.scalar(select(func.count()).where(Purge.done_at.is_not(None)).select_from(Purge)) or 0


def waiting(item_id: int) -> bool:
    """Whether something of an item is not wiped yet."""
    return db.session.scalar(select(Purge.id).where(Purge.item_id == item_id, Purge.done_at.is_(None)).limit(1)) is not None
