"""Letters that tell of what stands in an inbox: title and link, never a text; asked again before they leave."""

from sqlalchemy import select, update

from hub import web
from hub.accounts.models import User
from hub.db import db, end_reading, unit_of_work
from hub.discussions.models import Label
from hub.discussions.queries import threads_among
from hub.home.inbox import REASONS, head_of
from hub.mail import actions as mail
from hub.mail.models import Mail
from hub.notifications import queries
from hub.notifications.models import Kind, Notification
from hub.practices.queries import get_known
from hub.rooms.models import Room
from hub.rooms.queries import known_rooms
from hub.words import _

MAILED_AT_ONCE = 50


def write_letters() -> int:
    """Write the letters that are due, each in its own unit of work; returns how many."""
    written = 0
    for row_id, user_id in queries.due(MAILED_AT_ONCE):
        end_reading()
        with unit_of_work():
            written += _write_letter(row_id, user_id)
    end_reading()
    return written


def _write_letter(row_id: int, user_id: int) -> int:
    claimed = update(Notification).where(Notification.id == row_id, Notification.mail_due_at.is_not(None)).values(mail_due_at=None)
    if db.session.scalar(claimed.returning(Notification.id).execution_options(synchronize_session=False)) is None:
        return 0
    member, row = db.session.get_one(User, user_id), None
    if member.active and member.by_mail:
        row = queries.still_to_mail(member, row_id)
    if row is None:
        return 0
    thread = next(iter(threads_among(member, {row.thread_id})), None) if row.thread_id else None
    room = _room_of(member, row)
    if room is not None and room.is_red:
        return 0  # of that, mail does not even say that there is something
    practice = get_known(member, row.subject_id) if row.kind == Kind.PRACTICE and row.subject_id else None
    about = thread or practice
    label = room.label if room else about.effective_label if about else ""
    told = label != Label.STRICT  # of that, mail says that there is something and no more
    head = head_of(row, about.title if about else "") if told else _("New activity")
    mail.send(member.email, "notification", row.id, head=head, label=label, reason=str(REASONS[row.reason]) if told else "", address=_address(row, room))
    return 1


def _room_of(member: User, row: Notification) -> Room | None:
    """The room that a row tells of, while its member may read that it is there."""
    return known_rooms(member, {row.subject_id}).get(row.subject_id) if row.kind == Kind.ROOM and row.subject_id else None


def _address(row: Notification, room: Room | None) -> str:
    if room is not None:
        return web.public_url("rooms.room", public_id=room.public_id)
    if row.kind == Kind.PRACTICE:
        return web.public_url("practices.practice", practice_id=row.subject_id)
    return web.public_url("discussions.post", thread_id=row.thread_id, num=row.first_num or 1) if row.thread_id else web.public_url("home.inbox")


def still_due(letter: Mail) -> bool:
    """Whether what a letter tells of is still unread and readable, asked before each try to send it."""
    if letter.notification_id is None:
        return True
    user_id = db.session.scalar(select(Notification.user_id).where(Notification.id == letter.notification_id))
    member = db.session.get(User, user_id) if user_id else None
    row = queries.still_to_mail(member, letter.notification_id) if member is not None and member.active and member.by_mail else None
    room = _room_of(member, row) if member is not None and row is not None else None
    fit = row is not None and not (room is not None and room.is_red)
    end_reading()
    return fit
