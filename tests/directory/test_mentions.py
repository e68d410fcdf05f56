"""Handles and mentions: links for whom the writer may see, and nothing that tells of others."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from hub import text
from hub.accounts.models import FormerHandle, Organisation, User
from hub.db import now
from hub.discussions.models import Mention, Post


def handle_of(world, person):
    return world.one(select(User.handle).where(User.id == person.user_id)).handle


def html_of(world):
    return [row.body_html for row in world.all(select(Post.body_html).order_by(Post.id))]


def test_a_mention_links_a_handle_and_stores_no_name(world):
    author, named = world.person("LA"), world.person("TH", name="A Secret Name")
    handle = handle_of(world, named)
    thread = world.thread(author)
    author.post(f"/threads/{thread}/posts", body=f"Ask @{handle}, or @tf.th. Not @nobody.x nor a/@{handle} nor `@{handle}`.", parent="", lang="en")
    stored = html_of(world)[-1]
    assert stored.count("<a ") == 2
    assert f'<a href="/@{handle}"' in stored
    assert '<a href="/@tf.th"' in stored
    assert "Secret" not in stored
    rows = world.all(select(Mention.user_id, Mention.organisation_id))
    assert {(row.user_id, row.organisation_id) for row in rows} == {(named.user_id, None), (None, world.organisation_id("TH"))}
    assert author.get(f"/@{handle}").location.startswith(f"/people/{named.user_id}")
    assert author.get("/@tf.th").location.startswith("/organisations/")
    assert author.get("/@nobody.x").status_code == 404
    author.post(f"/threads/{thread}/posts", body=f"`@{handle}` and @tf.th-x and [@{handle}](https://example.org) and @tf.th.", parent="", lang="en")
    assert html_of(world)[-1].count('href="/@') == 1
    assert len(world.all(select(Mention.id))) == 3


def test_an_edit_renews_the_mentions_and_deleting_removes_them(world):
    author, one, two = world.person("LA"), world.person("TH"), world.person("VN")
    thread = world.thread(author)
    num = 2
    author.post(f"/threads/{thread}/posts", body=f"@{handle_of(world, one)}", parent="", lang="en")
    author.post(f"/threads/{thread}/posts/{num}/edit", body=f"@{handle_of(world, two)}", lang="en", revision="1")
    assert [row.user_id for row in world.all(select(Mention.user_id))] == [two.user_id]
    author.post(f"/threads/{thread}/posts/{num}/delete")
    assert world.all(select(Mention.user_id)) == []


def test_mentions_and_suggestions_tell_nothing_of_members_one_may_not_see(world):
    author, gone = world.person("LA"), world.person("TH", title="Zebra keeper", name="Zoe Particular")
    handle = handle_of(world, gone)
    world.change(User, gone.user_id, deactivated_at=now())
    thread = world.thread(author)
    author.post(f"/threads/{thread}/posts", body=f"@{handle}", parent="", lang="en")
    assert "<a " not in html_of(world)[-1]
    assert author.get(f"/@{handle}").status_code == author.get("/@nobody").status_code == 404
    for query in (handle, "zebra", "zoe", "particular"):
        assert author.get("/suggestions", query_string={"q": query}).json == []
    preview = author.post(f"/threads/{thread}/posts", body=f"@{handle}", parent="", lang="en", preview="1")
    assert f'href="/@{handle}"' not in preview.text
    stranger = world.stranger()
    assert stranger.get("/suggestions?q=fp").status_code == 302
    assert stranger.get(f"/@{handle}").status_code == 302


def test_suggestions_find_by_a_name_only_those_who_show_it(world):
    reader, member = world.person("TH"), world.person("LA", title="Analyst", name="Phetsamone Hidden")
    neighbour = world.person("LA")
    assert reader.get("/suggestions?q=phet").json == []
    assert [one["handle"] for one in neighbour.get("/suggestions?q=phet").json] == [handle_of(world, member)]
    assert "Hidden" not in neighbour.get("/suggestions?q=phet").text
    assert [one["handle"] for one in reader.get("/suggestions?q=anal").json] == [handle_of(world, member)]
    assert "tf.la" in reader.get("/suggestions?q=tf.l").text


@pytest.mark.parametrize("query", ["", "%", "_", "' OR 1=1 --", "\\", "ก", "x" * 500, "😀"])
def test_odd_beginnings_suggest_nothing_and_break_nothing(world, query):
    world.person("LA")
    assert world.person().get("/suggestions", query_string={"q": query}).json == []


def test_a_member_changes_the_handle_and_old_texts_still_lead_there(world):
    member, other = world.person("LA"), world.person("TH")
    old = handle_of(world, member)
    thread = world.thread(other)
    other.post(f"/threads/{thread}/posts", body=f"@{old}", parent="", lang="en")
    assert member.post("/account/handle", handle="@Analyst.LA").status_code == 303
    assert handle_of(world, member) == "analyst.la"
    for handle in (old, "analyst.la"):
        assert other.get(f"/@{handle}").location.startswith(f"/people/{member.user_id}")
    assert other.post("/account/handle", handle=old).status_code == 409
    assert other.post("/account/handle", handle="analyst.la").status_code == 409
    for office in ("tf.vn", "tf.laos", "fp.la9", "admin", "admin2", "moderator.x", "secretariat"):
        assert other.post("/account/handle", handle=office).status_code == 409, office
    assert member.post("/account/handle", handle=old).status_code == 303
    assert [row.handle for row in world.all(select(FormerHandle.handle))] == ["analyst.la"]
    other.post(f"/threads/{thread}/posts", body="@analyst.la", parent="", lang="en")
    assert 'href="/@analyst.la"' in html_of(world)[-1]


@pytest.mark.parametrize("handle", ["", "x", "1abc", "a b", "a..b", ".a", "a.", "á.la", "x" * 31, "<b>", "a-b"])
def test_a_handle_that_is_none_is_refused_and_kept_in_the_form(world, handle):
    member = world.person()
    before = handle_of(world, member)
    answer = member.post("/account/handle", handle=handle)
    assert answer.status_code == 400
    assert "small letters" in answer.text
    assert handle_of(world, member) == before


def test_task_forces_have_handles_and_a_new_one_never_takes_anothers(world):
    handles = {row.handle for row in world.all(select(Organisation.handle).where(Organisation.state_code.is_not(None)))}
    assert {"tf.bn", "tf.la", "tf.vn"} <= handles
    member = world.person()
    assert member.post("/account/handle", handle="officer.la").status_code == 303
    with world.app.app_context():
        from hub.accounts.handles import new_handle
        from hub.db import db

        assert new_handle("Officer", db.session.get_one(Organisation, world.organisation_id("LA"))) == "officer.la2"


@given(st.text(max_size=80))
def test_folded_words_are_found_by_every_beginning(line):
    for word in text.fold(line):
        first, end = text.span(word[:1])
        assert first <= word < end


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Điều tra viên", ["dieu", "tra", "vien"]), ("Ｆｕｌｌ-width", ["full", "width"]), ("Straße 24", ["strasse", "24"]), ("เจ้าหน้าที่ ๒๔", ["เจ้าหน้าที่", "24"]),
        ("zero\u200bwidth", ["zerowidth"]), ("João's  Pão_x", ["joao", "s", "pao", "x"]), ("မြန်မာ", ["မြန်မာ"]), ("", []),
    ],
)  # fmt: skip
def test_folding_forgets_case_marks_and_native_digits(line, words):
    assert text.fold(line) == words


def test_a_text_full_of_handles_is_one_look_up(world):
    author = world.person()
    thread = world.thread(author)
    body = " ".join(f"@h{n}.x" for n in range(3_000))
    assert author.post(f"/threads/{thread}/posts", body=body, parent="", lang="en").status_code == 303
    assert not re.search("<a ", html_of(world)[-1])


def test_a_member_gives_up_at_most_five_handles(world):
    member = world.person()
    answers = [member.post("/account/handle", handle=f"analyst.x{n}").status_code for n in range(7)]
    assert answers == [303] * 5 + [409] * 2
    assert member.post("/account/handle", handle="analyst.x2").status_code == 303  # back to one of one's own
