"""Forms of sign-in, passwords and organisations."""

from datetime import date
from typing import Any

from wtforms import BooleanField, EmailField, IntegerField, PasswordField, StringField
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import HiddenInput

from hub import text
from hub.accounts import passwords
from hub.accounts.handles import HANDLE, LONGEST, SHORTEST
from hub.forms import CONTACT, HubForm, LineField
from hub.reasons import ReasonField
from hub.words import _, later


class SignInForm(HubForm):
    email = EmailField(later("Official e-mail address"), [InputRequired(later("Enter your address."))])
    password = PasswordField(later("Password"), [InputRequired(later("Enter your password."))])


class ForgottenForm(HubForm):
    email = EmailField(later("Official e-mail address"), [InputRequired(later("Enter your address."))])


class NewPasswordForm(HubForm):
    """A new password, typed twice; ``own_words`` are what it must not be made of."""

    password = PasswordField(later("New password"), [InputRequired(later("Choose a password."))])
    again = PasswordField(later("New password again"), [InputRequired(later("Type it a second time."))])

    def __init__(self, own_words: list[str], **values: Any) -> None:
        super().__init__(**values)
        self.own_words = own_words

    def validate_password(self, field: PasswordField) -> None:
        weakness = passwords.weakness(field.data or "", self.own_words)
        if weakness:
            raise ValidationError(weakness)

    def validate_again(self, field: PasswordField) -> None:
        if field.data != self.password.data:
            raise ValidationError(_("The two passwords differ."))


class ChangePasswordForm(NewPasswordForm):
    current_password = PasswordField(later("Present password"), [InputRequired(later("Enter the password you use now."))])
    password = PasswordField(later("New password"), [InputRequired(later("Choose a password."))])
    again = PasswordField(later("New password again"), [InputRequired(later("Type it a second time."))])


class HandleForm(HubForm):
    handle = StringField(later("Handle"))

    def validate_handle(self, field: StringField) -> None:
        field.data = (field.data or "").strip().lstrip("@").lower()
        try:
            text.prepare_line(field.data.replace(".", " ")[: 2 * LONGEST])
        except text.Refused:
            raise ValidationError(_("This could identify a person. Use your role, such as vso.my.")) from None
        if not SHORTEST <= len(field.data) <= LONGEST or not HANDLE.fullmatch(field.data):
            raise ValidationError(_("Use %(least)s to %(most)s small letters and digits, with dots between, such as vso.my.", least=SHORTEST, most=LONGEST))


class OrganisationForm(HubForm):
    name = LineField(later("Full name"), shortest=3, longest=200)
    short_name = LineField(later("Short name, as shown beside members"), shortest=2, longest=80)
    basis = LineField(later("Legal basis"), longest=300)
    note = LineField(later("What others should know"), longest=600)
    website = LineField(later("Public website"), longest=200, passes=CONTACT)
    official_line = LineField(later("Official line (a duty post, never a person)"), longest=80, passes=CONTACT)
    official_mail = LineField(later("Official mailbox"), longest=120, passes=CONTACT)
    source = LineField(later("Source of these facts"), longest=300)
    checked_on = StringField(later("Checked on (year-month-day)"))
    reason = ReasonField(later("Why it changes (for the record, without names)"))
    reads_amber = BooleanField(later("Its members read TLP:AMBER like a task force"))
    version = IntegerField(widget=HiddenInput(), default=1)

    def validate_checked_on(self, field: StringField) -> None:
        if not (field.data or "").strip():
            field.data = None
            return
        try:
            day = date.fromisoformat((field.data or "").strip())
        except ValueError:
            raise ValidationError(_("Write the date as 2026-11-24.")) from None
        if day.year > 2400:  # a year of the Buddhist era
            day = day.replace(year=day.year - 543)
        field.data = day.isoformat()

    def validate_website(self, field: StringField) -> None:
        if field.data and not field.data.startswith(("https://", "http://")):
            raise ValidationError(_("Begin the address with https://"))
