"""Who reads what: every label against every kind of reader, through every door."""

import re

import pytest
from sqlalchemy import select

from hub import policy
from hub.accounts.models import User
from hub.db import Base, UserText, UserTextType, db
from hub.discussions.models import Post, Thread
from hub.readable import READABLE
from tests.test_routes import READERS, cast

# label: who opens a thread of the Lao task force under it
OPEN_TO = {
    "TLP:CLEAR": "partner member same_organisation author focal_point reviewer moderator admin",
    "TLP:GREEN": "partner member same_organisation author focal_point reviewer moderator admin",
    "TLP:AMBER": "member same_organisation author focal_point reviewer moderator",
    "TLP:AMBER+STRICT": "same_organisation author focal_point",
}


@pytest.mark.parametrize("label", OPEN_TO)
def test_a_label_opens_a_thread_to_exactly_its_readers_by_every_door(world, label):
    people = cast(world)
    thread = world.thread(people["author"], title="Quite a particular title", label=label, body="quite particular words")
    world.reply(people["author"], thread, body="more particular words")
    with world.app.test_request_context():
        address = f"/threads/{thread}-quite-a-particular-title"
    with world.app.app_context():
        stored = db.session.get_one(Thread, thread)
        told = {name for name in READERS if people[name].user_id and policy.opens(db.session.get_one(User, people[name].user_id), label, stored.organisation_id)}
    assert told == set(OPEN_TO[label].split())  # who may be told of it is who may read it
    for name in READERS:
        reads = name in OPEN_TO[label].split()
        browser = people[name]
        answers = {path: browser.get(path) for path in (address, f"/threads/{thread}", f"/threads/{thread}/posts/2", "/pillars/protection", "/", "/pillars")}
        shown = [path for path, answer in answers.items() if "particular" in answer.text + (answer.location or "").replace(address, "")]
        if reads:
            assert answers[address].status_code == 200, name
            assert {address, "/pillars/protection", "/", "/pillars"} <= set(shown), name
        else:
            assert "articular" not in "".join(answer.text for answer in answers.values()).replace(address, ""), name
            expected = 404 if name not in ("anonymous", "invited", "suspended") else 302
            assert {answers[path].status_code for path in (address, f"/threads/{thread}", f"/threads/{thread}/posts/2")} == {expected}, name
            for path, fields in ((f"/threads/{thread}/posts", {"body": "x", "lang": "en"}), (f"/threads/{thread}/posts/1/edit", {}), (f"/threads/{thread}/lock", {})):
                assert browser.post(path, **fields).status_code == (404 if expected == 404 else 401), (name, path)


def test_a_thread_one_may_not_read_answers_like_one_that_is_not_there(world):
    people = cast(world)
    thread = world.thread(people["author"], label="TLP:AMBER")
    for name in ("partner", "anonymous"):
        hidden, missing = (people[name].get(f"/threads/{number}") for number in (thread, 999_999))
        assert hidden.status_code == missing.status_code
        token = r'(data-token|name="csrf_token" value)="[^"]*"'  # of the second in which it was made
        hidden_page, missing_page = (re.sub(token, "", answer.text) for answer in (hidden, missing))
        assert re.sub(rf"(?:%2F|/){thread}\b", "/999999", hidden_page) == re.sub("%2F999999", "/999999", missing_page)
        assert (hidden.location or "").replace(f"/{thread}", "/999999") == (missing.location or "")


def test_an_agency_is_inside_its_task_force(world):
    agency = world.agency("LA")
    officer, chief, neighbour = world.person(agency), world.person("LA"), world.person("VN")
    thread = world.thread(officer, label="TLP:AMBER+STRICT")
    assert chief.get(f"/threads/{thread}").status_code == 301
    assert neighbour.get(f"/threads/{thread}").status_code == 404


def test_a_regional_body_reads_as_a_partner_unless_an_admin_says_otherwise(world):
    body = world.body_id()
    observer, admin = world.person(body, role="member"), world.person("SG", is_admin=True)
    thread = world.thread(world.person("LA"), label="TLP:AMBER")
    assert observer.get(f"/threads/{thread}").status_code == 404
    fields = {"name": "A regional body", "short_name": "BODY", "version": "1", "reads_amber": "1"}
    assert admin.post(f"/organisations/{body}/edit", **fields).status_code == 303
    assert observer.get(f"/threads/{thread}").status_code == 301


def test_nobody_opens_a_thread_under_a_label_they_could_not_read(world):
    partner = world.person("LA", role="partner")
    fields = {"title": "A title", "kind": "question", "lang": "en", "body": "words"}
    for label, code in (("TLP:GREEN", 303), ("TLP:AMBER", 400), ("TLP:AMBER+STRICT", 400), ("TLP:RED", 400)):
        assert partner.post("/pillars/protection/threads/new", label=label, **fields).status_code == code


