"""Opening, answering, editing and deleting, as a person does it with forms."""

import re

from sqlalchemy import select

from hub.discussions.models import Post, PostRevision, Thread

OPENING = {"title": "Interpreters at night", "kind": "question", "label": "TLP:GREEN", "lang": "en", "body": "Who comes, and how fast?"}


def post_ids(page: str) -> list[int]:
    return [int(num) for num in re.findall(r'<article [^>]*id="post-(\d+)"', page)]


def test_a_member_opens_a_thread_and_lands_on_its_first_post(world):
    author = world.person("TH")
    answer = author.post("/pillars/protection/threads/new", **OPENING, tags=["", "shelter"])
    assert answer.status_code == 303
    assert re.fullmatch(r"/threads/\d+-interpreters-at-night\?view=tree#post-1", answer.location)
    page = author.get(answer.location).text
    assert "Who comes, and how fast?" in page
    assert "Shelter" in page


def test_answers_stand_in_a_tree_and_by_time(world):
    a, b, c = world.person("TH"), world.person("PH"), world.person("ID")
    thread = world.thread(a)
    for by, parent in ((b, ""), (c, "1"), (a, "2"), (b, "4")):
        assert by.post(f"/threads/{thread}/posts", body=f"answer to {parent or 1}", parent=parent, lang="en").status_code == 303
    address = a.get(f"/threads/{thread}").location
    assert post_ids(a.get(address + "?view=tree").text) == [1, 2, 4, 5, 3]
    assert post_ids(a.get(address + "?view=flat").text) == [1, 2, 3, 4, 5]
    assert [row.depth for row in world.posts(thread)] == [0, 1, 1, 2, 3]


def test_the_last_choice_of_view_is_kept(world):
    reader = world.person()
    thread = world.thread(reader)
    world.reply(reader, thread, world.reply(reader, thread))
    world.reply(reader, thread, 1)
    world.reply(reader, thread, 2)
    address = reader.get(f"/threads/{thread}").location
    reader.get(address + "?view=flat")
    assert post_ids(reader.get(address).text) == [1, 2, 3, 4, 5]


def test_a_double_click_is_one_post(world):
    author = world.person()
    thread = world.thread(author)
    first, second = (author.post(f"/threads/{thread}/posts", body="once", parent="", lang="en", client_id="same") for _ in range(2))
    assert first.location == second.location
    assert len(world.posts(thread)) == 2
    openings = [author.post("/pillars/protection/threads/new", **OPENING, client_id="opening").location for _ in range(2)]
    assert openings[0] == openings[1]


def test_the_same_form_with_another_text_loses_neither(world):
    author = world.person()
    thread = world.thread(author)
    author.post(f"/threads/{thread}/posts", body="first text", parent="", lang="en", client_id="same")
    answer = author.post(f"/threads/{thread}/posts", body="second text", parent="", lang="en", client_id="same")
    assert answer.status_code == 409
    assert "second text" in answer.text
    fresh = re.search(r'name="client_id" value="([^"]+)"', answer.text)[1]
    assert author.post(f"/threads/{thread}/posts", body="second text", parent="", lang="en", client_id=fresh).status_code == 303
    assert [row.body_md for row in world.posts(thread)][1:] == ["first text", "second text"]


def test_one_members_client_id_is_not_anothers(world):
    a, b = world.person(), world.person("MY")
    thread = world.thread(a)
    for by in (a, b):
        assert by.post(f"/threads/{thread}/posts", body="mine", parent="", lang="en", client_id="same").status_code == 303
    assert len(world.posts(thread)) == 3


def test_an_edit_keeps_the_old_text_and_shows_the_new(world):
    author = world.person()
    thread = world.thread(author, title="Old title here", body="old words")
    fields = {"title": "New title here", "body": "new words", "lang": "th", "revision": "1"}
    assert author.post(f"/threads/{thread}/posts/1/edit", **fields).status_code == 303
    page = author.get(author.get(f"/threads/{thread}").location).text
    assert "new words" in page
    assert "old words" not in page
    assert "edited" in page
    kept = world.one(select(PostRevision.title, PostRevision.body_md, PostRevision.revision))
    assert tuple(kept) == ("Old title here", "old words", 1)


