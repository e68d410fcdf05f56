"""Pages of admins: organisations and where they hang, topics, pillars, grants, and the switches of states."""

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import or_, select
from werkzeug.exceptions import NotFound
from wtforms import SelectField, StringField

from hub import policy, web
from hub.accounts.models import Kind, Organisation, Reviewer, Role, State, User
from hub.accounts.queries import found, get_organisation, member_of, members_by_id, organisations, states
from hub.db import UserText, db, unit_of_work
from hub.forms import HubForm, LineField, options
from hub.moderation import administering as actions
from hub.moderation.views import bp
from hub.pillars.models import Tag
from hub.pillars.queries import all_pillars, get_pillar
from hub.reasons import ReasonField, reasoned
from hub.web import Answer, me, signed_in
from hub.words import _, later

GRANTS = tuple(zip(actions.GRANTS, (later("Moderator"), later("Admin"), later("Reviewer of a pillar"), later("Role in the organisation")), strict=True))
ROLES = ((Role.PARTNER, later("Partner")), (Role.MEMBER, later("Member")), (Role.FOCAL_POINT, later("Focal point")))
KINDS = ((Kind.AGENCY, later("Agency under a task force")), (Kind.ASEAN_BODY, later("ASEAN body")), (Kind.PARTNER, later("Partner")))


class OrganisationForm(HubForm):
    kind = SelectField(later("Kind"), choices=options(KINDS))
    name = LineField(later("Full name"), shortest=3, longest=200)
    short_name = LineField(later("Short name, as shown beside members"), shortest=2, longest=80)
    parent = SelectField(later("Under which task force? (agencies)"), default="")
    state = SelectField(later("State (bodies and partners, optional)"), default="")
    reason = ReasonField()

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        self.parent.choices = options([("", _("None")), *((str(row.id), row.short_name) for row in _task_forces())])
        self.state.choices = options([("", _("None")), *((row.code, row.short_name) for row in states(me()))])


class TagForm(HubForm):
    name = LineField(later("Name of the topic"), shortest=2, longest=60)
    reason = ReasonField()


class PillarForm(HubForm):
    name = LineField(later("Name"), shortest=2, longest=80)
    lead = LineField(later("What it is about, in a sentence"), shortest=5, longest=300)
    reason = ReasonField()


class GrantForm(HubForm):
    handle = StringField(later("Handle of the member"))
    what = SelectField(later("What"), choices=options(GRANTS))
    pillar = SelectField(later("Pillar (for reviewers)"))
    role = SelectField(later("Role (for the role)"), choices=options(ROLES), default=Role.MEMBER)
    given = SelectField(later("Give or take?"), choices=options((("1", later("Give")), ("0", later("Take")))), default="1")
    reason = ReasonField()

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        self.pillar.choices = options((pillar.slug, pillar.name) for pillar in all_pillars())


def _task_forces() -> list[Organisation]:
    return [row for row in organisations(me()) if row.kind == Kind.TASK_FORCE]


def _admin() -> User:
    policy.require(me(), "hub.administer")
    return me()


# --- organisations -------------------------------------------------------------------------------------------


@bp.route("/moderation/organisations", methods=["GET", "POST"])
@signed_in
def organisations_page() -> Answer:
    _admin()
    form = OrganisationForm()
    if not form.accepted():
        return _organisations(form, 400 if form.is_submitted() else 200)
    try:
        with unit_of_work():
            parent = get_organisation(me(), int(form.parent.data)) if form.parent.data else None
            actions.add_organisation(_admin(), form.kind.data, form.name.words, form.short_name.words, form.state.data or None, parent, form.reason.words)
    except actions.NoPlace:
        form.parent.errors = [_("An agency hangs under a task force; bodies and partners hang under nobody.")]
        return _organisations(form, 400)
    except actions.Exists:
        form.short_name.errors = [_("There is an organisation of this name already.")]
        return _organisations(form, 409)
    flash(_("Added."))
    return redirect(url_for(".organisations_page"), 303)


def _organisations(form: OrganisationForm, code: int) -> Answer:
    return render_template("moderation/organisations.html", form=form, rows=organisations(me()), task_forces=_task_forces()), code


@bp.post("/moderation/organisations/<int:organisation_id>/parent")
@signed_in
@reasoned(later("Hang the agency under another task force"))
def hang_under(organisation_id: int, reason: UserText) -> Answer:
    _admin()
    try:
        with unit_of_work():
            parent = get_organisation(me(), web.small(request.form.get("parent", "")))
            actions.hang_under(_admin(), get_organisation(me(), organisation_id), parent, reason)
    except actions.NoPlace:
        raise NotFound from None
    flash(_("Changed."))
    return redirect(url_for(".organisations_page"), 303)


