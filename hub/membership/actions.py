"""Inviting, accepting, deactivating: how people come to the hub and leave it."""

from dataclasses import dataclass

from sqlalchemy import update

from hub import live, policy
from hub.accounts import actions as accounts
from hub.accounts import handles
from hub.accounts import queries as account_queries
from hub.accounts.models import Organisation, Role, User
from hub.audit.actions import record
from hub.db import UserText, db, hold, lock_row, now
from hub.directory.models import Profile
from hub.directory.words import index_member
from hub.mail import actions as mail
from hub.membership import queries
from hub.membership.models import LASTS, Invitation
from hub.notifications.actions import notify
from hub.notifications.models import Kind


class Over(Exception):
    """The invitation was accepted or withdrawn already."""


class Known(Exception):
    """There is an account, or an open invitation, for this address already."""


@dataclass(frozen=True)
class Offer:
    """What an invitation presets."""

    email: str
    role: str
    role_title: UserText
    organisation: Organisation


def invite(actor: User, offer: Offer, reason: UserText) -> Invitation:
    """Invite one address; raises ``Known`` and ``policy.Forbidden``."""
    policy.require(actor, "member.invite", offer.organisation)
    if offer.role not in policy.roles_offered(actor, offer.organisation):
        raise policy.Forbidden("role")
    invitation = _invite(offer, invited_by=actor)
    record(actor, "invitation.send", ("invitation", invitation.id), reason, organisation=offer.organisation.id, role=offer.role)
    return invitation


def invite_admin(offer: Offer, reason: UserText) -> tuple[Invitation, str]:
    """The first account, invited by whoever has the command line; returns the link's token too."""
    token = accounts.new_token()
    invitation = _invite(offer, token=token, is_admin=True)
    record(None, "invitation.send", ("invitation", invitation.id), reason, organisation=offer.organisation.id, role="admin")
    return invitation, token


def _invite(offer: Offer, invited_by: User | None = None, token: str = "", is_admin: bool = False) -> Invitation:
    hold(f"invitation {offer.email}")
    if account_queries.user_by_email(offer.email) is not None or queries.open_for(offer.email) is not None:
        raise Known
    invitation = Invitation(
        email=offer.email, role=offer.role, role_title=offer.role_title, organisation_id=offer.organisation.id,
        is_admin=is_admin, invited_by_id=invited_by.id if invited_by else None, token_hash="",
    )
    _send(invitation, offer.organisation, token or accounts.new_token())
    db.session.add(invitation)
    db.session.flush()
    return invitation


def resend(actor: User, invitation: Invitation, reason: UserText) -> None:
    """Send a new link, good for 72 hours from now; the old one ends."""
    policy.require(actor, "members.manage", invitation.organisation)
    _still_open(invitation)
    _send(invitation, invitation.organisation, accounts.new_token())
    record(actor, "invitation.resend", ("invitation", invitation.id), reason)


def _send(invitation: Invitation, organisation: Organisation, token: str) -> None:
    invitation.token_hash = account_queries.hashed(token)
    invitation.sent_at = now()
    mail.send(invitation.email, "invitation", token=token, organisation=organisation, role_title=invitation.role_title)


def withdraw(actor: User, invitation: Invitation, reason: UserText) -> None:
    policy.require(actor, "members.manage", invitation.organisation)
    _still_open(invitation)
    invitation.withdrawn_at = now()
    record(actor, "invitation.withdraw", ("invitation", invitation.id), reason)


def _still_open(invitation: Invitation) -> None:
    lock_row(invitation)
    if invitation.accepted_at is not None or invitation.withdrawn_at is not None:
        raise Over


def accept(token: str, role_title: UserText, name: UserText, password_hash: str) -> User | None:
    """Make the account of an invitation, once; ``None`` when the link no longer holds."""
    taken = db.session.scalar(
        update(Invitation)
        .where(Invitation.token_hash == account_queries.hashed(token), Invitation.accepted_at.is_(None))
        .where(Invitation.withdrawn_at.is_(None), Invitation.sent_at > now() - LASTS)
        .values(accepted_at=now())
        .returning(Invitation.id)
    )
    if taken is None:
        return None
    invitation = db.session.get_one(Invitation, taken)
    hold("handles")  # handles and addresses are unique
    if account_queries.user_by_email(invitation.email) is not None:
        return None
    member = new_member(invitation, role_title, name, password_hash)
    if invitation.invited_by_id is not None:
        notify([invitation.invited_by_id], Kind.ACCEPTED, "invited", f"invitation {invitation.id}", subject_id=member.id)
    return member


def new_member(invitation: Invitation, role_title: UserText, name: UserText, password_hash: str, handle: str = "") -> User:
    organisation = invitation.organisation
    user = User(
        email=invitation.email,
        handle=handle or handles.new_handle(role_title, organisation, invitation.role == Role.FOCAL_POINT),
        password_hash=password_hash,
        role=invitation.role,
        role_title=role_title,
        is_admin=invitation.is_admin,
        organisation_id=organisation.id,
        zone=organisation.state.zone if organisation.state else "UTC",
    )
    db.session.add(user)
    db.session.flush()
    db.session.add(Profile(user_id=user.id, name=name))
    index_member(user.id)
    return user


def hold_last(user: User, actor: User) -> None:
    """Of two who are the last who can do something, one ends after the other, and who has ended does nothing more. Raises ``Forbidden``."""
    hold(f"focal points of {user.root_id}")
    hold("admins")
    db.session.refresh(actor)
    if not actor.active:
        raise policy.Forbidden("ended")


def deactivate(actor: User, user: User, reason: UserText) -> None:
    """End an account at once: its sessions and the invitations it sent are gone with this unit of work."""
    policy.require(actor, "member.deactivate", user)
    hold_last(user, actor)
    if user.deactivated_at is not None:
        return
    user.deactivated_at, user.closed_by_admin = now(), actor.is_admin
    open_ones = (Invitation.invited_by_id == user.id, Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None))
    db.session.execute(update(Invitation).where(*open_ones).values(withdrawn_at=now()))
    accounts.end_sessions(user)
    live.publish(f"user {user.id}", "signed_out", user=user.id)
    record(actor, "member.deactivate", ("user", user.id), reason)


def let_moderate(actor: User, user: User, moderates: bool, reason: UserText) -> None:
    policy.require(actor, "member.grant", user)
    if user.is_moderator == moderates:
        return
    user.is_moderator = moderates
    notify([user.id], Kind.STAFF, "moderator" if moderates else "no_moderator", f"user {user.id}")
    record(actor, "moderator.grant" if moderates else "moderator.withdraw", ("user", user.id), reason)


def reactivate(actor: User, user: User, reason: UserText) -> None:
    policy.require(actor, "member.reactivate", user)
    if user.deactivated_at is None:
        return
    user.deactivated_at = None
    record(actor, "member.reactivate", ("user", user.id), reason)
