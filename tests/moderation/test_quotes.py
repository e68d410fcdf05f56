"""What is taken out is found where it stands elsewhere, is shown first, and goes from there, too."""

import pytest
from sqlalchemy import func, select

from hub.db import db, unit_of_work
from hub.discussions.models import Post, PostRevision, Thread
from hub.drafts.models import Draft
from hub.moderation.models import Purge
from hub.review.models import Reason, ReviewItem
from tests.moderation.scene import BODY, WHY, decide, flag, item, post, post_id, take

MARK = "[removed: identifies a person]"


def send(world, by, which, **fields):
    """What a browser sends after the item is taken."""
    return by.post(f"/moderation/{which.id}/decide", **{"version": world.one(select(ReviewItem.version).where(ReviewItem.id == which.id))[0], "reason": WHY} | fields)


def edit(by, thread, num, body, **more):
    by.post(f"/threads/{thread}/posts/{num}/edit", **{"body": body, "lang": "en", "revision": "1"} | more)


@pytest.mark.parametrize("decision", ["restore", "remove", "return", "relabel", "lock", "redact"])
def test_to_see_first_decides_nothing(world, reader, moderator, thread, decision):
    flag(world, reader, thread, 2)
    found = item(world)
    take(world, moderator, found)
    answer = send(world, moderator, found, decision=decision, words="Demo Village", look="1", label="TLP:AMBER", reason="")
    assert answer.status_code == (200 if decision in ("redact", "remove") else 400)
    assert ("Nothing is decided yet" in answer.text) == (answer.status_code == 200)
    assert item(world).closed_at is None
    assert post(world, thread, 2).standing == "hidden"
    assert world.one(select(Thread.label, Thread.locked_at).where(Thread.id == thread)) == ("TLP:GREEN", None)


def test_a_browser_is_shown_quotes_first_and_leaves_those_unticked(world, reader, moderator, thread):
    kept, cut = (world.reply(reader, thread, 2, body=f"Demo Village is a name of the demo, says {n}.") for n in "ab")
    flag(world, reader, thread, 2)
    found = item(world)
    take(world, moderator, found)
    how = {"decision": "redact", "words": "Demo Village"}
    first = send(world, moderator, found, **how, ask="1")
    assert "2 other posts say the same words" in first.text
    assert f"“{MARK} is a name of the demo, says a.”" in first.text
    assert item(world).closed_at is None
    listed = first.text.split('name="listed" value="')[1].split('"')[0]
    assert listed == f"{post_id(world, thread, kept)},{post_id(world, thread, cut)}"
    ticked = {"listed": listed, "spare": str(post_id(world, thread, kept))}
    short = send(world, moderator, found, **how, **ticked, reason="x")
    assert short.status_code == 400
    assert ">\nDemo Village</textarea>" in short.text
    assert short.text.count('name="spare"') == 2
    assert f'value="{post_id(world, thread, kept)}" checked' in short.text
    third = world.reply(reader, thread, body="A third one names Demo Village.")
    more = send(world, moderator, found, **how, **ticked)
    assert more.status_code == 409
    assert more.text.count('name="spare"') == 3
    assert f'value="{post_id(world, thread, third)}" checked' not in more.text
    listed = more.text.split('name="listed" value="')[1].split('"')[0]
    assert send(world, moderator, found, **how, listed=listed, spare=str(post_id(world, thread, kept))).status_code == 303
    texts = {row.num: row.body_md for row in world.posts(thread)}
    assert "Demo Village" in texts[kept]
    assert MARK in texts[cut]
    assert MARK in texts[third]


def test_quotes_in_titles_in_history_and_in_other_letters_are_found(world, reader, moderator, author, thread):
    titled = world.thread(reader, title="What of DEMO VILLAGE and its road")
    older = world.thread(reader, body="At first: demo village, by the road.")
    edit(reader, older, 1, "Now it says another thing.", title="A question for all")
    flag(world, reader, thread, 2)
    decide(world, moderator, item(world), "redact", words="Demo Village")
    assert world.one(select(Thread.title).where(Thread.id == titled))[0] == f"What of {MARK} and its road"
    assert world.all(select(PostRevision.id)) == []
    assert post(world, older).body_md == "Now it says another thing."
    assert "At first" not in reader.get(f"/threads/{older}/posts/1/history").text
    assert sorted(world.all(select(Purge.table))) == [("post",), ("post",), ("thread",), ("thread",)]


