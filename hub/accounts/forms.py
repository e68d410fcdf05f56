"""Forms of sign-in, passwords and organisations."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, IntegerField, PasswordField, StringField
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import HiddenInput

from hub.accounts import passwords
from hub.forms import HubForm, LineField


class SignInForm(HubForm):
    email = EmailField(_l("Official e-mail address"), [InputRequired(_l("Enter your address."))])
    password = PasswordField(_l("Password"), [InputRequired(_l("Enter your password."))])


class ForgottenForm(HubForm):
    email = EmailField(_l("Official e-mail address"), [InputRequired(_l("Enter your address."))])


class NewPasswordForm(HubForm):
    """A new password, typed twice; ``own_words`` are what it must not be made of."""

    password = PasswordField(_l("New password"), [InputRequired(_l("Choose a password."))])
    again = PasswordField(_l("The same again"), [InputRequired(_l("Type it a second time."))])

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
    current_password = PasswordField(_l("Password now"), [InputRequired(_l("Enter the password you use now."))])


class OrganisationForm(HubForm):
    name = LineField(_l("Full name"), shortest=3, longest=200)
    short_name = LineField(_l("Short name, as shown beside members"), shortest=2, longest=80)
    basis = LineField(_l("Legal basis"), longest=300)
    note = LineField(_l("What others should know"), longest=600)
    website = LineField(_l("Public website"), longest=200)
    official_line = LineField(_l("Official line (a duty post, never a person)"), longest=80)
    official_mail = LineField(_l("Official mailbox"), longest=120)
    source = LineField(_l("Source of these facts"), longest=300)
    checked_on = StringField(_l("Checked on (year-month-day)"))
    reads_amber = BooleanField(_l("Its members read TLP:AMBER like a task force"))
    version = IntegerField(widget=HiddenInput(), default=1)

    def validate_checked_on(self, field: StringField) -> None:
        if not (field.data or "").strip():
            field.data = None
            return
        try:
            day = date.fromisoformat(field.data.strip())
        except ValueError:
            raise ValidationError(_("Write the date as 2026-11-24.")) from None
        if day.year > 2400:  # a year of the Buddhist era
            day = day.replace(year=day.year - 543)
        field.data = day.isoformat()

    def validate_website(self, field: StringField) -> None:
        if field.data and not field.data.startswith(("https://", "http://")):
            raise ValidationError(_("Begin the address with https://"))
