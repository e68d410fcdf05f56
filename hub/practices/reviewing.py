"""Reviewers, their reviews, the comments of named states, and publication that follows from them."""

from collections.abc import Collection

from sqlalchemy import select

from hub import policy, text
from hub.accounts.models import User
from hub.accounts.queries import moderators
from hub.audit.actions import record
from hub.db import UserText, db, lock_row, now
from hub.discussions import actions as discussions
from hub.discussions.models import ThreadKind
from hub.practices import queries, rubric
from hub.practices.models import Practice, PracticeRevision, Stage
from hub.practices.records import PracticeComment
from hub.practices.way import NotNow, ask, ask_reviewers, met, move, own_words, tell
from hub.practices.workflow import CHANGE_DAYS, COMMENT_DAYS, UPDATE_AFTER
from hub.practices.worth import refresh
from hub.words import _


class WrongReviewers(Exception):
    """These cannot review it; the message says why."""


def set_reviewers(actor: User, practice: Practice, chosen: Collection[int]) -> None:
    """A moderator confirms who reviews the newest revision: two, one from another state; one for a third opinion or an update. Raises ``WrongReviewers``."""
    policy.require(actor, "practice.moderate", practice)
    lock_row(practice)
    if practice.stage not in (Stage.REVIEW, Stage.UPDATE_REVIEW):
        raise NotNow
    revision = queries.revision_of(practice, practice.working)
    offered = {user.id: user for user in queries.proposed_reviewers(practice, revision)}
    wanted = reviewers_wanted(practice)
    if not wanted:
        raise NotNow
    if len(set(chosen)) != wanted or not set(chosen) <= set(offered):
        raise WrongReviewers(_("Choose %(n)s of those listed.", n=wanted))
    if wanted == 2 and all(offered[one].organisation.state_code == practice.state_code for one in chosen):
        raise WrongReviewers(_("One of them at least must be from another state."))
    ask_reviewers(practice, set(chosen))
    record(actor, "practice.reviewers", ("practice", practice.id), own_words(_("Reviewers confirmed.")), revision=revision.num, reviewers=sorted(chosen))


def reviewers_wanted(practice: Practice) -> int:
    """How many reviewers are still to be confirmed for the newest revision."""
    asked = queries.reviews_of(practice, practice.working)
    if any(review.given_at is None for review in asked):
        return 0
    if practice.stage == Stage.UPDATE_REVIEW:
        return 0 if asked else 1
    if practice.stage != Stage.REVIEW:
        return 0
    return {0: 2, 1: 1, 2: 1 if rubric.outcome(asked).third else 0}.get(len(asked), 0)


def give_review(actor: User, practice: Practice, scores: dict[str, int], verdict: str, words: text.Prepared) -> None:
    """A reviewer's scores, text and verdict; the last one asked decides where the practice goes."""
    lock_row(practice)
    review = queries.get_own_review(actor, practice)
    policy.require(actor, "practice.review", (practice, review))
    for name, _words in rubric.ROWS:
        setattr(review, name, scores[name])
    review.verdict, review.words_md, review.words_html, review.given_at = verdict, words.md, words.html, now()
    met(practice, user_ids={actor.id}, what="review")
    db.session.flush()
    _conclude(actor, practice)
    record(actor, "practice.review", ("practice", practice.id), own_words(_("Review given.")), revision=review.revision)


def _conclude(actor: User, practice: Practice) -> None:
    asked = queries.reviews_of(practice, practice.working)
    given = [review for review in asked if review.given_at is not None]
    if len(given) < len(asked):
        return
    update_only = practice.stage == Stage.UPDATE_REVIEW
    came = rubric.outcome(given, 1 if update_only else 2)
    if came.third:
        tell(practice, moderators() - {practice.author_id}, "third", actor)
    if not came.verdict:
        return
    passed = came.verdict == rubric.PASS
    refused = _("The reviewers ask for changes.") if came.floors else _("The scores do not let it pass yet.")
    words = own_words(_("The reviewers pass it.") if passed else refused)
    if update_only:
        move(actor, practice, "accept_update" if passed else "return_update", words)
        if passed:
            _show(practice)
    elif not passed:
        move(actor, practice, "ask_changes", words)
        ask(practice, {practice.author_id}, "change", CHANGE_DAYS)
    else:
        _passed(actor, practice, words)


def _passed(actor: User, practice: Practice, words: UserText) -> None:
    states = queries.revision_of(practice, practice.working).chosen("other_states")
    people = queries.commenters_of(states) if states else {}
    if people:
        move(actor, practice, "ask_comment", words)
        ask(practice, people, "comment", COMMENT_DAYS)
    else:
        move(actor, practice, "publish", words)
        _show(practice)


def give_comment(actor: User, practice: Practice, words: UserText) -> None:
    """What a named state says, in full; when all have, or the time is over, the practice is published."""
    lock_row(practice)
    states = queries.revision_of(practice, practice.working).chosen("other_states")
    policy.require(actor, "practice.comment", (practice, states))
    if practice.stage != Stage.COMMENT:
        raise NotNow
    known = db.session.scalar(select(PracticeComment).where(PracticeComment.practice_id == practice.id, PracticeComment.organisation_id == actor.root_id))
    comment = known or PracticeComment(practice_id=practice.id, organisation_id=actor.root_id)
    comment.user_id, comment.words, comment.at = actor.id, words, now()
    db.session.add(comment)
    asked = queries.commenters_of(states)
    met(practice, user_ids={user_id for user_id, organisation_id in asked.items() if organisation_id == actor.root_id}, what="comment")
    db.session.flush()
    tell(practice, [practice.author_id], "commented", actor)
    if set(asked.values()) <= {row.organisation_id for row in queries.comments_of(practice)}:
        publish_commented(actor, practice)
    record(actor, "practice.comment", ("practice", practice.id), own_words(_("Comment of a named state.")))


def publish_commented(actor: User | None, practice: Practice) -> None:
    move(actor, practice, "publish_commented", own_words(_("The named states were asked.")))
    _show(practice)


def _show(practice: Practice) -> None:
    """Readers see the newest revision from now on."""
    revision = queries.revision_of(practice, practice.working)
    practice.shown, practice.title = revision.num, revision.title
    revision.published_at = now()
    practice.published_at = practice.published_at or now()
    practice.update_due_at = now() + UPDATE_AFTER
    practice.cleared_at = None
    refresh(practice, revision)
    _open_thread(practice, revision)


def _open_thread(practice: Practice, revision: PracticeRevision) -> None:
    """A thread to discuss it, once; not while its author may not write."""
    if practice.thread_id is not None or not policy.can(practice.author, "thread.start"):
        return
    words = text.prepare(_("This thread is about the good practice [%(title)s](%(path)s). Ask what you would need to know to use it.",
                           title=practice.title.replace("[", "(").replace("]", ")"), path=f"/practices/{practice.id}"))  # fmt: skip
    title = text.prepare_line(practice.title, 160)
    opening = discussions.Opening(ThreadKind.EXPERIENCE, title, practice.label, revision.lang, words, [], f"practice {practice.id}")
    practice.thread_id = discussions.open_thread(practice.author, revision.pillar, opening).thread_id
