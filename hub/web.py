"""Between HTTP and the rest: who asks, what may be sent, and what every answer carries."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec
from urllib.parse import unquote, urlsplit

from flask import Flask, Response, current_app, g, has_request_context, redirect, request
from flask_compress import Compress
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import NotFound, RequestEntityTooLarge, Unauthorized
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter, IntegerConverter
from werkzeug.wrappers import Response as BaseResponse

from hub.accounts.models import User
from hub.db import now

P = ParamSpec("P")
Answer = Response | BaseResponse | str | tuple[str, int]

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
MOST_FIELDS = 500
LARGEST_UPLOAD = 55_000_000  # bytes of the one form that takes files, of somebody signed in
TAKES_FILES = ("discussions.add_files", "practices.add_files", "rooms.add_files")
LARGEST_FORM = 2_000_000  # bytes: a refused text of any likely length can still be given back

LOCAL = re.compile(r"/(?![/\\])[^\x00-\x20\x7f\\]{0,2000}")
csrf = CSRFProtect()
login_manager = LoginManager()
compress = Compress()


def limited_by() -> str:
    return f"member {current_user.id}" if current_user.is_authenticated else f"address {get_remote_address()}"


limiter = Limiter(
    limited_by,
    application_limits=[lambda: current_app.config["HUB_WRITE_LIMIT"]],
    storage_uri="memory://",  # of each process: no answer waits for Redis, and what guards accounts is counted in the database
)
limiter.request_filter(lambda: request.method in ("GET", "HEAD", "OPTIONS"))  # reading is not counted


def init_app(app: Flask) -> None:
    _configure(app)
    app.url_map.converters |= {"titled": TitledConverter, "int": IdConverter}
    app.before_request(_refuse_odd)
    for extension in (csrf, login_manager, limiter, compress):
        extension.init_app(app)
    login_manager.session_protection = None  # sessions are rows; a phone that changes its address stays signed in
    app.after_request(_add_headers)
    proxies = app.config["HUB_TRUSTED_PROXIES"]
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, proxies, proxies, proxies, proxies)  # type: ignore[method-assign]


def _configure(app: Flask) -> None:
    url = urlsplit(app.config["HUB_URL"])
    https = url.scheme == "https"
    app.config.update(
        SECRET_KEY=app.config["HUB_SECRET_KEY"],
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # proxies of offices take the Referer away; the token belongs to a cookie that no other host can set
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
    here = [] if app.config["HUB_MODE"] == "production" else ["localhost", "127.0.0.1"]
    app.config["TRUSTED_HOSTS"] = [url.hostname, *here]


# --- who asks --------------------------------------------------------------------------------


def actor() -> User | None:
    """Who asks, or ``None`` when nobody is signed in."""
    if not has_request_context():
        return None
    member = current_user._get_current_object()
    return member if member.is_authenticated else None


def me() -> User:
    """The signed-in member; answers with the way to sign in when there is none."""
    member = actor()
    if member is None:
        raise Unauthorized
    return member


def signed_in(view: Callable[P, Answer]) -> Callable[P, Answer]:
    """Guard a view: without a session it answers with the way to sign in."""

    @wraps(view)
    def guarded(*args: P.args, **values: P.kwargs) -> Answer:
        me()
        return view(*args, **values)

    return guarded


def remember_session(load: Callable[[str], tuple[Any, User] | None]) -> Callable[[str], User | None]:
    """Flask-Login's loader: the member of a session token; keeps when the session was last noted as used."""

    def user_of(token: str) -> User | None:
        found = load(token)
        if found is None:
            return None
        g.user_session, g.member_id = (found[0].id, found[0].seen_at), found[1].id
        return found[1]

    return user_of


def session_to_touch(every: timedelta) -> int | None:
    """The id of this request's session when its time of use should be noted again."""
    session = None if g.get("idle") else g.get("user_session")
    return session[0] if session and now() - session[1] > every else None


def do_not_touch() -> None:
    """This request comes from a page by itself, so it is no sign that somebody is there."""
    g.idle = True


# --- addresses -------------------------------------------------------------------------------


class IdConverter(IntegerConverter):
    """A number that fits the id columns of both databases."""

    regex = r"\d{1,9}"


class TitledConverter(BaseConverter):
    """``12-some-words`` in a URL: the id counts, the words are decoration."""

    regex = r"\d{1,9}(?:-[^/]*)?"

    def to_python(self, value: str) -> int:
        return int(value.partition("-")[0])

    def to_url(self, value: Any) -> str:
        if isinstance(value, int):
            return str(value)
        return super().to_url(f"{value.id}-{value.slug}" if value.slug else str(value.id))


def elsewhere(address: str) -> BaseResponse | None:
    """A redirect when the page was asked for by another spelling of its address; the query stays."""
    if request.path.encode() == _path_of(address):
        return None
    query = request.query_string.decode("utf-8", "replace")
    return redirect(address + ("?" + query if query else ""), 301)


def _path_of(address: str) -> bytes:
    return unquote(urlsplit(address).path).encode()


def moment_of(given: str) -> datetime:
    """A time as our own page wrote it; anything else is long ago, before which nothing was read."""
    try:
        return datetime.fromisoformat(given).astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime(2000, 1, 1, tzinfo=UTC)


def number(name: str) -> int | None:
    """A positive number of the query, as short as an id; anything else is none."""
    return whole(name) or None


def whole(name: str) -> int | None:
    """A number of the query that may be 0; anything else is none."""
    given = request.args.get(name, "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else None


def small(given: str) -> int:
    """A number of a form that fits the columns of both databases; anything else is 0, which is no version and no id."""
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0


def _refuse_odd() -> None:
    """No address holds the character that PostgreSQL cannot compare with; no form has thousands of fields, or files where none belong."""
    if request.endpoint in TAKES_FILES and actor() is not None:
        request.max_content_length = LARGEST_UPLOAD
    if request.mimetype == "application/x-www-form-urlencoded" and request.get_data().count(b"&") > MOST_FIELDS:
        raise RequestEntityTooLarge
    if "\0" in request.path or any("\0" in value for _name, value in request.args.items(multi=True)):
        raise NotFound


def public_url(endpoint: str, **values: Any) -> str:
    """An address for mail: always on the host name of the settings."""
    path = current_app.url_map.bind("").build(endpoint, values)  # letters are also written outside a request
    return str(current_app.config["HUB_URL"]).rstrip("/") + path


def local_target(target: str | None) -> str:
    """``target`` when it is a page of this site, else the front page."""
    ours = target is not None and LOCAL.fullmatch(target)
    return str(target) if ours else "/"


def page_of_form() -> str:
    """The page of ours that a form was sent from, else the front page."""
    came_from = (request.referrer or "").removeprefix(request.host_url)
    return local_target("/" + came_from.partition("?")[0]) if came_from != request.referrer else "/"


# --- what every answer carries -----------------------------------------------------------------


def _add_headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)  # files bring a stricter one
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


