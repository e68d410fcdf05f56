"""Whatever is sent: a clear answer, nothing lost, nothing half-written, never a 500."""

import errno
import html
import threading

import pytest
from sqlalchemy import select
from sqlalchemy.exc import InternalError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from hub.discussions.models import Post, Thread
from tests.work import is_bounded

OPENING = {"title": "Quite a good title", "kind": "question", "label": "TLP:GREEN", "lang": "en", "body": "words"}


@pytest.fixture
def author(world):
    return world.person("TH")


@pytest.fixture
def thread(world, author):
    return world.thread(author)


@pytest.mark.parametrize(("body", "said"), [
    ("x" * 200_000, "at most 40000"), ("", "Write something"), (" \n\t\u200e", "Write something"), ("http://a.example " * 150, "links"), ("|a" * 9_000 + "\n" + "|-" * 9_000 + "\nx", "table"),
    ("<http://" * 5_000, "links"), ("[" * 30_000, "brackets"), ("line\n" * 3_000, "lines"),
])  # fmt: skip
def test_a_text_that_cannot_be_stored_is_given_back(world, author, thread, body, said):
    answer = author.post(f"/threads/{thread}/posts", body=body, parent="", lang="en")
    assert answer.status_code == 400
    assert said in answer.text.replace("&#39;", "'")
    given_back = answer.text.partition('<textarea id="body"')[2].partition(">\n")[2].partition("</textarea>")[0]
    assert html.unescape(given_back).replace("\r\n", "\n") == body.replace("\r\n", "\n")
    assert len(world.posts(thread)) == 1


@pytest.mark.parametrize("body", ["NUL \x00 in it", "bidi \u202e over", "w" * 10_000, "ก" * 10_000, "\u0f3a" * 500, "a\u0300" * 500, "😀" * 3_000])
def test_odd_but_harmless_text_is_stored(world, author, thread, body):
    assert author.post(f"/threads/{thread}/posts", body=body, parent="", lang="en").status_code == 303
    assert author.get(author.get(f"/threads/{thread}").location).status_code == 200


def test_broken_bytes_are_answered(author, thread):
    raw = b"body=%ED%A0%80+%FF%FE+%00&parent=&lang=en&csrf_token="
    assert author.client.post(f"/threads/{thread}/posts", data=raw, content_type="application/x-www-form-urlencoded").status_code < 500
    for content_type in ("multipart/form-data", "multipart/form-data; boundary=x", "application/json", "text/plain", ""):
        assert author.client.post(f"/threads/{thread}/posts", data=b"\xff--x\r\n{", content_type=content_type).status_code < 500


def test_a_title_with_overrides_is_stored_without_them(world, author):
    assert author.post("/pillars/protection/threads/new", **OPENING | {"title": "\u202eeltit a si siht\u2066 here"}).status_code == 303
    assert world.one(select(Thread.title)).title == "eltit a si siht here"


@pytest.mark.parametrize("fields", [
    {"title": ""}, {"title": "x" * 161}, {"title": "\u202e\u200e"}, {"kind": "announcement"}, {"kind": "rumour"}, {"label": "TLP:RED"}, {"label": "tlp:green"}, {"lang": "xx"}, {"body": ""},
    {"tags": ["no-such-tag"]}, {"client_id": "c" * 65},
])  # fmt: skip
def test_a_wrong_field_of_a_thread_is_named_and_the_rest_kept(world, author, fields):
    answer = author.post("/pillars/protection/threads/new", **OPENING | {"body": "words to keep"} | fields)
    assert answer.status_code == 400
    assert 'id="problems"' in answer.text
    if "body" not in fields:
        assert "words to keep" in answer.text
    assert world.all(select(Thread.id)) == []


