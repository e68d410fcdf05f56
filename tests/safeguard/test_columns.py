"""Nothing a person writes reaches the database unread: every column of words, by the action that fills it."""

import ast
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub import guard
from hub.db import Base, UserTextType, db
from hub.discussions.models import Post
from hub.review.models import ReviewItem
from tests.directory.test_people import FORM
from tests.factories import Browser, World
from tests.files.made import picture
from tests.minutes import paper
from tests.practices import scene
from tests.rooms import scene as rooms

ROOT = Path(__file__).resolve().parent.parent.parent
BLOCKED = "passport no. A7654321"  # severity 3: stored nowhere

Way = Callable[[World, str], object]


def _author(world: World) -> Browser:
    return world.person("LA", role="focal_point")


def _thread(world: World, words: str, **fields: str) -> object:
    form = {"title": "A title", "body": "A body", "kind": "question", "label": "TLP:GREEN", "lang": "en"} | dict.fromkeys(fields, words)
    return _author(world).post("/pillars/protection/threads/new", **form)


def _edit(world: World, words: str, **fields: str) -> object:
    author = _author(world)
    thread = world.thread(author)
    author.post(f"/threads/{thread}/posts/1/edit", **{"title": "Another title", "body": "changed", "lang": "en", "revision": "1"} | dict.fromkeys(fields, words))
    return author.post(f"/threads/{thread}/posts/1/edit", title="A third title", body="changed again", lang="en", revision="2")


def _draft(world: World, words: str, field: str) -> object:
    author = _author(world)
    thread = world.thread(author)
    return author.post(f"/threads/{thread}/posts/1/draft", **{"title": "A title", "body": "A body", "lang": "en"} | {field: words})


def _profile(world: World, words: str, field: str) -> object:
    return _author(world).post("/account/profile", **FORM | {field: words})


def _organisation(world: World, words: str, field: str) -> object:
    place = world.organisation_id("LA")
    return _author(world).post(f"/organisations/{place}/edit", **{"name": "Full name", "short_name": "Short", "version": "1"} | {field: words})


def _invitation(world: World, words: str) -> object:
    place = world.organisation_id("LA")
    return _author(world).post(f"/organisations/{place}/members", email="guest@example.org", role_title=words, role="member", organisation=str(place))


def _reason(world: World, words: str) -> object:
    return world.person("SG", is_moderator=True).post(f"/threads/{world.thread(_author(world))}/lock", locked="1", reason=words)


def _why(world: World, words: str) -> object:
    """The line that says why a passage is no personal data."""
    author = _author(world)
    thread = world.thread(author)
    passage = guard.scan("write to dewi88@gmail.com")[0]
    key = guard.key_of(passage, "write to dewi88@gmail.com")
    fields = {"passage-0-key": key, "passage-0-choice": "keep", "passage-0-why": words}
    return author.post(f"/threads/{thread}/posts", body="write to dewi88@gmail.com", lang="en", **fields)


def _file(world: World, words: str) -> object:
    author = _author(world)
    thread = world.thread(author)
    data = {"csrf_token": author.signed(), "files": (BytesIO(picture()), f"{words}.png")}
    return author.client.post(f"/threads/{thread}/posts/1/files", data=data, content_type="multipart/form-data")


def _flagged(world: World, note: str = "") -> tuple[int, int]:
    """The item of a flagged post, and its version."""
    post = world.one(sa.select(Post.id).where(Post.thread_id == world.thread(_author(world)))).id
    world.person("VN").post("/flags", target=f"post:{post}", reason="off_topic", note=note)
    rows = world.all(sa.select(ReviewItem.id, ReviewItem.version).order_by(ReviewItem.id.desc()).limit(1))
    return (rows[0].id, rows[0].version) if rows else (0, 0)


def _decision(world: World, words: str, sanction: str = "") -> object:
    item, version = _flagged(world)
    return world.person("SG", is_moderator=True).post(f"/moderation/{item}/decide", decision="dismiss", version=version, reason=words, sanction=sanction)


