"""Files of posts: who adds, who reads, what a flag, a removal and a purge do to them, and a scanner that answers, refuses or is away."""

import http.client
import json
import os
import shutil
import socket
import struct
import threading
import zipfile
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from hub.audit.models import AuditRow
from hub.db import db
from hub.deliver import turn
from hub.discussions import attaching
from hub.discussions.models import Post
from hub.files import store
from hub.files.models import File
from hub.files.scanner import Verdict, verdict
from hub.moderation.models import Purge
from hub.notifications.models import Notification
from hub.review.models import ReviewItem
from tests.conftest import make_app
from tests.factories import World, empty
from tests.files import made
from tests.moderation.scene import WHY, decide, flag, item, take

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.fixture
def author(world):
    return world.person("PH")


@pytest.fixture
def thread(world, author):
    return world.thread(author)


def add(by, thread, *files, num=1):
    data = MultiDict([("csrf_token", by.signed()), *(("files", (BytesIO(content), name)) for name, content in files)])
    return by.client.post(f"/threads/{thread}/posts/{num}/files", data=data, content_type="multipart/form-data")


def rows(world):
    return [row[0] for row in world.all(select(File).order_by(File.id))]


def bytes_of(world, file):
    with world.app.app_context():
        path = store.path_of(file.digest)
    return path.read_bytes() if file.digest and path.exists() else None


def test_a_file_is_added_shown_and_served_as_an_attachment_that_runs_nothing(world, author, thread):
    assert add(author, thread, ("photo of a poster.jpg", made.located_jpeg())).status_code == 303
    file = rows(world)[0]
    page = world.person("TH").get(f"/threads/{thread}", follow_redirects=True).text
    assert f'href="/files/{file.public_id}"' in page
    assert "photo of a poster.jpg" in page
    assert 'loading="lazy"' in page
    answer = world.person("LA").get(f"/files/{file.public_id}")
    assert answer.data == bytes_of(world, file)
    assert b"Zorvala" not in answer.data
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]


def test_only_who_reads_the_post_gets_its_files(world, author):
    thread = world.thread(author, label="TLP:AMBER")
    add(author, thread, ("a.png", made.picture()))
    address = f"/files/{rows(world)[0].public_id}"
    partner, member = world.person(world.body_id(), role="partner"), world.person("TH")
    assert "filename*=UTF-8''%5BTLP-AMBER%5D%20a.png" in member.get(address).headers["Content-Disposition"]
    assert partner.get(address).status_code == 404
    assert world.stranger().get(address).status_code in (302, 404)
    assert author.get("/files/" + "0" * 32).status_code == 404
    flag(world, member, thread)
    for reader in (member, author, world.person("SG", is_moderator=True)):
        assert reader.get(address).status_code == 404, "of a hidden post there is no file"


def test_only_its_author_adds_and_removes(world, author, thread):
    other = world.person("TH")
    assert add(other, thread, ("a.png", made.picture())).status_code == 403
    add(author, thread, ("a.png", made.picture()))
    public_id = rows(world)[0].public_id
    assert other.post(f"/threads/{thread}/posts/1/files/{public_id}/remove").status_code == 403
    digest = rows(world)[0].digest
    assert author.post(f"/threads/{thread}/posts/1/files/{public_id}/remove").status_code == 303
    assert (rows(world)[0].standing, rows(world)[0].name, rows(world)[0].digest) == ("removed", "", "")
    with world.app.app_context():
        assert not store.path_of(digest).exists()
    assert author.get(f"/files/{public_id}").status_code == 404
    assert world.one(select(Post.files))[0] == 0


def test_what_is_refused_is_named_with_its_reason_and_the_rest_is_kept(world, author, thread):
    answer = add(author, thread, ("good.png", made.picture()), ("bad.png", b"<svg/>"), ("../../x.exe", b"MZ"))
    assert answer.status_code == 400
    assert "bad.png" in answer.text
    assert "not what its name says" in answer.text
    assert "x.exe" in answer.text
    assert [file.name for file in rows(world)] == ["good.png"]
    assert add(author, thread).status_code == 400
    assert add(author, thread, ("passport A1234567 of a victim.png", made.picture())).status_code == 400
    many = add(author, thread, *((f"{n}.png", made.picture(size=(10 + n, 10))) for n in range(6)))
    assert many.status_code == 400
    assert "at most 5 files" in many.text
    assert len(rows(world)) == 5


