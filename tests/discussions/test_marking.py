"""Bookmarks, answers, what was on screen, what is new: each exact, each for its owner alone."""

import re

from sqlalchemy import select

from hub.discussions.models import Bookmark, Post, Shown, Thread
from tests.discussions.test_paging import grow


def page_of(browser, thread, query=""):
    return browser.get(browser.get(f"/threads/{thread}").location + query).text


def test_a_bookmark_is_found_again_and_seen_by_nobody_else(world):
    author, reader = world.person("LA"), world.person("TH")
    thread = world.thread(author, title="Marked thread")
    num = world.reply(author, thread, body="the useful part")
    assert reader.post(f"/threads/{thread}/posts/{num}/bookmark", on="1").location.endswith(f"#post-{num}")
    reader.post(f"/threads/{thread}/posts/{num}/bookmark", on="1")
    assert len(world.all(select(Bookmark.post_id))) == 1
    assert "the useful part" in reader.get("/bookmarks").text
    assert "bookmarked" in page_of(reader, thread)
    assert "the useful part" not in author.get("/bookmarks").text
    assert "bookmarked" not in page_of(author, thread)
    world.change(Thread, thread, label="TLP:AMBER+STRICT")
    assert "Marked thread" not in reader.get("/bookmarks").text
    world.change(Thread, thread, label="TLP:GREEN")
    author.post(f"/threads/{thread}/posts/{num}/delete")
    assert "Marked thread" not in reader.get("/bookmarks").text
    assert world.all(select(Bookmark.post_id)) == []


def test_bookmarks_are_paged_the_last_marked_first(world, app):
    reader = world.person()
    thread = world.thread(reader)
    for _n in range(59):
        world.reply(reader, thread)
    for num in range(1, 61):
        reader.post(f"/threads/{thread}/posts/{num}/bookmark", on="1")
    seen, path = [], "/bookmarks"
    while path:
        page = reader.get(path).text
        seen += [int(num) for num in re.findall(rf'href="/threads/{thread}/posts/(\d+)"', page)]
        link = re.search(r'rel="next" href="([^"]+)"', page)
        path = link[1] if link else ""
    assert seen == list(range(60, 0, -1))


def test_the_asker_or_a_moderator_says_which_post_answers(world):
    asker, other, moderator = world.person("LA"), world.person("TH"), world.person("SG", is_moderator=True)
    thread = world.thread(asker, title="Asked thread")
    num = world.reply(other, thread, body="This is how.")
    assert other.post(f"/threads/{thread}/posts/{num}/answer", on="1").status_code == 403
    assert "This answers it" not in page_of(other, thread)
    assert "This answers it" in page_of(asker, thread)
    asker.post(f"/threads/{thread}/posts/{num}/answer", on="1")
    assert f"Answered in post {num}." in page_of(other, thread)
    assert "Asked thread" in other.get("/pillars/protection?answered=yes").text
    assert "Asked thread" not in other.get("/pillars/protection?answered=no").text
    moderator.post(f"/threads/{thread}/posts/{num}/answer", on="0")
    assert "Answered in" not in page_of(other, thread)
    assert "Asked thread" in other.get("/pillars/protection?answered=no").text
    asker.post(f"/threads/{thread}/posts/{num}/answer", on="1")
    other.post(f"/threads/{thread}/posts/{num}/delete")
    assert "Answered in" not in page_of(asker, thread)
    assert asker.post(f"/threads/{thread}/posts/1/answer", on="1").status_code == 303
    assert world.one(select(Thread.answered_num)).answered_num is None


