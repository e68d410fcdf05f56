"""Who may do what, and the door to who may read what. Only this and ``readable.py`` compare roles.

``readable(actor, Model)`` is a SQL condition: every page, list, count and preview starts from it.
``can(actor, verb, subject)`` answers for one thing that the actor can already read.
An actor is a ``User``, or ``None`` for somebody who is not signed in.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement

from hub import readable_rooms
from hub.accounts.models import Kind, Organisation, Role
from hub.accounts.models import User as User  # rooms below accounts take the actor from here
from hub.discussions.models import Label, Post, Standing, Thread, ThreadKind
from hub.policy_rooms import RULES as ROOM_RULES
from hub.policy_rooms import may_meet as may_meet
from hub.policy_rooms import may_speak as may_speak
from hub.policy_rooms import signs as signs
from hub.practices.models import Practice, Stage
from hub.practices.records import PracticeReview
from hub.readable import Actor as Actor
from hub.readable import Reader as Reader
from hub.readable import hidden_but_open_to as hidden_but_open_to
from hub.readable import labels_read as labels_read
from hub.readable import placed as placed
from hub.readable import readable as readable
from hub.readable import readable_by as readable_by
from hub.readable import reader as reader
from hub.readable import shown_to as shown_to
from hub.readable import thread_circle as thread_circle
from hub.review.models import Reason, ReviewItem


class Forbidden(Exception):
    """The actor may read the subject but not do this to it."""


def can(actor: Actor, verb: str, subject: Any = None) -> bool:
    """Whether ``actor`` may do ``verb`` to ``subject``, which it can read. An unknown verb raises ``KeyError``."""
    rule = RULES[verb]
    return actor is not None and actor.active and rule(actor, subject)


def require(actor: Actor, verb: str, subject: Any = None) -> None:
    if not can(actor, verb, subject):
        raise Forbidden(verb)


def opens(user: User, label: str, organisation_id: int) -> bool:
    """Whether a thread of this label, written in this organisation, is open to a member."""
    who = reader(user)
    return who is not None and (label in labels_read(who) or (label == Label.STRICT and who.in_task_force and organisation_id == who.root_id))


def labels_offered(actor: User) -> tuple[str, ...]:
    """Labels ``actor`` may open a thread under: what they could then read themselves."""
    who = reader(actor)
    return labels_read(who) + ((Label.STRICT,) if who and who.in_task_force else ())


def leads(who: Reader | None) -> ColumnElement[bool]:
    """SQL: whether the reader is head of a delegation in the room of ``Minutes``."""
    return readable_rooms.leads(who)


def concerns(who: Reader | None) -> ColumnElement[bool]:
    """SQL: whether a ``Task`` is the reader's, or their delegation's."""
    return readable_rooms.concerns(who)


def kinds_offered(actor: User) -> tuple[str, ...]:
    return tuple(kind for kind in ThreadKind.ALL if kind != ThreadKind.ANNOUNCEMENT or actor.is_moderator)


def roles_offered(actor: User, organisation: Organisation) -> tuple[str, ...]:
    """Roles ``actor`` may invite into ``organisation``: focal points by admins only, members where AMBER is read."""
    if organisation.kind in (Kind.ASEAN_BODY, Kind.PARTNER) and not actor.is_admin:
        return (Role.PARTNER,)
    return (Role.MEMBER, Role.FOCAL_POINT, Role.PARTNER) if actor.is_admin else (Role.MEMBER, Role.PARTNER)


def _anyone(actor: User, _subject: Any) -> bool:
    return not actor.silenced


def _moderator(actor: User, _subject: Any) -> bool:
    return actor.is_moderator


def _reply(actor: User, thread: Thread) -> bool:
    return thread.locked_at is None and thread.standing == Standing.SHOWN and not actor.silenced


def _own_post(actor: User, post: Post) -> bool:
    """Shown, or hidden and given back by a moderator to be changed."""
    given = post.standing == Standing.SHOWN or (post.standing == Standing.HIDDEN and post.returned_at is not None)
    return post.author_id == actor.id and given and post.thread.locked_at is None and not actor.silenced


def _delete_post(actor: User, post: Post) -> bool:
    """One's own shown post, also while one may not write; what a moderator decides on stays until then."""
    alone = post.num > 1 or post.thread.shown_posts <= 1  # an opening that others answered is theirs too
    return post.author_id == actor.id and post.standing == Standing.SHOWN and post.thread.locked_at is None and alone


def _answer(actor: User, thread: Thread) -> bool:
    return thread.kind != ThreadKind.ANNOUNCEMENT and (actor.is_moderator or thread.author_id == actor.id)


def _make_public(actor: User, thread: Thread) -> bool:
    return actor.is_moderator and thread.label == Label.CLEAR and thread.cleared_upto < thread.last_num and thread.author_id != actor.id


def _self(actor: User, user: User) -> bool:
    return actor.id == user.id


def _edits_organisation(actor: User, organisation: Organisation) -> bool:
    return _answers_for(actor, organisation) and not actor.silenced


def _answers_for(actor: User, organisation: Organisation) -> bool:
    return actor.is_admin or (actor.role == Role.FOCAL_POINT and organisation.root_id == actor.root_id)


def _invites(actor: User, organisation: Organisation) -> bool:
    """An organisation's own people, unless its state takes no part just now."""
    return _edits_organisation(actor, organisation) and (organisation.state is None or organisation.state.active)


