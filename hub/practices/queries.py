"""Loading practices: one, its revisions, and who is to do what with it."""

from collections.abc import Collection, Sequence

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from hub import policy
from hub.accounts.models import Kind, Organisation, Reviewer, Role, User
from hub.accounts.queries import found
from hub.db import UserText, db
from hub.directory.models import ProfileLanguage
from hub.policy import Actor
from hub.practices.models import Practice, PracticeRevision, PracticeStep, Stage
from hub.practices.records import Adoption, Endorsement, PracticeComment, PracticeDeadline, PracticeEvent, PracticeReview

WITH_ALL = (
    joinedload(PracticeRevision.pillar), selectinload(PracticeRevision.choices), selectinload(PracticeRevision.rights), selectinload(PracticeRevision.partners),
    selectinload(PracticeRevision.result_rows), selectinload(PracticeRevision.links), selectinload(PracticeRevision.tags),
)  # fmt: skip


def get_practice(actor: Actor, practice_id: int) -> Practice:
    rows = select(Practice).where(Practice.id == practice_id, policy.readable(actor, Practice))
    return found(db.session.scalar(rows.options(joinedload(Practice.author), joinedload(Practice.state), joinedload(Practice.organisation))))


def get_known(actor: Actor, practice_id: int) -> Practice | None:
    """A practice that ``actor`` reads, or none."""
    return db.session.scalar(select(Practice).where(Practice.id == practice_id, policy.readable(actor, Practice)))


def get_written(actor: User, practice_id: int) -> Practice:
    """A practice that ``actor`` writes; else 404."""
    practice = get_practice(actor, practice_id)
    return found(practice if practice.author_id == actor.id else None)


def titles_of(actor: Actor, practice_ids: Collection[int]) -> dict[int, UserText]:
    """Titles of those of these practices that ``actor`` reads."""
    rows = select(Practice.id, Practice.title).where(Practice.id.in_(practice_ids), policy.readable(actor, Practice))
    return {row.id: row.title for row in db.session.execute(rows)} if practice_ids else {}


def revision_of(practice: Practice, num: int) -> PracticeRevision:
    """A revision with all that belongs to it, whoever asks: the caller loaded the practice for a reader."""
    rows = select(PracticeRevision).where(PracticeRevision.practice_id == practice.id, PracticeRevision.num == num).options(*WITH_ALL)
    return found(db.session.scalar(rows))


def get_revision(actor: Actor, practice: Practice, num: int | None = None) -> PracticeRevision:
    """The revision of this number, else the newest that ``actor`` reads; readers of a published practice get the shown one. Else 404."""
    rows = select(PracticeRevision).where(PracticeRevision.practice_id == practice.id, policy.readable(actor, PracticeRevision)).options(*WITH_ALL)
    if num is not None:
        rows = rows.where(PracticeRevision.num == num)
    elif practice.out and practice.shown is not None:
        rows = rows.where(PracticeRevision.num == practice.shown)
    return found(db.session.scalar(rows.order_by(PracticeRevision.num.desc()).limit(1)))


def revisions_read(actor: Actor, practice: Practice) -> list[PracticeRevision]:
    """Numbers and times of the revisions that ``actor`` reads, the newest first; at most 100."""
    rows = select(PracticeRevision).where(PracticeRevision.practice_id == practice.id, policy.readable(actor, PracticeRevision))
    return list(db.session.scalars(rows.order_by(PracticeRevision.num.desc()).limit(100)))


def steps_of(practice: Practice) -> list[PracticeStep]:
    return list(db.session.scalars(select(PracticeStep).where(PracticeStep.practice_id == practice.id).order_by(PracticeStep.step)))


def events_of(practice: Practice) -> list[PracticeEvent]:
    rows = select(PracticeEvent).where(PracticeEvent.practice_id == practice.id).options(joinedload(PracticeEvent.actor))
    return list(db.session.scalars(rows.order_by(PracticeEvent.id).limit(200)))


def own_practices(actor: User) -> list[Practice]:
    """What a member writes or wrote, the last moved first; at most 100."""
    return list(db.session.scalars(select(Practice).where(Practice.author_id == actor.id).order_by(Practice.stage_since.desc(), Practice.id.desc()).limit(100)))


