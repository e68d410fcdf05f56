"""The front page: its public face, and a member's."""

from email import message_from_bytes
from email.policy import default as modern

from flask import Blueprint, current_app, render_template
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from hub import policy
from hub.db import now
from hub.discussions import counts, lists, queries, reading_order
from hub.discussions.forms import EditForm
from hub.discussions.rights import rights_on
from hub.discussions.views import guard_copies
from hub.mail import transports
from hub.minutes.queries import tasks_of, to_sign
from hub.moderation.queries import waiting
from hub.pillars.queries import all_pillars
from hub.practices import showing
from hub.practices.queries import own_waiting, wanting_reviewers
from hub.rooms.queries import unread_rooms
from hub.rooms.queries import waiting as waiting_rooms
from hub.text import prepare
from hub.web import Answer, actor, restrict_copies
from hub.words import _

bp = Blueprint("home", __name__)


@bp.get("/")
def front() -> Answer:
    member, pillars = actor(), all_pillars()
    if member is None:
        return render_template("home/public.html", pillars=pillars, threads=lists.public_threads())
    asking = waiting(member) if policy.can(member, "queue.see") else 0
    threads = lists.front_threads(member, pillars)
    guard_copies(*(thread for each in threads.values() for thread in each))
    newest = max((thread for each in threads.values() for thread in each), key=lambda thread: thread.last_post_at, default=None)
    to_do = own_waiting(member)
    wanting = len(wanting_reviewers(member)) if policy.can(member, "queue.see") else 0
    asked, said = waiting_rooms(member), unread_rooms(member)
    unsigned, tasks = to_sign(member), tasks_of(member)
    if asked or said or unsigned or tasks:
        restrict_copies()  # titles of rooms
    return render_template(
        "home/front.html", pillars=pillars, threads=threads, newest=newest, asking=asking, unread=counts.unread_by_pillar(member), to_do=to_do, wanting=wanting,
        say=showing, soon=now(), rooms_asked=asked, rooms_said=said, unsigned=unsigned, tasks=tasks,
    )  # fmt: skip


@bp.get("/style")
def style() -> Answer:
    """Every component on one page; in a demo only."""
    _demo_only()
    threads = lists.public_threads()[:2]
    found = queries.get_thread(actor(), threads[0].id) if threads else None
    lines = reading_order.page_of(actor(), found, reading_order.TREE).lines[:2] if found else []
    form = EditForm(True, formdata=MultiDict({"title": "", "body": " ", "lang": "th"}))
    form.validate()
    example = prepare(_("What is **said**, in sans.\n\n> A quote\n\n1. One\n2. Two"))
    rights = rights_on(actor(), found, lines) if found else None
    return render_template("home/style.html", pillars=all_pillars(), threads=threads, lines=lines, form=form, preview=example, rights=rights)


@bp.get("/demo/mail")
def kept_mail() -> Answer:
    """Letters a demo kept instead of sending, the newest first."""
    _demo_only()
    url = str(current_app.config["HUB_MAIL_URL"])
    paths = sorted(transports.folder(url).glob("*.eml"), reverse=True)[:50] if url.startswith("file:") else []
    return render_template("home/kept_mail.html", letters=[message_from_bytes(path.read_bytes(), policy=modern) for path in paths])


def _demo_only() -> None:
    if not current_app.config["HUB_DEMO"]:
        raise NotFound
