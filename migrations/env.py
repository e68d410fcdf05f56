"""How migrations run on both engines: one transaction each, and on SQLite without foreign keys until the end."""

from alembic import context
from flask import current_app
from sqlalchemy.engine import Connection

from hub.db import Base, UserTextType, UtcTime, db


def render_item(kind: str, item: object, _autogen: object) -> str | bool:
    """Write our column types as what they are in the database, so that old migrations never import new code."""
    if kind == "type" and isinstance(item, UserTextType):
        return "sa.Text()"
    if kind == "type" and isinstance(item, UtcTime):
        return "sa.DateTime(timezone=True)"
    return False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=render_item,
        transaction_per_migration=True,
        **current_app.extensions["migrate"].configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()


def run_on_sqlite(connection: Connection) -> None:
    raw = connection.connection.driver_connection
    raw.execute("PRAGMA foreign_keys=OFF")  # a batch ALTER of a parent table would delete its children by cascade
    try:
        run(connection)
        broken = raw.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"migrations left {len(broken)} rows that point nowhere, first in table {broken[0][0]}")
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


with db.engine.connect().execution_options(hub_writes=True) as connection:
    if connection.dialect.name == "sqlite":
        run_on_sqlite(connection)
    else:
        connection.exec_driver_sql("SET statement_timeout = 0")
        connection.commit()
        run(connection)
        connection.exec_driver_sql("RESET statement_timeout")
        connection.commit()
