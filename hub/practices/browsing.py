"""The pages of the library: cards or a table, filters in the address, the region as tiles; and what leaves: a print sheet, CSV, JSON."""

import csv
import io
from dataclasses import asdict, fields
from typing import Any

from flask import current_app, render_template, request
from werkzeug.exceptions import NotFound

from hub import web
from hub.db import now
from hub.discussions.models import Label
from hub.practices import fields as parts
from hub.practices import library, queries, showing
from hub.practices.library import Filters, PracticeLine
from hub.practices.views import bp, guard_copies
from hub.web import Answer, actor, me, signed_in

EXPORTED = (
    "id", "title", "summary", "lang", "effective_label", "state_code", "pillar_slug", "evidence_level", "maturity", "adopted", "cost_band", "revision",
    "published_at",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@bp.get("/practices")
def listed() -> Answer:
    filters, sort = _filters(), _sort()
    lines, more = library.practices(actor(), filters, sort, _after(sort))
    _guard(lines)
    chosen = {name: value for name, value in asdict(filters).items() if value}
    if sort != "newest":
        chosen["sort"] = sort
    return render_template(
        "practices/library.html", lines=lines, chosen=chosen, sort=sort, say=showing, counted=library.counts(actor(), filters),
        table=request.args.get("view") == "table", following=_cursor(lines[-1], sort) if more else "",
    )  # fmt: skip


def _filters() -> Filters:
    return Filters(**{field.name: request.args.get(field.name, "")[:40] for field in fields(Filters)})


def _sort() -> str:
    given = request.args.get("sort", "")
    return given if given in library.SORTS else "newest"


def _cursor(line: PracticeLine, sort: str) -> str:
    value = {"newest": line.published_at.isoformat(), "adopted": str(line.adopted), "evidence": line.evidence_level}[sort]
    return f"{value}~{line.id}"


def _after(sort: str) -> tuple[Any, int] | None:
    value, _tilde, number = request.args.get("after", "").partition("~")
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        return None
    if sort == "adopted":
        return (int(value), int(number)) if value.isascii() and value.isdecimal() and len(value) < 6 else None
    return (web.moment_of(value) if sort == "newest" else value[:2], int(number))


def _guard(lines: list[PracticeLine]) -> None:
    if any(line.effective_label not in (Label.CLEAR, Label.GREEN) for line in lines):
        web.restrict_copies()


# --- out ------------------------------------------------------------------------------------------


@bp.get("/practices.<any(csv, json):form>")
@signed_in
def export(form: str) -> Answer:
    """The filtered list, as far as the reader reads it; its name says the strictest label in it."""
    lines, _more = library.practices(me(), _filters(), _sort(), rows=library.MOST_OUT)
    _guard(lines)
    label = max((line.effective_label for line in lines), key=Label.ALL.index, default=Label.GREEN)
    rows = [{name: _cell(getattr(line, name)) for name in EXPORTED} for line in lines]
    if form == "json":
        body = current_app.json.dumps({"label": label, "at": now().isoformat(), "practices": rows})
    else:
        written = io.StringIO()
        table = csv.DictWriter(written, EXPORTED)
        table.writeheader()
        table.writerows({name: _harmless(value) for name, value in row.items()} for row in rows)
        body = written.getvalue()
    answer = current_app.response_class(body, mimetype="application/json" if form == "json" else "text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="[{label.replace(":", "-")}] practices {now():%Y-%m-%d}.{form}"'
    return answer


def _cell(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _harmless(value: Any) -> Any:
    """No cell that a spreadsheet would take for a formula."""
    return "'" + value if isinstance(value, str) and value.startswith(FORMULA) else value


@bp.get("/practices/<int:practice_id>/print")
def sheet(practice_id: int) -> Answer:
    """A4: the label in the header and footer of each page, the citation, the version and the date."""
    found = queries.get_practice(actor(), practice_id)
    guard_copies(found)
    revision = queries.get_revision(actor(), found, web.number("revision"))
    if revision.sent_at is None:
        raise NotFound
    endorsements = queries.endorsements_of(found)
    return render_template(
        "practices/print.html", practice=found, revision=revision, fields=parts, say=showing, words_of=parts.words_of, answer_words=showing.answer_words,
        values_in_words=showing.values_in_words, endorsed=showing.endorsed_words(endorsements, found.shown), adoptions=queries.adoptions_of(found),
        address=web.public_url("practices.practice", practice_id=found.id), printed=now(), demo_data=current_app.config["HUB_DEMO"],
    )  # fmt: skip
