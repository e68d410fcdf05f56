"""Finding members: every filter sees only the lines their owners show to the reader."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, Label, String, Text, case, exists, func, literal, select, tuple_
from sqlalchemy.orm import contains_eager, selectinload
from sqlalchemy.types import TypeEngine

from hub import policy
from hub.accounts.models import Organisation, State, User
from hub.accounts.queries import found
from hub.db import db
from hub.directory.models import Contact, Profile, ProfileLanguage, ProfilePillar
from hub.policy import Actor

PAGE = 40
PLACE = (case((State.code.is_(None), 1), else_=0), func.coalesce(State.short_name, ""), Organisation.short_name, User.role_title, User.id)
Place = tuple[int, str, str, str, int]


@dataclass(frozen=True)
class Filters:
    state: str = ""
    pillar: int | None = None
    lang: str = ""


@dataclass(frozen=True)
class Person:
    """One line of the directory, with the name only where the reader may see it."""

    user: User
    name: str | None

    @property
    def place(self) -> Place:
        """Where the line stands in the list: what the next page begins after."""
        state = self.user.state
        return (0 if state else 1, state.short_name if state else "", self.user.organisation.short_name, self.user.role_title, self.user.id)


def people(actor: Actor, filters: Filters, after: Place | None = None) -> tuple[list[Person], bool]:
    """A page of members by state, organisation and role, and whether there are more."""
    rows = (
        select(User, visible_name(actor))
        .join(Organisation, Organisation.id == User.organisation_id)
        .outerjoin(State, State.code == Organisation.state_code)
        .join(Profile, Profile.user_id == User.id)
        .where(policy.readable(actor, User), User.deactivated_at.is_(None))
        .order_by(*PLACE)
        .limit(PAGE + 1)
    )
    if filters.state:
        rows = rows.where(Organisation.state_code == filters.state)
    if filters.pillar:
        known = exists().where(ProfilePillar.user_id == User.id, ProfilePillar.pillar_id == filters.pillar)
        rows = rows.where(known, policy.shown_to(actor, Profile.pillars_for, Profile.user_id))
    if filters.lang:
        spoken = exists().where(ProfileLanguage.user_id == User.id, ProfileLanguage.lang == filters.lang)
        rows = rows.where(spoken, policy.shown_to(actor, Profile.languages_for, Profile.user_id))
    if after:
        kinds: tuple[TypeEngine[Any], ...] = (Integer(), String(), Text(), Text(), Integer())
        rows = rows.where(tuple_(*PLACE) > tuple_(*(literal(part, kind) for part, kind in zip(after, kinds, strict=True))))
    page = [Person(user, name) for user, name in db.session.execute(rows)]
    return page[:PAGE], len(page) > PAGE


def visible_name(actor: Actor) -> Label[str | None]:
    """A column: the member's name where ``actor`` may see it, else null. The query must join ``Profile``."""
    return case((policy.shown_to(actor, Profile.name_for, Profile.user_id), Profile.name), else_=None).label("person_name")


@dataclass(frozen=True)
class Card:
    """A profile as one reader sees it; what is not for them is ``None`` or empty."""

    user: User
    profile: Profile
    shows: frozenset[str]
    contacts: list[Contact]

    @property
    def silent(self) -> bool:
        """Whether the reader sees nothing beside role and organisation."""
        filled = {"about": self.profile.about_md, "expertise": self.profile.expertise, "pillars": self.profile.pillars, "languages": self.profile.languages}
        return not self.contacts and not any(filled[field] for field in filled if field in self.shows)


FIELDS = ("name", "about", "expertise", "languages", "pillars", "zone")


def get_card(actor: Actor, user_id: int) -> Card:
    shown = [policy.shown_to(actor, getattr(Profile, f"{field}_for"), Profile.user_id).label(field) for field in FIELDS]
    rows = (
        select(Profile, *shown)
        .join(User, User.id == Profile.user_id)
        .where(Profile.user_id == user_id, policy.readable(actor, Profile))
        .options(contains_eager(Profile.user), selectinload(Profile.expertise), selectinload(Profile.languages), selectinload(Profile.pillars))
    )
    profile, *flags = found(db.session.execute(rows).first())
    contacts = select(Contact).where(Contact.user_id == user_id, policy.readable(actor, Contact)).order_by(Contact.id)
    shows = frozenset(field for field, flag in zip(FIELDS, flags, strict=True) if flag)
    return Card(profile.user, profile, shows, list(db.session.scalars(contacts)))


def get_own_profile(actor: User) -> Profile:
    return found(db.session.get(Profile, actor.id))
