"""From time to time: reminders of what is due, named states whose time is over, practices that are two years old."""

from collections.abc import Callable

from sqlalchemy import Select, select, update

from hub.db import db, end_reading, now, unit_of_work
from hub.notifications.actions import notify
from hub.notifications.models import Kind
from hub.practices import moving, reviewing
from hub.practices.models import Practice, Stage
from hub.practices.records import PracticeDeadline

AT_ONCE = 50


def look() -> int:
    """One turn; returns how many practices moved or people were reminded."""
    return _remind() + _comments_over() + _two_years()


def _remind() -> int:
    due = list(db.session.execute(
        select(PracticeDeadline.id, PracticeDeadline.user_id, PracticeDeadline.practice_id, PracticeDeadline.what)
        .where(PracticeDeadline.remind_at <= now(), PracticeDeadline.met_at.is_(None)).limit(AT_ONCE)
    ))  # fmt: skip
    end_reading()
    for row in due:
        with unit_of_work():
            mine = update(PracticeDeadline).where(PracticeDeadline.id == row.id, PracticeDeadline.remind_at.is_not(None))
            taken = db.session.execute(mine.values(remind_at=None).returning(PracticeDeadline.id).execution_options(synchronize_session=False)).first()
            if taken:
                notify([row.user_id], Kind.PRACTICE, f"remind_{row.what}", f"practice {row.practice_id} {row.what}", subject_id=row.practice_id)
    return len(due)


def _comments_over() -> int:
    """What named states did not say in time does not stop a practice."""
    late = (PracticeDeadline.what == "comment", PracticeDeadline.due_at <= now(), PracticeDeadline.met_at.is_(None))
    over = select(PracticeDeadline.practice_id).where(*late)
    waiting = select(Practice.id).where(Practice.stage == Stage.COMMENT, Practice.id.in_(over))
    return _each(waiting, lambda practice: reviewing.publish_commented(None, practice))


def _two_years() -> int:
    return _each(select(Practice.id).where(Practice.stage == Stage.PUBLISHED, Practice.update_due_at <= now()), moving.fall_due)


def _each(rows: Select[int], act: Callable[[Practice], None]) -> int:
    ids = list(db.session.scalars(rows.limit(AT_ONCE)))
    end_reading()
    for practice_id in ids:
        with unit_of_work():
            try:
                act(db.session.get_one(Practice, practice_id))
            except moving.NotNow:  # another process was quicker
                continue
    return len(ids)
