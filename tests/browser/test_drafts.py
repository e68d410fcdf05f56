"""Nothing typed is lost: two windows, two devices, a lost connection, an ended session, a killed server, a shared computer."""

import re
import signal
import sqlite3

from tests.browser.conftest import fill_in, sign_in_beside, start_site

THREAD = "/threads/22"
BODY = "textarea[name=body]"


def open_thread(page, path=THREAD):
    page.goto(path)
    page.wait_for_load_state("networkidle")


def write(page, words):
    """Type at the end of the text."""
    page.locator(BODY).focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(words)


def kept(page, words):
    page.wait_for_function("words => document.querySelector('[data-kept]').textContent.includes(words)", arg=words)


def local_copies(page):
    return page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('draft:'))")


def discard_all(page):
    page.goto("/drafts")
    while page.get_by_role("button", name="Discard").count():
        page.get_by_role("button", name="Discard").first.click()


def draft_of(page, path=THREAD):
    """What a device that opens the page finds in the form, before any script runs."""
    page.goto(path)
    return page.locator(BODY).evaluate("field => field.defaultValue")


def test_what_is_typed_is_saved_by_itself_and_found_on_another_device(sign_in):
    laptop, phone = sign_in("member.kh"), sign_in("member.kh", viewport={"width": 390, "height": 844})
    open_thread(laptop)
    write(laptop, "Begun on the laptop.")
    kept(laptop, "Saved")
    assert local_copies(laptop) == []
    assert draft_of(phone) == "Begun on the laptop."
    write(phone, " Finished on the phone.")
    kept(phone, "Saved")
    phone.get_by_role("button", name="Post answer").click()
    phone.wait_for_url("**/*#post-*")
    assert "Begun on the laptop. Finished on the phone." in phone.locator(".tree").inner_text()
    assert draft_of(phone) == ""
    discard_all(phone)


def test_a_stale_window_is_told_and_both_texts_are_shown(sign_in):
    first = sign_in("member.tl")
    second = first.context.new_page()
    for page in (first, second):
        open_thread(page)
    write(first, "From the first window.")
    kept(first, "Saved")
    write(second, "From the second window.")
    kept(second, "Another window")
    assert draft_of(first) == "From the first window."
    second.get_by_role("button", name="Keep as draft").click()
    second.get_by_role("heading", name="Another window saved another version").wait_for()
    assert second.locator("#body").input_value() == "From the second window."
    assert second.locator("#stored").input_value() == "From the first window."
    second.locator("#body").fill("From both windows.")
    second.get_by_role("button", name="Save what I typed here").click()
    second.wait_for_url("**/threads/22-*")
    assert draft_of(first) == "From both windows."
    discard_all(first)


def test_offline_and_back(sign_in):
    page = sign_in("member.mm")
    open_thread(page)
    page.context.set_offline(True)
    write(page, "Typed on a train.")
    kept(page, "No connection")
    assert len(local_copies(page)) == 1
    page.context.set_offline(False)
    kept(page, "Saved")
    assert local_copies(page) == []
    assert draft_of(page) == "Typed on a train."
    discard_all(page)


def test_a_window_closed_offline_leaves_its_text_to_the_next_one(sign_in):
    page = sign_in("member.bn")
    open_thread(page)
    page.context.set_offline(True)
    write(page, "Typed, then the battery died.")
    kept(page, "No connection")
    context = page.context
    page.close(run_before_unload=False)
    context.set_offline(False)
    other = context.new_page()
    other.goto("/people")
    other.wait_for_function("() => !Object.keys(localStorage).some(key => key.startsWith('draft:'))")
    assert draft_of(other) == "Typed, then the battery died."
    discard_all(other)


def test_two_windows_closed_offline_lose_neither_text(sign_in):
    one = sign_in("member.la")
    two = one.context.new_page()
    for page in (one, two):
        open_thread(page)
    one.context.set_offline(True)
    write(one, "From one.")
    write(two, "From two.")
    kept(one, "No connection")
    kept(two, "No connection")
    context = one.context
    one.close()
    two.close()
    context.set_offline(False)
    later = context.new_page()
    open_thread(later)
    later.get_by_role("button", name="Show what this browser had kept").wait_for()
    shown = later.locator(BODY).input_value()
    later.get_by_role("button", name="Show what this browser had kept").click()
    assert {shown, later.locator(BODY).input_value()} == {"From one.", "From two."}
    kept(later, "Saved")
    discard_all(later)


def test_an_ended_session_keeps_the_text_and_sign_in_brings_it_back(sign_in):
    page = sign_in("member.sg")
    open_thread(page)
    cookies = page.context.cookies()
    page.context.clear_cookies(name="hub")
    write(page, "Typed after the session ended.")
    kept(page, "You are signed out")
    assert len(local_copies(page)) == 1
    assert cookies
    other = page.context.new_page()
    other.goto("/sign-in")
    sign_in_beside(other, "member.sg")
    other.close()  # it would send what a page that is being loaded anew has left behind
    page.reload()
    kept(page, "What this browser had kept")
    assert page.locator(BODY).input_value() == "Typed after the session ended."
    page.wait_for_function("() => !Object.keys(localStorage).some(key => key.startsWith('draft:'))")
    assert draft_of(page) == "Typed after the session ended."
    discard_all(page)