def test_every_quote_is_found_however_many_posts_only_look_alike(world, app, reader, moderator, thread):
    with app.app_context(), unit_of_work():
        like = db.session.scalars(select(Post).where(Post.num == 2)).one()
        for n in range(250):
            db.session.add(Post(thread_id=thread, num=1000 + n, path=f"{1000 + n:04d}", depth=0, author_id=like.author_id, client_id=f"c{n}", body_md=type(like.body_md)("A village, says a note"),
                                body_html=like.body_html, html_version=1, lang="en"))  # fmt: skip
    other = world.thread(reader, body="In a quote: to Demo Village by")
    flag(world, reader, thread, 2)
    decide(world, moderator, item(world), "redact", words="Demo Village")
    assert post(world, other).body_md == f"In a quote: to {MARK} by"


def test_an_opening_changed_since_its_flag_loses_the_words_in_its_title(world, author, reader, moderator):
    thread = world.thread(author, title="The road to Demo Village", body="Of Demo Village we write.")
    flag(world, reader, thread, 1, "off_topic")
    edit(author, thread, 1, "Of Demo Village we write more.", title="A road to Demo Village")
    decide(world, moderator, item(world), "redact", words="Demo Village")
    mark = "[removed: breaks a rule of the house]"
    assert world.one(select(Thread.title).where(Thread.id == thread))[0] == f"A road to {mark}"
    assert post(world, thread).body_md == f"Of {mark} we write more."


def test_what_a_post_was_returned_for_leaves_its_history_and_quotes(world, app, author, reader, moderator, thread):
    quote = world.reply(reader, thread, 2, body="> brought to Demo Village by a driver\n\nWhere?")
    flag(world, reader, thread, 2)
    decide(world, moderator, item(world), "return")
    edit(author, thread, 2, "The victim was brought to a village. Notice: 24 hours.")
    again = item(world, kind="again")
    assert again.rule == Reason.PERSON
    assert again.due_at - again.opened_at == item(world, kind="flag").due_at - item(world, kind="flag").opened_at
    assert "It was returned because: It identifies a person" in moderator.get(f"/moderation/{again.id}").text
    take(world, moderator, again)
    asked = send(world, moderator, again, decision="restore", ask="1")
    assert "1 other post says the same words" in asked.text
    listed = asked.text.split('name="listed" value="')[1].split('"')[0]
    assert send(world, moderator, again, decision="restore", listed=listed).status_code == 303
    assert world.all(select(PostRevision.id)) == []
    assert "Demo Village" not in reader.get(f"/threads/{thread}", follow_redirects=True).text
    assert "Demo Village" not in author.get(f"/threads/{thread}/posts/2/history").text
    assert MARK in post(world, thread, quote).body_md


def test_a_returned_post_removed_for_a_persons_sake_is_told_to_focal_points(world, author, reader, moderator, thread):
    flag(world, reader, thread, 2)
    decide(world, moderator, item(world), "return")
    edit(author, thread, 2, "The same place, in other words.")
    again = item(world, kind="again")
    focal_point = world.person("PH", role="focal_point")
    assert focal_point.get(f"/moderation/{again.id}/exposure").status_code == 404
    decide(world, moderator, again, "remove")
    assert focal_point.get(f"/moderation/{again.id}/exposure").status_code == 200
    assert post(world, thread, 2).body_md == ""


def test_several_at_once_purge_what_identifies_and_leave_what_stands_elsewhere_too(world, author, reader, moderator, thread):
    alone = world.reply(author, thread, body="Another place, Demo Town East, is named.")
    world.reply(reader, thread, 2, body=f"> {BODY}\n\nWhy?")
    author.post(f"/threads/{thread}/draft", body="Another place, Demo Town East, is named. Why?", lang="en")
    for num in (2, alone):
        flag(world, reader, thread, num)
    rows = [row[0] for row in world.all(select(ReviewItem).order_by(ReviewItem.id))]
    answer = moderator.client.post("/moderation/decide", data={"item": [f"{row.id}:{row.version}" for row in rows], "decision": "remove", "reason": WHY, "csrf_token": moderator.signed()})
    assert answer.status_code == 303
    assert "1 item decided" in moderator.get("/moderation").text
    assert [row.closed_at is None for row in [row[0] for row in world.all(select(ReviewItem).order_by(ReviewItem.id))]] == [True, False]
    assert post(world, thread, alone).body_md == ""
    assert world.one(select(Draft.body))[0] == f"{MARK}. Why?"
    assert world.one(select(func.count(Purge.id)))[0] == 1


def test_a_part_that_is_named_beside_the_whole_is_found_by_itself(world, author, reader, moderator, thread):
    num = world.reply(author, thread, body="A driver of the red van, plate ab 0417, was the uncle of one of them.")
    quote = world.reply(reader, thread, body="> plate ab 0417, was the uncle\n\nIs that so?")
    flag(world, reader, thread, num)
    decide(world, moderator, item(world), "redact", words="plate ab 0417\nwas the uncle of one of them\nwas the uncle")
    assert "uncle" not in post(world, thread, quote).body_md
    assert post(world, thread, num).body_md == f"A driver of the red van, {MARK}, {MARK}."
