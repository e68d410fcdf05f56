"""Rooms in Chromium: two delegations agree, talk, drop out and come back; nobody else hears."""

import re

import pytest

from tests.browser.conftest import started
from tests.browser.line import Line
from tests.browser.test_pages import LOOKS, violations

TITLE = "Referral of returning domestic workers, step by step"
NIGHT = "The night contact is the duty officer"


def go_to(page, title=TITLE):
    page.goto("/rooms")
    page.get_by_role("link", name=title).first.click()
    page.locator("#body").wait_for()


def say(page, words):
    page.locator("#body").fill(words)
    page.get_by_role("button", name=re.compile("^Send to")).click()


def hears(page, words, seconds=8):
    page.locator("[data-log] .entry", has_text=words).first.wait_for(timeout=seconds * 1000)


def lines(page):
    """The words of every message, in the order of the page."""
    return page.locator("[data-log] .entry:not(.log) > .prose").all_inner_texts()


def numbers(page):
    return page.locator("[data-log] .entry").evaluate_all("lines => lines.map(line => Number(line.dataset.seq))")


@pytest.fixture
def agreed(sign_in):
    """A room of Indonesia and Malaysia, agreed by their focal points in their browsers; the pages of both."""

    def make(title=TITLE, label="TLP:AMBER+STRICT", writing=True):
        fp_id, fp_my = sign_in("fp.id"), sign_in("fp.my")
        fp_id.goto("/rooms/new")
        fp_id.get_by_label("Malaysia", exact=True).check()
        fp_id.get_by_label("What is it about?").fill(title)
        fp_id.get_by_label("Purpose").fill("Settle notice, contact list, screening form and channel for data at one crossing. Procedure only.")
        fp_id.get_by_label("Pillar").select_option("cooperation")
        fp_id.locator(f"input[name=label][value='{label}']").check()
        if writing:
            fp_id.get_by_label("Show who is writing just now").check()
        fp_id.get_by_label("Head of delegation").first.select_option(label="Head of delegation, TIP Task Force (Indonesia)")
        fp_id.get_by_role("checkbox", name="Migration officer, TIP Task Force (Indonesia)").check()
        fp_id.get_by_label("Note-taker (optional)").select_option(label="Note-taker, TIP Task Force (Indonesia)")
        fp_id.get_by_role("button", name="Propose it").click()
        fp_id.get_by_text("Proposed. The focal points of the other side are told.").wait_for()
        fp_my.goto("/")
        fp_my.get_by_role("link", name=title).click()
        fp_my.get_by_text("Hash of these terms").wait_for()
        fp_my.get_by_label("Head of delegation").first.select_option(label="Head of delegation, TIP Task Force (Malaysia)")
        for title_of_role in ("Legal officer", "Victim support officer"):
            fp_my.get_by_role("checkbox", name=f"{title_of_role}, TIP Task Force (Malaysia)").check()
        fp_my.get_by_role("button", name="Agree to these terms").click()
        fp_my.get_by_text("Readable by 6 people:").first.wait_for()
        fp_id.goto(fp_id.url)
        for page in (fp_my, fp_id):
            assert "Readable by 6 people:" in page.inner_text("main")
            assert "Kept 180 days after closing." in page.inner_text("main")
        return fp_id, fp_my

    return make


