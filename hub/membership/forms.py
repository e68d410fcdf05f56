"""Forms of inviting and accepting."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, SelectField
from wtforms.validators import InputRequired, Regexp

from hub.accounts.forms import NewPasswordForm
from hub.accounts.models import Organisation, Role
from hub.forms import HubForm, LineField, options

ROLE_NAMES = {Role.FOCAL_POINT: _l("Focal point"), Role.MEMBER: _l("Member"), Role.PARTNER: _l("Partner")}


class InvitationForm(HubForm):
    email = EmailField(_l("Official e-mail address"), [InputRequired(_l("Enter the address the invitation goes to.")),
                       Regexp(r"^\s*[^@\s]{1,64}@[^@\s]+\.[^@\s]+\s*$", message=_l("This does not look like a mail address."))])
    role_title = LineField(_l("Role at work, as others will see it"), shortest=2, longest=80)
    organisation = SelectField(_l("Organisation"), coerce=int)
    role = SelectField(_l("Role on the hub"))

    def __init__(self, organisations: list[Organisation], roles: tuple[str, ...], **values: Any) -> None:
        super().__init__(**values)
        self.organisation.choices = options((organisation.id, organisation.short_name) for organisation in organisations)
        self.role.choices = options((role, ROLE_NAMES[role]) for role in roles)


class AcceptForm(NewPasswordForm):
    role_title = LineField(_l("Role at work, as others will see it"), shortest=2, longest=80)
    name = LineField(_l("Your name (optional)"), longest=100)


def known_address() -> str:
    return _("This address has an account or an open invitation already.")
