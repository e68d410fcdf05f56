"""A flagged post, from its posting to the appeal, as the people concerned see it; and a moderator's work by keyboard alone."""

import re
import time

from playwright.sync_api import expect

from tests.browser.test_pages import LOOKS, violations
from tests.browser.test_stories import start_thread

NAME, AGE, VILLAGE = "Mariquita Demoza", "aged 15", "Barangay Halimbawa"
TEXT = f"We received the chat on a phone that belonged to {NAME}, {AGE}, from {VILLAGE}. Who handles the phone at every step?"
WHY = "R1: name, age and village together point to one person"


def post_in(page, title, text):
    """Answer a thread with a text whose passages its writer says are no personal data: its number."""
    page.goto("/pillars/prosecution")
    page.get_by_role("link", name=re.compile(title)).first.click()
    page.locator("#body").fill(text)
    page.get_by_role("button", name="Post answer").click()
    page.wait_for_url("**/threads/**")
    page.wait_for_load_state()
    for field in page.locator("input[name$=-why]").all():
        field.fill("An invented example")
    for choice in page.locator("input[value=keep]").all():
        choice.check()
    if page.get_by_role("button", name="Apply these choices").count():
        page.get_by_role("button", name="Post answer").click()
    page.wait_for_url("**/threads/*#post-*")
    return int(re.search(r"#post-(\d+)", page.url)[1]), re.search(r"/threads/(\d+)", page.url)[1]


def flag(page, thread, num, reason="It identifies a person"):
    page.goto(f"/threads/{thread}/posts/{num}")
    page.locator(f"#post-{num} .acts summary").click()
    page.locator(f"#post-{num}").get_by_role("link", name="Flag").click()
    page.get_by_label(reason).check()
    page.get_by_role("button", name="Send the flag").click()


def open_item(page, words):
    page.goto("/moderation")
    page.locator(".list li", has_text=words).first.get_by_role("link").click()
    page.wait_for_url("**/moderation/*")
    return re.search(r"/moderation/(\d+)", page.url)[1]