def _practice(world: World, words: str, step: int, field: str) -> object:
    author = world.person("MY")
    practice = scene.begin(author)
    kind = {field.rpartition("-")[0] + "-kind": ""} if "-" in field else {}
    return scene.save(world, author, practice, step, **kind | {field: words})


def _begun(world: World, words: str) -> object:
    return world.person("MY").post("/practices/new", title=f"{words} at the desk", pillar="protection")


def _sent(world: World) -> tuple[int, Browser]:
    """A practice with its focal point, and that focal point."""
    author, clearer = world.person("MY"), world.person("MY", "focal_point")
    practice = scene.written(world, author)
    scene.submit(author, practice)
    return practice, clearer


def _cleared(world: World, words: str) -> object:
    practice, clearer = _sent(world)
    return clearer.post(f"/practices/{practice}/clear", words=words)


def _under_review(world: World, **more: object) -> tuple[int, list[Browser]]:
    author, clearer, moderator = world.person("MY"), world.person("MY", "focal_point"), world.person("SG", is_moderator=True)
    reviewers = [world.person(code, reviews="protection") for code in ("PH", "TH")]
    practice = scene.written(world, author, **more)
    scene.submit(author, practice)
    clearer.post(f"/practices/{practice}/clear", words="Cleared.")
    scene.ask(moderator, practice, *reviewers)
    return practice, reviewers


def _reviewed(world: World, words: str) -> object:
    practice, reviewers = _under_review(world)
    return scene.score(reviewers[0], practice, words=words)


def _out(world: World, **more: object) -> int:
    practice, reviewers = _under_review(world, **more)
    for reviewer in reviewers:
        scene.score(reviewer, practice)
    return practice


def _commented(world: World, words: str) -> object:
    named = world.person("LA", "focal_point")
    return named.post(f"/practices/{_out(world, other_states=['LA'])}/comment", words=words)


def _endorsed(world: World, words: str) -> object:
    return world.person("VN", "focal_point").post(f"/practices/{_out(world)}/endorse", words=words)


def _adopted(world: World, words: str, field: str) -> object:
    fields = {"status": "piloting", "body": "Border police", "since": "2026-06", "note": "One crossing"}
    return world.person("VN", "focal_point").post(f"/practices/{_out(world)}/adopt", **fields | {field: words})


def _room_terms(world: World, words: str, field: str) -> object:
    terms = rooms.TERMS | {field: f"{words} at our crossing, and no more"}
    return rooms.propose(world, world.person("ID", "focal_point"), "MY", head=world.person("ID"), **terms)


def _declined_room(world: World, words: str) -> object:
    room = rooms.id_of(rooms.propose(world, world.person("ID", "focal_point"), "MY", head=world.person("ID")))
    return world.person("MY", "focal_point").post(f"/rooms/{room}/decline", words=words)


def _titled(world: World, words: str) -> object:
    """Roles at work, as they stood when somebody joined and spoke."""
    at = rooms.opened(world)
    late = world.person("MY")
    late.post("/account/profile", **FORM | {"role_title": words})
    at.fp_my.post(f"/rooms/{at.room}/delegates", member=str(late.user_id), role="delegate")
    return rooms.say(late, at.room, "Words.")


def _said(world: World, words: str) -> object:
    at = rooms.opened(world)
    return rooms.say(at.hod_id, at.room, words)


def _minutes(world: World, words: str) -> object:
    """A line of minutes, which becomes an action."""
    at = paper.opened(world)
    here = paper.begun(at)
    who = paper.side(at, "MY")
    saved = paper.saved(at.member_my, here, **{"actions-0-what": words, "actions-0-who": f"{who}:{at.member_my.user_id}", "actions-0-due": paper.LATER})
    for head in (at.hod_id, at.hod_my):
        paper.signed(head, here)
    return saved


