"""Leaving the hub by one's own choice: sessions end, posts stay under role and state, the profile is emptied. A year later only role and state are left."""

from datetime import timedelta

from sqlalchemy import delete, select, update

from hub import live, policy
from hub.accounts import actions as accounts
from hub.accounts.handles import retire_handles
from hub.accounts.models import PasswordReset, Reviewer, Role, User
from hub.accounts.queries import focal_points_of, moderators
from hub.audit.actions import record
from hub.db import UserText, db, hold, lock_row, now
from hub.directory.actions import forget_profile
from hub.directory.models import Profile
from hub.directory.words import index_member
from hub.discussions.models import Bookmark, Mention, ReadCount, ReadState
from hub.drafts.models import Draft
from hub.mail.models import Mail
from hub.membership.actions import hold_last
from hub.membership.models import Invitation
from hub.moderation import redacting
from hub.notifications.models import Notification
from hub.practices import guarding
from hub.practices.models import Practice, Stage
from hub.review import actions as review
from hub.review.models import Held, ReviewItem
from hub.rooms import delegates
from hub.rooms.models import Room, RoomMember

AFTER = timedelta(days=365)


class LastOne(Exception):
    """``what`` is ``focal_point``, ``moderator`` or ``admin``: nobody else could do what only one of them can."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Gone(Exception):
    """The account has ended already."""


def leave(user: User, reason: UserText) -> None:
    """Everything in one unit of work; the password was asked before. Raises ``LastOne`` and ``Gone``."""
    try:
        hold_last(user, user)
    except policy.Forbidden:
        raise Gone from None
    rooms = _seats(user)  # rooms are locked before members, as everywhere
    lock_row(user)
    if user.deactivated_at is not None:
        raise Gone
    if last := last_of(user):
        raise LastOne(last)
    _leave_rooms(user, rooms)
    _forget(user)
    user.deactivated_at = user.left_at = now()
    user.password_hash, user.is_moderator, user.is_admin = "!", False, False
    accounts.end_sessions(user)
    live.publish(f"user {user.id}", "signed_out", user=user.id)
    record(user, "account.leave", ("user", user.id), reason)


def last_of(user: User) -> str:
    """What only this member can do, so that they cannot leave yet; "" when nothing."""
    if user.role == Role.FOCAL_POINT and not (focal_points_of({user.organisation_id, user.root_id}) - {user.id}):
        return "focal_point"
    if user.is_moderator and not moderators() - {user.id}:
        return "moderator"
    others = select(User.id).where(User.is_admin, User.deactivated_at.is_(None), User.id != user.id).limit(1)
    return "admin" if user.is_admin and db.session.scalar(others) is None else ""


def _seats(user: User) -> list[tuple[Room, RoomMember]]:
    """Where the member is a delegate, in one order, each room locked."""
    rows = select(RoomMember).where(RoomMember.user_id == user.id, RoomMember.left_at.is_(None)).order_by(RoomMember.room_id)
    found = [(db.session.get_one(Room, seat.room_id), seat) for seat in db.session.scalars(rows).all()]
    for room, _seat in found:
        lock_row(room)
    return found


def _leave_rooms(user: User, rooms: list[tuple[Room, RoomMember]]) -> None:
    for room, seat in rooms:
        delegates.leave(user, room, seat)


def _forget(user: User) -> None:
    """What was theirs alone, and what was addressed to them."""
    profile = db.session.get(Profile, user.id)
    if profile is not None:
        redacting.note(None, "profile", user.id, profile.version)
        forget_profile(profile)
    for model in (Draft, Bookmark, Notification, Reviewer):
        db.session.execute(delete(model).where(model.user_id == user.id).execution_options(synchronize_session=False))
    redacting.note(None, "draft", 0, 0)
    waiting = update(Mail).where(Mail.to == user.email, Mail.done_at.is_(None)).values(done_at=now(), failure="withdrawn", body="", subject="")
    db.session.execute(waiting.execution_options(synchronize_session=False))
    claimed = update(ReviewItem).where(ReviewItem.claimed_by_id == user.id, ReviewItem.closed_at.is_(None))
    db.session.execute(claimed.values(claimed_by_id=None, claimed_at=None, version=ReviewItem.version + 1).execution_options(synchronize_session=False))
    open_ones = (Invitation.invited_by_id == user.id, Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None))
    db.session.execute(update(Invitation).where(*open_ones).values(withdrawn_at=now()).execution_options(synchronize_session=False))
    for held in db.session.scalars(select(Held).where(Held.author_id == user.id, Held.sealed.is_not(None))).all():
        review.take_back(held)
    for practice in db.session.scalars(select(Practice).where(Practice.author_id == user.id, Practice.stage == Stage.DRAFT)).all():
        hold(f"practice {practice.id}")
        redacting.note(None, "practice", practice.id, practice.working)
        guarding.forget_words(practice)


# --- a year later --------------------------------------------------------------------------------------


def due() -> list[int]:
    """Accounts that ended a year ago."""
    ended = (User.deactivated_at <= now() - AFTER, User.anonymised_at.is_(None))
    return list(db.session.scalars(select(User.id).where(*ended).order_by(User.id)))


def anonymise(user: User) -> bool:
    """What leads to the person goes: address, handles, profile, zone, times of use, the agency; ``False`` when it is not due by now."""
    rooms = _seats(user)
    lock_row(user)
    if user.id not in due():
        return False
    hold("handles")
    _leave_rooms(user, rooms)
    _forget(user)
    nobody = f"gone-{user.id}@invalid"
    db.session.execute(delete(Mail).where(Mail.to == user.email).execution_options(synchronize_session=False))
    db.session.execute(update(Invitation).where(Invitation.email == user.email).values(email=nobody).execution_options(synchronize_session=False))
    for model in (PasswordReset, ReadState, ReadCount, Mention):
        db.session.execute(delete(model).where(model.user_id == user.id).execution_options(synchronize_session=False))
    retire_handles(user)
    user.email, user.password_hash, user.organisation_id, user.zone = nobody, "!", user.root_id, "UTC"
    user.is_moderator, user.is_admin, user.seen_at, user.visited_at = False, False, None, None
    user.anonymised_at = now()
    db.session.flush()
    index_member(user.id)
    return True
