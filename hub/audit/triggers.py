"""What makes the audit insert-only in the database itself; the migrations put it there, and the hub does not start without."""

from sqlalchemy import Engine, inspect, text

EXPECTED = {"audit_row_no_update", "audit_row_no_delete", "audit_head_no_delete"}
ALSO_ON_POSTGRESQL = {"audit_row_no_truncate", "audit_head_no_truncate"}
SQLITE = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('audit_row', 'audit_head')"
POSTGRESQL = """
SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE relname IN ('audit_row', 'audit_head') AND tgenabled IN ('O', 'A') AND relnamespace = current_schema()::regnamespace AND NOT tgisinternal
"""


def missing(engine: Engine) -> set[str]:
    """Names of triggers that should be in place and are not; none before the migrations have made the audit."""
    postgresql = engine.dialect.name == "postgresql"
    with engine.connect() as connection:
        if not inspect(connection).has_table("audit_row"):
            return set()
        there = set(connection.execute(text(POSTGRESQL if postgresql else SQLITE)).scalars())
    return (EXPECTED | ALSO_ON_POSTGRESQL if postgresql else EXPECTED) - there
