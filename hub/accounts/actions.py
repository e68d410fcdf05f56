"""Sessions, passwords, and what an organisation says about itself."""

import secrets
from datetime import timedelta

from flask import current_app
from sqlalchemy import delete, select, update

from hub import policy
from hub.accounts import queries
from hub.accounts.models import Organisation, PasswordReset, User, UserSession
from hub.accounts.words import index_organisation
from hub.audit.actions import record
from hub.db import UserText, db, lock_row, now
from hub.mail import actions as mail


class Stale(Exception):
    """What is being changed was changed by somebody else meanwhile."""


def new_token() -> str:
    """128 random bits for a URL or a cookie."""
    return secrets.token_urlsafe(16)


def open_session(user: User) -> str:
    """Start a session and return its token, which is kept nowhere else."""
    longest = timedelta(hours=current_app.config["HUB_SESSION_HOURS"])
    db.session.execute(delete(UserSession).where(UserSession.user_id == user.id, UserSession.created_at < now() - longest))
    token = new_token()
    _begin_visit(user)
    db.session.add(UserSession(user_id=user.id, token_hash=queries.hashed(token)))
    return token


def _begin_visit(user: User) -> None:
    """What is new since the last visit counts from its end; a second browser in the same visit changes nothing."""
    idle = timedelta(minutes=current_app.config["HUB_SESSION_IDLE_MINUTES"])
    if user.seen_at is not None and now() - user.seen_at > idle:
        user.visited_at = user.seen_at
    user.seen_at = now()


def end_session(token: str) -> None:
    """End the session of this browser; the visit ends with it."""
    owner = select(UserSession.user_id).where(UserSession.token_hash == queries.hashed(token)).scalar_subquery()
    db.session.execute(update(User).where(User.id == owner).values(seen_at=now()))
    db.session.execute(delete(UserSession).where(UserSession.token_hash == queries.hashed(token)))


def end_sessions(user: User, except_token: str = "") -> None:
    db.session.execute(delete(UserSession).where(UserSession.user_id == user.id, UserSession.token_hash != queries.hashed(except_token)))


def touch(session_id: int) -> None:
    touched = update(UserSession).where(UserSession.id == session_id).values(seen_at=now()).returning(UserSession.user_id)
    user_id = db.session.scalar(touched)
    db.session.execute(update(User).where(User.id == user_id).values(seen_at=now()))


def set_password(user: User, password_hash: str, keep_token: str = "") -> None:
    """Change the password; every session but the one named ends, and so does every link that would set another."""
    user.password_hash = password_hash
    db.session.execute(update(PasswordReset).where(PasswordReset.user_id == user.id, PasswordReset.used_at.is_(None)).values(used_at=now()))
    end_sessions(user, keep_token)


def ask_for_reset(email: str) -> None:
    """Send a link that sets a new password, when there is such an account."""
    user = queries.user_by_email(email)
    if user is None or user.deactivated_at is not None:
        return
    token = new_token()
    db.session.add(PasswordReset(user_id=user.id, token_hash=queries.hashed(token)))
    mail.send(user.email, "password_reset", token=token)


def use_reset(token: str, password_hash: str) -> User | None:
    """Set the password by a link, once; ``None`` when the link was used or has expired."""
    reset = queries.living_reset(token)
    if reset is None:
        return None
    used = db.session.execute(
        update(PasswordReset).where(PasswordReset.user_id == reset.user_id, PasswordReset.used_at.is_(None)).values(used_at=now()).returning(PasswordReset.id)
    ).scalars()
    if reset.id not in used.all():
        return None
    user = db.session.get_one(User, reset.user_id)
    set_password(user, password_hash)
    return user


def choose_mail(user: User, wanted: bool) -> None:
    """Whether letters tell the member of what is addressed to them."""
    user.by_mail = wanted


def edit_organisation(actor: User, organisation: Organisation, version: int, words: dict[str, UserText], checked_on: str | None, reason: UserText) -> None:
    """Replace what an organisation says about itself. Raises ``Stale`` when ``version`` is not the stored one."""
    policy.require(actor, "organisation.edit", organisation)
    lock_row(organisation)
    if organisation.version != version:
        raise Stale
    for name, value in words.items():
        setattr(organisation, name, value)
    organisation.checked_on = checked_on
    organisation.version += 1
    index_organisation(organisation)
    record(actor, "organisation.edit", ("organisation", organisation.id), reason, version=organisation.version)


def let_read_amber(actor: User, organisation: Organisation, reads: bool, reason: UserText) -> None:
    policy.require(actor, "organisation.set_reading", organisation)
    if organisation.reads_amber != reads:
        organisation.reads_amber = reads
        record(actor, "organisation.read_amber" if reads else "organisation.read_green", ("organisation", organisation.id), reason)
