"""Every page of the hub, as paths with a world behind them, for checks that look at all of them."""

from sqlalchemy import select

from hub.discussions.models import Post
from hub.guard import key_of
from hub.review.models import ReviewItem
from hub.safeguard.scan import scan
from tests.factories import PASSWORD, Browser, World
from tests.minutes.pages import minutes_pages
from tests.practices.pages import practice_pages
from tests.rooms.pages import room_pages

LONG_TITLE = "A title that is quite long, so that it breaks into several lines on the screen of a small phone in a village"
TEXT = "First paragraph with **bold**, a [link](https://example.org/a) and `code`.\n\n> A quote\n\n1. one\n2. two\n\n| a | b |\n|---|---|\n| 1 | 2 |"


PASSAGES = "A 15-year-old from Kampung Demo, passport A1234567, answers on +66 81 234 5678."
KEY = key_of(scan(PASSAGES)[0], PASSAGES)
UNDECIDED = {"passage-0-key": KEY, "passage-0-choice": "keep", "passage-0-why": ""}


def every_page(world: World) -> list[tuple[str, Browser, str, dict[str, str]]]:
    """(name, visitor, path, form): a GET when the form is empty, else the page a POST answers with."""
    member, focal_point = world.person("LA", title="Victim support officer", name="A name"), world.person("LA", role="focal_point")
    moderator, admin, stranger = world.person("SG", is_moderator=True), world.person(world.body_id(), is_admin=True), world.stranger()
    thread = world.thread(member, title=LONG_TITLE, body=TEXT, label="TLP:CLEAR")
    for parent in (1, 2, 3, 4, 5, 1):
        world.reply(member, thread, parent, body="คำตอบภาษาไทย ที่ยาวพอจะตัดบรรทัด", lang="th")
    member.post(f"/threads/{thread}/posts/3/edit", body="คำตอบใหม่", lang="th", revision="1", reason="clearer")
    for _n in range(25):
        world.reply(member, thread)
    gone = world.reply(member, thread, 2)
    member.post(f"/threads/{thread}/posts/{gone}/delete")
    place = world.organisation_id("LA")
    focal_point.post(f"/organisations/{place}/members", email="guest@example.org", role_title="Guest", role="member", organisation=place)
    address = member.get(f"/threads/{thread}").location
    focal_point.post(f"/threads/{thread}/posts/4/bookmark", on="1")
    member.post(f"/threads/{thread}/posts/4/answer", on="1")
    member.post(f"/threads/{thread}/posts", body="Ask @tf.la.", lang="en", parent="")
    member.post(f"/threads/{thread}/posts", body=PASSAGES, lang="en", hold="1")
    moderator.post(f"/threads/{thread}/pin", pinned="1")
    focal_point.post(f"/threads/{thread}/posts", body="A reply.", lang="en", parent="1")
    focal_point.post(f"/threads/{thread}/draft", body="begun", lang="en", parent="3")
    focal_point.post("/pillars/protection/threads/draft", title="Begun title", body="begun", lang="en", kind="question", label="TLP:GREEN")
    posts = [world.one(select(Post.id).where(Post.thread_id == thread, Post.num == num)).id for num in (5, 6, 7, 8)]
    for post, reason in zip(posts, ("identifies_person", "wrong_label", "off_topic", "personal_attack"), strict=True):
        focal_point.post("/flags", target=f"post:{post}", reason=reason, note="A note")
    items = [row.id for row in world.all(select(ReviewItem.id).where(ReviewItem.kind == "flag").order_by(ReviewItem.id))]
    for item in items:
        moderator.post(f"/moderation/{item}/claim", version="1")
    moderator.post(f"/moderation/{items[3]}/decide", version="2", decision="remove", reason="R3: it insults", sanction="warn")
    moderator.post(f"/moderation/{items[2]}/decide", version="2", decision="return", reason="R5: say how it belongs here")
    member.post(f"/decisions/{items[3]}/appeal", note="It insults nobody")
    appeal = world.one(select(ReviewItem.id).where(ReviewItem.kind == "appeal")).id
    held = world.one(select(ReviewItem.id, ReviewItem.target_id, ReviewItem.version).where(ReviewItem.kind == "held"))
    moderator.post(f"/moderation/{held.id}/claim", version=held.version)
    public = world.one(select(ReviewItem.id, ReviewItem.version).where(ReviewItem.kind == "public"))
    moderator.post(f"/moderation/{public.id}/claim", version=public.version)
    other = world.person("MY", is_moderator=True)
    other.post(f"/moderation/{appeal}/claim", version="1")
    world.agency("LA")
    moderation = [
        ("flag", focal_point, f"/flags?target=post:{posts[3]}", {}), ("flag a profile", focal_point, f"/flags?target=profile:{member.user_id}", {}),
        ("flag refused", focal_point, "/flags", {"target": f"post:{posts[1]}", "note": PASSAGES}), ("hidden post", member, f"/threads/{thread}/posts/5", {}),
        ("queue", moderator, "/moderation", {}), ("queue, narrowed", moderator, "/moderation?kind=flag&state=LA&claim=mine&late=1", {}), ("empty queue", world.person("BN", is_moderator=True), "/moderation?kind=again", {}),
        ("item", moderator, f"/moderation/{items[0]}", {}), ("item of another", other, f"/moderation/{items[1]}", {}), ("item decided", moderator, f"/moderation/{items[3]}", {}),
        ("item refused", moderator, f"/moderation/{items[1]}/decide", {"version": "2", "decision": "redact", "words": "not there", "sanction": "silence"}),
        ("item looked at", moderator, f"/moderation/{items[1]}/decide", {"version": "2", "decision": "redact", "words": "An answer", "reason": "R1: it names", "look": "1"}),
        ("item held", moderator, f"/moderation/{held.id}", {}), ("item public", moderator, f"/moderation/{public.id}", {}), ("item appeal", other, f"/moderation/{appeal}", {}),
        ("decision open", member, f"/decisions/{items[0]}", {}), ("decision", member, f"/decisions/{items[3]}", {}), ("decision returned", member, f"/decisions/{items[2]}", {}),
        ("exposure", moderator, f"/moderation/{items[3]}/exposure", {}), ("sanctions", moderator, "/moderation/sanctions", {}), ("own sanctions", member, "/account/sanctions", {}), ("files", member, f"/threads/{thread}/posts/3/files", {}), ("files refused", member, f"/threads/{thread}/posts/3/files", {"x": "1"}),
        ("sanction refused", moderator, "/moderation/sanctions", {"handle": "x", "sanction": "silence"}), ("item remove looked at", moderator, f"/moderation/{items[0]}/decide", {"version": "2", "decision": "remove", "look": "1"}), ("decided", moderator, "/moderation?claim=done", {}), ("house rules", member, "/house-rules", {}),
        ("held text", member, f"/held/{held.target_id}", {}), ("surgery", moderator, f"/threads/{thread}/surgery", {}), ("merge refused", moderator, f"/threads/{thread}/merge", {"into": "x"}),
        ("split refused", moderator, f"/threads/{thread}/split", {"num": "1"}), ("admin organisations", admin, "/moderation/organisations", {}),
        ("organisation refused", admin, "/moderation/organisations", {"kind": "agency", "name": "x"}), ("admin topics", admin, "/moderation/tags", {}), ("admin pillars", admin, "/moderation/pillars", {}),
        ("pillar refused", admin, "/moderation/pillars/protection", {"name": ""}), ("admin grants", admin, "/moderation/grants", {}), ("admin states", admin, "/moderation/states", {}),
    ]  # fmt: skip
    return moderation + practice_pages(world) + room_pages(world) + minutes_pages(world) + [
        ("public front", stranger, "/", {}), ("front", member, "/", {}), ("front of a moderator", moderator, "/", {}),
        ("sign in", stranger, "/sign-in", {}), ("sign in refused", stranger, "/sign-in", {"email": "x@example.org", "password": "y"}),
        ("sign in interrupted", stranger, f"/threads/{thread}/posts", {"body": "typed words"}),
        ("forgotten", stranger, "/forgotten", {}), ("forgotten sent", stranger, "/forgotten", {"email": "x@example.org"}),
        ("dead link", stranger, "/invitations/nothing", {}), ("dead reset", stranger, "/passwords/nothing", {}),
        ("pillars", member, "/pillars", {}), ("pillar", member, "/pillars/protection", {}), ("empty pillar", member, "/pillars/prevention", {}),
        ("thread", member, address, {}), ("thread by time", member, address + "?view=flat", {}), ("thread, replying", member, address + "?reply=2", {}),
        ("thread for a moderator", moderator, address, {}), ("thread, refused", member, f"/threads/{thread}/posts", {"body": ""}),
        ("thread, preview", member, f"/threads/{thread}/posts", {"body": TEXT, "lang": "en", "preview": "1"}),
        ("thread, with a draft", focal_point, address + "?reply=3&quote=2", {}), ("new posts", focal_point, "/new", {}), ("nothing new", member, "/new", {}),
        ("bookmarks", focal_point, "/bookmarks", {}), ("no bookmarks", member, "/bookmarks", {}), ("drafts", focal_point, "/drafts", {}), ("no drafts", member, "/drafts", {}),
        ("two versions of a draft", focal_point, f"/threads/{thread}/draft", {"body": "other words", "lang": "en", "parent": "3", "seq": "0"}),
        ("draft refused", member, f"/threads/{thread}/draft", {"body": "x" * 40_001, "lang": "en"}),
        ("pillar, narrowed", member, "/pillars/protection?answered=yes&unread=1&mine=1", {}), ("people, by words", member, "/people?q=officer&expertise=x&availability=away", {}),
        ("handle refused", member, "/account/handle", {"handle": "A B"}),
        ("new thread", member, "/pillars/protection/threads/new", {}),
        ("new thread refused", member, "/pillars/protection/threads/new", {"title": "", "label": "TLP:RED"}),
        ("edit", member, f"/threads/{thread}/posts/1/edit", {}), ("history", member, f"/threads/{thread}/posts/3/history", {}), ("delete", member, f"/threads/{thread}/posts/2/delete", {}),
        ("people", member, "/people", {}), ("nobody found", member, "/people?state=BN", {}), ("person", member, f"/people/{member.user_id}-x", {}),
        ("profile", member, "/account/profile", {}), ("profile refused", member, "/account/profile", {"role_title": "", "zone": "Nowhere"}),
        ("organisations", member, "/organisations", {}), ("organisation", focal_point, f"/organisations/{place}-x", {}),
        ("organisation form", focal_point, f"/organisations/{place}/edit", {}), ("organisation form, admin", admin, f"/organisations/{place}/edit", {}),
        ("members", focal_point, f"/organisations/{place}/members", {}), ("members refused", focal_point, f"/organisations/{place}/members", {"email": "x"}),
        ("account", member, "/account", {}), ("account refused", member, "/account", {"current_password": "x", "password": PASSWORD, "again": "y"}),
        ("not found", member, "/threads/999999", {}), ("forbidden", member, f"/organisations/{place}/members", {}),
        ("notifications", member, "/notifications", {}), ("notifications, undo", member, "/notifications?undo=2026-01-01T00:00:00", {}), ("no notifications", world.person("VN"), "/notifications", {}),
        ("passages", member, f"/threads/{thread}/posts", {"body": PASSAGES, "lang": "en"}), ("passages, undecided", member, f"/threads/{thread}/posts", {"body": PASSAGES, "lang": "en"} | UNDECIDED),
        ("passages of a profile", member, "/account/profile", {"role_title": "Officer", "about": PASSAGES}),
        ("reason asked", moderator, f"/threads/{thread}/lock", {"locked": "1", "reason": ""}), ("held", member, "/drafts", {}),
        ("rules", moderator, "/moderation/safeguard", {}), ("rule", admin, "/moderation/safeguard/phone", {}), ("audit", admin, "/moderation/audit", {}), ("audit, nothing", admin, "/moderation/audit?action=x", {}),
        ("account of an admin", admin, "/account", {}),
        ("style", member, "/style", {}), ("demo mail", member, "/demo/mail", {}),
    ]  # fmt: skip


def open_page(visitor: Browser, path: str, form: dict[str, str]):
    answer = visitor.post(path, **form) if form else visitor.get(path)
    return visitor.get(answer.location) if answer.status_code in (301, 302) and not form else answer
