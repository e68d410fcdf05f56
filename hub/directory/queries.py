"""Finding members: every filter sees only the lines their owners show to the reader."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, Label, String, Text, and_, case, exists, func, literal, or_, select, true, tuple_
from sqlalchemy.orm import contains_eager, selectinload
from sqlalchemy.types import TypeEngine

from hub import policy, text
from hub.accounts.models import FoldedWord, Kind, Organisation, State, User
from hub.accounts.queries import found
from hub.db import UserText, db
from hub.directory.models import Contact, Profile, ProfileLanguage, ProfilePillar
from hub.policy import Actor, Reader, reader

PAGE = 40
MOST_WORDS = 5
PLACE = (case((State.code.is_(None), 1), else_=0), func.coalesce(State.short_name, ""), Organisation.short_name, User.role_title, User.id)
Place = tuple[int, str, str, str, int]


@dataclass(frozen=True)
class Filters:
    state: str = ""
    pillar: int | None = None
    lang: str = ""
    expertise: str = ""
    availability: str = ""
    words: str = ""


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


def lines_shown(actor: Actor) -> list[str]:
    """Lines by which the member, or an office in the directory, is reached: the safeguard knows them, so they may be repeated."""
    own = select(Contact.line).where(Contact.user_id == (actor.id if actor else 0))
    offices = select(Organisation.official_line, Organisation.official_mail).where(Organisation.kind != Kind.PARTNER)
    return [*db.session.scalars(own), *(line for office in db.session.execute(offices) for line in office if line)]


def people(actor: Actor, filters: Filters, after: Place | None = None) -> tuple[list[Person], bool]:
    """A page of members by state, organisation and role, and whether there are more."""
    rows = (
        select(User, visible_name(reader(actor)))
        .join(Organisation, Organisation.id == User.organisation_id)
        .outerjoin(State, State.code == Organisation.state_code)
        .join(Profile, Profile.user_id == User.id)
        .where(policy.readable(actor, User), User.deactivated_at.is_(None))
        .order_by(*PLACE)
        .limit(PAGE + 1)
    )
    rows = rows.where(*_conditions(reader(actor), filters))
    if after:
        kinds: tuple[TypeEngine[Any], ...] = (Integer(), String(), Text(), Text(), Integer())
        rows = rows.where(tuple_(*PLACE) > tuple_(*(literal(part, kind) for part, kind in zip(after, kinds, strict=True))))
    page = [Person(user, name) for user, name in db.session.execute(rows)]
    return page[:PAGE], len(page) > PAGE


def _conditions(who: Reader | None, filters: Filters) -> Iterator[ColumnElement[bool]]:
    """Each filter sees only the lines that their owners show to the reader."""
    if filters.state:
        yield Organisation.state_code == filters.state
    if filters.pillar:
        yield exists().where(ProfilePillar.user_id == User.id, ProfilePillar.pillar_id == filters.pillar)
        yield policy.shown_to(who, Profile.pillars_for, Profile.user_id)
    if filters.lang:
        yield exists().where(ProfileLanguage.user_id == User.id, ProfileLanguage.lang == filters.lang)
        yield policy.shown_to(who, Profile.languages_for, Profile.user_id)
    if filters.availability:
        yield Profile.availability == filters.availability
        yield policy.shown_to(who, Profile.availability_for, Profile.user_id)
    for word in text.fold(filters.expertise)[:MOST_WORDS]:
        yield _found_by(who, word, ("expertise",))
    for word in text.fold(filters.words)[:MOST_WORDS]:
        yield _found_by(who, word, ("role", "organisation", "expertise", "name"))


def found_by(who: Reader | None, word: UserText) -> ColumnElement[bool]:
    """Whether a member is found by the beginning of a word, of what the reader may see of them. The query holds ``User`` and ``Profile``."""
    return _found_by(who, word, ("role", "organisation", "expertise", "name"))


def _found_by(who: Reader | None, word: UserText, fields: tuple[str, ...]) -> ColumnElement[bool]:
    hidden = {"name": Profile.name_for, "expertise": Profile.expertise_for}
    own = [and_(FoldedWord.field == field, policy.shown_to(who, hidden[field], Profile.user_id) if field in hidden else true()) for field in fields]
    first, end = text.span(word)
    starts = and_(FoldedWord.word >= first, FoldedWord.word < end)
    mine = and_(FoldedWord.user_id == User.id, or_(*own))
    theirs = [FoldedWord.organisation_id == User.organisation_id] if "organisation" in fields else []
    return exists().where(starts, or_(mine, *theirs)).correlate_except(FoldedWord)


def visible_name(who: Reader | None) -> Label[str | None]:
    """A column: the member's name where the reader may see it, else null. The query must join ``Profile``."""
    return case((policy.shown_to(who, Profile.name_for, Profile.user_id), Profile.name), else_=None).label("person_name")


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


FIELDS = ("name", "about", "expertise", "languages", "pillars", "zone", "availability")


def get_card(actor: Actor, user_id: int) -> Card:
    shown = [policy.shown_to(reader(actor), getattr(Profile, f"{field}_for"), Profile.user_id).label(field) for field in FIELDS]
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
