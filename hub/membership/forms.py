"""Forms of inviting and accepting."""

from typing import Any

from wtforms import EmailField, SelectField
from wtforms.validators import InputRequired, Regexp

from hub.accounts.forms import NewPasswordForm
from hub.accounts.models import Organisation, Role
from hub.forms import HubForm, LineField, options
from hub.reasons import ReasonField
from hub.words import _, later

# What mail servers of governments use; quoted names, comments and lists of addresses are none.
MAIL_ADDRESS = r"^\s*[A-Za-z0-9][A-Za-z0-9._%+'-]{0,63}(?<!\.)@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}\s*$"
ROLE_NAMES = {Role.FOCAL_POINT: later("Focal point"), Role.MEMBER: later("Member"), Role.PARTNER: later("Partner")}


class InvitationForm(HubForm):
    email = EmailField(later("Official e-mail address"), [InputRequired(later("Enter the address the invitation goes to.")),
                       Regexp(MAIL_ADDRESS, message=later("This does not look like a mail address."))])
    role_title = LineField(later("Role at work, as others will see it"), shortest=2, longest=80)
    organisation = SelectField(later("Organisation"), coerce=int)
    role = SelectField(later("Role on the hub"))
    reason = ReasonField(later("Why this member (for the record, without names)"))

    def __init__(self, organisations: list[Organisation], roles: tuple[str, ...], **values: Any) -> None:
        super().__init__(**values)
        self.organisation.choices = options((organisation.id, organisation.short_name) for organisation in organisations)
        self.role.choices = options((role, ROLE_NAMES[role]) for role in roles)


class AcceptForm(NewPasswordForm):
    role_title = LineField(later("Role at work, as others will see it"), shortest=2, longest=80)
    name = LineField(later("Your name (optional)"), longest=100)


def known_address() -> str:
    return _("This address has an account or an open invitation already.")