def _manages_member(actor: User, user: User) -> bool:
    if user.id == actor.id or (user.is_admin and not actor.is_admin):
        return False
    return actor.is_admin or (_answers_for(actor, user.organisation) and user.role != Role.FOCAL_POINT)


def _reactivates(actor: User, user: User) -> bool:
    """Who left by their own choice, or of whom nothing is left, does not come back."""
    gone = user.left_at is not None or user.anonymised_at is not None
    return not gone and _manages_member(actor, user) and (actor.is_admin or not user.closed_by_admin)


def _sanctions(actor: User, user: User) -> bool:
    """Moderators sanction members; a moderator or an admin is an admin's matter."""
    staff = user.is_moderator or user.is_admin
    return user.id != actor.id and (actor.is_admin or (actor.is_moderator and not staff))


def _see_exposure(actor: User, about: tuple[ReviewItem, User]) -> bool:
    """Moderators; and once words went for a person's sake, the focal points who answer for the author of the item."""
    item, author = about
    answers = actor.role == Role.FOCAL_POINT and author.root_id == actor.root_id and item.outcome in ("redact", "remove") and item.rule in Reason.HIDING
    return actor.id != author.id and (actor.is_moderator or answers)


def _starts_practice(actor: User, _subject: Any) -> bool:
    """Practices are of a task force."""
    who = reader(actor)
    return who is not None and who.in_task_force and who.state_code is not None and not actor.silenced


def _writes_practice(actor: User, practice: Practice) -> bool:
    stages = (Stage.DRAFT, Stage.CHANGES, Stage.PUBLISHED, Stage.UPDATE_DUE)
    return practice.author_id == actor.id and practice.stage in stages and not actor.silenced


def _clears_practice(actor: User, practice: Practice) -> bool:
    """The focal point of its task force, never the author; a moderator where the author is a focal point."""
    if practice.author_id == actor.id or practice.stage != Stage.CLEARANCE:
        return False
    own = actor.role == Role.FOCAL_POINT and actor.root_id == practice.organisation_id
    return own or (actor.is_moderator and practice.author.role == Role.FOCAL_POINT)


def _reviews_practice(actor: User, asked: tuple[Practice, PracticeReview]) -> bool:
    """Who was asked, while it is open; never the author, nor anybody of the own task force."""
    practice, review = asked
    open_now = practice.stage in (Stage.REVIEW, Stage.UPDATE_REVIEW) and review.given_at is None and review.revision == practice.working
    return open_now and review.reviewer_id == actor.id and practice.author_id != actor.id and practice.organisation_id != actor.root_id


def _comments_practice(actor: User, named: tuple[Practice, list[str]]) -> bool:
    practice, states = named
    return practice.stage == Stage.COMMENT and actor.role == Role.FOCAL_POINT and actor.organisation.state_code in states


def _speaks_for_task_force(actor: User, practice: Practice) -> bool:
    """A focal point of another task force, about what is published."""
    other = actor.organisation.kind == Kind.TASK_FORCE and actor.root_id != practice.organisation_id
    return other and actor.role == Role.FOCAL_POINT and practice.stage in (Stage.PUBLISHED, Stage.UPDATE_REVIEW, Stage.UPDATE_DUE) and not actor.silenced


_RULES: dict[str, Callable[[User, Any], bool]] = {
    "thread.start": _anyone,
    "thread.reply": _reply,
    "thread.announce": _moderator,
    "thread.lock": _moderator,
    "thread.pin": _moderator,
    "thread.operate": _moderator,
    "thread.take_back": lambda actor, thread: thread.cleared_at is not None and (actor.is_moderator or thread.author_id == actor.id),
    "thread.make_public": _make_public,
    "thread.answer": _answer,
    "post.edit": _own_post,
    "post.delete": _delete_post,
    "profile.edit": lambda actor, user: _self(actor, user) and not actor.silenced,
    "organisation.edit": _edits_organisation,
    "organisation.set_reading": lambda actor, _organisation: actor.is_admin,
    "members.manage": _answers_for,
    "member.deactivate": _manages_member,
    "member.reactivate": _reactivates,
    "member.grant": lambda actor, user: actor.is_admin and user.deactivated_at is None,
    "audit.read": lambda actor, _subject: actor.is_admin,
    "hub.administer": lambda actor, _subject: actor.is_admin,
    "member.invite": _invites,
    "rules.see": lambda actor, _subject: actor.is_moderator or actor.is_admin,
    "rule.switch": lambda actor, _subject: actor.is_admin,
    "queue.see": _moderator,
    "sanctions.see": lambda actor, _subject: actor.is_moderator or actor.is_admin,
    "item.decide": lambda actor, concerned: actor.is_moderator and actor.id not in concerned,
    "member.sanction": _sanctions,
    "exposure.see": _see_exposure,
    "practice.start": _starts_practice,
    "practice.own": lambda actor, practice: practice.author_id == actor.id,
    "practice.write": _writes_practice,
    "practice.clear": _clears_practice,
    "practice.moderate": lambda actor, practice: actor.is_moderator and practice.author_id != actor.id,
    "practice.review": _reviews_practice,
    "practice.comment": _comments_practice,
    "practice.endorse": _speaks_for_task_force,
    "practice.adopt": _speaks_for_task_force,
    "flag": lambda actor, author_id: author_id != actor.id and not actor.silenced,
}
RULES = _RULES | ROOM_RULES
