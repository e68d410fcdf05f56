"""The queue: other states first, the most urgent first, in the same few statements whatever waits."""

from datetime import timedelta

from sqlalchemy import insert, select

from hub.db import UserText, db, now, unit_of_work
from hub.review.models import ReviewItem
from tests.discussions.test_paging import statements as statements
from tests.moderation.scene import flag, item, post_id, take


def fill(app, author_id, count, target_id, first=1_000):
    """So many open items of several states, one a minute."""
    with app.app_context(), unit_of_work():
        at = now()
        rows = [
            {"kind": "flag", "target_kind": "post", "target_id": target_id, "revision": first + n, "rule": "off_topic", "author_id": author_id, "state_code": ("LA", "SG", "TH")[n % 3],
             "opened_at": at, "due_at": at + timedelta(minutes=n), "version": 1, "outcome": "", "words": UserText(""), "undo": ""}
            for n in range(count)
        ]  # fmt: skip
        db.session.execute(insert(ReviewItem.__table__), rows)


def test_items_of_other_states_come_first_and_paging_shows_each_once(world, app, moderator):
    author = world.person("LA")
    thread = world.thread(author)
    fill(app, author.user_id, 100, post_id(world, thread))
    address, seen = "/moderation", []
    while address:
        page = moderator.get(address).text
        seen += [int(part.split('"')[0]) for part in page.split('class="title" href="/moderation/')[1:]]
        address = page.split('class="btn" href="')[-1].split('"')[0].replace("&amp;", "&") if "Further items" in page else ""
    assert len(seen) == len(set(seen)) == 100
    states = dict(world.all(select(ReviewItem.id, ReviewItem.state_code)))
    own = [states[item_id] == "SG" for item_id in seen]
    assert own == sorted(own)
    due = dict(world.all(select(ReviewItem.id, ReviewItem.due_at)))
    others = [due[item_id] for item_id in seen if states[item_id] != "SG"]
    assert others == sorted(others)


def test_statements_are_constant_with_ten_thousand_open_items(world, app, moderator, statements):
    author = world.person("LA")
    thread = world.thread(author)
    flag(world, world.person("VN"), thread, 1, "off_topic")
    found = item(world)
    take(world, moderator, found)

    def sent(path):
        moderator.get(path)
        statements.clear()
        assert moderator.get(path).status_code == 200
        return len(statements)

    paths = ["/moderation", "/moderation?kind=flag&state=TH", "/moderation?claim=free&late=1", f"/moderation/{found.id}", "/", "/house-rules"]
    fill(app, author.user_id, 60, post_id(world, thread))
    few = [sent(path) for path in paths]
    fill(app, author.user_id, 10_000, post_id(world, thread), first=100_000)
    many = [sent(path) for path in paths]
    assert all(after <= before for before, after in zip(few, many, strict=True)), (few, many)
    assert max(few) <= 24
    page = moderator.get("/moderation").text
    assert "More than 99 items wait" in page, page[page.index("<h1") : page.index("</h1")]


def test_filters_stand_in_the_address(world, moderator):
    author = world.person("LA")
    thread = world.thread(author, title="A thread of Lao PDR")
    flag(world, world.person("VN"), thread, 1, "off_topic")
    other = world.thread(world.person("TH"), title="A thread of Thailand")
    flag(world, world.person("VN"), other, 1, "personal_attack")
    page = moderator.get("/moderation?state=LA").text
    assert "A thread of Lao PDR" in page
    assert "A thread of Thailand" not in page
    assert "Nothing of this kind waits" in moderator.get("/moderation?kind=appeal").text
    assert "Nothing of this kind waits" in moderator.get("/moderation?late=1").text
    assert "Nothing of this kind waits" in moderator.get("/moderation?claim=mine").text
    take(world, moderator, item(world))
    assert "A thread of Thailand" in moderator.get("/moderation?claim=mine").text
    for odd in ("after=x", "after=1-9e99-5", "after=0-nan-3", "state=%00", "kind=x&claim=y&late=z"):
        assert moderator.get(f"/moderation?{odd}").status_code in (200, 404)
