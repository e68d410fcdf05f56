"""The forms of practices: one for each step, made from ``fields.py``; rows without a script; reviews, endorsements, adoptions."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from wtforms import BooleanField, FieldList, Form, FormField, RadioField, SelectField, StringField
from wtforms.validators import ValidationError
from wtforms.widgets import HiddenInput

from hub import languages, text
from hub.accounts.models import User
from hub.db import UserText
from hub.forms import HubForm, LineField, MarkdownField, OneOf, TicksField, guard_now, options
from hub.guard import Guard
from hub.keeping import KeptForm
from hub.pillars.models import Pillar
from hub.practices.fields import ANSWERS, FIELDS, LINKS, PARTNERS, RIGHTS, ROWS, STEPS, SURVIVORS, UNITS, Field, state_choices
from hub.practices.writing import MONTH, too_few
from hub.words import _, later

NOT_CHOSEN = ("", later("choose"))
LOOSE = 4  # a draft takes lines so many times longer than what is sent


class PartnerForm(Form):
    name = LineField(later("Name"), longest=160)
    kind = SelectField(later("Kind"), choices=options((NOT_CHOSEN, *PARTNERS)))


class ResultForm(Form):
    indicator = LineField(later("What was counted"), longest=160)
    unit = SelectField(later("Unit"), choices=options((NOT_CHOSEN, *UNITS)))
    before = LineField(later("Before"), longest=40)
    after = LineField(later("After"), longest=40)
    period = LineField(later("When"), longest=60)
    source = LineField(later("Source"), longest=160)

    def validate_after(self, field: LineField) -> None:
        if problem := too_few(self.unit.data or "", self.before.data or "", field.data or ""):
            raise ValidationError(problem)


class LinkForm(Form):
    address = LineField(later("Address"), longest=300)
    words = LineField(later("What it is"), longest=160)
    kind = SelectField(later("Kind"), choices=options((NOT_CHOSEN, *LINKS)))

    def validate_address(self, field: LineField) -> None:
        if field.data and not field.data.strip().startswith(("https://", "http://")):
            raise ValidationError(_("An address begins with https://"))


class RightForm(Form):
    answer = SelectField(later("Answer"), choices=options((NOT_CHOSEN, *ANSWERS)))
    note = LineField(later("Note (optional)"), longest=200)


ROW_FORMS: dict[str, type[Form]] = {"partners": PartnerForm, "result_rows": ResultForm, "links": LinkForm}


class Offered(NamedTuple):
    """What is read for the form of a step, and only for the step that asks for it."""

    pillars: list[Pillar]
    tags: Iterable[tuple[str, str]]
    people: list[tuple[str, str]]


def step_form(num: int, writer: User, read: Offered, **values: Any) -> KeptForm:
    """The form of a step, with what can be chosen in it."""
    form: KeptForm = _step_class(num)(**values)
    subjects = [(str(pillar.id), pillar.name) for pillar in read.pillars]
    others = [pair for pair in state_choices() if pair[0] != writer.organisation.state_code]
    offered: dict[str, Iterable[tuple[str, str]]] = {
        "pillar": [NOT_CHOSEN, *subjects], "also_pillars": subjects, "other_states": others,
        "lang": languages.AUTONYMS.items(), "languages": languages.AUTONYMS.items(), "tags": read.tags, "contact": [NOT_CHOSEN, *read.people],
    }  # fmt: skip
    for name, choices in offered.items():
        if name in form:
            form[name].choices = options(choices)
    if "rights" in form and len(form.rights) == len(RIGHTS):
        form.rights[-1].form.answer.choices = options((NOT_CHOSEN, *SURVIVORS))  # the last item is a scale of its own
    return form


@cache
def _step_class(num: int) -> type[KeptForm]:
    return type(f"Step{num}Form", (KeptForm,), {field.name: _made(field) for field in STEPS[num - 1].fields})


def _made(field: Field) -> Any:
    longest = max(field.most, 80) * LOOSE
    match field.kind:
        case "line" | "words":
            return LineField(field.label, longest=longest)
        case "text":
            return MarkdownField(field.label, optional=True)
        case "one" if field.name == "label":
            return RadioField(field.label, choices=options(field.choices))
        case "one":
            return SelectField(field.label, choices=options((NOT_CHOSEN, *field.choices)))
        case "many":
            return TicksField(field.label, choices=options(field.choices))
        case "month":
            return StringField(field.label, validators=[is_month])
        case "number":
            return StringField(field.label, validators=[_is_number])
        case "tick":
            return BooleanField(field.label)
        case "rights":
            return FieldList(FormField(RightForm), min_entries=len(RIGHTS), max_entries=len(RIGHTS))
        case _:
            return FieldList(FormField(ROW_FORMS[field.name]), max_entries=ROWS)


def number_of(written: Any) -> int | None:
    """A whole number as people write it, such as 96 000 or 96,000; none of ours is ``None``."""
    plain = re.sub(r"[\s,.'’]", "", str(written if written is not None else ""))
    return int(plain) if plain.isascii() and plain.isdecimal() and int(plain) <= 2_000_000_000 else None


def _is_number(_form: Any, field: StringField) -> None:
    if str(field.data if field.data is not None else "").strip() and number_of(field.data) is None:
        raise ValidationError(_("Write a whole number, without the currency: 96000."))


def is_month(_form: Any, field: StringField) -> None:
    if field.data and not MONTH.fullmatch(field.data.strip()):
        raise ValidationError(_("Write year and month as 2024-03."))


# --- what a form holds -----------------------------------------------------------------------------


def decided_values(form: KeptForm, num: int) -> dict[str, Any]:
    """What an accepted form holds, ready to be stored; texts as (Markdown, HTML)."""
    return {name: _decided(FIELDS[name], form[name]) for name in (field.name for field in STEPS[num - 1].fields)}


def _decided(field: Field, given: Any) -> Any:
    match field.kind:
        case "line" | "words":
            return given.words
        case "text":
            return given.prepared.md, given.prepared.html
        case "rows":
            return _filled([{name: _decided_line(part) for name, part in entry.form._fields.items()} for entry in given])
        case "rights":
            return {item: (row.form.answer.data or "", row.form.note.words) for (item, _words), row in zip(RIGHTS, given, strict=False)}
        case _:
            return _plain(field, given)


def _decided_line(part: Any) -> Any:
    return part.words if isinstance(part, LineField) else part.data or ""


def typed_values(form: KeptForm, num: int) -> dict[str, Any]:
    """What a form holds while it is being written; texts have no HTML yet. Raises ``text.Refused`` for the gravest passages alone."""
    guard = guard_now(least=3)
    return {name: _typed(FIELDS[name], form[name], guard) for name in (field.name for field in STEPS[num - 1].fields)}


def _typed(field: Field, given: Any, guard: Guard) -> Any:
    match field.kind:
        case "line" | "words":
            return text.prepare_line(given.data or "", max(field.most, 80) * LOOSE, guard)
        case "text":
            return text.prepare_unfinished(given.data or "", guard), UserText("")
        case "rows":
            return _filled([{name: _typed_line(part, guard) for name, part in entry.form._fields.items()} for entry in given])
        case "rights":
            return {item: (_offered(row.form.answer), _typed_line(row.form.note, guard)) for (item, _words), row in zip(RIGHTS, given, strict=False)}
        case _:
            return _plain(field, given)


def _typed_line(part: Any, guard: Guard) -> Any:
    return text.prepare_line(part.data or "", part.longest, guard) if isinstance(part, LineField) else _offered(part)


def _plain(field: Field, given: Any) -> Any:
    match field.kind:
        case "many":
            known = {str(option.value) for option in given.choices}
            return sorted({value for value in given.data or [] if value in known})
        case "tick":
            return bool(given.data)
        case "number":
            return number_of(given.data)
        case "month":
            month = (given.data or "").strip()
            return month if MONTH.fullmatch(month) else ""
        case _:
            return _offered(given)


def _offered(given: Any) -> str:
    value = str(given.data or "")
    return value if value in {str(option.value) for option in given.choices} else ""


def _filled(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if any(row.values())]


class BeginForm(HubForm):
    title = LineField(later("Title"), shortest=10, longest=120)
    pillar = OneOf(later("Pillar"))
    copy_of = StringField(widget=HiddenInput(), default="")

    def __init__(self, pillars: list[Pillar], **values: Any) -> None:
        super().__init__(**values)
        self.pillar.choices = options((pillar.slug, pillar.name) for pillar in pillars)

    def validate_copy_of(self, field: StringField) -> None:
        if field.data and not (field.data.isascii() and field.data.isdecimal() and len(field.data) < 10):
            field.data = ""
