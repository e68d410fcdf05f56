"""Who may read what, and who may do what. The only place that compares roles.

``readable(actor, Model)`` is a SQL condition: every page, list, count and preview starts from it.
``can(actor, verb, subject)`` answers for one thing that the actor can already read.
An actor is a ``User``, or ``None`` for somebody who is not signed in.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true
from sqlalchemy.orm import aliased

from hub.accounts.models import Kind, Organisation, Role, State, User
from hub.db import Base
from hub.directory.models import Audience, Contact, Profile
from hub.discussions.models import Label, Post, Standing, Thread, ThreadKind
from hub.membership.models import Invitation
from hub.pillars.models import Pillar, Tag

Actor = User | None
Clause = ColumnElement[bool]


class Forbidden(Exception):
    """The actor may read the subject but not do this to it."""


# --- reading ---------------------------------------------------------------------------------


def readable(actor: Actor, model: type[Base]) -> Clause:
    """The rows of ``model`` that ``actor`` may read. Raises ``KeyError`` for a model without a rule."""
    rule = READABLE[model]
    if actor is not None and not actor.active:
        return rule(None)
    return rule(actor)


def labels_read(actor: Actor) -> tuple[str, ...]:
    """Labels that open a thread to ``actor`` wherever it comes from."""
    if actor is None:
        return ()
    if actor.is_moderator or _of_a_task_force(actor):
        return (Label.CLEAR, Label.GREEN, Label.AMBER)
    return (Label.CLEAR, Label.GREEN)


def _of_a_task_force(actor: User) -> bool:
    return actor.role != Role.PARTNER and actor.organisation.reads_amber


def _threads(actor: Actor) -> Clause:
    public = and_(Thread.label == Label.CLEAR, Thread.cleared_at.is_not(None))
    ways = [public]
    if actor is not None:
        ways.append(Thread.label.in_(labels_read(actor)))
        if _of_a_task_force(actor):
            ways.append(and_(Thread.label == Label.STRICT, Thread.organisation_id == actor.root_id))
    return and_(Thread.standing == Standing.SHOWN, or_(*ways))


def _posts(actor: Actor) -> Clause:
    inside = exists().where(Thread.id == Post.thread_id, _threads(actor), placed(actor)).correlate(Post)
    return and_(Post.standing == Standing.SHOWN, inside)


def placed(actor: Actor) -> Clause:
    """Whether a post has its place, as text or as a removed one, in a thread that ``actor`` reads.

    The public sees what a moderator agreed to: neither later posts nor texts edited since. The query must hold ``Thread``.
    """
    if actor is not None:
        return true()
    return and_(Post.num <= Thread.cleared_upto, or_(Post.edited_at.is_(None), Post.edited_at <= Thread.cleared_at))


def _users(actor: Actor) -> Clause:
    return false() if actor is None else or_(User.deactivated_at.is_(None), User.id == actor.id)


def _profiles(actor: Actor) -> Clause:
    return exists().where(User.id == Profile.user_id, _users(actor)).correlate(Profile)


def _contacts(actor: Actor) -> Clause:
    return and_(exists().where(User.id == Contact.user_id, _users(actor)).correlate(Contact), shown_to(actor, Contact.shown_to, Contact.user_id))


def shown_to(actor: Actor, audience: Any, owner_id: Any) -> Clause:
    """Whether a line of a profile with this ``audience`` column, owned by ``owner_id``, shows to ``actor``."""
    if actor is None:
        return false()
    ways = [audience == Audience.EVERYONE, owner_id == actor.id]
    if _of_a_task_force(actor):
        ways.append(audience == Audience.TASK_FORCES)
    ways.append(_of_own_state(actor, owner_id))
    return or_(*ways)


def _of_own_state(actor: User, owner_id: Any) -> Clause:
    """Task force members of one state; where there is no state, and for partners, the same organisation."""
    owner, place = aliased(User), aliased(Organisation)
    state = actor.organisation.state_code
    if state and not _of_a_task_force(actor):
        return false()
    near = place.state_code == state if state else place.id == actor.organisation_id
    return exists().where(owner.id == owner_id, place.id == owner.organisation_id, near)


def _invitations(actor: Actor) -> Clause:
    if actor is None:
        return false()
    if actor.is_admin:
        return true()
    if actor.role != Role.FOCAL_POINT:
        return false()
    mine = select(Organisation.id).where(or_(Organisation.id == actor.root_id, Organisation.parent_id == actor.root_id))
    return Invitation.organisation_id.in_(mine)


def _signed_in(actor: Actor) -> Clause:
    return false() if actor is None else true()


def _everybody(_actor: Actor) -> Clause:
    return true()


READABLE: dict[type[Base], Callable[[Actor], Clause]] = {
    Thread: _threads,
    Post: _posts,
    User: _users,
    Profile: _profiles,
    Contact: _contacts,
    Invitation: _invitations,
    Organisation: _signed_in,
    State: _signed_in,
    Pillar: _everybody,
    Tag: _signed_in,
}


# --- doing -----------------------------------------------------------------------------------


def can(actor: Actor, verb: str, subject: Any = None) -> bool:
    """Whether ``actor`` may do ``verb`` to ``subject``, which it can read. An unknown verb raises ``KeyError``."""
    rule = RULES[verb]
    return actor is not None and actor.active and rule(actor, subject)


def require(actor: Actor, verb: str, subject: Any = None) -> None:
    if not can(actor, verb, subject):
        raise Forbidden(verb)


def labels_offered(actor: User) -> tuple[str, ...]:
    """Labels ``actor`` may open a thread under: what they could then read themselves."""
    return labels_read(actor) + ((Label.STRICT,) if _of_a_task_force(actor) else ())


def kinds_offered(actor: User) -> tuple[str, ...]:
    return tuple(kind for kind in ThreadKind.ALL if kind != ThreadKind.ANNOUNCEMENT or actor.is_moderator)


def roles_offered(actor: User, organisation: Organisation) -> tuple[str, ...]:
    """Roles ``actor`` may invite into ``organisation``: focal points by admins only, members where AMBER is read."""
    if organisation.kind in (Kind.ASEAN_BODY, Kind.PARTNER) and not actor.is_admin:
        return (Role.PARTNER,)
    return (Role.MEMBER, Role.FOCAL_POINT, Role.PARTNER) if actor.is_admin else (Role.MEMBER, Role.PARTNER)


def _anyone(_actor: User, _subject: Any) -> bool:
    return True


def _moderator(actor: User, _subject: Any) -> bool:
    return actor.is_moderator


def _reply(_actor: User, thread: Thread) -> bool:
    return thread.locked_at is None


def _own_post(actor: User, post: Post) -> bool:
    return post.author_id == actor.id and post.standing == Standing.SHOWN and post.thread.locked_at is None


def _delete_post(actor: User, post: Post) -> bool:
    alone = post.num > 1 or post.thread.shown_posts <= 1  # an opening that others answered is theirs too
    return _own_post(actor, post) and alone


def _make_public(actor: User, thread: Thread) -> bool:
    return actor.is_moderator and thread.label == Label.CLEAR and thread.cleared_upto < thread.last_num and thread.author_id != actor.id


def _self(actor: User, user: User) -> bool:
    return actor.id == user.id


def _answers_for(actor: User, organisation: Organisation) -> bool:
    return actor.is_admin or (actor.role == Role.FOCAL_POINT and organisation.root_id == actor.root_id)


def _manages_member(actor: User, user: User) -> bool:
    if user.id == actor.id or (user.is_admin and not actor.is_admin):
        return False
    return actor.is_admin or (_answers_for(actor, user.organisation) and user.role != Role.FOCAL_POINT)


RULES: dict[str, Callable[[User, Any], bool]] = {
    "thread.start": _anyone,
    "thread.reply": _reply,
    "thread.announce": _moderator,
    "thread.lock": _moderator,
    "thread.pin": _moderator,
    "thread.take_back": lambda actor, thread: thread.cleared_at is not None and (actor.is_moderator or thread.author_id == actor.id),
    "thread.make_public": _make_public,
    "post.edit": _own_post,
    "post.delete": _delete_post,
    "profile.edit": _self,
    "organisation.edit": _answers_for,
    "organisation.set_reading": lambda actor, _organisation: actor.is_admin,
    "members.manage": _answers_for,
    "member.deactivate": _manages_member,
    "member.reactivate": lambda actor, user: _manages_member(actor, user) and (actor.is_admin or not user.closed_by_admin),
    "member.grant": lambda actor, user: actor.is_admin and user.deactivated_at is None,
    "requests.see": _moderator,
}