def test_the_same_bytes_are_stored_once_and_go_with_the_last_of_them(world, author, thread):
    num = world.reply(author, thread)
    threads = [threading.Thread(target=add, args=(author, thread, ("a.png", made.picture()))), threading.Thread(target=add, args=(author, thread, ("b.png", made.picture())), kwargs={"num": num})]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    first, second = rows(world)
    assert first.digest == second.digest
    author.post(f"/threads/{thread}/posts/{num}/delete")
    with world.app.app_context():
        turn()
    assert bytes_of(world, first) is not None or bytes_of(world, second) is not None
    author.post(f"/threads/{thread}/posts/1/delete")
    with world.app.app_context():
        turn()
        assert not list(store.folder().rglob("*.*"))
        assert not [path for path in store.folder().rglob("*") if path.is_file() and path.name == first.digest]


def test_a_full_disk_and_a_refused_file_leave_nothing_half_written(world, author, thread, monkeypatch):
    def full(_descriptor):
        raise OSError(28, "No space left on device")

    with world.app.app_context():
        shutil.rmtree(store.folder(), ignore_errors=True)
    monkeypatch.setattr(store.os, "fsync", full)
    answer = add(author, thread, ("a.png", made.picture()))
    assert answer.status_code == 400
    assert "disk of the hub is full" in answer.text
    assert rows(world) == []
    with world.app.app_context():
        assert [path for path in store.folder().rglob("*") if path.is_file()] == []


def test_a_file_added_to_a_public_post_is_not_public_until_a_moderator_agrees(world, author):
    thread, moderator = world.thread(author, label="TLP:CLEAR"), world.person("SG", is_moderator=True)
    moderator.post(f"/threads/{thread}/publish", read_upto="1", read_at="2999-01-01T00:00:00+00:00", reason=WHY)
    add(author, thread, ("a.png", made.picture()))
    address = f"/files/{rows(world)[0].public_id}"
    assert world.stranger().get(address).status_code in (302, 404)
    moderator.post(f"/threads/{thread}/publish", read_upto="1", read_at="2999-01-01T00:00:00+00:00", reason=WHY)
    assert world.stranger().get(address).status_code == 200


def test_a_moderator_looks_at_a_file_of_a_flagged_post_and_removes_it_alone(world, author, thread):
    moderator, other = world.person("SG", is_moderator=True), world.person("MY", is_moderator=True)
    add(author, thread, ("a.png", made.picture()), ("b.png", made.picture(size=(9, 9))))
    flag(world, world.person("TH"), thread)
    found, (first, second) = item(world), rows(world)
    address = f"/moderation/{found.id}/files/{first.public_id}"
    assert moderator.get(address).status_code == 404
    take(world, moderator, found)
    assert moderator.get(address).status_code == 404
    moderator.post(f"/moderation/{found.id}/unmask", place=f"file-{first.id}")
    assert moderator.get(address).status_code == 200
    assert other.get(address).status_code == 404
    answer = moderator.post(f"/moderation/{found.id}/decide", decision="redact", file=str(first.id), version="2", reason=WHY)
    assert answer.status_code == 303, answer.text
    with world.app.app_context():
        turn()
        db.session.remove()
    assert [file.standing for file in rows(world)] == ["removed", "shown"]
    assert bytes_of(world, first) is None
    assert bytes_of(world, second) is not None
    assert json.loads(world.one(select(AuditRow.details).where(AuditRow.action == "item.redact"))[0])["files"] == 1
    assert [(row.table, row.done_at is not None) for row in world.all(select(Purge.table, Purge.done_at))] == [("file", True)]
    assert world.person("LA").get(f"/files/{second.public_id}").status_code == 200


def test_removed_for_a_persons_sake_is_removed_with_its_files(world, author, thread):
    add(author, thread, ("a.png", made.picture()))
    file = rows(world)[0]
    flag(world, world.person("TH"), thread)
    decide(world, world.person("SG", is_moderator=True), item(world), "remove")
    with world.app.app_context():
        turn()
    assert (rows(world)[0].standing, rows(world)[0].name) == ("removed", "")
    assert bytes_of(world, file) is None
    assert world.one(select(ReviewItem.outcome))[0] == "remove"


# --- a scanner -----------------------------------------------------------------------------------------------


