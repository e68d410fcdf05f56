"""Decisions of moderators: one for each item, by somebody who has no part in it, told to the author, and in the audit."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from hub import policy
from hub.accounts.models import User
from hub.audit.actions import keyed, record
from hub.db import UserText, db, lock_row, now
from hub.directory.models import Profile
from hub.discussions import standing
from hub.discussions.models import Label, Post, Shown, Standing, Thread
from hub.moderation import profiles, redacting, sanctions
from hub.moderation.flagging import drop_letters
from hub.moderation.models import Sanction, SanctionKind
from hub.moderation.redacting import Redacted
from hub.notifications.actions import notify
from hub.notifications.models import Kind
from hub.review import actions as review
from hub.review.models import APPEAL_WITHIN, ItemKind, Reason, ReviewCause, ReviewItem

RESTORE, REDACT, REMOVE, RETURN, RELABEL, LOCK, DISMISS = "restore", "redact", "remove", "return", "relabel", "lock", "dismiss"
OF_POSTS = (RESTORE, REDACT, REMOVE, RETURN, RELABEL, LOCK, DISMISS)
ALLOWED: dict[tuple[str, str], tuple[str, ...]] = {  # what may be decided on an item, by its kind and what it is about
    (ItemKind.FLAG, "post"): OF_POSTS,
    (ItemKind.AGAIN, "post"): (RESTORE, REDACT, REMOVE, RETURN),
    (ItemKind.FLAG, "profile"): (RESTORE, REDACT, REMOVE, DISMISS),
    (ItemKind.HELD, "held"): (RESTORE, REDACT, REMOVE, RETURN),
    (ItemKind.PUBLIC, "thread"): (DISMISS,),
    (ItemKind.APPEAL, "item"): (RESTORE, DISMISS),
}
APPEALABLE = (REDACT, REMOVE, RETURN, RELABEL, LOCK)


class NotAllowed(Exception):
    """The decision does not fit the item; the message says why."""


@dataclass(frozen=True)
class Decision:
    """What a moderator decides; ``version`` is of the item as it was seen."""

    decision: str
    reason: UserText
    version: int
    label: str = ""
    sanction: str = ""
    until: datetime | None = None
    redacted: Redacted | None = None
    removed: str = ""  # the passages themselves: only their keyed hash is kept
    passages: int = 0
    undo: dict[str, int | str] = field(default_factory=dict)


Apply = Callable[[User, ReviewItem, Decision], None]


def decide(actor: User, item: ReviewItem, made: Decision, apply: Apply | None = None) -> None:
    """``apply`` does what belongs to the target, where that is not done here.

    Raises ``Taken`` when somebody else was quicker, ``Changed`` when the text was changed, ``NotAllowed`` when the decision does not fit.
    """
    if made.decision not in ALLOWED.get((item.kind, item.target_kind), ()):
        raise NotAllowed(made.decision)
    if made.sanction and item.author_id:
        policy.require(actor, "member.sanction", db.session.get_one(User, item.author_id))
    seen_by = _seen_by(item)
    _hold(item, made)
    review.close(actor, item, made.version, made.decision, made.reason)
    _tell(item, made)
    (apply or BY_TARGET[item.target_kind])(actor, item, made)
    if made.sanction and item.author_id:
        made.undo["sanction"] = sanctions.impose(actor, item.author_id, made.sanction, made.until, made.reason, item.id).id
    item.undo = json.dumps(made.undo) if made.undo else ""
    details: dict[str, int | str] = {"item": item.id, "rule": item.rule, "seen_by": seen_by}
    if made.removed:
        details |= {"passages": made.passages, "hmac": keyed(made.removed)}
    record(actor, f"item.{made.decision}", (item.target_kind, item.target_id), made.reason, **details, **made.undo)


def _hold(item: ReviewItem, made: Decision) -> None:
    """Locks go in one order: what is decided on with what quotes it, the item, whom it is told, the end of the audit."""
    about = item if item.target_kind != "item" else db.session.get_one(ReviewItem, item.target_id)
    post = db.session.get(Post, about.target_id) if about.target_kind == "post" else None
    if post is not None:
        standing.hold(post, *redacting.quoted_posts(made.redacted))


def _seen_by(item: ReviewItem) -> int:
    """How many members were shown the post."""
    if item.target_kind != "post":
        return 0
    rows = select(func.count()).where(Shown.post_id == item.target_id, Shown.user_id != item.author_id).select_from(Shown)
    return db.session.scalar(rows) or 0


def _tell(item: ReviewItem, made: Decision) -> None:
    """The author hears what was decided and why; whoever flagged it that it was dealt with, and no more."""
    unfounded = item.kind == ItemKind.FLAG and made.decision == DISMISS and item.hidden_at is None
    if item.author_id and not (unfounded and not made.sanction):
        told = item.target_id if item.kind == ItemKind.APPEAL else item.id  # the page of the decision tells of its appeal
        notify([item.author_id], Kind.STAFF, "decided", f"item {told}", subject_id=told)
    notify(_flaggers(item, made) - {item.author_id or 0}, Kind.STAFF, "flag_decided", f"flag {item.id}")
    if made.decision in (REDACT, REMOVE) and item.rule in Reason.HIDING and item.author_id and item.target_kind == "post":
        author = db.session.get_one(User, item.author_id)
        notify(sanctions.focal_points_for(author) - {author.id}, Kind.STAFF, "exposure", f"exposure {item.id}", subject_id=item.id)


def _flaggers(item: ReviewItem, made: Decision) -> set[int]:
    """Whoever flagged what is decided on: on this item or, where the decision ends them, on other ones."""
    others = (ReviewItem.target_kind == item.target_kind, ReviewItem.target_id == item.target_id, ReviewItem.closed_at.is_(None))
    which = or_(ReviewItem.id == item.id, and_(*others)) if made.decision in (REDACT, REMOVE) else ReviewItem.id == item.id
    rows = select(ReviewCause.by_id).join(ReviewItem, ReviewItem.id == ReviewCause.item_id).where(ReviewItem.kind == ItemKind.FLAG, which)
    return set(db.session.scalars(rows))


# --- posts -----------------------------------------------------------------------------------------------


def _decide_post(actor: User, item: ReviewItem, made: Decision) -> None:
    post = db.session.get_one(Post, item.target_id)
    {RESTORE: _show, DISMISS: _show, REDACT: _redact, REMOVE: _remove, RETURN: _return, RELABEL: _relabel, LOCK: _lock}[made.decision](actor, post, item, made)


def _show(_actor: User, post: Post, item: ReviewItem, made: Decision) -> None:
    if item.kind == ItemKind.AGAIN:  # what it was returned for goes from its history
        if made.redacted is not None:
            redacting.forget_elsewhere(made.redacted, item)
        redacting.forget_versions(post, item.id)
    if post.standing == Standing.HIDDEN and not _waits_elsewhere("post", post.id):
        standing.put_back(post)


def _waits_elsewhere(target_kind: str, target_id: int) -> bool:
    """Whether another open item hides the same."""
    other = (ReviewItem.target_kind == target_kind, ReviewItem.target_id == target_id, ReviewItem.closed_at.is_(None), ReviewItem.hidden_at.is_not(None))
    return db.session.scalar(select(ReviewItem.id).where(*other).limit(1)) is not None


def _redact(_actor: User, post: Post, item: ReviewItem, made: Decision) -> None:
    if made.redacted is None:
        raise NotAllowed("spans")
    redacting.redact_post(post, made.redacted, item)
    drop_letters(post)
    review.close_all(("post", post.id), but=item.id)
    if post.standing == Standing.HIDDEN:
        standing.put_back(post)


def _remove(_actor: User, post: Post, item: ReviewItem, made: Decision) -> None:
    """What identifies a person goes at once; what breaks another rule is kept, unread, for as long as its author may appeal."""
    drop_letters(post)
    if item.rule in Reason.HIDING:
        redacting.remove_post(post, item, made.redacted)
    else:
        item.empty_at = max(now(), (made.until if made.sanction == SanctionKind.SUSPEND else None) or now()) + APPEAL_WITHIN
        standing.withdraw(post, Standing.REMOVED)
    review.close_all(("post", post.id), but=item.id)


def _return(_actor: User, post: Post, _item: ReviewItem, _made: Decision) -> None:
    if post.standing == Standing.SHOWN:
        standing.withdraw(post, Standing.HIDDEN)
    standing.return_to_author(post)


def _relabel(actor: User, post: Post, item: ReviewItem, made: Decision) -> None:
    thread = post.thread
    if made.label not in Label.ALL or Label.ALL.index(made.label) <= Label.ALL.index(thread.effective_label):
        raise NotAllowed("label")
    made.undo.update({"thread": thread.id, "label": thread.label, "to": made.label})
    standing.relabel(thread, made.label)
    _show(actor, post, item, made)


def _lock(actor: User, post: Post, item: ReviewItem, made: Decision) -> None:
    policy.require(actor, "thread.lock", post.thread)
    if post.thread.locked_at is None:
        post.thread.locked_at = now()
        made.undo.update({"thread": post.thread_id, "locked": post.thread.locked_at.isoformat()})
    _show(actor, post, item, made)


# --- profiles ----------------------------------------------------------------------------------------------


def _decide_profile(_actor: User, item: ReviewItem, made: Decision) -> None:
    profile = db.session.get_one(Profile, item.target_id)
    lock_row(profile)
    if made.decision == REDACT:
        if made.redacted is None:
            raise NotAllowed("spans")
        redacting.redact_profile(profile, made.redacted, item)
    elif made.decision == REMOVE:
        redacting.note(item.id, "profile", profile.user_id, profile.version)
        profiles.empty(profile)
        redacting.forget_notes(item)
    if made.decision in (REDACT, REMOVE):
        review.close_all(("profile", profile.user_id), but=item.id)
    if not _waits_elsewhere("profile", profile.user_id):
        profiles.show(profile)


# --- threads and appeals -------------------------------------------------------------------------------------


def _decide_thread(_actor: User, _item: ReviewItem, _made: Decision) -> None:
    """A thread that stays TLP:GREEN needs no more than the answer."""


def _decide_appeal(actor: User, item: ReviewItem, made: Decision) -> None:
    """Another moderator lets a decision stand, or gives back what can be given back."""
    if made.decision == RESTORE:
        give_back(actor, db.session.get_one(ReviewItem, item.target_id), made.reason)


def give_back(actor: User, decided: ReviewItem, reason: UserText) -> None:
    """Undo what a decision did, as far as no later one did something else."""
    undo = json.loads(decided.undo or "{}")
    if "thread" in undo:
        thread = db.session.get_one(Thread, undo["thread"])
        lock_row(thread)
        if "to" in undo and thread.label == undo["to"]:
            standing.relabel(thread, undo["label"])
        if "locked" in undo and thread.locked_at is not None and thread.locked_at.isoformat() == undo["locked"]:
            thread.locked_at = None
    post = db.session.get_one(Post, decided.target_id) if decided.target_kind == "post" else None
    if post and post.body_md and post.standing in (Standing.HIDDEN, Standing.REMOVED) and not _waits_elsewhere("post", post.id) and not _decided_since(decided):
        standing.put_back(post)
        decided.empty_at = None
    if undo.get("sanction"):
        sanctions.lift(actor, db.session.get_one(Sanction, undo["sanction"]), reason)


def _decided_since(decided: ReviewItem) -> bool:
    """Whether a later decision took the same post away."""
    same = (ReviewItem.target_kind == decided.target_kind, ReviewItem.target_id == decided.target_id, ReviewItem.id != decided.id)
    later = (ReviewItem.closed_at > decided.closed_at, ReviewItem.outcome.in_((REMOVE, RETURN)))
    return db.session.scalar(select(ReviewItem.id).where(*same, *later).limit(1)) is not None


BY_TARGET: dict[str, Apply] = {"post": _decide_post, "profile": _decide_profile, "thread": _decide_thread, "item": _decide_appeal}
