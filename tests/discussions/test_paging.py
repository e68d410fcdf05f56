"""Pages of long threads: every post is reachable by links, in the same few statements at any size."""

import re

import pytest
from sqlalchemy import event, insert, select

from hub.db import db, unit_of_work
from hub.discussions import counts
from hub.discussions.actions import base36, path_below
from hub.discussions.models import Post, Thread
from tests.discussions.test_threads import post_ids

MOST_FOR_A_LIST, MOST_FOR_A_THREAD, MOST_FOR_A_MEMBER, MOST_FOR_THE_FRONT = 7, 8, 9, 10


def grow(app, thread_id: int, author_id: int, posts: int) -> None:
    """Fill a thread up to ``posts``: every third answers the one before, the others the opening."""
    with app.app_context(), unit_of_work():
        opening = db.session.scalars(select(Post).where(Post.thread_id == thread_id)).one()
        paths, rows = {1: opening.path}, []
        ids = {1: opening.id}
        for num in range(2, posts + 1):
            parent = num - 1 if num % 3 == 0 else 1
            paths[num] = paths[parent] + base36(num)
            ids[num] = 10_000_000 + num
            rows.append({
                "id": ids[num], "thread_id": thread_id, "num": num, "parent_id": ids[parent], "path": paths[num], "depth": len(paths[num]) // 4 - 1,
                "author_id": author_id, "client_id": f"grown {num}", "body_md": opening.body_md, "body_html": opening.body_html,
                "html_version": 1, "lang": "en", "revision": 1, "standing": "shown", "created_at": opening.created_at,
            })  # fmt: skip
        db.session.execute(insert(Post), rows)
        thread = db.session.get_one(Thread, thread_id)
        thread.last_num = thread.shown_posts = posts
        counts.recount()


@pytest.fixture
def statements(app):
    """Statements sent while a block runs; transaction brackets are not counted."""
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_more):
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")):
            seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("view", ["tree", "flat"])
def test_next_leads_through_every_post_and_previous_back(world, app, view):
    reader = world.person()
    thread = world.thread(reader)
    grow(app, thread, reader.user_id, 87)
    address = reader.get(f"/threads/{thread}").location
    page, seen, pages = reader.get(f"{address}?view={view}").text, [], 1
    while True:
        seen += post_ids(page)
        link = re.search(r'rel="next" href="([^"]+)"', page)
        if not link:
            break
        page, pages = reader.get(link[1].replace("&amp;", "&")).text, pages + 1
    assert sorted(seen) == list(range(1, 88))
    assert len(seen) == 87
    if view == "flat":
        assert seen == sorted(seen)
    back = post_ids(page)
    while link := re.search(r'rel="prev" href="([^"]+)"', page):
        page = reader.get(link[1].replace("&amp;", "&")).text
        back += post_ids(page)
    assert set(back) == set(range(1, 88))
    assert "before=end" in reader.get(f"{address}?view={view}").text
    assert post_ids(reader.get(f"{address}?view={view}&before=end").text)[-1] == seen[-1]


@pytest.mark.parametrize("view", ["tree", "flat"])
def test_a_permalink_leads_to_the_page_that_shows_the_post(world, app, view):
    reader = world.person()
    thread = world.thread(reader)
    grow(app, thread, reader.user_id, 60)
    for num in (1, 2, 19, 20, 21, 22, 33, 59, 60):
        answer = reader.get(f"/threads/{thread}/posts/{num}?view={view}")
        assert answer.location.endswith(f"#post-{num}")
        assert num in post_ids(reader.get(answer.location).text)
    assert reader.get(f"/threads/{thread}/posts/61").status_code == 404


def test_numbers_that_lead_nowhere_show_the_first_page(world):
    reader = world.person()
    thread = world.thread(reader)
    address = reader.get(f"/threads/{thread}").location
    for query in ("after=999", "before=999", "after=-1", "after=x", "before=99999999999999999999", "after=%D9%A3", "view=odd", "reply=999"):
        answer = reader.get(f"{address}?{query}")
        assert answer.status_code == 200
        assert post_ids(answer.text) == [1]


@pytest.mark.parametrize("size", [100, 5_000])
def test_a_thread_page_takes_the_same_statements_at_any_size(world, app, statements, size):
    reader = world.person()
    thread = world.thread(reader)
    grow(app, thread, reader.user_id, size)
    address = reader.get(f"/threads/{thread}").location
    for query in ("view=tree", "view=flat", "view=tree&before=end", f"view=tree&after={size // 2}", f"view=flat&before={size // 2}"):
        statements.clear()
        assert reader.get(f"{address}?{query}").status_code == 200
        assert len(statements) <= MOST_FOR_A_THREAD, statements  # what is new is noted once
        statements.clear()
        assert reader.get(f"{address}?{query}").status_code == 200
        assert len(statements) == 3, statements  # session and member; the thread, its topics, what was read and begun; the posts


