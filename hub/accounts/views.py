"""Signing in and out, passwords, and organisation pages."""

import logging

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, session, url_for
from flask_limiter.util import get_remote_address
from flask_login import login_user
from werkzeug.datastructures import MultiDict

from hub import policy, web
from hub.accounts import actions, handles, passwords, queries, throttle
from hub.accounts.confirming import confirmed
from hub.accounts.forms import ChangePasswordForm, ForgottenForm, HandleForm, NewPasswordForm, OrganisationForm, SignInForm
from hub.accounts.models import User
from hub.db import AWAY, end_reading, unit_of_work
from hub.errors import demo_list, retry_after
from hub.resume import KEPT, kept_form, resumable, resume, resuming
from hub.web import Answer, me, signed_in
from hub.words import _, plural

log = logging.getLogger("hub.accounts")
bp = Blueprint("accounts", __name__)


@bp.get("/sign-in")
def sign_in() -> Answer:
    if web.actor() is not None:
        return redirect(web.local_target(request.args.get("next")))
    return _sign_in_page(SignInForm(formdata=None), request.args.get("next", ""))


@bp.post("/sign-in")
def sign_in_now() -> Answer:
    form, back, kept = SignInForm(), request.form.get("next", ""), kept_form()
    kept = MultiDict((name, value) for name, value in kept.items(multi=True) if request.form.get(KEPT))
    if not form.validate():
        return _sign_in_page(form, back, kept, code=400)
    email, password = queries.normal_email(form.email.data or ""), form.password.data or ""
    try:
        user = _who(email, password)
    except throttle.TooMany as wait:
        form.password.errors = [_("Too many failed tries. %(wait)s, or set a new password.", wait=_waiting(wait))]
        return retry_after(_sign_in_page(form, back, kept, code=429), wait.seconds)
    if user is None:
        form.password.errors = [_("Address and password do not belong together, or the account is not active.")]
        return _sign_in_page(form, back, kept, code=401)
    begin_session(user)
    return resume(kept) or redirect(web.local_target(back), 303)


