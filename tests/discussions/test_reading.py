"""Unread is exact: in a tree and by time, under answers, deletions and several readers at once."""

import re
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from hub.accounts.models import User
from hub.db import db, now, unit_of_work
from hub.discussions import actions, counts, editing, marks, reading
from hub.discussions.models import Post, ReadState, Thread
from hub.discussions.reading import ReadSet
from tests.discussions.test_paging import grow
from tests.factories import MORE, World, empty


@given(st.lists(st.sets(st.integers(1, 80), max_size=12), max_size=8), st.integers(1, 80))
def test_a_read_set_is_a_set_of_numbers(batches, first):
    known, expected = ReadSet(), set()
    for batch in batches:
        known, expected = known.with_read(sorted(batch)), expected | batch
        upto, beyond = known.stored()
        assert ReadSet(upto, int.from_bytes(beyond, "little")) == known
    assert {num for num in range(1, 100) if num in known} == expected
    assert {num for num in range(1, 100) if num in known.without(first)} == {num for num in expected if num < first}


def test_a_read_set_of_five_thousand_numbers_is_small():
    _upto, beyond = ReadSet().with_read(range(2, 5_001)).stored()
    assert len(beyond) <= 625


OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["reply", "delete", "hide", "read", "unread from", "read all", "read pillar"]), st.integers(0, 2), st.integers(0, 30), st.booleans()), max_size=25
)  # fmt: skip


