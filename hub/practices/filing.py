"""The page on which the author of a practice adds files and takes them away."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage

from hub import policy, text
from hub.db import unit_of_work
from hub.discussions.attaching import sweep
from hub.files import queries as files
from hub.files import store
from hub.files.checking import MOST_OF_ONE
from hub.files.names import shown_name
from hub.files.receiving import received
from hub.files.refusal import BadFile
from hub.practices import attaching, queries
from hub.practices.models import Practice
from hub.practices.views import bp
from hub.web import Answer, me, restrict_copies, signed_in
from hub.words import _, plural


@bp.get("/practices/<int:practice_id>/files")
@signed_in
def files_of_practice(practice_id: int) -> Answer:
    return _page(practice_id, [], 200)


def _page(practice_id: int, refused: list[tuple[str, str]], code: int) -> Answer:
    practice = _written(practice_id)
    return render_template("practices/files.html", practice=practice, files=files.all_of_practice(practice.id), most=MOST_OF_ONE, refused=refused), code


def _written(practice_id: int) -> Practice:
    practice = queries.get_written(me(), practice_id)
    policy.require(me(), "practice.write", practice)
    restrict_copies()
    return practice


@bp.post("/practices/<int:practice_id>/files")
@signed_in
def add_files(practice_id: int) -> Answer:
    """Each file by itself: those that are taken stay, though another is refused."""
    _written(practice_id)
    given = [one for one in request.files.getlist("files") if one.filename][: MOST_OF_ONE + 1]
    refused = [] if given else [("", _("Choose a file first."))]
    for one in given:
        name = shown_name(one.filename or "")
        try:
            _add(practice_id, name, one)
        except (BadFile, text.Refused) as refusal:
            refused.append((name, str(refusal)))
        except attaching.TooMany:
            refused.append((name, plural("A practice has at most %(num)s file.", "A practice has at most %(num)s files.", MOST_OF_ONE)))
        except store.Full:
            refused.append((name, _("The disk of the hub is full: nothing was stored. Tell an admin.")))
    return _page(practice_id, refused, 400) if refused else redirect(url_for(".files_of_practice", practice_id=practice_id), 303)


def _add(practice_id: int, name: str, one: FileStorage) -> None:
    taken = received(name, one)
    with unit_of_work():
        attaching.attach(me(), _written(practice_id), taken)
    if taken.waits:
        flash(_("The virus scanner has not answered yet: such a file is shown once it has."))


@bp.post("/practices/<int:practice_id>/files/<public_id>/remove")
@signed_in
def remove_file(practice_id: int, public_id: str) -> Answer:
    with unit_of_work():
        attaching.detach(me(), queries.get_written(me(), practice_id), public_id[:64])
    sweep()
    flash(_("Removed."))
    return redirect(url_for(".files_of_practice", practice_id=practice_id), 303)
