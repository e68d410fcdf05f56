"""The world of a test, one line for each thing in it."""

import hashlib
import os
import re
import secrets
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select
from werkzeug.test import TestResponse

from hub import setup, text
from hub.accounts.actions import open_session
from hub.accounts.handles import give_handles
from hub.accounts.models import Kind, Organisation, Reviewer, User
from hub.accounts.words import index_organisation
from hub.audit.chain import FIRST
from hub.audit.models import AuditHead
from hub.db import Base, UserText, db, unit_of_work
from hub.directory.models import Profile
from hub.directory.words import index_member
from hub.discussions import actions
from hub.discussions.models import Post, Thread
from hub.pillars.models import Pillar

STAFF_FORM = re.compile(r"/(?:lock|pin|publish|take-back|deactivate|reactivate|moderator|resend|withdraw|answer)$|/organisations/\d+/(?:members|edit)$|/moderation/safeguard/|/moderation/(?:decide|organisations|tags|pillars|grants|states|sanctions)|/threads/\d+/(?:move|split|merge)$")
MORE = 4 if os.environ.get("HUB_LONG_TESTS") else 1  # times as many examples in a long run
PASSWORD = "correct horse battery staple 7"


def empty(app: Flask) -> None:
    """A hub with its reference data and nothing else; the data are put in place once and copied from then on."""
    kept: dict[Any, list[dict[str, Any]]] | None = app.extensions.get("reference data")
    with app.app_context(), unit_of_work():
        _delete_all([f'DELETE FROM "{table.name}"' for table in reversed(Base.metadata.sorted_tables) if not table.name.startswith("audit_")])
        if db.session.get_one(AuditHead, 1).seq:
            forget_audit()
        if kept is None:
            setup.put_reference_data()
            db.session.flush()
            tables = [table for table in Base.metadata.sorted_tables if not table.name.startswith("audit_")]
            kept = {table: [dict(row) for row in db.session.execute(table.select()).mappings()] for table in tables}
            app.extensions["reference data"] = {table: rows for table, rows in kept.items() if rows}
            return
        for table, rows in kept.items():
            db.session.execute(table.insert(), rows)


def _delete_all(statements: list[str]) -> None:
    connection = db.session.connection()
    if db.engine.dialect.name == "postgresql":  # in one piece; nothing is looked up row by row, which takes the square of thousands
        role = "SET LOCAL session_replication_role"
        connection.connection.driver_connection.execute("; ".join([f"{role} = replica", *statements, f"{role} = origin"]), prepare=False)
        return
    for statement in statements:
        connection.exec_driver_sql(statement)


def forget_audit() -> None:
    """Begin the chain anew: what only a test may do, and only by lifting the triggers."""
    without_triggers("DELETE FROM audit_row", f"UPDATE audit_head SET seq = 0, hash = '{FIRST}'")


def without_triggers(*statements: str) -> None:
    """Do to the audit, inside a unit of work, what the database refuses."""
    connection = db.session.connection()
    if db.engine.dialect.name == "postgresql":
        statements = ("SET LOCAL session_replication_role = replica", *statements, "SET LOCAL session_replication_role = origin")
        triggers: list[str] = []
    else:
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit_%'").all()
        statements, triggers = (*(f"DROP TRIGGER {name}" for name, _sql in rows), *statements), [sql for _name, sql in rows]
    for statement in (*statements, *triggers):
        connection.exec_driver_sql(statement)
    db.session.expire_all()


@dataclass
class Browser:
    """A person at a browser without JavaScript: follows forms, keeps cookies, knows its CSRF token."""

    app: Flask
    client: FlaskClient
    user_id: int = 0
    token: str = ""
    csrf: str = field(default_factory=lambda: hashlib.sha1(secrets.token_bytes(16)).hexdigest())

    def __post_init__(self) -> None:
        with self.client.session_transaction() as session:
            session["csrf_token"] = self.csrf
            if self.token:
                session["_user_id"] = self.token

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, buffered=True, **options)

    def signed(self) -> str:
        """The token that a form of this browser carries."""
        signer = URLSafeTimedSerializer(self.app.secret_key, salt="wtf-csrf-token")
        with self.client.session_transaction() as session:
            return signer.dumps(session.setdefault("csrf_token", self.csrf))

    def post(self, path: str, _csrf: bool = True, _headers: dict[str, str] | None = None, **fields: Any) -> TestResponse:
        if STAFF_FORM.search(path):
            fields.setdefault("reason", "A reason for the record")
        if _csrf:
            fields["csrf_token"] = self.signed()
        return self.client.post(path, data=fields, headers=_headers or {}, buffered=True)


