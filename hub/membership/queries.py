"""Invitations, and the members an organisation's focal point answers for."""

from sqlalchemy import or_, select
from werkzeug.exceptions import NotFound

from hub import policy
from hub.accounts.models import Organisation, User
from hub.accounts.queries import hashed
from hub.db import db, now
from hub.membership.models import LASTS, Invitation
from hub.policy import Actor


def by_token(token: str) -> Invitation | None:
    """The invitation of a link while it can be accepted; ``None`` for any other token."""
    invitation = db.session.scalar(select(Invitation).where(Invitation.token_hash == hashed(token)))
    return invitation if invitation is not None and invitation.open else None


def get_invitation(actor: Actor, invitation_id: int) -> Invitation:
    invitation = db.session.scalar(select(Invitation).where(Invitation.id == invitation_id, policy.readable(actor, Invitation)))
    if invitation is None:
        raise NotFound
    return invitation


def pending(actor: Actor, organisation: Organisation) -> list[Invitation]:
    """Invitations that nobody accepted or withdrew, the newest first; expired ones stay to be sent again."""
    rows = (
        select(Invitation)
        .join(Organisation, Organisation.id == Invitation.organisation_id)
        .where(policy.readable(actor, Invitation), or_(Organisation.id == organisation.id, Organisation.parent_id == organisation.id))
        .where(Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None))
        .order_by(Invitation.sent_at.desc())
        .limit(200)
    )
    return list(db.session.scalars(rows))


def open_for(email: str) -> Invitation | None:
    rows = select(Invitation).where(
        Invitation.email == email, Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None), Invitation.sent_at > now() - LASTS
    )
    return db.session.scalars(rows).first()


def members_of(organisation: Organisation) -> list[User]:
    """All accounts of an organisation and its agencies, also deactivated ones. Only for who manages them."""
    rows = (
        select(User)
        .join(Organisation, Organisation.id == User.organisation_id)
        .where(or_(Organisation.id == organisation.id, Organisation.parent_id == organisation.id))
        .order_by(User.deactivated_at.is_not(None), User.role_title, User.id)
        .limit(500)
    )
    return list(db.session.scalars(rows))
