"""Reading: pillars, threads and posts."""

import logging
from collections.abc import Collection
from functools import partial
from typing import NamedTuple

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from hub import languages, policy, web
from hub.accounts.models import User
from hub.db import AWAY, unit_of_work
from hub.discussions import counts, lists, postlists, queries, reading, reading_order
from hub.discussions.forms import KINDS, ReplyForm
from hub.discussions.history import word_diff
from hub.discussions.models import Label, Post, Standing, Thread
from hub.discussions.places import as_form
from hub.discussions.rights import rights_on
from hub.files.queries import files_of
from hub.notifications.actions import mark_seen
from hub.pillars.queries import all_pillars, pillar_line, tag_choices
from hub.web import Answer, actor, me, signed_in

bp = Blueprint("discussions", __name__)
log = logging.getLogger("hub.discussions")
VIEW_COOKIE = "view"  # the reader's last choice; worth a cookie, not a row
BEACON_COOKIE = "beacon"  # set for some minutes by a script that reports what was on screen; else a page counts when served
A_YEAR = 365 * 24 * 3600


# --- lists -------------------------------------------------------------------------------------


@bp.get("/pillars")
@signed_in
def pillars() -> Answer:
    rows = all_pillars()
    threads = lists.front_threads(me(), rows)
    guard_copies(*(thread for each in threads.values() for thread in each))
    return render_template("discussions/pillars.html", pillars=rows, threads=threads, unread=counts.unread_by_pillar(me()))


@bp.get("/pillars/<slug>")
@signed_in
def pillar(slug: str) -> Answer:
    found, cursor, filters = pillar_line(me(), slug), request.args.get("before", ""), _filters()
    page = lists.latest_threads(me(), found.id, cursor, filters)
    guard_copies(*page.pinned, *page.latest)
    chosen = {name: 1 if value is True else value for name, value in vars(filters).items() if value}
    return render_template(
        "discussions/pillar.html", pillar=found, pinned=page.pinned, threads=page.latest, older=page.older, cursor=cursor, chosen=chosen,
        tag_choices=tag_choices(me()), labels=policy.labels_offered(me()), unread=counts.unread_by_pillar(me()).get(found.id, 0),
    )  # fmt: skip


def _filters() -> lists.Filters:
    """The filters of the address; a value that is none narrows nothing."""
    known = {"kind": KINDS, "label": Label.ALL, "lang": languages.AUTONYMS, "answered": ("yes", "no")}
    given = {name: request.args.get(name, "") for name in known}
    kept = {name: value if value in known[name] else "" for name, value in given.items()}
    return lists.Filters(tag=request.args.get("tag", "")[:60], mine=request.args.get("mine") == "1", unread=request.args.get("unread") == "1", **kept)


# --- a thread ------------------------------------------------------------------------------------


@bp.get("/threads/<titled:thread_id>")
def thread(thread_id: int) -> Answer:
    try:
        desk = queries.get_desk(actor(), thread_id)
    except NotFound:
        return _moved(thread_id, 1)
    guard_copies(desk.thread)
    if elsewhere := web.elsewhere(desk.thread.path):
        return elsewhere
    answer = make_response(_page(desk, _reply_form(desk)))
    if quoted := web.number("quote"):
        note_served(queries.readable_ids(actor(), thread_id, quoted))
    if request.args.get("view") in reading_order.VIEWS:
        answer.set_cookie(VIEW_COOKIE, request.args["view"], max_age=A_YEAR, httponly=True, samesite="Lax", secure=current_app.config["SESSION_COOKIE_SECURE"])
    return answer


def _reply_form(desk: queries.Desk) -> ReplyForm | None:
    """The form below a thread, with what the reader began, answered and quoted; ``None`` while it is empty."""
    parent, quoted = web.number("reply"), web.number("quote")
    if not (parent or quoted or desk.draft):
        return None
    given = {"lang": desk.thread.lang} | as_form(desk.draft) | ({"parent": str(parent)} if parent else {})
    if quoted and actor() is not None:
        given["body"] = "\n\n".join(filter(None, (given.get("body"), queries.quotation(actor(), desk.thread.id, quoted))))
    return ReplyForm(formdata=None, data=given)


def thread_page(thread_id: int, form: ReplyForm, preview: str | None = None) -> str:
    """A page of a thread with its form; the posts around the one that is answered."""
    desk = queries.get_desk(actor(), thread_id)
    return _page(desk._replace(draft=None), form, preview)


