"""The main job, as several people do it at once in Chromium, with and without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

THAI = "ใครควรอยู่ในห้องสัมภาษณ์ครั้งแรก"


def numbers(page):
    return [int(name.removeprefix("post-")) for name in page.locator("article.post").evaluate_all("all => all.map(one => one.id)")]


def start_thread(page, title, body, label="TLP:GREEN", lang="en", pillar="protection"):
    page.goto(f"/pillars/{pillar}")
    page.get_by_role("link", name="Start a thread").click()
    page.get_by_label("Title").fill(title)
    page.get_by_label("Text", exact=True).fill(body)
    page.get_by_label("Language").select_option(lang)
    page.locator(f'input[name=label][value="{label}"]').check()
    page.get_by_role("button", name="Post thread").click()
    expect(page.locator("#post-1")).to_be_visible()
    return re.search(r"/threads/(\d+)", page.url)[1]


def answer(page, num, body):
    page.locator(f"#post-{num}").get_by_role("link", name=f"Reply to post {num}").click()
    page.get_by_label(f"Answer to post {num}").fill(body)
    page.get_by_role("button", name="Post answer").click()
    expect(page.get_by_text(body)).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_three_people_talk_in_a_tree_that_all_of_them_see(sign_in, javascript):
    thai, filipino, indonesian = (sign_in(handle, java_script_enabled=javascript) for handle in ("member.th", "member.ph", "member.id"))
    thread = start_thread(thai, f"{THAI} {javascript}", "ขอทราบแนวปฏิบัติของท่าน\n\nใครเข้าห้องได้บ้าง", lang="th")
    filipino.goto("/pillars/protection")
    filipino.get_by_role("link", name=f"{THAI} {javascript}").click()
    answer(filipino, 1, "With us, a social worker and one officer.")
    indonesian.goto(f"/threads/{thread}")
    answer(indonesian, 1, "Kami menambah penerjemah.")
    answer(indonesian, 2, "And who writes the record?")
    for page in (thai, filipino, indonesian):
        page.goto(f"/threads/{thread}?view=tree")
        assert numbers(page) == [1, 2, 4, 3]
        page.get_by_role("link", name="By time").click()
        page.wait_for_url("**view=flat*")
        assert numbers(page) == [1, 2, 3, 4]
        expect(page.locator("#post-1 .prose")).to_have_attribute("lang", "th")


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_a_partner_cannot_find_an_amber_thread(sign_in, javascript):
    author, partner = sign_in("member.vn", java_script_enabled=javascript), sign_in("partner.1", java_script_enabled=javascript)
    partner.goto("/pillars/prosecution")
    before = partner.locator("main").inner_text()
    title = f"Restricted to task forces {javascript}"
    thread = start_thread(author, title, "Amber words.", label="TLP:AMBER", pillar="prosecution")
    for path in ("/pillars/prosecution", "/pillars", "/"):
        partner.goto(path)
        assert title not in partner.content()
    partner.goto("/pillars/prosecution")
    assert partner.locator("main").inner_text() == before
    for path in (f"/threads/{thread}", f"/threads/{thread}/posts/1", f"/threads/{thread}/posts/1/edit"):
        assert partner.goto(path).status == 404
        assert "Amber words" not in partner.content()
    member = sign_in("member.kh", java_script_enabled=javascript)
    assert member.goto(f"/threads/{thread}").status == 200


def test_from_an_invitation_to_a_first_post_and_the_end(sign_in, open_browser):
    focal_point = sign_in("fp.la")
    focal_point.get_by_role("link", name="Invite and look after your members").click()
    focal_point.get_by_label("Official e-mail address").fill("village.liaison@gov.example")
    focal_point.get_by_label("Role at work").fill("Village liaison")
    focal_point.get_by_label("Why this member").fill("New in the unit")
    focal_point.get_by_role("button", name="Send the invitation").click()
    expect(focal_point.get_by_text("village.liaison@gov.example")).to_be_visible()

    guest = open_browser().new_page()
    for _look in range(30):
        guest.goto("/demo/mail")
        link = guest.locator("article", has_text="village.liaison@gov.example").locator("a[href*='/invitations/']").first
        if link.count():
            break
        guest.wait_for_timeout(300)
    link.click()
    guest.get_by_label("New password", exact=True).fill("four quiet herons fishing 9")
    guest.get_by_label("New password again").fill("four quiet herons fishing 9")
    guest.get_by_role("button", name="Open my account").click()
    expect(guest.get_by_text("Your account is ready")).to_be_visible()
    start_thread(guest, "Loudspeaker or teacher?", "What reaches upland villages?", pillar="prevention")
    guest.get_by_label("Answer to post 1").fill("One more thought, typed before the end.")

    focal_point.reload()
    focal_point.locator(".row-item", has_text="village.liaison@gov.example").get_by_role("button", name="Deactivate").click()
    focal_point.get_by_label("Reason").fill("Left the unit")
    focal_point.get_by_role("button", name="Deactivate the account").click()
    expect(focal_point.get_by_role("status")).to_be_visible()

    guest.get_by_role("button", name="Post answer").click()
    expect(guest.get_by_role("heading", name="Sign in")).to_be_visible()
    guest.goto("/people")
    assert "/sign-in" in guest.url


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_nothing_typed_is_lost_when_the_session_ends(sign_in, open_browser, javascript):
    page = sign_in("member.my", java_script_enabled=javascript)
    thread = start_thread(page, f"Kept through sign-in {javascript}", "Opening.")
    page.get_by_label("Answer to post 1").fill("Twenty minutes of typing.")
    page.context.clear_cookies(name="hub")
    page.get_by_role("button", name="Post answer").click()
    expect(page.get_by_text("What you wrote is kept")).to_be_visible()
    page.get_by_label("Official e-mail address").fill("member.my@demo.example")
    page.get_by_label("Password").fill("practitioner demo 2026")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Answer to post 1")).to_have_value("Twenty minutes of typing.")
    expect(page.locator("#post-2")).to_have_count(0)
    page.get_by_role("button", name="Post answer").click()
    expect(page.locator("#post-2")).to_contain_text("Twenty minutes of typing.")
    assert thread in page.url


def test_preview_comes_without_leaving_the_page(sign_in):
    page = sign_in("member.bn")
    page.goto("/threads/21")
    address = page.url
    page.get_by_label("Answer to post 1").fill("**bold** words")
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview strong")).to_have_text("bold")
    assert page.url == address
    expect(page.get_by_label("Answer to post 1")).to_have_value("**bold** words")


def test_reply_brings_the_form_below_the_post(sign_in):
    page = sign_in("member.bn")
    page.goto("/threads/21")
    page.wait_for_load_state("networkidle")
    address = page.url
    page.locator("#post-3").get_by_role("link", name="Reply to post 3").click()
    expect(page.locator("#post-3 + form#reply")).to_be_visible()
    expect(page.get_by_label("Answer to post 3")).to_be_focused()
    page.locator("#post-1").get_by_role("link", name="Reply to post 1").click()
    expect(page.get_by_label("Answer to post 1")).to_be_focused()
    assert page.url == address


def test_everything_is_done_by_keyboard(sign_in):
    page = sign_in("member.sg")
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the text")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    reached = page.evaluate("document.querySelector('main').contains(document.activeElement)")
    assert reached
    page.goto("/pillars/cooperation/threads/new")
    seen = walk_by_tab(page, 60)
    for name in ("title", "kind", "body", "lang", "label", "tags"):
        assert name in seen, name
    assert "Post thread" in seen
    page.get_by_label("Title").focus()
    page.keyboard.type("Typed with keys alone")
    page.get_by_label("Text", exact=True).focus()
    page.keyboard.type("And posted so.")
    page.get_by_role("button", name="Post thread").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Typed with keys alone")).to_be_visible()


def walk_by_tab(page, most):
    seen = []
    for _step in range(most):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()"))
        visible = page.evaluate("(() => { const s = getComputedStyle(document.activeElement); return s.outlineStyle !== 'none' || document.activeElement === document.body })()")
        assert visible, seen[-1]
    return [*seen, *page.locator("form button").all_inner_texts()] if "Post thread" in page.content() else seen
