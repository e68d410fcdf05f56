"""What goes of minutes with the entries of their room: drafts; agreed minutes stay, and what all heads signed with them."""

from collections.abc import Collection

from sqlalchemy import and_, delete, or_, select, update

from hub.db import UserText, db
from hub.minutes.models import Minutes, MinutesLine, MinutesRevision


def forget_drafts(room_id: int) -> None:
    """Every version that was not agreed loses its lines; that there was one, and when, stays. The room is locked."""
    ids = _drafts(room_id)
    db.session.execute(delete(MinutesLine).where(MinutesLine.revision_id.in_(ids)).execution_options(synchronize_session=False))
    emptied = update(MinutesRevision).where(MinutesRevision.id.in_(ids)).values(author=UserText(""))
    db.session.execute(emptied.execution_options(synchronize_session=False))


def _drafts(room_id: int) -> list[int]:
    """Versions that were not agreed."""
    not_agreed = or_(Minutes.agreed_at.is_(None), MinutesRevision.num < Minutes.version)
    drafts = select(MinutesRevision.id).join(Minutes, and_(Minutes.id == MinutesRevision.minutes_id, Minutes.room_id == room_id)).where(not_agreed)
    return list(db.session.scalars(drafts))


def forget_lines(room_id: int, said: Collection[UserText]) -> None:
    """Lines of drafts that were made of an entry whose words went. What is agreed was signed, and stays as it is. The room is locked."""
    lines = delete(MinutesLine).where(MinutesLine.revision_id.in_(_drafts(room_id)), MinutesLine.words.in_(said))
    db.session.execute(lines.execution_options(synchronize_session=False))
    db.session.expire_all()
