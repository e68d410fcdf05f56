"""Removing the practices of the demo, and what its accounts said of the practices of others."""

from sqlalchemy import delete, or_, select, update

from hub.db import db
from hub.files.models import File
from hub.notifications.models import Kind, Notification
from hub.practices.models import (
    Practice,
    PracticeChoice,
    PracticeLink,
    PracticePartner,
    PracticeResult,
    PracticeRevision,
    PracticeRight,
    PracticeStep,
    PracticeTag,
)  # fmt: skip
from hub.practices.records import Adoption, Endorsement, PracticeComment, PracticeDeadline, PracticeEvent, PracticeReview


def remove(gone: set[int]) -> None:
    practices = select(Practice.id).where(Practice.author_id.in_(gone))
    db.session.execute(delete(File).where(File.practice_id.in_(practices)))  # the bytes go with the next start of the hub
    revisions = select(PracticeRevision.id).where(PracticeRevision.practice_id.in_(practices))
    for part in (PracticeChoice, PracticeRight, PracticePartner, PracticeResult, PracticeLink, PracticeTag):
        db.session.execute(delete(part).where(part.revision_id.in_(revisions)))
    by_them = (PracticeReview.reviewer_id, PracticeComment.user_id, Endorsement.user_id, Adoption.user_id, PracticeDeadline.user_id)
    for by in by_them:
        said = by.class_
        db.session.execute(delete(said).where(or_(said.practice_id.in_(practices), by.in_(gone))))
    db.session.execute(update(PracticeEvent).where(PracticeEvent.actor_id.in_(gone)).values(actor_id=None))
    db.session.execute(update(PracticeRevision).where(PracticeRevision.contact_id.in_(gone)).values(contact_id=None))
    for row in (PracticeEvent, PracticeStep, PracticeRevision):
        db.session.execute(delete(row).where(row.practice_id.in_(practices)))
    db.session.execute(delete(Notification).where(Notification.kind == Kind.PRACTICE, Notification.subject_id.in_(practices)))
    db.session.execute(delete(Practice).where(Practice.author_id.in_(gone)))
