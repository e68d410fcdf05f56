"""The form of one's own profile."""

from typing import Any
from zoneinfo import available_timezones

from wtforms import FieldList, Form, FormField, IntegerField, SelectField, StringField
from wtforms.validators import ValidationError
from wtforms.widgets import HiddenInput

from hub import languages
from hub.db import UserText
from hub.directory.models import Audience, Availability
from hub.forms import CONTACT, HubForm, LineField, MarkdownField, TicksField, options
from hub.pillars.models import Pillar
from hub.words import later

AUDIENCES = [
    (Audience.OWN_STATE, later("my own state")),
    (Audience.TASK_FORCES, later("task forces")),
    (Audience.EVERYONE, later("everyone here")),
]
AVAILABILITIES = [
    (Availability.OPEN, later("May be asked")),
    (Availability.LIMITED, later("Answers take some days")),
    (Availability.AWAY, later("Not available just now")),
]
CONTACTS = 4
EXPERTISE = 6


def _audience() -> SelectField:
    return SelectField(later("Seen by"), choices=options(AUDIENCES))


class ContactForm(Form):
    line = LineField(later("Line"), longest=120, passes=CONTACT)
    shown_to = SelectField(later("Seen by"), choices=options(AUDIENCES), default=Audience.OWN_STATE)


class ProfileForm(HubForm):
    role_title = LineField(later("Role at work"), shortest=2, longest=80)
    name = LineField(later("Name (optional)"), longest=100)
    name_for = _audience()
    about = MarkdownField(later("About your work"), optional=True)
    about_for = _audience()
    expertise = FieldList(LineField(later("Expertise"), longest=60), min_entries=EXPERTISE, max_entries=EXPERTISE)
    expertise_for = _audience()
    languages = TicksField(later("Languages"), choices=options(languages.AUTONYMS.items()))
    languages_for = _audience()
    pillars = TicksField(later("Pillars"), coerce=int)
    pillars_for = _audience()
    zone = StringField(later("Time zone"))
    zone_for = _audience()
    availability = SelectField(later("May colleagues ask you just now?"), choices=options(AVAILABILITIES), default=Availability.OPEN)
    availability_for = _audience()
    contacts = FieldList(FormField(ContactForm), min_entries=CONTACTS, max_entries=CONTACTS)
    version = IntegerField(widget=HiddenInput(), default=1)

    def __init__(self, pillars: list[Pillar], **values: Any) -> None:
        super().__init__(**values)
        self.pillars.choices = options((pillar.id, pillar.name) for pillar in pillars)

    def validate_zone(self, field: StringField) -> None:
        if field.data not in available_timezones():
            raise ValidationError(later("Choose a zone from the list, such as Asia/Jakarta."))

    def filled_expertise(self) -> list[UserText]:
        return [entry.words for entry in self.expertise if entry.words]

    def filled_contacts(self) -> list[tuple[UserText, str]]:
        return [(entry.form.line.words, entry.form.shown_to.data) for entry in self.contacts if entry.form.line.words]
