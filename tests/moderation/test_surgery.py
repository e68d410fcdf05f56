"""Moving, splitting and merging: order, addresses, unread and counts hold."""

import json
import random

import pytest
from sqlalchemy import select

from hub.accounts.models import User
from hub.audit.models import AuditRow
from hub.db import db, unit_of_work
from hub.discussions import counts, reading
from hub.discussions.actions import base36
from hub.discussions.models import MovedPost, Post, PostCount, ReadState, Thread
from hub.drafts.models import Draft
from hub.notifications.models import Notification
from hub.pillars.models import Pillar
from hub.review.models import ReviewItem
from tests.discussions.test_paging import grow

WHY = "It went another way"


def read_of(app, person, thread):
    """Numbers of shown posts that a person has read, by counting."""
    with app.app_context():
        nums = reading.read_set(db.session.get(ReadState, (person.user_id, thread)))
        return {num for num in db.session.scalars(select(Post.num).where(Post.thread_id == thread, Post.standing == "shown")) if num in nums}


def check_counts(app, people, threads):
    """Every counter equals what is counted anew, post by post."""
    with app.app_context():
        stored = {(row.pillar_id, row.label, row.organisation_id): row.posts for row in db.session.scalars(select(PostCount)) if row.posts}
        unread = {person.user_id: counts.unread_by_pillar(db.session.get_one(User, person.user_id)) for person in people}
    for thread in threads:
        shown = read_all = None
        with app.app_context():
            row = db.session.get_one(Thread, thread)
            shown = set(db.session.scalars(select(Post.num).where(Post.thread_id == thread, Post.standing == "shown")))
            assert row.shown_posts == len(shown)
            for person in people:
                state = db.session.get(ReadState, (person.user_id, thread))
                read_all = {num for num in shown if num in reading.read_set(state)}
                assert (state.read_shown if state else 0) == len(read_all)
    with app.app_context(), unit_of_work():
        counts.recount()
    with app.app_context():
        assert {(row.pillar_id, row.label, row.organisation_id): row.posts for row in db.session.scalars(select(PostCount)) if row.posts} == stored
        assert {person.user_id: counts.unread_by_pillar(db.session.get_one(User, person.user_id)) for person in people} == unread


def order_of(app, thread):
    with app.app_context():
        return [tuple(row) for row in db.session.execute(select(Post.client_id, Post.depth, Post.body_md).where(Post.thread_id == thread).order_by(Post.path))]


def under(app, thread, root, posts, first):
    """Hang ``posts`` posts into a chain-and-fan branch below ``root``: their numbers."""
    with app.app_context(), unit_of_work():
        at = db.session.scalars(select(Post).where(Post.thread_id == thread, Post.num == root)).one()
        places = {root: (at.id, at.path, at.depth)}
        for num in range(first, first + posts - 1):
            parent = root if num % 4 else (num - 1 if num > first else root)
            parent_id, path, depth = places[parent]
            post = Post(
                thread_id=thread, num=num, parent_id=parent_id, path=path + base36(num), depth=depth + 1, author_id=at.author_id, client_id=f"branch {num}",
                body_md=at.body_md, body_html=at.body_html, html_version=1, lang="en",
            )  # fmt: skip
            db.session.add(post)
            db.session.flush()
            places[num] = (post.id, post.path, post.depth)
        row = db.session.get_one(Thread, thread)
        row.last_num += posts - 1
        row.shown_posts += posts - 1
        counts.recount()
    return [root, *range(first, first + posts - 1)]