def test_a_flagged_post_from_posting_to_appeal(sign_in, site):
    author, flagger, third = sign_in("inv.demo"), sign_in("member.vn"), sign_in("member.th")
    first, second = sign_in("moderator.1"), sign_in("moderator.2")
    num, thread = post_in(author, "Digital evidence from chat groups", TEXT)
    frames = []
    third.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(str(frame))))
    third.goto(f"/threads/{thread}/posts/{num}")
    expect(third.locator(f"#post-{num}")).to_contain_text(NAME)
    deadline = time.monotonic() + 8
    while not any('"joined"' in frame for frame in frames) and time.monotonic() < deadline:
        third.wait_for_timeout(50)

    flag(flagger, thread, num)
    expect(third.locator(f"#post-{num}")).to_have_text(f"Post {num} is hidden", timeout=2_000)
    assert NAME not in third.content()
    assert not any(NAME in frame for frame in frames)
    expect(flagger.locator(f"#post-{num}")).to_have_text(f"Post {num} is hidden")
    author.reload()
    expect(author.locator(f"#post-{num}")).to_contain_text("only its author and moderators read this")

    item = open_item(first, f"Post {num} in “Digital evidence")
    assert open_item(second, f"Post {num} in “Digital evidence") == item
    first.get_by_role("button", name="Take it").click()
    expect(first.get_by_role("heading", name="What was written")).to_be_visible()
    second.get_by_role("button", name="Take it").click()
    expect(second.locator(".note.done").first).to_contain_text("Moderator, ")
    expect(second.locator(".note.done").first).to_contain_text("took this before you")
    source = first.locator(".source").first
    expect(source.locator("button.mask")).not_to_have_count(0)
    assert NAME not in source.inner_text()
    expect(first.get_by_text("2 members, 0 letters with a link")).to_be_visible()
    source.locator("button.mask").first.click()
    first.get_by_label("Redact and show").check()
    first.get_by_label("Other words to take out").fill(f"{NAME}\n{AGE}\n{VILLAGE}")
    first.get_by_label("Reason, for the author").fill(WHY)
    first.get_by_role("button", name="See first what it takes out").click()
    expect(first.get_by_text("No other post says these words")).to_be_visible()
    first.get_by_role("button", name="Decide", exact=True).click()
    expect(first.get_by_text("The words are wiped from the disk in a moment")).to_be_visible()

    expect(third.locator(f"#post-{num}")).to_contain_text("[removed: identifies a person]", timeout=8_000)
    third.reload()
    expect(third.locator(f"#post-{num}")).to_contain_text("Who handles the phone at every step?")
    author.goto("/notifications")
    author.get_by_role("link", name="A moderator decided about your text").first.click()
    expect(author.get_by_text(WHY)).to_be_visible()
    assert "VN" not in author.locator("main").inner_text()
    author.get_by_label("Why should another moderator look again?").fill("The place is a district, not a village")
    author.get_by_role("button", name="Send the appeal").click()
    expect(author.get_by_text("It waits for a moderator other than the one who decided")).to_be_visible()

    first.goto("/moderation?kind=appeal")
    expect(first.get_by_text("Nothing of this kind waits")).to_be_visible()
    second.goto("/moderation?kind=appeal")
    second.locator(".list .title").first.click()
    second.get_by_role("button", name="Take it").click()
    expect(second.get_by_text("The place is a district, not a village")).to_be_visible()
    assert NAME not in second.content()
    second.get_by_label("The decision stands").check()
    second.get_by_label("Reason, for the author").fill("With the name it still points to one person")
    second.get_by_role("button", name="Decide", exact=True).click()
    author.reload()
    expect(author.get_by_text("Another moderator let the decision stand")).to_be_visible()

    first.goto(f"/moderation/{item}/exposure")
    shown = first.locator("ul.plainly").first.locator("li").all_inner_texts()
    assert sorted(text.split(",")[0] for text in shown) == ["TH Public prosecutor", "VN Victim-witness officer"]
    focal_point = sign_in("fp.ph")
    focal_point.goto("/notifications")
    focal_point.get_by_role("link", name="who saw it").first.click()
    expect(focal_point.get_by_text("2 members were shown it")).to_be_visible()

    for _look in range(40):
        first.goto(f"/moderation/{item}")
        if first.get_by_text("are wiped from the database").count():
            break
        first.wait_for_timeout(250)
    kept = b"".join(path.read_bytes() for path in site.data.rglob("*") if path.is_file())
    assert [word for word in (NAME, VILLAGE) if word.encode() in kept] == []


def test_an_open_list_loses_what_is_hidden(sign_in):
    author, flagger, third = sign_in("member.my"), sign_in("fp.kh"), sign_in("member.sg")
    title = "A title that is soon hidden"
    address = start_thread(author, title, "Words.", pillar="cooperation")
    third.goto("/pillars/cooperation")
    expect(third.get_by_role("link", name=title)).to_be_visible()
    flag(flagger, address, 1)
    third.evaluate("dispatchEvent(new Event('visibilitychange'))")  # or fifteen seconds later
    expect(third.get_by_role("link", name=title)).to_have_count(0)


def test_ten_items_are_decided_by_keyboard_alone(sign_in):
    author, flagger, moderator = sign_in("member.id"), sign_in("member.kh"), sign_in("moderator.2")
    flagged = []
    for n in range(10):
        num, thread = post_in(author, "Video testimony across a border", f"Something off the topic, number {n}.")
        flag(flagger, thread, num, "It does not belong here")
        flagged.append((thread, num))
    for _n in range(10):
        moderator.goto("/moderation?state=ID&kind=flag")
        moderator.locator(".keys:not([hidden])").wait_for(state="attached")
        moderator.keyboard.press("j")
        assert moderator.evaluate("document.activeElement.matches('.list .title')")
        moderator.keyboard.press("Enter")
        moderator.wait_for_url(re.compile(r"/moderation/\d+"))
        moderator.locator(".keys:not([hidden])").wait_for(state="attached")
        moderator.keyboard.press("c")
        moderator.get_by_role("heading", name="What was written").wait_for()
        moderator.locator(".keys:not([hidden])").wait_for(state="attached")
        moderator.keyboard.press("d")
        assert moderator.evaluate("document.activeElement.name") == "decision"
        moderator.keyboard.press("ArrowDown")
        assert moderator.evaluate("document.activeElement.value") == "remove"
        for _step in range(40):
            moderator.keyboard.press("Tab")
            if moderator.evaluate("document.activeElement.name") == "reason":
                break
        moderator.keyboard.type("R5: it does not belong here")
        moderator.keyboard.press("Tab")
        moderator.keyboard.press("Enter")
        moderator.wait_for_url(re.compile(r"/moderation$"))
    moderator.goto("/moderation?state=ID&kind=flag")
    expect(moderator.get_by_text("Nothing of this kind waits")).to_be_visible()
    author.goto(f"/threads/{flagged[-1][0]}/posts/{flagged[-1][1]}")
    expect(author.locator(f"#post-{flagged[-1][1]}")).to_contain_text("was removed by a moderator")


