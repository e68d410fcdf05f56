"""Telling people of a room in their inbox: what happened, never what was said; of TLP:RED no letter leaves."""

from collections.abc import Iterable

from hub.notifications.actions import notify
from hub.notifications.models import Kind
from hub.rooms.models import Room


def tell(room: Room, people: Iterable[int], reason: str) -> None:
    """``reason`` is one of ``news.HEADS``."""
    notify(people, Kind.ROOM, reason, f"room {room.id} {reason}", subject_id=room.id, by_mail=not room.is_red)
