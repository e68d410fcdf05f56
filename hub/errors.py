"""What an error says: what happened, that the text is kept, and what to do."""

import logging
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, flash, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, NotFound

from hub.accounts.models import Demo, User
from hub.db import db
from hub.demo.accounts import PASSWORD
from hub.policy import Forbidden
from hub.resume import NEVER_KEPT, kept_form, resume, submitted
from hub.web import Answer, actor, login_manager
from hub.words import _

log = logging.getLogger("hub.web")


def init_app(app: Flask) -> None:
    login_manager.unauthorized_handler(ask_to_sign_in)
    for error, answer in (
        (CSRFError, _form_too_old), (NotFound, _not_found), (Forbidden, _forbidden), (HTTPException, _http_error),
        (OperationalError, _database_busy), (Exception, _broken),
    ):  # fmt: skip
        app.register_error_handler(error, answer)


def ask_to_sign_in() -> Answer:
    """The same answer for every address that is not public, whether it exists or not."""
    if request.headers.get("HX-Request"):
        return render_template("errors/_signed_out.html")
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?") if request.path != "/" else None))
    return render_template("accounts/sign_in.html", kept=kept_form(), form=None, back=_page_of_form(), interrupted=True, **demo_list()), 401


def demo_list() -> dict[str, object]:
    """Accounts listed on the sign-in page of a demo, with their password; nothing elsewhere."""
    if not current_app.config["HUB_DEMO"]:
        return {}
    rows = select(User).join(Demo, Demo.user_id == User.id).order_by(User.id)
    return {"demo_list": list(db.session.scalars(rows)), "demo_password": PASSWORD}


def _page_of_form() -> str:
    came_from = urlsplit(request.referrer or "")
    return came_from.path if came_from.netloc == request.host else "/"


def retry_after(answer: tuple[str, int], seconds: int) -> Response:
    page, code = answer
    return Response(page, code, {"Retry-After": str(seconds)})


def error_page(code: int, title: str, what_to_do: str) -> tuple[str, int]:
    """An error that says what happened and gives back what was typed."""
    texts = [] if request.method in ("GET", "HEAD") or code == 413 else [v for k, v in submitted().items(multi=True) if k not in NEVER_KEPT and len(v) > 40]
    if request.headers.get("HX-Request"):
        return render_template("errors/_fragment.html", title=title, what_to_do=what_to_do), code
    return render_template("errors/page.html", code=code, title=title, what_to_do=what_to_do, texts=texts), code


def _form_too_old(_error: CSRFError) -> Answer:
    if request.endpoint == "accounts.sign_in" or actor() is None:
        return ask_to_sign_in()
    flash(_("Please send this again: the page was open in an earlier session. Nothing is lost."))
    answer = resume(kept_form())
    return answer or error_page(400, _("Please send this again"), _("The page had been open in another session. Go back, reload it, and send again."))


def _not_found(error: NotFound) -> Answer:
    if actor() is None:
        return ask_to_sign_in()
    what_to_do = _("The address is wrong, or the page is not one you can read. Check the link, or start from the front page.")
    return error_page(404, _("There is nothing here for you"), what_to_do)


def _forbidden(_error: Forbidden) -> Answer:
    if actor() is None:
        return ask_to_sign_in()
    return error_page(403, _("This is not open to you"), _("You can read this, but your role does not allow the change. Ask your focal point or a moderator."))


HTTP_ERRORS: dict[int, Callable[[], tuple[str, str]]] = {
    400: lambda: (_("The request could not be understood"), _("Go back, reload the page, and try again.")),
    405: lambda: (_("This address answers to a form only"), _("Go back to the page you came from.")),
    413: lambda: (_("This is too large"), _("Nothing was stored. Use the Back button: your text is still in the form. Shorten it and send again.")),
    429: lambda: (_("Too many forms in a short time"), _("Nothing was stored. Wait a minute, then send it again.")),
}


def _http_error(error: HTTPException) -> Answer:
    code = error.code or 500
    if code == 401:
        return ask_to_sign_in()
    if code < 400:
        return error.get_response()
    title, what_to_do = HTTP_ERRORS.get(code, HTTP_ERRORS[400])()
    answer = error_page(code, title, what_to_do)
    return retry_after(answer, 60) if code == 429 else answer


def _database_busy(error: OperationalError) -> Answer:
    log.error("database", extra={"error": type(error.orig).__name__})
    title = _("The hub is busy")
    page, _code = error_page(503, title, _("Nothing was stored. Wait a moment, then send it again."))
    return Response(page, 503, {"Retry-After": "5"})


def _broken(error: Exception) -> Answer:
    if current_app.testing or current_app.debug:
        raise error
    log.exception("unhandled")
    return error_page(500, _("Something went wrong on our side"), _("It has been noted. Try again in a moment; if it stays so, tell the operator of this hub."))
