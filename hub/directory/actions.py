"""Changing one's own profile."""

from dataclasses import dataclass

from hub import policy
from hub.accounts.actions import Stale
from hub.accounts.models import User
from hub.db import UserText, db, lock_row
from hub.directory.models import Contact, Expertise, Profile, ProfileLanguage, ProfilePillar
from hub.directory.words import index_member
from hub.text import Prepared


class Hidden(Exception):
    """A flag hides the profile until a moderator decides."""


@dataclass(frozen=True)
class ProfileEdit:
    """What the form holds; ``audiences`` maps ``name_for``, ``about_for``, … to an audience."""

    version: int
    role_title: UserText
    name: UserText
    about: Prepared
    zone: str
    availability: str
    expertise: list[UserText]
    languages: list[str]
    pillar_ids: list[int]
    contacts: list[tuple[UserText, str]]
    audiences: dict[str, str]


def edit_profile(actor: User, profile: Profile, edit: ProfileEdit) -> None:
    """Replace the whole profile. Raises ``Stale`` when it was changed since the form was opened."""
    policy.require(actor, "profile.edit", actor)
    lock_row(profile)
    if profile.hidden_at is not None:
        raise Hidden
    if profile.version != edit.version:
        raise Stale
    actor.role_title, actor.zone = edit.role_title, edit.zone
    profile.name = edit.name
    profile.about_md, profile.about_html = edit.about.md, edit.about.html
    for column, audience in edit.audiences.items():
        setattr(profile, column, audience)
    profile.expertise = [Expertise(words=words) for words in edit.expertise]
    profile.contacts = [Contact(line=line, shown_to=audience) for line, audience in edit.contacts]
    _keep_only(profile.languages, "lang", edit.languages, ProfileLanguage)
    _keep_only(profile.pillars, "pillar_id", edit.pillar_ids, ProfilePillar)
    profile.availability = edit.availability
    profile.version += 1
    index_member(profile.user_id)


def forget_profile(profile: Profile) -> None:
    """Everything a member said about themself goes; role and organisation stand on the account, and stay."""
    profile.name = profile.about_md = profile.about_html = UserText("")
    profile.expertise, profile.contacts, profile.languages, profile.pillars = [], [], [], []
    profile.hidden_from, profile.version = "", profile.version + 1
    db.session.flush()
    index_member(profile.user_id)


def _keep_only(rows: list, column: str, wanted: list, model: type) -> None:  # type: ignore[type-arg]
    """Make ``rows`` hold exactly ``wanted``, leaving rows that stay: their pairs are unique."""
    for row in [row for row in rows if getattr(row, column) not in wanted]:
        rows.remove(row)
    have = {getattr(row, column) for row in rows}
    rows.extend(model(**{column: value}) for value in dict.fromkeys(wanted) if value not in have)
