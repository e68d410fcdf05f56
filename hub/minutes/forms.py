"""The form of minutes: a field for each section, of each delegation where it stands for each, and rows of actions."""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from wtforms import FieldList, Form, FormField, SelectField, StringField
from wtforms.validators import ValidationError
from wtforms.widgets import HiddenInput

from hub.accounts.confirming import PasswordForm
from hub.db import UserText
from hub.forms import HubForm, LineField, LinesField, options
from hub.minutes.content import Content, Place, Row, places, without_persons
from hub.minutes.models import Section
from hub.rooms.forms import day_of
from hub.rooms.models import Attribution, Delegation, Room, RoomMember
from hub.web import small
from hub.words import _, later

LONGEST, EMPTY_ROWS, MOST_ACTIONS = 600, 3, 60
LABELS = {
    Section.AGENDA: later("Agenda"),
    Section.ATTENDANCE: later("Attendance"),
    Section.DECISIONS: later("Decisions"),
    Section.ACTIONS: later("Actions"),
    Section.RESERVATIONS: later("Reservations"),
    Section.LANGUAGES: later("Languages"),
    Section.NEXT: later("Next meeting"),
}


class ActionForm(Form):
    what = LineField(later("What"), longest=LONGEST)
    who = SelectField(later("Who"), choices=[])
    due = StringField(later("By when"))

    def validate_due(self, field: StringField) -> None:
        if (self.what.data or "").strip() and day_of(field.data) is None:
            raise ValidationError(_("Say by when: a day such as 2026-04-30."))

    def validate_who(self, field: SelectField) -> None:
        if (self.what.data or "").strip() and not field.data:
            raise ValidationError(_("Say which delegation does it."))


class MinutesForm(HubForm):
    """``base`` is the version it was made from, ``marks_upto`` the last mark that it offers."""

    actions: Any
    base = StringField(widget=HiddenInput())
    marks_upto = StringField(widget=HiddenInput(), default="0")


    def validate_base(self, field: StringField) -> None:
        if not small(field.data or ""):
            raise ValidationError(_("This page does not say which version it changes. Load it anew; your words stay here."))

    def validate_actions(self, field: Any) -> None:
        number = sum(bool((entry.form.what.data or "").strip()) for entry in field)
        if number > MOST_ACTIONS:
            raise ValidationError(_("Use at most %(most)s actions; these are %(n)s. What is less than an action is a decision.", most=MOST_ACTIONS, n=number))


def names(sides: Sequence[Delegation]) -> dict[Place, str]:
    """Fields by place: ``attendance_MY`` of Malaysia."""
    codes = {side.id: side.code for side in sides}
    return {place: f"{place.section}_{codes[place.side_id]}" if place.side_id else place.section for place in places(sides)}


@cache
def _form_class(fields: tuple[tuple[str, str], ...]) -> type[MinutesForm]:
    return type("MinutesFormOfRoom", (MinutesForm,), {name: _field(section) for name, section in fields})


def _field(section: str) -> Any:
    if section == Section.ACTIONS:
        return FieldList(FormField(ActionForm), LABELS[section])
    return LineField(LABELS[section], longest=LONGEST) if section in Section.SINGLE else LinesField(LABELS[section], LONGEST)


def minutes_form(
    room: Room, sides: Sequence[Delegation], delegates: Sequence[RoomMember], named_before: Collection[str], content: Content | None = None, **values: Any
) -> MinutesForm:
    """The form of a room, filled with ``content``, or as it was sent; ``named_before`` are owners of actions, as ``2:17``, who may have left since."""
    named_so = names(sides)
    filled = {} if content is None else {named_so[place]: _shown(place, rows) for place, rows in content.items()}
    values |= {"formdata": None} if content is not None else {}
    form: MinutesForm = _form_class(tuple((name, place.section) for place, name in named_so.items()))(data=filled, **values)
    if content is not None:
        for _row in range(EMPTY_ROWS):
            form[Section.ACTIONS].append_entry()
    named = room.attribution != Attribution.CHATHAM
    people = [(f"{side.id}:{one.user_id}", _("%(state)s: %(role)s", state=side.name, role=one.user.role_title))
              for side in sides for one in delegates if named and one.delegation_id == side.id]  # fmt: skip
    for entry in form[Section.ACTIONS]:
        chosen = [(entry.form.who.data, _("a delegate who has left"))] if entry.form.who.data else []
        known = [("", _("choose")), *((str(side.id), side.name) for side in sides), *people]
        entry.form.who.choices = options([*known, *(pair for pair in chosen if pair[0] not in dict(known) and pair[0] in named_before)])
    return form


def _shown(place: Place, rows: list[Row]) -> Any:
    if place.section == Section.ACTIONS:
        return [{"what": row.words, "who": f"{row.side_id}:{row.owner_id}" if row.owner_id else str(row.side_id), "due": str(row.due_on or "")} for row in rows]
    return "\n".join(row.words for row in rows)


def content_in(form: MinutesForm, room: Room, sides: Sequence[Delegation], roles: dict[int, UserText]) -> Content:
    """What an accepted form says; ``roles`` are of the delegates by number, and of those that earlier versions name."""
    said: Content = {}
    for place, name in names(sides).items():
        field = form[name]
        if place.section == Section.ACTIONS:
            said[place] = [without_persons(room, _action(entry.form, roles)) for entry in field if entry.form.what.words]
        elif place.section in Section.SINGLE:
            said[place] = [Row(field.words)] if field.words else []
        else:
            said[place] = [Row(line, place.side_id) for line in field.lines]
    return said


def _action(form: Any, roles: dict[int, UserText]) -> Row:
    side, _colon, owner = (form["who"].data or "").partition(":")
    owner_id = small(owner) or None
    return Row(form["what"].words, small(side), owner_id if owner_id in roles else None, roles.get(owner_id or 0, UserText("")), day_of(form["due"].data))


class SignForm(PasswordForm):
    hash = StringField(widget=HiddenInput())


class DoneForm(HubForm):
    """One line on what was done."""

    words = LineField(later("What was done"), shortest=3, longest=300)
