"""The safeguard as a writer meets it, with and without a script: every way out works, and nothing typed is lost."""

import sqlite3

import pytest

THREAD = "/threads/23"
BODY = "textarea[name=body]"
THAI = "๑-๖๓๐๕-๐๑๒๓๔-๕๖-๒"
TEXT = f"A 15-year-old from Kampung Demo came, id {THAI}, and her mother answers on +66 81 234 5678."
SCRIPTS = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])


def open_thread(page, path=THREAD):
    page.goto(path)
    page.wait_for_load_state("networkidle")


def post(page):
    page.get_by_role("button", name="Post answer").click()
    page.wait_for_load_state("networkidle")


def passage(page, words):
    return page.locator(".passage", has=page.locator("mark", has_text=words))


def last_post(page) -> str:
    return page.locator(".tree article").last.inner_text()


def stored(site) -> bytes:
    return b"".join(path.read_bytes() for path in site.data.rglob("*") if path.is_file())


@SCRIPTS
def test_each_passage_is_decided_on_and_the_rest_is_posted(sign_in, site, script):
    page = sign_in("vso.my", java_script_enabled=script)
    open_thread(page)
    page.locator(BODY).fill(TEXT)
    if script:
        page.wait_for_selector(".passage")
        assert page.locator("[data-found]").inner_text() == "3 passages could identify a person; see below the text."
    else:
        post(page)
    assert page.locator(".passage mark").all_inner_texts() == ["15-year-old from Kampung Demo", THAI, "+66 81 234 5678"]
    passage(page, "Kampung").locator("[name$=role]").fill("survivor A")
    if not script:
        passage(page, "Kampung").get_by_label("Write instead:").check()
    assert passage(page, "Kampung").get_by_label("Write instead:").is_checked()
    passage(page, THAI).get_by_label("Remove it").check()
    passage(page, "+66").get_by_label("It is no personal data").check()
    page.get_by_role("button", name="Apply these choices").click()
    page.get_by_text("Say why in a few words").wait_for()
    page.wait_for_load_state("networkidle")
    why = passage(page, "+66").locator("[name$=why]")
    why.fill("a number from the training manual")
    page.get_by_role("button", name="Apply these choices").click()
    page.get_by_text("Read it once more").wait_for()
    page.locator(BODY).fill(page.locator(BODY).input_value().replace("A survivor A came, id,", "Survivor A came,"))
    page.get_by_role("button", name="Post answer").click()
    page.wait_for_url("**/*#post-*")
    assert "Survivor A came, and her mother answers on +66 81 234 5678." in page.locator(".tree").inner_text()
    if script:
        page.wait_for_timeout(1000)
        assert page.locator(BODY).input_value() == ""
    page.goto("/drafts")
    assert page.get_by_role("button", name="Discard").count() == 0
    assert THAI.encode() not in stored(site)


@SCRIPTS
def test_the_writer_may_change_the_text_by_hand(sign_in, script):
    page = sign_in("member.vn", java_script_enabled=script)
    open_thread(page)
    page.locator(BODY).fill(f"The number is {THAI}.")
    post(page)
    assert page.locator(BODY).input_value() == f"The number is {THAI}."
    assert page.locator("#problems a").inner_text().endswith("1 passage could identify a person")
    page.locator(BODY).fill("The number was checked.")
    post(page)
    assert "The number was checked." in page.locator(".tree").inner_text()


@SCRIPTS
def test_a_text_goes_to_a_moderator_and_can_be_taken_back(sign_in, site, script):
    page = sign_in("member.bn", java_script_enabled=script)
    open_thread(page)
    page.locator(BODY).fill(f"What do I write of {THAI}?")
    post(page)
    page.get_by_role("button", name="Send to a moderator instead").click()
    page.wait_for_load_state("networkidle")
    assert "Held for a moderator" in page.locator("main").inner_text()
    if script:
        page.goto(THREAD)
        page.wait_for_timeout(1500)
        assert page.locator(BODY).input_value() == ""
        assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('draft:'))") == []
    page.goto("/notifications")
    assert "Your text is held for a moderator" in page.locator("main").inner_text()
    page.goto("/drafts")
    page.get_by_role("button", name="Take it back and delete it").click()
    assert "Held for a moderator" not in page.locator(".sheet").inner_text()
    assert THAI.encode() not in stored(site)


