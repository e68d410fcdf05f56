"""What an error says: what happened, that the text is kept, and what to do."""

import errno
import logging
import sqlite3
from collections.abc import Callable

from flask import Flask, Response, current_app, flash, g, jsonify, make_response, redirect, render_template, request, session, url_for
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError, generate_csrf
from sqlalchemy import select
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, SecurityError

from hub.accounts.models import Demo, User
from hub.db import AWAY, db
from hub.demo.accounts import PASSWORD
from hub.policy import Forbidden
from hub.resume import NEVER_KEPT, kept_form, resume, submitted
from hub.web import Answer, actor, login_manager, page_of_form, restrict_copies
from hub.words import _

log = logging.getLogger("hub.web")
FREE_TEXT = ("body", "title", "about", "name", "note", "basis", "role_title", "expertise", "contacts", "source", "email")
OUT_OF_ROOM, NOT_THERE_YET = "53100", ("42P01", "42703")  # of PostgreSQL
PUBLIC_FORMS = ("accounts.sign_in_now", "accounts.forgotten", "accounts.reset", "membership.accept")


def init_app(app: Flask) -> None:
    login_manager.unauthorized_handler(ask_to_sign_in)
    for error, answer in (
        (CSRFError, _form_too_old), (NotFound, _not_found), (Forbidden, _forbidden), (HTTPException, _http_error),
        (ProgrammingError, _behind),
        (OSError, _disk_full), (Exception, _broken),
    ):  # fmt: skip
        app.register_error_handler(error, answer)
    for away in AWAY:
        app.register_error_handler(away, _database_away)


def ask_to_sign_in() -> Answer:
    """The same answer for every address that is not public, whether it exists or not."""
    if request.headers.get("HX-Request"):
        return render_template("errors/_signed_out.html")
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?") if request.path != "/" else None))
    restrict_copies()
    return render_template("accounts/sign_in.html", kept=kept_form(), form=None, back=page_of_form(), interrupted=True, **demo_list()), 401


def demo_list() -> dict[str, object]:
    """Accounts listed on the sign-in page of a demo, with their password; nothing elsewhere."""
    if not current_app.config["HUB_DEMO"]:
        return {}
    rows = select(User).join(Demo, Demo.user_id == User.id).order_by(User.id)
    return {"demo_list": list(db.session.scalars(rows)), "demo_password": PASSWORD}


def retry_after(answer: tuple[str, int], seconds: int) -> Response:
    page, code = answer
    return Response(page, code, {"Retry-After": str(seconds)})


def error_page(code: int, title: str, what_to_do: str) -> tuple[str, int]:
    """An error that says what happened and gives back what was typed."""
    texts = [] if request.method in ("GET", "HEAD") or code == 413 else _typed()
    if request.headers.get("HX-Request"):
        return render_template("errors/_fragment.html", title=title, what_to_do=what_to_do), code
    return render_template("errors/page.html", code=code, title=title, what_to_do=what_to_do, texts=texts), code


def _typed() -> list[str]:
    """What a person wrote in the form: not choices, numbers and hidden fields."""
    written = ((name, value.strip()) for name, value in submitted().items(multi=True) if name not in NEVER_KEPT)
    return [value for name, value in written if value and (name.startswith(FREE_TEXT) or " " in value)]


def _form_too_old(_error: CSRFError) -> Answer:
    """A form whose page belongs to another session: shown again, filled, with a fresh token."""
    if request.headers.get("HX-Request"):
        return error_page(400, _("The page was open in an earlier session"), _("Send the form: it will be shown again, with your text."))
    if request.accept_mimetypes.best == "application/json":
        member = actor()
        return make_response(jsonify(member=member.id, token=generate_csrf()) if member else "", 403 if member else 401)
    again = _("Please send this again: the page was open in an earlier session. Nothing is lost.")
    if actor() is None and not _is_public_form():
        return ask_to_sign_in()
    flash(again)  # before the page that says it
    try:
        answer = resume(kept_form()) if actor() else None
    except (NotFound, Forbidden) as refusal:
        session.pop("_flashes", None)
        return _not_found(refusal) if isinstance(refusal, NotFound) else _forbidden(refusal)
    return answer or redirect(request.path if _is_public_form() else "/", 303)