@pytest.mark.parametrize("parent", ["999", "0", "-1", "x", "1e3", "٣", "99999999999999999999", "2"])
def test_a_foreign_or_missing_parent_is_refused_and_the_text_kept(world, author, thread, parent):
    other = world.thread(author)
    world.reply(author, other)
    answer = author.post(f"/threads/{thread}/posts", body="words to keep", parent=parent, lang="en")
    if parent == "0":
        assert answer.status_code == 303  # a number that is none: the opening
        return
    assert answer.status_code in (400, 409)
    assert "words to keep" in answer.text
    assert len(world.posts(thread)) == 1
    assert world.one(select(Thread.last_num).where(Thread.id == thread)).last_num == 1


def test_a_deleted_parent_is_refused_and_the_text_kept(world, author, thread):
    world.reply(author, thread)
    author.post(f"/threads/{thread}/posts/2/delete")
    answer = author.post(f"/threads/{thread}/posts", body="words to keep", parent="2", lang="en")
    assert answer.status_code == 409
    assert "words to keep" in answer.text
    assert world.one(select(Thread.last_num)).last_num == 2


@pytest.mark.parametrize("path", [
    "/threads/0", "/threads/99999999999999999999", "/threads/1x", "/threads/-1", "/threads/1/posts/0", "/threads/1/posts/99999999999999999999", "/people/0", "/people/999999999999",
    "/organisations/0", "/pillars/none", "/pillars/%00", "/people?after=99999999999999999999", "/people?state=%00&pillar=%ff&language=x", "/threads/%F0%28%8C%28", "/invitations/%00",
    "/people?after=-5", "/threads/1?after=%00",
])  # fmt: skip
def test_odd_addresses_are_answered(author, path):
    answer = author.get(path)
    assert answer.status_code in (200, 301, 404, 410), answer.status_code


def test_ids_beyond_what_a_database_holds_are_not_there(author):
    for number in (2**31, 2**31 - 1, 2**63, 10**17):
        for path in (f"/threads/{number}", f"/people/{number}", f"/organisations/{number}", f"/threads/{number}/posts/1", f"/threads/1/posts/{number}"):
            assert author.get(path).status_code == 404, path
        assert author.post(f"/threads/{number}/lock").status_code == 404
        assert author.get(f"/people?after={number}").status_code == 200
    for cursor in ("[0,1,2,3,4]", '[0,"","","",99999999999]', "[[[[", '[1,"","","",1]', "null", '[0,"","",""]', "[" * 5000):
        assert author.get("/people", query_string={"after": cursor}).status_code == 200


def test_a_form_of_more_than_two_megabytes_is_refused(author, thread):
    answer = author.post(f"/threads/{thread}/posts", body="x" * 2_100_000, parent="", lang="en")
    assert answer.status_code == 413
    assert "Back button" in answer.text


@pytest.mark.parametrize("body", ["a" + "\u0300" * 19_000 + "\u0316" * 19_000, "a" + "\u0300" * 60_000 + "\u0316" * 60_000])
def test_endless_marks_on_a_letter_cost_nothing(world, author, thread, body):
    answer = author.post(f"/threads/{thread}/posts", body=body, parent="", lang="en", preview="1")
    author.post("/pillars/protection/threads/new", **OPENING | {"title": body})
    assert answer.status_code in (200, 400)
    assert is_bounded(lambda: author.post(f"/threads/{thread}/posts", body=body, parent="", lang="en", preview="1"), 200)


def test_a_form_of_countless_fields_is_refused_at_once(world, author):
    for visitor in (author, world.stranger()):
        answer = visitor.client.post("/threads/1/posts", data=b"a&" * 900_000, content_type="application/x-www-form-urlencoded", buffered=True)
        assert answer.status_code == 413
        assert len(answer.data) < 20_000


