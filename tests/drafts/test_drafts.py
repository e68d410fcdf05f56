"""Drafts: saved while one types, resumed anywhere, and never overwritten unseen."""

import html
import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from hub.accounts.models import User
from hub.db import db, unit_of_work
from hub.discussions.models import Post
from hub.drafts import actions
from hub.drafts.models import Draft
from hub.text import UserText
from tests.factories import MORE, World, empty

SCRIPT = {"Accept": "application/json"}


def save(browser, thread, body, seq=0, save_id="", tried="", **more):
    return browser.post(f"/threads/{thread}/draft", _headers=SCRIPT, body=body, lang="en", seq=str(seq), save_id=save_id, tried=tried, **more)


def stored(world):
    return [row.body for row in world.all(select(Draft.body).order_by(Draft.id))]


def field(page, name):
    return html.unescape(re.search(rf'<textarea id="{name}"[^>]*>\n(.*?)</textarea>', page, re.S)[1])


def test_a_draft_is_saved_and_waits_in_its_form_on_any_device(world):
    author = world.person()
    thread = world.thread(author)
    answer = save(author, thread, "half a thought", parent="1")
    assert answer.status_code == 200
    assert answer.json["seq"] == 1
    assert re.fullmatch(r"Saved \d\d:\d\d", answer.json["words"])
    page = author.get(author.get(f"/threads/{thread}").location).text
    assert field(page, "body") == "half a thought"
    assert 'name="seq" value="1"' in page
    assert "Draft saved" in page
    assert "half a thought" in author.get("/drafts").text


def test_a_stale_window_cannot_overwrite(world):
    author = world.person()
    thread = world.thread(author)
    assert save(author, thread, "first").json["seq"] == 1
    assert save(author, thread, "second window", seq=1).json["seq"] == 2
    stale = save(author, thread, "stale window", seq=1)
    assert stale.status_code == 409
    assert stale.json["seq"] == 2
    assert save(author, thread, "another new window", seq=0).status_code == 409
    assert stored(world) == ["second window"]


def test_a_save_whose_answer_was_lost_is_no_conflict_for_the_same_window(world):
    author = world.person()
    thread = world.thread(author)
    save(author, thread, "one", save_id="a")
    assert save(author, thread, "one two", seq=0, save_id="b", tried="a").json["seq"] == 2
    assert save(author, thread, "one two three", seq=1, save_id="c", tried="x,b").json["seq"] == 3
    assert save(author, thread, "other", seq=1, save_id="d", tried="a").status_code == 409
    assert stored(world) == ["one two three"]


def test_the_very_same_words_are_no_conflict(world):
    author = world.person()
    thread = world.thread(author)
    save(author, thread, "same words")
    assert save(author, thread, "same words", seq=0, save_id="z").json["seq"] == 1


def test_without_a_script_the_button_keeps_the_draft_and_shows_both_versions(world):
    author = world.person()
    thread = world.thread(author)
    kept = author.post(f"/threads/{thread}/draft", body="mine", lang="en", parent="1", seq="0")
    assert kept.status_code == 303
    assert "It waits here" in author.get(kept.location).text
    both = author.post(f"/threads/{thread}/draft", body="from an old window", lang="en", parent="1", seq="0")
    assert both.status_code == 409
    assert field(both.text, "body") == "from an old window"
    assert field(both.text, "stored") == "mine"
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', both.text))
    merged = author.post(f"/threads/{thread}/draft", body="mine and from an old window", **{k: v for k, v in fields.items() if k != "csrf_token"})
    assert merged.status_code == 303
    assert stored(world) == ["mine and from an old window"]


def test_posting_ends_the_draft_it_showed_and_no_other(world):
    author = world.person()
    thread = world.thread(author)
    seq = save(author, thread, "to be posted").json["seq"]
    author.post(f"/threads/{thread}/posts", body="to be posted", parent="", lang="en", seq=str(seq))
    assert stored(world) == []
    seq = save(author, thread, "one").json["seq"]
    save(author, thread, "one, and more in a second window", seq=seq)
    author.post(f"/threads/{thread}/posts", body="one", parent="", lang="en", seq=str(seq))
    assert stored(world) == ["one, and more in a second window"]