def test_a_shared_computer_shows_a_copy_to_its_account_only_and_sign_out_empties_it(sign_in):
    page = sign_in("hod.id")
    open_thread(page)
    page.context.set_offline(True)
    write(page, "Private words of one member.")
    kept(page, "No connection")
    page.context.clear_cookies(name="hub")
    page.context.set_offline(False)
    page.goto("/sign-in")
    fill_in(page, "note.id")
    page.wait_for_url("**/")
    open_thread(page)
    page.wait_for_load_state("networkidle")
    assert page.locator(BODY).input_value() == ""
    assert len(local_copies(page)) == 1
    page.context.clear_cookies(name="hub")
    page.goto("/sign-in")
    fill_in(page, "hod.id")
    page.wait_for_url("**/")
    page.goto("/account")
    page.evaluate("localStorage.setItem(`draft:${document.body.dataset.member}:thread/1:x`, JSON.stringify({ at: Date.now(), place: 'thread/1', fields: [], seq: 9, tried: [] }))")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/")
    assert local_copies(page) == []


def test_a_copy_older_than_three_days_is_emptied_by_any_page(sign_in):
    page = sign_in("hod.my")
    page.goto("/people")
    page.evaluate("""() => {
      const old = { at: Date.now() - 73 * 3600 * 1000, place: 'thread/1', fields: [], seq: 0, tried: [] };
      localStorage.setItem('draft:999999:thread/1:x', JSON.stringify(old));
      localStorage.setItem('draft:999999:thread/2:x', JSON.stringify({ ...old, at: Date.now() - 71 * 3600 * 1000 }));
    }""")
    page.goto("/pillars")
    page.wait_for_function("() => Object.keys(localStorage).filter(key => key.startsWith('draft:')).join() === 'draft:999999:thread/2:x'")


def test_new_threads_and_edits_are_kept_too(sign_in):
    page = sign_in("vso.my")
    page.goto("/pillars/prevention/threads/new")
    page.get_by_label("Title").fill("A title begun")
    page.get_by_label("Challenge").check()
    page.get_by_label("Awareness").check()
    kept(page, "Saved")
    page.goto("/pillars/prevention/threads/new")
    assert page.get_by_label("Title").input_value() == "A title begun"
    assert page.get_by_label("Challenge").is_checked()
    assert page.get_by_label("Awareness").is_checked()
    page.locator(BODY).fill("Words of the thread.")
    page.get_by_role("button", name="Post thread").click()
    page.wait_for_url("**/threads/*#post-1")
    page.get_by_role("link", name="Edit post 1").click()
    page.locator(BODY).fill("Words of the thread, half edited")
    kept(page, "Saved")
    edit = page.url
    assert draft_of(page, edit) == "Words of the thread, half edited"
    discard_all(page)
    assert draft_of(page, edit) == "Words of the thread."


def test_a_server_killed_while_saving_loses_no_draft(open_browser, tmp_path):
    site = start_site(tmp_path)
    page = open_browser(base_url=site.url).new_page()
    page.goto("/sign-in")
    fill_in(page, "member.th")
    page.wait_for_url("**/")
    open_thread(page)
    typed = ""
    for n in range(3):
        words = f"Sentence {n} before the kill. "
        write(page, words)
        typed += words
        page.wait_for_timeout(1_400 + 60 * n)  # about when the page saves
        site.process.send_signal(signal.SIGKILL)
        site.process.wait()
        write(page, "Still typing. ")
        typed += "Still typing. "
        kept(page, "No connection")
        site = start_site(tmp_path, HUB_PORT=site.url.rpartition(":")[2], HUB_URL=site.url, HUB_SECRET_KEY=SECRET)
        if n == 0:  # the first server had a key of its own: its sessions are gone, and the text is not
            kept(page, "You are signed out")
            other = page.context.new_page()
            other.goto("/sign-in")
            sign_in_beside(other, "member.th")
            other.close()
            page.reload()
            kept(page, "What this browser had kept")
            assert page.locator(BODY).input_value() == typed
        else:
            kept(page, "Saved")
    page.wait_for_function("() => !Object.keys(localStorage).some(key => key.startsWith('draft:'))")
    database = sqlite3.connect(tmp_path / "hub.sqlite3")
    assert [row[0] for row in database.execute("SELECT body FROM draft")] == [typed]
    database.close()
    site.process.terminate()
    site.process.wait(10)


SECRET = "the same secret for every start of this test " * 2


def test_without_a_script_a_button_keeps_the_draft(sign_in):
    page = sign_in("rev.protection.th", java_script_enabled=False)
    open_thread(page)
    page.locator(BODY).fill("Kept by hand.")
    page.get_by_role("button", name="Keep as draft").click()
    assert re.search(r"Saved \d\d:\d\d", page.locator(".note.done").inner_text())
    assert page.locator(BODY).input_value() == "Kept by hand."
    discard_all(page)
