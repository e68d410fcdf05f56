"""Versions of a post: who reads the post compares them; a removed post has none."""


import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.discussions.history import GONE, NEW, SAME, word_diff
from tests.factories import MORE
from tests.work import is_bounded

TEXTS = st.text(st.sampled_from(list("ab \n.กำขေကြောង្ក中文")), max_size=60)


@settings(max_examples=100 * MORE, deadline=None)
@given(TEXTS, TEXTS)
def test_a_diff_holds_both_texts(old, new):
    pieces = word_diff(old, new)
    assert "".join(piece.words for piece in pieces if piece.kind != NEW) == old
    assert "".join(piece.words for piece in pieces if piece.kind != GONE) == new
    assert all(piece.words for piece in pieces)


def test_a_diff_names_the_changed_words_alone():
    pieces = word_diff("Notice at least 24 hours before hand-over.\nSecond line.", "Notice at least 48 hours before hand-over.\nSecond line.")
    assert [(piece.kind, piece.words) for piece in pieces] == [
        (SAME, "Notice at least "), (GONE, "24 "), (NEW, "48 "), (SAME, "hours before hand-over.\nSecond line."),
    ]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), [
    ("word " * 4_000, "other " * 3_300), ("ก" * 20_000, "ข" * 20_000), ("line\n" * 2_000, "lime\n" * 2_000), ("a b\n" * 5_000, "b a\n" * 5_000), ("x" * 20_000, "y" * 20_000),
    ("".join(f"line {n}\n" for n in range(2_000)), "".join(f"line {n * 7 % 2_000}\n" for n in range(2_000))),
])  # fmt: skip
def test_a_diff_of_long_texts_is_bounded(old, new):
    old, new = old[:20_000], new[:20_000]
    assert is_bounded(lambda: word_diff(old, new), 300)
    assert len(word_diff(old, new)) < 5_000


def test_readers_of_a_post_compare_its_versions(world):
    author, reader, partner = world.person("LA"), world.person("TH"), world.person(world.body_id(), role="partner")
    thread = world.thread(author, label="TLP:AMBER")
    world.reply(author, thread, body="Notice: 24 hours.")
    author.post(f"/threads/{thread}/posts/2/edit", body="Notice: 48 hours.", lang="en", revision="1", reason="as agreed on Monday")
    author.post(f"/threads/{thread}/posts/2/edit", body="Notice: 72 hours.", lang="en", revision="2")
    address = f"/threads/{thread}/posts/2/history"
    page = reader.get(address).text
    assert "<del>48 </del><ins>72 </ins>" in page
    assert "as agreed on Monday" in page
    assert "<del>24 </del><ins>48 </ins>" in reader.get(address + "?version=1").text
    assert address in reader.get(reader.get(f"/threads/{thread}").location).text
    assert partner.get(address).status_code == 404
    assert world.stranger().get(address).status_code == 302


def test_a_post_without_edits_has_no_history_and_a_removed_one_no_more(world):
    author = world.person("LA")
    thread = world.thread(author)
    world.reply(author, thread)
    address = f"/threads/{thread}/posts/2/history"
    assert author.get(address).status_code == 302
    author.post(f"/threads/{thread}/posts/2/edit", body="new", lang="en", revision="1")
    author.post(f"/threads/{thread}/posts/2/delete")
    assert author.get(address).status_code == 404


def test_a_changed_title_is_shown(world):
    author = world.person("LA")
    thread = world.thread(author, title="Old title here")
    author.post(f"/threads/{thread}/posts/1/edit", title="New title here", body="The first words.", lang="en", revision="1")
    page = author.get(f"/threads/{thread}/posts/1/history").text
    assert "<del>Old title here</del> <ins>New title here</ins>" in page
