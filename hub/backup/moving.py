"""From SQLite to PostgreSQL: every row copied, read back, and compared."""

import hashlib
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Connection, Engine, Table, func, insert, inspect, select, text, update
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from hub import config
from hub.audit import queries as audit
from hub.backup.manifest import Refused
from hub.config import is_sqlite
from hub.db import Base, db, migrations_pending

AT_ONCE = 500  # rows
Told = Callable[[str], None]
Row = dict[str, Any]


def move(target: str, told: Told, make_app: Callable[[dict[str, object]], Flask]) -> int:
    """Copy the SQLite database in use into the empty PostgreSQL database ``target``; the number of rows.

    The source is only read, and nobody else writes to it meanwhile. Raises ``Refused``; the target then holds empty tables at most.
    """
    source = db.engine
    if not is_sqlite(str(source.url)) or is_sqlite(target):
        raise Refused("This moves a hub from SQLite to PostgreSQL, and nothing else.")
    if migrations_pending():
        raise Refused("The database lacks migrations: flask --app wsgi hub upgrade.")
    broken = next(audit.faults(), None)
    if broken is not None:
        raise Refused(f"The record of staff actions does not hold: {broken}.")
    db.session.rollback()
    try:
        with make_app({"HUB_DATABASE_URL": target}).app_context():
            try:
                return _moved(source, told)
            finally:
                db.session.remove()
                db.engine.dispose()
    except SQLAlchemyError as trouble:
        what = type(getattr(trouble, "orig", None) or trouble).__name__
        raise Refused(f"A database refused it: {what}. Is the hub stopped, and the server there?") from None


def _moved(source: Engine, told: Told) -> int:
    """To the database of the app in force."""
    if inspect(db.engine).get_table_names():
        raise Refused("The database there is not empty: make a new one.")
    told("making the tables")
    upgrade(str(config.ROOT / "migrations"))
    with _writer(source) as read, _writer(db.engine) as write, write.begin():  # the first holds the lock of writers here
        rows = sum(_moved_table(table, read, write, told) for table in Base.metadata.sorted_tables)
        for table in Base.metadata.sorted_tables:
            _count_on(table, write)
    return rows


def _moved_table(table: Table, read: Connection, write: Connection, told: Told) -> int:
    try:
        return _copied(table, read, write, told)
    except (DataError, IntegrityError) as trouble:
        rule = getattr(getattr(trouble.orig, "diag", None), "constraint_name", None)
        raise Refused(f"PostgreSQL does not take a row of {table.name}: {rule or type(trouble.orig).__name__}.") from None


def _writer(engine: Engine) -> Connection:
    return engine.connect().execution_options(hub_writes=True)


def _copied(table: Table, read: Connection, write: Connection, told: Told) -> int:
    """How many rows of a table are there now, which are the same as here."""
    put_by_migrations = write.scalar(select(func.count()).select_from(table))
    for some in _parents_first(table, _rows(table, read)):
        if put_by_migrations:
            for row in some:
                write.execute(update(table).where(*(key == row[key.name] for key in table.primary_key)).values(row))
        else:
            write.execute(insert(table), some)
    (here, number), (there, _same) = _sum(table, read), _sum(table, write)
    if here != there:
        raise Refused(f"What arrived in {table.name} is not what was sent.")
    if number:
        told(f"{table.name}: {number:,} rows, the same there")
    return number


def _parents_first(table: Table, pieces: Iterator[list[Row]]) -> Iterator[list[Row]]:
    """The same rows, each after the rows of its own table that it points to."""
    inward = [column.name for column in table.columns if any(key.column.table is table for key in column.foreign_keys)]
    if not inward:
        yield from pieces
        return
    key = next(iter(table.primary_key)).name
    there: set[object] = {None}
    waiting: list[Row] = []
    for some in chain(pieces, repeat([])):
        ready: list[Row] = []
        later: list[Row] = []
        for row in waiting + some:
            if there.issuperset(row[name] for name in inward):
                ready.append(row)
                there.add(row[key])
            else:
                later.append(row)
        waiting = later
        if ready:
            yield ready
        elif not some:
            break
    if waiting:
        raise Refused(f"Rows of {table.name} point to each other, or to none.")


def _rows(table: Table, connection: Connection) -> Iterator[list[Row]]:
    for some in connection.execute(select(table), execution_options={"yield_per": AT_ONCE}).mappings().partitions():
        yield [dict(row) for row in some]


def _sum(table: Table, connection: Connection) -> tuple[int, int]:
    """What all rows are together, in whatever order they come, and how many."""
    total = number = 0
    for some in _rows(table, connection):
        for row in some:
            total += int.from_bytes(hashlib.sha256(repr(sorted(row.items())).encode()).digest(), "big")
        number += len(some)
    return total, number


def _count_on(table: Table, write: Connection) -> None:
    """Let new rows get numbers after those that came."""
    key = table.autoincrement_column
    sequence = key is not None and write.scalar(text("SELECT pg_get_serial_sequence(:name, :key)"), {"name": f'"{table.name}"', "key": key.name})
    if key is not None and sequence:
        write.execute(select(func.setval(sequence, select(func.coalesce(func.max(key), 0) + 1).scalar_subquery(), False)))
