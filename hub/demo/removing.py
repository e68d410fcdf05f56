"""Removing the demo without a trace, and without what real members wrote."""

from sqlalchemy import ColumnElement, delete, or_, select, update

from hub import text
from hub.accounts.models import Demo, FoldedWord, FormerHandle, Kind, Organisation, PasswordReset, Reviewer, User, UserSession
from hub.db import UserText, db, now
from hub.demo import removing_practices
from hub.demo import rooms as removing_rooms
from hub.demo.accounts import PARTNER_ORGANISATION
from hub.directory.models import Contact, Expertise, Profile, ProfileLanguage, ProfilePillar
from hub.discussions import counts
from hub.discussions.models import Bookmark, Mention, MovedPost, Post, PostRevision, PublicView, ReadCount, ReadState, Shown, Standing, Thread, ThreadTag
from hub.discussions.queries import states_that_wrote
from hub.discussions.reading import count_post
from hub.files import store
from hub.files.models import File
from hub.files.queries import still_used
from hub.membership.models import Invitation
from hub.moderation.models import Purge, Sanction
from hub.notifications.models import Notification
from hub.review.models import Held, ReviewCause, ReviewItem, SafeguardChoice


def remove() -> int:
    """Delete demo accounts, everybody they invited, and what those wrote; returns how many accounts.

    A demo text inside a thread of somebody else leaves an empty place, and its account stays, closed and nameless.
    """
    gone = _demo_ids()
    if not gone:
        return 0
    removing_practices.remove(gone)
    removing_rooms.remove(gone)
    _remove_threads(gone)
    stay = set(db.session.scalars(select(Post.author_id).where(Post.author_id.in_(gone)).distinct()))
    _empty_posts(stay)
    db.session.execute(delete(Invitation).where(or_(Invitation.invited_by_id.in_(gone), Invitation.email.in_(select(User.email).where(User.id.in_(gone))))))
    _remove_from_review(gone)
    for model in (Demo, UserSession, PasswordReset, Reviewer, Shown, Bookmark, Mention, ReadCount, FormerHandle, FoldedWord, Notification, SafeguardChoice):
        db.session.execute(delete(model).where(model.user_id.in_(gone)))
    for part in (Expertise, ProfileLanguage, ProfilePillar, Contact, Profile):
        db.session.execute(delete(part).where(part.user_id.in_(gone)))
    db.session.execute(delete(User).where(User.id.in_(gone - stay)))
    for user_id in stay:
        db.session.add(Profile(user_id=user_id))
    invented = select(Organisation.id).where(Organisation.kind == Kind.PARTNER, Organisation.short_name == text.prepare_line(PARTNER_ORGANISATION))
    used = select(User.organisation_id)
    unused = select(Organisation.id).where(Organisation.id.in_(invented), Organisation.id.not_in(used))
    db.session.execute(delete(FoldedWord).where(FoldedWord.organisation_id.in_(unused)))
    db.session.execute(delete(Organisation).where(Organisation.id.in_(unused)))
    return len(gone)


def _demo_ids() -> set[int]:
    """Demo accounts and, as their password is public, everybody invited by one."""
    found = set(db.session.scalars(select(Demo.user_id)))
    while True:
        guests = select(User.id).join(Invitation, Invitation.email == User.email).where(Invitation.invited_by_id.in_(found))
        more = set(db.session.scalars(guests)) - found
        if not more:
            return found
        found |= more


def _remove_from_review(gone: set[int]) -> None:
    """Items about these accounts, with what hangs on them; what real members wrote or caused stays."""
    items = select(ReviewItem.id).where(ReviewItem.author_id.in_(gone))
    db.session.execute(delete(Purge).where(Purge.item_id.in_(items)))
    db.session.execute(delete(Sanction).where(or_(Sanction.user_id.in_(gone), Sanction.by_id.in_(gone), Sanction.item_id.in_(items))))
    db.session.execute(update(Sanction).where(Sanction.lifted_by_id.in_(gone)).values(lifted_by_id=None))
    db.session.execute(delete(ReviewCause).where(or_(ReviewCause.by_id.in_(gone), ReviewCause.item_id.in_(items))))
    db.session.execute(delete(ReviewItem).where(ReviewItem.id.in_(items)))
    for column in (ReviewItem.claimed_by_id, ReviewItem.decided_by_id, ReviewItem.barred_id):
        db.session.execute(update(ReviewItem).where(column.in_(gone)).values({column.key: None}))
    db.session.execute(delete(Held).where(Held.author_id.in_(gone)))


def _remove_threads(gone: set[int]) -> None:
    threads = list(db.session.scalars(select(Thread.id).where(Thread.author_id.in_(gone))))
    posts = select(Post.id).where(Post.thread_id.in_(threads))
    db.session.execute(delete(PostRevision).where(PostRevision.post_id.in_(posts)))
    _forget_files(File.post_id.in_(posts))
    for model in (Shown, Bookmark, Mention, MovedPost):
        db.session.execute(delete(model).where(model.post_id.in_(posts)))
    for kept in (MovedPost, PublicView):
        db.session.execute(delete(kept).where(kept.thread_id.in_(threads)))
    db.session.execute(delete(ThreadTag).where(ThreadTag.thread_id.in_(threads)))
    db.session.execute(update(Post).where(Post.thread_id.in_(threads)).values(parent_id=None))
    db.session.execute(delete(Post).where(Post.thread_id.in_(threads)))
    db.session.execute(delete(Notification).where(Notification.thread_id.in_(threads)))
    db.session.execute(delete(ReadState).where(or_(ReadState.thread_id.in_(threads), ReadState.user_id.in_(gone))))
    db.session.execute(delete(Thread).where(Thread.id.in_(threads)))
    counts.recount()


def _forget_files(which: ColumnElement[bool]) -> None:
    """With their bytes, where no other file has them."""
    digests = set(db.session.scalars(delete(File).where(which).returning(File.digest).execution_options(synchronize_session=False)))
    for digest in digests - {""}:
        if not still_used(digest):
            store.forget(digest)


def _empty_posts(authors: set[int]) -> None:
    posts = list(db.session.scalars(select(Post.id).where(Post.author_id.in_(authors), Post.standing == Standing.SHOWN)))
    _forget_files(File.owner_id.in_(authors))
    db.session.execute(delete(PostRevision).where(or_(PostRevision.post_id.in_(posts), PostRevision.replaced_by_id.in_(authors))))
    for post in db.session.scalars(select(Post).where(Post.id.in_(posts))):
        count_post(post.thread, post.num, -1)
        post.body_md = post.body_html = UserText("")
        post.files = 0
        post.standing = Standing.DELETED
        post.thread.shown_posts -= 1
        db.session.flush()
        post.thread.states = " ".join(states_that_wrote(post.thread))
    closed = {"deactivated_at": now(), "password_hash": "", "role_title": text.prepare_line("Former demo account")}
    db.session.execute(update(User).where(User.id.in_(authors)).values(closed))
