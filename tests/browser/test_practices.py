"""A practice from draft to good, by the people of the story, in Chromium; and nothing typed is lost on the way."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import fill_in
from tests.practices.scene import LONG

TITLE = "Night roster for first interviews, shared by three provinces"


def go_on(page):
    page.get_by_role("button", name="Save and go on").click()


def begin(page, title):
    page.goto("/practices")
    page.get_by_role("link", name="Post a good practice").click()
    page.get_by_label("Title").fill(title)
    page.get_by_label("Protection of victims").check()
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", name="What and where")).to_be_visible()
    return re.search(r"/practices/(\d+)/", page.url)[1]


def fill_what(page):
    page.get_by_label("Summary").fill("A shared roster puts a trained interpreter on the line before the first question is asked, in three provinces.")
    page.get_by_label("How far it reaches").select_option("national")
    page.get_by_label("Body in charge").fill("Victim support unit")
    page.get_by_label("Since", exact=True).fill("2024-01")


def fill_work(page):
    page.get_by_label("The problem").fill(LONG * 2)
    page.get_by_label("What was done").fill(LONG * 3)
    page.get_by_label("adults").check()


def fill_results(page):
    page.get_by_label("Results", exact=True).fill(LONG * 2)
    line = page.locator("#result_rows")
    for label, words in (("What was counted", "First interviews with interpreter"), ("Before", "41 %"), ("After", "88 %"), ("When", "2024 and 2025"), ("Source", "own case system")):
        line.get_by_label(label).first.fill(words)
    line.get_by_label("Unit").first.select_option("percent")
    page.get_by_label("Evidence", exact=True).select_option("E2")


def fill_lessons(page):
    for label in ("What helped", "What went wrong, what is hard", "Lessons", "If you adopt it"):
        page.get_by_label(label).fill(LONG)


def fill_rights(page):
    for answer in page.locator("#rights select").all()[:-1]:
        answer.select_option("yes")
    page.locator("#rights select").last.select_option("none")
    page.get_by_label("No person can be identified").check()


STEPS = (fill_what, fill_work, fill_results, fill_lessons, fill_rights)


def write_all(page, title):
    practice = begin(page, title)
    for fill in STEPS[:-1]:
        fill(page)
        go_on(page)
    STEPS[-1](page)
    page.get_by_role("button", name="Save, then look it over").click()
    return practice


def decide(page, practice, what, words):
    page.goto(f"/practices/{practice}/{what}")
    page.locator("#words").fill(words)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(f"**/practices/{practice}-*")


def ask(page, practice, *handles):
    page.goto(f"/practices/{practice}/reviewers")
    for box in page.get_by_role("checkbox").all():
        box.uncheck()
    for words in handles:
        page.locator("label", has_text=words).get_by_role("checkbox").check()
    page.get_by_role("button", name="Ask them").click()


def review(page, practice, scores, verdict, words):
    page.goto(f"/practices/{practice}/review")
    for name, score in zip(("effective", "sustainable", "replicable", "inclusion", "rights", "survivor", "evidence", "clarity"), scores, strict=True):
        page.locator(f"#{name}-{score}").check()
    page.get_by_label("What you say to the author").fill(words)
    page.get_by_label(verdict).check()
    page.get_by_role("button", name="Give this review").click()
    expect(page.get_by_text("Thank you.")).to_be_visible()


def test_the_story_of_a_practice_with_everybody_signed_in(sign_in):
    names = ("vso.my", "fp.my", "rev.protection.ph", "rev.protection.th", "moderator.1", "fp.ph", "fp.la", "fp.th")
    author, clearer, ph, th, moderator, endorser, adopter, thai = (sign_in(handle) for handle in names)
    practice = write_all(author, TITLE)
    author.goto(f"/practices/{practice}/steps/2")
    named = LONG * 2 + " e.g. a 17-year-old from Kampung Demo, passport A1234567"
    author.get_by_label("The problem").fill(named)
    go_on(author)
    expect(author.get_by_role("alert")).to_contain_text("could identify a person")
    expect(author.locator("#passages li")).to_have_count(2)
    assert "A1234567" in author.get_by_label("The problem").input_value(), "nothing typed is lost"
    author.get_by_label("The problem").fill(LONG * 2 + " Persons under 18 were among them.")
    go_on(author)
    author.goto(f"/practices/{practice}")
    author.get_by_role("button", name="Send it").click()
    expect(author.get_by_text("Stage: with the focal point.")).to_be_visible()
    assert author.goto(f"/practices/{practice}/clear").status == 403
    clearer.goto("/")
    clearer.get_by_role("link", name=TITLE).click()
    clearer.get_by_role("link", name="Clear it for review").click()
    clearer.locator("#words").fill("Good; say what it costs.")
    clearer.get_by_role("button", name="Clear it for review").click()
    moderator.goto("/")
    moderator.get_by_role("link", name=re.compile("practices? wants? reviewers")).click()
    ask(moderator, practice, "TIP Task Force (Philippines)", "TIP Task Force (Thailand)")
    ph.goto("/")
    expect(ph.locator(".todo", has_text=TITLE)).to_contain_text("by")
    review(ph, practice, (3, 2, 3, 2, 3, 1, 2, 3), "It needs changes first", "What does it cost? Were survivors asked?")
    review(th, practice, (2, 2, 3, 2, 2, 1, 2, 2), "It needs changes first", "The cost, please.")
    author.goto("/")
    author.locator(".todo").get_by_role("link", name=TITLE).click()
    author.goto(f"/practices/{practice}")
    for words in ("Mean 2.38.", "Mean 2.00.", "Stage: changes requested."):
        expect(author.get_by_text(words)).to_be_visible()
    author.goto(f"/practices/{practice}/steps/3")
    author.get_by_label("Cost (optional)").fill("96000")
    author.get_by_label("Currency").select_option("MYR")
    author.get_by_label("Paid how often").select_option("year")
    author.get_by_label("Roughly, in US dollars").select_option("10k_100k")
    go_on(author)
    author.goto(f"/practices/{practice}/steps/5")
    author.locator("#rights select").last.select_option("consulted")
    author.locator("#rights input").last.fill("Six persons, through an NGO")
    author.get_by_role("button", name="Save, then look it over").click()
    author.get_by_role("button", name="Send it").click()
    ph.goto(f"/practices/{practice}/compare")
    assert ph.locator(".doc h2").all_inner_texts() == ["Cost", "Currency", "Paid how often", "Roughly, in US dollars", "Rights checklist"]
    for page in (ph, th):
        review(page, practice, (3, 2, 3, 2, 3, 2, 2, 3), "It can be published", "Now it can be used.")
    author.goto(f"/practices/{practice}")
    expect(author.locator(".ladder [aria-current]")).to_contain_text("Promising")
    assert "Stage:" not in author.locator("main").inner_text()
    thai.goto(f"/practices/{practice}")
    assert clearer.goto(f"/practices/{practice}/endorse").status == 403, "not one's own"
    decide(endorser, practice, "endorse", "Roster idea for three languages")
    expect(endorser.locator("#standing")).to_contain_text("Endorsed by 1 task force: PH (v2)")
    adopter.goto(f"/practices/{practice}/adopt")
    adopter.get_by_label("We pilot it").check()
    adopter.get_by_label("Since").fill("2026-06")
    adopter.get_by_label("In your words").fill("One land crossing")
    adopter.get_by_role("button", name="Save").click()
    expect(adopter.locator("#adoption")).to_contain_text("piloting")
    expect(adopter.locator(".ladder [aria-current]")).to_contain_text("Promising")
    author.goto(f"/practices/{practice}/steps/3")
    author.get_by_label("Evidence", exact=True).select_option("E3")
    line = author.locator("#links")
    line.get_by_label("Address").first.fill("https://example.org/review")
    line.get_by_label("What it is").first.fill("Outside review")
    line.get_by_label("Kind").first.select_option("source")
    go_on(author)
    author.goto(f"/practices/{practice}")
    author.get_by_role("button", name="Send it").click()
    ask(moderator, practice, "TIP Task Force (Philippines)")
    review(ph, practice, (3, 2, 3, 2, 3, 2, 3, 3), "It can be published", "The outside review is there.")
    author.goto(f"/practices/{practice}")
    expect(author.locator(".ladder [aria-current]")).to_contain_text("Good practice")
    expect(author.locator("#standing")).to_contain_text("Endorsed by 1 task force: PH (v2); v3 not yet")
    expect(author.locator("#way li")).to_have_count(7)
    author.get_by_role("link", name="Its discussion").click()
    expect(author.locator("#post-1")).to_contain_text("This thread is about the good practice")


def test_a_practice_is_written_on_a_narrow_phone_without_a_script(sign_in):
    page = sign_in("member.vn", java_script_enabled=False, viewport={"width": 320, "height": 640})
    write_all(page, "Written on a narrow phone without a script")
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_text("Stage: with the focal point.")).to_be_visible()


def test_rows_are_added_without_a_script(sign_in):
    page = sign_in("member.mm", java_script_enabled=False)
    practice = begin(page, "Rows are added without a script")
    page.goto(f"/practices/{practice}/steps/3")
    for n in range(3):
        page.locator("#result_rows").get_by_label("What was counted").nth(n).fill(f"Indicator {n}")
        page.locator("#result_rows").get_by_role("button", name="Save, and show more lines").click()
    assert [box.input_value() for box in page.locator("#result_rows").get_by_label("What was counted").all()] == ["Indicator 0", "Indicator 1", "Indicator 2", "", ""]


def test_a_practice_is_written_with_the_keyboard_alone(sign_in):
    page = sign_in("member.kh")
    page.goto("/practices/new")
    page.wait_for_load_state("networkidle")
    tab_to(page, "title")
    page.keyboard.type("Written with the keyboard alone")
    tab_to(page, "pillar-0")
    page.keyboard.press("Space")
    tab_to(page, text="Begin")
    page.keyboard.press("Enter")
    page.wait_for_url("**/steps/1")
    page.wait_for_load_state("networkidle")
    tab_to(page, "summary")
    page.keyboard.type("Typed, and kept by itself.")
    tab_to(page, text="Save and go on")
    page.keyboard.press("Enter")
    page.wait_for_url("**/steps/2")


def tab_to(page, ident="", text=""):
    for _press in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("([id, text]) => document.activeElement.id === id && id !== '' || text !== '' && document.activeElement.innerText === text", [ident, text]):
            return
    raise AssertionError(f"no way to {ident}{text}")


def kept(page, words="Saved"):
    page.wait_for_function("words => document.querySelector('[data-kept]').textContent.includes(words)", arg=words)


def test_a_lost_connection_a_second_window_and_an_ended_session_lose_nothing(sign_in):
    page, other = sign_in("member.la"), sign_in("member.la")
    practice = begin(page, "Nothing that is typed here is lost")
    address = f"/practices/{practice}/steps/4"
    for window in (page, other):
        window.goto(address)
        window.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    page.get_by_label("Lessons").fill("Typed while the line was away.")
    kept(page, "No connection")
    page.context.set_offline(False)
    kept(page)
    other.get_by_label("Lessons").fill("Typed in an older window.")
    kept(other, "Another window")
    go_on(other)
    expect(other.get_by_role("alert")).to_contain_text("Another window saved this step meanwhile")
    assert other.get_by_label("Lessons").input_value() == "Typed in an older window."
    expect(other.get_by_text("Typed while the line was away.")).to_be_visible()
    other.wait_for_timeout(3_000)
    page.goto(address)
    assert page.get_by_label("Lessons").input_value() == "Typed while the line was away.", "the page that shows both saves nothing by itself"
    other.get_by_label("Lessons").fill("Both brought together by their author.")
    go_on(other)
    other.wait_for_url("**/steps/5")
    other.wait_for_function("() => Object.keys(localStorage).every(key => !key.includes('/4:'))")
    page.goto(f"/practices/{practice}/steps/5")
    page.get_by_label("Note on contents").fill("Typed as the session ended.")
    page.context.clear_cookies()
    page.get_by_role("button", name="Save, then look it over").click()
    fill_in(page, "member.la")
    assert page.get_by_label("Note on contents").input_value() == "Typed as the session ended."
    page.get_by_role("button", name="Save, then look it over").click()
    page.goto(f"/practices/{practice}/steps/5")
    assert page.get_by_label("Note on contents").input_value() == "Typed as the session ended."


@pytest.mark.parametrize("code", ["en", "th", "km"])
def test_a_sheet_of_paper_carries_its_label_on_every_page(site, sign_in, code, tmp_path):
    """In three scripts, long enough for several pages; made by Chromium, as a minister would get it."""
    from pypdf import PdfReader

    page = sign_in("fp.ph")
    page.goto("/practices/1/print")
    words = {"en": "A roster of trained interpreters. ", "th": "ล่ามที่ผ่านการอบรมพร้อมรับสายตลอดคืน ", "km": "អ្នកបកប្រែដែលបានទទួលការបណ្តុះបណ្តាល "}[code]
    page.evaluate("([words, lang]) => { for (const part of document.querySelectorAll('.prose')) { part.lang = lang; part.textContent = words.repeat(60); } }", [words, code])
    page.pdf(path=tmp_path / "sheet.pdf", prefer_css_page_size=True)
    sheets = [sheet.extract_text() for sheet in PdfReader(tmp_path / "sheet.pdf").pages]
    assert len(sheets) > 2
    for sheet in sheets:
        assert sheet.count("TLP:GREEN") >= 2, "at the head and at the foot"
        assert "The Practitioner Hub" in sheet
        assert "version 1" in sheet
