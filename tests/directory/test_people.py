"""The directory: a line of a profile shows, and is found, only by whom its owner chose."""

import html
import re

import pytest

FORM = {
    "version": "1", "role_title": "Screening officer", "name": "A Given Name", "name_for": "own_state", "about": "What I **do**", "about_for": "everyone",
    "expertise-0": "Chain of custody", "expertise_for": "task_forces", "languages": ["lo", "en"], "languages_for": "task_forces", "pillars": [], "pillars_for": "everyone",
    "zone": "Asia/Vientiane", "zone_for": "everyone", "availability": "limited", "availability_for": "task_forces", "contacts-0-line": "Office line of the unit", "contacts-0-shown_to": "own_state",
    "contacts-1-line": "Duty desk", "contacts-1-shown_to": "everyone", "contacts-2-shown_to": "own_state", "contacts-3-shown_to": "own_state",
}  # fmt: skip
LINES = {"own_state": ("A Given Name", "Office line of the unit"), "task_forces": ("Chain of custody", "ພາສາລາວ</li>"), "everyone": ("<strong>do</strong>", "Duty desk")}


@pytest.fixture
def owner(world):
    person = world.person("LA")
    assert person.post("/account/profile", **FORM).status_code == 303
    return person


@pytest.fixture
def readers(world, owner):
    return {
        "owner": (owner, ("own_state", "task_forces", "everyone")),
        "own state": (world.person("LA"), ("own_state", "task_forces", "everyone")),
        "agency of the state": (world.person(world.agency("LA")), ("own_state", "task_forces", "everyone")),
        "other state": (world.person("TH"), ("task_forces", "everyone")),
        "moderator": (world.person("SG", is_moderator=True), ("task_forces", "everyone")),
        "partner": (world.person(world.body_id(), role="partner"), ("everyone",)),
        "admin of a regional body": (world.person(world.body_id(), is_admin=True), ("everyone",)),
        "partner in the state": (world.person("LA", role="partner"), ("everyone",)),
    }


def test_each_line_shows_to_its_audience_alone(world, owner, readers):
    for name, (reader, audiences) in readers.items():
        page = reader.get(reader.get(f"/people/{owner.user_id}").location).text
        for audience, lines in LINES.items():
            for line in lines:
                assert (line in page) == (audience in audiences), (name, line)
        assert "Screening officer" in page


def test_the_list_and_its_filters_obey_the_same_choice(world, owner, readers):
    for name, (reader, audiences) in readers.items():
        listed = reader.get("/people?state=LA").text
        assert "Screening officer" in listed, name
        assert ("A Given Name" in listed) == ("own_state" in audiences), name
        assert ("Screening officer" in reader.get("/people?language=lo").text) == ("task_forces" in audiences), name


def test_names_beside_posts_obey_the_same_choice(world, owner, readers):
    thread = world.thread(owner)
    for name, (reader, audiences) in readers.items():
        page = reader.get(reader.get(f"/threads/{thread}").location).text
        assert ("A Given Name" in page) == ("own_state" in audiences), name


def test_a_deactivated_member_is_in_no_list_but_what_was_said_stays(world, owner):
    from hub.accounts.models import User
    from hub.db import now

    reader, thread = world.person("TH"), world.thread(owner, body="what was said")
    world.change(User, owner.user_id, deactivated_at=now())
    assert "Screening officer" not in reader.get("/people").text
    assert reader.get(f"/people/{owner.user_id}").status_code == 404
    page = reader.get(reader.get(f"/threads/{thread}").location).text
    assert "what was said" in page
    assert "Screening officer" in page


def test_a_stale_profile_form_overwrites_nothing(owner):
    answer = owner.post("/account/profile", **FORM | {"role_title": "From an old window"})
    assert answer.status_code == 409
    assert "From an old window" in answer.text
    assert "Screening officer" in owner.get("/account").text


def test_wrong_lines_are_named_and_the_rest_kept(owner):
    answer = owner.post("/account/profile", **FORM | {"version": "2", "expertise-1": "x" * 61, "zone": "Mars/Base", "about": "kept about"})
    assert answer.status_code == 400
    assert "at most 60 characters" in answer.text
    assert "Choose a zone" in answer.text
    assert "kept about" in answer.text


def test_long_lists_of_people_come_in_pages(world):
    for n in range(90):
        world.person("TH" if n % 2 else "LA", title=f"Officer number {n}")
    world.person(world.body_id(), title="Last of all")
    reader = world.person("BN", title="Who reads")
    page, seen = reader.get("/people").text, []
    while True:
        seen += re.findall(r"Officer number \d+|Last of all", page)
        link = re.search(r'rel="next" href="([^"]+)"', page)
        if not link:
            break
        page = reader.get(html.unescape(link[1])).text
    assert len(seen) == len(set(seen)) == 91
    assert seen[-1] == "Last of all"


