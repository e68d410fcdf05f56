"""What the hub keeps about a member: every table that names them is here, or says why it is not."""

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, inspect, or_, select, true

from hub import policy
from hub.accounts.models import FormerHandle, PasswordReset, Reviewer, User, UserSession
from hub.db import Base
from hub.directory.models import Contact, Expertise, Profile, ProfileLanguage, ProfilePillar
from hub.discussions.models import Bookmark, Mention, Post, PostRevision, ReadState, Shown, Thread
from hub.drafts.models import Draft
from hub.files.models import File
from hub.membership.models import Invitation
from hub.minutes.models import Minutes, MinutesRevision, MinutesSignature, Task
from hub.moderation.models import Sanction
from hub.notifications.models import Notification
from hub.practices.models import Practice, PracticeRevision
from hub.practices.records import Adoption, Endorsement, PracticeComment, PracticeDeadline, PracticeEvent, PracticeReview
from hub.readable import READABLE
from hub.review.models import Held, ReviewCause, ReviewItem, SafeguardChoice
from hub.rooms.models import Consent, EntryKind, Room, RoomEntry, RoomLabel, RoomMember, RoomTerms
from hub.rooms.records import Disclosure
from hub.words import later


class Kept(NamedTuple):
    """A part of what is kept: its name, and rows of a table that belong to the member and that they may read."""

    name: str
    title: str
    model: type[Base]
    own: tuple[Any, ...]  # columns that hold the member's number
    through: Callable[[User], ColumnElement[bool]] | None = None  # what they may read of it, where it has no rule of its own

    def rows(self, actor: User) -> Select[Any]:
        return select(self.model).where(self.mine(actor), self.readable(actor)).order_by(*inspect(self.model).primary_key)

    def mine(self, actor: User) -> ColumnElement[bool]:
        return or_(*(column == actor.id for column in self.own)) if self.own else true()

    def readable(self, actor: User) -> ColumnElement[bool]:
        if self.through is not None:
            return self.through(actor)
        if self.model is Post or self.model is Thread:
            own = policy.hidden_but_open_to(policy.reader(actor), self.model)
            return or_(policy.readable(actor, self.model), own)
        return policy.readable(actor, self.model) if self.model in READABLE else true()


def _of_own_posts(actor: User) -> ColumnElement[bool]:
    return select(Post.id).where(Post.id == PostRevision.post_id, Post.author_id == actor.id, policy.readable(actor, Post)).exists()


def _of_own_practices(actor: User) -> ColumnElement[bool]:
    own = select(Practice.id).where(Practice.id == PracticeRevision.practice_id, Practice.author_id == actor.id).exists()
    return and_(own, policy.readable(actor, PracticeRevision))


def _in_readable_practice(model: Any) -> Any:
    return lambda actor: select(Practice.id).where(Practice.id == model.practice_id, policy.readable(actor, Practice)).exists()


def _said_outside_red(actor: User) -> ColumnElement[bool]:
    red = select(Room.id).where(Room.id == RoomEntry.room_id, Room.label == RoomLabel.RED).exists()
    return and_(policy.readable(actor, RoomEntry), ~red, RoomEntry.kind.in_(EntryKind.FROM_DELEGATES))


def _not_of_red(item: Any) -> ColumnElement[bool]:
    """Whether a review item is about no entry of a room under TLP:RED."""
    disclosed = select(Disclosure.id).join(Room, Room.id == Disclosure.room_id).where(Room.label == RoomLabel.RED, Disclosure.id == item.target_id)
    return or_(item.target_kind != "disclosure", ~disclosed.exists())


def _flags(_actor: User) -> ColumnElement[bool]:
    return select(ReviewItem.id).where(ReviewItem.id == ReviewCause.item_id, _not_of_red(ReviewItem)).exists()


def _of_readable_room(model: Any) -> Any:
    return lambda actor: select(Room.id).where(Room.id == model.room_id, policy.readable(actor, Room), Room.label != RoomLabel.RED).exists()


def _of_readable_minutes(model: Any) -> Any:
    there = select(Minutes.id).join(Room, Room.id == Minutes.room_id).where(Minutes.id == model.minutes_id, Room.label != RoomLabel.RED)
    return lambda actor: there.where(policy.readable(actor, Minutes)).exists()


def _told(_actor: User) -> ColumnElement[bool]:
    """Decisions that their author hears of: not those on flags that did not hold, and hid nothing."""
    held = or_(ReviewItem.hidden_at.is_not(None), ReviewItem.outcome.not_in(("restore", "dismiss", "over")))
    return and_(_not_of_red(ReviewItem), ReviewItem.closed_at.is_not(None), held)


def _mentions(actor: User) -> ColumnElement[bool]:
    return select(Post.id).where(Post.id == Mention.post_id, policy.readable(actor, Post)).exists()


def _files(actor: User) -> ColumnElement[bool]:
    outside_red = or_(File.room_id.is_(None), select(Room.id).where(Room.id == File.room_id, Room.label != RoomLabel.RED).exists())
    return and_(policy.readable(actor, File), outside_red)


def _outside_red(actor: User) -> ColumnElement[bool]:
    return and_(policy.readable(actor, RoomMember), select(Room.id).where(Room.id == RoomMember.room_id, Room.label != RoomLabel.RED).exists())


def _consents(actor: User) -> ColumnElement[bool]:
    terms = select(RoomTerms.id).join(Room, Room.id == RoomTerms.room_id).where(RoomTerms.id == Consent.terms_id, policy.readable(actor, Room))
    return terms.where(Room.label != RoomLabel.RED).exists()


