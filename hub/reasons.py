"""A staff action asks for its reason first: a page of its own, on the way, that works without a script."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import render_template, request

from hub.db import UserText
from hub.forms import HubForm, LineField
from hub.resume import submitted
from hub.web import Answer, page_of_form
from hub.words import later

SHORTEST, LONGEST = 5, 300


class ReasonField(LineField):
    """Why somebody acts for the hub, for the audit."""

    def __init__(self, label: Any = later("Reason"), **options: Any) -> None:
        super().__init__(label, shortest=SHORTEST, longest=LONGEST, **options)


class ReasonForm(HubForm):
    reason = ReasonField()


def reasoned(what: str, other: tuple[str, str, str] | None = None) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """Call a view with ``reason`` once it was given; before that, ask for it on a page headed ``what``, and keep the other fields.

    ``other`` is a field, a value of it, and the head of the page in that case.
    """

    def wrapped(view: Callable[..., Answer]) -> Callable[..., Answer]:
        @wraps(view)
        def asking(*args: Any, **values: Any) -> Answer:
            reason, page = ask(other[2] if other and request.form.get(other[0]) == other[1] else what)
            return view(*args, reason=reason, **values) if reason else page

        return asking

    return wrapped


def ask(what: str) -> tuple[UserText, Answer]:
    """The reason this request gives, or else the page that asks for it."""
    form = ReasonForm()
    asked = "reason" in submitted()
    if asked and form.accepted():
        return form.reason.words, ""
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in ("csrf_token", "reason") and not name.startswith("passage-")]
    return UserText(""), (render_template("audit/reason.html", form=form, what=what, fields=fields, back=page_of_form()), 400 if asked else 200)
