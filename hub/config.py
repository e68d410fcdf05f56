"""Every setting of the hub, once: its environment variable, default and meaning."""

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
DEVELOPMENT_SECRET = "for development only: set HUB_SECRET_KEY"
IN_MEMORY_SQLITE = ("sqlite://", "sqlite:///:memory:")


@dataclass(frozen=True)
class Setting:
    """One environment variable; the type of ``default`` is the type of the value."""

    name: str
    default: str | int | bool
    meaning: str


SETTINGS = (
    Setting("HUB_MODE", "development", "`production` makes the hub refuse unsafe settings; `development` is for `./dev`."),
    Setting("HUB_DEMO", False, "1 shows demo accounts, the demo banner, `/style` and `/demo/mail`. Never in production."),
    Setting("HUB_URL", "http://127.0.0.1:5000", "The public address of the hub; links in mail begin with it. Production: https and a host name."),
    Setting("HUB_SECRET_KEY", DEVELOPMENT_SECRET, "At least 32 random characters; signs cookies, keys the hashes of addresses and seals held texts."),
    Setting("HUB_DATA", "var", "Folder for the embedded database and kept mail; relative to the project."),
    Setting("HUB_RESERVE_MB", 64, "When the disk of `HUB_DATA` has less left, posting is refused; reading, signing in and moderating go on."),
    Setting("HUB_DATABASE_URL", "", "`postgresql://…` or `sqlite:///…`; empty means `hub.sqlite3` in `HUB_DATA`."),
    Setting("HUB_REDIS_URL", "", "`redis://…` or `rediss://…`: how several processes ring each other's open pages. Empty: one process."),
    Setting("HUB_ROLE", "all", "`all`: one process does everything. `web` answers requests, `live` holds websockets: several of each, with PostgreSQL, Redis."),
    Setting("HUB_METRICS_TOKEN", "", "Who sends it as `Authorization: Bearer …` reads `/metrics`. Empty: nobody does."),
    Setting("HUB_PORT", 5000, "Port of the server that `./dev` starts on 127.0.0.1."),
    Setting("HUB_TRUSTED_PROXIES", 0, "How many proxies in front of the hub set `X-Forwarded-*`."),
    Setting("HUB_MAIL_URL", "console:", "`smtp://user:password@host:port?tls=starttls`, `smtps://…`, `file:<folder>` or `console:` (prints addressees only)."),
    Setting("HUB_MAIL_FROM", "The Practitioner Hub <hub@demo.example>", "Sender of the hub's mail."),
    Setting("HUB_SESSION_IDLE_MINUTES", 30, "A session ends after so many minutes without a request."),
    Setting("HUB_SESSION_HOURS", 12, "A session ends after so many hours in any case."),
    Setting("HUB_PASSWORD_MEMORY_KIB", 65536, "Memory of one argon2id hash, in KiB."),
    Setting("HUB_PASSWORD_ROUNDS", 3, "Rounds of one argon2id hash."),
    Setting("HUB_PASSWORD_PARALLEL", 2, "How many passwords are hashed at the same time; further sign-ins wait."),
    Setting("HUB_SIGN_IN_FAILURES", 10, "Failed sign-ins for one account in 15 minutes before it must wait."),
    Setting("HUB_SIGN_IN_FAILURES_ADDRESS", 60, "Failed sign-ins from one network address in 15 minutes; offices share one."),
    Setting("HUB_WRITE_LIMIT", "600 per minute", "Forms one member, or one address when signed out, may send."),
    Setting("HUB_SCANNER", "", "A virus scanner: `clamd://host:port` or `clamd:///path/of.sock`. Empty: none; files are checked, not scanned."),
    Setting("HUB_SOCKETS", 40, "Open websockets of one process. Each holds a thread of the embedded server; a `live` process carries some thousands."),
    Setting("HUB_LOG_LEVEL", "INFO", "`DEBUG`, `INFO`, `WARNING` or `ERROR`; logs never hold content, secrets or addresses."),
)

# What deploy/ and ./dev read, or how it begins.
OF_TOOLS = ("HUB_BIND", "HUB_THREADS", "HUB_BACKUP_TO", "HUB_BACKUP_AGE", "HUB_DATABASE_PASSWORD", "HUB_CHROMIUM", "HUB_CORPUS", "HUB_LONG_TESTS", "HUB_TEST")

KNOWN = {"HUB_ROLE": ("all", "web", "live"), "HUB_MODE": ("production", "development"), "HUB_LOG_LEVEL": ("DEBUG", "INFO", "WARNING", "ERROR")}


_WORKERS = re.compile(r"gunicorn.*\s(?:-w|--workers)[= ]?(\d+)")


class UnsafeSettings(SystemExit):
    """Production was asked for with settings that would endanger people; the message lists each."""


def read(environ: Mapping[str, str] | None = None) -> dict[str, object]:
    """Values by name. Raises ``SystemExit`` with one line for a value of the wrong type."""
    given = os.environ if environ is None else environ
    values: dict[str, object] = {setting.name: _value(setting, given.get(setting.name)) for setting in SETTINGS}
    for name, known in KNOWN.items():
        if values[name] not in known:
            raise SystemExit(f"{name} must be one of {', '.join(known)}, not {values[name]!r}.")
    return values


def _value(setting: Setting, text: str | None) -> str | int | bool:
    if text is None:
        return setting.default
    if isinstance(setting.default, bool):
        return text.strip().lower() in ("1", "true", "yes")
    if isinstance(setting.default, int):
        try:
            return int(text)
        except ValueError:
            raise SystemExit(f"{setting.name} must be a whole number, not {text!r}.") from None
    return text


def data_folder(values: Mapping[str, object]) -> Path:
    return ROOT / str(values["HUB_DATA"])


def database_url(values: Mapping[str, object]) -> str:
    """The SQLAlchemy URL; the old spelling ``postgres://`` is understood. A database in memory is refused."""
    url = str(values["HUB_DATABASE_URL"])
    if url in IN_MEMORY_SQLITE:
        raise SystemExit("HUB_DATABASE_URL must name a file: a database in memory would lose everything.")
    if not url:
        return f"sqlite:///{data_folder(values) / 'hub.sqlite3'}"
    return postgresql_url(url)


def is_sqlite(url: str) -> bool:
    return url.startswith("sqlite")


def postgresql_url(url: str) -> str:
    """``url``, its old spelling ``postgres://`` made new."""
    return "postgresql://" + url.removeprefix("postgres://") if url.startswith("postgres://") else url


def impossible(values: Mapping[str, object], environ: Mapping[str, str]) -> list[str]:
    """What no mode starts with: several processes that would lose each other's writes or news; one sentence each with the remedy."""
    workers = _WORKERS.search(environ.get("GUNICORN_CMD_ARGS", "") + " " + " ".join(sys.argv))
    several = values["HUB_ROLE"] != "all" or environ.get("WEB_CONCURRENCY", "1") not in ("", "1") or (workers is not None and workers[1] != "1")
    found = []
    if several and is_sqlite(database_url(values)):
        found.append("Several processes on SQLite: move to PostgreSQL (`flask hub move-to`, then HUB_DATABASE_URL), or run one with HUB_ROLE=all.")
    if several and not values["HUB_REDIS_URL"]:
        found.append("Several processes without Redis: pages on one would not hear of what is written on another. Set HUB_REDIS_URL.")
    if several and values["HUB_ROLE"] == "all":
        found.append("WEB_CONCURRENCY is above 1 and HUB_ROLE is `all`: websockets need processes of their own. Start `web` and `live` ones (deploy/gunicorn).")
    return found


def misspelt(environ: Mapping[str, str]) -> Iterator[str]:
    """Names that look like settings and are none, each in a sentence."""
    known = [setting.name for setting in SETTINGS]
    for name in sorted(environ):
        if name.startswith("HUB_") and name not in known and not name.startswith(OF_TOOLS):
            near = get_close_matches(name, known, 1)
            yield f"{name} is no setting of the hub" + (f": is {near[0]} meant?" if near else "")


def dangers(values: Mapping[str, object], environ: Mapping[str, str]) -> list[str]:
    """What production refuses, one sentence each with the remedy; empty when it may start."""
    found = []
    secret = str(values["HUB_SECRET_KEY"])
    if secret == DEVELOPMENT_SECRET or len(secret) < 32:
        found.append("HUB_SECRET_KEY is the default or shorter than 32 characters: set a random one.")
    if values["HUB_DEMO"]:
        found.append("HUB_DEMO is on, and its password is public: unset it and run `HUB_MODE=development flask hub unseed`.")
    url = urlsplit(str(values["HUB_URL"]))
    if url.scheme != "https" or url.hostname in (None, "localhost", "127.0.0.1", "::1"):
        found.append("HUB_URL must be the https address that members type.")
    if not str(values["HUB_MAIL_URL"]).startswith(("smtp://", "smtps://")):
        found.append("HUB_MAIL_URL names no mail server: set smtp:// or smtps://.")
    return found
