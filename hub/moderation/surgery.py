"""Moving a thread, splitting a branch off, merging one thread into another: in one unit of work, with one row in the audit.

Old addresses lead on, numbers in the source stay what they were, and what somebody had read stays read.
"""

import secrets
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, delete, exists, not_, or_, select
from sqlalchemy.orm import aliased

from hub import live, policy
from hub.accounts.models import User
from hub.audit.actions import record
from hub.db import UserText, db, lock_row
from hub.discussions import counts, standing
from hub.discussions.actions import STEP, ask_to_be_public
from hub.discussions.models import DEEPEST, Label, MovedPost, Post, ReadState, Standing, Thread
from hub.moderation.carrying import carry, carry_reading, carry_replies, settle
from hub.pillars.models import Pillar
from hub.review import actions as review


class NotThere(Exception):
    """The post that a branch begins with, or the thread or post it goes to, is not there."""


class TooWide(Exception):
    """The posts would be read by more people than the label they were written under allows."""


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
    if thread.standing != Standing.SHOWN:  # a flag hid it meanwhile
        raise NotThere
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
    carry(branch, thread, new, nums, None)
    db.session.add(stub)
    thread.answered_num = None if thread.answered_num in nums else thread.answered_num
    carry_reading(thread, new, nums)
    settle(thread, new)
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
    if source.standing != Standing.SHOWN or target.standing != Standing.SHOWN:  # a flag hid one meanwhile
        raise NotThere
    _refuse_wider(source, target)
    here = select(Post).where(Post.thread_id == source.id, not_(and_(Post.standing == Standing.MOVED, _leads_into(target))))
    posts = list(db.session.scalars(here.order_by(Post.num)))
    former: dict[int, int] = {row.post_id: row.num for row in db.session.scalars(select(MovedPost).where(MovedPost.thread_id == target.id))}
    away = {row.num: row.post_id for row in db.session.scalars(select(MovedPost).where(MovedPost.thread_id == source.id))}
    places = {post.num: former.get(away.get(post.num, 0) if post.standing == Standing.MOVED else post.id) for post in posts}
    parent = _parent_in(target, former.get(posts[0].id), under)
    counts.leave(source)
    counts.leave(target)
    _forget_stubs(source, target, posts, [former[post.id] for post in posts if post.id in former])
    nums = {}
    for num, place in sorted(places.items()):
        target.last_num += place is None
        nums[num] = place or target.last_num
    carry(posts, source, target, nums, parent)
    carry_reading(source, target, nums)
    carry_replies(source, target, nums)
    source.standing = Standing.MOVED
    review.close_all(("thread", source.id))
    db.session.execute(delete(ReadState).where(ReadState.thread_id == source.id))
    settle(source, target)
    if target.label == Label.CLEAR:
        ask_to_be_public(target)
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


def _leads_into(target: Thread) -> ColumnElement[bool]:
    """Of a stub: whether its branch stands in that thread."""
    gone = aliased(Post)
    return exists().where(MovedPost.thread_id == Post.thread_id, MovedPost.num == Post.num, gone.id == MovedPost.post_id, gone.thread_id == target.id)


def _forget_stubs(source: Thread, target: Thread, posts: Sequence[Post], nums: Sequence[int]) -> None:
    """Those of branches that are in one thread again."""
    left = and_(Post.thread_id == source.id, Post.id.not_in([post.id for post in posts if post.standing == Standing.MOVED]))
    here = and_(Post.thread_id == target.id, Post.num.in_(nums))
    db.session.execute(delete(Post).where(Post.standing == Standing.MOVED, or_(left, here)).execution_options(synchronize_session=False))
    db.session.execute(delete(MovedPost).where(MovedPost.thread_id == target.id, MovedPost.num.in_(nums)))
