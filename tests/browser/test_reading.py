"""Reading a thread in Chromium: what counts as read, news while one reads, keys, quotes, mentions."""

import json
import time


def start_thread(page, title, pillar="cooperation", label=None):
    page.goto(f"/pillars/{pillar}/threads/new")
    page.get_by_label("Title").fill(title)
    page.locator("textarea[name=body]").fill("The opening of a thread.")
    if label:
        page.get_by_label(label, exact=False).first.check()
    page.get_by_role("button", name="Post thread").click()
    page.wait_for_url("**/threads/*#post-1")
    return "/threads/" + page.url.rpartition("/threads/")[2].partition("-")[0]


def answer(page, thread, words="An answer."):
    page.goto(thread)
    page.locator("textarea[name=body]").fill(words)
    page.get_by_role("button", name="Post answer").click()
    page.wait_for_url("**/*#post-*")


def test_only_what_was_on_screen_counts_as_read(sign_in):
    page = sign_in("partner.2", viewport={"width": 1280, "height": 500})
    page.goto("/people")
    page.goto("/threads/21")
    page.wait_for_function("() => document.cookie.includes('beacon=1')")
    page.goto("/pillars/protection")
    everything = page.locator(".threads li", has_text="Non-punishment in practice").locator(".mg").inner_text()
    page.goto("/threads/21")
    with page.expect_response(lambda answer: answer.url.endswith("/seen")) as seen:
        page.locator("#post-3").scroll_into_view_if_needed()
        page.wait_for_timeout(1_000)
    assert seen.value.status == 204
    page.goto("/pillars/protection")
    some = page.locator(".threads li", has_text="Non-punishment in practice").locator(".mg").inner_text()
    assert 0 < int(some.split()[0]) < int(everything.split()[0]) if everything.strip() else int(some.split()[0]) > 0
    page.goto("/threads/21")
    assert page.locator("#post-10 .new").count() == 1
    page.locator("#post-10").scroll_into_view_if_needed()
    assert page.locator("#post-10 .new").is_visible()


def test_the_bar_tells_of_news_within_two_seconds_and_moves_nothing(sign_in):
    reader, writer = sign_in("member.vn"), sign_in("member.ph")
    thread = start_thread(writer, "A thread that two people read")
    frames = []
    reader.on("websocket", lambda socket: (socket.on("framereceived", lambda frame: frames.append(frame)), socket.on("framesent", lambda frame: frames.append(frame))))
    with reader.expect_response(lambda answer: answer.url.endswith("/seen")):
        reader.goto(thread)
    assert reader.locator(".news").is_hidden()
    wait_for(reader, lambda: any('"joined"' in str(frame) for frame in frames))
    before = reader.locator("#post-1 .prose").bounding_box()
    answer(writer, thread, "Secret words of the answer.")
    posted = time.monotonic()
    reader.locator(".news a").wait_for(state="visible", timeout=2_000)
    assert time.monotonic() - posted <= 2
    assert reader.locator(".news").inner_text() == "1 new reply"
    assert reader.locator("#post-1 .prose").bounding_box() == before
    assert reader.locator("article").count() == 1
    answer(writer, thread, "Another answer.")
    reader.get_by_text("2 new replies").wait_for()
    pushes = [json.loads(frame[2:]) for frame in map(str, frames) if frame.startswith("42[")]
    assert [payload for name, payload in pushes if name == "post"] == [{"thread": int(thread[9:]), "num": num} for num in (2, 3)]
    assert not any("words" in str(frame).lower() or "officer" in str(frame).lower() for frame in frames)
    reader.locator(".news a").click()
    reader.wait_for_url("**/*#post-2")
    assert reader.locator("article").count() == 3


def wait_for(page, true, seconds=8):
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    assert true()


def test_without_sockets_the_bar_comes_within_ten_seconds(sign_in):
    reader, writer = sign_in("member.kh"), sign_in("member.id")
    thread = start_thread(writer, "A thread behind a proxy without sockets")
    reader.add_init_script("delete window.WebSocket; window.WebSocket = class { constructor() { throw new Error('blocked'); } };")
    reader.goto(thread)
    answer(writer, thread)
    posted = time.monotonic()
    reader.get_by_text("1 new reply").wait_for(timeout=10_000)
    assert time.monotonic() - posted <= 10


def test_ones_own_answer_from_another_window_is_no_news(sign_in):
    page = sign_in("member.my")
    thread = start_thread(page, "A thread with one reader")
    page.goto(thread)
    page.wait_for_load_state("networkidle")
    other = page.context.new_page()
    answer(other, thread)
    page.wait_for_timeout(1_500)
    assert page.locator(".news").is_hidden()


