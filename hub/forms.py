"""Form fields that hand out words ready to be stored, and the form every page uses."""

from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import StopValidation

from hub import text
from hub.db import UserText, end_reading
from hub.resume import resuming, submitted
from hub.text import Prepared
from hub.words import _


def options(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """Choices of a field from (value, words) pairs."""
    return [SelectChoice(value, words) for value, words in pairs]


class HubForm(FlaskForm):
    """A form filled from this request, or from the one that was interrupted; not validated in that case."""

    def __init__(self, *args: Any, **values: Any) -> None:
        values.setdefault("formdata", submitted() or None)
        super().__init__(*args, **values)

    def accepted(self) -> bool:
        """Whether the form was sent now and every field holds. Rendering is slow, so what was being read ends first."""
        if resuming() or not self.is_submitted():
            return False
        end_reading()
        return bool(self.validate())


class LineField(StringField):
    """One line of plain words; ``words`` is ready to be stored."""

    words: UserText

    def __init__(self, label: Any, shortest: int = 0, longest: int = 200, **options: Any) -> None:
        super().__init__(label, **options)
        self.shortest, self.longest = shortest, longest

    def pre_validate(self, form: Any) -> None:
        try:
            self.words = text.prepare_line(self.data or "", self.longest)
        except text.Refused as refusal:
            raise StopValidation(str(refusal)) from None
        if len(self.words) < self.shortest:
            raise StopValidation(_("Use at least %(n)s characters.", n=self.shortest) if self.words else _("Fill this in."))


class MarkdownField(TextAreaField):
    """A longer text in Markdown; ``prepared`` is ready to be stored."""

    prepared: Prepared

    def __init__(self, label: Any, optional: bool = False, **options: Any) -> None:
        super().__init__(label, **options)
        self.optional = optional

    def pre_validate(self, form: Any) -> None:
        if self.optional and not (self.data or "").strip():
            self.prepared = text.NOTHING
            return
        try:
            self.prepared = self._prepare(self.data or "")
        except text.Refused as refusal:
            raise StopValidation(str(refusal)) from None


    def _prepare(self, written: str) -> Prepared:
        return text.prepare(written)


class TicksField(SelectMultipleField):
    """Any number of choices; an empty value means none."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([value for value in valuelist if value])
