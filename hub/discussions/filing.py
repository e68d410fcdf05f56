"""The page on which a member adds files to an own post, and takes them away."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage

from hub import policy, text
from hub.db import unit_of_work
from hub.discussions import attaching, queries
from hub.discussions.actions import Locked
from hub.discussions.models import Post
from hub.discussions.views import bp, guard_copies
from hub.files import queries as files
from hub.files import store
from hub.files.checking import MOST_OF_ONE
from hub.files.names import shown_name
from hub.files.receiving import received
from hub.files.refusal import BadFile
from hub.web import Answer, me, signed_in
from hub.words import _, plural


@bp.get("/threads/<int:thread_id>/posts/<int:num>/files")
@signed_in
def files_of_post(thread_id: int, num: int) -> Answer:
    return _page(thread_id, num, [], 200)


def _page(thread_id: int, num: int, refused: list[tuple[str, str]], code: int) -> Answer:
    post = _own(thread_id, num)
    guard_copies(post.thread)
    return render_template("discussions/files.html", post=post, files=files.all_of(post.id), most=MOST_OF_ONE, refused=refused), code


def _own(thread_id: int, num: int) -> Post:
    post = queries.get_own_post(me(), thread_id, num)
    policy.require(me(), "post.edit", post)
    return post


@bp.post("/threads/<int:thread_id>/posts/<int:num>/files")
@signed_in
def add_files(thread_id: int, num: int) -> Answer:
    """Each file by itself: those that are taken stay, though another is refused."""
    _own(thread_id, num)
    given = [file for file in request.files.getlist("files") if file.filename][: MOST_OF_ONE + 1]
    refused = [] if given else [("", _("Choose a file first."))]
    waits = 0
    for file in given:
        name = shown_name(file.filename or "")
        try:
            waits += _add(thread_id, num, name, file)
        except (BadFile, text.Refused) as refusal:
            refused.append((name, str(refusal)))
        except attaching.TooMany:
            refused.append((name, plural("A post has at most %(num)s file.", "A post has at most %(num)s files.", MOST_OF_ONE)))
        except Locked:
            refused.append((name, _("A moderator has closed this thread meanwhile.")))
        except store.Full:
            refused.append((name, _("The disk of the hub is full: nothing was stored. Tell an admin.")))
    if waits:
        flash(_("The virus scanner has not answered yet: such a file is shown once it has."))
    if refused:
        return _page(thread_id, num, refused, 400)
    return redirect(url_for(".files_of_post", thread_id=thread_id, num=num), 303)


def _add(thread_id: int, num: int, name: str, file: FileStorage) -> bool:
    """Add a file to the post; whether it waits for the scanner."""
    taken = received(name, file)
    with unit_of_work():
        attaching.attach(me(), _own(thread_id, num), taken.name, taken.made, taken.waits)
    return taken.waits


@bp.post("/threads/<int:thread_id>/posts/<int:num>/files/<public_id>/remove")
@signed_in
def remove_file(thread_id: int, num: int, public_id: str) -> Answer:
    with unit_of_work():
        attaching.detach(me(), _own(thread_id, num), public_id[:64])
    attaching.sweep()
    flash(_("Removed."))
    return redirect(url_for(".files_of_post", thread_id=thread_id, num=num), 303)