def test_a_page_that_reports_what_was_on_screen_is_believed_and_a_page_without_counts_when_served(world, app):
    author, reader = world.person("LA"), world.person("TH")
    thread = world.thread(author)
    grow(app, thread, author.user_id, 12)
    reader.client.set_cookie("beacon", "1", domain="localhost")
    page_of(reader, thread)
    assert "12 new" in reader.get("/pillars/protection").text
    assert reader.post(f"/threads/{thread}/seen", nums="1,2,3,999,x,-4,٣").status_code == 204
    assert "9 new" in reader.get("/pillars/protection").text
    reader.post(f"/threads/{thread}/seen", nums="2,3,4")
    assert "8 new" in reader.get("/pillars/protection").text
    reader.client.delete_cookie("beacon", domain="localhost")
    page_of(reader, thread)
    assert "new" not in re.sub("With new posts|class=\"new\"", "", reader.get("/pillars/protection").text.partition('<ul class="list')[2].partition("</ul>")[0])


def test_a_page_fetched_aside_is_noted_as_shown_and_not_as_read(world):
    author, reader = world.person("LA"), world.person("TH")
    thread = world.thread(author)
    world.reply(author, thread)
    address = reader.get(f"/threads/{thread}").location
    world.reply(author, thread)
    assert reader.get(address, headers={"X-Aside": "1"}).status_code == 200
    assert len(world.all(select(Shown.post_id).where(Shown.user_id == reader.user_id))) == 3
    assert "3 new" in reader.get("/pillars/protection").text


def test_who_was_shown_a_post_is_noted_once_and_the_public_is_not(world):
    author, reader = world.person("LA"), world.person("TH")
    thread = world.thread(author, label="TLP:CLEAR")
    num = world.reply(author, thread)
    rows = select(Shown.user_id, Post.num).join(Post, Post.id == Shown.post_id)
    assert world.all(rows) == []
    for _visit in range(2):
        page_of(reader, thread)
        assert sorted(world.all(rows.where(Shown.user_id == reader.user_id))) == [(reader.user_id, 1), (reader.user_id, num)]
    world.stranger().get(f"/threads/{thread}")
    assert {row.user_id for row in world.all(rows)} == {reader.user_id}


def test_a_pillar_is_read_with_one_button_and_stays_exact(world):
    author, reader = world.person("LA"), world.person("TH")
    threads = [world.thread(author, label=label) for label in ("TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT")]
    world.thread(author, pillar="prevention")
    for thread in threads:
        world.reply(author, thread)
    assert "4 posts here that you have not read" in reader.get("/pillars/protection").text
    read_at = re.search(r'name="read_at" value="([^"]+)"', reader.get("/pillars/protection").text)[1]
    late = world.thread(author, title="Opened since")
    reader.post("/pillars/protection/read", read_at=read_at)
    assert "1 post here that you have not read" in reader.get("/pillars/protection").text
    page_of(reader, late)
    assert "that you have not read" not in reader.get("/pillars/protection").text
    assert "1 post here that you have not read" in reader.get("/pillars/prevention").text
    world.reply(author, threads[0])
    author.post(f"/threads/{threads[1]}/posts/2/delete")
    assert "1 post here that you have not read" in reader.get("/pillars/protection").text


def test_numbers_of_a_pillar_hold_nothing_one_may_not_read(world):
    author, partner, colleague = world.person("LA"), world.person(world.body_id(), role="partner"), world.person("LA")
    for label in ("TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT"):
        world.thread(author, label=label)
    assert "1 post here" in partner.get("/pillars/protection").text
    assert "3 posts here" in colleague.get("/pillars/protection").text


def test_new_since_the_last_visit_is_a_flat_list_of_what_is_unread(world, monkeypatch):
    from datetime import timedelta

    from hub.accounts.models import User
    from hub.db import now

    author, reader = world.person("LA"), world.person("TH")
    old = world.thread(author, title="Before the visit")
    world.change(Post, world.one(select(Post.id)).id, created_at=now() - timedelta(days=9))
    world.change(User, reader.user_id, visited_at=now() - timedelta(days=2))
    thread = world.thread(author, title="After the visit", body="Fresh **words** of the opening.")
    world.reply(reader, thread, body="my own words")
    world.thread(author, title="Strict thread", label="TLP:AMBER+STRICT")
    page = reader.get("/new").text
    assert "Fresh words of the opening." in page
    assert "my own words" not in page
    assert "Before the visit" not in page
    assert "Strict thread" not in page
    page_of(reader, thread)
    assert "After the visit" not in reader.get("/new").text
    assert "1 new" in reader.get("/new").text
    page_of(reader, old)
    assert "You have read everything that is new." in reader.get("/new").text


