"""Base, column types, small statements that both databases share, and the only commit."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Annotated, Any, TypeVar

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ColumnElement, CursorResult, DateTime, ForeignKey, MetaData, String, Text, TypeDecorator, bindparam, event, func, literal_column, select
from sqlalchemy import text as sql
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, ORMExecuteState, Session, mapped_column, registry

from hub import config, engines
from hub.turns import aside, one_writer

Value = TypeVar("Value")
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UserText(str):
    """Words a person wrote, after ``hub.text`` has read them. Only ``hub.text`` makes one."""


class UserTextType(TypeDecorator[UserText]):
    """Text column that refuses any string that did not pass through ``hub.text``."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: UserText | None, dialect: Dialect) -> str | None:
        if value is not None and not isinstance(value, UserText):
            raise TypeError("a person's words are stored only after text.prepare() or text.prepare_line()")
        return value

    def process_result_value(self, value: Any, dialect: Dialect) -> UserText | None:
        return None if value is None else UserText(value)


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC time on both engines (SQLite keeps no zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise TypeError("times are aware and in UTC")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


class Base(DeclarativeBase):
    registry = registry(
        metadata=MetaData(naming_convention=NAMES),
        type_annotation_map={datetime: UtcTime(), UserText: UserTextType()},
    )


Id = Annotated[int, mapped_column(primary_key=True)]
UserId = Annotated[int, mapped_column(ForeignKey("user.id"), index=True)]
OrganisationId = Annotated[int, mapped_column(ForeignKey("organisation.id"), index=True)]
PillarId = Annotated[int, mapped_column(ForeignKey("pillar.id"))]
StateCode = Annotated[str, mapped_column(String(2), ForeignKey("state.code"))]
# Byte order, as SQLite compares by default; PostgreSQL needs to be told.
ByteOrdered = Annotated[str, mapped_column(String(128).with_variant(String(128, collation="C"), "postgresql"))]
ByteOrderedWords = Annotated[UserText, mapped_column(UserTextType().with_variant(UserTextType(collation="C"), "postgresql"))]

# The database is busy, restarting, or in the hands of another server: nothing was stored.
AWAY = (OperationalError, InterfaceError, InternalError, PendingRollbackError, PoolTimeout)
AWAY_BECAUSE = {
    "authentication failed": "the database refuses the password, or the name: look at HUB_DATABASE_URL",
    "does not exist": "the server has no such database, or no such role: look at HUB_DATABASE_URL",
    "resolve host": "no server has the host name in HUB_DATABASE_URL; an @ in the password is written %40",
}

db = SQLAlchemy(model_class=Base)
migrate = Migrate()


def now() -> datetime:
    return datetime.now(UTC)


def init_app(app: Flask) -> None:
    url = config.database_url(app.config)
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engines.options(url)
    if url.startswith("sqlite"):
        config.data_folder(app.config).mkdir(parents=True, exist_ok=True)
    db.init_app(app)
    migrate.init_app(app, db, render_as_batch=True, compare_type=True)
    with app.app_context():
        engines.set_up(db.engine)
        if db.engine.dialect.name == "postgresql":
            db.engine.dialect.do_rollback = _end_transaction  # type: ignore[assignment, method-assign]


def _end_transaction(connection: Any) -> None:
    """Undo what was written; what only read ends with COMMIT, for psycopg forgets every prepared statement at a ROLLBACK."""
    driver = getattr(connection, "driver_connection", connection)
    if getattr(driver, "hub_writes", True):
        driver.rollback()
    else:
        driver.commit()


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """One write transaction: commits at the end, rolls back on any exception. Does not nest.

    The read transaction of the request ends first, so what was loaded before is read again inside.
    On SQLite the write lock is taken at once (BEGIN IMMEDIATE), so there is nothing to upgrade later.
    """
    session: Session = db.session()
    if session.info.get("writing"):
        raise RuntimeError("a unit of work does not nest")
    session.rollback()
    with one_writer(db.engine):
        session.info["writing"] = True
        try:
            session.connection(execution_options={"hub_writes": True})
            yield session
            session.flush()
            with aside():  # the disk is slower than any page
                session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info["writing"] = False


def why_away(trouble: Exception) -> str:
    """What keeps us from the database, for its operator: no words of the driver, which may hold parts of the address."""
    said = str(getattr(trouble, "orig", trouble))
    for sign, words in AWAY_BECAUSE.items():
        if sign in said:
            return words
    return f"the database does not answer ({type(trouble).__name__}): look at HUB_DATABASE_URL, and whether the server runs"


def lock_row(row: Base) -> None:
    """Read ``row`` anew and let nobody else change it until this unit of work ends. Lock a thread before its posts."""
    db.session.refresh(row, with_for_update={"of": type(row)})


def hold(name: str) -> None:
    """Let no other unit of work pass the same ``name`` until this one ends; SQLite has one writer anyway."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def at_most(rows: int) -> ColumnElement[int]:
    """A LIMIT written into the statement: a plan made once for any limit would sort whole threads first."""
    return literal_column(str(int(rows)))


def upsert(model: Any) -> Any:
    """An ``insert()`` that knows ON CONFLICT, of the database in use."""
    return (postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert)(model)


def write(statement: Any, values: Any = None) -> CursorResult[Any]:
    """Run a statement that was built once, for one row of values or a list of them, past the ORM: rows that are loaded do not change."""
    session = db.session()
    if not session.info.get("writing"):
        raise RuntimeError("rows change inside unit_of_work() only")
    session.flush()
    return session.connection().execute(statement, values)


def insert_or_leave(model: type[Base], column: InstrumentedAttribute[Value], **values: object) -> Value | None:
    """Insert a row and return ``column`` of it; ``None`` when one with its key is there, also from another process just now."""
    inserted: Value | None = db.session.scalar(upsert(model).values(**values).on_conflict_do_nothing().returning(column))
    return inserted


def add_to(column: InstrumentedAttribute[int], amount: int, **key: object) -> None:
    """Add to a counter, whose row is made when there is none; ``key`` is its primary key."""
    write(_adding(column, tuple(key), db.engine.dialect.name), {**key, "amount": amount})


@lru_cache
def _adding(column: InstrumentedAttribute[int], key: tuple[str, ...], _dialect: str) -> Any:
    added = upsert(column.class_).values({name: bindparam(name) for name in key} | {column.key: bindparam("amount")})
    return added.on_conflict_do_update(index_elements=list(key), set_={column.key: column + bindparam("amount")})


def end_reading() -> None:
    """Give the connection back before slow work; what is read afterwards is read anew."""
    db.session.rollback()


@event.listens_for(Session, "before_flush")
def _refuse_flush_elsewhere(session: Session, _context: object, _instances: object) -> None:
    if not session.info.get("writing"):
        raise RuntimeError("rows change inside unit_of_work() only")


@event.listens_for(Session, "do_orm_execute")
def _refuse_statement_elsewhere(state: ORMExecuteState) -> None:
    if (state.is_insert or state.is_update or state.is_delete) and not state.session.info.get("writing"):
        raise RuntimeError("rows change inside unit_of_work() only")


def read_patiently() -> None:
    """Let slow statements of this read transaction take a minute, where a search through every text is meant."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(sql("SET LOCAL statement_timeout = 60000"))


def migrations_pending() -> bool:
    """Whether the database lacks a migration that this code brings."""
    return set(MigrationContext.configure(db.session.connection()).get_current_heads()) != _heads()


@cache
def _heads() -> set[str]:
    return set(ScriptDirectory(str(config.ROOT / "migrations")).get_heads())


def code_head() -> str:
    """The last migration that this code brings."""
    return next(iter(_heads()))


def known_migrations() -> set[str]:
    return {script.revision for script in ScriptDirectory(str(config.ROOT / "migrations")).walk_revisions()}
