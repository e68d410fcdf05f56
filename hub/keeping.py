"""What every form has whose page keeps it while one types: its own id, the version it was made from, saves that were not answered."""

import re
import secrets

from flask import request
from wtforms import StringField
from wtforms.validators import Length
from wtforms.widgets import HiddenInput

from hub.forms import HubForm
from hub.resume import submitted

SAVE_ID = re.compile(r"(?!\d+$)[A-Za-z0-9-]{1,64}")


def new_client_id() -> str:
    """Made with the form, so that sending it twice is once."""
    return secrets.token_urlsafe(16)


class KeptForm(HubForm):
    client_id = StringField(validators=[Length(max=64)], widget=HiddenInput(), default=new_client_id)
    seq = StringField(widget=HiddenInput(), default="0")
    tried = StringField(widget=HiddenInput(), default="")

    def draft_seq(self) -> int:
        """Of the draft that this form shows; 0 when there is none."""
        given = self.seq.data or ""
        return int(given) if given.isascii() and given.isdecimal() and len(given) < 9 else 0

    def saves(self) -> list[str]:
        """Saves of this window that were not answered when the form was sent: one of them may be the stored draft."""
        return [one for one in (self.tried.data or "")[:1_000].split(",") if one]


def save_id() -> str:
    """Names one save of a page, so that the same save sent twice is one; what is no such name is none."""
    given = submitted().get("save_id", "")
    return given if SAVE_ID.fullmatch(given) else ""


def asked_by_script() -> bool:
    return request.accept_mimetypes.best == "application/json"
