"""What the writer can do about a passage: every way out, without a script; nothing typed is lost."""

import html
import re

import pytest
from sqlalchemy import select

from hub.audit.models import AuditRow
from hub.db import db
from hub.discussions.models import Post
from hub.review.models import Held, SafeguardChoice, SafeguardRule

THAI = "๑-๖๓๐๕-๐๑๒๓๔-๕๖-๒"
TEXT = f"A 15-year-old from Kampung Demo came, id {THAI}, and her mother answers on +66 81 234 5678.\n\nHow do others do it?"


@pytest.fixture
def writer(world):
    return world.person("LA", title="Screening officer")


@pytest.fixture
def thread(world, writer):
    return world.thread(writer)


def passages(page: str) -> list[tuple[str, str]]:
    """Key and words of each passage that a page shows."""
    keys = re.findall(r'name="passage-\d+-key" value="(\w+)"', page)
    return list(zip(keys, [html.unescape(words) for words in re.findall(r"<mark>(.*?)</mark>", page)], strict=True))


def decided(page: str, *choices: tuple[str, str]) -> dict[str, str]:
    fields = {}
    for n, ((key, _words), (choice, words)) in enumerate(zip(passages(page), choices, strict=True)):
        fields |= {f"passage-{n}-key": key, f"passage-{n}-choice": choice, f"passage-{n}-{'why' if choice == 'keep' else 'role'}": words}
    return fields


def bodies(world) -> list[str]:
    return [row[0] for row in world.all(select(Post.body_md).order_by(Post.id))][1:]


def test_findings_are_shown_in_place_and_nothing_typed_is_lost(world, writer, thread):
    answer = writer.post(f"/threads/{thread}/posts", body=TEXT, lang="en")
    assert answer.status_code == 400
    assert [words for _key, words in passages(answer.text)] == ["15-year-old from Kampung Demo", THAI, "+66 81 234 5678"]
    assert TEXT.replace("\n", "") in html.unescape(answer.text).replace("\n", "")
    assert "Cannot be stored" in answer.text
    assert answer.text.count('value="keep"') == 2  # not for the number of the document
    assert bodies(world) == []


def test_removed_replaced_and_kept_passages_are_posted_and_counted(world, writer, thread):
    page = writer.post(f"/threads/{thread}/posts", body=TEXT, lang="en").text
    fields = decided(page, ("replace", "minor"), ("remove", ""), ("keep", "number of the public hotline"))
    assert writer.post(f"/threads/{thread}/posts", body=TEXT, lang="en", **fields).status_code == 303
    assert bodies(world) == ["A minor came, id, and her mother answers on +66 81 234 5678.\n\nHow do others do it?"]
    rows = world.all(select(SafeguardChoice.rule, SafeguardChoice.choice, SafeguardChoice.why).order_by(SafeguardChoice.rule))
    assert rows == [("id-th", "remove", ""), ("indirect", "replace", ""), ("phone", "keep", "number of the public hotline")]
    counts = {row.rule: (row.found, row.removed, row.replaced, row.kept) for row in world.all(select(*SafeguardRule.__table__.c))}
    assert counts == {"id-th": (1, 1, 0, 0), "indirect": (1, 0, 1, 0), "phone": (1, 0, 0, 1)}


def test_an_empty_reason_or_role_decides_nothing_and_is_said(writer, thread, world):
    page = writer.post(f"/threads/{thread}/posts", body=TEXT, lang="en").text
    answer = writer.post(f"/threads/{thread}/posts", body=TEXT, lang="en", **decided(page, ("replace", ""), ("remove", ""), ("keep", "")))
    assert answer.status_code == 400
    assert "Say what to write instead" in answer.text
    assert "Say why in a few words" in answer.text
    assert len(passages(answer.text)) == 2  # what was removed is gone, and the form holds the text without it
    assert THAI not in answer.text
    assert bodies(world) == []


def test_choices_are_applied_and_read_once_more_before_they_are_sent(world, writer, thread):
    page = writer.post(f"/threads/{thread}/posts", body=TEXT, lang="en").text
    fields = decided(page, ("replace", "minor"), ("remove", ""), ("keep", "number of the public hotline"))
    shown = writer.post(f"/threads/{thread}/posts", body=TEXT, lang="en", apply="1", **fields)
    assert shown.status_code == 200
    changed = "A minor came, id, and her mother answers on +66 81 234 5678."
    assert changed in shown.text
    assert "Read it once more" in shown.text
    assert bodies(world) == []
    kept = dict(re.findall(r'<input type="hidden" name="(passage-0-\w+)" value="([^"]*)">', shown.text))
    assert set(kept) == {"passage-0-key", "passage-0-choice", "passage-0-why"}
    assert writer.post(f"/threads/{thread}/posts", body=changed.replace(", id,", ""), lang="en", **kept).status_code == 303
    assert [row[0] for row in world.all(select(SafeguardChoice.choice).order_by(SafeguardChoice.choice))] == ["keep", "remove", "replace"]


def test_the_gravest_passages_cannot_be_kept_by_any_form(world, writer, thread):
    page = writer.post(f"/threads/{thread}/posts", body=TEXT, lang="en").text
    why = ("keep", "it is nobody's")
    assert writer.post(f"/threads/{thread}/posts", body=TEXT, lang="en", **decided(page, why, why, why)).status_code == 400
    assert bodies(world) == []