def _done(world: World, words: str) -> object:
    at, here = paper.agreed(world)
    task = re.search(r"/actions/(\d+)\"", at.hod_my.get(here).text)[1]
    return at.hod_my.post(f"/rooms/{at.room}/actions/{task}", words=words)


def _titles_in_minutes(world: World, words: str) -> object:
    """Roles as they stood when somebody saved, signed, has an action and ticked it off."""
    at = paper.opened(world)
    answer = at.hod_my.post("/account/profile", **FORM | {"role_title": words})
    here = paper.begun(at)
    who = paper.side(at, "MY")
    paper.saved(at.hod_my, here, **{"actions-0-what": "Send the form", "actions-0-who": f"{who}:{at.hod_my.user_id}", "actions-0-due": paper.LATER})
    for head in (at.hod_id, at.hod_my):
        paper.signed(head, here)
    task = re.search(r"/actions/(\d+)\"", at.hod_my.get(here).text)[1]
    at.hod_my.post(f"/rooms/{at.room}/actions/{task}", words="It was sent.")
    return answer


PRACTICE = {
    1: ("summary", "lead_body"), 2: ("problem", "what_was_done"), 3: ("results", "staff"), 4: ("success_factors", "constraints", "lessons", "how_to_adapt"),
    5: ("national_law", "content_notes"),
}  # fmt: skip
LINE = ("summary", "lead_body", "staff", "national_law", "content_notes")
ROWS = {"practice_partner.name": (1, "partners-0-name"), "practice_right.line": (5, "rights-0-note"), "practice_link.address": (3, "links-0-address"),
        "practice_link.words": (3, "links-0-words"), **{f"practice_result.{name}": (3, f"result_rows-0-{name}") for name in ("indicator", "before", "after", "period", "source")}}  # fmt: skip

COLUMNS: dict[str, Way] = {
    "practice.title": _begun,
    "practice_revision.title": _begun,
    **{f"practice_revision.{name}{end}": lambda world, words, step=step, name=name: _practice(world, words, step, name)
       for step, names in PRACTICE.items() for name in names for end in (("",) if name in LINE else ("_md", "_html"))},
    **{column: lambda world, words, step=step, name=name: _practice(world, f"https://example.org/{words}" if name.endswith("address") else words, step, name)
       for column, (step, name) in ROWS.items()},
    "practice_event.words": _cleared,
    "practice_review.words_md": _reviewed,
    "practice_review.words_html": _reviewed,
    "practice_comment.words": _commented,
    "endorsement.words": _endorsed,
    "adoption.body": lambda world, words: _adopted(world, words, "body"),
    "adoption.note": lambda world, words: _adopted(world, words, "note"),
    **{f"{table}.{name}": lambda world, words, name=name: _room_terms(world, words, name) for table in ("room", "room_terms") for name in ("title", "purpose")},
    "delegation.words": _declined_room,
    "room_entry.speaker": _titled,
    "room_entry.subject": _titled,
    "room_entry.body_md": _said,
    "room_entry.body_html": _said,
    "minutes_line.words": _minutes,
    "task.done_words": _done,
    **dict.fromkeys(("minutes_line.owner", "minutes_revision.author", "minutes_signature.signer", "task.done_by"), _titles_in_minutes),
    "thread.title": lambda world, words: _thread(world, words, title=""),
    "post.body_md": lambda world, words: _thread(world, words, body=""),
    "post.body_html": lambda world, words: _thread(world, words, body=""),
    "post_revision.title": lambda world, words: _edit(world, words, title=""),
    "post_revision.body_md": lambda world, words: _edit(world, words, body=""),
    "post_revision.reason": lambda world, words: _edit(world, words, reason=""),
    **{f"draft.{name}": lambda world, words, name=name: _draft(world, words, name) for name in ("title", "body", "reason")},
    "user.role_title": lambda world, words: _profile(world, words, "role_title"),
    "profile.name": lambda world, words: _profile(world, words, "name"),
    "profile.about_md": lambda world, words: _profile(world, words, "about"),
    "profile.about_html": lambda world, words: _profile(world, words, "about"),
    "expertise.words": lambda world, words: _profile(world, words, "expertise-0"),
    "contact.line": lambda world, words: _profile(world, words, "contacts-0-line"),
    "folded_word.word": lambda world, words: _profile(world, words.lower(), "expertise-0"),
    **{f"organisation.{name}": lambda world, words, name=name: _organisation(world, words, name)
       for name in ("name", "short_name", "basis", "note", "official_line", "official_mail", "source")},
    "organisation.website": lambda world, words: _organisation(world, f"https://example.org/{words}", "website"),
    "invitation.role_title": _invitation,
    "audit_row.reason": _reason,
    "file.name": _file,
    "safeguard_choice.why": _why,
    "review_cause.note": _flagged,
    "review_item.words": _decision,
    "sanction.reason": lambda world, words: _decision(world, words, "warn"),
}  # fmt: skip


