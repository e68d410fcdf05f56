"""Reading: pillars, threads and posts."""

import logging
from functools import partial

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import NotFound

from hub import languages, policy, web
from hub.db import unit_of_work
from hub.discussions import lists, queries, reading
from hub.discussions.forms import KINDS, ReplyForm
from hub.discussions.history import word_diff
from hub.discussions.models import Label, Post, ReadState, Thread
from hub.pillars.queries import all_pillars, get_pillar, tags_offered
from hub.web import Answer, actor, me, signed_in

bp = Blueprint("discussions", __name__)
log = logging.getLogger("hub.discussions")
VIEW_COOKIE = "view"  # the reader's last choice; worth a cookie, not a row
A_YEAR = 365 * 24 * 3600


@bp.get("/pillars")
@signed_in
def pillars() -> Answer:
    rows = all_pillars()
    threads = lists.front_threads(me(), rows)
    guard_copies(*(thread for each in threads.values() for thread in each))
    return render_template("discussions/pillars.html", pillars=rows, threads=threads)


@bp.get("/pillars/<slug>")
@signed_in
def pillar(slug: str) -> Answer:
    found = get_pillar(me(), slug)
    cursor, filters, tags = request.args.get("before", ""), _filters(), tags_offered(me())
    threads, older = lists.latest_threads(me(), found, cursor, filters)
    pinned = [] if cursor or filters.any else lists.pinned_threads(me(), found)
    guard_copies(*pinned, *threads)
    chosen = {name: value for name, value in vars(filters).items() if value}
    return render_template(
        "discussions/pillar.html", pillar=found, pinned=pinned, threads=threads, older=older, cursor=cursor, chosen=chosen, tags=tags,
        kinds=KINDS, labels=policy.labels_offered(me()),
    )  # fmt: skip


def _filters() -> lists.Filters:
    """The filters of the address; a value that is none narrows nothing."""
    known = {"kind": KINDS, "label": Label.ALL, "lang": languages.AUTONYMS}
    given = {name: request.args.get(name, "") for name in known}
    kept = {name: value if value in known[name] else "" for name, value in given.items()}
    return lists.Filters(tag=request.args.get("tag", "")[:60], mine=request.args.get("mine") == "1", unread=request.args.get("unread") == "1", **kept)


@bp.get("/threads/<titled:thread_id>")
def thread(thread_id: int) -> Answer:
    found = queries.get_thread(actor(), thread_id)
    guard_copies(found)
    if elsewhere := web.elsewhere(url_for(".thread", thread_id=found)):
        return elsewhere
    parent = web.number("reply")
    page = thread_page(found, ReplyForm(formdata=None, lang=found.lang, parent=str(parent or "")))
    answer = make_response(page)
    if request.args.get("view") in queries.VIEWS:
        answer.set_cookie(VIEW_COOKIE, request.args["view"], max_age=A_YEAR, httponly=True, samesite="Lax", secure=current_app.config["SESSION_COOKIE_SECURE"])
    return answer


def thread_page(found: Thread, form: ReplyForm, preview: str | None = None) -> str:
    """A page of a thread with its form; the posts around the one that is answered."""
    after, before = web.number("after"), 0 if request.args.get("before") == "end" else web.number("before")
    parent = form.parent_num()
    view = chosen_view()
    if after is None and before is None and parent > 1:
        after = queries.start_of_page(actor(), found, view, parent)
    guard_copies(found)
    shown = queries.page_of(actor(), found, view, after, before)
    reader = actor()
    state = reading.state_of(reader, found.id) if reader else None
    known = reading.read_set(state) if state else None
    fresh = {line.num for line in shown.lines if reader and line.shown and line.num not in (known or reading.ReadSet())}
    note = partial(_note_as_read, reader.id if reader else 0, found.id, known, sorted(fresh))
    rendered = render_template(
        "discussions/thread.html", thread=found, page=shown, form=form, parent=parent if parent > 1 else None, preview=preview,
        moderating=policy.can(reader, "thread.lock", found), fresh=fresh, still_new=_still_new(found, state, len(fresh)) if reader else 0,
    )  # fmt: skip
    if fresh and request.method != "HEAD":
        note()
    return rendered


def _still_new(found: Thread, state: ReadState | None, on_this_page: int) -> int:
    """How many posts one has not read are on other pages."""
    return found.shown_posts - (state.read_shown if state else 0) - on_this_page


def _note_as_read(user_id: int, thread_id: int, known: reading.ReadSet | None, nums: list[int]) -> None:
    """What a page showed counts as read once it is rendered; the page leaves in any case."""
    try:
        with unit_of_work():
            reading.note_page(user_id, thread_id, known, nums)
    except OperationalError:
        log.warning("reading not noted")


def guard_copies(*threads: Thread) -> None:
    """Browsers keep no copy of a page that shows TLP:AMBER or stricter."""
    if any(thread.effective_label not in (Label.CLEAR, Label.GREEN) for thread in threads):
        web.restrict_copies()


def chosen_view() -> str:
    for wanted in (request.args.get("view"), request.cookies.get(VIEW_COOKIE)):
        if wanted in queries.VIEWS:
            return str(wanted)
    return queries.TREE


@bp.get("/threads/<int:thread_id>/posts/<int:num>")
def post(thread_id: int, num: int) -> Answer:
    found = queries.get_thread(actor(), thread_id)
    guard_copies(found)
    if not queries.has_place(actor(), found, num):
        raise NotFound
    return redirect(address_of(found, num))


@bp.get("/threads/<int:thread_id>/unread")
@signed_in
def unread(thread_id: int) -> Answer:
    """To the first post one has not read, in the order one reads in."""
    found = queries.get_thread(me(), thread_id)
    guard_copies(found)
    num = reading.first_unread(me(), found, in_tree=chosen_view() == queries.TREE)
    return redirect(address_of(found, num) if num else url_for(".thread", thread_id=found))


@bp.get("/threads/<int:thread_id>/posts/<int:num>/history")
@signed_in
def history(thread_id: int, num: int) -> Answer:
    found = queries.get_post(me(), thread_id, num)
    guard_copies(found.thread)
    versions = queries.earlier_versions(found)
    chosen = next((version for version in versions if version.revision == web.number("version")), versions[0] if versions else None)
    if chosen is None:
        return redirect(url_for(".post", thread_id=thread_id, num=num))
    newer = next((version for version in versions if version.revision == chosen.revision + 1), found)
    return render_template(
        "discussions/history.html", post=found, versions=versions, chosen=chosen, newer=newer, pieces=word_diff(chosen.body_md, newer.body_md),
        new_title=getattr(newer, "title", None) or found.thread.title,
    )  # fmt: skip


def address_of(found: Thread, num: int) -> str:
    """Where a post stands: the page that shows it, in the reader's order, and its mark."""
    view = chosen_view()
    start = queries.start_of_page(actor(), found, view, num)
    return url_for("discussions.thread", thread_id=found, view=view, after=start, _anchor=f"post-{num}")


def address_of_post(post: Post) -> str:
    return address_of(post.thread, post.num)
