"""Minutes in Chromium: story (b), points 4 to 6; side by side, without a script, by keyboard, on paper."""

import re
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from hub.demo.accounts import PASSWORD
from tests.browser.conftest import ROOT, started
from tests.browser.test_pages import LOOKS, violations
from tests.browser.test_rooms import agreed as agreed
from tests.browser.test_rooms import go_to, hears, say

DUE = (datetime.now(UTC) + timedelta(days=20)).date()


def entry(page, words):
    return page.locator("[data-log] .entry", has_text=words).first


def more(page, words):
    line = entry(page, words)
    line.get_by_role("link", name=re.compile("^More")).click()
    line.locator(".more a, .more button").first.wait_for()
    return line


def mark(page, words, how):
    more(page, words).get_by_role("button", name=f"Mark as a {how}").click()
    entry(page, words).locator(".kind", has_text=how.capitalize()).wait_for()


def mark_action(page, words, who):
    more(page, words).get_by_role("link", name="Mark as an action").click()
    page.get_by_label("Who does it?").select_option(label=who)
    page.get_by_label("By when?").fill(DUE.isoformat())
    page.get_by_role("button", name="Mark as an action").click()
    page.wait_for_url("**#entry-*")


def open_minutes(page, title):
    page.goto("/rooms")
    page.get_by_role("link", name=title).first.click()
    page.get_by_role("link", name="Open the minutes").click()
    page.wait_for_url(re.compile("/minutes"))


def signs(page, version):
    page.get_by_role("link", name=f"Sign version {version}").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name=f"Sign version {version}").click()
    page.get_by_text(re.compile("^Signed")).first.wait_for()


def flask(site, *command):
    environ = {"HUB_DATA": str(site.data), "HUB_DEMO": "1", "HUB_SECRET_KEY": site.secret, "HUB_URL": site.url, "FLASK_APP": "wsgi", "PATH": "/usr/bin:/bin", "HUB_MAIL_URL": f"file:{site.data / 'mail'}"}
    return subprocess.run([sys.executable, "-m", "flask", "hub", *command], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120)