def test_a_suspended_member_reads_nothing_and_can_do_nothing(world):
    people = cast(world)
    with world.app.test_request_context():
        suspended = db.session.get_one(User, people["suspended"].user_id)
        world_thread = world.thread(people["author"])
        suspended = db.session.get_one(User, people["suspended"].user_id)
        assert db.session.scalars(select(Thread).where(policy.readable(suspended, Thread), Thread.id == world_thread)).all() == []
        assert not policy.can(suspended, "thread.start", None)


def test_every_model_on_pages_has_a_rule_of_reading():
    with_own_reader = {"user_session", "password_reset", "attempt", "demo", "mail", "reviewer", "thread_tag", "post_revision", "read_state", "read_count", "shown", "mention", "bookmark",
                       "folded_word", "former_handle", "moved_post", "public_view", "purge", "audit_head", "review_cause", "safeguard_rule", "safeguard_choice",
                       "expertise", "profile_language", "profile_pillar",
                       "practice_choice", "practice_right", "practice_partner", "practice_result", "practice_link", "practice_tag", "practice_step",
                       "practice_event", "practice_deadline", "practice_review", "practice_comment", "endorsement", "adoption", "library_stamp",
                       "room_terms", "delegation", "room_consent", "disclosure", "minutes_line", "minutes_signature"}  # fmt: skip
    tables = {mapper.local_table.name for mapper in Base.registry.mappers}
    ruled = {model.__tablename__ for model in READABLE}
    assert tables - ruled == with_own_reader


def test_every_column_of_words_is_user_text():
    not_words = {
        "state": {"code", "short_name", "joined_on", "zone", "languages", "domain_hint"}, "pillar": {"slug", "numeral", "name", "formal_name", "lead"},
        "tag": {"slug", "name"}, "organisation": {"kind", "state_code", "checked_on", "handle"},
        "user": {"email", "handle", "password_hash", "role", "zone"}, "invitation": {"token_hash", "email", "role"},
        "mail": {"message_id", "to", "subject", "body", "failure"}, "user_session": {"token_hash"}, "password_reset": {"token_hash"},
        "attempt": {"purpose", "account", "address"}, "thread": {"kind", "label", "lang", "standing", "states"}, "post_count": {"label"}, "read_count": {"label"},
        "post": {"path", "client_id", "lang", "standing"}, "post_revision": {"lang"}, "profile_language": {"lang"}, "contact": {"shown_to"},
        "profile": {"name_for", "about_for", "expertise_for", "languages_for", "pillars_for", "zone_for", "availability", "availability_for", "hidden_from"},
            "draft": {"place", "save_id", "choices"}, "folded_word": {"field"}, "former_handle": {"handle"},
        "audit_row": {"action", "target_kind", "details", "previous", "hash"}, "audit_head": {"hash"}, "held": {"place", "client_id", "kinds"},
        "notification": {"kind", "reason", "subject"}, "review_item": {"kind", "target_kind", "outcome", "rule", "state_code", "undo"}, "purge": {"table", "spans", "trouble"}, "file": {"public_id", "kind", "digest", "standing"}, "public_view": {"day"}, "sanction": {"kind"}, "review_cause": {"reason"},
        "safeguard_rule": {"rule"}, "safeguard_choice": {"rule", "choice"},
        "practice": {"state_code", "label", "stage", "stage_before", "evidence_level", "maturity"}, "practice_step": {"save_id"},
        "practice_revision": {"lang", "scope", "period_start", "period_end", "evidence_level", "cost_currency", "cost_every", "cost_band"},
        "practice_choice": {"field", "value"}, "practice_right": {"item", "answer"}, "practice_partner": {"kind"}, "practice_result": {"unit"},
        "practice_link": {"kind"}, "practice_event": {"move", "source", "target"}, "practice_deadline": {"what"}, "practice_review": {"verdict"},
        "adoption": {"status", "since"},
        "room": {"public_id", "kind", "label", "attribution", "state"}, "room_terms": {"label", "attribution", "hash"}, "room_consent": {"hash"},
        "room_member": {"role"}, "room_entry": {"kind", "client_id", "what", "lang", "mac"}, "disclosure": {"before"},
        "minutes": {"hash", "head_hash"}, "minutes_line": {"section"}, "minutes_signature": {"hash"},
    }  # fmt: skip
    for table in Base.metadata.sorted_tables:
        texts = {column.name for column in table.columns if column.type.python_type in (str, UserText) and not isinstance(column.type, UserTextType)}
        assert texts <= not_words.get(table.name, set()), table.name
    assert issubclass(Post.body_md.type.__class__, UserTextType)
