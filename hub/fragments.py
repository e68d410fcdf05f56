"""Pieces of pages that depend on their values alone: rendered once for the same values, and kept for a while.

None holds the text of a post, or a name: what is removed from the database must not wait here. They have slots, filled for each page.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from flask import Flask, current_app, request
from flask_wtf.csrf import generate_csrf

from hub import policy
from hub.discussions.forms import ReplyForm, new_client_id
from hub.discussions.lists import ThreadLine
from hub.discussions.models import Thread
from hub.discussions.reading_order import Line
from hub.discussions.rights import May, Rights
from hub.files.models import File
from hub.formats import Clock, clock_of_reader, in_asean_order
from hub.notifications.queries import unread
from hub.practices import shelf, showing
from hub.practices.library import Counts, PracticeLine
from hub.web import actor

KEPT = 4_096
SLOT = "\0"  # which no stored text holds


def init_app(app: Flask) -> None:
    pieces = (head_links, masthead, footing, item, thread_row, posts, empty_reply, narrowing, state_chips, practice_item, practice_filters, region)
    app.jinja_env.globals.update({piece.__name__: piece for piece in pieces}, slot=SLOT)


class Member(NamedTuple):
    """What the masthead says of who is signed in."""

    role_title: str
    state_code: str | None
    state_name: str | None
    moderates: bool


def _member() -> Member | None:
    user = actor()
    if user is None:
        return None
    state = user.state
    return Member(user.role_title, state.code if state else None, state.short_name if state else None, policy.can(user, "queue.see"))


@lru_cache(maxsize=1)
def head_links() -> str:
    """The links of every page to its style and scripts."""
    return _macro("components/frame.html", "head_links")()


def masthead(here: str) -> str:
    """The top of every page; ``here`` is its place in the navigation."""
    user = actor()
    waiting = unread(user) if user and user.has_news else 0
    return _masthead(here if request.endpoint != "accounts.sign_in" else "sign-in", _member(), waiting, current_app.config["HUB_DEMO"])


@lru_cache(maxsize=KEPT)
def _masthead(here: str, member: Member | None, waiting: int, demo: bool) -> str:
    return _macro("components/frame.html", "masthead")(here, member, waiting, demo)


def footing() -> str:
    """The foot of every page."""
    user = actor()
    zone = user.zone if user else "UTC"
    return _footing(_member(), zone, current_app.config["HUB_DEMO"])


@lru_cache(maxsize=KEPT)
def _footing(member: Member | None, zone: str, demo: bool) -> str:
    return _macro("components/frame.html", "footing")(member, zone, demo)


def item(thread: ThreadLine, counting: bool = False, usual: str = "TLP:GREEN") -> str:
    """A thread in a list."""
    return _item(thread, counting, usual, clock_of_reader())


@lru_cache(maxsize=KEPT)
def _item(thread: ThreadLine, counting: bool, usual: str, _clock: Clock) -> str:
    return _macro("components/threads.html", "item")(thread, usual, counting)


def thread_row(thread: ThreadLine, kept: bool) -> str:
    """A thread in the list of a pillar, with what is new in the margin; ``kept`` at the top."""
    return _thread_row(thread, kept, clock_of_reader())


@lru_cache(maxsize=KEPT)
def _thread_row(thread: ThreadLine, kept: bool, _clock: Clock) -> str:
    return _macro("components/threads.html", "row")(thread, kept)


def posts(
    lines: Iterable[Line], thread: Thread, in_tree: bool, rights: Rights, fresh: Collection[int], files: Mapping[int, Sequence[File]]
) -> Iterator[str]:
    """The posts of a page, piece by piece, and the places of those that are gone; what is no markup is escaped when it is printed."""
    clock, stored, beside = clock_of_reader(), _macro("components/marks.html", "stored_html"), _macro("components/files.html", "files_beside")
    for line in lines:
        facts = line._replace(thread=None, body_html=None, person_name=line.person_name and SLOT, shown_at=None)  # type: ignore[arg-type]  # not kept
        if not (line.shown or line.hidden_here):
            yield _gone(facts, thread.id, in_tree)
            continue
        to_name, to_words, to_files, end = _post(facts, thread.id, thread.path, in_tree, line.num in fresh, rights.to(line, thread.answered_num), clock)
        yield from (to_name, line.person_name or "", to_words, stored(line.body_html, line.lang), to_files)
        if line.shown and files.get(line.id):
            yield beside(files[line.id])
        yield end


@lru_cache(maxsize=KEPT)
def _post(facts: Line, thread_id: int, path: str, in_tree: bool, is_new: bool, may: May, _clock: Clock) -> list[str]:
    return _macro("components/posts.html", "post")(facts, thread_id, path, in_tree, is_new, may).split(SLOT)


@lru_cache(maxsize=KEPT)
def _gone(facts: Line, thread_id: int, in_tree: bool) -> str:
    return _macro("components/posts.html", "gone")(facts, thread_id, in_tree)


def empty_reply(thread: Thread) -> tuple[str, ...]:
    """The form below a thread in which nothing is written yet, piece by piece."""
    before, between, after = _empty_reply(thread.id, thread.path, thread.label, thread.lang)
    return before, generate_csrf(), between, new_client_id(), after


@lru_cache(maxsize=500)
def _empty_reply(thread_id: int, path: str, label: str, lang: str) -> list[str]:
    form = ReplyForm(formdata=None, data={"lang": lang, "client_id": SLOT})
    thread = {"id": thread_id, "path": path, "label": label}
    return _macro("discussions/_empty_reply.html", "empty_reply")(form, thread).replace(generate_csrf(), SLOT).split(SLOT)


@lru_cache(maxsize=500)
def narrowing(address: str, chosen: tuple[tuple[str, object], ...], tags: tuple[tuple[str, str], ...], labels: tuple[str, ...]) -> str:
    """The form that narrows a list of threads."""
    return _macro("components/narrowing.html", "narrowing")(address, dict(chosen), tags, labels)


def practice_item(practice: PracticeLine) -> str:
    """A practice in a list, with its summary."""
    before, after = _practice_item(practice._replace(summary=SLOT), clock_of_reader())  # type: ignore[arg-type]  # not kept
    return before + practice.summary + after


@lru_cache(maxsize=KEPT)
def _practice_item(facts: PracticeLine, _clock: Clock) -> list[str]:
    return _macro("components/practices.html", "practice_item")(facts, showing).split(SLOT)


def practice_filters(counted: Counts, chosen: tuple[tuple[str, str], ...], sort: str, table: bool) -> str:
    """The form that narrows the library; beside each value how many it would leave."""
    return _practice_filters(shelf.facets(counted), chosen, sort, table)


@lru_cache(maxsize=500)
def _practice_filters(facets: tuple[shelf.Facet, ...], chosen: tuple[tuple[str, str], ...], sort: str, table: bool) -> str:
    return _macro("components/shelf.html", "practice_filters")(facets, dict(chosen), sort, shelf.SORTS, table)


def region(counted: Counts) -> str:
    """Who wrote and who uses, as tiles and as a table."""
    return _region(shelf.region(counted))


@lru_cache(maxsize=500)
def _region(states: tuple[shelf.Share, ...]) -> str:
    return _macro("components/shelf.html", "region")(states, shelf.tiles_of(states))


@lru_cache(maxsize=KEPT)
def state_chips(codes: str) -> str:
    """The states of a list such as "KH TH", in ASEAN order."""
    return _macro("components/marks.html", "states")(in_asean_order(codes))


def _macro(template: str, name: str) -> Callable[..., str]:
    macro: Callable[..., str] = getattr(current_app.jinja_env.get_template(template).module, name)
    return macro
