"""How migrations run on both engines: one transaction each, and on SQLite without foreign keys until the end."""

from alembic import context
from alembic.migration import MigrationContext
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


def check_foreign_keys(ctx: MigrationContext, **_more: object) -> None:
    """Inside the transaction of each migration, so that one which breaks a row is rolled back."""
    connection = ctx.connection
    if connection is not None and connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"the migration leaves {len(broken)} rows that point nowhere, first in table {broken[0][0]}")


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=render_item,
        transaction_per_migration=True,
        on_version_apply=check_foreign_keys,
        **current_app.extensions["migrate"].configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()


def run_on_sqlite(connection: Connection) -> None:
    raw = connection.connection.driver_connection
    raw.execute("PRAGMA foreign_keys=OFF")  # a batch ALTER of a parent table would delete its children by cascade
    try:
        run(connection)
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
