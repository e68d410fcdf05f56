"""Between HTTP and the rest: who asks, what may be sent, what every answer carries, and what an error says."""

import hashlib
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, ParamSpec
from urllib.parse import unquote, urlsplit

from flask import Blueprint, Flask, Response, current_app, g, redirect, render_template, request, send_from_directory, url_for
from flask_babel import gettext as _
from flask_compress import Compress
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException, NotFound, Unauthorized
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter
from werkzeug.wrappers import Response as BaseResponse

from hub import config
from hub.accounts.models import Demo, User
from hub.db import db, now
from hub.demo.accounts import PASSWORD
from hub.policy import Forbidden

Answer = Response | BaseResponse | str | tuple[str, int]
P = ParamSpec("P")
log = logging.getLogger("hub.web")

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
LARGEST_FORM = 2_000_000  # bytes: a refused text of any likely length can still be given back
STATIC = config.ROOT / "static"
NEVER_KEPT = ("csrf_token", "password", "current_password", "again")
KEPT = "kept:"

csrf = CSRFProtect()
login_manager = LoginManager()
compress = Compress()
assets = Blueprint("assets", __name__)


def _limited_by() -> str:
    return f"member {current_user.id}" if current_user.is_authenticated else f"address {get_remote_address()}"


limiter = Limiter(
    _limited_by,
    application_limits=[lambda: current_app.config["HUB_WRITE_LIMIT"]],
    application_limits_exempt_when=lambda: request.method in ("GET", "HEAD", "OPTIONS"),
    storage_uri="memory://",
    in_memory_fallback_enabled=True,
)


def init_app(app: Flask) -> None:
    _configure(app)
    app.url_map.converters["titled"] = TitledConverter
    for extension in (csrf, login_manager, limiter, compress):
        extension.init_app(app)
    login_manager.session_protection = None  # sessions are rows; a phone that changes its address stays signed in
    login_manager.unauthorized_handler(ask_to_sign_in)
    app.register_blueprint(assets)
    app.after_request(_add_headers)
    for error, answer in ((CSRFError, _form_too_old), (NotFound, _not_found), (Forbidden, _forbidden), (HTTPException, _http_error),
                          (OperationalError, _database_busy), (Exception, _broken)):
        app.register_error_handler(error, answer)
    proxies = app.config["HUB_TRUSTED_PROXIES"]
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, proxies, proxies, proxies, proxies)  # type: ignore[method-assign]


def _configure(app: Flask) -> None:
    url = urlsplit(app.config["HUB_URL"])
    https = url.scheme == "https"
    app.config.update(
        SECRET_KEY=app.config["HUB_SECRET_KEY"],
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=LARGEST_FORM,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM,
        SESSION_COOKIE_NAME="__Host-hub" if https else "hub",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_SAMESITE="Lax",
        PREFERRED_URL_SCHEME=url.scheme,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_MIMETYPES=["text/html", "application/json"],
        COMPRESS_BR_LEVEL=5,
    )
    if app.config["HUB_MODE"] == "production":
        app.config["TRUSTED_HOSTS"] = [url.hostname]


# --- who asks --------------------------------------------------------------------------------


def actor() -> User | None:
    """Who asks, or ``None`` when nobody is signed in."""
    return current_user._get_current_object() if current_user.is_authenticated else None


def me() -> User:
    """The signed-in member; answers with the way to sign in when there is none."""
    member = actor()
    if member is None:
        raise Unauthorized
    return member


def ask_to_sign_in() -> Answer:
    """The same answer for every address that is not public, whether it exists or not."""
    if request.headers.get("HX-Request"):
        return render_template("errors/_signed_out.html")
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?") if request.path != "/" else None))
    return render_template("accounts/sign_in.html", kept=kept_form(), form=None, back=_page_of_form(), interrupted=True, **demo_list()), 401


def remember_session(load: Callable[[str], tuple[Any, User] | None]) -> Callable[[str], User | None]:
    """Flask-Login's loader: the member of a session token; keeps when the session was last noted as used."""

    def user_of(token: str) -> User | None:
        found = load(token)
        if found is None:
            return None
        g.user_session = (found[0].id, found[0].seen_at)
        return found[1]

    return user_of


def session_to_touch(every: timedelta) -> int | None:
    """The id of this request's session when its time of use should be noted again."""
    session = g.get("user_session")
    return session[0] if session and now() - session[1] > every else None


def demo_list() -> dict[str, object]:
    """Accounts listed on the sign-in page of a demo, with their password; nothing elsewhere."""
    if not current_app.config["HUB_DEMO"]:
        return {}
    rows = select(User).join(Demo, Demo.user_id == User.id).order_by(User.is_moderator, User.is_admin, User.handle)
    return {"demo_list": list(db.session.scalars(rows)), "demo_password": PASSWORD}


