"""What other task forces made of a practice: endorsements of one revision, adoptions, and the maturity that follows."""

from sqlalchemy import select

from hub import policy
from hub.accounts.models import User
from hub.audit.actions import record
from hub.db import UserText, db, lock_row, now
from hub.notifications.actions import notify
from hub.notifications.models import Kind
from hub.practices import queries
from hub.practices.maturity import Basis, maturity
from hub.practices.models import Practice, PracticeRevision
from hub.practices.records import Adoption, AdoptionStatus, Endorsement


class Endorsed(Exception):
    """The task force endorsed this very revision already."""


def endorse(actor: User, practice: Practice, words: UserText) -> Endorsement:
    """A focal point endorses the shown revision, never one of the own task force; an endorsement of a former revision gives way."""
    policy.require(actor, "practice.endorse", practice)
    lock_row(practice)
    standing = _standing(actor, practice)
    if standing and standing.revision == practice.shown:
        raise Endorsed
    if standing:
        standing.withdrawn_at = now()
        db.session.flush()
    row = Endorsement(practice_id=practice.id, organisation_id=actor.root_id, user_id=actor.id, revision=practice.shown or 0, words=words)
    db.session.add(row)
    db.session.flush()
    _tell_author(actor, practice, "endorsed")
    record(actor, "practice.endorse", ("practice", practice.id), words, revision=row.revision)
    return row


def withdraw_endorsement(actor: User, practice: Practice, why: UserText) -> None:
    policy.require(actor, "practice.endorse", practice)
    lock_row(practice)
    standing = _standing(actor, practice)
    if standing:
        standing.withdrawn_at = now()
        _tell_author(actor, practice, "unendorsed")
        record(actor, "practice.unendorse", ("practice", practice.id), why, revision=standing.revision)


def _standing(actor: User, practice: Practice) -> Endorsement | None:
    rows = select(Endorsement).where(Endorsement.practice_id == practice.id, Endorsement.organisation_id == actor.root_id, Endorsement.withdrawn_at.is_(None))
    return db.session.scalar(rows)


def adopt(actor: User, practice: Practice, status: str, body: UserText, since: str, note: UserText) -> None:
    """What the actor's task force does with a practice of another; said anew, it replaces what was said."""
    policy.require(actor, "practice.adopt", practice)
    lock_row(practice)
    rows = select(Adoption).where(Adoption.practice_id == practice.id, Adoption.organisation_id == actor.root_id)
    row = db.session.scalar(rows) or Adoption(practice_id=practice.id, organisation_id=actor.root_id)
    row.user_id, row.status, row.body, row.since, row.note, row.at = actor.id, status, body, since, note, now()
    db.session.add(row)
    db.session.flush()
    refresh(practice, queries.revision_of(practice, practice.shown or practice.working))
    _tell_author(actor, practice, "adopted")
    record(actor, "practice.adopt", ("practice", practice.id), note or body, status=status)


def _tell_author(actor: User, practice: Practice, what: str) -> None:
    notify({practice.author_id} - {actor.id}, Kind.PRACTICE, what, f"practice {practice.id} {what}", subject_id=practice.id)


def basis_of(practice: Practice, revision: PracticeRevision) -> Basis:
    in_law = any(link.kind == "law" for link in revision.links)
    return Basis(revision.evidence_level, practice.published_at is not None, practice.adopted, in_law)


def refresh(practice: Practice, revision: PracticeRevision) -> None:
    """Count and compute anew what lists show."""
    practice.adopted = sum(row.status in AdoptionStatus.IN_USE for row in queries.adoptions_of(practice))
    practice.evidence_level = revision.evidence_level
    practice.maturity = maturity(basis_of(practice, revision))