def test_from_marked_entries_to_minutes_that_outlive_the_room(site, sign_in, agreed, tmp_path):
    """Story (b), points 4 to 6."""
    title = "Referral of returning domestic workers, up to the minutes"
    agreed(title)
    hod_id, hod_my, note_id, member_my = (sign_in(handle) for handle in ("hod.id", "hod.my", "note.id", "member.my"))
    for page in (hod_id, hod_my, note_id, member_my):
        go_to(page, title)
    for page, words in ((hod_id, "Advance notice before a hand-over."), (hod_my, "Notice at least 48 hours before a hand-over."), (hod_id, "A common form is piloted."),
                        (hod_my, "Malaysia sends the form."), (hod_id, "Indonesia names two night contacts.")):  # fmt: skip
        say(page, words)
        hears(note_id, words)
    mark(note_id, "Advance notice", "point")
    mark(note_id, "48 hours", "decision")
    mark(note_id, "common form", "decision")
    mark_action(note_id, "Malaysia sends", "Malaysia, nobody by name")
    mark_action(note_id, "two night contacts", "Migration officer")
    hod_my.locator(".entry.decided").nth(3).wait_for()  # heard without a reload
    # 4. the draft
    open_minutes(note_id, title)
    note_id.get_by_role("button", name="Begin the minutes").click()
    note_id.get_by_role("heading", name="Draft, version 1").wait_for()
    draft = note_id.inner_text("main")
    for words in ("Advance notice before a hand-over.", "D1", "D2", "A1", "A2", "Migration officer"):
        assert words in draft
    # 5. both edit side by side
    for page in (member_my, hod_id):
        open_minutes(page, title)
        page.get_by_role("link", name="Change it").click()
        page.get_by_label("Next meeting").wait_for()
    member_my.get_by_label("Reservations, Malaysia").fill("On D1: 24 hours in medical cases")
    hod_id.get_by_label("Next meeting").fill("In this room, in June.")
    hod_id.get_by_label("Agenda").fill("Advance notice\nContact list")
    hod_id.get_by_role("button", name="Save as version 2").click()
    hod_id.get_by_text("Saved as version 2.").wait_for()
    member_my.get_by_text("Version 2 was saved meanwhile.").wait_for()
    member_my.get_by_label("Agenda").fill("Advance notice, in hours")
    member_my.get_by_role("button", name="Save as version 2").click()
    member_my.get_by_text("Version 2 was saved while you wrote").wait_for()
    assert violations(member_my) == []
    assert member_my.get_by_label("Next meeting").input_value() == "In this room, in June."
    assert member_my.get_by_label("Reservations, Malaysia").input_value() == "On D1: 24 hours in medical cases"
    assert member_my.get_by_label("Agenda").input_value() == "Advance notice\nContact list\nAdvance notice, in hours"
    member_my.get_by_label("Agenda").fill("Advance notice, in hours\nContact list")
    member_my.get_by_role("button", name="Save as version 3").click()
    member_my.get_by_text("Saved as version 3.").wait_for()
    hod_id.goto(re.sub(r"[?#].*", "", hod_id.url))
    signs(hod_id, 3)
    # an edit clears the signature
    member_my.get_by_role("link", name="Change it").click()
    member_my.get_by_text("Saving a change clears that signature").wait_for()
    member_my.get_by_label("Languages").fill("English, Bahasa Melayu")
    member_my.get_by_role("button", name="Save as version 4").click()
    member_my.get_by_text("Saved as version 4.").wait_for()
    note_id.goto("/rooms")
    go_to(note_id, title)
    hears(note_id, "the signatures given to it before are cleared")
    hod_id.get_by_text("Version 4 was saved meanwhile.").wait_for()
    hod_id.get_by_role("link", name="Read it").click()
    signs(hod_id, 4)
    hod_my.goto("/")
    hod_my.get_by_role("link", name=title).filter(has_text=title).first.wait_for()
    hod_my.get_by_text("Minutes wait for your signature").wait_for()
    open_minutes(hod_my, title)
    signs(hod_my, 4)
    assert hod_my.get_by_role("heading", level=1).inner_text() == "Agreed minutes"
    assert violations(hod_my) == []
    hears(note_id, "these are the agreed minutes")
    here = re.sub(r"[?#].*", "", hod_my.url)
    with hod_my.expect_download() as download:
        hod_my.get_by_role("link", name="JSON").click()
    file = tmp_path / "minutes.json"
    download.value.save_as(file)
    verified = flask(site, "minutes", "verify", str(file))
    assert verified.returncode == 0, verified.stderr
    member_my.goto("/rooms/actions")
    assert "Malaysia sends the form." in member_my.inner_text("main")
    member_id = sign_in("member.id")
    member_id.goto("/")
    member_id.locator("#waiting").get_by_role("link", name="Indonesia names two night contacts.").click()
    member_id.get_by_text("Tick it off").click()
    member_id.get_by_label("What was done").fill("Two night contacts are named.")
    member_id.get_by_role("button", name="Done").click()
    member_id.get_by_text("Ticked off.").wait_for()
    # 6. closed, and emptied when its time is over
    hod_id.goto(here.partition("/minutes")[0] + "/close")
    hod_id.get_by_role("button", name="Close the room").click()
    hod_id.get_by_text("Kept until").wait_for()
    with sqlite3.connect(site.data / "hub.sqlite3", timeout=10) as database:
        long_ago = (datetime.now(UTC) - timedelta(days=181)).replace(tzinfo=None).isoformat(" ")
        database.execute("UPDATE room SET closed_at = ? WHERE title = ?", (long_ago, title))
    done = flask(site, "retention")
    assert done.returncode == 0, done.stderr
    assert "1 rooms" in done.stdout
    go = here.partition("/minutes")[0]
    hod_my.goto(go)
    assert "Its words were deleted as agreed" in hod_my.inner_text("[data-log]")
    assert "Malaysia sends the form." not in hod_my.inner_text("[data-log]")
    hod_my.goto(here)
    assert "Malaysia sends the form." in hod_my.inner_text("main")
    assert flask(site, "minutes", "verify", str(file)).returncode == 0
    file.write_bytes(file.read_bytes().replace(b"48 hours", b"24 hours"))
    altered = flask(site, "minutes", "verify", str(file))
    assert altered.returncode == 1
    assert "differs" in altered.stderr


