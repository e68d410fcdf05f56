"""Who reads a practice at each stage, on every page there is: an unusual word in each field, and every address tried by everybody."""

from itertools import product

import pytest
from sqlalchemy import select, update

from hub.db import db, now, unit_of_work
from hub.home.letters import write_letters
from hub.mail.models import Mail
from hub.notifications.models import Notification
from hub.practices.models import Practice
from tests.practices import scene

WORD = "axolotl"
TITLE = f"What the {WORD} taught our first interviews"
INSIDE = {"author", "clearer", "moderator"}
EVERYBODY = {"author", "clearer", "moderator", "first", "second", "named", "member", "foreign", "partner", "admin", "colleague"}
STAGES = {
    "draft": {"author"},
    "withdrawn": {"author"},
    "clearance": INSIDE,
    "review": INSIDE | {"first", "second"},
    "changes_requested": INSIDE | {"first", "second"},
    "comment": INSIDE | {"first", "second", "named"},
    "published": EVERYBODY,
    "published under AMBER": EVERYBODY - {"partner", "admin"},
    "archived": EVERYBODY,
    "declined": {"author", "moderator"},
    "held": {"author", "moderator"},
}


def cast(world):
    return {
        "author": world.person("MY"), "colleague": world.person("MY"), "clearer": world.person("MY", "focal_point"), "moderator": world.person("SG", is_moderator=True),
        "first": world.person("PH", reviews="protection"), "second": world.person("TH", reviews="protection"), "named": world.person("LA", "focal_point"),
        "member": world.person("VN"), "foreign": world.person("KH", "focal_point"), "partner": world.person(world.body_id(), role="partner"),
        "admin": world.person(world.body_id(), is_admin=True), "stranger": world.stranger(),
    }  # fmt: skip


def brought_to(world, people, stage):
    author, clearer, moderator = people["author"], people["clearer"], people["moderator"]
    more = {"label": "TLP:AMBER"} if stage.endswith("AMBER") else {}
    practice = scene.written(world, author, TITLE, summary=f"{WORD} {scene.LONG}", lessons=f"{WORD} {scene.LONG}", **more, **({"other_states": ["LA"]} if stage == "comment" else {}))
    if stage == "draft":
        return practice
    if stage == "withdrawn":
        author.post(f"/practices/{practice}/withdraw", words="Not now.")
        return practice
    scene.submit(author, practice)
    if stage == "clearance":
        return practice
    clearer.post(f"/practices/{practice}/clear", words="Cleared.")
    scene.ask(moderator, practice, people["first"], people["second"])
    if stage == "review":
        return practice
    verdict = "changes" if stage == "changes_requested" else "pass"
    for reviewer in ("first", "second"):
        scene.score(people[reviewer], practice, verdict=verdict, words=f"The {WORD} is well described.")
    then = {"archived": (author, "archive"), "declined": (moderator, "hold"), "held": (moderator, "hold")}.get(stage)
    if then:
        then[0].post(f"/practices/{practice}/{then[1]}", words="A reason.")
    if stage == "declined":
        moderator.post(f"/practices/{practice}/decline", words="A reason.")
    return practice


@pytest.mark.parametrize("stage", STAGES)
def test_nobody_else_meets_a_word_of_it_on_any_page(world, app, stage):
    people = cast(world)
    practice = brought_to(world, people, stage)
    assert scene.stage(world, practice) == stage.partition(" ")[0]
    thread = world.one(select(Practice.thread_id).where(Practice.id == practice))[0]
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and rule.endpoint.startswith("practices.") and "practice_id" in rule.arguments]
    what = ("clear", "endorse", "withdraw", "decline")
    addresses = ["/practices", "/practices?view=table", "/practices?sort=adopted", "/practices.csv", "/practices.json", "/practices/mine", "/practices/to-review", "/", "/notifications",
                 f"/practices/new?copy={practice}", "/people", "/pillars/protection", "/new"]  # fmt: skip
    for rule in rules:
        for number, step in product((1, 2), what):
            path = rule.rule.replace("<titled:practice_id>", str(practice)).replace("<int:practice_id>", str(practice)).replace("<int:num>", str(number))
            addresses.append(path.partition("<any")[0] + step if "<any" in path else path)
    readers = STAGES[stage]
    for (name, person), address in product(people.items(), dict.fromkeys(addresses)):
        answer = person.get(address, follow_redirects=True)
        if name in readers or (thread and address in ("/pillars/protection", "/new", "/")):
            continue
        assert WORD not in answer.text, (name, address)
    for name in readers:
        assert WORD in people[name].get(f"/practices/{practice}", follow_redirects=True).text, name


def test_letters_name_a_practice_only_to_who_reads_it_when_they_leave(world, app):
    people = cast(world)
    practice = brought_to(world, people, "review")
    people["author"].post(f"/practices/{practice}/withdraw", words="Not now.")
    with app.app_context():
        with unit_of_work():
            db.session.execute(update(Notification).values(mail_due_at=now()))
        write_letters()
        letters = [(row.to, row.subject + row.body) for row in db.session.scalars(select(Mail))]
    told = {to for to, text in letters if WORD in text}
    assert len(told) == 1, "the author alone"


def test_what_the_author_writes_anew_is_nobody_elses_until_it_is_sent(world):
    people = cast(world)
    practice = brought_to(world, people, "published")
    scene.save(world, people["author"], practice, 4, lessons=f"The quetzal, too. {scene.LONG}")
    for name, person in people.items():
        for address in (f"/practices/{practice}", f"/practices/{practice}?revision=2", f"/practices/{practice}/compare?from=1&to=2", f"/practices/{practice}/print?revision=2"):
            answer = person.get(address, follow_redirects=True)
            assert name == "author" or "quetzal" not in answer.text, (name, address)
    assert "quetzal" in people["author"].get(f"/practices/{practice}/compare?from=1&to=2").text


def test_a_public_practice_is_public_in_the_version_that_was_agreed(world):
    people = cast(world)
    author, moderator = people["author"], people["moderator"]
    practice = scene.published(world, author, people["clearer"], moderator, (people["first"], people["second"]), label="TLP:CLEAR")
    stranger = people["stranger"]
    assert "sign-in" in stranger.get(f"/practices/{practice}").location
    moderator.post(f"/practices/{practice}/public")
    assert scene.TITLE in stranger.get(f"/practices/{practice}", follow_redirects=True).text
    assert scene.TITLE in stranger.get("/practices").text
    scene.save(world, author, practice, 4, lessons=f"Other lessons. {scene.LONG}")
    scene.submit(author, practice)
    scene.ask(moderator, practice, people["first"])
    scene.score(people["first"], practice)
    assert "sign-in" in stranger.get(f"/practices/{practice}").location, "a new version is agreed to anew"