def _is_public_form() -> bool:
    """Forms that people without an account use: they hold nothing that is hard to type again."""
    return request.endpoint in PUBLIC_FORMS


def _not_found(error: NotFound) -> Answer:
    if actor() is None:
        return ask_to_sign_in()
    what_to_do = _("Check the address, or start from the front page.")
    return error_page(404, _("This page is not here, or not open to you"), what_to_do)


def _forbidden(_error: Forbidden) -> Answer:
    if actor() is None:
        return ask_to_sign_in()
    return error_page(403, _("This is not open to you"), _("You can read this, but your role does not allow the change. Ask your focal point or a moderator."))


HTTP_ERRORS: dict[int, Callable[[], tuple[str, str]]] = {
    400: lambda: (_("The request could not be understood"), _("Go back, reload the page, and try again.")),
    405: lambda: (_("This address answers to a form only"), _("Go back to the page you came from.")),
    500: lambda: (_("Something went wrong on our side"), _("It has been noted. Try again in a moment; if it stays so, tell the operator of this hub.")),
    413: lambda: (_("This is too large"), _("Nothing was stored. Use the Back button: your text is still in the form. Shorten it and send again.")),
    429: lambda: (_("Too many forms in a short time"), _("Nothing was stored. Wait a minute, then send it again.")),
}


def _http_error(error: HTTPException) -> Answer:
    if error.response is not None:  # a whole answer, raised from inside a form
        return error.get_response()
    code = error.code or 500
    if isinstance(error, SecurityError):  # a foreign host name: no address can be written, so no page either
        return Response("This hub has another address.\n", 400, mimetype="text/plain")
    if code == 401:
        return ask_to_sign_in()
    if code < 400:
        return error.get_response()
    title, what_to_do = HTTP_ERRORS.get(code, HTTP_ERRORS[500 if code >= 500 else 400])()
    page, _code = error_page(code, title, what_to_do)
    headers = {"Allow": ", ".join(error.valid_methods or ())} if isinstance(error, MethodNotAllowed) else {}
    return Response(page, code, headers | ({"Retry-After": "60"} if code == 429 else {}))


def _database_away(error: SQLAlchemyError) -> Answer:
    """Busy, restarting, or out of room: nothing was stored, and the page gives back what was typed."""
    cause = getattr(error, "orig", None)
    log.error("database", extra={"error": type(cause or error).__name__})
    g._login_user = AnonymousUserMixin()  # who asks cannot be known now, and the page must not ask again
    db.session.rollback()
    if getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL or getattr(cause, "sqlstate", None) == OUT_OF_ROOM:
        return _no_room()
    return retry_after(error_page(503, _("The hub is busy"), _("Nothing was stored. Wait a moment, then send it again.")), 5)


def _behind(error: ProgrammingError) -> Answer:
    """A table or column that is not there yet: the database waits for its migrations."""
    return _database_away(error) if getattr(error.orig, "sqlstate", None) in NOT_THERE_YET else _broken(error)


def _disk_full(error: OSError) -> Answer:
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return _broken(error)
    log.error("disk full")
    db.session.rollback()
    return _no_room()


def _no_room() -> Answer:
    what_to_do = _("Nothing was stored, and reading goes on. The operator of this hub must make room; keep your text and send it again later.")
    return retry_after(error_page(507, _("The hub has no room to store this"), what_to_do), 60)


def _broken(error: Exception) -> Answer:
    if current_app.testing or current_app.debug:
        raise error
    log.exception("unhandled")
    return error_page(500, *HTTP_ERRORS[500]())
