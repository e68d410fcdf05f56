"""Statements of busy pages: compiled once for each engine, handed to the driver as they are, and read past the ORM."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, Select
from sqlalchemy.engine import Dialect

from hub.db import db


class _Plan(NamedTuple):
    sql: str
    fixed: Mapping[str, Any]
    order: list[str] | None  # of positional parameters
    into: list[tuple[str, Callable[[Any], Any]]]  # what makes a value of ours one of the driver's
    out_of: list[tuple[int, Callable[[Any], Any]]]  # and the other way, by column


class Prepared:
    """A SELECT of columns whose bound values are numbers, words or times, each given by name at every call.

    Nothing pending is flushed before it: for pages that read, and for units of work before they write.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]) -> None:
        self.statement = statement
        self.plans: dict[str, _Plan] = {}

    def rows(self, **values: Any) -> list[list[Any]]:
        """All rows, with the types of their columns. Raises ``KeyError`` when a value is missing."""
        dialect = db.engine.dialect
        plan = self.plans.get(dialect.name) or self._plan(dialect, values)
        for name, convert in plan.into:
            if name in values:
                values[name] = convert(values[name])
        given = {**plan.fixed, **values}
        sent = given if plan.order is None else tuple(map(given.__getitem__, plan.order))
        found = [list(row) for row in db.session.connection().exec_driver_sql(plan.sql, sent)]
        for row in found:
            for column, convert in plan.out_of:
                row[column] = convert(row[column])
        return found

    def value(self, **values: Any) -> Any:
        """The first column of the first row; ``None`` without one."""
        found = self.rows(**values)
        return found[0][0] if found else None

    def _plan(self, dialect: Dialect, values: Mapping[str, Any]) -> _Plan:
        state = self.statement.compile(dialect=dialect).construct_expanded_state(dict(values))
        kept = {name: value for name, value in state.parameters.items() if name not in values}
        into = {name: convert for name, convert in state.processors.items() if not isinstance(convert, tuple)}
        fixed = {name: into[name](value) if name in into else value for name, value in kept.items()}
        readers = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in self.statement.selected_columns]
        self.plans[dialect.name] = _Plan(
            state.statement, fixed, list(state.positiontup) if state.positiontup is not None else None,
            [(name, convert) for name, convert in into.items() if name in values], [(n, convert) for n, convert in enumerate(readers) if convert],
        )  # fmt: skip
        return self.plans[dialect.name]