def test_a_save_that_arrives_after_its_text_was_posted_makes_no_draft(world):
    author = world.person()
    thread = world.thread(author)
    author.post(f"/threads/{thread}/posts", body="words", parent="", lang="en", client_id="the-form")
    late = save(author, thread, "words", client_id="the-form")
    assert late.status_code == 200
    assert late.json == {"posted": True}
    assert stored(world) == []


def test_new_threads_and_edits_have_drafts_too(world):
    author = world.person()
    thread = world.thread(author, title="A title as stored", body="Words as stored.")
    new = {"title": "Begun title", "kind": "challenge", "label": "TLP:AMBER", "lang": "th", "body": "begun", "tags": ["shelter"], "seq": "0"}
    assert author.post("/pillars/prevention/threads/draft", _headers=SCRIPT, **new).json["seq"] == 1
    page = author.get("/pillars/prevention/threads/new").text
    assert 'value="Begun title"' in page
    assert re.search(r'value="challenge" checked', page)
    assert re.search(r'value="TLP:AMBER" checked', page)
    assert re.search(r'value="shelter" checked', page)
    assert field(page, "body") == "begun"
    edit = f"/threads/{thread}/posts/1"
    assert author.post(f"{edit}/draft", _headers=SCRIPT, title="A title as stored", body="Words half edited.", lang="en", revision="1").json["seq"] == 1
    page = author.get(f"{edit}/edit").text
    assert field(page, "body") == "Words half edited."
    author.post(f"{edit}/edit", title="A title as stored", body="Words edited.", lang="en", revision="1", seq="1")
    assert [row.place for row in world.all(select(Draft.place))] == ["new/prevention"]
    titles = author.get("/drafts").text
    assert "Begun title" in titles


def test_nobody_else_reads_or_discards_a_draft(world):
    author, other, admin = world.person(), world.person(), world.person(world.body_id(), is_admin=True)
    thread = world.thread(author)
    save(author, thread, "private words")
    draft = world.one(select(Draft.id)).id
    for person in (other, admin):
        assert "private words" not in person.get("/drafts").text + person.get(person.get(f"/threads/{thread}").location).text
        assert person.post(f"/drafts/{draft}/discard").status_code == 404
    author.post(f"/drafts/{draft}/discard", seq="7")
    assert stored(world) == ["private words"]
    author.post(f"/drafts/{draft}/discard", seq="1")
    assert stored(world) == []


def test_a_draft_outlives_the_access_to_its_thread_without_showing_it(world):
    author, writer = world.person("TH"), world.person("LA")
    thread = world.thread(writer, title="Particular title")
    save(author, thread, "my own words")
    from hub.discussions.models import Thread

    world.change(Thread, thread, label="TLP:AMBER+STRICT")
    page = author.get("/drafts").text
    assert "my own words" in page
    assert "Particular" not in page
    assert save(author, thread, "more", seq=1).status_code == 404


def test_an_expired_session_answers_a_script_and_carries_a_form_through_sign_in(world):
    author = world.person()
    thread = world.thread(author)
    gone = world.stranger()
    assert save(gone, thread, "typed").status_code == 401
    page = gone.post(f"/threads/{thread}/draft", body="typed by hand", lang="en")
    assert page.status_code == 401
    assert "typed by hand" in page.text
    assert stored(world) == []


@pytest.mark.parametrize("body", ["x" * 40_001, "\0", "\ud800 words", "‮abc"])
def test_odd_texts_are_refused_or_cleaned_never_lost(world, body):
    author = world.person()
    thread = world.thread(author)
    answer = save(author, thread, body.encode("utf-8", "replace").decode())
    if len(body) > 40_000:
        assert answer.status_code == 400
        assert "40000" in answer.json["words"]
        page = author.post(f"/threads/{thread}/draft", body=body, lang="en")
        assert page.status_code == 400
        assert field(page.text, "body") == body
    else:
        assert answer.status_code == 200


def test_a_member_keeps_at_most_a_hundred_drafts(world, monkeypatch):
    monkeypatch.setattr(actions, "MOST_DRAFTS", 2)
    author = world.person()
    threads = [world.thread(author) for _n in range(3)]
    assert [save(author, thread, "words").status_code for thread in threads] == [200, 200, 400]
    assert save(author, threads[0], "more", seq=1).status_code == 200


WINDOWS = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["type", "save", "lose", "reload"])), max_size=20)