def test_a_reason_that_tells_too_much_is_no_reason(world, writer, thread):
    text = "Her mother answers on +66 81 234 5678."
    page = writer.post(f"/threads/{thread}/posts", body=text, lang="en").text
    fields = decided(page, ("keep", "see passport A1234567"))
    answer = writer.post(f"/threads/{thread}/posts", body=text, lang="en", **fields)
    assert answer.status_code == 400
    assert world.all(select(SafeguardChoice.id)) == []


def test_a_page_may_ask_while_one_types(writer, thread, world):
    answer = writer.post(f"/threads/{thread}/posts", body=TEXT, lang="en", check="1")
    assert answer.status_code == 200
    assert len(passages(answer.text)) == 3
    assert "<html" not in answer.text
    assert writer.post(f"/threads/{thread}/posts", body="Harmless words", lang="en", check="1").text.strip() == ""
    assert world.all(select(SafeguardRule.rule)) == []  # asking is not counted


def test_a_grave_passage_keeps_a_draft_from_the_server_and_a_mild_one_does_not(world, writer, thread):
    refused = writer.post(f"/threads/{thread}/draft", body=TEXT, lang="en")
    assert refused.status_code == 400
    assert THAI in refused.text
    asked = writer.post(f"/threads/{thread}/draft", _headers={"Accept": "application/json"}, body=TEXT, lang="en")
    assert set(asked.json) == {"words"}
    assert writer.post(f"/threads/{thread}/draft", body="Her mother answers on +66 81 234 5678", lang="en").status_code == 303


def test_a_text_may_be_held_for_a_moderator(world, writer, thread):
    answer = writer.post(f"/threads/{thread}/posts", body=TEXT, lang="en", hold="1", client_id="once")
    assert answer.status_code == 303
    assert writer.post(f"/threads/{thread}/posts", body=TEXT, lang="en", hold="1", client_id="once").status_code == 303
    held = world.one(select(Held))[0]
    assert (held.place, held.kinds) == (f"thread/{thread}", "indirect national_id phone")
    assert b"Kampung" not in held.sealed
    assert bodies(world) == []
    page = writer.get("/drafts").text
    assert "Held for a moderator" in page
    assert "Kampung" not in page
    posted = writer.post(f"/threads/{thread}/draft", _headers={"Accept": "application/json"}, body=TEXT, lang="en", client_id="once")
    assert posted.json == {"posted": True}  # so that the browser forgets its copy
    assert writer.post(f"/held/{held.id}/take-back").status_code == 303
    assert world.one(select(Held.sealed))[0] is None


def test_nothing_grave_is_not_held(world, writer, thread):
    answer = writer.post(f"/threads/{thread}/posts", body="Harmless words", lang="en", hold="1")
    assert "Nothing here needs a moderator" in answer.text
    assert "Harmless words" in answer.text
    assert world.all(select(Held.id)) == []


def test_a_rule_that_an_admin_switched_off_stops_nothing(world, writer, thread):
    text = "Her mother answers on +66 81 234 5678."
    admin = world.person("SG", is_admin=True)
    assert admin.post("/moderation/safeguard/phone", off="1", reason="").status_code == 400
    assert writer.post(f"/threads/{thread}/posts", body=text, lang="en").status_code == 400
    assert admin.post("/moderation/safeguard/phone", off="1", reason="Stops too many offices").status_code == 303
    assert writer.post(f"/threads/{thread}/posts", body=text, lang="en").status_code == 303
    assert world.all(select(AuditRow.action, AuditRow.reason)) == [("safeguard.off", "Stops too many offices")]
    assert admin.post("/moderation/safeguard/phone", off="0").status_code == 303
    assert writer.post(f"/threads/{thread}/posts", body=text, lang="en").status_code == 400
    assert admin.post("/moderation/safeguard/nothing", off="1").status_code == 404


def test_ones_own_lines_may_be_repeated(world, writer, thread):
    from tests.directory.test_people import FORM

    text = "Write to me: +66 81 234 5678."
    assert writer.post(f"/threads/{thread}/posts", body=text, lang="en").status_code == 400
    assert writer.post("/account/profile", **FORM | {"contacts-0-line": "+66-81-2345678"}).status_code == 303
    assert writer.post(f"/threads/{thread}/posts", body=text, lang="en").status_code == 303


def test_every_form_of_words_shows_what_was_found(world):
    focal_point = world.person("LA", role="focal_point")
    place = world.organisation_id("LA")
    answer = focal_point.post(f"/organisations/{place}/edit", name="Full name", short_name="Short", version="1", note="The mother answers on +66 81 234 5678.")
    assert answer.status_code == 400
    fields = decided(answer.text, ("remove", ""))
    again = focal_point.post(f"/organisations/{place}/edit", name="Full name", short_name="Short", version="1", note="The mother answers on +66 81 234 5678.", **fields)
    assert again.status_code == 303
    with world.app.app_context():
        assert "81 234" not in str([tuple(row) for row in db.session.execute(select(Held.__table__))])
