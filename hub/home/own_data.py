"""What the hub keeps about a member, as they may read it, in one file."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from hub import policy
from hub.accounts.models import User
from hub.audit.models import AuditRow
from hub.db import db, now
from hub.discussions.models import Label, Post, Thread
from hub.home.own_tables import EXPORTED
from hub.moderation.targets import held_words
from hub.review.models import Held
from hub.rooms.models import Room, RoomEntry, RoomMember
from hub.words import _

OURS_ALONE = ("password_hash", "token_hash", "client_id", "save_id", "path", "mac", "beyond", "sealed", "html_version", "digest", "hidden_from")
# Who decided on it, and who has an action, is not told.
OF_OTHERS = ("subject", "subject_id", "by_id", "lifted_by_id", "barred_id", "claimed_by_id", "claimed_at", "decided_by_id", "undo")
OF_ROOMS = ("rooms", "said_in_rooms", "terms", "consents", "minutes", "signatures", "actions")
OF_ANY_LABEL = ("drafts", "held", "files", "flags", "decisions", "earlier_versions", "notifications", "mentions", "bookmarks")


def export_of(actor: User) -> dict[str, Any]:
    """Everything, section by section; ``label`` is the strictest of what is in it. Of rooms under TLP:RED nothing leaves."""
    found = {kept.name: list(db.session.scalars(kept.rows(actor))) for kept in EXPORTED}
    threads, rooms = _threads(found["posts"]), _rooms([*found["said_in_rooms"], *found["rooms"]])
    return {
        "label": _label(actor, found), "at": now().isoformat(), "member": actor.id,
        "sections": {name: [_plain(row, threads, rooms) for row in rows] for name, rows in found.items()}, "not_in_it": _left_out(actor),
    }  # fmt: skip


def _label(actor: User, found: dict[str, list[Any]]) -> str:
    """Not less strict than anything in it: what belongs to rooms, or may have been written under any label open to the member, counts as the strictest."""
    labels = {row.effective_label for row in (*found["threads"], *found["practices"], *_threads(found["posts"]).values())}
    if any(found[name] for name in OF_ROOMS):
        labels.add(Label.STRICT)
    if any(found[name] for name in OF_ANY_LABEL):
        labels |= set(policy.labels_offered(actor))
    return max(labels, key=Label.ALL.index, default=Label.GREEN)


def _threads(posts: Sequence[Post]) -> dict[int, Thread]:
    ids = {post.thread_id for post in posts}
    return {row.id: row for row in db.session.scalars(select(Thread).where(Thread.id.in_(ids)))} if ids else {}


def _rooms(rows: Sequence[RoomEntry | RoomMember]) -> dict[int, Room]:
    ids = {row.room_id for row in rows}
    return {row.id: row for row in db.session.scalars(select(Room).where(Room.id.in_(ids)))} if ids else {}


def _plain(row: Any, threads: dict[int, Thread], rooms: dict[int, Room]) -> dict[str, Any]:
    """A row as plain values, with where it stands."""
    columns = [column.key for column in row.__table__.columns if column.key not in (*OURS_ALONE, *OF_OTHERS) and not column.key.endswith("_html")]
    said = {name: _value(getattr(row, name)) for name in columns}
    if isinstance(row, Post):
        thread = threads[row.thread_id]
        said |= {"thread": thread.title, "label": thread.effective_label, "address": f"/threads/{thread.id}/posts/{row.num}"}
    elif isinstance(row, RoomEntry | RoomMember):
        room = rooms[row.room_id]
        said |= {"room": room.title, "label": room.label, "address": room.path}
    elif isinstance(row, Held):
        said |= {"words": held_words(row)}
    return said


def _value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date) else value


def _left_out(actor: User) -> list[str]:
    """What is kept and is not in the file: how many rows of each part; under TLP:RED, in rooms that were left, or not open to the member any more."""
    left = []
    for kept in EXPORTED:
        whole = db.session.scalar(select(func.count()).select_from(kept.model).where(kept.mine(actor))) or 0 if kept.own else 0
        open_ones = db.session.scalar(select(func.count()).select_from(kept.model).where(kept.mine(actor), kept.readable(actor))) or 0
        if whole > open_ones:
            left.append(f"{whole - open_ones}: {kept.title}")
    staff = db.session.scalar(select(func.count()).select_from(AuditRow).where(AuditRow.actor_id == actor.id)) or 0
    return [*left, _("%(n)s: rows in the record of staff actions about what you did, which admins read", n=staff)] if staff else left


def as_json(export: dict[str, Any]) -> str:
    return json.dumps(export, ensure_ascii=False, indent=1)
