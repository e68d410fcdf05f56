"""Files of posts as members use them: added with a progress bar or without a script, unfolded, flagged, and gone."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_moderation import WHY, check, flag, open_item, post_in
from tests.files.made import located_jpeg, pdf, picture


def add(page, thread, num, *files):
    page.goto(f"/threads/{thread}/posts/{num}/files")
    page.get_by_label("Add files").set_input_files([{"name": name, "mimeType": mime, "buffer": data} for name, mime, data in files])
    page.get_by_role("button", name="Add", exact=True).click()


CHECKED = 30_000  # ms: each file is checked in a process of its own, which starts slowly on a busy machine


PHOTO = ("poster at the station.jpg", "image/jpeg", located_jpeg())


@pytest.mark.parametrize("script", [True, False])
def test_a_member_adds_files_and_another_unfolds_a_picture(sign_in, script):
    author, reader = sign_in("member.la", java_script_enabled=script), sign_in("member.th")
    num, thread = post_in(sign_in("member.la"), "Video testimony across a border", "A poster that worked, and our report.")
    add(author, thread, num, PHOTO, ("report.pdf", "application/pdf", pdf()))
    expect(author.get_by_role("link", name="report.pdf")).to_be_visible(timeout=CHECKED)
    add(author, thread, num, ("bad.png", "image/png", b"<svg/>"))
    expect(author.get_by_role("alert")).to_contain_text("not what its name says", timeout=CHECKED)
    expect(author.get_by_role("link", name="report.pdf")).to_be_visible()
    fetched = []
    reader.on("request", lambda request: fetched.append(request.url) if "/files/" in request.url else None)
    reader.goto(f"/threads/{thread}/posts/{num}")
    post = reader.locator(f"#post-{num}")
    expect(post.get_by_role("link", name=PHOTO[0])).to_be_visible()
    assert fetched == []
    post.get_by_text("Show the picture").click()
    expect(post.locator("img")).to_be_visible()
    assert post.locator("img").evaluate("async (picture) => { await picture.decode(); return picture.naturalHeight; }") == 40
    with reader.expect_download() as download:
        post.get_by_role("link", name="report.pdf").click()
    assert download.value.suggested_filename == "[TLP-AMBER] report.pdf"
    if script:
        check(author, "files of a post")
        check(reader, "a post with files")


def test_a_flagged_photograph_is_hidden_looked_at_and_removed(sign_in):
    author, flagger, third, moderator = (sign_in(handle) for handle in ("inv.demo", "member.vn", "member.th", "moderator.1"))
    num, thread = post_in(author, "Digital evidence from chat groups", "This is how we photograph each screen.")
    add(author, thread, num, ("screen.png", "image/png", picture(size=(300, 200))))
    expect(author.get_by_role("link", name="screen.png")).to_be_visible(timeout=CHECKED)
    third.goto(f"/threads/{thread}/posts/{num}")
    address = third.get_by_role("link", name="screen.png").get_attribute("href")
    assert third.request.get(address).status == 200
    flag(flagger, thread, num)
    expect(third.locator(f"#post-{num}")).to_have_text(f"Post {num} is hidden", timeout=2_000)
    assert third.request.get(address).status == 404
    item = open_item(moderator, f"Post {num} in “Digital evidence")
    moderator.get_by_role("button", name="Take it").click()
    expect(moderator.locator("img")).to_have_count(0)
    moderator.get_by_role("button", name="Look at it").click()
    moderator.get_by_text("Show the picture").click()
    expect(moderator.locator(".files img")).to_be_visible()
    moderator.get_by_label("Redact and show").check()
    moderator.get_by_label(re.compile("the file “screen.png”")).check()
    check(moderator, "an item with a file")
    moderator.get_by_label("Reason, for the author").fill(WHY)
    moderator.get_by_role("button", name="Decide", exact=True).click()
    expect(moderator.get_by_text("done, and its author is told")).to_be_visible()
    third.goto(f"/threads/{thread}/posts/{num}")
    expect(third.locator(f"#post-{num}")).to_contain_text("This is how we photograph each screen.")
    expect(third.get_by_role("link", name="screen.png")).to_have_count(0)
    assert third.request.get(address).status == 404
    for _look in range(30):
        moderator.goto(f"/moderation/{item}")
        if moderator.get_by_text("The removed words are wiped from the database").count():
            break
        moderator.wait_for_timeout(500)
    expect(moderator.get_by_text("The removed words are wiped from the database")).to_be_visible()