def test_a_branch_of_300_leaves_a_thread_of_5000_and_comes_back(world, app, moderator):
    author, readers = world.person("LA"), [world.person("TH"), world.person("VN"), world.person("KH")]
    thread = world.thread(author)
    grow(app, thread, author.user_id, 4_701)
    branch = under(app, thread, 2_002, 300, 4_702)
    chance = random.Random(7)
    with app.app_context():
        for reader in readers[:2]:
            with unit_of_work():
                row = db.session.get_one(Thread, thread)
                reading.mark_read(reader.user_id, counts.circle_of(row), thread, chance.sample(range(1, 5_001), 2_500))
    people = [author, *readers, moderator]
    before, was_read = order_of(app, thread), {person.user_id: read_of(app, person, thread) for person in people}
    answer = moderator.post(f"/threads/{thread}/split", num="2002", title="A branch of its own", reason=WHY)
    assert answer.status_code == 303, answer.text
    new = world.one(select(Thread.id).order_by(Thread.id.desc()).limit(1)).id
    assert world.one(select(Thread.shown_posts, Thread.last_num).where(Thread.id == new)) == (300, 300)
    numbered = {num: place for place, num in enumerate(sorted(branch), 1)}
    for person in people:
        read = was_read[person.user_id]
        assert read_of(app, person, new) == {numbered[num] for num in read & set(branch)}
        assert read_of(app, person, thread) == read - set(branch)
    check_counts(app, people, (thread, new))
    visitor = world.person("MM")
    for num in (2_002, 4_702, 4_850, 5_000):
        answer = visitor.get(f"/threads/{thread}/posts/{num}")
        assert answer.status_code == 301
        assert answer.location.endswith(f"#post-{numbered[num]}")
        assert f'id="post-{numbered[num]}"' in visitor.get(answer.location).text
    page = visitor.get(visitor.get(f"/threads/{thread}/posts/2001").location).text
    assert "Post 2002 and what answers it are in a thread of their own" in page
    with app.app_context():
        shape = [row for row in before if row[0] in {f"branch {num}" for num in branch} | {"grown 2002"}]
        first_depth = shape[0][1]
        assert [(row[0], row[1]) for row in order_of(app, new)] == [(row[0], row[1] - first_depth) for row in shape]

    world.reply(readers[0], new, 1, body="Written after the split.")
    answer = moderator.post(f"/threads/{new}/merge", into=f"http://localhost/threads/{thread}", reason=WHY)
    assert answer.status_code == 303, answer.text
    after = order_of(app, thread)
    assert [row for row in after if row[2] != "Written after the split."] == before
    assert len(after) == 5_001
    for person in people:
        late = {5_001} if person is readers[0] else set()
        assert read_of(app, person, thread) == was_read[person.user_id] | late
    check_counts(app, people, (thread, new))
    assert visitor.get(f"/threads/{new}").location.endswith("#post-2002")
    assert visitor.get(f"/threads/{new}/posts/2").location.endswith("#post-4702")
    for num in (2_002, 4_850):
        assert visitor.get(f"/threads/{thread}/posts/{num}").location.endswith(f"#post-{num}")
    assert world.all(select(MovedPost.num).where(MovedPost.thread_id == thread)) == []
    rows = world.all(select(AuditRow.action, AuditRow.details).where(AuditRow.action.like("thread.%")).order_by(AuditRow.seq))
    assert [row.action for row in rows] == ["thread.split", "thread.merge"]
    assert json.loads(rows[0].details) == {"into": new, "first": 2_002, "posts": 300}


def test_a_thread_moves_to_another_pillar_with_its_counts(world, app, moderator):
    author, reader = world.person("LA"), world.person("TH")
    thread = world.thread(author, pillar="protection")
    world.reply(author, thread)
    reader.get(f"/threads/{thread}", follow_redirects=True)
    world.reply(author, thread)
    assert moderator.post(f"/threads/{thread}/move", pillar="prevention", reason=WHY).status_code == 303
    with app.app_context():
        prevention = db.session.scalars(select(Pillar.id).where(Pillar.slug == "prevention")).one()
        unread = counts.unread_by_pillar(db.session.get_one(User, reader.user_id))
        assert unread[prevention] == 1
        assert sum(unread.values()) == 1
    check_counts(app, [author, reader], [thread])


def test_merging_gives_nothing_to_more_readers(world, moderator):
    author = world.person("LA")
    amber, green = world.thread(author, label="TLP:AMBER"), world.thread(author)
    answer = moderator.post(f"/threads/{amber}/merge", into=str(green), reason=WHY)
    assert answer.status_code == 400
    assert "label is wider" in answer.text
    assert moderator.post(f"/threads/{green}/merge", into=str(amber), reason=WHY).status_code == 303
    assert world.one(select(Thread.standing).where(Thread.id == green))[0] == "moved"
    partner = world.person(world.body_id(), role="partner")
    assert partner.get(f"/threads/{green}").status_code == 404
    assert world.person("TH").get(f"/threads/{green}").status_code == 301


@pytest.mark.parametrize(("into", "under"), [("", ""), ("nonsense", ""), ("999999", ""), ("{self}", ""), ("{other}", "77")])
def test_a_merge_that_cannot_be_is_refused_with_what_was_typed(world, moderator, into, under):
    author = world.person("LA")
    thread, other = world.thread(author), world.thread(author)
    answer = moderator.post(f"/threads/{thread}/merge", into=into.format(self=thread, other=other), under=under, reason=WHY)
    assert answer.status_code == 400
    assert WHY in answer.text