def retry_after(answer: tuple[str, int], seconds: int) -> Response:
    page, code = answer
    return Response(page, code, {"Retry-After": str(seconds)})


def _page_of_form() -> str:
    came_from = urlsplit(request.referrer or "")
    return came_from.path if came_from.netloc == request.host else "/"


# --- a form that outlives its session ----------------------------------------------------------


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
    return fields


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


def resume(kept: Mapping[str, str] | MultiDict[str, str]) -> Answer | None:
    """Show the interrupted form in its place; ``None`` when there is none or it cannot be shown."""
    fields = MultiDict((name.removeprefix(KEPT), value) for name, value in MultiDict(kept).items(multi=True))
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


# --- addresses -------------------------------------------------------------------------------


class TitledConverter(BaseConverter):
    """``12-some-words`` in a URL: the id counts, the words are decoration."""

    regex = r"\d{1,18}(?:-[^/]*)?"

    def to_python(self, value: str) -> int:
        return int(value.partition("-")[0])

    def to_url(self, value: Any) -> str:
        return super().to_url(f"{value.id}-{value.slug}" if value.slug else str(value.id))


def elsewhere(address: str) -> BaseResponse | None:
    """A redirect when the page was asked for by another spelling of its address; the query stays."""
    if request.path.encode() == _path_of(address):
        return None
    query = request.query_string.decode("utf-8", "replace")
    return redirect(address + ("?" + query if query else ""), 301)


def _path_of(address: str) -> bytes:
    return unquote(urlsplit(address).path).encode()


def public_url(endpoint: str, **values: Any) -> str:
    """An address for mail: always on the host name of the settings."""
    return str(current_app.config["HUB_URL"]).rstrip("/") + url_for(endpoint, **values)


def local_target(target: str | None) -> str:
    """``target`` when it is a page of this site, else the front page."""
    parts = urlsplit(target or "")
    ours = not parts.scheme and not parts.netloc and parts.path.startswith("/") and not parts.path.startswith(("//", "/\\"))
    return str(target) if ours else "/"


# --- what every answer carries -----------------------------------------------------------------


def _add_headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if not response.cache_control:
        response.headers["Cache-Control"] = "no-store" if g.get("restricted") else "private, no-cache"
    return response


def restrict_copies() -> None:
    """Ask browsers not to keep a copy of this page: it shows TLP:AMBER or stricter."""
    g.restricted = True


def version_of_static() -> str:
    """Changes when any file served to browsers changes: pages name it, so files are cached for good."""
    digest = hashlib.sha256()
    for path in sorted(path for path in STATIC.rglob("*") if path.is_file() and path.suffix not in (".br", ".gz")):
        digest.update(path.relative_to(STATIC).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@assets.get("/static/<version>/<path:name>")
def static(version: str, name: str) -> Answer:
    coding = next((c for c in ("br", "gzip") if c in request.accept_encodings and _packed(name, c).is_file()), None)
    response = send_from_directory(STATIC, name)
    if coding:
        packed = _packed(name, coding)
        mimetype = response.mimetype
        response = send_from_directory(packed.parent, packed.name, mimetype=mimetype)
        response.headers["Content-Encoding"] = coding
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _packed(name: str, coding: str) -> Path:
    return STATIC / (name + (".br" if coding == "br" else ".gz"))


# --- errors ----------------------------------------------------------------------------------


def error_page(code: int, title: str, what_to_do: str) -> tuple[str, int]:
    """An error that says what happened and gives back what was typed."""
    texts = [] if request.method in ("GET", "HEAD") else [v for k, v in submitted().items(multi=True) if k not in NEVER_KEPT and len(v) > 40]
    if request.headers.get("HX-Request"):
        return render_template("errors/_fragment.html", title=title, what_to_do=what_to_do), code
    return render_template("errors/page.html", code=code, title=title, what_to_do=what_to_do, texts=texts), code


def _form_too_old(_error: CSRFError) -> Answer:
    if request.endpoint == "accounts.sign_in" or actor() is None:
        return ask_to_sign_in()
    answer = resume(kept_form())
    return answer or error_page(400, _("Please send this again"), _("The page had been open in another session. Go back, reload it, and send again."))


def _not_found(error: NotFound) -> Answer:
    if actor() is None:
        return ask_to_sign_in()
    return error_page(404, _("There is nothing here for you"), _("The address is wrong, or the page is not one you can read. Check the link, or start from the front page."))


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
        return error.get_response()  # type: ignore[return-value]
    title, what_to_do = HTTP_ERRORS.get(code, HTTP_ERRORS[400])()
    return error_page(code, title, what_to_do)


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
