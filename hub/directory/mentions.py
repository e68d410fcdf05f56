"""Whom a handle names, and which handles a beginning may mean: only members and organisations the reader may see."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from hub import policy, text
from hub.accounts.models import FormerHandle, Organisation, User
from hub.accounts.queries import found
from hub.db import db
from hub.directory.models import Profile
from hub.directory.queries import found_by
from hub.policy import Actor, reader

SUGGESTED = 8


class Suggestion(NamedTuple):
    """A handle, and whom it names: a role and an organisation, never a person's name."""

    handle: str
    words: str


class Mentioned(NamedTuple):
    handle: str
    user_id: int | None
    organisation_id: int | None


def mentioned(actor: Actor, handles: Collection[str]) -> list[Mentioned]:
    """Whom these handles name, also former ones. Unknown handles, and those of others than ``actor`` may see, are left out."""
    if not handles:
        return []
    members = _members(actor).with_only_columns(User.handle, User.id).where(User.handle.in_(handles))
    renamed = _members(actor).join(FormerHandle, FormerHandle.user_id == User.id).with_only_columns(FormerHandle.handle, User.id)
    bodies = _organisations(actor).with_only_columns(Organisation.handle, Organisation.id).where(Organisation.handle.in_(handles))
    people = [*db.session.execute(members), *db.session.execute(renamed.where(FormerHandle.handle.in_(handles)))]
    found_people = [Mentioned(handle, user_id, None) for handle, user_id in people]
    return found_people + [Mentioned(handle or "", None, organisation_id) for handle, organisation_id in db.session.execute(bodies)]


def owner_of(actor: Actor, handle: str) -> User | Organisation:
    """The member or organisation a handle names; else 404."""
    named = found(next(iter(mentioned(actor, [handle])), None))
    if named.user_id is not None:
        return db.session.get_one(User, named.user_id)
    return db.session.get_one(Organisation, named.organisation_id)


def suggestions(actor: Actor, beginning: str) -> list[Suggestion]:
    """Handles that begin so, or whose role, organisation or shown name has a word that does."""
    wanted = beginning.lower()[:60]
    words = text.fold(wanted)
    if not words:
        return []
    rows = _members(actor).where(or_(_begins(User.handle, wanted), found_by(reader(actor), words[0])))
    people = [Suggestion(user.handle, _words(user.role_title, user.organisation)) for user in db.session.scalars(rows.order_by(User.handle).limit(SUGGESTED))]
    bodies = _organisations(actor).where(_begins(Organisation.handle, wanted)).order_by(Organisation.handle).limit(SUGGESTED)
    named = [Suggestion(body.handle or "", body.short_name) for body in db.session.scalars(bodies)]
    return (named + people)[:SUGGESTED]


def _begins(column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None], beginning: str) -> ColumnElement[bool]:
    return column.startswith(beginning, autoescape=True)


def _words(role_title: str, organisation: Organisation) -> str:
    return f"{role_title}, {organisation.short_name}"


def _members(actor: Actor) -> Select[User]:
    return select(User).join(Profile, Profile.user_id == User.id).where(policy.readable(actor, User), User.deactivated_at.is_(None))


def _organisations(actor: Actor) -> Select[Organisation]:
    return select(Organisation).where(policy.readable(actor, Organisation), Organisation.handle.is_not(None))