def test_an_opening_or_a_missing_post_is_not_split_off(world, moderator):
    thread = world.thread(world.person("LA"))
    for num in ("1", "2", "x", ""):
        assert moderator.post(f"/threads/{thread}/split", num=num, title="A long title", reason=WHY).status_code == 400
    assert len(world.all(select(Thread.id))) == 1


def test_news_of_a_moved_post_leads_to_it_and_later_news_are_their_own(world, moderator):
    author, other = world.person("LA"), world.person("TH")
    thread = world.thread(author)
    mine = world.reply(author, thread)
    world.reply(other, thread, mine)
    moderator.post(f"/threads/{thread}/split", num=str(mine), title="A branch of its own", reason=WHY)
    new = world.one(select(Thread.id).order_by(Thread.id.desc()).limit(1)).id
    row = world.one(select(Notification).where(Notification.user_id == author.user_id))[0]
    assert (row.thread_id, row.first_num, row.last_num, row.subject) == (new, 2, 2, f"post {new}/1")
    world.reply(other, thread, 1)
    assert len(world.all(select(Notification.id).where(Notification.user_id == author.user_id))) == 2


def test_the_deepest_branch_is_split_whole(world, app, moderator):
    author = world.person("LA")
    thread, num = world.thread(author), 1
    for _step in range(30):
        num = world.reply(author, thread, num)
    moderator.post(f"/threads/{thread}/split", num="27", title="From the depth", reason=WHY)
    new = world.one(select(Thread).order_by(Thread.id.desc()).limit(1))[0]
    assert new.shown_posts == 5
    moderator.post(f"/threads/{new.id}/merge", into=str(thread), reason=WHY)
    assert world.one(select(Thread.shown_posts).where(Thread.id == thread))[0] == 31
    check_counts(app, [author], [thread])


def test_a_branch_takes_an_earlier_stub_along_and_brings_it_home(world, app, moderator):
    author = world.person("LA")
    thread = world.thread(author)
    for parent in (1, 2, 3, 2):
        world.reply(author, thread, parent)
    moderator.post(f"/threads/{thread}/split", num="3", title="The inner branch", reason=WHY)
    inner = world.one(select(Thread.id).order_by(Thread.id.desc()).limit(1)).id
    assert moderator.post(f"/threads/{thread}/split", num="2", title="The outer branch", reason=WHY).status_code == 303
    outer = world.one(select(Thread.id).order_by(Thread.id.desc()).limit(1)).id
    rows = {row.num: row.standing for row in world.posts(outer)}
    assert rows == {1: "shown", 2: "moved", 3: "shown"}
    for address in (f"/threads/{thread}/posts/3", f"/threads/{outer}/posts/2"):
        assert author.get(address).location.startswith(f"/threads/{inner}")
    assert moderator.post(f"/threads/{outer}/merge", into=str(thread), reason=WHY).status_code == 303
    assert {row.num: row.standing for row in world.posts(thread)} == {1: "shown", 2: "shown", 3: "moved", 5: "shown"}
    assert author.get(f"/threads/{thread}/posts/3").location.startswith(f"/threads/{inner}")
    assert moderator.post(f"/threads/{inner}/merge", into=str(thread), reason=WHY).status_code == 303
    assert sorted(row.num for row in world.posts(thread) if row.standing == "shown") == [1, 2, 3, 4, 5]
    check_counts(app, [author], [thread])


def test_begun_answers_go_along_with_a_merge_and_a_wider_thread_asks_again(world, moderator):
    author, other = world.person("LA"), world.person("TH")
    thread, target = world.thread(author, label="TLP:CLEAR"), world.thread(author, label="TLP:CLEAR")
    num = world.reply(author, thread)
    other.post(f"/threads/{thread}/draft", body="Begun here", lang="en", parent=str(num))
    author.post(f"/threads/{thread}/draft", body="Begun at the source", lang="en")
    author.post(f"/threads/{target}/draft", body="Begun at the target", lang="en")
    moderator.post(f"/threads/{thread}/merge", into=str(target), reason=WHY)
    rows = {(row.user_id, row.body): row for row in (row[0] for row in world.all(select(Draft)))}
    moved = rows[other.user_id, "Begun here"]
    assert (moved.place, json.loads(moved.choices)["parent"]) == (f"thread/{target}", "3")
    assert rows[author.user_id, "Begun at the target"].place == f"thread/{target}"
    assert rows[author.user_id, "Begun at the source"].place == f"thread/{thread}"
    assert world.one(select(ReviewItem.target_id).where(ReviewItem.kind == "public", ReviewItem.closed_at.is_(None)))[0] == target
