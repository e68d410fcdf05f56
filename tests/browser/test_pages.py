"""Every page in Chromium: accessible in light, dark and narrow; light on the wire; silent in the console."""

from pathlib import Path

import pytest
from playwright.sync_api import Error

ROOT = Path(__file__).resolve().parent.parent.parent
AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
LOOKS = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 900}},
    "narrow": {"color_scheme": "light", "viewport": {"width": 320, "height": 640}},
}
PUBLIC = ["/", "/sign-in", "/forgotten", "/invitations/nothing", "/demo/mail", "/style"]
FOR_MEMBERS = [
    "/", "/pillars", "/pillars/protection", "/pillars/protection/threads/new", "/threads/21", "/threads/21?view=flat", "/threads/21?reply=3#reply", "/threads/21/posts/2/edit", "/threads/21/posts/2/delete", "/threads/6",
    "/people", "/people?state=LA&language=lo", "/people/3", "/account", "/account/profile", "/organisations", "/organisations/7", "/organisations/7/edit",
    "/organisations/7/members", "/threads/999999", "/people?state=XX", "/new", "/people?q=officer&availability=open&expertise=evidence",
    "/pillars/protection?answered=no&unread=1", "/notifications", "/drafts", "/practices", "/practices?view=table&evidence_level=E3", "/practices/1", "/practices/new?copy=1",
    "/practices/mine", "/practices/2/endorse", "/practices/2/adopt", "/practices/1/print",
]  # fmt: skip


def violations(page) -> list[str]:
    try:
        found = look_at(page)
    except Error:  # a button that was just pressed led on while it was looked at
        page.wait_for_load_state()
        found = look_at(page)
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]


def look_at(page) -> list[dict]:
    page.evaluate(AXE)
    return page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_is_accessible(open_browser, sign_in, look):
    stranger, member = open_browser(**LOOKS[look]).new_page(), sign_in("fp.ph", **LOOKS[look])
    for page, paths in ((stranger, PUBLIC), (member, FOR_MEMBERS)):
        for path in paths:
            page.goto(path)
            assert violations(page) == [], path
            wider = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
            assert not wider, f"{path} scrolls sideways"


def letter(page, to: str, words: str) -> str:
    """The link, holding ``words``, of the newest kept letter to an address."""
    for _look in range(40):
        page.goto("/demo/mail")
        link = page.locator("article", has_text=to).locator(f"a[href*='{words}']").first
        if link.count():
            return link.get_attribute("href")
        page.wait_for_timeout(250)
    raise AssertionError("no letter came")


@pytest.mark.parametrize("look", LOOKS)
def test_pages_that_need_a_step_before_are_accessible(open_browser, sign_in, look):
    stranger, focal_point, moderator, admin = open_browser(**LOOKS[look]).new_page(), *(sign_in(handle, **LOOKS[look]) for handle in ("fp.ph", "moderator.2", "admin.1"))
    focal_point.goto("/organisations/7/members")
    focal_point.get_by_label("Official e-mail address").fill(f"guest.{look}@gov.example")
    focal_point.get_by_label("Role at work").fill("Guest")
    focal_point.get_by_label("Why this member").fill("New in the unit")
    focal_point.get_by_role("button", name="Send the invitation").click()
    stranger.goto("/forgotten")
    stranger.get_by_label("Official e-mail address").fill("member.ph@demo.example")
    stranger.get_by_role("button", name="Send the link").click()
    assert violations(stranger) == []
    for to, words, button in (
        (f"guest.{look}@gov.example", "/invitations/", "Open my account"), ("member.ph@demo.example", "/passwords/", "Set the password"),
    ):  # fmt: skip
        stranger.goto(letter(stranger, to, words))
        assert violations(stranger) == [], words
        stranger.locator("form").evaluate("form => form.noValidate = true")
        stranger.get_by_role("button", name=button).click()
        assert violations(stranger) == [], words
    focal_point.goto("/threads/21/posts/2/edit")
    focal_point.get_by_label("Text", exact=True).fill(f"Other words, {look}.")
    focal_point.get_by_role("button", name="Save").click()
    for page, path in (
        (focal_point, "/threads/21/posts/2/history"), (focal_point, "/organisations/8/members"), (moderator, "/"), (moderator, "/threads/20"), (moderator, "/threads/21"),
        (admin, "/organisations/8/members"), (admin, "/organisations/8/edit"),
    ):  # fmt: skip
        page.goto(path)
        assert violations(page) == [], path
    check_what_reading_brings(focal_point)
    focal_point.goto("/threads/21")
    focal_point.context.clear_cookies(name="hub")
    focal_point.get_by_label("Answer to post 1").fill("typed words")
    focal_point.get_by_role("button", name="Post answer").click()
    focal_point.get_by_role("heading", name="Sign in").wait_for()
    assert violations(focal_point) == []


