"""Asking for the password once more, before what must not happen from an unattended browser."""

from flask import Response, after_this_request
from flask_limiter.util import get_remote_address
from wtforms import PasswordField
from wtforms.validators import InputRequired

from hub.accounts import passwords, throttle
from hub.accounts.models import User
from hub.db import unit_of_work
from hub.forms import HubForm
from hub.words import _, later, plural


class PasswordForm(HubForm):
    """Only the password."""

    password = PasswordField(later("Your password"), [InputRequired(later("Enter your password."))])


def confirmed(member: User, field: PasswordField) -> int:
    """0 when the password is the member's; else the HTTP code of the answer, with what is wrong beside the field. Guesses are counted."""
    email, stored = member.email, member.password_hash
    try:
        attempt = throttle.take_turn("change", email, get_remote_address(), throttle.sign_in_limits())
    except throttle.TooMany as wait:
        field.errors = [_("Too many failed tries. %(wait)s.", wait=plural("Wait %(num)s minute", "Wait %(num)s minutes", wait.seconds // 60 + 1))]
        _retry_after(wait.seconds)
        return 429
    if not passwords.matches(stored, field.data or ""):
        throttle.failed(attempt)
        field.errors = [_("This is not the password you use now.")]
        return 400
    with unit_of_work():
        throttle.forgive(attempt)
    return 0


def _retry_after(seconds: int) -> None:
    @after_this_request
    def told(answer: Response) -> Response:
        answer.headers["Retry-After"] = str(seconds)
        return answer