def test_an_endless_form_is_refused_on_every_page(world, author):
    for visitor, path in ((author, "/account/profile"), (world.stranger(), "/sign-in"), (world.stranger(), "/threads/1/posts")):
        answer = visitor.post(path, body="x" * 2_100_000)
        assert answer.status_code in (413, 401)
        assert answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(("path", "fields"), [
    ("/threads/{thread}/posts", {"body": "x", "lang": "en", "preview": "1", "parent": "abc"}), ("/threads/{thread}/posts", {"body": "x", "lang": "en", "preview": "1", "parent": "²"}),
    ("/threads/{thread}/posts", {"body": "x", "lang": "en", "preview": "1", "parent": "9" * 20}), ("/account/profile", {"expertise-²": "x"}), ("/account/profile", {"contacts-²-line": "x"}),
    ("/account/profile", {"expertise-" + "9" * 5000: "x"}), ("/sign-in", {"email": "a\0b@example.org", "password": "x"}), ("/forgotten", {"email": "a\0b@example.org"}),
    ("/threads/{thread}/posts", {"body": "x", "lang": "en", "client_id": "a\0b"}), ("/threads/{thread}/publish", {"read_upto": "9" * 30, "read_at": "x"}),
])  # fmt: skip
def test_odd_fields_are_answered(author, thread, path, fields):
    assert author.post(path.format(thread=thread), **fields).status_code < 500


def test_odd_headers_are_answered(world, author, thread):
    stranger = world.stranger()
    assert stranger.post(f"/threads/{thread}/posts", _headers={"Referer": "http://["}, body="words").status_code == 401
    for host in ("a..b", "x" * 70 + ".example", "evil.example"):
        answer = stranger.get("/", headers={"Host": host})
        assert answer.status_code == 400
        assert answer.headers["Content-Security-Policy"]
    assert stranger.get("/static/v/" + "a" * 300, headers={"Accept-Encoding": "br"}).status_code < 500
    assert author.client.put("/people").headers["Allow"]


def test_short_words_are_given_back_when_a_thread_was_closed_meanwhile(world, author, thread):
    moderator = world.person("SG", is_moderator=True)
    moderator.post(f"/threads/{thread}/lock", locked="1")
    answer = author.post(f"/threads/{thread}/posts/1/edit", title="A question for all", body="简短的修改", lang="zh-Hans", revision="1")
    assert answer.status_code in (403, 409)
    assert "简短的修改" in answer.text


def test_the_same_form_sent_for_another_place_is_not_swallowed(world, author, thread):
    other = world.thread(author)
    world.reply(author, thread)
    fields = {"body": "Thank you.", "lang": "en", "client_id": "same"}
    assert author.post(f"/threads/{thread}/posts", parent="", **fields).status_code == 303
    assert author.post(f"/threads/{thread}/posts", parent="2", **fields).status_code == 409
    assert author.post(f"/threads/{other}/posts", parent="", **fields).status_code == 409
    opening = OPENING | {"client_id": "opening"}
    assert author.post("/pillars/protection/threads/new", **opening).status_code == 303
    assert author.post("/pillars/protection/threads/new", **opening | {"title": "Another title"}).status_code == 409
    assert author.post("/pillars/prevention/threads/new", **opening).status_code == 409


def test_a_failed_touch_or_a_lost_database_is_no_bare_error(world, app, author, thread, monkeypatch):
    def fail(*_given, **_more):
        raise OperationalError("x", {}, Exception("gone"))

    with monkeypatch.context() as patch:
        patch.setattr("hub.accounts.actions.touch", fail)
        patch.setattr("hub.web.session_to_touch", lambda _every: 1)
        assert author.post(f"/threads/{thread}/posts", body="stored", parent="", lang="en").status_code == 303
    monkeypatch.setattr("hub.directory.queries.people", fail)
    answer = author.get("/people")
    assert answer.status_code == 503
    assert answer.headers["Content-Security-Policy"]
    assert answer.headers["Retry-After"]


