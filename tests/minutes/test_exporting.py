"""What leaves as a file is what was signed; one byte, one row, one word of the log changed, and the check says why."""

from random import Random

import pytest
from sqlalchemy import text, update

from hub.db import UserText, db, unit_of_work
from hub.minutes import exporting
from hub.minutes.models import MinutesLine, MinutesSignature
from hub.rooms.models import RoomEntry
from tests.minutes import paper


def faults(world, given: bytes) -> list[str]:
    with world.app.app_context():
        return exporting.faults(given)


@pytest.mark.parametrize("form", ["json", "md"])
def test_an_export_altered_by_one_byte_does_not_hold(world, form):
    at, here = paper.agreed(world)
    given = at.hod_my.get(f"{here}/export.{form}")
    assert given.headers["Content-Disposition"].startswith('attachment; filename="[TLP-AMBER+STRICT]')
    assert faults(world, given.data) == []
    chance = Random(7)
    for _try in range(60):
        place, other = chance.randrange(len(given.data)), chance.randrange(256)
        altered = given.data[:place] + bytes([other]) + given.data[place + 1 :]
        assert bool(faults(world, altered)) == (altered != given.data), place
    assert faults(world, given.data + b" ")
    assert faults(world, given.data[:-1])
    lines = given.data.split(b"\n")
    wrong = next(n for n, line in enumerate(lines) if b"48 hours" in line)
    lines[wrong] = lines[wrong].replace(b"48", b"24")
    assert faults(world, b"\n".join(lines)) == [f"The file is not what was agreed: line {wrong + 1} differs."]
    assert faults(world, b"{}") == faults(world, b"\xff\x00") == ["This is no export of minutes that are agreed in this hub."]


def test_json_says_what_was_agreed_by_whom_and_how_the_log_stood(world):
    at, here = paper.agreed(world)
    said = at.hod_id.get(f"{here}/export.json").json
    assert said["label"] == "TLP:AMBER+STRICT"
    assert said["parties"] == ["ID", "MY"]
    assert said["content"]["decisions"] == ["Notice is given at least 48 hours before a hand-over."]
    assert said["content"]["actions"][1] == {"what": "Indonesia names two night contacts.", "who": "ID", "role": "Migration officer", "due": paper.LATER}
    assert [one["side"] for one in said["signatures"]] == ["ID", "MY"]
    assert {one["hash"] for one in said["signatures"]} == {said["hash"]}
    assert said["log"]["head"] > 0


@pytest.mark.parametrize(("what", "says"), [
    (update(MinutesLine).where(MinutesLine.section == "decisions").values(words=UserText("Notice is given at least 24 hours before a hand-over.")), "the minutes are not what was signed"),
    (text("DELETE FROM minutes_signature WHERE id = (SELECT max(id) FROM minutes_signature)"), "a signature of a delegation is missing"),
    (update(RoomEntry).where(RoomEntry.seq == 3).values(author_id=RoomEntry.author_id + 1), "the log of the room is not what it was"),
    (update(RoomEntry).where(RoomEntry.seq == 3).values(body_md=UserText("Something else was said.")), "the words of entry 3 were changed"),
    (text("DELETE FROM room_entry WHERE seq = 4"), "the log of the room is not what it was"),
])  # fmt: skip
def test_a_database_that_was_changed_behind_the_hub_is_told_of(world, what, says):
    at, here = paper.agreed(world)
    given = at.hod_my.get(f"{here}/export.json").data
    with world.app.app_context(), unit_of_work():
        db.session.execute(what)
    assert any(says in fault for fault in faults(world, given)), faults(world, given)


def test_an_operator_checks_a_file_at_the_command_line(world, tmp_path):
    at, here = paper.agreed(world)
    file = tmp_path / "minutes.json"
    file.write_bytes(at.hod_my.get(f"{here}/export.json").data)
    run = world.app.test_cli_runner()
    good = run.invoke(args=["hub", "minutes", "verify", str(file)])
    assert (good.exit_code, "what every head of delegation signed" in good.output) == (0, True)
    file.write_bytes(file.read_bytes().replace(b"48 hours", b"72 hours"))
    bad = run.invoke(args=["hub", "minutes", "verify", str(file)])
    assert bad.exit_code == 1
    assert "differs" in bad.output


def test_a_draft_leaves_as_no_file_and_its_sheet_says_that_it_is_none(world):
    at = paper.opened(world)
    paper.marked(at)
    here = paper.begun(at)
    assert at.hod_my.get(f"{here}/export.json").status_code == 303
    assert "DRAFT, version 1: not agreed" in at.hod_my.get(f"{here}/print").text


def test_words_in_a_file_are_words(world):
    at = paper.opened(world)
    here = paper.begun(at)
    odd = "<b>bold</b> [a link](https://example.org) `code` # no heading | \\ *"
    assert paper.saved(at.member_my, here, decisions=odd).status_code == 303
    for head in (at.hod_id, at.hod_my):
        paper.signed(head, here)
    assert at.hod_my.get(f"{here}/export.json").json["content"]["decisions"] == [odd]
    from markdown_it import MarkdownIt

    html = MarkdownIt().render(at.hod_my.get(f"{here}/export.md").text)
    assert "&lt;b&gt;bold&lt;/b&gt; [a link](" in html
    assert "<code>" not in html
    assert "<b>" not in html


def test_signatures_have_no_number_of_this_database_in_them(world):
    at, here = paper.agreed(world)
    stored = world.all(MinutesSignature.__table__.select())
    said = at.hod_my.get(f"{here}/export.json").json
    assert [set(one) for one in said["signatures"]] == [{"side", "role", "hash", "at"}] * len(stored)