@pytest.fixture
def clamd():
    """A scanner that speaks clamd's protocol, finds EICAR, and can be told to say nothing; its address, and how to."""
    server, quiet = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def serve():
        while True:
            try:
                line, _from = server.accept()
            except OSError:
                return
            with line:
                if quiet.is_set():
                    continue
                stream = line.makefile("rb")
                assert stream.read(10) == b"zINSTREAM\0"
                data = b""
                while size := struct.unpack("!I", stream.read(4))[0]:
                    data += stream.read(size)
                inside = b"".join(map(zipfile.ZipFile(BytesIO(data)).read, zipfile.ZipFile(BytesIO(data)).namelist())) if data.startswith(b"PK") else b""
                line.sendall(b"stream: Eicar-Test-Signature FOUND\0" if b"EICAR" in data + inside else b"stream: OK\0")

    threading.Thread(target=serve, daemon=True).start()
    yield f"clamd://127.0.0.1:{server.getsockname()[1]}", quiet
    server.close()


def test_the_scanner_is_understood_and_silence_is_no_answer(clamd):
    url, quiet = clamd
    assert verdict("", EICAR) == Verdict.CLEAN
    assert verdict(url, b"words" * 100_000) == Verdict.CLEAN
    assert verdict(url, b"a" * 100 + EICAR) == Verdict.BAD
    quiet.set()
    assert verdict(url, b"words") == Verdict.UNKNOWN
    assert verdict("clamd:///nowhere/at.all", b"words") == Verdict.UNKNOWN


def test_a_file_waits_for_a_scanner_that_is_away_and_is_shown_or_refused_after(tmp_path, clamd):
    url, quiet = clamd
    app = make_app(f"sqlite:///{tmp_path / 'hub.sqlite3'}", tmp_path, HUB_SCANNER=url)
    empty(app)
    world = World(app)
    author = world.person("PH")
    thread = world.thread(author)
    bad = made.office(body=EICAR)
    answer = add(author, thread, ("bad.docx", bad))
    assert answer.status_code == 400
    assert "scanner refused this file" in answer.text
    assert rows(world) == []
    quiet.set()
    add(author, thread, ("good.png", made.picture()))
    file = rows(world)[0]
    assert file.standing == "pending"
    assert world.person("TH").get(f"/files/{file.public_id}").status_code == 404
    assert "good.png" not in world.person("LA").get(f"/threads/{thread}", follow_redirects=True).text
    assert "waits for the virus scanner" in author.get(f"/threads/{thread}/posts/1/files").text
    quiet.clear()
    with app.app_context():
        turn()
        db.session.remove()
    assert rows(world)[0].standing == "shown"
    assert "good.png" in world.person("LA").get(f"/threads/{thread}", follow_redirects=True).text
    world.change(File, file.id, standing="pending", digest=_kept(app, b"a" + EICAR))
    with app.app_context():
        turn()
        db.session.remove()
    assert rows(world)[0].standing == "removed"
    assert world.one(select(Notification.reason).where(Notification.user_id == author.user_id, Notification.reason == "virus"))[0] == "virus"
    with app.app_context():
        db.engine.dispose()


def _kept(app, data):
    with app.app_context():
        return store.keep(data)


def test_an_upload_cut_off_half_way_leaves_nothing(site_of_files):
    site, member = site_of_files
    before = {path for path in (site.data / "files").rglob("*") if path.is_file()}
    token = member.token("/threads/21")
    body = b'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n' + token.encode() + b'\r\n--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n' + made.picture(size=(900, 900))
    parts = urlsplit(site.url)
    from tests.faults.test_sockets import cookie_of

    line = http.client.HTTPConnection(parts.netloc, timeout=10)
    line.putrequest("POST", "/threads/21/posts/1/files")
    line.putheader("Cookie", cookie_of(member))
    line.putheader("Content-Type", "multipart/form-data; boundary=x")
    line.putheader("Content-Length", str(len(body) + 1_000_000))
    line.endheaders(body)
    line.sock.close()
    assert {path for path in (site.data / "files").rglob("*") if path.is_file()} == before
    assert member.token("/threads/21")


@pytest.fixture
def site_of_files(tmp_path):
    from tests.browser.conftest import start_site
    from tests.faults.test_kill import Member

    site = start_site(tmp_path)
    yield site, Member(site.url, "member.th")
    site.process.terminate()
    site.process.wait(10)


def test_what_a_crash_left_is_deleted_at_the_next_start_and_nothing_else(world, author, thread):
    add(author, thread, ("a.png", made.picture()))
    with world.app.app_context():
        paths = [store.path_of(store.keep(b"an orphan")), store.path_of(rows(world)[0].digest)]
        begun = paths[0].with_name("abc.begun")
        begun.write_bytes(b"half of it")
        fresh = store.path_of(store.keep(b"of this moment"))
        for path in (*paths, begun):
            os.utime(path, (0, 0))
        assert attaching.tidy() == 2
        assert [path.exists() for path in (*paths, begun, fresh)] == [False, True, False, True]
        fresh.unlink()