def _waiting(wait: throttle.TooMany) -> str:
    return plural("Wait %(num)s minute", "Wait %(num)s minutes", wait.seconds // 60 + 1)


def _who(email: str, password: str) -> User | None:
    """The member of these credentials, as slow for an unknown address as for a wrong password."""
    attempt = throttle.take_turn("sign_in", email, get_remote_address(), throttle.sign_in_limits())
    user = queries.user_by_email(email)
    stored = user.password_hash if user is not None and user.active else None
    end_reading()
    if not passwords.matches(stored, password):
        throttle.failed(attempt)
        return None
    with unit_of_work():
        throttle.forgive(attempt)
    return user


def begin_session(user: User) -> None:
    """Sign ``user`` in under a new session id; nothing of the old session stays."""
    with unit_of_work():
        actions.end_session(session.get("_user_id", ""))
        token = actions.open_session(user)
    session.clear()
    g.pop("csrf_token", None)  # made for the old session, and cached for this request
    user.token, g.member_id = token, user.id
    login_user(user)


def _sign_in_page(form: SignInForm, back: str, kept: MultiDict[str, str] | None = None, code: int = 200) -> tuple[str, int]:
    page = render_template("accounts/sign_in.html", form=form, back=back, kept=kept or MultiDict(), interrupted=bool(kept), **demo_list())
    return page, code


@bp.post("/sign-out")
@signed_in
def sign_out() -> Answer:
    with unit_of_work():
        actions.end_session(session.get("_user_id", ""))
    session.clear()
    answer = make_response(redirect(url_for("home.front"), 303))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


# --- passwords -------------------------------------------------------------------------------


@bp.route("/forgotten", methods=["GET", "POST"])
def forgotten() -> Answer:
    form = ForgottenForm()
    if not form.accepted():
        return render_template("accounts/forgotten.html", form=form), 400 if form.is_submitted() else 200
    email = queries.normal_email(form.email.data or "")
    try:
        throttle.failed(throttle.take_turn("reset", email, get_remote_address(), throttle.Limits(account=5, address=60)))
        with unit_of_work():
            actions.ask_for_reset(email)
    except throttle.TooMany as wait:
        form.email.errors = [_("Too many requests. %(wait)s and try again.", wait=_waiting(wait))]
        return retry_after((render_template("accounts/forgotten.html", form=form), 429), wait.seconds)
    return render_template("accounts/forgotten_sent.html", email=email)


@bp.route("/passwords/<token>", methods=["GET", "POST"])
def reset(token: str) -> Answer:
    found = queries.living_reset(token)
    if found is None:
        return render_template("accounts/link_gone.html", what="password"), 410
    user = queries.user_of_reset(found)
    form = NewPasswordForm(own_words(user))
    if not form.accepted():
        return render_template("accounts/reset.html", form=form, email=user.email), 400 if form.is_submitted() else 200
    end_reading()
    password_hash = passwords.hash_password(form.password.data or "")
    with unit_of_work():
        changed = actions.use_reset(token, password_hash)
        if changed is not None:
            throttle.forgive_account("sign_in", changed.email)
    if changed is None:
        return render_template("accounts/link_gone.html", what="password"), 410
    flash(_("Your password is changed. Sign in with the new one."))
    return redirect(url_for("accounts.sign_in"), 303)


@bp.route("/account", methods=["GET", "POST"])
@signed_in
def account() -> Answer:
    form = ChangePasswordForm(own_words(me()))
    if not form.accepted():
        return _account_page(form, 400 if form.is_submitted() else 200)
    code = confirmed(me(), form.current_password)
    if code:
        return _account_page(form, code)
    password_hash = passwords.hash_password(form.password.data or "")
    with unit_of_work():
        actions.set_password(me(), password_hash, keep_token=session["_user_id"])
    flash(_("Your password is changed. Every other browser was signed out."))
    return redirect(url_for("accounts.account"), 303)


def _account_page(form: ChangePasswordForm, code: int, handle_form: HandleForm | None = None) -> tuple[str, int]:
    return render_template("accounts/account.html", form=form, handle_form=handle_form or HandleForm(formdata=None, handle=me().handle)), code


@bp.post("/account/handle")
@signed_in
def change_handle() -> Answer:
    form = HandleForm()
    password_form = ChangePasswordForm(own_words(me()), formdata=None)
    if not form.accepted():
        return _account_page(password_form, 400, form)
    try:
        with unit_of_work():
            handles.change_handle(me(), form.handle.data or "")
    except handles.TooOften:
        form.handle.errors = [_("You have changed it five times, and those handles stay yours. Go back to one of them, or keep this one.")]
        return _account_page(password_form, 409, form)
    except handles.Taken:
        form.handle.errors = [_("Somebody has this handle, or had it, or it names an office. Choose another.")]
        return _account_page(password_form, 409, form)
    flash(_("Your handle is changed. Texts with the old one still lead to you."))
    return redirect(url_for(".account"), 303)


def own_words(user: User) -> list[str]:
    return [user.email, user.role_title, user.organisation.short_name, "practitioner hub"]


# --- organisations ---------------------------------------------------------------------------


@bp.get("/organisations")
@signed_in
def organisations() -> Answer:
    return render_template("accounts/organisations.html", organisations=queries.organisations(me()))


@bp.route("/organisations/<titled:organisation_id>/edit", methods=["GET", "POST"])
@signed_in
@resumable
def edit_organisation(organisation_id: int) -> Answer:
    found = queries.get_organisation(me(), organisation_id)
    policy.require(me(), "organisation.edit", found)
    form = OrganisationForm(obj=found)
    if not form.accepted():
        return _organisation_form(found, form, 400 if form.is_submitted() and not resuming() else 200)
    try:
        with unit_of_work():
            found = queries.get_organisation(me(), organisation_id)
            words = {field.name: field.words for field in form if hasattr(field, "words") and field.name != "reason"}
            actions.edit_organisation(me(), found, form.version.data or 0, words, form.checked_on.data, form.reason.words)
            if policy.can(me(), "organisation.set_reading", found):
                actions.let_read_amber(me(), found, form.reads_amber.data, form.reason.words)
    except actions.Stale:
        found = queries.get_organisation(me(), organisation_id)
        form.version.data = found.version
        form.name.errors = [_("Somebody changed this page meanwhile. Compare with the page as it is now, then save again.")]
        return _organisation_form(found, form, 409)
    return redirect(url_for("home.organisation", organisation_id=found), 303)


def _organisation_form(found: object, form: OrganisationForm, code: int) -> Answer:
    return render_template("accounts/organisation_form.html", organisation=found, form=form), code


def touch_session(response: Response) -> Response:
    """Note that the session is in use, at most once in five minutes, after the page is rendered; the page leaves in any case."""
    touched = web.session_to_touch(queries.touched_every())
    if touched and response.status_code < 500:
        try:
            with unit_of_work():
                actions.touch(touched)
        except AWAY:
            log.warning("session not noted as used")
    return response
