"""A word in a hidden, removed or out-of-label text is in no answer, count, suggestion, push, letter, log line or error page for anybody who may not read it."""

import json
import logging
import re
from io import BytesIO
from itertools import product

import pytest
from sqlalchemy import select, update

from hub import listeners, live
from hub.accounts.models import User
from hub.db import db, end_reading, now, unit_of_work
from hub.discussions.models import Post
from hub.discussions.queries import threads_among
from hub.files.models import File
from hub.home.letters import write_letters
from hub.mail.models import Mail
from hub.notifications.models import Notification
from hub.review.models import ReviewItem
from tests.files.made import office
from tests.moderation.scene import decide, flag, item

HIDDEN, REMOVED, TITLE, AMBER, STRICT, HELD = "zqhidden", "zqremoved", "zqtitle", "zqamber", "zqstrict", "zqheld"
ENDS_THE_SESSION = {"accounts.sign_out", "accounts.sign_in"}
HARMFUL = {"membership.deactivate", "moderation.grants"}  # by an admin they would end the accounts of the others


@pytest.fixture
def scene(world, monkeypatch):
    """A hub in which each word stands where only some may read it; who may not, by word; and every push."""
    pushes: list[tuple] = []
    monkeypatch.setattr(live.heartbeat, "broadcast", lambda _server, to, said: pushes.extend((name, heads, to) for name, heads in said))
    people = {
        "stranger": world.stranger(), "partner": world.person(world.body_id(), role="partner"), "member": world.person("TH"), "flagger": world.person("VN"),
        "focal_point": world.person("TH", role="focal_point"), "colleague": world.person("LA"), "author": world.person("LA"), "moderator": world.person("SG", is_moderator=True),
        "other_moderator": world.person("MY", is_moderator=True), "admin": world.person(world.body_id(), is_admin=True),
    }  # fmt: skip
    author = people["author"]
    open_thread = world.thread(people["member"], title="Open to all")
    for body in (f"A text with {HIDDEN} in it.", f"A text with {REMOVED} in it."):
        world.reply(author, open_thread, body=body)
    author.post(f"/threads/{open_thread}/posts/2/edit", body=f"A text with {HIDDEN} and {HIDDEN}2 in it.", lang="en", revision="1")
    under_title = world.thread(author, title=f"About {TITLE} alone", body=f"Words on {TITLE}.")
    world.reply(people["member"], under_title, body=f"An answer on {TITLE}, in a hidden thread.")
    amber = world.thread(author, title=f"About {AMBER} alone", label="TLP:AMBER", body=f"Words on {AMBER}.")
    strict = world.thread(author, title=f"About {STRICT} alone", label="TLP:AMBER+STRICT", body=f"Words on {STRICT}.")
    world.reply(people["colleague"], strict, body=f"An answer on {STRICT}.")
    for num, word in ((2, HIDDEN), (3, REMOVED)):  # a document whose name, and whose words, are not for everybody
        document = office(body=f"<w:t>{word}</w:t>".encode())
        author.client.post(
            f"/threads/{open_thread}/posts/{num}/files", data={"csrf_token": author.signed(), "files": (BytesIO(document), f"{word}.docx")}, content_type="multipart/form-data"
        )
    for reader in ("partner", "member", "flagger", "focal_point", "moderator"):
        people[reader].get(f"/threads/{open_thread}", follow_redirects=True)
        people[reader].post(f"/threads/{open_thread}/posts/2/bookmark", on="1")
    flag(world, people["flagger"], open_thread, 2)
    flag(world, people["flagger"], under_title, 1, "shelter_or_operation")
    flag(world, people["flagger"], open_thread, 3, "off_topic")
    decide(world, people["other_moderator"], item(world), "remove")
    author.post(f"/threads/{open_thread}/posts", body=f"passport no. A1234567 of {HELD}", lang="en", parent="", hold="1")
    wrong = {
        HIDDEN: set(people) - {"author", "moderator", "other_moderator"}, TITLE: set(people) - {"author", "moderator", "other_moderator"}, REMOVED: set(people),
        AMBER: {"stranger", "partner", "admin"}, STRICT: set(people) - {"author", "colleague"}, HELD: set(people) - {"author"},
    }  # fmt: skip
    return people, wrong, pushes, (open_thread, under_title, amber, strict)


def values(world, rule, threads):
    """Everything the arguments of an address may be here."""
    with world.app.app_context():
        files = list(db.session.scalars(select(File.public_id))) or ["x"]
        users, items = list(db.session.scalars(select(User.id))), list(db.session.scalars(select(ReviewItem.id)))
        end_reading()
    known = {
        "thread_id": threads, "num": (1, 2, 3), "user_id": users, "item_id": items, "held_id": (1, 2), "draft_id": (1,), "organisation_id": (world.organisation_id("LA"),),
        "invitation_id": (1,), "sanction_id": (1,), "tag_id": (1,), "slug": ("protection",), "rule_id": ("phone",), "code": ("LA",), "token": ("x",), "handle": ("tf.la",),
        "version": ("x",), "name": ("x",), "public_id": files, "practice_id": (1,), "task_id": (1,), "what": ("clear",), "form": ("csv",),  # practices have a canary of their own
    }  # fmt: skip
    names = sorted(rule.arguments)
    with world.app.app_context():
        held = list(db.session.scalars(select(ReviewItem.target_id).where(ReviewItem.kind == "held")))
    known["held_id"] = held
    return [dict(zip(names, chosen, strict=True)) for chosen in product(*(known[name] for name in names))]


