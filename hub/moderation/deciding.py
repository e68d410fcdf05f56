"""Decisions of moderators: one for each item, by somebody who has no part in it, told to the author, and in the audit."""

import json
from collections.abc import Callable

from sqlalchemy import select

from hub import policy
from hub.accounts.models import User
from hub.audit.actions import keyed, record
from hub.db import Base, UserText, db, lock_row, now
from hub.directory.models import Profile
from hub.discussions import standing
from hub.discussions.actions import ask_to_be_public
from hub.discussions.models import Label, Post, Standing, Thread
from hub.moderation import about_practices, about_rooms, profiles, redacting, sanctions, telling
from hub.moderation.decisions import ALLOWED, DISMISS, LOCK, REDACT, RELABEL, REMOVE, RESTORE, RETURN, Decision, NotAllowed
from hub.moderation.flagging import drop_letters, quotes_of_item
from hub.moderation.models import Sanction
from hub.practices.models import Practice
from hub.review import actions as review
from hub.review.models import APPEAL_WITHIN, RETURNED_FOR, Held, ItemKind, Reason, ReviewItem
from hub.rooms.models import Room
from hub.rooms.records import Disclosure

Apply = Callable[[User, ReviewItem, Decision], None]


def decide(actor: User, item: ReviewItem, made: Decision, apply: Apply | None = None) -> None:
    """``apply`` does what belongs to the target, where that is not done here.

    Raises ``Taken`` when somebody else was quicker, ``Changed`` when the text was changed, ``NotAllowed`` when the decision does not fit.
    """
    if made.decision not in ALLOWED.get((item.kind, item.target_kind), ()):
        raise NotAllowed(made.decision)
    if made.sanction and item.author_id:
        policy.require(actor, "member.sanction", db.session.get_one(User, item.author_id))
    seen_by = telling.seen_by(item)
    _hold(item, made)
    if made.decision == REMOVE:
        item.rule = review.rule_of(item)  # it goes with all that is said of it
    review.close(actor, item, made.version, made.decision, made.reason)
    telling.tell(item, made)
    (apply or BY_TARGET[item.target_kind])(actor, item, made)
    if made.sanction and item.author_id:
        made.undo["sanction"] = sanctions.impose(actor, item.author_id, made.sanction, made.until, made.reason, item.id).id
    if made.decision == RETURN and (hidden := quotes_of_item(item)):
        made.undo["quotes"] = ",".join(map(str, hidden))  # they stay hidden with it
    item.undo = json.dumps(made.undo) if made.undo else ""
    details: dict[str, int | str] = {"item": item.id, "rule": item.rule, "seen_by": seen_by}
    if made.removed:
        details |= {"passages": made.passages, "hmac": keyed(made.removed)}
    if made.files:
        details["files"] = len(made.files)
    record(actor, f"item.{made.decision}", (item.target_kind, item.target_id), made.reason, **details, **made.undo)


def _hold(item: ReviewItem, made: Decision) -> None:
    """Locks go in one order: what is decided on with what quotes it, the item, whom it is told, the end of the audit."""
    about = item if item.target_kind != "item" else db.session.get_one(ReviewItem, item.target_id)
    if about.target_kind == "disclosure":
        lock_row(db.session.get_one(Room, db.session.get_one(Disclosure, about.target_id).room_id))
    if made.sanction and item.author_id:
        lock_row(db.session.get_one(User, item.author_id))
    held: dict[str, type[Base]] = {"profile": Profile, "held": Held, "practice": Practice}
    if about.target_kind in held:
        lock_row(db.session.get_one(held[about.target_kind], about.target_id))
    post = db.session.get(Post, about.target_id) if about.target_kind == "post" else None
    if post is not None:
        standing.hold(post, *redacting.quoted_posts(made.redacted))


# --- posts -----------------------------------------------------------------------------------------------


def _decide_post(actor: User, item: ReviewItem, made: Decision) -> None:
    post = db.session.get_one(Post, item.target_id)
    {RESTORE: _show, DISMISS: _show, REDACT: _redact, REMOVE: _remove, RETURN: _return, RELABEL: _relabel, LOCK: _lock}[made.decision](actor, post, item, made)


def _show(_actor: User, post: Post, item: ReviewItem, made: Decision) -> None:
    if item.kind == ItemKind.AGAIN:  # what it was returned for goes from its history
        if made.redacted is not None:
            redacting.forget_elsewhere(made.redacted, item)
        redacting.forget_versions(post, item.id)
    release_quotes(post)
    if post.standing == Standing.HIDDEN and not _waits_elsewhere("post", post.id):
        standing.put_back(post)


def release_quotes(post: Post) -> None:
    """Posts that were hidden because they quote this one are shown again: with it, they are decided."""
    db.session.flush()
    about = (ReviewItem.target_kind == "post", ReviewItem.target_id == post.id, ReviewItem.undo.contains('"quotes"'))
    for item in db.session.scalars(select(ReviewItem).where(*about)).all():
        ids = quotes_of_item(item)
        undo = {name: value for name, value in json.loads(item.undo).items() if name != "quotes"}
        item.undo = json.dumps(undo) if undo else ""
        for quote in db.session.scalars(select(Post).where(Post.id.in_(ids)).order_by(Post.id)).all():
            standing.hold(quote)
            if quote.standing == Standing.HIDDEN and quote.returned_at is None and not _waits_elsewhere("post", quote.id):
                standing.put_back(quote)