def own_waiting(actor: User, limit: int = 10) -> list[tuple[PracticeDeadline, Practice]]:
    """What a member is to do with practices, the most urgent first."""
    rows = (
        select(PracticeDeadline, Practice)
        .join(Practice, Practice.id == PracticeDeadline.practice_id)
        .where(PracticeDeadline.user_id == actor.id, PracticeDeadline.met_at.is_(None), policy.readable(actor, Practice))
        .order_by(PracticeDeadline.due_at, PracticeDeadline.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in db.session.execute(rows)]


def wanting_reviewers(actor: User, limit: int = 20) -> list[Practice]:
    """Practices under review for which a moderator has yet to confirm reviewers, the oldest first."""
    rows = select(Practice).where(Practice.stage.in_((Stage.REVIEW, Stage.UPDATE_REVIEW)), policy.readable(actor, Practice), Practice.author_id != actor.id)
    asked = select(PracticeReview.id).where(PracticeReview.practice_id == Practice.id, PracticeReview.revision == Practice.working)
    open_one = asked.where(PracticeReview.given_at.is_(None)).exists()
    return list(db.session.scalars(rows.where(~open_one).order_by(Practice.stage_since, Practice.id).limit(limit)))


# --- who -----------------------------------------------------------------------------------------------


def clearers_of(practice: Practice) -> set[int]:
    """Focal points of the author's task force, but the author."""
    rows = select(User.id).join(Organisation, Organisation.id == User.organisation_id)
    own = or_(Organisation.id == practice.organisation_id, Organisation.parent_id == practice.organisation_id)
    return set(db.session.scalars(rows.where(own, User.role == Role.FOCAL_POINT, User.deactivated_at.is_(None), User.id != practice.author_id)))


def commenters_of(states: Sequence[str]) -> dict[int, int]:
    """Focal points of the task forces of these states, with their organisation."""
    rows = select(User.id, Organisation.id).join(Organisation, Organisation.id == User.organisation_id)
    wanted = (Organisation.kind == Kind.TASK_FORCE, Organisation.state_code.in_(states), User.role == Role.FOCAL_POINT, User.deactivated_at.is_(None))
    return {row[0]: row[1] for row in db.session.execute(rows.where(*wanted))}


def proposed_reviewers(practice: Practice, revision: PracticeRevision) -> list[User]:
    """Reviewers of the pillar who may be asked: another organisation, not asked about this revision, the fewest open reviews first, then the language."""
    load = select(func.count()).where(PracticeReview.reviewer_id == User.id, PracticeReview.given_at.is_(None)).scalar_subquery()
    speaks = select(ProfileLanguage.user_id).where(ProfileLanguage.user_id == User.id, ProfileLanguage.lang == revision.lang).exists()
    about = (PracticeReview.practice_id == practice.id, PracticeReview.revision == revision.num)
    asked = select(PracticeReview.id).where(*about, PracticeReview.reviewer_id == User.id)
    rows = (
        select(User)
        .join(Reviewer, and_(Reviewer.user_id == User.id, Reviewer.pillar_id == revision.pillar_id))
        .join(Organisation, Organisation.id == User.organisation_id)
        .where(User.deactivated_at.is_(None), User.id != practice.author_id, ~asked.exists())
        .where(func.coalesce(Organisation.parent_id, Organisation.id) != practice.organisation_id)
        .order_by(load, ~speaks, User.id)
    )
    return list(db.session.scalars(rows.limit(20)))


def reviews_of(practice: Practice, revision: int) -> list[PracticeReview]:
    """Reviews asked of a revision, in the order of asking."""
    rows = select(PracticeReview).where(PracticeReview.practice_id == practice.id, PracticeReview.revision == revision)
    return list(db.session.scalars(rows.options(joinedload(PracticeReview.reviewer)).order_by(PracticeReview.id)))


def get_own_review(actor: User, practice: Practice) -> PracticeReview:
    """What ``actor`` is asked about the newest revision; else 404."""
    return found(next((review for review in reviews_of(practice, practice.working) if review.reviewer_id == actor.id), None))


# --- what others made of it --------------------------------------------------------------------------------


def comments_of(practice: Practice) -> list[PracticeComment]:
    rows = select(PracticeComment).where(PracticeComment.practice_id == practice.id).options(joinedload(PracticeComment.organisation))
    return list(db.session.scalars(rows.order_by(PracticeComment.id)))


def endorsements_of(practice: Practice) -> list[Endorsement]:
    """Those that stand, by state in ASEAN order."""
    rows = select(Endorsement).where(Endorsement.practice_id == practice.id, Endorsement.withdrawn_at.is_(None)).options(joinedload(Endorsement.organisation))
    return sorted(db.session.scalars(rows), key=lambda row: row.organisation.state.short_name if row.organisation.state else "")


def adoptions_of(practice: Practice) -> list[Adoption]:
    rows = select(Adoption).where(Adoption.practice_id == practice.id).options(joinedload(Adoption.organisation))
    return sorted(db.session.scalars(rows), key=lambda row: row.organisation.state.short_name if row.organisation.state else "")
