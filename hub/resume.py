"""A form that outlives its session: kept as hidden fields through sign-in, shown again, never sent by itself."""

from collections.abc import Callable
from typing import ParamSpec

from flask import current_app, g, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from hub.web import Answer

P = ParamSpec("P")
NEVER_KEPT = ("csrf_token", "password", "current_password", "again")
KEPT = "kept:"


def resumable(view: Callable[P, Answer]) -> Callable[P, Answer]:
    """Mark a POST view whose form is shown again, filled, after an interruption. It must ask ``resuming()``."""
    view.resumable = True  # type: ignore[attr-defined]
    return view


def resuming() -> bool:
    """Whether a form is to be shown again for the person to send, and not acted upon."""
    return "resumed" in g


def submitted() -> MultiDict[str, str]:
    """The fields of the form, from this request or from the one that was interrupted."""
    fields: MultiDict[str, str] = g.get("resumed", request.form)
    return MultiDict((name, value.replace("\0", "")) for name, value in fields.items(multi=True))  # PostgreSQL stores none


def kept_form() -> MultiDict[str, str]:
    """Hidden fields that carry an interrupted form through sign-in; nothing from another site."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return MultiDict()
    if any(name.startswith(KEPT) for name in request.form):
        return MultiDict((name, value) for name, value in request.form.items(multi=True) if name.startswith(KEPT))
    kept = MultiDict((KEPT + name, value) for name, value in request.form.items(multi=True) if name not in NEVER_KEPT)
    if kept:
        kept[KEPT] = request.path
    return kept


def resume(kept: MultiDict[str, str]) -> Answer | None:
    """Show the interrupted form in its place; ``None`` when there is none or it cannot be shown."""
    fields = MultiDict((name.removeprefix(KEPT), value) for name, value in kept.items(multi=True))
    path = fields.pop("", "")
    try:
        endpoint, values = current_app.url_map.bind(request.host).match(path, method="POST")
    except HTTPException:
        return None
    view = current_app.view_functions[endpoint]
    if not getattr(view, "resumable", False):
        return None
    g.resumed = fields
    answer: Answer = current_app.ensure_sync(view)(**values)
    return answer