@pytest.mark.parametrize("race", ["edit", "delete", "profile", "reply", "opening deleted"])
def test_parallel_writes_end_as_if_one_came_after_the_other(world, author, thread, race):
    world.reply(author, thread)
    profile = {"version": "1", "role_title": "Role", **{f"{field}_for": "everyone" for field in ("name", "about", "expertise", "languages", "pillars", "zone")}, "zone": "UTC"}
    other = world.person("PH")

    def send(n):
        browser = type(author)(world.app, world.app.test_client(), author.user_id, author.token)
        match race:
            case "edit":
                return browser.post(f"/threads/{thread}/posts/2/edit", body=f"edit {n}", lang="en", revision="1")
            case "delete":
                return browser.post(f"/threads/{thread}/posts/2/delete")
            case "profile":
                return browser.post("/account/profile", **profile | {"name": f"name {n}"})
            case "reply":
                return browser.post(f"/threads/{thread}/posts", body=f"text {n}", parent="", lang="en", client_id="same")
            case _:
                new = threads[0]
                if n % 2:
                    return browser.post(f"/threads/{new}/posts/1/delete")
                return type(author)(world.app, world.app.test_client(), other.user_id, other.token).post(f"/threads/{new}/posts", body="an answer", parent="", lang="en")

    threads = [world.thread(author)]
    codes = at_once(6 if race != "opening deleted" else 2, send)
    assert max(codes) < 500
    if race == "opening deleted":
        assert sorted(codes) in ([303, 403], [303, 404], [303, 409])
        row = world.one(select(Thread.standing, Thread.shown_posts).where(Thread.id == threads[0]))
        assert row in (("shown", 2), ("deleted", 0))
    else:
        assert codes.count(303) == 1
    shown = [row for row in world.posts(thread) if row.standing == "shown"]
    assert world.one(select(Thread.shown_posts).where(Thread.id == thread)).shown_posts == len(shown)


def at_once(count, send) -> list[int]:
    codes, together = [], threading.Barrier(count)

    def run(n):
        together.wait()
        codes.append(send(n).status_code)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return codes


def test_many_clicks_at_once_are_one_post(world, author, thread):
    codes, locations, together = [], set(), threading.Barrier(6)

    def click():
        browser = type(author)(world.app, world.app.test_client(), author.user_id, author.token)
        together.wait()
        answer = browser.post(f"/threads/{thread}/posts", body="once only", parent="", lang="en", client_id="same")
        codes.append(answer.status_code)
        locations.add(answer.location)

    threads = [threading.Thread(target=click) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert codes == [303] * 6
    assert len(locations) == 1
    assert [row.num for row in world.posts(thread)] == [1, 2]
    assert world.one(select(Thread.last_num, Thread.shown_posts)) == (2, 2)


def test_too_many_forms_are_refused_with_the_text_kept(world, app, author, thread):
    from hub.web import limiter

    app.config["HUB_WRITE_LIMIT"] = "3 per minute"
    limiter.reset()
    try:
        answers = [author.post(f"/threads/{thread}/posts", body="words that are long enough to be worth keeping", parent="", lang="en") for _ in range(4)]
    finally:
        app.config["HUB_WRITE_LIMIT"] = "100000 per minute"
        limiter.reset()
    assert [answer.status_code for answer in answers] == [303, 303, 303, 429]
    assert "worth keeping" in answers[3].text
    assert "Retry-After" in answers[3].headers
    assert len(world.all(select(Post.id))) == 4


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (OperationalError("x", {}, Exception("gone")), 503),
        (InternalError("x", {}, Exception("read only")), 503),
        (PendingRollbackError("x"), 503),
        (PoolTimeout("x"), 503),
        (OSError(errno.ENOSPC, "full"), 507),
    ],
    ids=lambda given: type(given).__name__ if isinstance(given, Exception) else "",
)
def test_a_page_of_trouble_gives_back_words_and_never_a_passphrase(world, author, thread, monkeypatch, trouble, code):
    def fail(*_given, **_more):
        raise trouble

    with monkeypatch.context() as patch:
        patch.setattr("hub.accounts.views._who", fail)
        answer = world.stranger().post("/sign-in", email="somebody@example.org", password="correct horse battery staple")
        assert answer.status_code == code
        assert "correct horse" not in answer.text
    monkeypatch.setattr("hub.discussions.posting.unit_of_work", fail)
    answer = author.post(f"/threads/{thread}/posts", body="Words that are given back.", parent="", lang="en")
    assert answer.status_code == code
    assert "Words that are given back." in answer.text
    assert answer.headers["Retry-After"]
