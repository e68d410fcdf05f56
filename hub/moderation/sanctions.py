"""Warning a member, and ending for a time that they write, or come in."""

from datetime import datetime

from sqlalchemy import func, select

from hub import live, policy
from hub.accounts import actions as accounts
from hub.accounts.models import User
from hub.accounts.queries import focal_points_of
from hub.audit.actions import record
from hub.db import UserText, db, lock_row, now
from hub.moderation.models import Sanction, SanctionKind
from hub.notifications.actions import notify
from hub.notifications.models import Kind


class NeedsEnd(Exception):
    """A silence and a suspension end some time in the future."""


def impose(actor: User, user_id: int, kind: str, until: datetime | None, reason: UserText, item_id: int | None = None) -> Sanction:
    user = db.session.get_one(User, user_id)
    policy.require(actor, "member.sanction", user)
    lock_row(user)
    if kind not in SanctionKind.ALL or (kind != SanctionKind.WARN and (until is None or until <= now())):
        raise NeedsEnd
    row = Sanction(user_id=user.id, kind=kind, reason=reason, by_id=actor.id, item_id=item_id, until=until if kind != SanctionKind.WARN else None)
    db.session.add(row)
    db.session.flush()
    _apply(user)
    if kind == SanctionKind.SUSPEND:
        accounts.end_sessions(user)
        live.publish(f"user {user.id}", "signed_out", user=user.id)
    notify([user.id], Kind.STAFF, kind, f"sanction {row.id}", subject_id=row.id)
    record(actor, f"sanction.{kind}", ("user", user.id), reason, sanction=row.id, until=until.isoformat() if until else "")
    return row


def lift(actor: User, row: Sanction, reason: UserText) -> None:
    """End a sanction before its time; lifting it twice is once."""
    user = db.session.get_one(User, row.user_id)
    policy.require(actor, "member.sanction", user)
    lock_row(user)
    db.session.refresh(row)
    if row.lifted_at is not None:
        return
    row.lifted_at, row.lifted_by_id = now(), actor.id
    _apply(user)
    notify([user.id], Kind.STAFF, "lifted", f"sanction {row.id}", subject_id=row.id)
    record(actor, "sanction.lift", ("user", user.id), reason, sanction=row.id)


def _apply(user: User) -> None:
    """The account holds the latest end of what is in force."""
    db.session.flush()
    for kind, column in ((SanctionKind.SILENCE, "silenced_until"), (SanctionKind.SUSPEND, "suspended_until")):
        in_force = (Sanction.user_id == user.id, Sanction.kind == kind, Sanction.lifted_at.is_(None), Sanction.until > now())
        setattr(user, column, db.session.scalar(select(func.max(Sanction.until)).where(*in_force)))


def focal_points_for(author: User) -> set[int]:
    """Who answers for a member: the focal points of the own organisation and of its task force."""
    return focal_points_of({author.organisation_id, author.root_id})
