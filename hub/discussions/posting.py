"""Writing: new threads, answers, edits, and what one marks as read."""

from collections.abc import Callable
from typing import TypeVar

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.exc import IntegrityError

from hub import policy, text
from hub.accounts.actions import Stale
from hub.accounts.models import User
from hub.db import end_reading, unit_of_work
from hub.discussions import actions, editing, queries
from hub.discussions.forms import EditForm, ReplyForm, TextForm, ThreadForm, known_handles
from hub.discussions.holding import done, hold, holding
from hub.discussions.models import Post, Thread
from hub.discussions.places import as_form, at_pillar, at_post, at_thread
from hub.discussions.views import Spot, address_of, bp, guard_copies, spot_of, thread_page
from hub.drafts import actions as drafts
from hub.drafts.models import Draft
from hub.drafts.queries import draft_at
from hub.forms import guard_now
from hub.pillars.models import Pillar
from hub.pillars.queries import get_pillar, tags_offered
from hub.resume import resumable, resuming
from hub.web import Answer, me, restrict_copies, signed_in
from hub.words import _

Form = TypeVar("Form", bound=TextForm)


@bp.route("/pillars/<slug>/threads/new", methods=["GET", "POST"])
@signed_in
@resumable
def new_thread(slug: str) -> Answer:
    pillar = get_pillar(me(), slug)
    draft = draft_at(me(), at_pillar(slug)) if request.method == "GET" else None
    form = ThreadForm(me(), tags_offered(me()), data=as_form(draft))
    if holding():
        return hold(at_pillar(slug), form, lambda code: thread_form(get_pillar(me(), slug), form, code))
    if _previewing():
        return _preview(form) or thread_form(pillar, form, 200, preview=_rendered(form))
    if not form.accepted():
        return thread_form(pillar, form, _code(form), draft=draft)
    try:
        return done(form, _next(_open_thread(slug, form)))
    except actions.QuoteTooWide as refusal:
        form.body.errors = [str(refusal)]
        return thread_form(get_pillar(me(), slug), form, 400)
    except actions.SentBefore:
        return thread_form(get_pillar(me(), slug), _sent_before(form), 409)


def _open_thread(slug: str, form: ThreadForm) -> Spot:
    try:
        with unit_of_work():
            post = actions.open_thread(me(), get_pillar(me(), slug), _opening(form))
            drafts.sent(me(), at_pillar(slug), form.draft_seq(), form.body.prepared.md, form.saves())
            return spot_of(post)
    except IntegrityError:  # the same form, sent at the same moment
        return spot_of(actions.same_opening(queries.sent_before(me(), form.sent_as()), get_pillar(me(), slug), _opening(form)))


def _next(spot: Spot) -> str:
    """Where a writer goes on: to the post, or to adding its files."""
    if request.form.get("then") == "files":
        return url_for(".files_of_post", thread_id=spot.thread_id, num=spot.num)
    return spot.address


def _code(form: TextForm) -> int:
    """Of a page that shows the form: 400 when it was sent and something does not hold."""
    return 400 if form.is_submitted() and not resuming() and not form.applied else 200


def _opening(form: ThreadForm) -> actions.Opening:
    tags = [tag for tag in tags_offered(me()) if tag.slug in (form.tags.data or [])]
    return actions.Opening(
        form.kind.data, form.title.words, form.label.data, form.lang.data, form.body.prepared, tags, form.sent_as()
    )  # fmt: skip


def thread_form(pillar: Pillar, form: ThreadForm, code: int, preview: str | None = None, draft: Draft | None = None) -> Answer:
    if draft is not None:
        restrict_copies()
    return render_template("discussions/new_thread.html", pillar=pillar, form=form, preview=preview, draft=draft), code


@bp.post("/threads/<int:thread_id>/posts")
@signed_in
@resumable
def reply(thread_id: int) -> Answer:
    form = ReplyForm()
    if holding():
        queries.get_thread(me(), thread_id)
        return hold(at_thread(thread_id), form, lambda code: (thread_page(thread_id, form), code))
    if _previewing():
        queries.get_thread(me(), thread_id)
        return _preview(form) or thread_page(thread_id, form, preview=_rendered(form))
    if not form.accepted():
        return thread_page(thread_id, form), _code(form)
    try:
        return done(form, _next(_reply(thread_id, form)))
    except actions.NoParent:
        form.parent.data = ""
        form.body.errors = [_("The post you answered is no longer there. Your text is kept: it would now answer the opening post.")]
        return thread_page(thread_id, form), 409
    except actions.Locked:
        form.body.errors = [_("A moderator has closed this thread meanwhile. Your text is kept below: copy it, or start a linked thread.")]
        return thread_page(thread_id, form), 409
    except actions.QuoteTooWide as refusal:
        form.body.errors = [str(refusal)]
        return thread_page(thread_id, form), 400
    except actions.SentBefore:
        return thread_page(thread_id, _sent_before(form)), 409


