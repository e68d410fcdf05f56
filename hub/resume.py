"""A form that outlives its session: kept as hidden fields through sign-in, shown again, never sent by itself."""

import re
from collections.abc import Callable
from typing import ParamSpec

from flask import current_app, g, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from hub.web import Answer

P = ParamSpec("P")
NEVER_KEPT = ("csrf_token", "password", "current_password", "again")
KEPT = "kept:"
FIELD_NAME = re.compile(r"[A-Za-z_]{1,40}(?:-[0-9]{1,3}(?:-[A-Za-z_]{1,40})?)?")


def resumable(view: Callable[P, Answer]) -> Callable[P, Answer]:
    """Mark a POST view whose form is shown again, filled, after an interruption. It must ask ``resuming()``."""
    view.resumable = True  # type: ignore[attr-defined]
    return view


def resuming() -> bool:
    """Whether a form is to be shown again for the person to send, and not acted upon."""
    return "resumed" in g


def submitted() -> MultiDict[str, str]:
    """The fields of the form, from this request or from the one that was interrupted.

    Without the character that PostgreSQL cannot store, and without names that no form of ours has.
    """
    fields: MultiDict[str, str] = g.get("resumed", request.form)
    return MultiDict((name, value.replace("\0", "")) for name, value in fields.items(multi=True) if FIELD_NAME.fullmatch(name))


def kept_form() -> MultiDict[str, str]:
    """Hidden fields that carry an interrupted form through sign-in; nothing from another site, nothing that cannot be shown."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return MultiDict()
    if KEPT in request.form:
        return MultiDict((name, value) for name, value in request.form.items(multi=True) if name.startswith(KEPT))
    if _view_of(request.path) is None:
        return MultiDict()
    kept = MultiDict((KEPT + name, value) for name, value in submitted().items(multi=True) if name not in NEVER_KEPT)
    kept[KEPT] = request.path
    return kept


def resume(kept: MultiDict[str, str]) -> Answer | None:
    """Show the interrupted form in its place; ``None`` when there is none or it cannot be shown."""
    found = _view_of(kept.get(KEPT, ""))
    if found is None:
        return None
    endpoint, values = found
    g.resumed = MultiDict((name.removeprefix(KEPT), value) for name, value in kept.items(multi=True) if name != KEPT)
    answer: Answer = current_app.ensure_sync(current_app.view_functions[endpoint])(**values)
    return answer


def _view_of(path: str) -> tuple[str, dict[str, object]] | None:
    """Endpoint and values of the resumable view that a form sent to ``path`` belongs to."""
    try:
        endpoint, values = current_app.url_map.bind(request.host).match(path, method="POST")
    except (HTTPException, ValueError):
        return None
    return (endpoint, dict(values)) if getattr(current_app.view_functions[endpoint], "resumable", False) else None
