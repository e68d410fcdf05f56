"""A pillar's list narrowed by the address; what one may not read is never in it."""

import re

import pytest
from sqlalchemy import select

from hub.db import db, unit_of_work
from hub.discussions.models import Thread, ThreadTag
from hub.pillars.models import Tag


@pytest.fixture
def threads(world):
    lao, thai = world.person("LA"), world.person("TH")
    made = {
        "question": world.thread(lao, title="A question", lang="lo"),
        "challenge": world.thread(thai, title="A challenge", kind="challenge", lang="th"),
        "amber": world.thread(thai, title="An amber one", label="TLP:AMBER"),
        "asking": world.thread(lao, title="Asking to be public", label="TLP:CLEAR"),
        "elsewhere": world.thread(lao, title="Elsewhere", pillar="prevention"),
    }
    with world.app.app_context(), unit_of_work():
        shelter = db.session.scalars(select(Tag.id).where(Tag.slug == "shelter")).one()
        for name in ("question", "amber"):
            db.session.add(ThreadTag(thread_id=made[name], tag_id=shelter))
    return {"lao": lao, "thai": thai, "partner": world.person(world.body_id(), role="partner")} | made


def titles(page: str) -> set[str]:
    return set(re.findall(r'class="title"[^>]*>([^<]+)<', page))


@pytest.mark.parametrize(("query", "expected"), [
    ("", {"A question", "A challenge", "An amber one", "Asking to be public"}), ("kind=challenge", {"A challenge"}), ("lang=lo", {"A question"}),
    ("tag=shelter", {"A question", "An amber one"}), ("tag=shelter&kind=question&label=TLP:AMBER", {"An amber one"}), ("mine=1", {"A question", "Asking to be public"}),
    ("label=TLP:GREEN", {"A question", "A challenge", "Asking to be public"}), ("label=TLP:CLEAR", set()), ("tag=no-such", set()),
    ("kind=odd&lang=xx&label=TLP:RED&mine=x", {"A question", "A challenge", "An amber one", "Asking to be public"}),
])  # fmt: skip
def test_filters_combine_and_odd_values_narrow_nothing(threads, query, expected):
    assert titles(threads["lao"].get(f"/pillars/protection?{query}").text) == expected


def test_a_filter_shows_nothing_one_may_not_read(threads):
    for query in ("tag=shelter", "label=TLP:AMBER", "kind=question", ""):
        assert "An amber one" not in threads["partner"].get(f"/pillars/protection?{query}").text


def test_the_filter_stays_from_page_to_page(world):
    reader = world.person("LA")
    for n in range(60):
        world.thread(reader, title=f"Number {n}", kind="question" if n % 2 else "challenge")
    page, seen = reader.get("/pillars/protection?kind=challenge").text, set()
    while True:
        seen |= titles(page)
        link = re.search(r'rel="next" href="([^"]+)"', page)
        if not link:
            break
        page = reader.get(link[1].replace("&amp;", "&")).text
    assert seen == {f"Number {n}" for n in range(0, 60, 2)}


def test_a_pinned_thread_takes_its_turn_in_a_narrowed_list(world, threads):
    moderator = world.person("SG", is_moderator=True)
    moderator.post(f"/threads/{threads['question']}/pin", pinned="1")
    assert titles(moderator.get("/pillars/protection?kind=question&lang=lo").text) == {"A question"}
    assert world.one(select(Thread.pinned_at).where(Thread.id == threads["question"])).pinned_at


def test_a_topic_of_a_thread_leads_to_others(world, threads):
    page = threads["lao"].get(threads["lao"].get(f"/threads/{threads['question']}").location).text
    assert 'href="/pillars/protection?tag=shelter"' in page