def test_a_visit_begins_after_half_an_hour_of_absence(world, monkeypatch):
    from datetime import timedelta

    from hub.accounts.actions import open_session
    from hub.accounts.models import User
    from hub.db import db, now, unit_of_work

    reader = world.person()

    def sign_in_after(absence):
        world.change(User, reader.user_id, seen_at=now() - absence)
        with world.app.app_context(), unit_of_work():
            open_session(db.session.get_one(User, reader.user_id))
        return world.one(select(User.visited_at).where(User.id == reader.user_id)).visited_at

    assert sign_in_after(timedelta(minutes=5)) is None
    began = sign_in_after(timedelta(days=3))
    assert now() - began > timedelta(days=2)
    assert sign_in_after(timedelta(minutes=5)) == began


def test_news_of_a_thread_are_numbers_of_others_posts_that_one_may_read(world):
    author, reader, partner = world.person("LA"), world.person("TH"), world.person(world.body_id(), role="partner")
    thread = world.thread(author, label="TLP:AMBER")
    for by in (author, reader, author):
        world.reply(by, thread)
    author.post(f"/threads/{thread}/posts/4/delete")
    assert reader.get(f"/threads/{thread}/news?after=1").json == {"nums": [2], "gone": [4]}
    assert reader.get(f"/threads/{thread}/news?after=4").json == {"nums": [], "gone": [4]}
    assert partner.get(f"/threads/{thread}/news?after=1").status_code == 404


def test_asking_for_news_is_no_sign_that_somebody_is_there(world):
    from datetime import timedelta

    from hub.accounts.models import UserSession
    from hub.db import now

    reader = world.person()
    thread = world.thread(reader)
    long_ago = now() - timedelta(minutes=20)
    world.change(UserSession, world.one(select(UserSession.id)).id, seen_at=long_ago)
    reader.get(f"/threads/{thread}/news?after=1")
    reader.get("/suggestions?q=fp")
    assert world.one(select(UserSession.seen_at)).seen_at == long_ago
    reader.get("/people")
    assert world.one(select(UserSession.seen_at)).seen_at > long_ago


def test_lists_name_the_states_that_wrote_in_asean_order(world):
    author = world.person("VN")
    thread = world.thread(author)
    for code in ("TL", "BN", "TH", "BN"):
        by = world.person(code)
        num = world.reply(by, thread)
    line = author.get("/pillars/protection").text.partition('<p class="meta">')[2].partition("</p>")[0]
    assert re.findall(r">([A-Z]{2})<", line) == ["VN", "BN", "TH", "TL", "VN"]
    by.post(f"/threads/{thread}/posts/{num}/delete")
    assert world.one(select(Thread.states)).states.split() == ["BN", "TH", "TL", "VN"]
    world.app.test_client()
    only = world.person("KH")
    num = world.reply(only, thread)
    only.post(f"/threads/{thread}/posts/{num}/delete")
    assert "KH" not in world.one(select(Thread.states)).states