def test_an_organisation_page_is_edited_by_its_focal_point_with_source_and_date(world):
    place, focal_point = world.organisation_id("LA"), world.person("LA", role="focal_point")
    fields = {"name": "The full name", "short_name": "TIP Task Force (Lao PDR)", "source": "gazette", "checked_on": "2569-11-20", "official_line": "duty post", "version": "1"}
    page = focal_point.get(focal_point.get(f"/organisations/{place}").location).text
    assert "Not entered. Ask the focal point." in page
    assert focal_point.post(f"/organisations/{place}/edit", **fields).status_code == 303
    page = focal_point.get(focal_point.get(f"/organisations/{place}").location).text
    assert "2026-11-20" in page
    assert "duty post" in page
    assert focal_point.post(f"/organisations/{place}/edit", **fields | {"name": "From an old window"}).status_code == 409
    assert focal_point.post(f"/organisations/{place}/edit", **fields | {"version": "2", "website": "javascript:alert(1)"}).status_code == 400
    assert focal_point.post(f"/organisations/{place}/edit", **fields | {"version": "2", "checked_on": "yesterday"}).status_code == 400


def test_times_are_shown_in_the_readers_zone(world, owner):
    assert "UTC+7 (Vientiane)" in owner.get("/").text
    assert owner.post("/account/profile", **FORM | {"version": "2", "zone": "Asia/Yangon"}).status_code == 303
    assert "UTC+6:30 (Yangon)" in owner.get("/").text


def test_words_find_a_member_by_the_lines_that_show_to_the_reader(world, owner, readers):
    found = {"screen": "everyone", "OFFI": "everyone", "lao": "everyone", "custo": "task_forces", "given": "own_state", "nam giv": "own_state", "screening custody": "task_forces"}
    for name, (reader, audiences) in readers.items():
        for words, audience in found.items():
            assert lists_owner(reader, q=words, state="LA") == (audience in audiences), (name, words)
        assert not lists_owner(reader, q="vil", state="LA")
        assert lists_owner(reader, expertise="chain") == ("task_forces" in audiences), name
        assert not lists_owner(reader, expertise="screening")
        assert lists_owner(reader, availability="limited") == ("task_forces" in audiences), name
        assert not lists_owner(reader, availability="away", state="LA")


def lists_owner(reader, **query):
    return 'class="title" href="/people/' in (page := reader.get("/people", query_string=query).text) and ">Screening officer</a>" in page


def test_words_follow_every_change_of_a_profile_and_of_an_organisation(world, owner):
    focal_point = world.person("LA", role="focal_point", title="Focal point")
    owner.post("/account/profile", **FORM | {"version": "2", "role_title": "Đặc phái viên"})
    assert "Đặc phái viên" in focal_point.get("/people?q=dac").text
    assert "Đặc phái viên" not in focal_point.get("/people?q=screening").text
    place = world.organisation_id("LA")
    form = {"name": "A renamed body", "short_name": "Renamed", "version": "1"}
    assert focal_point.post(f"/organisations/{place}/edit", **form).status_code == 303
    assert "Đặc phái viên" in focal_point.get("/people?q=renam").text
    assert "Đặc phái viên" not in focal_point.get("/people?q=lao").text


def test_a_profile_shows_what_the_member_wrote_as_far_as_the_reader_reads(world):
    author, partner, colleague = world.person("LA"), world.person(world.body_id(), role="partner"), world.person("LA")
    for label in ("TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT"):
        world.thread(author, title=f"Thread under {label[4:]}.", label=label)

    def page(reader):
        return reader.get(reader.get(f"/people/{author.user_id}").location)

    assert [f"under {label}." in page(partner).text for label in ("GREEN", "AMBER", "AMBER+STRICT")] == [True, False, False]
    assert all(f"under {label}." in page(colleague).text for label in ("GREEN", "AMBER", "AMBER+STRICT"))
    assert page(colleague).headers["Cache-Control"] == "no-store"


def test_an_organisation_shows_its_open_questions_as_far_as_the_reader_reads(world):
    author, reader, partner = world.person("LA"), world.person("TH"), world.person(world.body_id(), role="partner")
    asked = world.thread(author, title="Still asked")
    world.thread(author, title="Asked in confidence", label="TLP:AMBER")
    world.thread(author, title="Told, not asked", kind="experience")
    world.thread(reader, title="Asked elsewhere")
    place = f"/organisations/{world.organisation_id('LA')}"
    page = reader.get(reader.get(place).location).text
    assert "Still asked" in page
    assert "Asked in confidence" in page
    assert "Told, not asked" not in page
    assert "Asked elsewhere" not in page
    assert "Asked in confidence" not in partner.get(partner.get(place).location).text
    num = world.reply(reader, asked)
    author.post(f"/threads/{asked}/posts/{num}/answer", on="1")
    assert "Still asked" not in reader.get(reader.get(place).location).text
