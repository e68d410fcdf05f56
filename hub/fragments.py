"""Pieces of pages that depend on their values alone: rendered once for the same values, and kept for a while.

None holds the text of a post: what is removed from the database must not wait here.
"""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from flask import Flask, current_app

from hub.discussions.lists import ThreadLine
from hub.discussions.models import Thread
from hub.discussions.reading_order import Line
from hub.discussions.rights import Rights
from hub.formats import Clock, clock_of_reader, in_asean_order

KEPT = 4_096


def init_app(app: Flask) -> None:
    pieces = (item, thread_row, post_margin, time_mark, speaker, narrowing, acts, state_chips)
    app.jinja_env.globals.update({piece.__name__: piece for piece in pieces})


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


def post_margin(thread_id: int, num: int, created_at: datetime, is_new: bool) -> str:
    """What identifies a post: its number, when it was written, whether it is new to the reader."""
    return _post_margin(thread_id, num, created_at, is_new, clock_of_reader())


@lru_cache(maxsize=KEPT)
def _post_margin(thread_id: int, num: int, created_at: datetime, is_new: bool, _clock: Clock) -> str:
    return _macro("components/posts.html", "margin")(f"/threads/{thread_id}/posts/{num}", num, created_at, is_new)


def time_mark(time: datetime) -> str:
    """A time in the reader's zone."""
    return _time_mark(time, clock_of_reader())


@lru_cache(maxsize=KEPT)
def _time_mark(time: datetime, _clock: Clock) -> str:
    return _macro("components/marks.html", "moment")(time)


@lru_cache(maxsize=KEPT)
def speaker(state_code: str | None, state_name: str | None, path: str, role_title: str, organisation: str) -> str:
    """The role and organisation beside a post; never the name, which not everybody may see."""
    return _macro("components/posts.html", "speaker")(state_code, state_name, path, role_title, organisation)


@lru_cache(maxsize=500)
def narrowing(address: str, chosen: tuple[tuple[str, object], ...], tags: tuple[tuple[str, str], ...], labels: tuple[str, ...]) -> str:
    """The form that narrows a list of threads."""
    return _macro("components/narrowing.html", "narrowing")(address, dict(chosen), tags, labels)


def acts(line: Line, thread: Thread, rights: Rights) -> str:
    """What the reader may do to a post."""
    num = line.num
    may = (rights.reply, num in rights.edit, num in rights.delete, rights.answer and num > 1, num == thread.answered_num)
    return _acts(thread.id, line.id, thread.path, num, may, line.bookmarked_at is not None, line.author_id == rights.reader_id)


@lru_cache(maxsize=KEPT)
def _acts(thread_id: int, post_id: int, path: str, num: int, may: tuple[bool, ...], bookmarked: bool, own: bool) -> str:
    return _macro("components/posts.html", "actions")(f"/threads/{thread_id}/posts/{num}", post_id, path, num, *may, bookmarked, own)


@lru_cache(maxsize=KEPT)
def state_chips(codes: str) -> str:
    """The states of a list such as "KH TH", in ASEAN order."""
    return _macro("components/marks.html", "states")(in_asean_order(codes))


def _macro(template: str, name: str) -> Callable[..., str]:
    macro: Callable[..., str] = getattr(current_app.jinja_env.get_template(template).module, name)
    return macro
