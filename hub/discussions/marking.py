"""What a reader marks: read, unread, seen on screen, bookmarked, answered; and what is new while one reads."""

from collections.abc import Callable
from functools import partial

from flask import flash, jsonify, redirect, render_template, request, url_for

from hub import policy, web
from hub.accounts.models import User
from hub.db import unit_of_work
from hub.discussions import counts, marks, postlists, queries, reading, reading_order
from hub.discussions.cursors import cursor
from hub.discussions.models import Post
from hub.discussions.posting import change_thread
from hub.discussions.views import address_of, bp, guard_copies, note_served
from hub.notifications.actions import mark_seen
from hub.pillars.queries import all_pillars, get_pillar
from hub.reasons import ask
from hub.web import Answer, me, signed_in
from hub.words import _, later

SEEN_AT_ONCE = 200


@bp.post("/threads/<int:thread_id>/read")
@signed_in
def mark_read(thread_id: int) -> Answer:
    return change_thread(thread_id, partial(reading.mark_thread_read, upto=request.form.get("upto", 0, int)))


@bp.post("/threads/<int:thread_id>/posts/<int:num>/unread")
@signed_in
def mark_unread(thread_id: int, num: int) -> Answer:
    with unit_of_work():
        post = queries.get_post(me(), thread_id, num)
        reading.mark_unread_from(me(), post.thread, num)
        slug = post.thread.pillar.slug
    flash(_("Everything from post %(n)s on is unread again.", n=num))
    return redirect(url_for(".pillar", slug=slug), 303)


@bp.post("/pillars/<slug>/read")
@signed_in
def mark_pillar_read(slug: str) -> Answer:
    with unit_of_work():
        marks.mark_pillar_read(me(), get_pillar(me(), slug), web.moment_of(request.form.get("read_at", "")))
    flash(_("Everything here counts as read."))
    return redirect(url_for(".pillar", slug=slug), 303)


@bp.post("/threads/<int:thread_id>/seen")
@signed_in
def seen(thread_id: int) -> Answer:
    """The page reports which posts were on screen, as numbers parted by commas."""
    nums = [int(num) for num in request.form.get("nums", "").split(",")[:SEEN_AT_ONCE] if num.isascii() and num.isdecimal() and len(num) < 9]
    with unit_of_work():
        thread = queries.get_thread(me(), thread_id)
        seen_now = [num for num in nums if 0 < num <= thread.last_num]
        reading.mark_read(me().id, counts.circle_of(thread), thread.id, seen_now)
        mark_seen(me().id, thread.id, seen_now)
    return "", 204


@bp.post("/threads/<int:thread_id>/posts/<int:num>/bookmark")
@signed_in
def bookmark(thread_id: int, num: int) -> Answer:
    return _mark(thread_id, num, marks.bookmark)


@bp.post("/threads/<int:thread_id>/posts/<int:num>/answer")
@signed_in
def answer(thread_id: int, num: int) -> Answer:
    """Whoever asked just says so; a moderator gives a reason."""
    thread = queries.get_thread(me(), thread_id)
    if thread.author_id == me().id or not policy.can(me(), "thread.answer", thread):
        return _mark(thread_id, num, marks.mark_answer)
    reason, page = ask(later("Mark the answer"))
    return _mark(thread_id, num, partial(marks.mark_answer, reason=reason)) if reason else page


def _mark(thread_id: int, num: int, mark: Callable[[User, Post, bool], None]) -> Answer:
    """Set or take back a mark on a post, as the button says, and show the post."""
    with unit_of_work():
        mark(me(), queries.get_post(me(), thread_id, num), request.form.get("on") == "1")
    return redirect(address_of(queries.get_thread(me(), thread_id), num), 303)


@bp.get("/threads/<int:thread_id>/news")
@signed_in
def news(thread_id: int) -> Answer:
    """Numbers of the posts of others after ``after``, and of those that are not there to be read, for an open page; nothing else.

    No sign of activity.
    """
    web.do_not_touch()
    thread = queries.get_thread(me(), thread_id)
    return jsonify(nums=reading_order.later_nums(me(), thread, web.number("after") or 0), gone=reading_order.gone_nums(thread))


# --- lists of posts ------------------------------------------------------------------------------------


@bp.get("/new")
@signed_in
def new_posts() -> Answer:
    """What others wrote since one's last visit and one has not read, as a flat list."""
    since = me().visited_at
    lines, following = postlists.new_since(me(), since, cursor(request.args.get("after", "")))
    guard_copies(*lines)
    unread = counts.unread_by_pillar(me())
    page = render_template("discussions/new_posts.html", lines=lines, following=following, since=since, pillars=all_pillars(), unread=unread)
    note_served([line.id for line in lines])
    return page


@bp.get("/bookmarks")
@signed_in
def bookmarks() -> Answer:
    lines, following = postlists.bookmarked(me(), cursor(request.args.get("after", "")))
    guard_copies(*lines)
    page = render_template("discussions/bookmarks.html", lines=lines, following=following)
    note_served([line.id for line in lines])
    return page
