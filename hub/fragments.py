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
    app.jinja_env.globals.update(item=item, acts=acts, state_chips=state_chips, time_mark=time_mark, speaker=speaker, narrowing=narrowing)


def item(thread: ThreadLine, counting: bool = False, usual: str = "TLP:GREEN") -> str:
    """A thread in a list."""
    return _item(thread, counting, usual, clock_of_reader())


@lru_cache(maxsize=KEPT)
def _item(thread: ThreadLine, counting: bool, usual: str, _clock: Clock) -> str:
    return _macro("components/threads.html", "item")(thread, usual, counting)


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
    return _acts(thread.id, thread.path, num, may, line.bookmarked_at is not None, line.author_id == rights.reader_id)


@lru_cache(maxsize=KEPT)
def _acts(thread_id: int, path: str, num: int, may: tuple[bool, ...], bookmarked: bool, own: bool) -> str:
    return _macro("components/posts.html", "actions")(f"/threads/{thread_id}/posts/{num}", path, num, *may, bookmarked, own)


@lru_cache(maxsize=KEPT)
def state_chips(codes: str) -> str:
    """The states of a list such as "KH TH", in ASEAN order."""
    return _macro("components/marks.html", "states")(in_asean_order(codes))


def _macro(template: str, name: str) -> Callable[..., str]:
    macro: Callable[..., str] = getattr(current_app.jinja_env.get_template(template).module, name)
    return macro
