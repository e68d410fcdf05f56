"""The directory, profiles, and one's own profile."""

import json

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for

from hub import languages, web
from hub.accounts.actions import Stale
from hub.accounts.models import User
from hub.accounts.queries import states
from hub.db import unit_of_work
from hub.directory import actions, mentions, queries
from hub.directory.forms import AVAILABILITIES, ProfileForm
from hub.directory.models import Availability, Profile
from hub.pillars.queries import all_pillars
from hub.resume import resumable, resuming
from hub.web import Answer, me, signed_in
from hub.words import _

bp = Blueprint("directory", __name__)


@bp.get("/people")
@signed_in
def people() -> Answer:
    pillars = all_pillars()
    chosen = {name: request.args.get(name, "")[:80] for name in ("state", "pillar", "language", "availability", "expertise", "q")}
    pillar = next((pillar for pillar in pillars if pillar.slug == chosen["pillar"]), None)
    lang = chosen["language"] if chosen["language"] in languages.AUTONYMS else ""
    available = chosen["availability"] if chosen["availability"] in Availability.ALL else ""
    filters = queries.Filters(chosen["state"].upper()[:2], pillar.id if pillar else None, lang, chosen["expertise"], available, chosen["q"])
    page, more = queries.people(me(), filters, _place(request.args.get("after", "")))
    following = json.dumps(page[-1].place, ensure_ascii=False, separators=(",", ":")) if more else ""
    return render_template(
        "directory/people.html", people=page, following=following, chosen={k: v for k, v in chosen.items() if v}, states=states(me()), pillars=pillars,
        availabilities=AVAILABILITIES,
    )  # fmt: skip


def _place(cursor: str) -> queries.Place | None:
    """A cursor as our own link wrote it; anything else is the first page."""
    try:
        match json.loads(cursor):
            case [0 | 1 as last, str() as state, str() as organisation, str() as title, int() as number] if 0 <= number < 2**31:
                "".join((state, organisation, title)).replace("\0", "\ud800").encode()  # raises for what no database holds
                return last, state, organisation, title, number
    except (ValueError, RecursionError):
        pass
    return None


@bp.get("/@<handle>")
@signed_in
def named(handle: str) -> Answer:
    """To the member or organisation that a text mentions."""
    owner = mentions.owner_of(me(), handle[:60])
    return redirect(url_for("home.person", user_id=owner) if isinstance(owner, User) else url_for("home.organisation", organisation_id=owner))


@bp.get("/suggestions")
@signed_in
def suggestions() -> Answer:
    """Handles for what follows an @ while one types: whom the reader may see, by role and organisation."""
    web.do_not_touch()
    return jsonify([one._asdict() for one in mentions.suggestions(me(), request.args.get("q", ""))])


@bp.route("/account/profile", methods=["GET", "POST"])
@signed_in
@resumable
def edit_profile() -> Answer:
    profile = queries.get_own_profile(me())
    form = ProfileForm(all_pillars(), data=_as_form(profile))
    if not form.accepted():
        return _form_page(form, 400 if form.is_submitted() and not resuming() else 200)
    try:
        with unit_of_work():
            actions.edit_profile(me(), queries.get_own_profile(me()), _as_edit(form))
    except Stale:
        form.version.data = queries.get_own_profile(me()).version
        form.role_title.errors = [_("Your profile was changed in another window. What you typed is below: compare, then save again.")]
        return _form_page(form, 409)
    except actions.Hidden:
        form.role_title.errors = [_("A flag hides your profile until a moderator decides, so it takes no changes now. What you typed is below: copy it.")]
        return _form_page(form, 409)
    flash(_("Your profile is saved. This is how you see it; others see what you chose to show them."))
    return redirect(url_for("home.person", user_id=me()), 303)


def _form_page(form: ProfileForm, code: int) -> tuple[str, int]:
    zones = sorted({state.zone for state in states(me())})
    return render_template("directory/profile_form.html", form=form, zones=zones), code


def _as_form(profile: Profile) -> dict[str, object]:
    audiences = {f"{field}_for": getattr(profile, f"{field}_for") for field in queries.FIELDS}
    return audiences | {
        "version": profile.version,
        "role_title": me().role_title,
        "zone": me().zone,
        "availability": profile.availability,
        "name": profile.name,
        "about": profile.about_md,
        "expertise": [row.words for row in profile.expertise],
        "languages": [row.lang for row in profile.languages],
        "pillars": [row.pillar_id for row in profile.pillars],
        "contacts": [{"line": row.line, "shown_to": row.shown_to} for row in profile.contacts],
    }


def _as_edit(form: ProfileForm) -> actions.ProfileEdit:
    return actions.ProfileEdit(
        version=form.version.data or 0,
        role_title=form.role_title.words,
        name=form.name.words,
        about=form.about.prepared,
        zone=form.zone.data or "UTC",
        availability=form.availability.data,
        expertise=form.filled_expertise(),
        languages=form.languages.data or [],
        pillar_ids=form.pillars.data or [],
        contacts=form.filled_contacts(),
        audiences={f"{field}_for": form[f"{field}_for"].data for field in queries.FIELDS},
    )
