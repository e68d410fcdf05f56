"""Who may read what, as SQL: one condition for each model, asked for through ``policy.readable``."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true
from sqlalchemy.orm import aliased

from hub.accounts.models import Organisation, State, User
from hub.audit.models import AuditRow
from hub.db import Base
from hub.directory.models import Audience, Contact, Profile
from hub.discussions.models import Label, Post, PostCount, Standing, Thread
from hub.drafts.models import Draft
from hub.files.models import File, FileStanding
from hub.membership.models import Invitation
from hub.minutes.models import Minutes, MinutesRevision, Task
from hub.moderation.models import Sanction
from hub.notifications.models import Kind, Notification
from hub.pillars.models import Pillar, Tag
from hub.practices.models import Practice, PracticeRevision
from hub.readable_practices import practice_revisions, practices
from hub.readable_rooms import minutes, minutes_revisions, room_entries, room_members, rooms, tasks
from hub.readers import Actor as Actor
from hub.readers import Reader as Reader
from hub.readers import labels_read as labels_read
from hub.readers import reader as reader
from hub.review.models import Held, ReviewItem
from hub.rooms.models import Room, RoomEntry, RoomMember
from hub.rooms.records import Disclosure

Clause = ColumnElement[bool]


def readable(actor: Actor, model: type[Base]) -> Clause:
    """The rows of ``model`` that ``actor`` may read. Raises ``KeyError`` for a model without a rule."""
    return readable_by(reader(actor), model)


@lru_cache(maxsize=2_000)
def readable_by(reader: Reader | None, model: type[Base]) -> Clause:
    return READABLE[model](reader)


def thread_circle(actor: Actor) -> object:
    """Equal for actors who read the same threads: all that ``_threads`` asks of a reader."""
    who = reader(actor)
    return None if who is None else (labels_read(who), who.in_task_force, who.root_id)


def _threads(reader: Reader | None) -> Clause:
    public = and_(Thread.label == Label.CLEAR, Thread.cleared_at.is_not(None))
    return and_(Thread.standing == Standing.SHOWN, public if reader is None else _opened(reader, Thread.label, Thread.organisation_id))


def _opened(reader: Reader, label: Any, organisation_id: Any) -> Clause:
    """Whether a label opens what an organisation wrote to a member."""
    opened = label.in_(labels_read(reader))
    return or_(opened, and_(label == Label.STRICT, organisation_id == reader.root_id)) if reader.in_task_force else opened


def _posts(reader: Reader | None) -> Clause:
    inside = exists().where(Thread.id == Post.thread_id, _threads(reader), placed(reader)).correlate(Post)
    return and_(Post.standing == Standing.SHOWN, inside)


def hidden_but_open_to(reader: Reader | None, model: type[Base]) -> Clause:
    """Threads or posts that wait for a moderator's decision: their author and moderators read them, on their page alone."""
    if reader is None:
        return false()
    thread = and_(Thread.standing == Standing.HIDDEN, _opened(reader, Thread.label, Thread.organisation_id))
    thread = thread if reader.is_moderator else and_(thread, Thread.author_id == reader.id)
    if model is Thread:
        return thread
    inside = exists().where(Thread.id == Post.thread_id, or_(_threads(reader), thread)).correlate(Post)
    return and_(Post.standing == Standing.HIDDEN, inside, true() if reader.is_moderator else Post.author_id == reader.id)


def _files(reader: Reader | None) -> Clause:
    of_post = exists().where(Post.id == File.post_id, _posts(reader)).correlate(File)
    since = and_(PracticeRevision.practice_id == File.practice_id, PracticeRevision.num >= File.revision)
    of_practice = exists().where(since, practice_revisions(reader)).correlate(File)
    hidden = exists().where(Disclosure.room_id == File.room_id, Disclosure.seq == File.entry_seq, Disclosure.hidden).correlate(File)
    of_room = and_(exists().where(RoomEntry.room_id == File.room_id, RoomEntry.seq == File.entry_seq, room_entries(reader)).correlate(File), ~hidden)
    return and_(File.standing == FileStanding.SHOWN, or_(of_post, of_practice, of_room))


def _post_counts(reader: Reader | None) -> Clause:
    return false() if reader is None else _opened(reader, PostCount.label, PostCount.organisation_id)


def placed(reader: Reader | None) -> Clause:
    """Whether a post has its place, as text or as a removed one, in a thread that ``reader`` reads.

    The public sees what a moderator agreed to: neither later posts nor texts edited since. The query must hold ``Thread``.
    """
    if reader is not None:
        return true()
    return and_(Post.num <= Thread.cleared_upto, or_(Post.edited_at.is_(None), Post.edited_at <= Thread.cleared_at))