def _reply(thread_id: int, form: ReplyForm) -> Spot:
    try:
        with unit_of_work():
            thread = queries.get_thread(me(), thread_id)
            post = actions.reply(me(), thread, form.parent_num(), form.body.prepared, form.lang.data, form.sent_as())
            drafts.sent(me(), at_thread(thread_id), form.draft_seq(), form.body.prepared.md, form.saves())
            return spot_of(post)
    except IntegrityError:  # the same form, sent at the same moment
        return spot_of(actions.same_reply(queries.sent_before(me(), form.sent_as()), thread_id, form.parent_num(), form.body.prepared))


def _sent_before(form: Form) -> Form:
    form.as_new()
    form.body.errors = [_("This form was sent before with another text, which is stored. Send again to post this text as well.")]
    return form


@bp.route("/threads/<int:thread_id>/posts/<int:num>/edit", methods=["GET", "POST"])
@signed_in
@resumable
def edit_post(thread_id: int, num: int) -> Answer:
    post = queries.get_own_post(me(), thread_id, num)
    policy.require(me(), "post.edit", post)
    guard_copies(post.thread)
    draft = draft_at(me(), at_post(thread_id, num)) if request.method == "GET" else None
    stored = {"title": post.thread.title, "body": post.body_md, "lang": post.lang, "revision": post.revision}
    form = EditForm(num == 1, data=stored | as_form(draft))
    if holding():
        return hold(at_post(thread_id, num), form, lambda code: edit_form(queries.get_own_post(me(), thread_id, num), form, code))
    if _previewing():
        return _preview(form) or edit_form(post, form, 200, preview=_rendered(form))
    if not form.accepted():
        return edit_form(post, form, _code(form), draft=draft)
    title = form.title.words if num == 1 else None
    edit = editing.Edit(form.revision.data or 0, form.body.prepared, form.lang.data, form.reason.words, title)
    try:
        with unit_of_work():
            post = queries.get_own_post(me(), thread_id, num)
            editing.edit_post(me(), post, edit)
            drafts.sent(me(), at_post(thread_id, num), form.draft_seq(), form.body.prepared.md, form.saves())
    except actions.QuoteTooWide as refusal:
        form.body.errors = [str(refusal)]
        return edit_form(queries.get_own_post(me(), thread_id, num), form, 400)
    except actions.Locked:
        form.body.errors = [_("A moderator has closed this thread meanwhile, so it takes no edits. Your text is kept below: copy it.")]
        return edit_form(queries.get_own_post(me(), thread_id, num), form, 409)
    except Stale:
        post = queries.get_own_post(me(), thread_id, num)
        form.revision.data = post.revision
        form.body.errors = [_("You changed this post in another window. The stored text is shown below yours: bring them together, then save.")]
        return edit_form(post, form, 409, stored=post.body_md)
    return done(form, address_of(queries.get_own_post(me(), thread_id, num).thread, num))


def edit_form(
    post: Post, form: EditForm, code: int, preview: str | None = None, stored: str | None = None, draft: Draft | None = None
) -> Answer:
    return render_template("discussions/edit_post.html", post=post, form=form, preview=preview, stored=stored, draft=draft), code


@bp.route("/threads/<int:thread_id>/posts/<int:num>/delete", methods=["GET", "POST"])
@signed_in
def delete_post(thread_id: int, num: int) -> Answer:
    post = queries.get_post(me(), thread_id, num)
    policy.require(me(), "post.delete", post)
    guard_copies(post.thread)
    if request.method == "GET":
        return render_template("discussions/delete_post.html", post=post)
    with unit_of_work():
        post = queries.get_post(me(), thread_id, num)
        slug = post.thread.pillar.slug
        editing.delete_post(me(), post)
    flash(_("Your text is deleted, with its earlier versions."))
    return redirect(url_for(".pillar", slug=slug) if num == 1 else address_of(queries.get_thread(me(), thread_id), num), 303)


# --- preview ---------------------------------------------------------------------------------


def _previewing() -> bool:
    return request.method == "POST" and "preview" in request.form and not resuming()


def _rendered(form: TextForm) -> str:
    """What the text would look like; a refused text puts its reason beside the field."""
    end_reading()
    try:
        return text.prepare(form.body.data or "", known_handles, guard_now()).html
    except text.Refused as refusal:
        form.body.refuse(refusal)
        return ""


def _preview(form: TextForm) -> Answer | None:
    """The fragment alone, when the page asks for it."""
    if not request.headers.get("HX-Request"):
        return None
    html = _rendered(form)
    return render_template("discussions/_preview.html", html=html, lang=form.lang.data, refusal=form.body.errors)


def change_thread(thread_id: int, change: Callable[[User, Thread], None]) -> Answer:
    """Load a thread, change it in one unit of work, and show it."""
    with unit_of_work():
        thread = queries.get_thread(me(), thread_id)
        change(me(), thread)
    return back_to(thread)


def back_to(thread: Thread) -> Answer:
    return redirect(queries.get_thread(me(), thread.id).path, 303)
