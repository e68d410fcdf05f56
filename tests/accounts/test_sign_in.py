"""Signing in: same answer for everyone who may not, throttled on failures only, and nothing typed is lost."""

import re
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from hub.accounts import passwords
from hub.accounts.models import Attempt, User, UserSession
from hub.db import db, now, unit_of_work
from tests.factories import PASSWORD


@pytest.fixture
def member(world, app):
    with app.app_context():
        digest = passwords.hash_password(PASSWORD)
    return world.person("LA", password_hash=digest)


def email_of(world, browser) -> str:
    return world.one(select(User.email).where(User.id == browser.user_id)).email


def sign_in(browser, email, password=PASSWORD, **more):
    return browser.post("/sign-in", email=email, password=password, **more)


def test_right_password_opens_a_new_session(world, member):
    visitor = world.stranger()
    with visitor.client.session_transaction() as before:
        before["left"] = "over"
    answer = sign_in(visitor, email_of(world, member).upper() + " ")
    assert (answer.status_code, answer.location) == (303, "/")
    with visitor.client.session_transaction() as after:
        assert "left" not in after
        token = after["_user_id"]
    hashes = [row.token_hash for row in world.all(select(UserSession.token_hash))]
    assert token not in hashes
    assert visitor.get("/account").status_code == 200


def test_unknown_address_wrong_password_and_closed_account_get_the_same_answer(world, member):
    closed = world.person("LA", password_hash="!", deactivated_at=now())
    pages = set()
    for email in ("nobody@example.org", email_of(world, member), email_of(world, closed)):
        answer = sign_in(world.stranger(), email, "wrong password 12345")
        assert answer.status_code == 401
        pages.add(re.sub(r'(value="[^"]*")', "", answer.text))
    assert len(pages) == 1


def test_the_same_work_is_done_for_an_unknown_address(world, app, monkeypatch):
    hashed = []
    hasher = app.extensions["password_hasher"]

    class Counting:
        def verify(self, stored, password):
            hashed.append(stored)
            return hasher.verify(stored, password)

    monkeypatch.setitem(app.extensions, "password_hasher", Counting())
    sign_in(world.stranger(), "nobody@example.org", "some password here")
    assert len(hashed) == 1


def test_failures_of_one_account_are_throttled_and_time_ends_it(world, app, member):
    email = email_of(world, member)
    for _try in range(app.config["HUB_SIGN_IN_FAILURES"]):
        assert sign_in(world.stranger(), email, "wrong password 12345").status_code == 401
    answer = sign_in(world.stranger(), email)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    with app.app_context(), unit_of_work():
        db.session.execute(update(Attempt).values(at=now() - timedelta(minutes=16)))
    assert sign_in(world.stranger(), email).status_code == 303


def test_an_office_behind_one_address_is_not_locked_out(world, app, member):
    for n in range(50):
        assert sign_in(world.stranger(), f"colleague{n}@example.org", "wrong password 12345").status_code == 401
    assert sign_in(world.stranger(), email_of(world, member)).status_code == 303


def test_failures_from_one_address_are_throttled_in_the_end(world, app):
    codes = [sign_in(world.stranger(), f"guess{n}@example.org", "wrong password 12345").status_code for n in range(61)]
    assert codes == [401] * 60 + [429]


def test_successes_never_count(world, app, member):
    email = email_of(world, member)
    for _time in range(app.config["HUB_SIGN_IN_FAILURES"] + 5):
        assert sign_in(world.stranger(), email).status_code == 303
    assert world.all(select(Attempt.id)) == []