def test_a_quote_says_where_it_stands_and_is_refused_where_more_would_read_it(world):
    author = world.person("LA")
    strict = world.thread(author, title="Strict title", label="TLP:AMBER", body="Words for task forces.\n\nAnd more.")
    page = page_of(author, strict, "?reply=1&quote=1")
    quoted = re.search(r'<textarea id="body"[^>]*>\n(.*?)</textarea>', page, re.S)[1].replace("&gt;", ">")
    assert quoted.startswith("> Words for task forces.\n>\n> And more.\n>\n> [Post 1](/threads/")
    assert author.post(f"/threads/{strict}/posts", body=quoted + "Yes.", parent="", lang="en").status_code == 303
    assert f'<a href="/threads/{strict}/posts/1"' in page_of(author, strict)
    green = world.thread(author)
    refused = author.post(f"/threads/{green}/posts", body=quoted + "Yes.", parent="", lang="en")
    assert refused.status_code == 400
    assert "is TLP:AMBER, and this thread is TLP:GREEN" in refused.text
    assert "Words for task forces." in refused.text
    link = f"/threads/{strict}/posts/1"
    for way in (f"> [x]({link})", f" > words\n > [x]( {link} )", f"> [x](http://localhost{link})", f"> [x][1]\n\n[1]: {link}", f"> <http://localhost{link}>", f"> [x](/%74hreads/{strict})",
                f"> > deep [x]({link})", f"> words\n> http://localhost{link}"):  # fmt: skip
        assert author.post(f"/threads/{green}/posts", body=way + "\n\nYes.", parent="", lang="en").status_code == 400, way
    assert author.post(f"/threads/{green}/posts", body=f"> other words\n\nSee [there]({link}).", parent="", lang="en").status_code == 303
    new = {"title": "A new thread", "kind": "question", "lang": "en", "body": quoted}
    assert author.post("/pillars/protection/threads/new", label="TLP:GREEN", **new).status_code == 400
    assert author.post("/pillars/protection/threads/new", label="TLP:AMBER", **new).status_code == 303
    assert author.post(f"/threads/{green}/posts/1/edit", title="A question for all", body=quoted, lang="en", revision="1").status_code == 400


def test_a_quote_of_what_one_may_not_read_is_empty(world):
    author, stranger = world.person("LA"), world.person("TH")
    strict = world.thread(author, label="TLP:AMBER+STRICT", body="Secret words")
    open_one = world.thread(stranger)
    assert stranger.get(f"/threads/{strict}?quote=1").status_code == 404
    assert "Secret" not in page_of(stranger, open_one, "?reply=1&quote=7")


def test_what_came_since_the_page_was_made_stays_unread(world, app):
    author, reader = world.person("LA"), world.person("TH")
    thread = world.thread(author)
    grow(app, thread, author.user_id, 30)
    page = page_of(reader, thread)
    upto = re.search(r'name="upto" value="(\d+)"', page)[1]
    world.reply(author, thread)
    reader.post(f"/threads/{thread}/read", upto=upto)
    assert "1 new" in reader.get("/pillars/protection").text
    reader.post(f"/threads/{thread}/read", upto="99999")
    assert "1 new" not in reader.get("/pillars/protection").text
    assert reader.post(f"/threads/{thread}/read", upto="x").status_code == 303


def test_filters_stay_together_in_every_link_of_the_list(world):
    reader = world.person()
    for n in range(30):
        world.thread(reader, title=f"Thread {n}")
    page = reader.get("/pillars/protection?mine=1&lang=en").text
    for link in re.findall(r'href="(/pillars/protection\?[^"]*)"', page):
        if "before=" in link or "kind=" in link:
            assert "mine=1" in link, link
            assert "lang=en" in link, link


def test_pages_with_drafts_are_not_kept_by_browsers(world):
    author = world.person()
    thread = world.thread(author)
    author.post(f"/threads/{thread}/draft", body="begun", lang="en")
    author.post("/pillars/protection/threads/draft", title="Begun", body="begun", lang="en", label="TLP:AMBER", kind="question")
    for path in ("/drafts", "/pillars/protection/threads/new"):
        assert author.get(path).headers["Cache-Control"] == "no-store", path
    stale = author.post(f"/threads/{thread}/draft", body="other", lang="en")
    assert stale.headers["Cache-Control"] == "no-store"