def test_everything_by_keys(sign_in):
    page = sign_in("member.la")
    thread = start_thread(page, "A thread read with keys")
    answer(page, thread, "Second post.")
    page.goto(thread)
    page.wait_for_load_state("networkidle")
    focused = "document.activeElement.id"
    page.keyboard.press("j")
    assert page.evaluate(focused) == "post-1"
    page.keyboard.press("j")
    assert page.evaluate(focused) == "post-2"
    page.keyboard.press("k")
    assert page.evaluate(focused) == "post-1"
    page.keyboard.press("j")
    page.keyboard.press("r")
    assert page.evaluate(focused) == "body"
    assert page.locator("form#reply [name=parent]").input_value() == "2"
    page.keyboard.type("jkrn/?")
    assert page.locator("#body").input_value() == "jkrn/?"
    page.goto("/pillars/cooperation")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("/")
    assert page.evaluate(focused) == "tag"
    page.goto("/people")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("/")
    assert page.evaluate(focused) == "q"
    page.keyboard.press("Tab")
    page.goto("/pillars/cooperation")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("?")
    assert page.locator(".keys").get_attribute("open") is not None
    page.get_by_label("Use these keys in this browser").uncheck()
    page.locator("body").press("j")
    assert not page.evaluate("document.activeElement.matches('.title')")
    page.get_by_label("Use these keys in this browser").check()
    page.locator("body").press("j")
    assert page.evaluate("document.activeElement.matches('.title')")


def test_n_leads_to_the_next_new_post(sign_in):
    reader, writer = sign_in("member.tl"), sign_in("member.bn")
    thread = start_thread(writer, "A thread with something new")
    reader.goto(thread)
    reader.wait_for_timeout(2_600)
    answer(writer, thread)
    reader.goto(thread)
    reader.wait_for_load_state("networkidle")
    reader.keyboard.press("n")
    assert reader.evaluate("document.activeElement.id") == "post-2"


def test_a_selection_is_quoted_with_a_link_back(sign_in):
    page = sign_in("member.mm")
    page.goto("/threads/21")
    page.wait_for_load_state("networkidle")
    page.evaluate("""() => {
      const text = document.querySelector('#post-2 .prose p').firstChild;
      getSelection().setBaseAndExtent(text, 0, text, 12);
    }""")
    words = page.evaluate("getSelection().toString()")
    page.locator("#post-2 summary").click()
    page.evaluate("""() => { const text = document.querySelector('#post-2 .prose p').firstChild; getSelection().setBaseAndExtent(text, 0, text, 12); }""")
    page.locator("#post-2 [data-quote]").dispatch_event("click")
    assert page.locator("#body").input_value() == f"> {words.strip()}\n>\n> [Post 2](/threads/21/posts/2)\n\n"
    assert page.locator("form#reply [name=parent]").input_value() == "2"
    page.locator("#body").press("End")
    page.get_by_role("button", name="Preview").click()
    page.locator("#preview blockquote a").wait_for()
    assert page.locator("#preview blockquote a").get_attribute("href") == "/threads/21/posts/2"


def test_a_handle_is_suggested_and_taken_with_the_keyboard(sign_in):
    page = sign_in("member.sg")
    page.goto("/threads/21")
    page.wait_for_load_state("networkidle")
    page.locator("#body").press_sequentially("Ask @tf.l")
    page.get_by_role("option", name="@tf.la").wait_for()
    page.keyboard.press("ArrowDown")
    assert page.locator("#body").get_attribute("aria-activedescendant") == "handle-0"
    page.keyboard.press("Enter")
    assert page.locator("#body").input_value() == "Ask @tf.la "
    assert page.locator("#handles").is_hidden()
    page.locator("#body").press_sequentially("and @zzz")
    page.wait_for_timeout(500)
    assert page.locator("#handles").is_hidden()
    page.locator("#body").fill("")


def test_bookmark_answer_and_new_posts_without_a_script(sign_in):
    page = sign_in("member.th", java_script_enabled=False)
    thread = start_thread(page, "A thread without a script")
    answer(page, thread, "The answer itself.")
    page.locator("#post-2 summary").click()
    page.get_by_role("button", name="This answers it").click()
    assert "Answered in post 2." in page.locator(".opening").inner_text()
    page.locator("#post-2 summary").click()
    page.locator("#post-2").get_by_role("button", name="Bookmark").click()
    page.goto("/bookmarks")
    page.get_by_role("link", name="A thread without a script").click()
    page.locator("#post-2 summary").click()
    page.locator("#post-2").get_by_role("link", name="Quote").click()
    assert page.locator("#body").input_value().startswith("> The answer itself.\n>\n> [Post 2](")
    page.goto("/new")
    assert page.locator(".list li").count() > 3


def test_a_closed_socket_after_sign_out_hears_nothing(sign_in):
    reader, writer = sign_in("partner.1"), sign_in("member.vn")
    thread = start_thread(writer, "A thread of which one reader signs out")
    frames = []
    reader.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(str(frame))))
    reader.goto(thread)
    wait_for(reader, lambda: any("joined" in frame for frame in frames))
    other = reader.context.new_page()
    other.goto("/account")
    other.get_by_role("button", name="Sign out").click()
    other.wait_for_url("**/")
    reader.wait_for_timeout(5_000)
    heard = len(frames)
    answer(writer, thread)
    reader.wait_for_timeout(1_000)
    assert not any('"post"' in frame for frame in frames[heard:])
