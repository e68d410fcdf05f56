"""./dev bench --profile: where the time of a page goes, in one thread and without a server, part by part."""

import os
import re
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

ROUNDS = 300


def written(folder: str) -> str:
    """The table, for the SQLite hub in ``folder`` that the bench has filled."""
    os.environ.update({"HUB_DATA": folder, "HUB_DATABASE_URL": "", "HUB_DEMO": "1", "HUB_SECRET_KEY": "x" * 40, "HUB_LOG_LEVEL": "ERROR"})
    from sqlalchemy import select

    from hub import create_app, fragments
    from hub.accounts import queries as accounts
    from hub.accounts.actions import open_session
    from hub.accounts.models import User
    from hub.db import db, unit_of_work
    from hub.discussions import counts, lists, queries, reading_order, views
    from hub.discussions.models import Thread

    app, spent = create_app(), defaultdict(float)

    def watch(module: Any, name: str, part: str) -> None:
        inner: Callable[..., Any] = getattr(module, name)

        def timed(*given: Any, **more: Any) -> Any:
            begun = time.perf_counter()
            try:
                return inner(*given, **more)
            finally:
                spent[part] += time.perf_counter() - begun

        setattr(module, name, timed)

    for module, name, part in (
        (views, "pillar_line", "pillar and topics"), (views, "tag_choices", "pillar and topics"), (lists, "latest_threads", "rows of the page"),
        (counts, "unread_by_pillar", "unread counts"), (fragments, "unread", "unread counts"), (queries, "get_desk", "thread, reading, draft"),
        (reading_order, "page_of", "rows of the page"), (views, "render_template", "rendering"),
    ):  # fmt: skip
        watch(module, name, part)
    with app.app_context():
        with unit_of_work():
            token = open_session(db.session.scalars(select(User).where(User.handle == "bulk.1")).one())
        thread = db.session.scalars(select(Thread.id).where(Thread.label == "TLP:GREEN", Thread.last_num.between(25, 90)).order_by(Thread.id.desc())).first()
        begun = time.perf_counter()
        for _n in range(ROUNDS):
            accounts.session_and_user(token)
            db.session.rollback()
        session = (time.perf_counter() - begun) / ROUNDS
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
    lines = [f"one thread, no server, SQLite, milliseconds a page over {ROUNDS} pages", ""]
    for name, path in (("healthz", "/healthz"), ("thread list", "/pillars/protection"), ("thread page", client.get(f"/threads/{thread}").location)):
        path = re.sub(r"^https?://[^/]+", "", path)
        for _n in range(10):
            client.get(path)
        spent.clear()
        begun = time.perf_counter()
        for _n in range(ROUNDS):
            client.get(path)
        total = (time.perf_counter() - begun) / ROUNDS
        parts = {part: seconds / ROUNDS for part, seconds in spent.items()} | ({"session and member": session} if spent else {})
        parts["Flask, its extensions, the test client"] = total - sum(parts.values())
        slowest_first = sorted(parts.items(), key=lambda one: -one[1])
        lines += [f"{name:<42}{total * 1000:>6.2f}", *(f"  {part:<40}{seconds * 1000:>6.2f}" for part, seconds in slowest_first), ""]
    return "\n".join(lines)