def test_many_right_passwords_at_once_are_all_welcome(world, app, member):
    email, codes = email_of(world, member), []

    def enter():
        codes.append(sign_in(world.stranger(), email).status_code)

    threads = [threading.Thread(target=enter) for _ in range(app.config["HUB_SIGN_IN_FAILURES"] * 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(codes) == {303}


def test_many_guesses_at_once_are_limited_like_others(world, app, member):
    email, codes = email_of(world, member), []

    def guess():
        codes.append(sign_in(world.stranger(), email, "wrong password 12345").status_code)

    threads = [threading.Thread(target=guess) for _ in range(25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes.count(401) == app.config["HUB_SIGN_IN_FAILURES"]
    assert codes.count(429) == 15


def test_an_invited_person_with_a_lost_cookie_sees_the_form_again(world):
    answer = world.stranger().post("/forgotten", _csrf=False, email="x@example.org")
    assert (answer.status_code, answer.location) == (303, "/forgotten")


def test_a_preview_with_an_old_token_is_a_fragment(world, member):
    thread = world.thread(member)
    answer = member.post(f"/threads/{thread}/posts", _csrf=False, _headers={"HX-Request": "true"}, body="x", lang="en", preview="1")
    assert "<html" not in answer.text


def test_addresses_are_counted_without_being_kept(world):
    sign_in(world.stranger(), "nobody@example.org", "wrong password 12345")
    row = world.one(select(Attempt.account, Attempt.address))
    assert "nobody" not in row.account
    assert "127.0.0.1" not in row.address


def test_a_session_ends_after_idling_and_after_its_longest(world, app, member):
    for column, age in (("seen_at", timedelta(minutes=31)), ("created_at", timedelta(hours=12, minutes=1))):
        browser = world.person("LA")
        assert browser.get("/account").status_code == 200
        with app.app_context(), unit_of_work():
            db.session.execute(update(UserSession).where(UserSession.user_id == browser.user_id).values({column: now() - age}))
        assert browser.get("/account").status_code == 302


def test_use_is_noted_at_most_once_in_five_minutes(world, app):
    browser = world.person("LA")

    def seen():
        return world.one(select(UserSession.seen_at)).seen_at

    first = seen()
    browser.get("/account")
    assert seen() == first
    with app.app_context(), unit_of_work():
        db.session.execute(update(UserSession).values(seen_at=now() - timedelta(minutes=6)))
    browser.get("/account")
    assert now() - seen() < timedelta(minutes=1)


def test_signing_out_ends_the_session_on_the_server(world):
    browser = world.person("LA")
    assert browser.post("/sign-out").location == "/"
    assert world.all(select(UserSession.id)) == []
    with browser.client.session_transaction() as session:
        session["_user_id"] = browser.token
    assert browser.get("/account").status_code == 302


def test_next_leads_back_and_never_away(world, member):
    email = email_of(world, member)
    for wanted, got in (("/people?state=LA", "/people?state=LA"), ("https://evil.example/", "/"), ("//evil.example", "/"), ("/\\evil.example", "/"), ("javascript:x", "/"), ("//[", "/"), ("///evil.example/x", "/"), ("/x\r\nSet-Cookie: a=b", "/"), ("//℀.com", "/")):
        assert sign_in(world.stranger(), email, next=wanted).location == got


def test_what_was_typed_travels_through_sign_in_and_is_not_sent(world, app, member):
    email = email_of(world, member)
    thread = world.thread(member)
    with app.app_context(), unit_of_work():
        db.session.execute(update(UserSession).values(seen_at=now() - timedelta(hours=1)))
    asked = member.post(f"/threads/{thread}/posts", body="three paragraphs\r\n\r\nof work", parent="1", lang="lo")
    assert asked.status_code == 401
    kept = dict(re.findall(r'name="(kept:[^"]*)" value="([^"]*)"', asked.text))
    assert kept["kept:body"] == "three paragraphs\r\n\r\nof work"
    assert "kept:csrf_token" not in kept
    wrong = sign_in(member, email, "wrong password 12345", **kept)
    assert 'name="kept:body"' in wrong.text
    shown = sign_in(member, email, **kept)
    assert shown.status_code == 200
    assert "three paragraphs" in shown.text
    assert f'action="/threads/{thread}/posts#reply"' in shown.text
    assert '<option value="lo" lang="lo" selected>' in shown.text
    assert len(world.posts(thread)) == 1
    assert member.post(f"/threads/{thread}/posts", body="three paragraphs", parent="1", lang="lo").status_code == 303


@pytest.mark.parametrize(("path", "fields"), [
    ("/pillars/protection/threads/new", {"title": "Half a thread", "body": "typed words", "kind": "challenge", "label": "TLP:AMBER", "lang": "th"}),
    ("/account/profile", {"role_title": "Other role", "about": "typed words", "version": "1"}),
])  # fmt: skip
def test_every_long_form_is_shown_again_in_its_place(world, app, member, path, fields):
    email = email_of(world, member)
    member.post("/sign-out")
    asked = member.post(path, **fields)
    kept = dict(re.findall(r'name="(kept:[^"]*)" value="([^"]*)"', asked.text))
    shown = sign_in(member, email, **kept)
    assert f'action="{path}"' in shown.text
    assert "typed words" in shown.text


def test_a_form_from_another_site_is_not_kept(world):
    answer = world.stranger().post("/threads/1/posts", _headers={"Sec-Fetch-Site": "cross-site"}, body="planted words", lang="en")
    assert answer.status_code == 401
    assert "planted words" not in answer.text


def test_without_a_csrf_token_nothing_is_stored_and_the_form_is_shown_again(world, member):
    thread = world.thread(member)
    answer = member.post(f"/threads/{thread}/posts", _csrf=False, body="typed words", lang="en", parent="")
    assert answer.status_code == 200
    assert "typed words" in answer.text
    assert "Please send this again" in answer.text
    assert "Not sent yet" in answer.text.partition('id="reply"')[2], "where the browser goes"
    assert len(world.posts(thread)) == 1
    assert "Please send this again" not in member.get("/").text
    gone = member.post("/threads/99999/posts", _csrf=False, body="typed words", lang="en", parent="")
    assert gone.status_code == 404
    assert "Please send this again" not in gone.text + member.get("/").text


def test_hashing_is_bounded(app, monkeypatch):
    running, most = [], []

    class Slow:
        def hash(self, password):
            running.append(1)
            most.append(len(running))
            threading.Event().wait(0.02)
            running.pop()
            return "x"

    monkeypatch.setitem(app.extensions, "password_hasher", Slow())

    def work():
        with app.app_context():
            passwords.hash_password("some password")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) <= app.config["HUB_PASSWORD_PARALLEL"]
