"""Holding a practice back, letting it stand again, and taking its words out: with the thread that hangs under it."""

from sqlalchemy import select, update

from hub.accounts.models import User
from hub.db import UserText, db
from hub.discussions import standing
from hub.discussions.models import Post, Standing
from hub.files.models import File, FileStanding
from hub.notifications.models import Kind, Notification
from hub.practices import queries
from hub.practices.fields import LINES, TEXTS
from hub.practices.models import Practice, PracticeRevision
from hub.practices.records import Adoption, Endorsement, PracticeComment, PracticeEvent, PracticeReview
from hub.practices.way import move, own_words

NONE, REMOVED = UserText(""), "[removed]"


def hold_back(actor: User | None, practice: Practice, why: UserText) -> None:
    """Nobody but its author and moderators reads it, nor its thread, until it is decided. Raises ``NotNow``."""
    before = practice.stage
    move(actor, practice, "hold", why)
    practice.stage_before = before
    opening = opening_of(practice)
    if opening is not None and opening.standing == Standing.SHOWN:
        standing.hold(opening)
        standing.withdraw(opening, Standing.HIDDEN)
    _drop_news(practice)


def let_stand(actor: User, practice: Practice, why: UserText, name: str = "release") -> None:
    """It stands where it stood before it was held back, and so does its thread. Raises ``NotNow``."""
    move(actor, practice, name, why)
    practice.stage_before = ""
    opening = opening_of(practice)
    if opening is not None and opening.standing == Standing.HIDDEN and practice.out:
        standing.hold(opening)
        standing.put_back(opening)


def forget_words(practice: Practice) -> None:
    """Everything that was written of it goes: each revision, its files, and what others said of it; its numbers and stages stay."""
    for num in range(1, practice.working + 1):
        _empty(queries.revision_of(practice, num))
    practice.title = own_words(REMOVED)
    for column, names in SAID.items():
        empty = update(column.class_).where(column == practice.id).values(dict.fromkeys(names, NONE))
        db.session.execute(empty.execution_options(synchronize_session=False))
    gone = {"standing": FileStanding.REMOVED, "name": NONE}
    db.session.execute(update(File).where(File.practice_id == practice.id).values(gone).execution_options(synchronize_session=False))


SAID = {
    PracticeReview.practice_id: ("words_md", "words_html"), PracticeComment.practice_id: ("words",), PracticeEvent.practice_id: ("words",),
    Endorsement.practice_id: ("words",), Adoption.practice_id: ("body", "note"),
}  # fmt: skip


def _empty(revision: PracticeRevision) -> None:
    for name in (*LINES, *(f"{text}_{end}" for text in TEXTS for end in ("md", "html"))):
        setattr(revision, name, NONE)
    revision.rights, revision.partners, revision.result_rows, revision.links = [], [], [], []


def opening_of(practice: Practice) -> Post | None:
    """The first post of its thread, which names it."""
    if practice.thread_id is None:
        return None
    return db.session.scalar(select(Post).where(Post.thread_id == practice.thread_id, Post.num == 1))


def _drop_news(practice: Practice) -> None:
    """Letters that name it do not leave any more."""
    about = (Notification.kind == Kind.PRACTICE, Notification.subject_id == practice.id, Notification.user_id != practice.author_id)
    db.session.execute(update(Notification).where(*about).values(mail_due_at=None).execution_options(synchronize_session=False))
