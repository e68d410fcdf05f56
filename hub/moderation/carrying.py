"""Posts go from one thread into another, with what belongs to them: addresses, news, drafts, and what was read of them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select, update

from hub.db import db
from hub.discussions import counts, reading, standing
from hub.discussions.actions import STEP, base36
from hub.discussions.models import DEEPEST, MovedPost, Post, ReadState, Standing, Thread
from hub.discussions.places import at_post, at_thread
from hub.discussions.reading import ReadSet, read_set
from hub.drafts.models import Draft
from hub.notifications.models import Notification


@dataclass(frozen=True)
class Place:
    """Where a post stands."""

    num: int
    path: str
    depth: int


def carry(posts: Sequence[Post], source: Thread, target: Thread, nums: dict[int, int], parent: Post | None) -> None:
    """Give posts their new places; their old addresses lead on. Posts come with parents before children."""
    places: dict[int, Place] = {parent.id: Place(parent.num, parent.path, parent.depth)} if parent else {}
    root_id, rows = posts[0].id, []
    for post in sorted(posts, key=lambda post: post.path):
        above = places.get(parent.id) if parent and post.id == root_id else places.get(post.parent_id or 0)
        num = nums[post.num]
        path = (above.path[: DEEPEST * STEP] if above else "") + base36(num)
        places[post.id] = Place(num, path, min(above.depth + 1, DEEPEST) if above else 0)
        parent_id = (parent.id if parent else None) if post.id == root_id else post.parent_id
        rows.append({"id": post.id, "thread_id": target.id, "num": num, "path": path, "depth": places[post.id].depth, "parent_id": parent_id})
    left = [{"thread_id": source.id, "num": post.num, "post_id": post.id} for post in posts if post.standing != Standing.MOVED]
    db.session.execute(MovedPost.__table__.insert(), left + _stubs_carried(posts, source, target, nums))  # type: ignore[attr-defined]
    db.session.execute(update(Post), rows)
    _carry_news(source, target, nums)
    db.session.expire_all()


def _stubs_carried(posts: Sequence[Post], source: Thread, target: Thread, nums: dict[int, int]) -> list[dict[str, int]]:
    """A stub of an earlier branch goes along: its former address leads to the branch already, and so will its new one."""
    stubs = [post.num for post in posts if post.standing == Standing.MOVED]
    rows = db.session.scalars(select(MovedPost).where(MovedPost.thread_id == source.id, MovedPost.num.in_(stubs))).all() if stubs else []
    known = set(db.session.scalars(select(MovedPost.num).where(MovedPost.thread_id == target.id, MovedPost.num.in_([nums[num] for num in stubs]))))
    return [{"thread_id": target.id, "num": nums[row.num], "post_id": row.post_id} for row in rows if nums[row.num] not in known]


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


def carry_reading(source: Thread, target: Thread, nums: dict[int, int]) -> None:
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


def settle(*threads: Thread) -> None:
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


def carry_replies(source: Thread, target: Thread, nums: dict[int, int]) -> None:
    """Answers that members have begun in the source go on here, unless they have begun one here, too."""
    begun = set(db.session.scalars(select(Draft.user_id).where(Draft.place == at_thread(target.id))))
    for draft in db.session.scalars(select(Draft).where(Draft.place == at_thread(source.id))).all():
        if draft.user_id not in begun:
            chosen = json.loads(draft.choices)
            parent = str(chosen.get("parent") or "1")
            draft.place, draft.choices = at_thread(target.id), json.dumps(chosen | {"parent": str(nums.get(int(parent), 1))})