@settings(max_examples=20 * MORE, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(OPERATIONS)
def test_unread_equals_a_brute_force_model(migrated, operations):
    """Three people reply, delete, read pages of either order and mark unread; the numbers equal plain sets."""
    empty(migrated)
    world = World(migrated)
    people = [world.person(code) for code in ("LA", "TH", "VN")]
    thread_id = world.thread(people[0])
    shown, read = {1: 0}, [{1}, set(), set()]
    for verb, who, pick, in_tree in operations:
        nums = sorted(shown)
        chosen = nums[pick % len(nums)]
        with migrated.app_context(), unit_of_work():
            user, thread = db.session.get_one(User, people[who].user_id), db.session.get_one(Thread, thread_id)
            if verb == "reply":
                num = actions.reply(user, thread, chosen, PREPARED, "en", f"{len(shown)} {thread.last_num}").num
                shown[num] = who
                read[who].add(num)
            elif verb == "delete" and chosen != 1 and shown[chosen] == who:
                editing.delete_post(user, db.session.scalars(select(Post).where(Post.thread_id == thread_id, Post.num == chosen)).one())
                del shown[chosen]
            elif verb == "hide" and chosen != 1:  # as a moderator will
                thread.shown_posts -= 1
                reading.count_post(thread, chosen, -1)
                db.session.execute(update(Post).where(Post.thread_id == thread_id, Post.num == chosen).values(standing="hidden"))
                del shown[chosen]
            elif verb == "read pillar":
                marks.mark_pillar_read(user, thread.pillar, now())
                read[who] = set(range(1, thread.last_num + 1))
            elif verb == "read":
                key = Post.path if in_tree else Post.num
                page = db.session.scalars(select(Post.num).where(Post.thread_id == thread_id).order_by(key).offset(pick % 3).limit(4)).all()
                known, fresh = reading.state_of(user, thread_id), [num for num in page if num not in reading.read_set(reading.state_of(user, thread_id))]
                circle = counts.circle_of(thread)
                if in_tree:
                    reading.mark_read(user.id, circle, thread_id, page)
                else:
                    reading.note_page(user.id, circle, thread_id, reading.known_of(known), fresh)
                read[who] |= set(page)
            elif verb == "unread from":
                reading.mark_unread_from(user, thread, chosen)
                read[who] = {num for num in read[who] if num < chosen} | {num for num, author in shown.items() if author == who}
            elif verb == "read all":
                reading.mark_thread_read(user, thread, thread.last_num)
                read[who] = set(range(1, thread.last_num + 1))
    with migrated.app_context():
        thread = db.session.get_one(Thread, thread_id)
        for who, person in enumerate(people):
            user, state = db.session.get_one(User, person.user_id), db.session.get(ReadState, (person.user_id, thread_id))
            unread = set(shown) - read[who]
            assert thread.shown_posts - (state.read_shown if state else 0) == len(unread)
            order = db.session.scalars(select(Post.num).where(Post.thread_id == thread_id).order_by(Post.path)).all()
            assert reading.first_unread(user, thread, in_tree=True) == next((num for num in order if num in unread), None)
            assert reading.first_unread(user, thread, in_tree=False) == min(unread, default=None)
            assert counts.unread_by_pillar(user)[thread.pillar_id] == len(unread)


@pytest.fixture(scope="module", autouse=True)
def prepared(plain_app):
    from hub import text

    global PREPARED
    with plain_app.app_context():
        PREPARED = text.prepare("words")


def new_of(page: str, title: str) -> str:
    """The margin of a thread in a pillar's list."""
    return re.search(r'<p class="mg[^>]*>((?:(?!<li).)*?)</p>\s*<div class="item[^>]*><a class="title"[^>]*>' + title, page, re.S)[1]


def test_lists_say_how_many_are_new_and_a_visit_reads_them(world):
    author, reader = world.person("LA"), world.person("TH")
    thread = world.thread(author, title="Counted thread")
    for _n in range(3):
        world.reply(author, thread)
    assert "4 new" in new_of(reader.get("/pillars/protection").text, "Counted thread")
    assert "4 new" in reader.get("/").text
    page = reader.get(reader.get(f"/threads/{thread}").location).text
    assert page.count('<span class="new">new</span>') == 4
    assert "new" not in new_of(reader.get("/pillars/protection").text, "Counted thread")
    world.reply(author, thread)
    assert "1 new" in new_of(reader.get("/pillars/protection").text, "Counted thread")
    assert "new" not in new_of(author.get("/pillars/protection").text, "Counted thread")
    assert "Counted thread" in reader.get("/pillars/protection?unread=1").text
    assert "Counted thread" not in author.get("/pillars/protection?unread=1").text


def test_reading_the_last_page_of_a_tree_does_not_read_what_was_not_seen(world, app):
    author, reader = world.person("LA"), world.person("TH")
    thread = world.thread(author, title="Counted thread")
    grow(app, thread, author.user_id, 100)
    address = reader.get(f"/threads/{thread}").location
    page = reader.get(address + "?view=tree&before=end").text
    assert "Go to 80 more new" in page
    assert f'action="/threads/{thread}/read"' in page
    assert "80 new" in new_of(reader.get("/pillars/protection").text, "Counted thread")
    assert reader.get(f"/threads/{thread}/unread?view=tree").location.endswith("#post-1")
    reader.get(address + "?view=tree")
    assert "60 new" in new_of(reader.get("/pillars/protection").text, "Counted thread")
    first = reader.get(f"/threads/{thread}/unread?view=flat").location
    assert f'id="{first.partition("#")[2]}"' in reader.get(first).text


def test_unread_from_here_and_read_all(world):
    author, reader = world.person("LA"), world.person("TH")
    thread = world.thread(author, title="Counted thread")
    for by in (author, reader, author):
        world.reply(by, thread)
    reader.get(reader.get(f"/threads/{thread}").location)
    assert reader.post(f"/threads/{thread}/posts/2/unread").location == "/pillars/protection"
    assert "2 new" in new_of(reader.get("/pillars/protection").text, "Counted thread")
    reader.post(f"/threads/{thread}/read", upto="4")
    assert "new" not in new_of(reader.get("/pillars/protection").text, "Counted thread")
    assert reader.get(f"/threads/{thread}/unread").location.endswith("counted-thread")


def test_a_deleted_post_is_new_for_nobody(world):
    author, seen, unseen = world.person("LA"), world.person("TH"), world.person("PH")
    thread = world.thread(author, title="Counted thread")
    world.reply(author, thread)
    seen.get(seen.get(f"/threads/{thread}").location)
    author.post(f"/threads/{thread}/posts/2/delete")
    assert "new" not in new_of(seen.get("/pillars/protection").text, "Counted thread")
    assert "1 new" in new_of(unseen.get("/pillars/protection").text, "Counted thread")


def test_a_page_read_already_writes_nothing(world, app, monkeypatch):
    reader = world.person("TH")
    thread = world.thread(reader)
    address = reader.get(f"/threads/{thread}").location
    monkeypatch.setattr("hub.discussions.reading.note_page", lambda *_given: pytest.fail("written again"))
    assert reader.get(address).status_code == 200


def test_two_tabs_at_once_count_each_post_once(world, app):
    author, reader = world.person("LA"), world.person("TH")
    thread = world.thread(author)
    grow(app, thread, author.user_id, 40)
    address = reader.get(f"/threads/{thread}").location
    together = threading.Barrier(6)

    def visit(query):
        tab = type(reader)(world.app, world.app.test_client(), reader.user_id, reader.token)
        together.wait()
        tab.get(address + query)

    tabs = [threading.Thread(target=visit, args=(query,)) for query in ("?view=flat", "?view=tree", "?view=flat&after=20", "?view=flat", "?view=tree", "?view=flat&after=20")]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    state = world.one(select(ReadState.read_shown, ReadState.read_upto).where(ReadState.user_id == reader.user_id))
    assert state == (40, 40)
