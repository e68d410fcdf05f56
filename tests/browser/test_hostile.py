"""Hostile texts as posts in a real browser: no script runs, nothing is fetched from elsewhere, nothing breaks out of its post."""

import json
import os
import re

import pytest

from tests.test_text import CORPUS, OWN_SAMPLE

LONG = bool(os.environ.get("HUB_LONG_TESTS"))


def payloads() -> list[str]:
    found = list(OWN_SAMPLE)
    if CORPUS.is_file():
        corpus = [entry["markdown"] for entry in json.loads(CORPUS.read_text("utf-8"))]
        found += corpus if LONG else corpus[::12]
    return found


@pytest.mark.timeout(1800)
def test_hostile_posts_stay_words(sign_in):
    page = sign_in("member.th")
    dialogs, navigations = [], []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto("/pillars/prosecution/threads/new")
    page.get_by_label("Title").fill("Hostile texts, for testing")
    page.get_by_label("Text", exact=True).fill("Each answer is an attack.")
    page.get_by_role("button", name="Post thread").click()
    number = re.search(r"/threads/(\d+)", page.url)[1]
    token = page.locator("#reply input[name=csrf_token]").get_attribute("value")
    stored = 0
    for payload in payloads():
        answer = page.request.post(f"/threads/{number}/posts", form={"csrf_token": token, "body": payload, "parent": "", "lang": "en"}, max_redirects=0)
        assert answer.status in (303, 400), payload
        stored += answer.status == 303
    assert stored >= len(OWN_SAMPLE)
    page.on("framenavigated", lambda frame: navigations.append(frame.url))
    page.goto(f"/threads/{number}?view=flat")
    seen = 0
    while True:
        page.wait_for_load_state("networkidle")
        seen += page.locator("article.post").count()
        assert page.locator("main > .sheet > .text > .tree > article.post").count() == page.locator("article.post").count()
        assert page.locator("article.post .prose :is(script, img, iframe, object, embed, form, input, style, link, meta, svg, math, video, audio, base)").count() == 0
        assert page.locator("main").count() == page.locator("footer.foot").count() == page.locator("form#reply").count() == 1
        # ':' is what a browser gives an address that it cannot parse
        bad = page.locator(".prose a").evaluate_all("all => all.map(a => a.protocol).filter(p => !['http:', 'https:', 'mailto:', ':'].includes(p))")
        assert bad == []
        covered = page.evaluate("[...document.querySelectorAll('.prose *')].some(one => getComputedStyle(one).position !== 'static')")
        assert not covered
        following = page.locator("nav.pages a[rel=next]").first
        if not following.count():
            break
        following.click()
        page.wait_for_load_state("domcontentloaded")
    assert seen == stored + 1
    assert dialogs == []
    assert all(f"/threads/{number}" in url for url in navigations)
    print(f"{stored} hostile posts of {len(payloads())} payloads looked at in Chromium")