def test_a_stale_edit_shows_both_texts_and_stores_nothing(world):
    author = world.person()
    thread = world.thread(author, body="as it was")
    author.post(f"/threads/{thread}/posts/1/edit", title="A question for all", body="from one window", lang="en", revision="1")
    answer = author.post(f"/threads/{thread}/posts/1/edit", title="A question for all", body="from another", lang="en", revision="1")
    assert answer.status_code == 409
    assert "from one window" in answer.text
    assert "from another" in answer.text
    assert world.posts(thread)[0].body_md == "from one window"


def test_an_unchanged_edit_makes_no_revision(world):
    author = world.person()
    thread = world.thread(author, body="the same")
    author.post(f"/threads/{thread}/posts/1/edit", title="A question for all", body="the same", lang="en", revision="1")
    assert world.all(select(PostRevision.id)) == []


def test_a_deleted_post_keeps_its_place_and_loses_its_words(world):
    a, b = world.person(), world.person("MY", title="Interpreter")
    thread = world.thread(a)
    world.reply(b, thread, body="words to take back")
    world.reply(a, thread, 2, body="answer to it")
    b.post(f"/threads/{thread}/posts/2/edit", body="other words to take back", lang="en", revision="1")
    assert b.post(f"/threads/{thread}/posts/2/delete").status_code == 303
    page = a.get(a.get(f"/threads/{thread}").location).text
    assert "Post 2 is deleted" in page
    assert "Interpreter" not in page
    assert "answer to it" in page
    assert world.posts(thread)[1].body_md == ""
    assert world.all(select(PostRevision.id)) == []
    assert world.one(select(Thread.shown_posts)).shown_posts == 2
    for path in (f"/threads/{thread}/posts/2/edit", f"/threads/{thread}/posts/2/delete"):
        assert b.get(path).status_code == 404


def test_an_opening_is_deleted_only_while_nobody_answered(world):
    a, b = world.person(), world.person("MY")
    alone, answered = world.thread(a), world.thread(a)
    world.reply(b, answered)
    assert a.post(f"/threads/{answered}/posts/1/delete").status_code == 403
    assert a.post(f"/threads/{alone}/posts/1/delete").status_code == 303
    assert a.get(f"/threads/{alone}").status_code == 404
    assert world.one(select(Thread.title).where(Thread.id == alone)).title == ""


def test_a_locked_thread_takes_no_answer_and_gives_the_text_back(world):
    author, moderator = world.person(), world.person("SG", is_moderator=True)
    thread = world.thread(author)
    assert moderator.post(f"/threads/{thread}/lock", locked="1").status_code == 303
    answer = author.post(f"/threads/{thread}/posts", body="too late but not lost", parent="", lang="en")
    assert answer.status_code == 409
    assert "too late but not lost" in answer.text
    assert len(world.posts(thread)) == 1
    moderator.post(f"/threads/{thread}/lock", locked="0")
    assert author.post(f"/threads/{thread}/posts", body="now", parent="", lang="en").status_code == 303


def test_a_pinned_thread_stands_first(world):
    author, moderator = world.person(), world.person("SG", is_moderator=True)
    old = world.thread(author, title="The old one")
    world.thread(author, title="The new one")
    moderator.post(f"/threads/{old}/pin", pinned="1")
    page = author.get("/pillars/protection").text
    assert page.index("The old one") < page.index("The new one")
    assert page.count("The old one") == 1


def test_announcements_are_for_moderators(world):
    member, moderator = world.person(), world.person("SG", is_moderator=True)
    fields = OPENING | {"kind": "announcement"}
    assert member.post("/pillars/protection/threads/new", **fields).status_code == 400
    assert moderator.post("/pillars/protection/threads/new", **fields).status_code == 303


def test_a_clear_thread_is_public_once_a_moderator_agreed(world):
    author, moderator, stranger = world.person(), world.person("SG", is_moderator=True), world.stranger()
    thread = world.thread(author, label="TLP:CLEAR", body="for the whole world")
    address = author.get(f"/threads/{thread}").location
    assert stranger.get(address).status_code == 302
    assert author.post(f"/threads/{thread}/publish").status_code == 403
    assert "TLP:GREEN" in author.get(address).text
    assert moderator.get("/").text.count("waiting for you") == 1
    assert publish(moderator, address) == 303
    page = stranger.get(address)
    assert "for the whole world" in page.text
    assert "<textarea" not in page.text


