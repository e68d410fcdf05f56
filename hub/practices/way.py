"""The way of a practice: the only place where its stage changes, and what every step writes, tells and records."""

from collections.abc import Collection, Iterable

from sqlalchemy import select, update

from hub import text
from hub.accounts.models import User
from hub.audit.actions import record
from hub.db import UserText, db, lock_row, now
from hub.notifications.actions import notify
from hub.notifications.models import Kind
from hub.practices import queries
from hub.practices.models import Practice, Stage
from hub.practices.records import PracticeDeadline, PracticeEvent, PracticeReview
from hub.practices.workflow import BY_NAME, REMIND_BEFORE, REVIEW_DAYS, after_working_days


class NotNow(Exception):
    """The practice stands where this cannot be done: it moved meanwhile."""


def own_words(words: str) -> UserText:
    return text.prepare_line(words)


def move(actor: User | None, practice: Practice, name: str, words: UserText) -> None:
    """The only place where the stage of a practice changes. Raises ``NotNow``."""
    lock_row(practice)
    move, source = BY_NAME[name], practice.stage
    if source not in move.sources:
        raise NotNow
    practice.stage, practice.stage_since = move.target or practice.stage_before, now()
    met(practice)
    if practice.stage in (Stage.WITHDRAWN, Stage.DECLINED):
        end_reviews(practice)
    how = {"move": name, "source": source, "target": practice.stage, "revision": practice.working, "words": words}
    db.session.add(PracticeEvent(practice_id=practice.id, actor_id=actor.id if actor else None, **how))
    db.session.flush()
    tell(practice, [practice.author_id], name, actor)
    record(actor, f"practice.{name}", ("practice", practice.id), words, was=source, now=practice.stage, revision=practice.working)


def end_reviews(practice: Practice) -> None:
    for review in queries.reviews_of(practice, practice.working):
        if review.given_at is None:
            db.session.delete(review)


def met(practice: Practice, user_ids: Collection[int] | None = None, what: str = "") -> None:
    """Deadlines of a practice are met: all of them, or of these people for this."""
    done = update(PracticeDeadline).where(PracticeDeadline.practice_id == practice.id, PracticeDeadline.met_at.is_(None))
    if user_ids is not None:
        done = done.where(PracticeDeadline.user_id.in_(user_ids), PracticeDeadline.what == what)
    db.session.execute(done.values(met_at=now(), remind_at=None).execution_options(synchronize_session=False))


def ask(practice: Practice, people: Iterable[int], what: str, days: int) -> None:
    """Somebody is to do something by a day, is told, and is reminded three working days before."""
    due = after_working_days(now(), days)
    asked = sorted(set(people))
    remind = after_working_days(now(), days - REMIND_BEFORE)
    db.session.add_all(
        PracticeDeadline(practice_id=practice.id, user_id=user_id, what=what, revision=practice.working, due_at=due, remind_at=remind) for user_id in asked
    )
    notify(asked, Kind.PRACTICE, f"asked_{what}", f"practice {practice.id} {what}", subject_id=practice.id)


def ask_reviewers(practice: Practice, people: set[int]) -> None:
    db.session.add_all(PracticeReview(practice_id=practice.id, revision=practice.working, reviewer_id=user_id) for user_id in sorted(people))
    ask(practice, people, "review", REVIEW_DAYS)


def tell(practice: Practice, people: Iterable[int], what: str, actor: User | None) -> None:
    notify(set(people) - {actor.id if actor else 0}, Kind.PRACTICE, what, f"practice {practice.id} {what}", subject_id=practice.id)


def reviewed_before(practice: Practice) -> int:
    """The number of the revision that was reviewed last."""
    rows = select(PracticeReview.revision).where(PracticeReview.practice_id == practice.id).order_by(PracticeReview.revision.desc()).limit(1)
    return db.session.scalar(rows) or 0
