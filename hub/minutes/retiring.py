"""What goes of minutes with the entries of their room: drafts; agreed minutes stay, and what all heads signed with them."""

from sqlalchemy import and_, delete, or_, select, update

from hub.db import UserText, db
from hub.minutes.models import Minutes, MinutesLine, MinutesRevision


def forget_drafts(room_id: int) -> None:
    """Every version that was not agreed loses its lines; that there was one, and when, stays. The room is locked."""
    not_agreed = or_(Minutes.agreed_at.is_(None), MinutesRevision.num < Minutes.version)
    drafts = select(MinutesRevision.id).join(Minutes, and_(Minutes.id == MinutesRevision.minutes_id, Minutes.room_id == room_id)).where(not_agreed)
    ids = list(db.session.scalars(drafts))
    db.session.execute(delete(MinutesLine).where(MinutesLine.revision_id.in_(ids)).execution_options(synchronize_session=False))
    emptied = update(MinutesRevision).where(MinutesRevision.id.in_(ids)).values(author=UserText(""))
    db.session.execute(emptied.execution_options(synchronize_session=False))
