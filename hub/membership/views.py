"""The focal point's page, and accepting an invitation."""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for

from hub import policy
from hub.accounts import passwords
from hub.accounts.models import Organisation, User
from hub.accounts.queries import get_managed_user, get_organisation, normal_email, organisations_under
from hub.accounts.views import begin_session
from hub.db import UserText, end_reading, unit_of_work
from hub.membership import actions, queries
from hub.membership.forms import AcceptForm, InvitationForm, known_address
from hub.membership.models import Invitation
from hub.reasons import reasoned
from hub.resume import resumable, resuming, submitted
from hub.web import Answer, me, signed_in
from hub.words import _, later

bp = Blueprint("membership", __name__)


@bp.route("/organisations/<titled:organisation_id>/members", methods=["GET", "POST"])
@signed_in
@resumable
def members(organisation_id: int) -> Answer:
    organisation = get_organisation(me(), organisation_id)
    policy.require(me(), "members.manage", organisation)
    form = InvitationForm(organisations_under(organisation.id), policy.roles_offered(me(), organisation))
    if not form.accepted():
        return _members_page(organisation, form, 400 if form.is_submitted() and not resuming() else 200)
    try:
        with unit_of_work():
            offer = actions.Offer(normal_email(form.email.data or ""), form.role.data, form.role_title.words, get_organisation(me(), form.organisation.data))
            actions.invite(me(), offer, form.reason.words)
    except actions.Known:
        form.email.errors = [known_address()]
        return _members_page(get_organisation(me(), organisation_id), form, 409)
    flash(_("The invitation is on its way. The link works for 72 hours, once."))
    return redirect(url_for(".members", organisation_id=get_organisation(me(), organisation_id)), 303)


def _members_page(organisation: Organisation, form: InvitationForm, code: int) -> tuple[str, int]:
    page = render_template(
        "membership/members.html", organisation=organisation, form=form,
        members=queries.members_of(organisation), pending=queries.pending(me(), organisation),
    )
    return page, code


@bp.post("/invitations/<int:invitation_id>/resend")
@signed_in
@reasoned(later("Send the invitation again"))
def resend(invitation_id: int, reason: UserText) -> Answer:
    return _change(invitation_id, partial(actions.resend, reason=reason), _("A new link is on its way; the old one no longer works."))


@bp.post("/invitations/<int:invitation_id>/withdraw")
@signed_in
@reasoned(later("Withdraw the invitation"))
def withdraw(invitation_id: int, reason: UserText) -> Answer:
    return _change(invitation_id, partial(actions.withdraw, reason=reason), _("The invitation is withdrawn."))


def _change(invitation_id: int, change: Callable[[User, Invitation], None], done: str) -> Answer:
    try:
        with unit_of_work():
            change(me(), queries.get_invitation(me(), invitation_id))
        flash(done)
    except actions.Over:
        flash(_("This invitation was accepted or withdrawn meanwhile. If somebody should not be here, deactivate the account."))
    root = queries.get_invitation(me(), invitation_id).organisation.root_id
    return redirect(url_for(".members", organisation_id=get_organisation(me(), root)), 303)


@bp.post("/members/<int:user_id>/deactivate")
@signed_in
@reasoned(later("Deactivate the account"))
def deactivate(user_id: int, reason: UserText) -> Answer:
    user, answer = _change_member(user_id, partial(actions.deactivate, reason=reason))
    flash(_("%(who)s is deactivated and signed out everywhere. You can reactivate the account.", who=user.role_title))
    return answer


@bp.post("/members/<int:user_id>/reactivate")
@signed_in
@reasoned(later("Reactivate the account"))
def reactivate(user_id: int, reason: UserText) -> Answer:
    user, answer = _change_member(user_id, partial(actions.reactivate, reason=reason))
    flash(_("%(who)s is active again.", who=user.role_title))
    return answer


@bp.post("/members/<int:user_id>/moderator")
@signed_in
@reasoned(later("End their work as a moderator"), ("moderates", "1", later("Make them a moderator")))
def let_moderate(user_id: int, reason: UserText) -> Answer:
    moderates = request.form.get("moderates") == "1"
    user, answer = _change_member(user_id, partial(actions.let_moderate, moderates=moderates, reason=reason))
    flash(_("%(who)s is a moderator now.", who=user.role_title) if user.is_moderator else _("%(who)s is no longer a moderator.", who=user.role_title))
    return answer


def _change_member(user_id: int, change: Callable[[User, User], None]) -> tuple[User, Answer]:
    """Change a member one answers for; the member as changed, and the way back to the list."""
    with unit_of_work():
        user = get_managed_user(me(), user_id)
        change(me(), user)
    return user, redirect(url_for(".members", organisation_id=get_organisation(me(), user.root_id)), 303)


@bp.route("/invitations/<token>", methods=["GET", "POST"])
def accept(token: str) -> Answer:
    invitation = queries.by_token(token)
    if invitation is None:
        return render_template("accounts/link_gone.html", what="invitation"), 410
    form = AcceptForm([invitation.email, invitation.role_title, invitation.organisation.short_name, submitted().get("name", "")], obj=invitation)
    if not form.accepted():
        return render_template("membership/accept.html", form=form, invitation=invitation), 400 if form.is_submitted() else 200
    end_reading()
    password_hash = passwords.hash_password(form.password.data or "")
    with unit_of_work():
        user = actions.accept(token, form.role_title.words, form.name.words, password_hash)
    if user is None:
        return render_template("accounts/link_gone.html", what="invitation"), 410
    begin_session(user)
    flash(_("Welcome. Your account is ready."))
    return redirect(url_for("home.front"), 303)