def test_what_may_not_be_kept_on_the_server_stays_in_the_browser(sign_in, site):
    page = sign_in("member.la")
    open_thread(page)
    page.locator(BODY).fill(f"Not yet changed: {THAI}")
    page.wait_for_function("() => document.querySelector('[data-kept]').textContent.includes('stays in this browser')")
    page.reload()
    page.wait_for_function("() => document.querySelector('textarea[name=body]').value.includes('Not yet changed')")
    assert THAI.encode() not in stored(site)
    page.locator(BODY).fill("Changed")
    page.wait_for_function("() => document.querySelector('[data-kept]').textContent.includes('Saved')")


def test_findings_are_said_once_and_focus_stays_where_one_types(sign_in):
    page = sign_in("member.ph")
    open_thread(page)
    page.locator(BODY).focus()
    page.keyboard.type(f"Her number is {THAI}, so we called.")
    page.wait_for_selector(".passage")
    assert page.evaluate("document.activeElement.name") == "body"
    assert page.locator("[data-found]").get_attribute("role") == "status"
    page.locator(".passage .shows").click()
    assert page.evaluate("getSelection().toString() || document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)") == THAI
    page.keyboard.press("Delete")
    page.wait_for_function("() => document.querySelector('[data-found]').textContent === 'No passage that could identify a person.'")
    assert page.locator(".passage").count() == 0


def test_the_mark_beside_notifications_follows_without_a_reload(sign_in):
    asker, answerer = sign_in("member.sg"), sign_in("member.th")
    asker.goto("/notifications")
    if asker.get_by_role("button", name="Mark all as read").count():
        asker.get_by_role("button", name="Mark all as read").click()
    asker.goto("/pillars/prevention/threads/new")
    asker.get_by_label("Title").fill("A question about the mark")
    asker.locator(BODY).fill("Who answers?")
    asker.get_by_role("button", name="Post thread").click()
    asker.wait_for_url("**/threads/*")
    address = asker.url.partition("#")[0]
    asker.wait_for_load_state("networkidle")
    assert asker.locator("[data-count]").is_hidden()
    answerer.goto(address)
    answerer.locator(BODY).fill("I do.")
    answerer.get_by_role("button", name="Post answer").click()
    asker.wait_for_selector("[data-count]:visible")
    assert asker.locator("[data-count] b").inner_text() == "1"
    asker.goto("/notifications")
    assert "A reply to your post 1 in “A question about the mark”" in asker.locator("main").inner_text()
    asker.get_by_role("button", name="Mark as read", exact=True).click()
    assert asker.locator("[data-count]").is_hidden()
    asker.get_by_role("button", name="Undo").click()
    assert asker.locator("[data-count] b").inner_text() == "1"


@SCRIPTS
def test_a_moderator_says_why(sign_in, site, script):
    page = sign_in("moderator.2", java_script_enabled=script)
    page.goto(THREAD)
    page.get_by_role("button", name="Keep it at the top").click()
    page.get_by_label("Reason").fill("ok")
    page.get_by_role("button", name="Keep the thread at the top").click()
    assert "Use at least 5 characters" in page.locator("main").inner_text()
    page.get_by_label("Reason").fill(f"The contact list is asked for every week ({script})")
    page.get_by_role("button", name="Keep the thread at the top").click()
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="No longer keep it at the top").click()
    page.get_by_label("Reason").fill("It has its place now")
    page.get_by_role("button", name="No longer keep the thread at the top").click()
    with sqlite3.connect(site.data / "hub.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM audit_row WHERE reason LIKE ?", (f"%({script})%",)).fetchone() == (1,)