def test_two_delegations_talk_and_nothing_said_is_lost(site, sign_in, agreed):
    """Story (b), points 1 to 3."""
    agreed()
    bystander, admin = sign_in("member.th"), sign_in("admin.1")
    frames: list[str] = []
    bystander.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(str(frame))))
    bystander.goto("/threads/21")
    hod_id, member_id, note_id, hod_my = (sign_in(handle) for handle in ("hod.id", "member.id", "note.id", "hod.my"))
    line = Line(site.url)
    vso_my, member_my = sign_in("vso.my", base_url=line.url), sign_in("member.my")
    everybody = (hod_id, member_id, note_id, hod_my, member_my, vso_my)
    for page in everybody:
        go_to(page)
    for page in everybody:
        page.wait_for_function("() => document.querySelectorAll('[data-person][data-here]').length === 6")
    say(hod_id, "Our post learns of a return when the bus is already at the gate.")
    for page in everybody:
        hears(page, "already at the gate")
    times = hod_my.locator("[data-log] .entry").last.locator(".mg time").inner_text()
    assert re.search(r"\d\d:\d\d WIB\s+\d\d:\d\d MYT", times), times
    hod_my.locator("#body").press_sequentially("Two days is ", delay=30)
    hod_id.get_by_text("Head of delegation, head is writing").wait_for()
    hod_my.locator("#body").fill("")
    # a delegate drops on a bad line
    line.cut()
    vso_my.wait_for_function("() => document.querySelector('[data-line]').textContent !== ''", timeout=15_000)
    missed = [f"Missed line {word}." for word in ("one", "two", "three", "four", "five", "six", "seven")]
    for n, words in enumerate(missed):
        say((hod_id, hod_my, member_id)[n % 3], words)
        hears(note_id, words)
    say(vso_my, "Sent once, from a bad line.")
    assert "Sent once, from a bad line." in vso_my.locator("[data-unsent-list]").inner_text()
    assert "Sent once" not in hod_id.inner_text("[data-log]")
    line.mend()
    hears(vso_my, "Sent once, from a bad line.", 25)
    hears(hod_id, "Sent once, from a bad line.")
    vso_my.locator("[data-unsent-list]").wait_for(state="hidden")
    assert lines(vso_my) == ["Our post learns of a return when the bus is already at the gate.", *missed, "Sent once, from a bad line."]
    for page in everybody:
        hears(page, "Sent once")
        assert lines(page) == lines(vso_my)
        assert numbers(page) == list(range(1, len(numbers(page)) + 1))
    # an identifying line is stopped, and written differently
    say(member_my, f"{NIGHT}, her name is Siti Aminah, 17 years old")
    member_my.get_by_text("Not sent, not stored.").wait_for()
    assert member_my.locator("#body").input_value().startswith(NIGHT)
    member_my.get_by_text("could identify a person").first.wait_for()
    assert violations(member_my) == []
    say(member_my, "person ref. REF-2026-014, details through the official channel (HSU)")
    hears(hod_id, "REF-2026-014")
    assert "Siti" not in hod_id.inner_text("main")
    # a stale page that applied everything is the fresh page
    hears(vso_my, "REF-2026-014")
    stale = vso_my.locator("[data-log] .entry").evaluate_all("lines => lines.map(line => line.outerHTML)")
    vso_my.goto(vso_my.url.partition("#")[0])
    vso_my.locator("#body").wait_for()
    vso_my.wait_for_timeout(300)
    assert vso_my.locator("[data-log] .entry").evaluate_all("lines => lines.map(line => line.outerHTML)") == stale
    # nobody else
    address = "/rooms/" + re.search(r"/rooms/([0-9a-f]{32})", hod_id.url)[1]
    for page in (bystander, admin):
        for path in (address, f"{address}/entries?after=0"):
            assert page.request.get(path).status == 404
        for path in ("/", "/rooms", "/notifications", "/new", "/people", "/pillars/cooperation"):
            page.goto(path)
            assert not re.search(r"at the gate|Missed line|REF-2026|returning domestic workers, step", page.content()), path
    assert not any("at the gate" in frame or "Missed" in frame for frame in frames)
    kept = b"".join(path.read_bytes() for path in [site.data / "server.log", *(site.data / "mail").glob("*")] if path.is_file())
    assert not re.search(rb"already at the gate|Missed line|REF-2026-014|step by step", kept)
    line.close()


def test_what_is_not_sent_outlives_the_page_and_goes_once_in_order(sign_in):
    page, other = sign_in("member.la"), sign_in("member.th")
    for one in (page, other):
        go_to(one, "One meeting point")
    page.route("**/entries", lambda route: route.abort("internetdisconnected"))
    for words in ("First of three.", "Second of three.", "Third of three."):
        say(page, words)
    page.locator("#body").fill("Begun, not sent.")
    assert page.locator("[data-unsent-list] .entry").count() == 3
    page.reload()
    page.locator("[data-unsent-list] .entry").nth(2).wait_for()
    assert page.locator("#body").input_value() == "Begun, not sent."
    page.unroute("**/entries")
    hears(other, "Third of three.", 25)
    assert [words for words in lines(other) if "of three" in words] == ["First of three.", "Second of three.", "Third of three."]
    page.locator("[data-unsent-list]").wait_for(state="hidden")
    page.goto("/account")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/")
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('outbox:'))") == []


def test_under_tlp_red_the_browser_keeps_nothing(sign_in, agreed):
    agreed("Under red alone, in one browser", "TLP:RED", False)
    page = sign_in("hod.id")
    go_to(page, "Under red alone")
    assert "TLP:RED" in page.inner_text(".opening")
    page.route("**/entries", lambda route: route.abort("internetdisconnected"))
    say(page, "Said, but not stored yet.")
    page.locator("#body").fill("Begun, not sent.")
    page.locator("[data-unsent-list] .entry").wait_for()
    assert page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])").find("stored yet") == -1
    assert page.evaluate("JSON.stringify({...localStorage})").find("not sent") == -1
    page.unroute("**/entries")
    hears(page, "Said, but not stored yet.", 25)