def columns() -> set[str]:
    return {f"{table.name}.{column.name}" for table in Base.metadata.sorted_tables for column in table.columns if isinstance(column.type, UserTextType)}


def stored(world: World, column: str) -> str:
    table, name = column.split(".")
    return " ".join(str(row[0]) for row in world.all(sa.select(Base.metadata.tables[table].c[name])))


def everything_stored(world: World) -> str:
    with world.app.app_context():
        return " ".join(str(row) for table in Base.metadata.sorted_tables for row in db.session.execute(table.select()).all())


def test_every_column_of_words_has_a_line_here():
    assert columns() == set(COLUMNS)


def check(world: World, column: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    scan = guard.scan
    monkeypatch.setattr(guard, "scan", lambda words, *more: (read.append(words), scan(words, *more))[1])
    COLUMNS[column](world, "quokkas")
    assert "quokkas" in stored(world, column)
    assert any("quokkas" in words for words in read)
    COLUMNS[column](world, f"quokkas {BLOCKED}")
    assert "7654321" not in everything_stored(world)


@pytest.mark.parametrize("column", COLUMNS)
def test_the_safeguard_reads_what_is_stored_there(world, column, monkeypatch):
    check(world, column, monkeypatch)


def test_a_text_that_passed_by_the_safeguard_would_be_noticed(world, monkeypatch):
    monkeypatch.setattr("hub.text.examine", lambda *_words: None)
    for column in ("post.body_md", "contact.line", "draft.body"):
        with pytest.raises(AssertionError):
            check(world, column, monkeypatch)


def test_words_are_made_by_text_py_alone():
    """Elsewhere only the empty text is."""
    for path in (ROOT / "hub").rglob("*.py"):
        if path.name in ("text.py", "db.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "UserText":
                assert [getattr(argument, "value", None) for argument in node.args] == [""], path


def test_a_blocked_text_leaves_no_trace(sqlite_app, tmp_path, caplog):
    """Not in a table, file, log or letter; only the answer to its writer holds it."""
    world = World(sqlite_app)
    sqlite_app.config["HUB_MAIL_URL"] = f"file:{tmp_path / 'mail'}"
    for _column, way in COLUMNS.items():
        way(world, f"words with {BLOCKED}")
    author = _author(world)
    thread = world.thread(author)
    author.post(f"/threads/{thread}/posts", body=BLOCKED, lang="en", check="1")
    author.post(f"/threads/{thread}/posts", body=BLOCKED, lang="en", preview="1")
    author.post(f"/threads/{thread}/posts", _csrf=False, body=BLOCKED, lang="en")
    author.client.post(f"/threads/{thread}/draft", data={"body": BLOCKED, "lang": "en"}, headers={"Accept": "application/json"})
    assert b"7654321" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert "7654321" not in caplog.text