def publish(moderator, address) -> int:
    """Agree to what the moderator's page of a thread shows."""
    page = moderator.get(address).text
    fields = dict(re.findall(r'name="(read_upto|read_at)" value="([^"]+)"', page))
    return moderator.post(re.search(r'action="([^"]+/publish)"', page)[1], **fields).status_code


def test_the_public_sees_only_what_a_moderator_agreed_to(world):
    author, other, moderator, stranger = world.person(), world.person("PH"), world.person("SG", is_moderator=True), world.stranger()
    thread = world.thread(author, label="TLP:CLEAR", body="agreed opening")
    world.reply(other, thread, body="agreed answer")
    address = author.get(f"/threads/{thread}").location
    publish(moderator, address)
    world.reply(other, thread, 2, body="a later answer")
    other.post(f"/threads/{thread}/posts/2/edit", body="changed since", lang="en", revision="1")
    for view in ("tree", "flat"):
        page = stranger.get(f"{address}?view={view}").text
        assert "agreed opening" in page
        assert "changed since" not in page
        assert "a later answer" not in page
        assert "nswer" not in page.replace("Sign in to answer", "").replace("By answer", "")
    for num in (2, 3):
        assert stranger.get(f"/threads/{thread}/posts/{num}").location.startswith("/sign-in")
    assert "waiting for you" in moderator.get("/").text
    assert publish(moderator, address) == 303
    assert "changed since" in stranger.get(address).text
    assert "a later answer" in stranger.get(address).text


def test_an_edited_opening_is_no_longer_public(world):
    author, moderator, stranger = world.person(), world.person("SG", is_moderator=True), world.stranger()
    thread = world.thread(author, label="TLP:CLEAR", body="agreed opening")
    address = author.get(f"/threads/{thread}").location
    publish(moderator, address)
    author.post(f"/threads/{thread}/posts/1/edit", title="A question for all", body="switched", lang="en", revision="1")
    assert stranger.get(address).status_code == 302
    page = moderator.get(address).text
    fields = dict(re.findall(r'name="(read_upto|read_at)" value="([^"]+)"', page))
    author.post(f"/threads/{thread}/posts/1/edit", title="A question for all", body="switched again", lang="en", revision="2")
    moderator.post(f"/threads/{thread}/publish", **fields)
    assert stranger.get(address).status_code == 302


def test_slugs_are_decoration(world):
    reader = world.person()
    thread = world.thread(reader, title="Some words")
    for spelling in (f"/threads/{thread}", f"/threads/{thread}-", f"/threads/{thread}-wrong"):
        assert reader.get(spelling).location == f"/threads/{thread}-some-words"
    assert reader.get(f"/threads/{thread}?view=flat").location == f"/threads/{thread}-some-words?view=flat"
    for spelling in (f"/people/{reader.user_id}", f"/people/{reader.user_id}-"):
        assert reader.get(spelling).location.startswith(f"/people/{reader.user_id}-officer-tip-task-force")


def test_a_thai_title_has_a_thai_address(world):
    reader = world.person()
    thread = world.thread(reader, title="การคัดแยกผู้เสียหาย", lang="th")
    address = reader.get(f"/threads/{thread}").location
    assert reader.get(address).status_code == 200


def test_without_javascript_reply_is_a_link_to_a_form(world):
    reader = world.person()
    thread = world.thread(reader)
    world.reply(reader, thread)
    page = reader.get(reader.get(f"/threads/{thread}?reply=2").location).text
    assert "Answer to post 2" in page
    assert 'name="parent" value="2"' in page


def test_preview_shows_the_text_and_stores_nothing(world):
    reader = world.person()
    thread = world.thread(reader)
    page = reader.post(f"/threads/{thread}/posts", body="**bold** <b>not</b>", parent="", lang="en", preview="1")
    assert page.status_code == 200
    assert "<strong>bold</strong> &lt;b&gt;not&lt;/b&gt;" in page.text
    assert len(world.posts(thread)) == 1
    fragment = reader.post(f"/threads/{thread}/posts", _headers={"HX-Request": "true"}, body="**bold**", parent="", lang="en", preview="1").text
    assert fragment.lstrip().startswith('<div class="preview" id="preview"')
    assert "<html" not in fragment


def test_post_html_is_rendered_once_when_written(world):
    author = world.person()
    thread = world.thread(author, body="*one*")
    assert world.one(select(Post.body_html, Post.html_version).where(Post.thread_id == thread)).body_html == "<p><em>one</em></p>\n"