def _page(desk: queries.Desk, form: ReplyForm | None, preview: str | None = None) -> str:
    found, state, draft, news = desk
    after, before = web.number("after"), 0 if request.args.get("before") == "end" else web.number("before")
    parent, view = form.parent_num() if form else 1, chosen_view()
    if after is None and before is None and parent > 1:
        after = reading_order.start_of_page(policy.reader(actor()), found.id, view, parent)
    guard_copies(found)
    page, reader, known = reading_order.page_of(actor(), found, view, after, before), actor(), reading.known_of(state)
    counted = reader is not None and found.standing == Standing.SHOWN
    fresh = [line.num for line in page.lines if counted and line.shown and not (known and line.num in known.nums)]
    unrecorded = [line.id for line in page.lines if counted and line.shown and line.shown_at is None]
    reported = request.cookies.get(BEACON_COOKIE) == "1"
    aside = "X-Aside" in request.headers  # a script mends an open page: it was served, but not read
    seen = [line.num for line in page.lines if reader and news and line.shown and not aside and not (reported and line.num in fresh)]
    note = partial(_note, reader, counts.circle_of(found), found.id, known, [] if reported or aside else sorted(fresh), unrecorded, seen)
    files = files_of([line.id for line in page.lines if line.files])
    rendered = render_template(
        "discussions/thread.html", thread=found, files=files,
        page=page, form=form, draft=draft, parent=parent if parent > 1 else None, preview=preview,
        rights=rights_on(reader, found, page.lines), moderating=policy.can(reader, "thread.lock", found), fresh=fresh,
        still_new=found.shown_posts - (known.shown if known else 0) - len(fresh) if reader else 0,
    )  # fmt: skip
    if request.method != "HEAD":
        note()
    return rendered


def _note(
    reader: User | None, circle: counts.Circle, thread_id: int, known: reading.Known | None, fresh: list[int], unrecorded: list[int], seen: list[int]
) -> None:
    """What a page showed is noted once it is rendered, and counts as read, with the news about it; the page leaves in any case."""
    if reader is not None and not (fresh or unrecorded or seen):
        return
    reader_id = reader.id if reader else 0
    try:
        with unit_of_work():
            if not reader_id:
                reading.note_public_view(thread_id)
            if fresh:
                reading.note_page(reader_id, circle, thread_id, known, fresh)
            if unrecorded:
                reading.note_shown(reader_id, unrecorded)
            if seen:
                mark_seen(reader_id, thread_id, seen)
    except AWAY:
        log.warning("reading not noted")


def note_served(post_ids: Collection[int]) -> None:
    """Whoever was shown words of a post, on whichever page, stands in its exposure report. Called once the page is rendered."""
    reader = actor()
    if reader is None or not post_ids or not (new := reading.not_noted(reader.id, post_ids)):
        return
    try:
        with unit_of_work():
            reading.note_shown(reader.id, new)
    except AWAY:
        log.warning("reading not noted")


def guard_copies(*threads: Thread | lists.ThreadLine | postlists.PostLine) -> None:
    """Browsers keep no copy of a page that shows something of TLP:AMBER or stricter."""
    if any(thread.effective_label not in (Label.CLEAR, Label.GREEN) for thread in threads):
        web.restrict_copies()


def chosen_view() -> str:
    for wanted in (request.args.get("view"), request.cookies.get(VIEW_COOKIE)):
        if wanted in reading_order.VIEWS:
            return str(wanted)
    return reading_order.TREE


# --- one post --------------------------------------------------------------------------------------


@bp.get("/threads/<int:thread_id>/posts/<int:num>")
def post(thread_id: int, num: int) -> Answer:
    try:
        found = queries.get_thread(actor(), thread_id)
    except NotFound:
        return _moved(thread_id, num)
    guard_copies(found)
    if not queries.has_place(actor(), found, num):
        return _moved(thread_id, num)
    return redirect(address_of(found, num))


def _moved(thread_id: int, num: int) -> Answer:
    """On to where a post went, for who reads it there; else 404."""
    post = queries.moved_to(actor(), thread_id, num)
    if post is None:
        raise NotFound
    return redirect(address_of(post.thread, post.num), 301)


@bp.get("/threads/<int:thread_id>/unread")
@signed_in
def unread(thread_id: int) -> Answer:
    """To the first post one has not read, in the order one reads in."""
    found = queries.get_thread(me(), thread_id)
    guard_copies(found)
    num = reading.first_unread(me(), found, in_tree=chosen_view() == reading_order.TREE)
    return redirect(address_of(found, num) if num else found.path)


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
    page = render_template(
        "discussions/history.html", post=found, versions=versions, chosen=chosen, newer=newer, pieces=word_diff(chosen.body_md, newer.body_md),
        new_title=getattr(newer, "title", None) or found.thread.title,
    )  # fmt: skip
    note_served([found.id])
    return page


class Spot(NamedTuple):
    """A post for a reader, in plain values that outlive a unit of work."""

    who: policy.Reader | None
    thread_id: int
    path: str
    num: int

    @property
    def address(self) -> str:
        """The page that shows the post, in the reader's order, and its mark."""
        view = chosen_view()
        start = reading_order.start_of_page(self.who, self.thread_id, view, self.num)
        return f"{self.path}?view={view}" + (f"&after={start}" if start else "") + f"#post-{self.num}"


def spot_of(post: Post) -> Spot:
    return Spot(policy.reader(actor()), post.thread_id, post.thread.path, post.num)


def address_of(found: Thread, num: int) -> str:
    return Spot(policy.reader(actor()), found.id, found.path, num).address
