"""The pages on which a member takes along what the hub keeps about them, and leaves."""

import io
import zipfile

from flask import current_app, flash, make_response, redirect, render_template, session, url_for
from flask_limiter.util import get_remote_address

from hub import text
from hub.accounts import throttle
from hub.accounts.confirming import PasswordForm, confirmed
from hub.audit.actions import record
from hub.db import unit_of_work
from hub.errors import retry_after
from hub.home import leaving, own_data
from hub.home.own_tables import EXPORTED
from hub.home.views import bp
from hub.web import Answer, me, restrict_copies, signed_in
from hub.words import _

AT_MOST = throttle.Limits(account=3, address=60)


@bp.route("/account/data", methods=["GET", "POST"])
@signed_in
def data() -> Answer:
    """Everything in a file, after the password; the record says that it was taken."""
    restrict_copies()
    form = PasswordForm()
    code = 200 if not form.is_submitted() else 0 if form.accepted() else 400
    code = code or confirmed(me(), form.password)
    if code:
        return render_template("home/own_data.html", form=form, parts=EXPORTED), code
    try:
        throttle.failed(throttle.take_turn("export", me().email, get_remote_address(), AT_MOST))
    except throttle.TooMany as wait:
        form.password.errors = [_("You took it three times in a quarter of an hour. Try again later.")]
        return retry_after((render_template("home/own_data.html", form=form, parts=EXPORTED), 429), wait.seconds)
    with unit_of_work():
        record(me(), "account.export", ("user", me().id), text.prepare_line(_("Asked for by the member")))
    return _file()


def _file() -> Answer:
    export = own_data.export_of(me())
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("data.json", own_data.as_json(export))
        file.writestr("data.html", render_template("home/own_sheet.html", export=export, parts=EXPORTED))
    answer = current_app.response_class(written.getvalue(), mimetype="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="[{export["label"].replace(":", "-")}] own data.zip"'
    return answer


@bp.route("/account/leave", methods=["GET", "POST"])
@signed_in
def leave() -> Answer:
    """For good: sessions end, posts stay under role and state, the profile is emptied."""
    form = PasswordForm()
    last = leaving.last_of(me())
    code = 200 if not form.is_submitted() else 409 if last else 0 if form.accepted() else 400
    code = code or confirmed(me(), form.password)
    if code:
        return render_template("home/leave.html", form=form, last=leaving.last_of(me())), code
    try:
        with unit_of_work():
            leaving.leave(me(), text.prepare_line(_("Left by their own choice")))
    except leaving.LastOne as only:
        return render_template("home/leave.html", form=form, last=only.what), 409
    except leaving.Gone:
        pass
    session.clear()
    flash(_("You have left. Your sessions are ended and your profile is empty; what you posted stays under your role and state."))
    answer = make_response(redirect(url_for(".front"), 303))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer
