"""Moving a thread, splitting a branch off, merging one thread into another: in one unit of work, with one row in the audit.

Old addresses lead on, numbers in the source stay what they were, and what somebody had read stays read.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, or_, select, update

from hub import live, policy
from hub.accounts.models import User
from hub.audit.actions import record
from hub.db import UserText, db, lock_row
from hub.discussions import counts, reading, standing
from hub.discussions.actions import STEP, ask_to_be_public, base36
from hub.discussions.models import DEEPEST, Label, MovedPost, Post, ReadState, Standing, Thread
from hub.discussions.places import at_post
from hub.discussions.reading import ReadSet, read_set
from hub.drafts.models import Draft
from hub.notifications.models import Notification
from hub.pillars.models import Pillar
from hub.review import actions as review


class NotThere(Exception):
    """The post that a branch begins with, or the thread or post it goes to, is not there."""


class TooWide(Exception):
    """The posts would be read by more people than the label they were written under allows."""


@dataclass(frozen=True)
class Place:
    """Where a post stands."""

    num: int
    path: str
    depth: int


def move(actor: User, thread: Thread, pillar: Pillar, reason: UserText) -> None:
    policy.require(actor, "thread.operate", thread)
    lock_row(thread)
    was = thread.pillar_id
    if was != pillar.id:
        standing.move(thread, pillar.id)
        record(actor, "thread.move", ("thread", thread.id), reason, pillar=pillar.id, was=was)


# --- splitting -----------------------------------------------------------------------------------------------


def split(actor: User, thread: Thread, num: int, title: UserText, reason: UserText) -> Thread:
    """Post ``num`` and all that answers it become a thread; a stub in its place says where they went. Raises ``NotThere``."""
    policy.require(actor, "thread.operate", thread)
    lock_row(thread)
    branch = _branch(thread, num)
    root = branch[0]
    counts.leave(thread)
    new = Thread(
        pillar_id=thread.pillar_id, kind=thread.kind, title=title, author_id=root.author_id, label=thread.label, lang=root.lang, last_num=len(branch),
        organisation_id=thread.organisation_id if thread.label == Label.STRICT else root.author.root_id, created_at=root.created_at,
    )  # fmt: skip
    db.session.add(new)
    db.session.flush()
    stub = _stub_of(root)
    nums = {post.num: new_num for new_num, post in enumerate(sorted(branch, key=lambda post: post.num), 1)}
    _carry(branch, thread, new, nums, None)
    db.session.add(stub)
    thread.answered_num = None if thread.answered_num in nums else thread.answered_num
    _carry_reading(thread, new, nums)
    _settle(thread, new)
    if new.label == Label.CLEAR:
        ask_to_be_public(new)
    live.publish(f"thread {thread.id}", "removed", thread=thread.id, num=num)
    record(actor, "thread.split", ("thread", thread.id), reason, into=new.id, first=num, posts=len(branch))
    return new


def _branch(thread: Thread, num: int) -> list[Post]:
    """A post and everything below it, parents before children. The deepest answers stand beside their parents, so ``parent_id`` tells."""
    root = db.session.scalar(select(Post).where(Post.thread_id == thread.id, Post.num == num, Post.standing == Standing.SHOWN))
    if root is None or num == 1:
        raise NotThere
    above = root.path[: DEEPEST * STEP]
    near = select(Post).where(Post.thread_id == thread.id, Post.path >= above, Post.path < above + "{").order_by(Post.num)
    inside, branch = {root.id}, [root]
    for post in db.session.scalars(near):
        if post.parent_id in inside:
            inside.add(post.id)
            branch.append(post)
    return branch


def _stub_of(root: Post) -> Post:
    return Post(
        thread_id=root.thread_id, num=root.num, parent_id=root.parent_id, path=root.path, depth=root.depth, author_id=root.author_id,
        client_id=f"moved-{secrets.token_hex(8)}", body_md=UserText(""), body_html=UserText(""), html_version=root.html_version, lang=root.lang,
        standing=Standing.MOVED, created_at=root.created_at,
    )  # fmt: skip


# --- merging -------------------------------------------------------------------------------------------------


def merge(actor: User, source: Thread, target: Thread, under: int | None, reason: UserText) -> None:
    """All posts of ``source`` answer post ``under`` of ``target``; those that came from there take their numbers, and by default their place, again.

    Raises ``NotThere`` and ``TooWide``.
    """
    for thread in sorted((source, target), key=lambda thread: thread.id):
        policy.require(actor, "thread.operate", thread)
        lock_row(thread)
    _refuse_wider(source, target)
    posts = list(db.session.scalars(select(Post).where(Post.thread_id == source.id, Post.standing != Standing.MOVED).order_by(Post.num)))
    former: dict[int, int] = {row.post_id: row.num for row in db.session.scalars(select(MovedPost).where(MovedPost.thread_id == target.id))}
    parent = _parent_in(target, former.get(posts[0].id), under)
    counts.leave(source)
    counts.leave(target)
    _forget_stubs(source, target, [former[post.id] for post in posts if post.id in former])
    nums = {}
    for post in posts:
        target.last_num += post.id not in former
        nums[post.num] = former.get(post.id, target.last_num)
    _carry(posts, source, target, nums, parent)
    _carry_reading(source, target, nums)
    source.standing = Standing.MOVED
    review.close_all(("thread", source.id))
    db.session.execute(delete(ReadState).where(ReadState.thread_id == source.id))
    _settle(source, target)
    for thread in (source, target):
        live.publish(f"thread {thread.id}", "removed", thread=thread.id, num=1)
    record(actor, "thread.merge", ("thread", source.id), reason, into=target.id, posts=len(posts))


def _refuse_wider(source: Thread, target: Thread) -> None:
    if source.id == target.id:
        raise NotThere
    wider = Label.ALL.index(target.label) < Label.ALL.index(source.label)
    other_house = Label.STRICT in (source.label, target.label) and source.organisation_id != target.organisation_id
    if wider or other_house or (target.cleared_at is not None and source.label != Label.CLEAR):
        raise TooWide


def _parent_in(target: Thread, former: int | None, under: int | None) -> Post:
    """The post to stand under: the one named, else where the branch once stood, else the opening."""
    if under is None and former is not None:
        stub = db.session.scalar(select(Post).where(Post.thread_id == target.id, Post.num == former, Post.standing == Standing.MOVED))
        if stub is not None and stub.parent is not None:
            return stub.parent
    parent = db.session.scalar(select(Post).where(Post.thread_id == target.id, Post.num == (under or 1), Post.standing == Standing.SHOWN))
    if parent is None:
        raise NotThere
    return parent


def _forget_stubs(source: Thread, target: Thread, nums: Sequence[int]) -> None:
    here = (Post.thread_id == target.id, Post.num.in_(nums))
    db.session.execute(delete(Post).where(Post.standing == Standing.MOVED, or_(Post.thread_id == source.id, Post.id.in_(select(Post.id).where(*here)))))
    db.session.execute(delete(MovedPost).where(MovedPost.thread_id == target.id, MovedPost.num.in_(nums)))


# --- both ----------------------------------------------------------------------------------------------------


def _carry(posts: Sequence[Post], source: Thread, target: Thread, nums: dict[int, int], parent: Post | None) -> None:
    """Give posts their new places; their old addresses lead on. Posts come with parents before children."""
    places: dict[int, Place] = {parent.id: Place(parent.num, parent.path, parent.depth)} if parent else {}
    root_id, rows, left = posts[0].id, [], []
    for post in sorted(posts, key=lambda post: post.path):
        above = places.get(parent.id) if parent and post.id == root_id else places.get(post.parent_id or 0)
        num = nums[post.num]
        path = (above.path[: DEEPEST * STEP] if above else "") + base36(num)
        places[post.id] = Place(num, path, min(above.depth + 1, DEEPEST) if above else 0)
        parent_id = (parent.id if parent else None) if post.id == root_id else post.parent_id
        rows.append({"id": post.id, "thread_id": target.id, "num": num, "path": path, "depth": places[post.id].depth, "parent_id": parent_id})
        left.append({"thread_id": source.id, "num": post.num, "post_id": post.id})
    db.session.execute(update(Post), rows)
    db.session.execute(MovedPost.__table__.insert(), left)  # type: ignore[attr-defined]
    _carry_news(source, target, nums)
    db.session.expire_all()


def _carry_news(source: Thread, target: Thread, nums: dict[int, int]) -> None:
    """Notifications and drafts of edits that name a post by its number."""
    about = or_(Notification.first_num.in_(nums), Notification.last_num.in_(nums))
    for row in db.session.scalars(select(Notification).where(Notification.thread_id == source.id, about)):
        if row.last_num in nums:
            row.thread_id, row.first_num, row.last_num = target.id, nums.get(row.first_num or 0, nums[row.last_num]), nums[row.last_num]
        else:
            row.first_num = row.last_num
        row.subject = _subject_moved(row, source, target, nums)
    places = {at_post(source.id, num): at_post(target.id, new_num) for num, new_num in nums.items()}
    for draft in db.session.scalars(select(Draft).where(Draft.place.in_(places))):
        draft.place = places[draft.place]


def _subject_moved(row: Notification, source: Thread, target: Thread, nums: dict[int, int]) -> str:
    """What a row is collapsed under: later news of the source must not fall together with it."""
    about, _slash, num = row.subject.rpartition("/")
    if about == f"post {source.id}" and int(num) in nums:
        return f"post {target.id}/{nums[int(num)]}"
    return f"moved {row.id} {row.subject}"


def _carry_reading(source: Thread, target: Thread, nums: dict[int, int]) -> None:
    """Who had read a post there has read it here; the numbers read in the source stay as they are."""
    db.session.flush()
    there = {row.user_id: row for row in db.session.scalars(select(ReadState).where(ReadState.thread_id == target.id))}
    for state in db.session.scalars(select(ReadState).where(ReadState.thread_id == source.id)).all():
        was = read_set(state)
        have = {new_num for num, new_num in nums.items() if num in was}
        row = there.get(state.user_id)
        if row is None and have:
            row = ReadState(user_id=state.user_id, thread_id=target.id, read_upto=0, beyond=b"", read_shown=0)
            db.session.add(row)
        if row is not None:
            row.read_upto, row.beyond = read_set(row).leaving(set(nums.values()) - have).with_read(have).stored()


def _settle(*threads: Thread) -> None:
    """Count anew what a thread shows and who has read how much of it, and let it be counted."""
    db.session.flush()
    for thread in threads:
        shown = set(db.session.scalars(select(Post.num).where(Post.thread_id == thread.id, Post.standing == Standing.SHOWN)))
        thread.shown_posts = len(shown)
        for state in db.session.scalars(select(ReadState).where(ReadState.thread_id == thread.id)):
            nums: ReadSet = reading.read_set(state)
            state.read_shown = sum(1 for num in shown if num in nums)
        standing.sum_up(thread)
        if thread.standing == Standing.SHOWN:
            counts.enter(thread)
