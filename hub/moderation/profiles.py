"""Hiding a profile from all but its owner, and changing what it says. The organisation stands on the account, and stays."""

import json

from hub.db import UserText, db, now
from hub.directory.models import Audience, Profile
from hub.directory.words import index_member
from hub.text import NOTHING, Prepared, prepare_line
from hub.words import _

AUDIENCES = ("name_for", "about_for", "expertise_for", "languages_for", "pillars_for", "zone_for", "availability_for")


def hide(profile: Profile) -> None:
    """Nobody sees any line; who saw it before is kept with the profile, for when it is shown again."""
    if profile.hidden_at is not None:
        return
    before = [[name, getattr(profile, name)] for name in AUDIENCES] + [[str(row.id), row.shown_to] for row in profile.contacts]
    profile.hidden_at, profile.hidden_from = now(), json.dumps(before)
    for name in AUDIENCES:
        setattr(profile, name, Audience.NOBODY)
    for row in profile.contacts:
        row.shown_to = Audience.NOBODY


def show(profile: Profile) -> None:
    if profile.hidden_at is None:
        return
    before = dict(json.loads(profile.hidden_from or "[]"))
    profile.hidden_at, profile.hidden_from = None, ""
    for name in AUDIENCES:
        setattr(profile, name, before.get(name, Audience.OWN_STATE))
    for row in profile.contacts:
        row.shown_to = before.get(str(row.id), Audience.OWN_STATE)


def rewrite(profile: Profile, about: Prepared, name: UserText, role: UserText, lines: list[UserText]) -> None:
    """Replace what a profile says; ``lines`` are those of expertise, then of contacts."""
    profile.about_md, profile.about_html, profile.name, profile.user.role_title = about.md, about.html, name, role
    for row, words in zip([*profile.expertise, *profile.contacts], lines, strict=True):
        setattr(row, "words" if row in profile.expertise else "line", words)
    profile.version += 1
    db.session.flush()
    index_member(profile.user_id)


def empty(profile: Profile) -> None:
    profile.about_md, profile.about_html, profile.name = NOTHING.md, NOTHING.html, UserText("")
    profile.user.role_title = prepare_line(_("Member"))
    profile.expertise, profile.contacts = [], []
    profile.version += 1
    db.session.flush()
    index_member(profile.user_id)
