"""When the days that the sides agreed are over: entries lose their words and files; numbers, kinds, times and keyed hashes stay."""

from sqlalchemy import or_, select, update

from hub.db import UserText, db, lock_row, now
from hub.files.models import File, FileStanding
from hub.rooms import log
from hub.rooms.models import Room, RoomEntry, RoomState

NOTHING = UserText("")


def due() -> list[int]:
    """Rooms whose time is over: closed for as long as was agreed, or left by a side that took its consent back."""
    rows = select(Room.id, Room.closed_at, Room.retention_days, Room.state).where(Room.emptied_at.is_(None))
    ended = db.session.execute(rows.where(or_(Room.state == RoomState.CLOSED, Room.state == RoomState.WITHDRAWN)).order_by(Room.id))
    return [row.id for row in ended if row.state == RoomState.WITHDRAWN or _over(row)]


def _over(row: object) -> bool:
    until = Room(closed_at=row.closed_at, retention_days=row.retention_days).kept_until  # type: ignore[attr-defined]
    return until is not None and until <= now()


def empty(room: Room) -> bool:
    """Delete what was said in a room whose time is over; ``False`` when it is not, by now. A room of which consent was taken back stays closed to all."""
    lock_row(room)
    if room.id not in due():
        return False
    words = dict.fromkeys(("body_md", "body_html", "speaker", "subject"), NOTHING)
    entries = update(RoomEntry).where(RoomEntry.room_id == room.id).values(**words, client_id=None)
    db.session.execute(entries.execution_options(synchronize_session=False))
    files = update(File).where(File.room_id == room.id, File.standing != FileStanding.REMOVED).values(standing=FileStanding.REMOVED, name=NOTHING)
    db.session.execute(files.execution_options(synchronize_session=False))
    room.emptied_at = now()
    room.state = RoomState.ARCHIVED if room.state == RoomState.CLOSED else room.state
    db.session.flush()
    log.new_epoch(room)
    return True