def test_where_websockets_are_blocked_the_page_asks_from_time_to_time(sign_in):
    page, other = sign_in("fp.la"), sign_in("member.th")
    page.route_web_socket("**/socket.io/**", lambda socket: socket.close())
    for one in (page, other):
        go_to(one, "One meeting point")
    page.get_by_text("No live connection here").wait_for(timeout=12_000)
    say(other, "Heard without a socket.")
    hears(page, "Heard without a socket.", 12)
    say(page, "Answered without a socket.")
    hears(other, "Answered without a socket.")


def test_on_a_slow_line_the_own_line_is_there_at_once_and_both_pages_converge(sign_in):
    pages = [sign_in(handle) for handle in ("member.la", "member.th")]
    for page in pages:
        go_to(page, "One meeting point")
        started(page)
        page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", {"offline": False, "latency": 800, "downloadThroughput": 31_250, "uploadThroughput": 31_250})
    for n, page in enumerate(pages):
        for word in ("one", "two", "three"):
            say(page, f"Slow line {word} of {n}.")
            shown = page.inner_text("[data-unsent-list]") + page.inner_text("[data-log]")
            assert f"Slow line {word} of {n}." in shown
    for page in pages:
        for n in range(2):
            hears(page, f"Slow line three of {n}.", 30)
        page.locator("[data-unsent-list]").wait_for(state="hidden", timeout=30_000)
    assert lines(pages[0]) == lines(pages[1])
    assert numbers(pages[0]) == numbers(pages[1])
    for n in range(2):
        assert [words for words in lines(pages[0]) if words.endswith(f"of {n}.")] == [f"Slow line {word} of {n}." for word in ("one", "two", "three")]


def test_a_room_by_keyboard_alone(sign_in):
    page, other = sign_in("member.la"), sign_in("member.th")
    for one in (page, other):
        go_to(one, "One meeting point")
    started(page)
    page.keyboard.press("r")  # to the composer
    assert page.evaluate("document.activeElement.id") == "body"
    page.keyboard.type("By keyboard.")
    page.keyboard.press("Enter")
    hears(other, "By keyboard.")
    hears(page, "By keyboard.")
    page.locator("[data-unsent-list]").wait_for(state="hidden")
    page.evaluate("document.activeElement.blur()")
    count = page.locator("[data-log] .entry").count()
    for _line in range(count):
        page.keyboard.press("j")
    assert "By keyboard." in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("k")
    assert "By keyboard." not in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("j")
    page.keyboard.press("r")
    assert page.evaluate("document.activeElement.id") == "body"
    page.get_by_text("In reply to entry").first.wait_for()
    page.keyboard.press("Escape")
    page.locator("[data-log] .entry").last.focus()
    for _tab in range(4):  # the number, who speaks, Reply, More
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator(".more a, .more button").nth(1).wait_for()
    assert "Edit" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.getElementById('body').value === 'By keyboard.'")
    page.keyboard.press("End")
    page.keyboard.type(" And changed.")
    page.keyboard.press("Enter")
    hears(other, "And changed.")
    assert other.locator("[data-log] .entry", has_text="And changed.").get_by_text("edited").count() == 1
    assert "said something new" in other.locator("[data-announce]").text_content() or "new entries" in other.locator("[data-announce]").text_content()


def test_a_room_without_a_script(open_browser, sign_in):
    page, other = sign_in("member.la", java_script_enabled=False), sign_in("member.th")
    go_to(other, "One meeting point")
    page.goto("/rooms")
    page.get_by_role("link", name="One meeting point").click()
    say(page, "Without a script.")
    page.wait_for_url("**/rooms/*#entry-*")
    hears(other, "Without a script.")
    line = page.locator("[data-log] .entry", has_text="Without a script.").last
    line.get_by_role("link", name="More").click()
    page.get_by_role("button", name="Ask for an acknowledgement").click()
    hears(other, "Acknowledgement asked by")
    other.get_by_role("button", name="Acknowledge for Thailand").last.click()
    hears(other, "Acknowledged by")
    page.get_by_role("link", name="Look for new entries").click()
    assert "Acknowledged by" in page.inner_text("[data-log]")
    page.locator("[data-log] .entry", has_text="Without a script.").last.get_by_role("link", name="More").click()
    page.get_by_role("link", name="Translate").last.click()
    page.locator("#body").fill("ບໍ່ມີສະຄຣິບ")
    page.locator("select[name=lang]").select_option("lo")
    page.get_by_role("button", name=re.compile("^Send to")).click()
    hears(other, "ບໍ່ມີສະຄຣິບ")
    say(page, "her passport is no. A1234567")
    page.get_by_text("Not stored yet").wait_for()
    assert page.locator("#body").input_value() == "her passport is no. A1234567"


