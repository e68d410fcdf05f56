"""The same words elsewhere: however they are spelled, in any script, and no more than these."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.moderation.letters import letters_of
from hub.moderation.redaction import MARK, Span, cut, found_in, needles, needles_of_all, places_of

LATIN = "The victim was brought to Demo Village by a driver."
KHMER = "កន្លែង ភូមិស្វាយជ្រុំ ថ្ងៃនេះ"
BURMESE = "နေရာ မြောက်ဥက္ကလာပမြို့နယ် ဒီနေ့"
THAI = "ผู้เสียหายอยู่ที่บ้านดอนเมืองใหม่ วันนี้"


def of(text, *passages):
    return needles(text, [Span(text.index(words), text.index(words) + len(words)) for words in passages])


def redacted(text, wanted):
    return cut(text, found_in(text, wanted))


@pytest.mark.parametrize("quote", [
    "demo village", "DEMO VILLAGE", "Demo  Village", "> was brought to\n> Demo\n> Village", "**Demo** Village", "Demo **Village**", "Demo_Village", "Demo&nbsp;Village", "Demo\u00a0Village",
    "Demo\\\nVillage", "De\u200bmo Village", "Dem\u00ado Village", "Ｄｅｍｏ Ｖｉｌｌａｇｅ", "Demo Vi&#108;lage", "Demo-Village", "| Demo | Village |", "`Demo Village`", "Demo Vil\u0301lage",
    "/threads/12-demo-village", "Demo Village’s well", "\\Demo \\Village",
])  # fmt: skip
def test_a_place_is_found_however_it_is_spelled(quote):
    left = redacted(f"We read of {quote} before.", of(LATIN, "Demo Village"))
    assert MARK in left
    assert "lage" not in letters_of(left).plain


@pytest.mark.parametrize("innocent", ["A village of the demo", "Village Demo", "Demonstration villages", "democracy", "Demo Villager"])
def test_other_words_stay(innocent):
    assert found_in(innocent, of(LATIN, "Demo Village")) == []


@pytest.mark.parametrize(("text", "passage", "quotes"), [
    (KHMER, "ភូមិស្វាយជ្រុំ", [f"> {KHMER}", "កន្លែង ភូមិស្វាយជ្រុំ"]), (BURMESE, "မြောက်ဥက္ကလာပမြို့နယ်", [f"> {BURMESE}"]), (THAI, "ดอนเมืองใหม่", [f"> {THAI}", "ดอนเมืองใหม่ อยู่ไหน"]),
    ("Xa Tân Phú Demo, huyện xa.", "Tân Phú Demo", ["tân phú demo", "TÂN PHÚ DEMO", "Tan Phu Demo"]), ("The place was O'Hara Demo House.", "O'Hara Demo House", ["O’Hara Demo House"]),
])  # fmt: skip
def test_every_script_is_looked_up_and_found(text, passage, quotes):
    wanted = of(text, passage)
    assert all(any(letters_of(word).plain in letters_of(quote).plain for needle in wanted for word in needle.words) for quote in quotes)
    for quote in quotes:
        assert MARK in redacted(quote, wanted), quote


def test_a_short_passage_is_found_with_what_stands_beside_it_and_not_alone():
    wanted = of("The place is Tiko, near the river.", "Tiko")
    assert redacted("> The place is Tiko, near the river.", wanted) == f"> The place is {MARK}, near the river."
    assert found_in("Tiko again. I know Tiko.", wanted) == []
    assert of("the warehouse", "the warehouse") == []
    assert found_in("fishermen at sea", of("A word on fishermen", "fishermen")) == []


def test_a_part_of_a_long_passage_tells_as_well():
    wanted = of("She was brought to Demo Village by a driver of the blue truck.", "brought to Demo Village by a driver of the blue truck")
    assert redacted("> brought to Demo Village by a driver\n\nreally?", wanted) == f"> {MARK}\n\nreally?"
    assert found_in("a driver of the bus", wanted) == []


def test_a_text_removed_whole_is_found_in_trimmed_quotes_and_its_greetings_are_not():
    text = "Dear colleagues,\n\nThe victim was brought to Demo Village by a driver. She was met by an aunt of hers in the evening.\n\n> [Post 2](/threads/1/posts/2)\n\nThank you very much!"
    wanted = needles_of_all(text)
    assert redacted("> She was met by an aunt of hers in the evening.\n\nis that so?", wanted) == f"> {MARK}.\n\nis that so?"
    for innocent in ("Dear colleagues,\n\nwe agree.", "Thank you very much!", "> [Post 2](/threads/1/posts/2)\n\nYes."):
        assert found_in(innocent, wanted) == []


@pytest.mark.parametrize(("words", "text", "left"), [
    ("Ana", "Ana from management said so.", f"{MARK} from management said so."), ("demo   village", LATIN, f"The victim was brought to {MARK} by a driver."), ("(+66 81)", "Call (+66 81) now", f"Call {MARK} now"),
    ("...", "So ... no", f"So {MARK} no"), ("not there", LATIN, LATIN), ("", LATIN, LATIN), ("ดอนเมือง", THAI, THAI.replace("ดอนเมือง", MARK)),
])  # fmt: skip
def test_words_that_are_named_are_taken_out_where_they_stand_as_words(words, text, left):
    assert cut(text, places_of(words, text)) == left


def test_signs_of_quotes_take_no_time():
    """Before, this did not end: each sign could belong to each gap between words."""
    text = "> " * 40 + "attackword zq"
    for wanted in (needles(text, [Span(0, len(text))]), needles_of_all(text), needles_of_all("attackword " * 4_000)):
        found_in("> " * 15_000 + "\nattackword", wanted)
    assert places_of("> " * 200 + "x", "> " * 15_000) == []


@given(st.text(max_size=60), st.text(max_size=20), st.text(max_size=20))
def test_a_passage_is_found_again_where_it_was_said(passage, before, after):
    text = f"{before}\n\n{passage}\n\n{after}"
    place = Span(len(before) + 2, len(before) + 2 + len(passage))
    for needle in needles(text, [place]):
        assert found_in(text, [needle]), (needle, text)


@given(st.text(max_size=80))
def test_letters_know_their_places(text):
    read = letters_of(text)
    assert len(read.plain) == len(read.starts) == len(read.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(read.starts, read.ends, strict=True))
    assert list(read.starts) == sorted(read.starts)
