"""What the author, the focal point and moderators do with a practice, by the table of ``workflow.py``."""

from hub import policy
from hub.accounts.models import User
from hub.accounts.queries import moderators
from hub.audit.actions import record
from hub.db import UserText, lock_row, now
from hub.discussions.models import Label
from hub.practices import guarding, queries, writing
from hub.practices.models import Practice, Stage
from hub.practices.way import NotNow as NotNow
from hub.practices.way import ask, ask_reviewers, move, own_words, reviewed_before, tell
from hub.practices.workflow import CHANGE_DAYS, CLEARANCE_DAYS, UPDATE_AFTER
from hub.words import _


class Unchanged(Exception):
    """Nothing was written since it was sent."""


class Incomplete(Exception):
    """Something is missing; ``missing`` says what."""

    def __init__(self, missing: list[writing.Missing]) -> None:
        super().__init__()
        self.missing = missing


# --- the author --------------------------------------------------------------------------------------


def submit(actor: User, practice: Practice) -> None:
    """Send what was written: to clearance, back to the reviewers, or, once published, to a light review. Raises ``Incomplete``, ``Unchanged``, ``NotNow``."""
    policy.require(actor, "practice.write", practice)
    lock_row(practice)
    revision = queries.revision_of(practice, practice.working)
    if revision.sent_at is not None:
        raise Unchanged
    if found := writing.missing(practice, revision, queries.steps_of(practice)):
        raise Incomplete(found)
    revision.sent_at = now()
    if practice.stage == Stage.DRAFT:
        move(actor, practice, "submit", own_words(_("Sent to the focal point.")))
        ask(practice, queries.clearers_of(practice) or moderators() - {practice.author_id}, "clear", CLEARANCE_DAYS)
    elif practice.stage == Stage.CHANGES:
        move(actor, practice, "resubmit", own_words(_("Sent back to the reviewers.")))
        ask_reviewers(practice, {review.reviewer_id for review in queries.reviews_of(practice, reviewed_before(practice))})
    else:
        move(actor, practice, "update", own_words(_("A new revision.")))
        tell(practice, moderators(), "reviewers", actor)


def withdraw(actor: User, practice: Practice, why: UserText) -> None:
    policy.require(actor, "practice.own", practice)
    move(actor, practice, "withdraw", why)


def archive(actor: User, practice: Practice, why: UserText) -> None:
    policy.require(actor, "practice.own", practice)
    move(actor, practice, "archive", why)


def confirm(actor: User, practice: Practice, why: UserText) -> None:
    """It still holds, two years on."""
    policy.require(actor, "practice.own", practice)
    move(actor, practice, "confirm", why)
    practice.update_due_at = now() + UPDATE_AFTER


# --- clearance and moderators -----------------------------------------------------------------------------


def clear(actor: User, practice: Practice, words: UserText) -> None:
    """The focal point lets it go to review. Nobody clears an own one."""
    policy.require(actor, "practice.clear", practice)
    move(actor, practice, "clear", words)
    tell(practice, moderators() - {practice.author_id}, "reviewers", actor)


def send_back(actor: User, practice: Practice, words: UserText) -> None:
    """The focal point returns it to its author."""
    policy.require(actor, "practice.clear", practice)
    move(actor, practice, "return", words)


def decline(actor: User, practice: Practice, why: UserText) -> None:
    policy.require(actor, "practice.moderate", practice)
    move(actor, practice, "decline_held" if practice.stage == Stage.HELD else "decline", why)


def hold_back(actor: User, practice: Practice, why: UserText) -> None:
    """Until a moderator decided, nobody but its author and moderators reads it."""
    policy.require(actor, "practice.moderate", practice)
    guarding.hold_back(actor, practice, why)


def release(actor: User, practice: Practice, why: UserText) -> None:
    policy.require(actor, "practice.moderate", practice)
    guarding.let_stand(actor, practice, why)


def make_public(actor: User, practice: Practice) -> None:
    """A TLP:CLEAR practice is public from now on, in the revision that is shown."""
    policy.require(actor, "practice.moderate", practice)
    lock_row(practice)
    if practice.label != Label.CLEAR or not practice.out:
        raise NotNow
    practice.cleared_at = now()
    record(actor, "practice.public", ("practice", practice.id), own_words(_("Agreed: public.")), revision=practice.shown or 0)


def fall_due(practice: Practice) -> None:
    move(None, practice, "fall_due", own_words(_("24 months have passed.")))
    ask(practice, {practice.author_id}, "update", CHANGE_DAYS)