@pytest.mark.parametrize("look", LOOKS)
def test_pages_of_rooms_are_accessible(sign_in, look):
    member, focal_point, asked = sign_in("member.la", **LOOKS[look]), sign_in("fp.la", **LOOKS[look]), sign_in("fp.vn", **LOOKS[look])
    for page, path in ((member, "/rooms"), (focal_point, "/rooms/new"), (asked, "/rooms")):
        page.goto(path)
        assert violations(page) == [], path
    asked.get_by_role("link", name="Video testimony").click()
    asked.wait_for_url("**/rooms/*")
    assert violations(asked) == []
    for page in (member, focal_point):
        go_to(page, "One meeting point")
        page.locator("[data-log] .entry").nth(2).get_by_role("link", name="More").click()
        page.locator(".more a").first.wait_for()
        page.locator(".papers summary").click()
        assert violations(page) == []
        assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    for what in ("pause", "terms", "withdraw"):
        focal_point.goto(re.sub(r"[?#].*", "", member.url) + f"/{what}")
        assert violations(focal_point) == [], what


def test_on_a_phone_the_composer_is_under_the_thumb(sign_in):
    page = sign_in("member.la", viewport={"width": 390, "height": 780})
    go_to(page, "One meeting point")
    page.locator("[data-log] .entry").last.scroll_into_view_if_needed()
    with page.expect_response("**/read"):
        page.evaluate("scrollBy(0, 200)")  # everything is read, so that the next visit begins at the end
    go_to(page, "One meeting point")
    started(page)
    box = page.locator("#body").bounding_box()
    button = page.get_by_role("button", name=re.compile("^Send to")).bounding_box()
    assert 300 < box["y"] < 780
    assert button["height"] >= 44
    assert button["y"] + button["height"] <= 780
    unread = page.locator("[data-newline]")
    place = (unread if unread.count() else page.locator("[data-log] .entry").last).bounding_box()
    assert 0 < place["y"] < box["y"], "it opens at the newest entries, or where one stopped"


def test_a_key_that_chooses_a_handle_neither_sends_nor_empties_the_field(sign_in):
    page = sign_in("member.la")
    go_to(page, "One meeting point")
    started(page)
    count = page.locator("[data-log] .entry").count()
    page.locator("[data-log] .entry").nth(1).get_by_role("link", name="Reply").click()
    page.locator("#body").press_sequentially("Dear @member.t", delay=30)
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.locator("#body").input_value().startswith("Dear @member.t")
    page.locator("#body").press_sequentially("and @fp.l", delay=30)
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("Escape")
    assert "and @fp.l" in page.locator("#body").input_value()
    page.keyboard.press("Escape")  # leaves the reply, and keeps the words
    assert "and @fp.l" in page.locator("#body").input_value()
    assert page.locator("[data-mode]").is_hidden()
    assert page.locator("[data-log] .entry").count() == count
    page.locator("#body").fill("")


def test_an_edit_sets_aside_what_one_is_writing_and_gives_it_back(sign_in):
    page = sign_in("member.th")
    go_to(page, "One meeting point")
    started(page)
    say(page, "To be changed.")
    hears(page, "To be changed.")
    page.locator("[data-unsent-list]").wait_for(state="hidden")
    page.locator("#body").fill("Something else, begun.")
    line = page.locator("[data-log] .entry", has_text="To be changed.").last
    page.route("**/rooms/*?edit=*", lambda route: route.abort("internetdisconnected"))
    line.get_by_role("link", name="More").click()
    page.locator(".more").get_by_role("link", name="Edit").click()
    page.get_by_text("It cannot be changed just now").wait_for()
    assert page.locator("#body").input_value() == "Something else, begun."
    page.unroute("**/rooms/*?edit=*")
    line.get_by_role("link", name="More").click()
    page.locator(".more").get_by_role("link", name="Edit").click()
    page.wait_for_function("() => document.getElementById('body').value === 'To be changed.'")
    page.get_by_role("link", name="Cancel").click()
    assert page.locator("#body").input_value() == "Something else, begun."
    assert page.locator("[data-mode]").is_hidden()
    page.locator("#body").fill("")


def test_two_windows_of_a_room_agree_on_what_is_not_sent(sign_in):
    page = sign_in("fp.la")
    go_to(page, "One meeting point")
    other = page.context.new_page()
    other.goto(page.url)
    started(other)
    started(page)
    for one in (page, other):
        one.route("**/entries", lambda route: route.abort("internetdisconnected"))
    say(page, "Of the first window.")
    say(other, "Of the second window.")
    for one in (page, other):
        one.wait_for_function("() => document.querySelectorAll('[data-unsent-list] .entry').length === 2")
    for one in (page, other):
        one.unroute("**/entries")
    for one in (page, other):
        hears(one, "Of the second window.", 30)
        one.locator("[data-unsent-list]").wait_for(state="hidden", timeout=30_000)
        assert len([words for words in lines(one) if "window." in words]) == 2
