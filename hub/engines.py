"""Setting up SQLite and PostgreSQL: every value that durability and speed rest on is set, and read back."""

from contextlib import suppress
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DatabaseError

from hub import config

BUSY_SECONDS = 5
# Each value is set on every connection and read back; a build of SQLite that ignores one is refused.
PRAGMAS: dict[str, tuple[str, object]] = {
    "journal_mode": ("WAL", "wal"),
    "synchronous": ("FULL", 2),
    "busy_timeout": (str(1000 * BUSY_SECONDS), 1000 * BUSY_SECONDS),
    "foreign_keys": ("ON", 1),
    "secure_delete": ("ON", 1),
    "trusted_schema": ("OFF", 0),
}
# A plan made once for each connection: planning the statement of a page of posts anew took 5 ms, and running it 1 ms.
POSTGRESQL_SETTINGS = {"statement_timeout": "5s", "lock_timeout": "3s", "TimeZone": "UTC", "plan_cache_mode": "force_generic_plan"}
POSTGRESQL_OPTIONS = "-c statement_timeout=5000 -c lock_timeout=3000 -c timezone=UTC -c plan_cache_mode=force_generic_plan"
SHARED: dict[str, object] = {"hide_parameters": True, "pool_use_lifo": True}  # the connection used last knows most plans and pages
POSTGRESQL_CONNECT = {"options": POSTGRESQL_OPTIONS, "prepare_threshold": 1}


def options(url: str) -> dict[str, object]:
    if config.is_sqlite(url):
        return SHARED | {"connect_args": {"isolation_level": None, "check_same_thread": False}, "pool_size": 20, "max_overflow": 40}
    return SHARED | {"connect_args": POSTGRESQL_CONNECT, "pool_pre_ping": True, "pool_size": 10, "max_overflow": 8}  # four processes fit a server as installed


def set_up(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin_sqlite)
        with suppress(DatabaseError), engine.connect():  # a file that cannot be opened is the first request's trouble, or restore's
            pass  # refuses at start what _set_pragmas refuses
    else:
        event.listen(engine, "connect", _check_postgresql)
        event.listen(engine, "begin", _begin_postgresql)


def _set_pragmas(connection: Any, _record: object) -> None:
    for name, (value, expected) in PRAGMAS.items():
        connection.execute(f"PRAGMA {name}={value}")
        got = connection.execute(f"PRAGMA {name}").fetchone()[0]
        if got != expected:
            raise RuntimeError(f"SQLite keeps {name}={got!r}; the hub needs {expected!r}")


def _check_postgresql(connection: Any, _record: object) -> None:
    """Each connection, before its first use: a pooler between us and the server may have dropped our options."""
    with connection.cursor() as cursor:
        for name, expected in POSTGRESQL_SETTINGS.items():
            got = cursor.execute(f"SHOW {name}").fetchone()[0]
            if got != expected:
                raise RuntimeError(f"PostgreSQL keeps {name}={got}; the hub needs {expected}")
    connection.rollback()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("hub_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    driver.hub_writes = connection.get_execution_options().get("hub_writes", False)
