"""Handles: short names of roles and organisations, by which posts mention them. Never of a person's name or address."""

import re

from sqlalchemy import Subquery, exists, func, or_, select, union_all

from hub import policy
from hub.accounts.models import FormerHandle, Kind, Organisation, User
from hub.accounts.throttle import keyed
from hub.db import db, hold

HANDLE = re.compile(r"[a-z][a-z0-9]*(?:\.[a-z0-9]+)*")
SHORTEST, LONGEST = 2, 30
MOST_FORMER = 5
# First words that name an office: nobody chooses them.
NOT_CHOSEN = {"admin", "moderator", "moderators", "mod", "secretariat", "hub", "support", "system", "operator", "all", "tf", "fp"}


class Taken(Exception):
    """Somebody has this handle, or had it."""


class TooOften(Exception):
    """The member gave up as many handles as are kept for one."""


def new_handle(role_title: str, organisation: Organisation, focal_point: bool = False) -> str:
    """A free handle of role and organisation, such as ``fp.la`` or ``vso.my2``."""
    words = re.findall(r"[a-z]+", role_title.lower())
    place = (organisation.state_code or _letters(organisation) or "hub").lower()
    short = "fp" if focal_point else "".join(word[0] for word in words) if len(words) > 1 else (words or ["member"])[0][:12]
    return _free(f"{short}.{place}")


def give_handles(*organisations: Organisation) -> None:
    """A task force is ``tf.la``; any other organisation goes by the letters of its short name."""
    taken = set(db.session.scalars(select(_every().c.handle)))
    for organisation in organisations:
        base = f"tf.{organisation.state_code}".lower() if organisation.kind == Kind.TASK_FORCE else _letters(organisation) or "organisation"
        organisation.handle = _first_free(base, taken)
        taken.add(organisation.handle)


def change_handle(actor: User, handle: str) -> None:
    """Take another handle; the old one stays the actor's, and leads to the new. Raises ``Taken``."""
    policy.require(actor, "profile.edit", actor)
    hold("handles")
    former = db.session.get(FormerHandle, handle)
    if handle == actor.handle:
        return
    if former is not None and former.user_id == actor.id:
        db.session.delete(former)
    elif handle.partition(".")[0].rstrip("0123456789") in NOT_CHOSEN or _is_taken(handle):
        raise Taken
    if db.session.scalar(select(func.count()).where(FormerHandle.user_id == actor.id)) >= MOST_FORMER:  # type: ignore[operator]
        raise TooOften
    db.session.add(FormerHandle(handle=actor.handle, user_id=actor.id))
    actor.handle = handle


def _is_taken(handle: str) -> bool:
    return bool(db.session.scalar(select(exists().where(_every().c.handle.in_((handle, kept_away(handle)))))))


def kept_away(handle: str) -> str:
    """How the handle of somebody who is gone stays taken: nobody reads it, and nobody else is reached by it."""
    return f"#{keyed(handle)[:40]}"


def retire_handles(user: User) -> None:
    """The handles of somebody who is gone lead nowhere, and stay taken."""
    former = list(db.session.scalars(select(FormerHandle).where(FormerHandle.user_id == user.id)))
    for handle in (user.handle, *(row.handle for row in former)):
        db.session.add(FormerHandle(handle=kept_away(handle), user_id=user.id))
    for row in former:
        db.session.delete(row)
    user.handle = f"-{user.id}"  # which nobody can choose, nor mention


def _letters(organisation: Organisation) -> str:
    letters = "".join(re.findall(r"[a-z0-9]+", organisation.short_name.lower()))[:12]
    return letters if HANDLE.fullmatch(letters) else ""


def _free(base: str) -> str:
    every = _every()
    near = or_(every.c.handle.startswith(base, autoescape=True), every.c.handle.startswith("#"))
    return _first_free(base, set(db.session.scalars(select(every.c.handle).where(near))))


def _first_free(base: str, taken: set[str]) -> str:
    tried = (base + suffix for suffix in ["", *map(str, range(2, 10_000))])
    return next(handle for handle in tried if handle not in taken and kept_away(handle) not in taken)


def _every() -> Subquery:
    organisations = select(Organisation.handle.label("handle")).where(Organisation.handle.is_not(None))
    return union_all(select(User.handle.label("handle")), organisations, select(FormerHandle.handle)).subquery()