def check_what_reading_brings(page):
    """Menus, suggestions, a draft, two versions of it, the bar, the keys: open, and looked at by axe."""
    page.goto("/threads/23")
    page.wait_for_load_state("networkidle")
    page.locator("#post-2 summary").click()
    page.locator(".keys summary").click()
    page.locator(".news").evaluate("bar => { bar.querySelector('a').textContent = '2 new replies'; bar.hidden = false; }")
    page.locator("#body").press_sequentially("Ask @tf.l")
    page.get_by_role("option").first.wait_for()
    assert violations(page) == []
    page.locator("#body").press_sequentially("a about this.")
    page.wait_for_function("() => document.querySelector('[data-kept]').textContent.includes('Saved')")
    page.locator("#post-2").get_by_role("button", name="Bookmark").click()
    page.wait_for_url("**/*#post-2")
    for path in ("/drafts", "/bookmarks"):
        page.goto(path)
        assert page.locator(".list li").count() > 0
        assert violations(page) == [], path
    page.get_by_role("link", name="post 2").first.click()
    page.wait_for_url("**/*#post-2")
    page.locator("form#reply").evaluate("form => { form.elements.seq.value = 0; form.elements.body.value = 'Another version.'; }")
    page.locator("form#reply").evaluate("form => { form.action = form.dataset.draft; form.submit(); }")
    page.get_by_role("heading", name="Another window saved another version").wait_for()
    assert violations(page) == []
    page.goto("/drafts")
    page.get_by_role("button", name="Discard").first.click()
    page.goto("/threads/23")
    page.locator("#post-2 summary").click()
    page.get_by_role("button", name="Remove the bookmark").click()


def test_refused_forms_are_accessible_too(sign_in):
    page = sign_in("fp.ph")
    page.goto("/pillars/protection/threads/new")
    page.locator("form.compose").evaluate("form => form.noValidate = true")
    page.get_by_role("button", name="Post thread").click()
    page.wait_for_selector("#problems")
    page.wait_for_function("() => document.activeElement.id === 'problems'")
    assert violations(page) == []


def test_targets_are_large_enough_on_a_phone(sign_in):
    page = sign_in("member.th", viewport={"width": 390, "height": 844})
    for path in ("/", "/threads/21", "/people"):
        page.goto(path)
        small = page.evaluate(
            """() => [...document.querySelectorAll('nav a, .acts a, .acts button, .btn, select, .tabs a')]
            .filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 43.5).map(one => one.outerHTML.slice(0, 120))"""
        )
        assert small == [], path


def wire(context, page, path):
    """Bytes on the wire and requests of one visit, as the network sees them; how many before the page could be read."""
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    sizes, order = {}, []
    session.on("Network.responseReceived", lambda event: order.append(event["response"]["url"]))
    session.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    page.goto(path, wait_until="domcontentloaded")
    before_reading = len(order)
    page.wait_for_load_state("networkidle")
    session.detach()
    return sum(sizes.values()), before_reading, order


def test_a_first_visit_and_the_next_page_are_light(sign_in):
    signed_in = sign_in("member.th")
    context = signed_in.context
    signed_in.goto("about:blank")
    cold = context.new_page()
    context.new_cdp_session(cold).send("Network.clearBrowserCache")
    first, before_reading, order = wire(context, cold, "/threads/21")
    assert first <= 48_000, order
    assert before_reading <= 6, order
    following, _requests, order = wire(context, cold, "/threads/21?view=flat")
    assert following <= 15_000, order
    print(f"first visit {first} bytes, {before_reading} requests before reading; next page {following} bytes")


def test_pages_print_their_label(sign_in):
    page = sign_in("member.th")
    page.goto("/threads/21")
    assert page.locator("body").get_attribute("data-tlp") == "green"
    page.emulate_media(media="print")
    assert not page.locator("nav.nav").is_visible()
    assert not page.locator("form#reply").is_visible()