def test_minutes_without_a_script(sign_in, agreed):
    title = "Minutes where nothing runs in the browser"
    agreed(title)
    head, other = sign_in("hod.id", java_script_enabled=False), sign_in("hod.my", java_script_enabled=False)
    head.goto("/rooms")
    head.get_by_role("link", name=title).click()
    for words in ("Notice is given in time.", "Malaysia sends the form."):
        say(head, words)
        head.wait_for_url("**#entry-*")
    entry(head, "Notice is given").get_by_role("link", name=re.compile("^More")).click()
    head.get_by_role("button", name="Mark as a decision").click()
    entry(head, "Malaysia sends").get_by_role("link", name=re.compile("^More")).click()
    head.get_by_role("link", name="Mark as an action").click()
    head.get_by_label("Who does it?").select_option(label="Malaysia, nobody by name")
    head.get_by_label("By when?").fill("2020-01-01")
    head.locator("#on").get_by_role("button", name="Mark as an action").click()
    head.get_by_text("a day from today on").wait_for()
    assert head.get_by_label("By when?").input_value() == "2020-01-01"
    head.get_by_label("By when?").fill(DUE.isoformat())
    head.locator("#on").get_by_role("button", name="Mark as an action").click()
    head.get_by_role("link", name="Open the minutes").click()
    head.get_by_role("button", name="Begin the minutes").click()
    head.get_by_role("link", name="Change it").click()
    head.get_by_label("Decisions").fill("Notice is given in time.\nher passport is no. A1234567")
    head.get_by_role("button", name="Save as version 2").click()
    head.get_by_text("Not stored yet").wait_for()
    assert "A1234567" in head.get_by_label("Decisions").input_value()
    head.get_by_label("Decisions").fill("Notice is given in time.\nThe list is renewed each month.")
    head.get_by_role("button", name="Save as version 2").click()
    signs(head, 2)
    open_minutes(other, title)
    signs(other, 2)
    assert other.get_by_role("heading", level=1).inner_text() == "Agreed minutes"
    other.goto("/rooms/actions")
    task = other.locator(".item", has_text="Malaysia sends the form.").last
    task.locator("summary").click()
    task.get_by_label("What was done").fill("The form was sent.")
    task.get_by_role("button", name="Done").click()
    other.get_by_text("Ticked off.").wait_for()


def test_marking_writing_and_signing_by_keyboard_alone(sign_in, agreed):
    title = "Minutes by keyboard, from mark to signature"
    agreed(title)
    page = sign_in("hod.id")
    go_to(page, title)
    started(page)
    page.keyboard.press("r")
    page.keyboard.type("Notice is given in time.")
    page.keyboard.press("Enter")
    hears(page, "Notice is given in time.")
    page.locator("[data-unsent-list]").wait_for(state="hidden")
    page.locator("[data-log] .entry").last.focus()
    tab_to(page, "More")
    page.keyboard.press("Enter")
    page.locator(".more button").first.wait_for()
    tab_to(page, "Mark as a decision")
    page.keyboard.press("Enter")
    page.locator(".entry.decided").wait_for()
    tab_to(page, "Open the minutes")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Begin the minutes").wait_for()
    tab_to(page, "Begin the minutes")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Change it").wait_for()
    tab_to(page, "Sign version 1")
    page.keyboard.press("Enter")
    page.get_by_label("Your password").wait_for()
    while page.evaluate("document.activeElement.type") != "password":
        page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_text(re.compile("^Signed")).first.wait_for()


