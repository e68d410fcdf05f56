"""Form fields that hand out words ready to be stored, and the form every page uses."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from flask import abort, make_response, render_template, request
from flask_wtf import FlaskForm
from wtforms import Field, FieldList, FormField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import StopValidation

from hub import passages, text
from hub.db import UserText, end_reading, unit_of_work
from hub.directory.queries import lines_shown
from hub.guard import Guard, Identifying
from hub.passages import Decision, Passage
from hub.resume import resuming, submitted
from hub.review import rules as safeguarding
from hub.review.queries import rules_off
from hub.safeguard.scan import CONTACT as CONTACT
from hub.text import Prepared
from hub.web import actor
from hub.words import _


def options(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """Choices of a field from (value, words) pairs."""
    return [SelectChoice(value, words) for value, words in pairs]


def guard_now(passes: Collection[str] = (), least: int = 1) -> Guard:
    """How the safeguard reads the words of this request: with what the member shows already, and decided in this form."""
    kept = frozenset(key for key, decision in passages.decisions().items() if decision.choice == passages.KEEP and decision.made)
    return Guard(submitted().get("lang"), lambda: lines_shown(actor()), rules_off, frozenset(passes), kept, least)


class HubForm(FlaskForm):
    """A form filled from this request, or from the one that was interrupted; not validated in that case.

    The safeguard reads every field of words. Where it stops one, ``passages`` are what the writer decides on; ``may_hold`` says
    whether the whole may instead go to a moderator.
    """

    may_hold = False
    applied = False  # whether the words were changed as decided, to be read once more before they are sent

    def __init__(self, *args: Any, **values: Any) -> None:
        values.setdefault("formdata", submitted() or None)
        super().__init__(*args, **values)

    def accepted(self) -> bool:
        """Whether the form was sent now and every field holds. Rendering is slow, so what was being read ends first.

        A page that only asks what the safeguard says, while one types, gets its answer here.
        """
        if resuming() or not self.is_submitted():
            return False
        end_reading()
        choices = self._decide()
        valid = bool(self.validate())
        if "check" in request.form:
            abort(make_response(render_template("components/_passages.html", form=self)))
        self._note(choices, valid)
        self.applied = valid and "apply" in request.form
        return valid and not self.applied

    @property
    def passages(self) -> list[Passage]:
        """What the safeguard found in all fields, as it is shown."""
        made = passages.decisions()
        found = [passage for field in words_in(self) if field.refusal for passage in passages.shown(field.id, field.refusal, made)]
        return found[: passages.MOST]

    @property
    def kept(self) -> list[tuple[str, Decision]]:
        """Passages the writer keeps for good reason: their decisions are sent again with the form."""
        shown = {passage.key for passage in self.passages}
        return [(key, decision) for key, decision in passages.decisions().items() if decision.choice == passages.KEEP and decision.made and key not in shown]

    @property
    def grave(self) -> bool:
        """Whether a passage was found that may not be stored at all."""
        return any(finding.severity == 3 for field in words_in(self) if field.refusal for finding in field.refusal.findings)

    def _decide(self) -> list[safeguarding.Choice]:
        """Change the words as the writer decided; what was decided, for the counts."""
        made, taken = passages.decisions(), []
        if not any(decision.made for decision in made.values()):
            return []
        for field in words_in(self):
            found = passages.found_in(field.data or "", guard_now())
            if found is None:
                continue
            field.data = passages.applied(found.text, found.findings, made)
            taken += passages.choices(found, made)
        return taken

    def _note(self, choices: list[safeguarding.Choice], valid: bool) -> None:
        """Count what was found, or what was decided about it; the words themselves stay out of it."""
        if valid and "apply" in request.form:
            choices = [choice for choice in choices if choice.choice != passages.KEEP]  # what is kept is counted when it is sent
        rules = [] if valid else [finding.rule for field in words_in(self) if field.refusal for finding in field.refusal.findings]
        if not rules and not (valid and choices):
            return
        member = actor()
        member_id = member.id if member else None
        with unit_of_work():
            safeguarding.count_found(rules)
            if valid:
                safeguarding.record_choices(member_id, choices)


class WordsField(StringField):
    """A field whose words the safeguard reads; ``refusal`` is what it said."""

    refusal: Identifying | None = None
    passes: Collection[str] = ()

    def read(self) -> None:
        """Prepare the words; turns a refusal into the message beside the field."""
        try:
            self._prepare_words(guard_now(self.passes))
        except text.Refused as refusal:
            self.refusal = refusal if isinstance(refusal, Identifying) else None
            raise StopValidation(str(refusal)) from None

    def refuse(self, refusal: text.Refused) -> None:
        """Show beside the words why they are not stored, where no validation does."""
        self.refusal = refusal if isinstance(refusal, Identifying) else None
        self.errors = [str(refusal)]

    def _prepare_words(self, guard: Guard) -> None:
        raise NotImplementedError


class LineField(WordsField):
    """One line of plain words; ``words`` is ready to be stored."""

    words: UserText

    def __init__(self, label: Any, shortest: int = 0, longest: int = 200, passes: Collection[str] = (), **options: Any) -> None:
        super().__init__(label, **options)
        self.shortest, self.longest, self.passes = shortest, longest, passes

    def pre_validate(self, form: Any) -> None:
        self.read()
        if len(self.words) < self.shortest:
            raise StopValidation(_("Use at least %(n)s characters.", n=self.shortest) if self.words else _("Fill this in."))

    def _prepare_words(self, guard: Guard) -> None:
        self.words = text.prepare_line(self.data or "", self.longest, guard)


class LinesField(WordsField, TextAreaField):
    """Plain words, a line each; ``lines`` are ready to be stored."""

    lines: list[UserText]

    def __init__(self, label: Any, longest: int = 600, most: int = 60, **options: Any) -> None:
        super().__init__(label, **options)
        self.longest, self.most = longest, most

    def pre_validate(self, form: Any) -> None:
        self.read()

    def _prepare_words(self, guard: Guard) -> None:
        self.lines = text.prepare_lines(self.data or "", self.longest, self.most, guard)


class MarkdownField(WordsField, TextAreaField):
    """A longer text in Markdown; ``prepared`` is ready to be stored."""

    prepared: Prepared

    def __init__(self, label: Any, optional: bool = False, **options: Any) -> None:
        super().__init__(label, **options)
        self.optional = optional

    def pre_validate(self, form: Any) -> None:
        if self.optional and not (self.data or "").strip():
            self.prepared = text.NOTHING
        else:
            self.read()

    def _prepare_words(self, guard: Guard) -> None:
        self.prepared = text.prepare(self.data or "", guard=guard)


def words_in(fields: Iterable[Field]) -> Iterator[WordsField]:
    """The fields of words of a form, those of its lists and inner forms too."""
    for field in fields:
        if isinstance(field, WordsField):
            yield field
        elif isinstance(field, FieldList):
            yield from words_in(field)
        elif isinstance(field, FormField):
            yield from words_in(field.form)


class OneOf(RadioField):
    """One choice, which has to be made; said in plain words where it is not."""

    def pre_validate(self, form: Any) -> None:
        if not any(selected for _value, _words, selected, *_more in self.iter_choices()):
            raise StopValidation(_("Choose one of these."))


class TicksField(SelectMultipleField):
    """Any number of choices; an empty value means none."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([value for value in valuelist if value])
