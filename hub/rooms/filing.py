"""Files of a room: each comes with a message of its own, after the checks that every file of the hub goes through."""

from flask import flash, redirect, request, url_for
from werkzeug.datastructures import FileStorage

from hub import pace, policy, text
from hub.db import unit_of_work
from hub.files import store
from hub.files.names import shown_name
from hub.files.receiving import received
from hub.files.refusal import BadFile
from hub.forms import guard_now
from hub.guard import Identifying
from hub.keeping import new_client_id
from hub.rooms import log, queries, talking
from hub.rooms.forms import CLIENT_ID
from hub.rooms.log import Said
from hub.rooms.models import EntryKind
from hub.rooms.saying import AT_MOST
from hub.rooms.views import bp
from hub.web import Answer, me, signed_in
from hub.words import _

MOST_AT_ONCE = 5


@bp.post("/rooms/<public_id>/files")
@signed_in
def add_files(public_id: str) -> Answer:
    """Each file is an entry: those that are taken stay, though another is refused; sent again, they are the same."""
    queries.get_seat(me(), public_id)
    sent_as = request.form.get("client_id", "")
    sent_as = sent_as if CLIENT_ID.fullmatch(sent_as) else new_client_id()
    given = [one for one in request.files.getlist("files") if one.filename][:MOST_AT_ONCE]
    if not given:
        flash(_("Choose a file first."))
    for n, one in enumerate(given):
        name = shown_name(one.filename or "")
        if not pace.within(AT_MOST, "entries"):
            flash(_("“%(name)s” was not added: that were many entries in a short time. Wait a few seconds.", name=name))
            continue
        try:
            _add(public_id, name, one, f"{sent_as[:60]}-{n}")
        except talking.Repeated:
            pass  # the answer to the first time was lost
        except Identifying:
            flash(_("“%(name)s” was not added: its name could identify a person. Give the file another name.", name=name))
        except talking.Taken:
            flash(_("“%(name)s” was not added: load the page anew first.", name=name))
        except (BadFile, text.Refused, talking.NotThis) as refusal:
            flash(_("“%(name)s” was not added: %(why)s", name=name, why=str(refusal)))
        except (log.NotOpen, policy.Forbidden):
            flash(_("The room is paused or closed, or you may not write just now: nothing was stored."))
        except store.Full:
            flash(_("The disk of the hub is full: nothing was stored. Tell an admin."))
    return redirect(url_for(".room", public_id=public_id), 303)


def _add(public_id: str, name: str, one: FileStorage, sent_as: str) -> None:
    taken = received(name, one)
    words = text.prepare(_("File: %(name)s", name=taken.name), guard=guard_now())
    with unit_of_work():
        talking.say(me(), queries.get_seat(me(), public_id), Said(EntryKind.MESSAGE, words, client_id=sent_as), taken)
    if taken.waits:
        flash(_("The virus scanner has not answered yet: such a file is shown once it has."))