@settings(max_examples=15 * MORE, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(WINDOWS)
def test_nothing_a_window_was_told_is_saved_is_overwritten_unseen(migrated, steps):
    """Three windows type, save, lose answers and reload; a stored text is replaced only by a window that had seen it."""
    empty(migrated)
    world = World(migrated)
    person = world.person()
    windows = [{"seq": 0, "text": "", "saw": None, "tried": []} for _n in range(3)]
    held, count = None, 0
    for which, step in steps:
        window, count = windows[which], count + 1
        if step == "type":
            window["text"] += f" {which}.{count}"
        elif step == "reload":
            with migrated.app_context():
                row = db.session.scalar(select(Draft))
                window.update(seq=row.seq if row else 0, text=row.body if row else "", saw=row.body if row else None, tried=[])
        else:
            save_id = f"s{count}"
            with migrated.app_context():
                try:
                    with unit_of_work():
                        typed = actions.Typed(UserText(""), UserText(window["text"]), UserText(""), json.dumps({}))
                        user = db.session.get_one(User, person.user_id)
                        seq = actions.save(user, "thread/1", typed, window["seq"], save_id, window["tried"])
                except actions.Stale:
                    assert window["tried"] or held not in (None, window["saw"], window["text"])  # after a lost answer a window may be asked in vain
                    continue
            assert held in (None, window["saw"], window["text"])
            held = window["saw"] = window["text"]
            if step == "lose":
                window["tried"].append(save_id)
            else:
                window.update(seq=seq, tried=[])
    with migrated.app_context():
        assert db.session.scalar(select(Draft.body)) == held
        assert db.session.scalars(select(Post)).all() == []


def test_other_words_under_a_form_that_was_sent_are_kept(world):
    author = world.person()
    thread = world.thread(author)
    author.post(f"/threads/{thread}/posts", body="words", parent="", lang="en", client_id="the-form")
    assert save(author, thread, "words and more of them", client_id="the-form").json["seq"] == 1
    assert stored(world) == ["words and more of them"]


def test_a_draft_saved_while_its_words_were_posted_goes_with_them(world):
    author = world.person()
    thread = world.thread(author)
    save(author, thread, "words")
    author.post(f"/threads/{thread}/posts", body="words", parent="", lang="en", seq="0")
    assert stored(world) == []


def test_an_edit_that_was_saved_leaves_no_draft_behind(world):
    author = world.person()
    thread = world.thread(author, title="A title as stored")
    edit = f"/threads/{thread}/posts/1"
    author.post(f"{edit}/edit", title="A title as stored", body="Edited words.", lang="en", revision="1")
    late = author.post(f"{edit}/draft", _headers=SCRIPT, title="A title as stored", body="Edited words.", lang="en", revision="1")
    assert late.json == {"posted": True}
    assert stored(world) == []


def test_deleting_a_post_deletes_the_draft_of_its_edit(world):
    author = world.person()
    thread = world.thread(author)
    num = world.reply(author, thread, body="removed words")
    author.post(f"/threads/{thread}/posts/{num}/draft", _headers=SCRIPT, body="removed words, half edited", lang="en", revision="1")
    author.post(f"/threads/{thread}/posts/{num}/delete")
    assert stored(world) == []


def test_a_script_whose_page_is_of_an_earlier_session_gets_a_fresh_token_for_the_same_member_only(world):
    author = world.person()
    thread = world.thread(author)
    answer = author.client.post(f"/threads/{thread}/draft", data={"body": "typed", "lang": "en", "csrf_token": "of another session"}, headers=SCRIPT)
    assert answer.status_code == 403
    assert answer.json["member"] == author.user_id
    again = author.client.post(f"/threads/{thread}/draft", data={"body": "typed", "lang": "en", "csrf_token": answer.json["token"]}, headers=SCRIPT)
    assert again.json["seq"] == 1
    gone = world.stranger().client.post(f"/threads/{thread}/draft", data={"body": "typed", "lang": "en"}, headers=SCRIPT)
    assert gone.status_code == 401


def test_what_no_database_holds_is_no_error(world):
    author = world.person()
    thread = world.thread(author)
    assert save(author, thread, "words", save_id="a\0b", tried="c\0,d").status_code == 200
    for place in ('[0,"a","\\ud800","",1]', '[0,"a","\\u0000","",1]'):
        assert author.get("/people", query_string={"after": place}).status_code == 200
