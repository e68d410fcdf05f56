"""Files of a room: each comes with a message of its own, after the checks that every file of the hub goes through."""

from flask import flash, redirect, request, url_for
from werkzeug.datastructures import FileStorage

from hub import text
from hub.db import hold, unit_of_work
from hub.files import store
from hub.files.models import File, FileStanding
from hub.files.names import shown_name
from hub.files.receiving import Received, received
from hub.files.refusal import BadFile
from hub.forms import guard_now
from hub.guard import Identifying
from hub.keeping import new_client_id
from hub.rooms import log, queries, talking
from hub.rooms.log import Said
from hub.rooms.models import EntryKind
from hub.rooms.views import bp
from hub.web import Answer, me, signed_in
from hub.words import _

MOST_AT_ONCE = 5


@bp.post("/rooms/<public_id>/files")
@signed_in
def add_files(public_id: str) -> Answer:
    """Each file is an entry: those that are taken stay, though another is refused."""
    queries.get_seat(me(), public_id)
    given = [one for one in request.files.getlist("files") if one.filename][:MOST_AT_ONCE]
    if not given:
        flash(_("Choose a file first."))
    for one in given:
        name = shown_name(one.filename or "")
        try:
            _add(public_id, name, one)
        except Identifying:
            flash(_("“%(name)s” was not added: its name could identify a person. Give the file another name.", name=name))
        except (BadFile, text.Refused, talking.NotThis) as refusal:
            flash(_("“%(name)s” was not added: %(why)s", name=name, why=str(refusal)))
        except log.NotOpen:
            flash(_("The room is paused or closed: nothing was stored."))
        except store.Full:
            flash(_("The disk of the hub is full: nothing was stored. Tell an admin."))
    return redirect(url_for(".room", public_id=public_id), 303)


def _add(public_id: str, name: str, one: FileStorage) -> None:
    taken = received(name, one)
    words = text.prepare(_("File: %(name)s", name=taken.name), guard=guard_now())
    with unit_of_work():
        _attach(queries.get_seat(me(), public_id), words, taken)
    if taken.waits:
        flash(_("The virus scanner has not answered yet: such a file is shown once it has."))


def _attach(seat: queries.Seat, words: text.Prepared, taken: Received) -> None:
    said = Said(EntryKind.MESSAGE, words, client_id=new_client_id())
    hold(f"file {store.digest_of(taken.made.data)}")  # no sweep takes the last other file with these bytes away meanwhile
    digest = store.keep(taken.made.data)
    file = File(
        owner_id=me().id, name=taken.name, kind=taken.made.kind, digest=digest,
        size=len(taken.made.data), width=taken.made.width, height=taken.made.height, named=taken.made.named,
        standing=FileStanding.PENDING if taken.waits else FileStanding.SHOWN,
    )  # fmt: skip
    talking.say(me(), seat, said, file)
