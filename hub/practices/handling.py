"""What others do with a practice: clear it, choose its reviewers, review, comment, endorse, adopt; and what its author and moderators decide."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for

from hub import policy, text
from hub.accounts.models import User
from hub.db import UserText, unit_of_work
from hub.practices import moving, opinions, queries, reviewing, rubric, worth
from hub.practices.models import Practice
from hub.practices.views import bp, guard_copies
from hub.resume import resumable, resuming
from hub.web import Answer, me, restrict_copies, signed_in
from hub.words import _, later

Act = Callable[[User, Practice, UserText], object]
# what is done: verb of policy, what does it, its heading, what the line is for
DECISIONS: dict[str, tuple[str, Act, str, str]] = {
    "clear": ("practice.clear", moving.clear, later("Clear it for review"), later("A note to its author, if you like. Then two reviewers are chosen.")),
    "return": ("practice.clear", moving.send_back, later("Return it to its author"), later("Its author reads it; it stands in the history.")),
    "withdraw": ("practice.own", moving.withdraw, later("Withdraw it"), later("Why; it stands in the history.")),
    "archive": ("practice.own", moving.archive, later("Archive it"), later("Why it is history now.")),
    "confirm": ("practice.own", moving.confirm, later("It still holds"), later("What you looked at to say so.")),
    "decline": ("practice.moderate", moving.decline, later("Decline it"), later("Why; the author reads it.")),
    "hold": ("practice.moderate", moving.hold_back, later("Hold it back until it is decided"), later("Why; the author reads it.")),
    "release": ("practice.moderate", moving.release, later("Let it stand again"), later("Why; the author reads it.")),
    "endorse": ("practice.endorse", worth.endorse, later("Endorse it for your task force"), later("It stands with the practice, and names the version.")),
    "unendorse": ("practice.endorse", worth.withdraw_endorsement, later("Take your endorsement back"), later("Why.")),
}

LINES = {"clear": later("A note (optional)"), "return": later("What is to be changed"), "endorse": later("What you would use of it")}


@bp.route(f"/practices/<int:practice_id>/<any({', '.join(DECISIONS)}):what>", methods=["GET", "POST"])
@signed_in
@resumable
def decide(practice_id: int, what: str) -> Answer:
    """One line on why, then it is done; GET asks for the line."""
    verb, act, heading, hint = DECISIONS[what]
    called = LINES.get(what, _("Why"))
    found = queries.get_practice(me(), practice_id)
    policy.require(me(), verb, found)
    guard_copies(found)
    form = opinions.WordsForm()
    if not form.accepted() or not (form.words.words or what == "clear"):
        if form.is_submitted() and not resuming() and not form.errors and not form.applied:
            form.words.errors = [_("Say it in a line.")]
        page = render_template("practices/decide.html", practice=found, what=what, heading=heading, hint=hint, form=form, called=called)
        return page, 400 if form.is_submitted() and not resuming() and not form.applied else 200
    try:
        with unit_of_work():
            act(me(), queries.get_practice(me(), practice_id), form.words.words or text.prepare_line(_("Cleared.")))
        flash(_("Done. Its author is told."))
    except worth.Endorsed:
        flash(_("Your task force endorsed this revision already."))
    return redirect(f"/practices/{practice_id}", 303)


@bp.errorhandler(moving.NotNow)
def moved_meanwhile(_refusal: moving.NotNow) -> Answer:
    """Somebody else was quicker; what was to be done does not fit any more."""
    flash(_("It moved meanwhile: this is how it stands."))
    return redirect(f"/practices/{(request.view_args or {}).get('practice_id', '')}", 303)


@bp.get("/practices/to-review")
@signed_in
def to_review() -> Answer:
    """For moderators: practices for which reviewers are to be confirmed, the oldest first."""
    policy.require(me(), "queue.see")
    restrict_copies()
    return render_template("practices/to_review.html", practices=queries.wanting_reviewers(me()))


@bp.route("/practices/<int:practice_id>/reviewers", methods=["GET", "POST"])
@signed_in
def reviewers(practice_id: int) -> Answer:
    """A moderator confirms who reviews, from a list with the least burdened first."""
    found = queries.get_practice(me(), practice_id)
    policy.require(me(), "practice.moderate", found)
    guard_copies(found)
    problem = ""
    if request.method == "POST":
        chosen = {int(one) for one in request.form.getlist("reviewer") if one.isascii() and one.isdecimal() and len(one) < 10}
        try:
            with unit_of_work():
                reviewing.set_reviewers(me(), queries.get_practice(me(), practice_id), chosen)
            flash(_("The reviewers are asked."))
            return redirect(f"/practices/{practice_id}", 303)
        except reviewing.WrongReviewers as refusal:
            problem = str(refusal)
    found = queries.get_practice(me(), practice_id)
    revision = queries.revision_of(found, found.working)
    proposed, wanted = queries.proposed_reviewers(found, revision), reviewing.reviewers_wanted(found)
    return render_template("practices/reviewers.html", practice=found, proposed=proposed, wanted=wanted, problem=problem), 400 if problem else 200


@bp.route("/practices/<int:practice_id>/review", methods=["GET", "POST"])
@signed_in
@resumable
def review(practice_id: int) -> Answer:
    """Eight scores, a text and a verdict."""
    found = queries.get_practice(me(), practice_id)
    policy.require(me(), "practice.review", (found, queries.get_own_review(me(), found)))
    guard_copies(found)
    form = opinions.ReviewForm()
    if not form.accepted():
        page = render_template("practices/review.html", practice=found, revision=queries.revision_of(found, found.working), form=form, rubric=rubric)
        return page, 400 if form.is_submitted() and not resuming() and not form.applied else 200
    scores = {name: form[name].data for name, _words in rubric.ROWS}
    with unit_of_work():
        reviewing.give_review(me(), queries.get_practice(me(), practice_id), scores, form.verdict.data, form.words.prepared)
    flash(_("Thank you. Your review is with the author and the other reviewer."))
    return redirect(url_for(".mine"), 303)


@bp.route("/practices/<int:practice_id>/comment", methods=["GET", "POST"])
@signed_in
@resumable
def comment(practice_id: int) -> Answer:
    """What a named state says before publication."""
    found = queries.get_practice(me(), practice_id)
    policy.require(me(), "practice.comment", (found, queries.revision_of(found, found.working).chosen("other_states")))
    guard_copies(found)
    form = opinions.WordsForm()
    if not form.accepted() or not form.words.words:
        heading, hint = _("Comment for your state"), _("It is printed in full with the practice. “No comment” is one, too.")
        called = _("What your state says")
        page = render_template("practices/decide.html", practice=found, what="comment", heading=heading, hint=hint, form=form, called=called)
        return page, 400 if form.is_submitted() and not resuming() and not form.applied else 200
    with unit_of_work():
        reviewing.give_comment(me(), queries.get_practice(me(), practice_id), form.words.words)
    flash(_("Thank you. Your comment stands with the practice."))
    return redirect(f"/practices/{practice_id}", 303)


@bp.route("/practices/<int:practice_id>/adopt", methods=["GET", "POST"])
@signed_in
@resumable
def adopt(practice_id: int) -> Answer:
    found = queries.get_practice(me(), practice_id)
    policy.require(me(), "practice.adopt", found)
    guard_copies(found)
    own = next((row for row in queries.adoptions_of(found) if row.organisation_id == me().root_id), None)
    known = {"status": own.status, "body": own.body, "since": own.since, "note": own.note} if own else {"body": me().organisation.short_name}
    form = opinions.AdoptionForm(data=known)
    if not form.accepted():
        return render_template("practices/adopt.html", practice=found, form=form), 400 if form.is_submitted() and not resuming() and not form.applied else 200
    with unit_of_work():
        worth.adopt(me(), queries.get_practice(me(), practice_id), form.status.data, form.body.words, form.since.data or "", form.note.words)
    return redirect(f"/practices/{practice_id}#adoption", 303)


@bp.post("/practices/<int:practice_id>/public")
@signed_in
def make_public(practice_id: int) -> Answer:
    """A moderator agrees that a practice under TLP:CLEAR is public, in the version that is shown."""
    with unit_of_work():
        moving.make_public(me(), queries.get_practice(me(), practice_id))
    return redirect(f"/practices/{practice_id}", 303)