def test_pages_of_moderation_are_accessible(sign_in):
    author, moderator, admin, flagger = (sign_in(handle) for handle in ("member.mm", "moderator.2", "admin.1", "member.bn"))
    num, thread = post_in(author, "Video testimony across a border", "For the look of it, call +66 81 234 5678.")
    author.goto("/flags?target=post:1")
    check(author, "flag")
    flag(flagger, thread, num)
    item = open_item(moderator, f"Post {num} in")
    pages = [(moderator, "/moderation"), (moderator, f"/moderation/{item}"), (author, f"/threads/{thread}/posts/{num}"), (author, f"/decisions/{item}"), (author, "/house-rules")]
    for page, path in pages:
        page.goto(path)
        check(page, path)
    moderator.goto(f"/moderation/{item}")
    moderator.get_by_role("button", name="Take it").click()
    check(moderator, "claimed")
    moderator.get_by_label("Redact and show").check()
    moderator.get_by_label("Reason, for the author").fill(WHY)
    moderator.get_by_role("button", name="See first").click()
    check(moderator, "looked at")
    moderator.get_by_role("button", name="Decide", exact=True).click()
    for page, path in (
        (moderator, f"/moderation/{item}"), (moderator, f"/moderation/{item}/exposure"), (author, f"/decisions/{item}"), (moderator, "/moderation/sanctions"),
        (moderator, f"/threads/{thread}/surgery"), *((admin, f"/moderation/{name}") for name in ("organisations", "tags", "pillars", "grants", "states")),
    ):  # fmt: skip
        page.goto(path)
        check(page, path)


def check(page, where):
    """In every look, without loading the page again."""
    for look in LOOKS.values():
        page.emulate_media(color_scheme=look["color_scheme"])
        page.set_viewport_size(look["viewport"])
        assert violations(page) == [], where
        assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"), f"{where} scrolls sideways"
    page.set_viewport_size({"width": 1280, "height": 900})


def test_moderation_works_without_a_script(sign_in):
    author, flagger, moderator = (sign_in(handle, java_script_enabled=False) for handle in ("member.la", "member.tl", "moderator.1"))
    num, thread = post_in(author, "Video testimony across a border", f"Plain: call +66 81 777 4321 or ask in {VILLAGE} after the seminar.")
    flag(flagger, thread, num)
    item = open_item(moderator, f"Post {num} in")
    moderator.get_by_role("button", name="Take it").click()
    moderator.locator("button.mask").first.click()
    expect(moderator.locator(".source mark").first).to_have_text("+66 81 777 4321")
    moderator.get_by_label("Redact and show").check()
    moderator.get_by_label("Other words to take out").fill(f"ask in {VILLAGE}")
    moderator.get_by_label("Reason, for the author").fill(WHY)
    moderator.get_by_role("button", name="Decide", exact=True).click()
    flagger.goto(f"/threads/{thread}/posts/{num}")
    expect(flagger.locator(f"#post-{num} .prose")).to_have_text(re.compile(r"Plain: call \[removed: identifies a person\] or \[removed: identifies a person\] after the seminar\."))
    assert item
