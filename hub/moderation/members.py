"""What members see of moderation: flagging, what was decided about their own texts, appeals, the rules of the house."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from hub import policy, web
from hub.accounts.queries import member_of, members_by_id
from hub.db import UserText, db, end_reading, unit_of_work
from hub.discussions.models import Post
from hub.moderation import appeals, queries
from hub.moderation import exposure as exposures
from hub.moderation import sanctions as sanctioning
from hub.moderation.flagging import Flagged, flag, hide_quotes
from hub.moderation.forms import HINTS, REASONS, RULES, SANCTIONS, AppealForm, FlagForm, SanctionForm
from hub.moderation.quoting import quoted_in_thread
from hub.moderation.targets import Flaggable, flaggable, target_of
from hub.moderation.views import bp
from hub.notifications.actions import seen_about
from hub.practices.models import Practice, Stage
from hub.reasons import reasoned
from hub.resume import resumable, resuming, submitted
from hub.rooms.models import RoomEntry
from hub.rooms.queries import get_room
from hub.rooms.records import Disclosure
from hub.web import Answer, me, signed_in
from hub.words import _, later


@bp.route("/flags", methods=["GET", "POST"])
@signed_in
@resumable
def flags() -> Answer:
    """A flag on ``target``, such as ``post:12``."""
    given = request.args.get("target", "") or submitted().get("target", "")
    row = flaggable(me(), given)
    policy.require(me(), "flag", target_of(row).author_id)
    form = FlagForm()
    if not form.accepted():
        web.restrict_copies()
        code = 400 if form.is_submitted() and not resuming() else 200
        return render_template(
            "moderation/flag.html", form=form, row=row, target=given, hints=HINTS, about=target_of(row).kind, back=_address(row)
        ), code
    with unit_of_work():
        row = flaggable(me(), given)
        done = flag(me(), row, form.reason.data, form.note.words)
        opening = isinstance(row, Post) and row.num == 1 and done == Flagged.HIDDEN
        address = url_for("discussions.pillar", slug=row.thread.pillar.slug) if opening and isinstance(row, Post) else _address(row)
        post_id = row.id if isinstance(row, Post) and done == Flagged.HIDDEN else None
    if post_id is not None:
        _hide_quotes(post_id)
    if done == Flagged.HIDDEN:
        flash(_("It is hidden now from all but its author and moderators, who look at it within four hours. The author is not told who flagged it."))
    else:
        flash(_("Thank you. It waits for a moderator; you will hear when it was dealt with. The author is not told who flagged it."))
    return redirect(address, 303)


def _hide_quotes(post_id: int) -> None:
    """Looked for once the post itself is hidden, for that takes a moment in a long thread."""
    post = db.session.get(Post, post_id)
    quoting = quoted_in_thread(post) if post is not None and post.body_md else []
    end_reading()
    if quoting:
        with unit_of_work():
            hide_quotes(db.session.get_one(Post, post_id), quoting)


def _address(row: Flaggable) -> str:
    if isinstance(row, Practice):
        return f"/practices/{row.id}" if row.stage != Stage.HELD else "/practices"
    if isinstance(row, RoomEntry | Disclosure):
        return f"{get_room(row.room_id).path}#entry-{row.seq}"
    return f"/threads/{row.thread_id}/posts/{row.num}" if isinstance(row, Post) else f"/people/{row.user_id}"


@bp.get("/decisions/<int:item_id>")
@signed_in
def decision(item_id: int) -> Answer:
    """What a moderator decided about one's own text, by which rule, and the way to appeal."""
    return _decision_page(item_id, AppealForm(formdata=None), 200)


def _decision_page(item_id: int, form: AppealForm, code: int) -> Answer:
    web.restrict_copies()
    found = queries.get_decision(me(), item_id)
    page = render_template(
        "moderation/decision.html", item=found, form=form, rule=RULES.get(found.rule, ""), reasons=REASONS, appeal=queries.appeal_of(found),
        may=appeals.open_to(me(), found), until=appeals.until(found), post=queries.post_of(found), sanction=queries.sanction_of(found), names=dict(SANCTIONS),
    )  # fmt: skip
    if me().has_news:
        with unit_of_work():
            seen_about(me().id, f"item {item_id}")
    return page, code