def address(rule, given):
    path = rule.rule
    for name, value in given.items():
        path = re.sub(rf"<any\([^)]*\):{name}>", str(value), path)
        for spelled in (f"<titled:{name}>", f"<int:{name}>", f"<path:{name}>", f"<{name}>"):
            path = path.replace(spelled, str(value))
    return path


def test_no_answer_tells_it_to_anybody_who_may_not_read_it(world, app, scene, caplog):
    people, wrong, pushes, threads = scene
    caplog.set_level(logging.DEBUG)
    told = []
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint not in ENDS_THE_SESSION]
    extra = [f"{path}?q={word}" for word in wrong for path in ("/people", "/suggestions")] + ["/pillars/protection?mine=1", "/pillars/protection?unread=1", "/moderation?claim=free"]
    forbidden = {name: [word for word in wrong if name in wrong[word]] for name in people}

    def look(name, answer, what):
        text = answer.text + str(answer.headers).replace(str(answer.headers.get("Location", "")), "")
        told.extend((name, word, what) for word in forbidden[name] if word in text and f"q={word}" not in what)

    for rule in rules:
        for given in values(world, rule, threads):
            path = address(rule, given)
            for name, person in people.items():
                if "GET" in rule.methods:
                    answer = person.get(path)
                    look(name, answer, f"GET {path}")
                    if answer.status_code in (301, 302) and answer.location.startswith("/") and "sign-in" not in answer.location:
                        look(name, person.get(answer.location.partition("#")[0]), f"GET {answer.location}")
    for path in extra:
        for name, person in people.items():
            look(name, person.get(path), f"GET {path}")
    for rule in rules:
        if "POST" in rule.methods and rule.endpoint not in HARMFUL:
            for given in values(world, rule, threads)[:12]:
                path = address(rule, given)
                for name in ("partner", "member", "flagger", "colleague", "focal_point", "stranger"):
                    look(name, people[name].post(path, target="post:2", parent="2", reason=""), f"POST {path}")
    assert told == []
    words = set(wrong)
    assert not any(word in record.getMessage() + str(record.__dict__) for record in caplog.records if record.name.startswith("hub") for word in words)
    live.all_rung()
    assert pushes
    assert not any(word in json.dumps(push) for push in pushes for word in words)


def test_no_letter_tells_it(world, app, scene):
    people, wrong, _pushes, _threads = scene
    with app.app_context():
        with unit_of_work():
            db.session.execute(update(Notification).where(Notification.kind.in_(("reply", "mention", "staff"))).values(mail_due_at=now()))
        write_letters()
        letters = [(row.to, row.subject + row.body) for row in db.session.scalars(select(Mail))]
        emails = {person.user_id: db.session.get_one(User, person.user_id).email for name, person in people.items() if name != "stranger"}
    assert letters
    for name, person in people.items():
        for word in wrong:
            if name in wrong[word] and name != "stranger":
                assert not any(word in text for to, text in letters if to == emails[person.user_id]), (name, word)


def test_no_socket_hears_of_what_its_member_may_not_read(app, scene):
    people, _wrong, _pushes, (open_thread, under_title, amber, strict) = scene
    may_not = {"partner": (under_title, amber, strict), "member": (under_title, strict), "moderator": (under_title, strict), "admin": (under_title, amber, strict), "colleague": (under_title,)}
    asked = [open_thread, under_title, amber, strict]
    with app.app_context():
        users = [db.session.get_one(User, people[name].user_id) for name in may_not]
        together = listeners._kinds["thread"]([(user, asked) for user in users])
        for (name, threads), user, heard in zip(may_not.items(), users, together, strict=True):
            assert not set(heard) & set(threads), name
            assert heard == listeners._kinds["thread"]([(user, asked)])[0], name
            assert heard == {thread.id for thread in threads_among(user, asked)}, name
            assert listeners._kinds["user"]([(user, [person.user_id for person in people.values()])]) == [{user.id}]
        assert any(together), "somebody hears something"


def test_counts_are_as_if_it_had_never_been(world):
    """Lists and numbers of somebody who may not read a text equal those from before it was written."""
    author, reader, partner, flagger = world.person("LA"), world.person("TH"), world.person(world.body_id(), role="partner"), world.person("VN")
    thread = world.thread(reader, title="Open to all")
    pages = ("/", "/pillars", "/pillars/protection", "/new", "/pillars/protection?unread=1", f"/people/{author.user_id}", f"/organisations/{world.organisation_id('LA')}", "/notifications")

    def seen(person):
        texts = [person.get(path, follow_redirects=True).text for path in pages]
        return [re.sub(r'name="(csrf_token|read_at|made_at)" value="[^"]*"', "", text[text.index("<main") :]) for text in texts]

    for person in (reader, partner):
        seen(person)
    before = {person.user_id: seen(person) for person in (reader, partner)}
    world.reply(author, thread, body="Words")
    flag(world, flagger, thread, 2)
    opening = world.thread(author, title="To be hidden")
    flag(world, flagger, opening, 1)
    assert seen(reader) == before[reader.user_id]
    world.thread(author, title="For task forces", label="TLP:AMBER")
    world.thread(author, title="For one house", label="TLP:AMBER+STRICT")
    assert seen(partner) == before[partner.user_id]
    assert world.one(select(Post.standing).where(Post.num == 2))[0] == "hidden"
