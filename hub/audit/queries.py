"""Reading the audit: a page of it, the whole of it, and whether it holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from hub.audit.chain import FIRST, as_exported, sealed
from hub.audit.models import AuditHead, AuditRow
from hub.db import at_most, db

PAGE = 50
AT_ONCE = 1_000


@dataclass(frozen=True)
class Filters:
    """What the page is narrowed to; empty means everything."""

    action: str = ""
    actor_id: int | None = None
    target_kind: str = ""
    target_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        wanted = {AuditRow.action: self.action, AuditRow.actor_id: self.actor_id, AuditRow.target_kind: self.target_kind, AuditRow.target_id: self.target_id}
        found = [column == value for column, value in wanted.items() if value]
        if self.since:
            found.append(AuditRow.at >= self.since)
        if self.until:
            found.append(AuditRow.at < self.until)
        return found


def page(readable: ColumnElement[bool], filters: Filters, before: int | None) -> tuple[list[AuditRow], bool]:
    """The newest rows, or those before one, and whether there are more. ``readable`` says who may."""
    rows = select(AuditRow).where(readable, *filters.conditions()).order_by(AuditRow.seq.desc()).limit(at_most(PAGE + 1))
    if before:
        rows = rows.where(AuditRow.seq < before)
    found = list(db.session.scalars(rows))
    return found[:PAGE], len(found) > PAGE


def actions_recorded(readable: ColumnElement[bool]) -> list[str]:
    return list(db.session.scalars(select(AuditRow.action).distinct().where(readable).order_by(AuditRow.action)))


def rows() -> Iterator[AuditRow]:
    """Every row from the first, some at a time."""
    after = 0
    while batch := list(db.session.scalars(select(AuditRow).where(AuditRow.seq > after).order_by(AuditRow.seq).limit(AT_ONCE))):
        yield from batch
        after = batch[-1].seq
        db.session.expunge_all()


def exported() -> Iterator[dict[str, int | str | None]]:
    return (as_exported(row) for row in rows())


def faults() -> Iterator[str]:
    """What is wrong with the chain, a sentence each; nothing when it holds."""
    expected, previous = 1, FIRST
    for row in rows():
        if row.seq != expected:
            yield f"row {expected} is missing" if row.seq > expected else f"row {row.seq} stands twice"
        if row.previous != previous:
            yield f"row {row.seq} does not follow the row before it"
        if row.hash != sealed(row):
            yield f"row {row.seq} was changed"
        expected, previous = row.seq + 1, row.hash
    head = db.session.get(AuditHead, 1)
    if head is None or (head.seq, head.hash) != (expected - 1, previous):
        yield f"the chain ends at row {expected - 1}, its head says {head.seq if head else 'nothing'}"


def length() -> int:
    return db.session.scalar(select(func.count(AuditRow.seq))) or 0


def head() -> str:
    """The hash of the last row: worth noting elsewhere, since it holds all rows before it."""
    found = db.session.get(AuditHead, 1)
    return found.hash if found else FIRST


def holds(hash_of_row: str) -> bool:
    return db.session.scalar(select(AuditRow.seq).where(AuditRow.hash == hash_of_row)) is not None