@bp.post("/decisions/<int:item_id>/appeal")
@signed_in
@resumable
def appeal(item_id: int) -> Answer:
    form = AppealForm()
    queries.get_decision(me(), item_id)
    if not form.accepted():
        return _decision_page(item_id, form, 400 if not resuming() else 200)
    try:
        with unit_of_work():
            appeals.appeal(me(), queries.get_decision(me(), item_id), form.note.words)
    except appeals.TooLate:
        form.note.errors = [_("This can no longer be appealed: seven days are over, or it was appealed before.")]
        return _decision_page(item_id, form, 409)
    flash(_("Your appeal waits for a moderator other than the one who decided."))
    return redirect(url_for(".decision", item_id=item_id), 303)


@bp.get("/moderation/<int:item_id>/exposure")
@signed_in
def exposure(item_id: int) -> Answer:
    """Who was shown a post between posting and hiding: for moderators, and the author's focal points."""
    found = exposures.get_exposed(me(), item_id)
    web.restrict_copies()
    return render_template(
        "moderation/exposure.html", item=found, report=exposures.report(found), author=members_by_id({found.author_id or 0}).get(found.author_id or 0)
    )


@bp.get("/house-rules")
@signed_in
def house_rules() -> Answer:
    return render_template("moderation/house_rules.html", month=queries.transparency())


@bp.get("/account/sanctions")
@signed_in
def own_sanctions() -> Answer:
    """What moderators imposed on oneself."""
    rows = queries.own_sanctions(me())
    if me().has_news:
        with unit_of_work():
            seen_about(me().id, *(f"sanction {row.id}" for row in rows))
        rows = queries.own_sanctions(me())  # in one statement, after the unit of work let go of them
    return render_template("moderation/own_sanctions.html", rows=rows, names=dict(SANCTIONS))


@bp.route("/moderation/sanctions", methods=["GET", "POST"])
@signed_in
def sanctions() -> Answer:
    """What is imposed on members; moderators and admins impose one beside any item."""
    policy.require(me(), "sanctions.see")
    form = SanctionForm()
    if not form.accepted():
        return _sanctions(form, 400 if form.is_submitted() else 200)
    user = member_of(form.handle.data or "")
    if user is None:
        form.handle.errors = [_("Nobody has this handle. Look it up in the directory.")]
        return _sanctions(form, 400)
    try:
        with unit_of_work():
            sanctioning.impose(me(), user.id, form.sanction.data, form.end(), form.reason.words)
    except policy.Forbidden:
        form.handle.errors = [_("Nobody sanctions themselves; a moderator or an admin is an admin’s matter.")]
        return _sanctions(form, 403)
    flash(_("Imposed, told, and recorded."))
    return redirect(url_for(".sanctions"), 303)


def _sanctions(form: SanctionForm, code: int) -> Answer:
    rows, more = queries.sanctions(me(), web.number("before"))
    members = members_by_id({row.user_id for row in rows})
    return render_template(
        "moderation/sanctions.html", form=form, rows=rows, members=members, names=dict(SANCTIONS), following=rows[-1].id if more else None
    ), code  # fmt: skip


@bp.post("/moderation/sanctions/<int:sanction_id>/lift")
@signed_in
@reasoned(later("Lift the sanction"))
def lift(sanction_id: int, reason: UserText) -> Answer:
    policy.require(me(), "sanctions.see")
    with unit_of_work():
        sanctioning.lift(me(), queries.get_sanction(me(), sanction_id), reason)
    flash(_("Lifted, and told."))
    return redirect(url_for(".sanctions"), 303)


@bp.get("/held/<int:held_id>")
@signed_in
def held(held_id: int) -> Answer:
    """One's own held text, to be copied or taken back."""
    words = queries.own_held_words(me(), held_id)
    if not words:
        raise NotFound
    web.restrict_copies()
    return render_template("moderation/held.html", held_id=held_id, words=words)
