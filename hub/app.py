"""create_app() puts the rooms of the house together."""

import os
from functools import partial

from flask import Flask, request
from sqlalchemy.exc import SQLAlchemyError

from hub import assets, cli, config, db, disk, errors, formats, fragments, listeners, live, logs, web, words
from hub import check as check
from hub.accounts import passwords
from hub.accounts import views as account_pages
from hub.accounts.queries import session_and_user
from hub.audit import triggers
from hub.backup import commands as commands
from hub.demo import seed
from hub.directory import views as directory_pages
from hub.discussions import pages as discussion_pages
from hub.home import pages as home_pages
from hub.membership import views as membership_pages
from hub.minutes import pages as minutes_pages
from hub.moderation import pages as moderation_pages
from hub.practices import pages as practice_pages
from hub.rooms import pages as room_pages


def create_app(settings: dict[str, object] | None = None) -> Flask:
    """The hub as a WSGI app. ``settings`` override the environment, in tests."""
    app = Flask("hub", static_folder=None, template_folder=str(config.ROOT / "templates"))
    app.config.update(config.read() | (settings or {}))
    _refuse(config.dangers(app.config, os.environ), app)
    if impossible := config.impossible(app.config, os.environ):
        raise config.UnsafeSettings("The hub does not start:\n  " + "\n  ".join([*impossible, *config.misspelt(os.environ)]))
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    logs.init_app(app)
    web.init_app(app)
    errors.init_app(app)
    disk.init_app(app)
    words.init_app(app)
    db.init_app(app)
    live.init_app(app)
    listeners.init_app(app)
    passwords.init_app(app)
    below = (assets, home_pages, account_pages, membership_pages, directory_pages)
    for pages in (*below, discussion_pages, practice_pages, room_pages, minutes_pages, moderation_pages):
        app.register_blueprint(pages.bp)
    web.login_manager.user_loader(web.remember_session(session_and_user))
    app.after_request(account_pages.touch_session)
    home_pages.health.watch(app)
    formats.init_app(app)
    fragments.init_app(app)
    app.cli.add_command(cli.hub)
    try:
        _look_at_database(app)
    except SQLAlchemyError:  # away, or not there yet: no page is served before it was looked at
        app.before_request_funcs.setdefault(None, []).insert(0, partial(_look_first, app))
    with app.app_context():
        db.db.engine.dispose()  # a server may fork now: no process shares a connection with another
    return app


def _look_first(app: Flask) -> None:
    """Before a request: answers 503 while the database is away; the process ends when it is not one to run on."""
    if not app.extensions.get("database seen") and request.endpoint not in ("home.healthz", "home.readyz"):
        _look_at_database(app)


def _look_at_database(app: Flask) -> None:
    """Raises ``SystemExit`` when it is one that the hub does not run on, and SQLAlchemy's errors when it does not answer."""
    _refuse(seed.dangers(app), app)
    _refuse_unguarded_audit(app)
    app.extensions["database seen"] = True


def _refuse_unguarded_audit(app: Flask) -> None:
    """The audit is only added to because the database says so; without that the hub does not run."""
    with app.app_context():
        missing = triggers.missing(db.db.engine)
    if missing:
        raise SystemExit(f"The audit is not protected: {', '.join(sorted(missing))} missing. Restore the database, or ask who removed them.")


def _refuse(dangers: list[str], app: Flask) -> None:
    if app.config["HUB_MODE"] == "production" and dangers:
        raise config.UnsafeSettings("The hub does not start in production mode:\n  " + "\n  ".join([*dangers, *config.misspelt(os.environ)]))
