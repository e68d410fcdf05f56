"""What belongs to a revision, in one statement for all six tables: for pages that only read."""

from typing import Any

from sqlalchemy import bindparam, literal_column, select, union_all
from sqlalchemy.orm.attributes import set_committed_value

from hub.pillars.models import Tag
from hub.practices.models import PracticeChoice, PracticeLink, PracticePartner, PracticeResult, PracticeRevision, PracticeRight, PracticeTag
from hub.prepared import Prepared

PARTS: dict[str, tuple[type, tuple[str, ...]]] = {
    "choices": (PracticeChoice, ("field", "value")),
    "rights": (PracticeRight, ("item", "answer", "line")),
    "partners": (PracticePartner, ("name", "kind")),
    "result_rows": (PracticeResult, ("indicator", "unit", "before", "after", "period", "source")),
    "links": (PracticeLink, ("kind", "address", "words")),
    "tags": (Tag, ("slug", "name")),
}
WIDEST = max(len(columns) for _model, columns in PARTS.values())


def _rows_of(name: str, model: Any, columns: tuple[str, ...]) -> Any:
    empty: list[Any] = [literal_column("''")] * (WIDEST - len(columns))
    rows = select(literal_column(f"'{name}'").label("part"), model.id.label("id"), *(getattr(model, column) for column in columns), *empty)
    if model is Tag:
        return rows.join(PracticeTag, PracticeTag.tag_id == Tag.id).where(PracticeTag.revision_id == bindparam("revision"))
    return rows.where(model.revision_id == bindparam("revision"))


_ROWS = Prepared(union_all(*(_rows_of(name, *part) for name, part in PARTS.items())))


def put(revision: PracticeRevision) -> None:
    """Fill its lists, in the order in which they were written, topics by name; the rows are copies that no unit of work knows."""
    found: dict[str, list[Any]] = {name: [] for name in PARTS}
    for name, number, *values in sorted(_ROWS.rows(revision=revision.id), key=lambda row: row[1]):
        model, columns = PARTS[name]
        found[name].append(model(id=number, **dict(zip(columns, values, strict=False))))
    found["tags"].sort(key=lambda tag: tag.name)
    for name, rows in found.items():
        set_committed_value(revision, name, rows)