@pytest.mark.parametrize("count", [3, 60])
def test_lists_take_the_same_statements_at_any_size(world, statements, count):
    moderator, admin = world.person("SG", is_moderator=True), world.person(world.body_id(), is_admin=True)
    states = ("BN", "KH", "ID", "LA", "MY", "MM", "PH", "SG", "TH", "TL", "VN")
    for n in range(count):
        author = world.person(states[n % 11], title=f"Officer {n}")
        world.thread(author, title=f"Thread number {n}", label=("TLP:GREEN", "TLP:CLEAR", "TLP:AMBER")[n % 3])
        world.person("LA", title=f"Colleague {n}")
        thread = world.thread(author, title=f"Another thread {n}")
        moderator.post(f"/threads/{thread}/posts/1/bookmark", on="1")
        moderator.post(f"/threads/{thread}/draft", body="begun", lang="en")
    lao = world.organisation_id("LA")
    addresses = [moderator.get(f"/people/{author.user_id}").location, moderator.get(f"/organisations/{lao}").location]
    filters = "kind=question&lang=en&label=TLP:GREEN&answered=no&unread=1"
    paths = ("/pillars/protection", f"/pillars/protection?{filters}", "/pillars", "/", "/people", "/people?state=LA&language=lo&pillar=protection",
             "/people?q=officer+task&expertise=x&availability=open", "/organisations", "/new", "/bookmarks", "/drafts", "/suggestions?q=off")  # fmt: skip
    for path in (*paths, *addresses):
        statements.clear()
        assert moderator.get(path).status_code == 200
        most = MOST_FOR_A_MEMBER if path in addresses else MOST_FOR_THE_FRONT if path == "/" else MOST_FOR_A_LIST
        assert len(statements) <= most, (path, statements)
    statements.clear()
    assert admin.get(f"/organisations/{lao}/members").status_code == 200
    assert len(statements) <= MOST_FOR_A_LIST


def test_threads_are_listed_a_page_at_a_time(world):
    reader = world.person()
    titles = {f"Thread number {n}" for n in range(60)}
    for title in titles:
        world.thread(reader, title=title)
    page, seen = reader.get("/pillars/protection").text, []
    while True:
        seen += re.findall(r"Thread number \d+", page)
        link = re.search(r'rel="next" href="([^"]+)"', page)
        if not link:
            break
        page = reader.get(link[1]).text
    assert len(seen) == 60
    assert set(seen) == titles
    for cursor in ("x", "1-", "-1", "99999999999999999999-1", "1-99999999999999999999"):
        assert reader.get(f"/pillars/protection?before={cursor}").status_code == 200


def test_beyond_the_deepest_level_answers_stand_beside_their_parent(world):
    reader = world.person()
    thread = world.thread(reader)
    for num in range(1, 40):
        world.reply(reader, thread, num)
    rows = world.posts(thread)
    assert max(row.depth for row in rows) == 24
    assert max(len(row.path) for row in rows) == 100
    page = reader.get(reader.get(f"/threads/{thread}").location + "?view=tree&before=end").text
    assert "in reply to post 39" in page
    assert sorted(post_ids(page)) == list(range(21, 41))


def test_paths_sort_like_the_tree():
    assert [base36(n) for n in (1, 35, 36, 36**4 - 1)] == ["0001", "000z", "0010", "zzzz"]
    assert path_below(None, 1) == "0001"


@pytest.fixture
def sent(app):
    """Statements with their parameters, as they went to the database."""
    seen: list[tuple] = []

    def note(_connection, _cursor, statement, parameters, *_more):
        if statement.startswith("SELECT post.id, post.num, post.depth"):
            seen.append((statement, parameters))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_every_page_of_a_long_thread_fetches_as_many_rows_by_an_index(world, app, sent):
    reader = world.person()
    thread = world.thread(reader)
    grow(app, thread, reader.user_id, 5_000)
    address = reader.get(f"/threads/{thread}").location
    pages = {"first": "", "middle": "&after=2500", "back": "&before=2500", "last": "&before=end"}
    for view in ("tree", "flat"):
        shapes = set()
        for name, query in pages.items():
            sent.clear()
            assert len(post_ids(reader.get(f"{address}?view={view}{query}").text)) == 20
            assert len(sent) == 1
            with app.app_context(), db.engine.connect() as connection:
                fetched = connection.exec_driver_sql(*sent[0]).fetchall()
                assert len(fetched) == 21, (view, name)
                if db.engine.dialect.name == "sqlite":
                    plan = " ".join(row[3] for row in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + sent[0][0], sent[0][1]))
                    assert re.search(r"SEARCH post USING (COVERING )?INDEX \w+ \(thread_id=\?", plan), plan  # the page, by the order it is read in
                    assert [name[:5] for name in re.findall(r"SCAN (\w+)", plan)] == ["anon_"], plan  # its few rows
            shapes.add(re.sub(r"post\.(path|num) [<>] .*", "", sent[0][0].partition("WHERE")[0]))
        assert len(shapes) == 1
        for num in (1, 2, 2_500, 4_999, 5_000):
            assert num in post_ids(reader.get(reader.get(f"/threads/{thread}/posts/{num}?view={view}").location).text)
