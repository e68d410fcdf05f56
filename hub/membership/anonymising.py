"""A year after an account ended only role and state are left of it."""

from datetime import timedelta

from sqlalchemy import delete, select, update

from hub.accounts.models import FormerHandle, PasswordReset, User
from hub.db import db, lock_row, now
from hub.directory.actions import forget_profile
from hub.directory.models import Profile
from hub.directory.words import index_member
from hub.mail.models import Mail
from hub.membership.models import Invitation

AFTER = timedelta(days=365)


def due() -> list[int]:
    ended = (User.deactivated_at <= now() - AFTER, User.anonymised_at.is_(None))
    return list(db.session.scalars(select(User.id).where(*ended).order_by(User.id)))


def anonymise(user: User) -> bool:
    """What leads to the person goes: address, handle, profile, zone, times of use, the agency; ``False`` when it is not due by now."""
    lock_row(user)
    if user.id not in due():
        return False
    nobody = f"gone-{user.id}@invalid"
    db.session.execute(delete(Mail).where(Mail.to == user.email).execution_options(synchronize_session=False))
    db.session.execute(update(Invitation).where(Invitation.email == user.email).values(email=nobody).execution_options(synchronize_session=False))
    for model in (FormerHandle, PasswordReset):
        db.session.execute(delete(model).where(model.user_id == user.id).execution_options(synchronize_session=False))
    profile = db.session.get(Profile, user.id)
    if profile is not None:
        forget_profile(profile)
    user.email, user.handle, user.password_hash = nobody, f"gone{user.id}", "!"
    user.organisation_id, user.zone = user.root_id, "UTC"
    user.seen_at = user.visited_at = None
    user.anonymised_at = now()
    db.session.flush()
    index_member(user.id)
    return True