class World:
    """Makes people and threads, each call in its own unit of work; ids outlive it."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.count = 0

    def stranger(self) -> Browser:
        return Browser(self.app, self.app.test_client())

    def organisation_id(self, code: str) -> int:
        with self.app.app_context():
            rows = select(Organisation.id).where(Organisation.kind == Kind.TASK_FORCE, Organisation.state_code == code.upper())
            return db.session.scalars(rows).one()

    def body_id(self, kind: str = Kind.ASEAN_BODY) -> int:
        with self.app.app_context():
            return db.session.scalars(select(Organisation.id).where(Organisation.kind == kind).order_by(Organisation.id)).first() or 0

    def agency(self, code: str) -> int:
        with self.app.app_context(), unit_of_work():
            parent = self._task_force(code)
            words = text.prepare_line(f"Agency in {code}")
            row = Organisation(kind=Kind.AGENCY, name=words, short_name=words, parent_id=parent.id, state_code=parent.state_code, reads_amber=True)
            give_handles(row)
            db.session.add(row)
            index_organisation(row)
            return row.id

    def _task_force(self, code: str) -> Organisation:
        rows = select(Organisation).where(Organisation.kind == Kind.TASK_FORCE, Organisation.state_code == code.upper())
        return db.session.scalars(rows).one()

    def person(self, place: str | int = "TH", role: str = "member", title: str = "Officer", name: str = "", **more: Any) -> Browser:
        """A signed-in member; ``place`` is a state's code or an organisation's id."""
        self.count += 1
        with self.app.app_context(), unit_of_work():
            organisation = db.session.get_one(Organisation, place) if isinstance(place, int) else self._task_force(place)
            reviews = more.pop("reviews", None)
            user = User(
                email=f"p{self.count}@example.org", handle=f"h{self.count}.{role.replace('_', '')}", password_hash=more.pop("password_hash", "!"), role=role,
                role_title=text.prepare_line(title), organisation_id=organisation.id, **more,
            )  # fmt: skip
            db.session.add(user)
            db.session.flush()
            db.session.add(Profile(user_id=user.id, name=text.prepare_line(name)))
            index_member(user.id)
            if reviews:
                db.session.add(Reviewer(user_id=user.id, pillar_id=self._pillar(reviews).id))
            db.session.refresh(user)
            token = open_session(user)
            return Browser(self.app, self.app.test_client(), user.id, token)

    def again(self, person: Browser) -> Browser:
        """The same member, signed in anew."""
        with self.app.app_context(), unit_of_work():
            return Browser(self.app, self.app.test_client(), person.user_id, open_session(db.session.get_one(User, person.user_id)))

    def _pillar(self, slug: str) -> Pillar:
        return db.session.scalars(select(Pillar).where(Pillar.slug == slug)).one()

    def thread(self, by: Browser, title: str = "A question for all", label: str = "TLP:GREEN", pillar: str = "protection", body: str = "The first words.",
               kind: str = "question", lang: str = "en") -> int:  # fmt: skip
        with self.app.app_context(), unit_of_work():
            opening = actions.Opening(kind, text.prepare_line(title), label, lang, text.prepare(body), [], secrets.token_hex(8))
            return actions.open_thread(db.session.get_one(User, by.user_id), self._pillar(pillar), opening).thread_id

    def reply(self, by: Browser, thread_id: int, parent: int = 1, body: str = "An answer.", lang: str = "en") -> int:
        with self.app.app_context(), unit_of_work():
            thread, user = db.session.get_one(Thread, thread_id), db.session.get_one(User, by.user_id)
            return actions.reply(user, thread, parent, text.prepare(body), lang, secrets.token_hex(8)).num

    def change(self, model: type[Base], row_id: int, **values: Any) -> None:
        with self.app.app_context(), unit_of_work():
            row = db.session.get_one(model, row_id)
            for name, value in values.items():
                setattr(row, name, UserText(value) if isinstance(getattr(row, name), UserText) else value)

    def all(self, rows: Any) -> list[Any]:
        with self.app.app_context():
            return list(db.session.execute(rows).all())

    def one(self, rows: Any) -> Any:
        with self.app.app_context():
            return db.session.execute(rows).one()

    def posts(self, thread_id: int) -> list[Any]:
        return self.all(select(Post.num, Post.path, Post.depth, Post.standing, Post.body_md).where(Post.thread_id == thread_id).order_by(Post.num))