def tab_to(page, name):
    for _tab in range(150):
        if page.evaluate("document.activeElement.innerText?.trim().startsWith(arguments[0])".replace("arguments[0]", repr(name))):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way to “{name}” by Tab")


@pytest.mark.parametrize("look", LOOKS)
def test_pages_of_minutes_are_accessible(sign_in, look):
    """Those of the closed room of the demo, and of an account."""
    page = sign_in("hod.id", **LOOKS[look])
    page.goto("/rooms")
    page.get_by_role("link", name="Entikong").click()
    assert violations(page) == []
    room = re.sub(r"[?#].*", "", page.url)
    for path in (f"{room}/minutes", f"{room}/minutes/1", f"{room}/minutes/1/changes?from=1&to=4", f"{room}/minutes/1/print", "/rooms/actions", "/account/data", "/account/leave"):
        page.goto(path)
        assert violations(page) == [], path
        assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"), path
    living = sign_in("member.la", **LOOKS[look])
    go_to(living, "One meeting point")
    room = re.sub(r"[?#].*", "", living.url)
    living.goto(f"{room}?action=4#on")
    assert violations(living) == []
    living.goto(f"{room}/minutes")
    if living.get_by_role("button", name="Begin the minutes").count():
        living.get_by_role("button", name="Begin the minutes").click()
        living.get_by_role("link", name="Change it").wait_for()
    for path in ("", "/edit", "/sign"):
        living.goto(f"{room}/minutes/1{path}")
        assert violations(living) == [], path
        assert not living.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"), path


def twin(site, handle):
    """Another account like one of the demo, which may leave without others missing it."""
    with sqlite3.connect(site.data / "hub.sqlite3", timeout=10) as database:
        new_id = database.execute("SELECT max(id) + 1 FROM user").fetchone()[0]
        for table, key, changed in (("user", "id", {"id": new_id, "email": "twin@demo.example", "handle": "twin"}), ("profile", "user_id", {"user_id": new_id})):
            columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            row = dict(zip(columns, database.execute(f"SELECT * FROM {table} WHERE {key} = (SELECT id FROM user WHERE handle = ?)", (handle,)).fetchone(), strict=True)) | changed
            database.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", [row[column] for column in columns])


def test_who_leaves_is_out_at_once_in_every_browser(site, sign_in):
    twin(site, "member.bn")
    page, second = sign_in("twin"), sign_in("twin")
    second.goto("/people")
    page.goto("/account")
    page.get_by_role("link", name="Leave the hub").click()
    assert violations(page) == []
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Leave the hub").click()
    page.get_by_text("You have left.").wait_for()
    second.goto("/people")
    second.get_by_label("Password").wait_for()


def test_the_sheet_carries_its_label_on_every_page_with_thai_and_burmese_points(sign_in, tmp_path):
    """Long enough for several pages; made by Chromium, as a minister would get it."""
    from pypdf import PdfReader

    page = sign_in("hod.my")
    page.goto("/rooms")
    page.get_by_role("link", name="Entikong").click()
    page.goto(re.sub(r"[?#].*", "", page.url) + "/minutes/1/print")
    for n, (words, lang) in enumerate((("การแจ้งล่วงหน้าก่อนส่งตัว ", "th"), ("လွှဲပြောင်းမီ ကြိုတင်အကြောင်းကြားခြင်း ", "my"))):
        page.evaluate("([n, words, lang]) => { const line = document.querySelectorAll('li span')[n]; line.lang = lang; line.textContent = words.repeat(90); }", [n, words, lang])
    page.pdf(path=tmp_path / "sheet.pdf", prefer_css_page_size=True)
    sheets = [sheet.extract_text() for sheet in PdfReader(tmp_path / "sheet.pdf").pages]
    assert len(sheets) > 1
    for sheet in sheets:
        assert sheet.count("TLP:AMBER+STRICT") >= 2, "at the head and at the foot"
        assert "version 4" in sheet
