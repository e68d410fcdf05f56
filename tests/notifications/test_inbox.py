"""The inbox: what is addressed to one person, collapsed, with its reason, and only while it may be read."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import event, select

from hub.accounts.models import User
from hub.db import db, now, unit_of_work
from hub.deliver import turn
from hub.discussions.models import Standing, Thread
from hub.mail.models import Mail
from hub.notifications.models import Notification


@pytest.fixture
def asker(world):
    return world.person("LA", title="Screening officer")


@pytest.fixture
def other(world):
    return world.person("TH", title="Prosecutor")


@pytest.fixture
def thread(world, asker):
    return world.thread(asker, title="Quite a particular title")


def lines(browser) -> list[tuple[str, str, bool]]:
    """Head, reason, and whether it is new, of each line of the inbox."""
    page = browser.get("/notifications").text
    found = re.findall(r'<a class="title" href="[^"]*">(.*?)</a>.*?<p class="excerpt">(.*?)</p>', page, re.S)
    return [(head, re.sub("<b>.*?</b> ", "", reason), "<b>" in reason) for head, reason in found]


def badge(browser) -> int:
    shown = browser.get("/notifications/count").json["unread"]
    page = browser.get("/account").text
    assert f"<b>{shown}</b>" in page
    assert ('data-count hidden' in page) == (shown == 0)
    return shown


def handle_of(world, browser) -> str:
    return world.one(select(User.handle).where(User.id == browser.user_id)).handle


def test_a_reply_is_told_to_whom_it_answers_and_to_nobody_else(world, asker, other, thread):
    third = world.person("VN")
    world.reply(other, thread)
    assert lines(asker) == [("A reply to your post 1 in “Quite a particular title”", "because it answers a post of yours", True)]
    assert (badge(asker), badge(other), badge(third)) == (1, 0, 0)
    world.reply(asker, thread)  # to oneself
    assert badge(asker) == 1


def test_three_kinds_for_two_people_collapse_while_unread(world, asker, other, thread):
    moderator = world.person("SG", is_moderator=True)
    num = world.reply(other, thread)
    world.reply(other, thread)
    other.post(f"/threads/{thread}/posts", body=f"Ask @{handle_of(world, asker)} and @{handle_of(world, other)}.", lang="en", parent=str(num))
    other.post(f"/threads/{thread}/posts", body=f"Again @{handle_of(world, asker)}.", lang="en", parent=str(num))
    moderator.post(f"/threads/{thread}/lock", locked="1")
    asker.post(f"/threads/{thread}/posts/{num}/answer", on="1")
    assert lines(asker) == [
        ("A decision on “Quite a particular title”", "because you started the thread, and a moderator closed it", True),
        ("2 mentions in “Quite a particular title”", "because your handle was mentioned", True),
        ("2 replies to your post 1 in “Quite a particular title”", "because it answers a post of yours", True),
    ]
    assert lines(other) == [("Your post is marked as the answer in “Quite a particular title”", "because you wrote that post", True)]
    assert badge(asker) == 3


def test_a_task_force_is_told_through_its_focal_points(world, other, thread):
    chief, member = world.person("VN", role="focal_point"), world.person("VN")
    other.post(f"/threads/{thread}/posts", body="What does @tf.vn do?", lang="en")
    assert lines(chief)[0][:2] == ("You are mentioned in “Quite a particular title”", "because your organisation was mentioned, and you are its focal point")
    assert lines(member) == []


def test_an_edit_tells_only_whom_it_newly_names(world, asker, other, thread):
    num = world.reply(other, thread)
    named = world.person("VN")
    for revision, body in ((1, f"Ask @{handle_of(world, named)}."), (2, f"Do ask @{handle_of(world, named)}.")):
        other.post(f"/threads/{thread}/posts/{num}/edit", body=body, lang="en", revision=str(revision))
    assert len(lines(named)) == 1
    assert world.one(select(Notification.count).where(Notification.user_id == named.user_id))[0] == 1


def test_an_accepted_invitation_is_told_to_who_invited(world):
    focal_point, place = world.person("LA", role="focal_point"), world.organisation_id("LA")
    focal_point.post(f"/organisations/{place}/members", email="guest@example.org", role_title="Guest", role="member", organisation=place)
    link = re.search(r"/invitations/[\w-]+", world.one(select(Mail.body)).body)[0]
    world.stranger().post(link, role_title="Guest", name="", password="four quiet herons 9", again="four quiet herons 9")
    assert lines(focal_point)[0][:2] == ("Your invitation was accepted", "because you invited them")


def test_reading_marking_and_undoing(world, asker, other, thread):
    world.reply(other, thread)
    row = world.one(select(Notification.id)).id
    answer = asker.post("/notifications/read", id=row)
    assert badge(asker) == 0
    page = asker.get(answer.location).text
    at = re.search(r'name="at" value="([^"]+)"', page)[1]
    asker.post("/notifications/undo", at=at)
    assert badge(asker) == 1
    asker.post("/notifications/read", made_at=now().isoformat())
    assert badge(asker) == 0
    assert [new for _head, _reason, new in lines(asker)] == [False]
    world.reply(other, thread)  # a new row, since the old one is read
    assert len(lines(asker)) == 2
    other.post("/notifications/undo", at=at)  # another's
    assert badge(asker) == 1


def test_undoing_meets_what_came_meanwhile(world, asker, other, thread):
    world.reply(other, thread)
    answer = asker.post("/notifications/read", made_at=now().isoformat())
    at = re.search(r'name="at" value="([^"]+)"', asker.get(answer.location).text)[1]
    world.reply(other, thread)
    assert asker.post("/notifications/undo", at=at).status_code == 303
    assert badge(asker) == 1


def test_marking_all_leaves_what_came_after_the_page(world, asker, other, thread):
    made_at = now().isoformat()
    world.reply(other, thread)
    asker.post("/notifications/read", made_at=made_at)
    assert badge(asker) == 1


def test_the_page_of_the_thread_counts_as_reading(world, asker, other, thread):
    world.reply(other, thread)
    asker.get(asker.get(f"/threads/{thread}").location)
    assert badge(asker) == 0


def test_seen_on_screen_counts_as_reading(world, asker, other, thread):
    num = world.reply(other, thread)
    asker.post(f"/threads/{thread}/seen", nums=str(num))
    assert badge(asker) == 0


@pytest.mark.parametrize("closing", ["deleted", "stricter", "thread gone"])
def test_what_became_unreadable_is_neither_listed_nor_counted_nor_mailed(world, asker, other, thread, closing):
    named = world.person("VN")
    other.post(f"/threads/{thread}/posts", body=f"Ask @{handle_of(world, named)}.", lang="en")
    assert badge(named) == 1
    if closing == "deleted":
        other.post(f"/threads/{thread}/posts/2/delete")
    elif closing == "stricter":
        world.change(Thread, thread, label="TLP:AMBER+STRICT")
    else:
        world.change(Thread, thread, standing=Standing.HIDDEN if hasattr(Standing, "HIDDEN") else Standing.DELETED)
    assert named.get("/notifications/count").json == {"unread": 0}
    page = named.get("/notifications").text
    assert "particular" not in page
    assert "Nothing yet" in page
    due(world)
    address = world.one(select(User.email).where(User.id == named.user_id)).email
    assert address not in [to for to, _failure in letters(world)]


def due(world) -> None:
    """Ten minutes pass, and what is done from time to time is done."""
    with world.app.app_context():
        with unit_of_work():
            db.session.execute(sa.update(Notification).where(Notification.mail_due_at.is_not(None)).values(mail_due_at=now() - timedelta(seconds=1)))
        turn()


def letters(world) -> list[tuple[str, str]]:
    return [tuple(row) for row in world.all(select(Mail.to, Mail.failure).where(Mail.notification_id.is_not(None)).order_by(Mail.id))]


def sent(app, monkeypatch) -> list[tuple[str, str, str]]:
    """Letters as they leave."""
    left = []
    monkeypatch.setitem(app.config, "HUB_MAIL_URL", "console:")
    monkeypatch.setattr("hub.mail.transports._print_addressee", lambda letter: left.append((letter.to, letter.subject, letter.body)))
    return left


def test_mail_has_title_and_link_only_and_waits_ten_minutes(world, app, asker, other, thread, monkeypatch):
    left = sent(app, monkeypatch)
    other.post(f"/threads/{thread}/posts", body="Secret words of the answer.", lang="en")
    with app.app_context():
        turn()
    assert left == []
    due(world)
    assert len(left) == 1
    to, subject, body = left[0]
    assert to == world.one(select(User.email).where(User.id == asker.user_id)).email
    assert subject == "[TLP:GREEN] A reply to your post 1 in “Quite a particular title”"
    assert f"/threads/{thread}/posts/2" in body
    assert "Secret" not in subject + body
    due(world)
    assert len(left) == 1
    assert world.one(select(Mail.subject, Mail.body).where(Mail.notification_id.is_not(None))) == ("", "")  # nothing stays once it left


def test_mail_of_a_strict_thread_says_only_that_there_is_something(world, app, asker, monkeypatch):
    left = sent(app, monkeypatch)
    colleague = world.person("LA")
    thread = world.thread(asker, title="Quite a particular title", label="TLP:AMBER+STRICT")
    world.reply(colleague, thread)
    due(world)
    assert left[0][1] == "[TLP:AMBER+STRICT] New activity"
    assert "particular" not in left[0][2]


@pytest.mark.parametrize("meanwhile", ["read", "switched off", "deactivated", "unreadable"])
def test_mail_is_not_written_when_it_is_no_longer_due(world, app, asker, other, thread, monkeypatch, meanwhile):
    left = sent(app, monkeypatch)
    world.reply(other, thread)
    lapse(world, asker, thread, meanwhile)
    due(world)
    assert left == []
    assert letters(world) == []


def lapse(world, reader, thread: int, how: str) -> None:
    if how == "read":
        reader.post("/notifications/read", made_at=now().isoformat())
    elif how == "switched off":
        reader.post("/notifications/by-mail", by_mail="0")
    elif how == "deactivated":
        world.change(User, reader.user_id, deactivated_at=now())
    else:
        world.change(Thread, thread, standing=Standing.DELETED)


@pytest.mark.parametrize("meanwhile", ["read", "switched off", "deactivated", "unreadable"])
def test_a_letter_that_waits_for_a_mail_server_is_asked_again(world, app, asker, other, thread, monkeypatch, meanwhile):
    def away(_letter):
        raise OSError("no server")

    monkeypatch.setitem(app.config, "HUB_MAIL_URL", "console:")
    monkeypatch.setattr("hub.mail.transports._print_addressee", away)
    world.reply(other, thread)
    due(world)
    assert letters(world)[0][1] == "OSError"
    left = sent(app, monkeypatch)
    lapse(world, asker, thread, meanwhile)
    with app.app_context():
        with unit_of_work():
            db.session.execute(sa.update(Mail).values(next_try_at=now()))
        turn()
    assert left == []
    assert letters(world)[0][1] == "no longer due"
    assert world.one(select(Mail.subject, Mail.body).where(Mail.notification_id.is_not(None))) == ("", "")


def test_the_inbox_takes_the_same_statements_however_much_is_in_it(world, app, asker, other):
    def statements() -> int:
        count = []
        with app.app_context():
            engine = db.engine

        def counted(_connection, _cursor, statement, *_more):
            count.append(statement)

        event.listen(engine, "before_cursor_execute", counted)
        asker.get("/notifications")
        event.remove(engine, "before_cursor_execute", counted)
        return len([statement for statement in count if not statement.startswith("PRAGMA")])

    world.reply(other, world.thread(asker))
    few = statements()
    for _n in range(30):
        world.reply(other, world.thread(asker))
    assert statements() == few <= 5


def test_a_long_inbox_is_read_by_pages(world, asker, other):
    for n in range(45):
        world.reply(other, world.thread(asker, title=f"Title number {n:02}"))
    first = asker.get("/notifications").text
    following = re.search(r'href="(/notifications\?after=[^"]+)"', first)[1].replace("&amp;", "&")
    second = asker.get(following).text
    assert [len(re.findall(r'class="title"', page)) for page in (first, second)] == [40, 5]
    assert "Title number 44" in first
    assert "Title number 00" in second
    assert asker.get("/notifications?after=nonsense").status_code == 200


def test_a_held_text_is_told_to_its_author(world, asker, thread):
    asker.post(f"/threads/{thread}/posts", body="passport no. A1234567", lang="en", hold="1")
    assert lines(asker)[0][:2] == ("Your text is held for a moderator", "because the safeguard stopped it and you sent it to a moderator")
