"""Loading practices: one, its revisions, and who is to do what with it."""

from collections.abc import Collection, Sequence
from functools import lru_cache

from sqlalchemy import Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from hub import policy
from hub.accounts.models import Kind, Organisation, Reviewer, Role, User
from hub.accounts.queries import found
from hub.db import UserText, at_most, db
from hub.directory.models import ProfileLanguage
from hub.policy import Actor, Reader
from hub.practices import belongings
from hub.practices.models import Practice, PracticeRevision, PracticeStep, Stage
from hub.practices.records import Adoption, Endorsement, PracticeComment, PracticeDeadline, PracticeEvent, PracticeReview

WITH_ALL = (
    joinedload(PracticeRevision.pillar), selectinload(PracticeRevision.choices), selectinload(PracticeRevision.rights), selectinload(PracticeRevision.partners),
    selectinload(PracticeRevision.result_rows), selectinload(PracticeRevision.links), selectinload(PracticeRevision.tags),
)  # fmt: skip


def get_practice(actor: Actor, practice_id: int) -> Practice:
    return found(db.session.scalar(_one(policy.reader(actor)), {"practice": practice_id}))


@lru_cache(maxsize=500)
def _one(who: Reader | None) -> Select[Practice]:
    rows = select(Practice).where(Practice.id == bindparam("practice"), policy.readable_by(who, Practice))
    return rows.options(joinedload(Practice.author), joinedload(Practice.state), joinedload(Practice.organisation))


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
    """To be read: the revision of this number, else the newest that ``actor`` reads; readers of a published practice get the shown one. Else 404."""
    wanted = practice.shown if num is None and practice.out else num
    values = {"practice": practice.id} | ({} if wanted is None else {"num": wanted})
    revision = found(db.session.scalar(_revision(policy.reader(actor), wanted is not None), values))
    belongings.put(revision)
    return revision


@lru_cache(maxsize=500)
def _revision(who: Reader | None, numbered: bool) -> Select[PracticeRevision]:
    mine = (PracticeRevision.practice_id == bindparam("practice"), policy.readable_by(who, PracticeRevision))
    rows = select(PracticeRevision).where(*mine).options(joinedload(PracticeRevision.pillar))
    if numbered:
        rows = rows.where(PracticeRevision.num == bindparam("num"))
    return rows.order_by(PracticeRevision.num.desc()).limit(1)


def revisions_read(actor: Actor, practice: Practice) -> list[PracticeRevision]:
    """Numbers and times of the revisions that ``actor`` reads, the newest first; at most 100."""
    return list(db.session.scalars(_revisions(policy.reader(actor)), {"practice": practice.id}))


@lru_cache(maxsize=500)
def _revisions(who: Reader | None) -> Select[PracticeRevision]:
    rows = select(PracticeRevision).where(PracticeRevision.practice_id == bindparam("practice"), policy.readable_by(who, PracticeRevision))
    return rows.order_by(PracticeRevision.num.desc()).limit(100)


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
    return [(row[0], row[1]) for row in db.session.execute(_waiting(policy.reader(actor), limit))]


@lru_cache(maxsize=500)
def _waiting(who: Reader | None, limit: int) -> Select[PracticeDeadline, Practice]:
    rows = select(PracticeDeadline, Practice).join(Practice, Practice.id == PracticeDeadline.practice_id)
    own = (PracticeDeadline.user_id == (who.id if who else None), PracticeDeadline.met_at.is_(None), policy.readable_by(who, Practice))
    return rows.where(*own).order_by(PracticeDeadline.due_at, PracticeDeadline.id).limit(at_most(limit))


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


_REVIEWS = (
    select(PracticeReview)
    .where(PracticeReview.practice_id == bindparam("practice"), PracticeReview.revision == bindparam("num"))
    .options(joinedload(PracticeReview.reviewer))
    .order_by(PracticeReview.id)
)


def reviews_of(practice: Practice, revision: int) -> list[PracticeReview]:
    """Reviews asked of a revision, in the order of asking."""
    return list(db.session.scalars(_REVIEWS, {"practice": practice.id, "num": revision}))


def get_own_review(actor: User, practice: Practice) -> PracticeReview:
    """What ``actor`` is asked about the newest revision; else 404."""
    return found(next((review for review in reviews_of(practice, practice.working) if review.reviewer_id == actor.id), None))


# --- what others made of it --------------------------------------------------------------------------------


def comments_of(practice: Practice) -> list[PracticeComment]:
    rows = select(PracticeComment).where(PracticeComment.practice_id == practice.id).options(joinedload(PracticeComment.organisation))
    return list(db.session.scalars(rows.order_by(PracticeComment.id)))


_ENDORSEMENTS = (
    select(Endorsement)
    .where(Endorsement.practice_id == bindparam("practice"), Endorsement.withdrawn_at.is_(None))
    .options(joinedload(Endorsement.organisation))
)
_ADOPTIONS = select(Adoption).where(Adoption.practice_id == bindparam("practice")).options(joinedload(Adoption.organisation))


def endorsements_of(practice: Practice) -> list[Endorsement]:
    """Those that stand, by state in ASEAN order."""
    return sorted(db.session.scalars(_ENDORSEMENTS, {"practice": practice.id}), key=_state_name)


def adoptions_of(practice: Practice) -> list[Adoption]:
    return sorted(db.session.scalars(_ADOPTIONS, {"practice": practice.id}), key=_state_name)


def _state_name(row: Endorsement | Adoption) -> str:
    return row.organisation.state.short_name if row.organisation.state else ""