EXPORTED = (
    Kept("account", later("Your account"), User, (User.id,)),
    Kept("profile", later("Your profile"), Profile, (Profile.user_id,)),
    Kept("expertise", later("What you can be asked about"), Expertise, (Expertise.user_id,)),
    Kept("languages", later("Languages of your profile"), ProfileLanguage, (ProfileLanguage.user_id,)),
    Kept("pillars", later("Pillars of your profile"), ProfilePillar, (ProfilePillar.user_id,)),
    Kept("contacts", later("Contacts of your profile"), Contact, (Contact.user_id,)),
    Kept("former_handles", later("Handles you gave up"), FormerHandle, (FormerHandle.user_id,)),
    Kept("reviews_pillars", later("Pillars you review for"), Reviewer, (Reviewer.user_id,)),
    Kept("sessions", later("Browsers you are signed in with"), UserSession, (UserSession.user_id,)),
    Kept("password_links", later("Links for a new password"), PasswordReset, (PasswordReset.user_id,)),
    Kept("invitations", later("Invitations you sent"), Invitation, (Invitation.invited_by_id,)),
    Kept("threads", later("Threads you started"), Thread, (Thread.author_id,)),
    Kept("posts", later("Your posts"), Post, (Post.author_id,)),
    Kept("earlier_versions", later("Earlier versions of your posts"), PostRevision, (PostRevision.replaced_by_id,), _of_own_posts),
    Kept("drafts", later("Your drafts"), Draft, (Draft.user_id,)),
    Kept("bookmarks", later("Your bookmarks"), Bookmark, (Bookmark.user_id,)),
    Kept("read", later("How far you have read"), ReadState, (ReadState.user_id,)),
    Kept("shown", later("Posts that were shown to you"), Shown, (Shown.user_id,)),
    Kept("mentions", later("Where you are mentioned"), Mention, (Mention.user_id,), _mentions),
    Kept("notifications", later("What was addressed to you"), Notification, (Notification.user_id,)),
    Kept("files", later("Files you added"), File, (File.owner_id,), _files),
    Kept("held", later("Texts that were held for a moderator"), Held, (Held.author_id,)),
    Kept("practices", later("Your practices"), Practice, (Practice.author_id,)),
    Kept("versions_of_practices", later("Versions of your practices"), PracticeRevision, (), _of_own_practices),
    Kept("reviews", later("Your reviews"), PracticeReview, (PracticeReview.reviewer_id,), _in_readable_practice(PracticeReview)),
    Kept("comments", later("Your comments on practices"), PracticeComment, (PracticeComment.user_id,), _in_readable_practice(PracticeComment)),
    Kept("endorsements", later("Endorsements you signed"), Endorsement, (Endorsement.user_id,), _in_readable_practice(Endorsement)),
    Kept("adoptions", later("Adoptions you recorded"), Adoption, (Adoption.user_id,), _in_readable_practice(Adoption)),
    Kept("steps_of_practices", later("Steps you took with practices"), PracticeEvent, (PracticeEvent.actor_id,), _in_readable_practice(PracticeEvent)),
    Kept("deadlines", later("What you were asked to do with practices"), PracticeDeadline, (PracticeDeadline.user_id,)),
    Kept("rooms", later("Rooms you are a delegate in"), RoomMember, (RoomMember.user_id,), _outside_red),
    Kept("said_in_rooms", later("What you said in rooms"), RoomEntry, (RoomEntry.author_id,), _said_outside_red),
    Kept("terms", later("Terms of rooms you proposed"), RoomTerms, (RoomTerms.proposed_by,), _of_readable_room(RoomTerms)),
    Kept("consents", later("Terms of rooms you agreed to"), Consent, (Consent.by_id,), _consents),
    Kept("minutes", later("Versions of minutes you saved"), MinutesRevision, (MinutesRevision.author_id,), _of_readable_minutes(MinutesRevision)),
    Kept("signatures", later("Minutes you signed"), MinutesSignature, (MinutesSignature.by_id,), _of_readable_minutes(MinutesSignature)),
    Kept("actions", later("Actions that are yours, or that you ticked off"), Task, (Task.owner_id, Task.done_by_id), _of_readable_minutes(Task)),
    Kept("flags", later("Flags and appeals of yours"), ReviewCause, (ReviewCause.by_id,), _flags),
    Kept("decisions", later("Decisions of moderators on what you wrote"), ReviewItem, (ReviewItem.author_id,), _told),
    Kept("sanctions", later("Sanctions"), Sanction, (Sanction.user_id,)),
    Kept("safeguard", later("What you decided on findings of the safeguard"), SafeguardChoice, (SafeguardChoice.user_id,)),
)  # fmt: skip

# Columns that name a member and are not exported as theirs, and why.
ELSEWHERE = {
    "folded_word.user_id": later("an index of words of your profile, which is exported"),
    "read_count.user_id": later("sums of how far you have read, which is exported"),
    "demo.user_id": later("says that the account is one of the demo"),
    "minutes_line.owner_id": later("drafts of minutes are of all delegates; actions of agreed ones are exported"),
    "practice_revision.contact_id": later("says whom a practice names as its contact; it stands on the practice"),
    "review_item.barred_id": later("work of moderators, on what others wrote"),
    "review_item.claimed_by_id": later("work of moderators, on what others wrote"),
    "review_item.decided_by_id": later("work of moderators, on what others wrote"),
    "sanction.by_id": later("work of moderators, on others"),
    "sanction.lifted_by_id": later("work of moderators, on others"),
}