def _waits_elsewhere(target_kind: str, target_id: int) -> bool:
    """Whether another open item hides the same, or what it quotes."""
    hiding = (ReviewItem.closed_at.is_(None), ReviewItem.hidden_at.is_not(None))
    other = (ReviewItem.target_kind == target_kind, ReviewItem.target_id == target_id)
    if db.session.scalar(select(ReviewItem.id).where(*hiding, *other).limit(1)) is not None:
        return True
    if target_kind != "post":
        return False
    quoting = db.session.scalars(select(ReviewItem).where(*hiding, ReviewItem.undo.contains('"quotes"')))
    return any(target_id in quotes_of_item(item) for item in quoting)


def _redact(_actor: User, post: Post, item: ReviewItem, made: Decision) -> None:
    if made.redacted is None and not made.files:
        raise NotAllowed("spans")
    review.close_all(("post", post.id), but=item.id, revision=item.revision)  # what is said of another revision still waits
    if made.redacted is not None:
        redacting.redact_post(post, made.redacted, item)
    redacting.remove_files(post, made.files, item)
    release_quotes(post)
    drop_letters(post)
    if post.standing == Standing.HIDDEN and not _waits_elsewhere("post", post.id):
        standing.put_back(post)


def _remove(_actor: User, post: Post, item: ReviewItem, made: Decision) -> None:
    """What identifies a person goes at once; what breaks another rule is kept, unread, for as long as its author may appeal."""
    drop_letters(post)
    if item.rule in Reason.HIDING:
        redacting.remove_post(post, item, made.redacted)
    else:
        item.empty_at = now() + APPEAL_WITHIN
        standing.withdraw(post, Standing.REMOVED)
    review.close_all(("post", post.id), but=item.id)
    release_quotes(post)


def _return(_actor: User, post: Post, item: ReviewItem, _made: Decision) -> None:
    if post.standing not in (Standing.SHOWN, Standing.HIDDEN):
        raise NotAllowed("gone")
    if post.standing == Standing.SHOWN:
        standing.withdraw(post, Standing.HIDDEN)
    standing.return_to_author(post)
    item.empty_at = now() + RETURNED_FOR


def _relabel(actor: User, post: Post, item: ReviewItem, made: Decision) -> None:
    thread = post.thread
    if made.label not in Label.ALL or Label.ALL.index(made.label) <= Label.ALL.index(thread.effective_label):
        raise NotAllowed("label")
    made.undo.update({"thread": thread.id, "label": thread.label, "to": made.label})
    standing.relabel(thread, made.label)
    telling.tell_starter(thread, item, "relabel")
    review.close_all(("thread", thread.id), kind=ItemKind.PUBLIC)
    _show(actor, post, item, made)


def _lock(actor: User, post: Post, item: ReviewItem, made: Decision) -> None:
    policy.require(actor, "thread.lock", post.thread)
    if post.thread.locked_at is None:
        post.thread.locked_at = now()
        made.undo.update({"thread": post.thread_id, "locked": post.thread.locked_at.isoformat()})
        telling.tell_starter(post.thread, item, "close")
    _show(actor, post, item, made)


# --- profiles ----------------------------------------------------------------------------------------------


def _decide_profile(_actor: User, item: ReviewItem, made: Decision) -> None:
    profile = db.session.get_one(Profile, item.target_id)
    if made.decision == REDACT:
        if made.redacted is None:
            raise NotAllowed("spans")
        redacting.redact_profile(profile, made.redacted, item)
        review.follow(("profile", profile.user_id), profile.version)
    elif made.decision == REMOVE:
        redacting.note(item.id, "profile", profile.user_id, profile.version)
        profiles.empty(profile)
        redacting.forget_notes(item.target_kind, item.target_id)
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
            if thread.label == Label.CLEAR:
                ask_to_be_public(thread)
        if "locked" in undo and thread.locked_at is not None and thread.locked_at.isoformat() == undo["locked"]:
            thread.locked_at = None
    if decided.target_kind == "practice" and decided.outcome == REMOVE and not _waits_elsewhere("practice", decided.target_id):
        about_practices.give_back(actor, db.session.get_one(Practice, decided.target_id), reason)
    post = db.session.get_one(Post, decided.target_id) if decided.target_kind == "post" else None
    if post and post.body_md and post.standing in (Standing.HIDDEN, Standing.REMOVED) and not _waits_elsewhere("post", post.id) and not _decided_since(decided):
        standing.put_back(post)
        release_quotes(post)
        decided.empty_at = None
    if undo.get("sanction"):
        sanctions.lift(actor, db.session.get_one(Sanction, undo["sanction"]), reason)


def _decided_since(decided: ReviewItem) -> bool:
    """Whether a later decision took the same post away."""
    same = (ReviewItem.target_kind == decided.target_kind, ReviewItem.target_id == decided.target_id, ReviewItem.id != decided.id)
    later = (ReviewItem.closed_at > decided.closed_at, ReviewItem.outcome.in_((REMOVE, RETURN)))
    return db.session.scalar(select(ReviewItem.id).where(*same, *later).limit(1)) is not None


def _decide_practice(actor: User, item: ReviewItem, made: Decision) -> None:
    about_practices.decide_practice(actor, item, made, _waits_elsewhere("practice", item.target_id))


def _decide_disclosure(_actor: User, item: ReviewItem, made: Decision) -> None:
    about_rooms.decide_disclosure(item, made, _waits_elsewhere("disclosure", item.target_id))


BY_TARGET: dict[str, Apply] = {
    "post": _decide_post, "profile": _decide_profile, "thread": _decide_thread, "item": _decide_appeal, "practice": _decide_practice,
    "disclosure": _decide_disclosure,
}  # fmt: skip
