"""Loading accounts, sessions and organisations."""

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple, TypeVar

from flask import current_app
from sqlalchemy import Select, bindparam, exists, or_, select
from werkzeug.exceptions import NotFound

from hub import policy
from hub.accounts.models import Organisation, PasswordReset, Role, State, User, UserSession
from hub.db import db, now
from hub.notifications.models import Notification
from hub.policy import Actor
from hub.text import clean

Row = TypeVar("Row")
RESET_LASTS = timedelta(minutes=30)


def hashed(token: str) -> str:
    """Tokens have 128 random bits, so a plain hash is enough to keep."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def normal_email(written: str) -> str:
    return "".join(written.split()).lower()[:254]


_HAS_NEWS = exists().where(Notification.user_id == User.id, Notification.read_at.is_(None))
_SESSION_AND_USER = (
    select(UserSession.id, UserSession.created_at, UserSession.seen_at, User, _HAS_NEWS)
    .join(User, User.id == UserSession.user_id)
    .where(UserSession.token_hash == bindparam("token_hash"))
)


class Session(NamedTuple):
    """A session of a browser, as it stood when it was looked up."""

    id: int
    created_at: datetime
    seen_at: datetime


def session_and_user(token: str) -> tuple[Session, User] | None:
    """The living session of a cookie, in one statement; ``None`` when it ended or its member may not act."""
    found = db.session.execute(_SESSION_AND_USER, {"token_hash": hashed(token)}).first()
    if found is None:
        return None
    *facts, user, has_news = found
    session = Session._make(facts)
    if not user.active or ended(session, now()):
        return None
    user.has_news = bool(has_news)
    return session, user


def living_sessions(tokens: Collection[str]) -> dict[str, User]:
    """Members by the token of a session that lives, in one statement for any number of open pages."""
    by_hash = {hashed(token): token for token in tokens}
    rows = select(UserSession.id, UserSession.created_at, UserSession.seen_at, UserSession.token_hash, User).join(User, User.id == UserSession.user_id)
    at, living = now(), {}
    for *facts, token_hash, user in db.session.execute(rows.where(UserSession.token_hash.in_(by_hash))):
        if user.active and not ended(Session._make(facts), at):
            living[by_hash[token_hash]] = user
    return living


def touched_every() -> timedelta:
    """How often use of a session is noted: every five minutes, or oftener when sessions are short."""
    return min(timedelta(minutes=5), timedelta(minutes=current_app.config["HUB_SESSION_IDLE_MINUTES"]) / 6)


def ended(session: Session, at: datetime) -> bool:
    idle = timedelta(minutes=current_app.config["HUB_SESSION_IDLE_MINUTES"])
    longest = timedelta(hours=current_app.config["HUB_SESSION_HOURS"])
    return at - session.seen_at > idle or at - session.created_at > longest


def user_by_email(email: str) -> User | None:
    return db.session.scalar(select(User).where(User.email == email))


def focal_points_of(organisation_ids: set[int]) -> set[int]:
    """Active focal points of these organisations, at most ten of each call."""
    if not organisation_ids:
        return set()
    rows = select(User.id).where(User.organisation_id.in_(organisation_ids), User.role == Role.FOCAL_POINT, User.deactivated_at.is_(None))
    return set(db.session.scalars(rows.order_by(User.id).limit(10)))


def moderators() -> set[int]:
    """Active moderators, at most fifty."""
    return set(db.session.scalars(select(User.id).where(User.is_moderator, User.deactivated_at.is_(None)).order_by(User.id).limit(50)))


def member_of(handle: str) -> User | None:
    """Whose handle this is, with or without its @."""
    return db.session.scalar(select(User).where(User.handle == clean(handle).strip().removeprefix("@")[:80]))


def members_by_id(ids: Collection[int]) -> dict[int, User]:
    """Accounts by number, deactivated ones too; who calls has a reason to name them."""
    return {user.id: user for user in db.session.scalars(_BY_ID, {"ids": list(ids)})} if ids else {}


_BY_ID = select(User).where(User.id.in_(bindparam("ids", expanding=True)))


def living_reset(token: str) -> PasswordReset | None:
    return db.session.scalar(_living_reset(token))


def _living_reset(token: str) -> Select[PasswordReset]:
    return select(PasswordReset).where(
        PasswordReset.token_hash == hashed(token), PasswordReset.used_at.is_(None), PasswordReset.created_at > now() - RESET_LASTS
    )


def user_of_reset(reset: PasswordReset) -> User:
    return db.session.get_one(User, reset.user_id)


def people_of(actor: Actor, organisation: Organisation) -> list[User]:
    """Members of an organisation and its agencies whom ``actor`` may read, focal points first."""
    rows = (
        select(User)
        .join(Organisation, Organisation.id == User.organisation_id)
        .where(policy.readable(actor, User), User.deactivated_at.is_(None))
        .where(or_(Organisation.id == organisation.id, Organisation.parent_id == organisation.id))
        .order_by(User.role != Role.FOCAL_POINT, User.role_title, User.id)
        .limit(200)
    )
    return list(db.session.scalars(rows))


def get_managed_user(actor: User, user_id: int) -> User:
    """A member, also a deactivated one, of an organisation that ``actor`` answers for; else 404."""
    user = found(db.session.get(User, user_id))
    if not policy.can(actor, "members.manage", user.organisation):
        raise NotFound
    return user


def get_organisation(actor: Actor, organisation_id: int) -> Organisation:
    return found(db.session.scalar(select(Organisation).where(Organisation.id == organisation_id, policy.readable(actor, Organisation))))


def organisations(actor: Actor) -> list[Organisation]:
    """Task forces by state in ASEAN order, each followed by its agencies; then bodies and partners."""
    found = db.session.scalars(select(Organisation).where(policy.readable(actor, Organisation))).all()
    return sorted(found, key=_protocol_order)


def _protocol_order(organisation: Organisation) -> tuple[bool, str, bool, str]:
    state = organisation.state
    return state is None, state.short_name if state else organisation.kind, organisation.parent_id is not None, organisation.short_name


def organisations_under(root_id: int) -> list[Organisation]:
    rows = select(Organisation).where(or_(Organisation.id == root_id, Organisation.parent_id == root_id)).order_by(Organisation.id)
    return list(db.session.scalars(rows))


def states(actor: Actor) -> list[State]:
    return list(db.session.scalars(select(State).where(policy.readable(actor, State)).order_by(State.short_name)))


@cache
def state_names() -> dict[str, str]:
    """Short names by code, read once: a state that is renamed shows so after a restart."""
    return {row.code: row.short_name for row in db.session.execute(select(State.code, State.short_name))}


def found(row: Row | None) -> Row:
    if row is None:
        raise NotFound
    return row