def _users(reader: Reader | None) -> Clause:
    return false() if reader is None else or_(User.deactivated_at.is_(None), User.id == reader.id)


def _profiles(reader: Reader | None) -> Clause:
    return exists().where(User.id == Profile.user_id, _users(reader)).correlate(Profile)


def _contacts(reader: Reader | None) -> Clause:
    return and_(exists().where(User.id == Contact.user_id, _users(reader)).correlate(Contact), shown_to(reader, Contact.shown_to, Contact.user_id))


def shown_to(reader: Reader | None, audience: Any, owner_id: Any) -> Clause:
    """Whether a line of a profile with this ``audience`` column, owned by ``owner_id``, shows to ``reader``."""
    if reader is None:
        return false()
    ways = [audience == Audience.EVERYONE, owner_id == reader.id]
    if reader.in_task_force:
        ways.append(audience == Audience.TASK_FORCES)
    ways.append(_of_own_state(reader, owner_id))
    return or_(*ways)


def _of_own_state(reader: Reader, owner_id: Any) -> Clause:
    """Task force members of one state; where there is no state, and for partners, the same organisation."""
    owner, place = aliased(User), aliased(Organisation)
    state = reader.state_code
    if state and not reader.in_task_force:
        return false()
    near = place.state_code == state if state else place.id == reader.organisation_id
    return exists().where(owner.id == owner_id, place.id == owner.organisation_id, near).correlate_except(owner, place)


def _invitations(reader: Reader | None) -> Clause:
    if reader is None:
        return false()
    if reader.is_admin:
        return true()
    if not reader.is_focal_point:
        return false()
    mine = select(Organisation.id).where(or_(Organisation.id == reader.root_id, Organisation.parent_id == reader.root_id))
    return Invitation.organisation_id.in_(mine)


def _signed_in(reader: Reader | None) -> Clause:
    return false() if reader is None else true()


def _everybody(_reader: Reader | None) -> Clause:
    return true()


def _drafts(reader: Reader | None) -> Clause:
    return false() if reader is None else Draft.user_id == reader.id


def _notifications(reader: Reader | None) -> Clause:
    """One's own, and of what tells of a thread, post, practice or room only while that may be read."""
    if reader is None:
        return false()
    first, last = Notification.first_num, Notification.last_num
    thread = exists().where(Thread.id == Notification.thread_id, _threads(reader)).correlate(Notification)
    post = exists().where(Post.thread_id == Notification.thread_id, Post.num.in_((first, last)), Post.standing == Standing.SHOWN).correlate(Notification)
    practice = exists().where(Practice.id == Notification.subject_id, practices(reader)).correlate(Notification)
    room = exists().where(Room.id == Notification.subject_id, rooms(reader)).correlate(Notification)
    about = and_(or_(Notification.kind != Kind.PRACTICE, practice), or_(Notification.kind != Kind.ROOM, room))
    return and_(Notification.user_id == reader.id, about, or_(Notification.thread_id.is_(None), and_(thread, or_(last.is_(None), post))))


def _audit_rows(reader: Reader | None) -> Clause:
    return true() if reader and reader.is_admin else false()


def _review_items(reader: Reader | None) -> Clause:
    """The queue, but for what one wrote oneself, or decided when somebody else must decide again."""
    if reader is None or not reader.is_moderator:
        return false()
    other = [or_(column.is_(None), column != reader.id) for column in (ReviewItem.author_id, ReviewItem.barred_id)]
    return and_(*other)


def _sanctions(reader: Reader | None) -> Clause:
    if reader is None:
        return false()
    return true() if reader.is_moderator or reader.is_admin else Sanction.user_id == reader.id


def _held(reader: Reader | None) -> Clause:
    return false() if reader is None else Held.author_id == reader.id


READABLE: dict[type[Base], Callable[[Reader | None], Clause]] = {
    Thread: _threads,
    Post: _posts,
    PostCount: _post_counts,
    File: _files,
    Practice: practices,
    PracticeRevision: practice_revisions,
    Room: rooms,
    RoomMember: room_members,
    RoomEntry: room_entries,
    Minutes: minutes,
    MinutesRevision: minutes_revisions,
    Task: tasks,
    User: _users,
    Profile: _profiles,
    Contact: _contacts,
    Invitation: _invitations,
    Draft: _drafts,
    Notification: _notifications,
    Held: _held,
    ReviewItem: _review_items,
    Sanction: _sanctions,
    AuditRow: _audit_rows,
    Organisation: _signed_in,
    State: _signed_in,
    Pillar: _everybody,
    Tag: _signed_in,
}