# --- topics and pillars --------------------------------------------------------------------------------------


@bp.route("/moderation/tags", methods=["GET", "POST"])
@signed_in
def tags() -> Answer:
    _admin()
    form = TagForm()
    if not form.accepted():
        return _tags(form, 400 if form.is_submitted() else 200)
    try:
        with unit_of_work():
            actions.add_tag(_admin(), form.name.words, form.reason.words)
    except actions.Exists:
        form.name.errors = [_("There is such a topic already, or the name has no Latin letters for its address.")]
        return _tags(form, 409)
    flash(_("Added."))
    return redirect(url_for(".tags"), 303)


def _tags(form: TagForm, code: int) -> Answer:
    return render_template("moderation/tags.html", form=form, rows=list(db.session.scalars(select(Tag).order_by(Tag.name)))), code


@bp.post("/moderation/tags/<int:tag_id>")
@signed_in
@reasoned(later("Change the topic"))
def change_tag(tag_id: int, reason: UserText) -> Answer:
    _admin()
    form = TagForm(data={"reason": reason})
    if not form.accepted():
        return _tags(form, 400)
    with unit_of_work():
        actions.change_tag(_admin(), found(db.session.get(Tag, tag_id)), form.name.words, request.form.get("active") == "1", reason)
    flash(_("Changed."))
    return redirect(url_for(".tags"), 303)


@bp.get("/moderation/pillars")
@signed_in
def pillars() -> Answer:
    _admin()
    return _pillars({})


def _pillars(sent: dict[str, PillarForm]) -> str:
    rows = [(pillar, sent.get(pillar.slug) or PillarForm(formdata=None, obj=pillar)) for pillar in all_pillars()]
    for pillar, form in rows:
        for field in form:
            field.id = f"{pillar.slug}-{field.id}"
    return render_template("moderation/pillars.html", rows=rows)


@bp.post("/moderation/pillars/<slug>")
@signed_in
def change_pillar(slug: str) -> Answer:
    _admin()
    form = PillarForm()
    if not form.accepted():
        return _pillars({slug: form}), 400
    with unit_of_work():
        actions.change_pillar(_admin(), get_pillar(me(), slug), form.name.words, form.lead.words, form.reason.words)
    flash(_("Changed."))
    return redirect(url_for(".pillars"), 303)


# --- grants and states ---------------------------------------------------------------------------------------


@bp.route("/moderation/grants", methods=["GET", "POST"])
@signed_in
def grants() -> Answer:
    _admin()
    form = GrantForm()
    if not form.accepted():
        return _grants(form, 400 if form.is_submitted() else 200)
    try:
        with unit_of_work():
            user = member_of(form.handle.data or "")
            if user is None:
                raise NotFound
            actions.grant(_admin(), user, form.what.data, form.given.data == "1", form.reason.words, form.role.data, get_pillar(me(), form.pillar.data))
    except NotFound:
        form.handle.errors = [_("Nobody has this handle. Look it up in the directory.")]
        return _grants(form, 400)
    except policy.Forbidden:
        form.handle.errors = [_("Nobody changes their own grants, and a closed account has none.")]
        return _grants(form, 400)
    flash(_("Changed, and recorded."))
    return redirect(url_for(".grants"), 303)


def _grants(form: GrantForm, code: int) -> Answer:
    staff = list(db.session.scalars(select(User).where(or_(User.is_moderator, User.is_admin), User.deactivated_at.is_(None)).order_by(User.id).limit(200)))
    reviewers = list(db.session.scalars(select(Reviewer).order_by(Reviewer.pillar_id, Reviewer.user_id).limit(500)))
    names = {pillar.id: pillar.name for pillar in all_pillars()}
    people = members_by_id({row.user_id for row in reviewers})
    return render_template("moderation/grants.html", form=form, staff=staff, reviewers=[(people[row.user_id], names[row.pillar_id]) for row in reviewers]), code


@bp.get("/moderation/states")
@signed_in
def states_page() -> Answer:
    _admin()
    return render_template("moderation/states.html", rows=states(me()))


@bp.post("/moderation/states/<code>")
@signed_in
@reasoned(later("Change what the state takes part in"))
def switch_state(code: str, reason: UserText) -> Answer:
    _admin()
    try:
        with unit_of_work():
            actions.switch_state(_admin(), found(db.session.get(State, code[:2])), request.form.get("switch", ""), request.form.get("on") == "1", reason)
    except KeyError:
        raise NotFound from None
    flash(_("Changed."))
    return redirect(url_for(".states_page"), 303)
