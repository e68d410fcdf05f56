"""The inbox: what is addressed to the reader, each line with its reason."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from flask import flash, jsonify, redirect, render_template, request, url_for

from hub import web
from hub.accounts import actions as accounts
from hub.db import now, unit_of_work
from hub.discussions.models import Thread
from hub.discussions.queries import readable_places, threads_among
from hub.home.views import bp
from hub.notifications import actions, queries
from hub.notifications.models import Kind, Notification
from hub.practices import news as practice_news
from hub.practices.queries import titles_of
from hub.rooms import news as room_news
from hub.rooms.models import Room
from hub.rooms.queries import known_rooms
from hub.web import Answer, me, signed_in
from hub.words import _, later, plural

LISTED, MOST_LISTED = re.compile(r"(\d{1,9})(?:/(\d{1,9}))?"), 100
REASONS: dict[str, str] = {
    "your_post": later("because it answers a post of yours"),
    "you": later("because your handle was mentioned"),
    "focal_point": later("because your organisation was mentioned, and you are its focal point"),
    "your_answer": later("because you wrote that post"),
    "close": later("because you started the thread, and a moderator closed it"),
    "open": later("because you started the thread, and a moderator opened it again"),
    "relabel": later("because you started the thread, and a moderator gave it a stricter label"),
    "pin": later("because you started the thread, and a moderator keeps it at the top"),
    "unpin": later("because you started the thread, and a moderator no longer keeps it at the top"),
    "publish": later("because you started the thread, and a moderator agreed to make it public"),
    "take_back": later("because you started the thread, and a moderator took it back from the public"),
    "role": later("because an admin changed your role"),
    "moderator": later("because an admin made you a moderator"),
    "no_moderator": later("because an admin ended your work as a moderator"),
    "invited": later("because you invited them"),
    "held": later("because the safeguard stopped it and you sent it to a moderator"),
    "hidden": later("because somebody flagged it, and a moderator must look at it"),
    "decided": later("because you wrote it"),
    "flag_decided": later("because you flagged it; what was decided stays between the moderators and the author"),
    "queue": later("because you are a moderator, and something urgent waits"),
    "exposure": later("because you are the focal point of its author"),
    "warn": later("because of something you wrote"),
    "silence": later("because of something you wrote: until then you read, and write nothing"),
    "suspend": later("because of something you wrote"),
    "lifted": later("because a moderator ended it before its time"),
    "virus": later("because you added it"),
    "quote_hidden": later("because it quotes a post that was flagged; with that one it is decided"),
    "expired": later("because no moderator took it up in 72 hours"),
}
REASONS |= practice_news.REASONS | room_news.REASONS
STAFF: dict[str, str] = {
    "hidden": later("Your text is hidden until a moderator decides"),
    "decided": later("A moderator decided about your text"),
    "flag_decided": later("What you flagged was dealt with"),
    "queue": later("The moderators’ queue: something urgent waits"),
    "exposure": later("A text of your organisation identified somebody: who saw it"),
    "warn": later("A moderator warns you"),
    "silence": later("You may not write for some time"),
    "suspend": later("Your account was suspended for some time"),
    "quote_hidden": later("A post of yours is hidden until a moderator decides"),
    "virus": later("The virus scanner refused a file of yours; it is deleted"),
    "lifted": later("A sanction on your account was lifted"),
    "": later("A decision on your account"),
}
STAFF_PAGES = {
    "hidden": "/decisions/{}", "decided": "/decisions/{}", "queue": "/moderation", "exposure": "/moderation/{}/exposure", "flag_decided": "/house-rules",
    "warn": "/account/sanctions", "silence": "/account/sanctions", "suspend": "/account/sanctions", "lifted": "/account/sanctions",
}  # fmt: skip
HEADS: dict[str, Callable[[Notification, str], str]] = {
    Kind.REPLY: lambda row, title: plural(
        "A reply to your post %(post)s in “%(title)s”", "%(num)s replies to your post %(post)s in “%(title)s”", row.count, post=_post_of(row), title=title
    ),
    Kind.MENTION: lambda row, title: plural("You are mentioned in “%(title)s”", "%(num)s mentions in “%(title)s”", row.count, title=title),
    Kind.ANSWER: lambda _row, title: _("Your post is marked as the answer in “%(title)s”", title=title),
    Kind.STAFF: lambda row, title: _("A decision on “%(title)s”", title=title) if row.thread_id else str(STAFF.get(row.reason, STAFF[""])),
    Kind.ACCEPTED: lambda _row, _title: _("Your invitation was accepted"),
    Kind.PRACTICE: lambda row, title: practice_news.head(row.reason, title),
    Kind.ROOM: lambda row, title: room_news.head(row.reason, title),
    Kind.HELD: lambda row, _title: _("Your text is held for a moderator") if row.reason == "held" else _("Your held text was deleted"),
}


@bp.get("/notifications")
@signed_in
def inbox() -> Answer:
    after = _cursor(request.args.get("after", ""))
    rows, more = queries.page(me(), after)
    threads = {thread.id: thread for thread in threads_among(me(), {row.thread_id for row in rows if row.thread_id})}
    web.restrict_copies()  # titles may belong to threads under any label
    following = f"{rows[-1].at.timestamp():.6f}-{rows[-1].id}" if more else None
    practices = titles_of(me(), {row.subject_id for row in rows if row.kind == Kind.PRACTICE and row.subject_id})
    rooms = known_rooms(me(), {row.subject_id for row in rows if row.kind == Kind.ROOM and row.subject_id})
    open_still = [row for row in rows if not row.thread_id or row.thread_id in threads]
    lines = [_line(row, threads.get(row.thread_id or 0), practices.get(row.subject_id or 0, ""), rooms) for row in open_still]
    undo = request.args.get("undo", "")
    return render_template("notifications/inbox.html", lines=lines, following=following, undo=undo, made_at=now().isoformat())


class Line(NamedTuple):
    """A row as the page shows it; ``label`` is of the thread it is about."""

    row: Notification
    head: str
    label: str
    address: str
    reason: str


def _line(row: Notification, thread: Thread | None, practice: str, rooms: dict[int, Room]) -> Line:
    if row.kind == Kind.ROOM and row.subject_id in rooms:
        room = rooms[row.subject_id]
        return Line(row, head_of(row, room.title), room.label, room.path, str(REASONS[row.reason]))
    title, label = (thread.title, thread.effective_label) if thread else (practice, "")
    return Line(row, head_of(row, title), label, _address(row), str(REASONS[row.reason]))


def head_of(row: Notification, title: str) -> str:
    """What happened, in a line; ``title`` is of the thread it is about."""
    return HEADS[row.kind](row, title)


def _address(row: Notification) -> str:
    if row.thread_id:
        return url_for("discussions.post", thread_id=row.thread_id, num=row.first_num or 1)
    if row.kind == Kind.PRACTICE:
        return f"/practices/{row.subject_id}"
    if row.kind == Kind.ACCEPTED:
        return f"/people/{row.subject_id}"
    if row.kind == Kind.STAFF and row.reason in STAFF_PAGES:
        return STAFF_PAGES[row.reason].format(row.subject_id)
    return url_for("discussions.drafts_page") if row.kind == Kind.HELD else url_for("accounts.account")


def _post_of(row: Notification) -> str:
    """The number of the post that a row about replies is collapsed under."""
    return row.subject.rpartition("/")[2]


def _cursor(given: str) -> queries.Cursor | None:
    at, _dash, row_id = given.partition("-")
    try:
        return queries.Cursor(datetime.fromtimestamp(float(at), now().tzinfo), int(row_id)) if row_id.isdecimal() and len(row_id) < 10 else None
    except (ValueError, OverflowError, OSError):
        return None


@bp.get("/notifications/count")
@signed_in
def count() -> Answer:
    """How many are unread, for the mark on an open page, and which of the threads and posts it lists (``12,12/3``) are not there to be read any more.

    No sign of activity.
    """
    web.do_not_touch()
    listed = [match for match in map(LISTED.fullmatch, request.args.get("listed", "").split(",")[:MOST_LISTED]) if match]
    places = {(int(match[1]), int(match[2] or 1)) for match in listed}
    there = readable_places(me(), places) if places else set()
    gone = [match[0] for match in listed if (int(match[1]), int(match[2] or 1)) not in there]
    unread = queries.unread(me()) if me().has_news else 0
    return jsonify(unread=unread, gone=gone) if listed else jsonify(unread=unread)


@bp.post("/notifications/read")
@signed_in
def mark_inbox_read() -> Answer:
    """One row by its id, or all that the page showed; the next page offers to undo it."""
    given, at = request.form.get("id", ""), now()
    row_id = int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0
    with unit_of_work():
        actions.mark_read(me().id, [row_id] if row_id else None, at, None if row_id else web.moment_of(request.form.get("made_at", "")))
    return redirect(url_for(".inbox", undo=at.isoformat()), 303)


@bp.post("/notifications/undo")
@signed_in
def undo_read() -> Answer:
    with unit_of_work():
        actions.undo_read(me().id, web.moment_of(request.form.get("at", "")))
    flash(_("Unread again."))
    return redirect(url_for(".inbox"), 303)


@bp.post("/notifications/by-mail")
@signed_in
def choose_mail() -> Answer:
    wanted = request.form.get("by_mail") == "1"
    with unit_of_work():
        accounts.choose_mail(me(), wanted)
    flash(_("Mail tells you of mentions, replies and decisions.") if wanted else _("The hub sends you no more mail about what happens here."))
    return redirect(url_for("accounts.account"), 303)
