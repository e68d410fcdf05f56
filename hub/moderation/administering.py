"""What admins change about the hub itself: organisations, topics, pillars, who may do what, and what a state takes part in. Every change is in the audit."""

import re

from sqlalchemy import exists, select

from hub import policy
from hub.accounts.actions import end_sessions
from hub.accounts.handles import give_handles
from hub.accounts.models import Kind, Organisation, Reviewer, Role, State, User
from hub.accounts.words import index_organisation
from hub.audit.actions import record
from hub.db import UserText, db, hold, insert_or_leave, lock_row
from hub.membership.actions import hold_last, let_moderate
from hub.notifications.actions import notify
from hub.notifications.models import Kind as News
from hub.pillars.models import Pillar, Tag

SWITCHES = ("active", "may_open_rooms")
GRANTS = ("moderator", "admin", "reviewer", "role")


class Exists(Exception):
    """There is one of this name already."""


class NoPlace(Exception):
    """An organisation cannot hang there."""


def add_organisation(
    actor: User, kind: str, name: UserText, short_name: UserText, state_code: str | None, parent: Organisation | None, reason: UserText
) -> Organisation:
    """Add an agency under its task force, a regional body or a partner. Raises ``NoPlace`` and ``Exists``."""
    policy.require(actor, "hub.administer")
    hold("organisations")
    if kind not in (Kind.AGENCY, Kind.ASEAN_BODY, Kind.PARTNER) or (kind == Kind.AGENCY) != (parent is not None) or (parent and parent.kind != Kind.TASK_FORCE):
        raise NoPlace
    if db.session.scalar(select(exists().where(Organisation.short_name == short_name))):
        raise Exists
    added = Organisation(
        kind=kind, name=name, short_name=short_name, reads_amber=kind == Kind.AGENCY, state_code=parent.state_code if parent else state_code,
        parent_id=parent.id if parent else None,
    )  # fmt: skip
    give_handles(added)
    db.session.add(added)
    index_organisation(added)
    record(actor, "organisation.add", ("organisation", added.id), reason, kind=kind)
    return added


def hang_under(actor: User, organisation: Organisation, parent: Organisation, reason: UserText) -> None:
    """Hang an agency under another task force, whose state it takes: its members read that task force's TLP:AMBER+STRICT from now on, and not the former's."""
    policy.require(actor, "hub.administer")
    lock_row(organisation)
    if organisation.kind != Kind.AGENCY or parent.kind != Kind.TASK_FORCE:
        raise NoPlace
    was = organisation.parent_id
    if was != parent.id:
        organisation.parent_id, organisation.state_code = parent.id, parent.state_code
        organisation.version += 1
        record(actor, "organisation.parent", ("organisation", organisation.id), reason, parent=parent.id, was=was or 0)


def add_tag(actor: User, name: UserText, reason: UserText) -> Tag:
    policy.require(actor, "hub.administer")
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60]
    tag_id = insert_or_leave(Tag, Tag.id, slug=slug, name=name, active=True) if slug else None
    if tag_id is None:
        raise Exists
    record(actor, "tag.add", ("tag", tag_id), reason)
    return db.session.get_one(Tag, tag_id)


def change_tag(actor: User, tag: Tag, name: UserText, active: bool, reason: UserText) -> None:
    """Rename a topic, or offer it no longer; texts that have it keep it."""
    policy.require(actor, "hub.administer")
    lock_row(tag)
    if (tag.name, tag.active) != (name, active):
        tag.name, tag.active = name, active
        record(actor, "tag.change", ("tag", tag.id), reason, active=int(active))


def change_pillar(actor: User, pillar: Pillar, name: UserText, lead: UserText, reason: UserText) -> None:
    """The formal wording is ASEAN's, and stays."""
    policy.require(actor, "hub.administer")
    lock_row(pillar)
    if (pillar.name, pillar.lead) != (name, lead):
        pillar.name, pillar.lead = name, lead
        record(actor, "pillar.change", ("pillar", pillar.id), reason)


def switch_state(actor: User, state: State, switch: str, on: bool, reason: UserText) -> None:
    """Whether a state's organisations may invite members, and open rooms. Raises ``KeyError`` for a switch there is not."""
    policy.require(actor, "hub.administer")
    if switch not in SWITCHES:
        raise KeyError(switch)
    lock_row(state)
    if getattr(state, switch) != on:
        setattr(state, switch, on)
        number = db.session.scalar(select(Organisation.id).where(Organisation.kind == Kind.TASK_FORCE, Organisation.state_code == state.code))
        record(actor, f"state.{switch}", ("organisation", number), reason, state=state.code, on=int(on))


def grant(actor: User, user: User, what: str, given: bool, reason: UserText, role: str = "", pillar: Pillar | None = None) -> None:
    """Give or take moderation, administration, reviewing of a pillar; or set the role. Nobody changes their own. Raises ``KeyError``."""
    policy.require(actor, "member.grant", user)
    if user.id == actor.id:
        raise policy.Forbidden("own")
    hold_last(user, actor)
    policy.require(actor, "member.grant", user)
    lock_row(user)
    if what == "moderator":
        let_moderate(actor, user, given, reason)
    elif what == "admin":
        _administer(actor, user, given, reason)
    elif what == "reviewer" and pillar is not None:
        _review(actor, user, pillar, given, reason)
    elif what == "role" and role in Role.ALL:
        _set_role(actor, user, role, reason)
    else:
        raise KeyError(what)


def _administer(actor: User, user: User, given: bool, reason: UserText) -> None:
    if user.is_admin != given:
        user.is_admin = given
        if not given:
            end_sessions(user)
        record(actor, "admin.grant" if given else "admin.withdraw", ("user", user.id), reason)


def _review(actor: User, user: User, pillar: Pillar, given: bool, reason: UserText) -> None:
    row = db.session.scalar(select(Reviewer).where(Reviewer.user_id == user.id, Reviewer.pillar_id == pillar.id))
    if (row is not None) == given:
        return
    if row is None:
        db.session.add(Reviewer(user_id=user.id, pillar_id=pillar.id))
    else:
        db.session.delete(row)
    record(actor, "reviewer.grant" if given else "reviewer.withdraw", ("user", user.id), reason, pillar=pillar.id)


def _set_role(actor: User, user: User, role: str, reason: UserText) -> None:
    was = user.role
    if was != role:
        user.role = role
        notify([user.id], News.STAFF, "role", f"user {user.id} role")
        record(actor, "member.role", ("user", user.id), reason, role=role, was=was)
