"""Files of practices: with the revision they were added to, for whoever reads it, and gone when they are taken away."""

from io import BytesIO

from sqlalchemy import select

from hub.db import db, unit_of_work
from hub.files import store
from hub.files.models import File
from hub.text import prepare_line
from tests.files.made import located_jpeg, pdf
from tests.practices import scene


def add(by, practice, *files):
    data = {"csrf_token": by.signed(), "files": [(BytesIO(bytes), name) for name, bytes in files]}
    return by.client.post(f"/practices/{practice}/files", data=data, content_type="multipart/form-data")


def addresses(world):
    return [f"/files/{row.public_id}" for row in world.all(select(File.public_id).where(File.standing == "shown").order_by(File.id))]


def test_a_file_is_read_with_the_revision_it_was_added_to(world, author, clearer, moderator, reviewers):
    practice = scene.published(world, author, clearer, moderator, reviewers)
    reader, stranger = world.person("VN"), world.stranger()
    assert add(author, practice, ("review.pdf", pdf()), ("poster.jpg", located_jpeg())).status_code == 303
    first, second = addresses(world)
    assert reader.get(first).status_code == 404, "what is being written is its author's alone"
    assert "review.pdf" not in reader.get(f"/practices/{practice}", follow_redirects=True).text
    assert author.get(first).status_code == 200
    scene.submit(author, practice)
    scene.ask(moderator, practice, reviewers[0])
    assert reviewers[0].get(first).status_code == 200
    assert reader.get(first).status_code == 404
    scene.score(reviewers[0], practice)
    assert reader.get(first).status_code == 200
    assert b"GPS" not in reader.get(second).data
    assert stranger.get(first).status_code == 302
    assert "review.pdf" in reader.get(f"/practices/{practice}", follow_redirects=True).text


def test_a_file_that_is_taken_away_is_gone_with_its_bytes(world, app, author):
    practice = scene.begin(author)
    add(author, practice, ("review.pdf", pdf()))
    (address,) = addresses(world)
    digest = world.one(select(File.digest))[0]
    author.post(f"/practices/{practice}{address.replace('/files', '/files')}/remove")
    assert author.get(address).status_code == 404
    with app.app_context():
        assert not store.path_of(digest).exists()


def test_a_refused_file_leaves_the_others(world, author):
    practice = scene.begin(author)
    answer = add(author, practice, ("good.pdf", pdf()), ("bad.png", b"<svg/>"), ("passport A1234567.pdf", pdf()))
    assert answer.status_code == 400
    assert "not what its name says" in answer.text
    assert len(addresses(world)) == 1
    with world.app.app_context(), unit_of_work():
        for n in range(3):
            db.session.add(File(owner_id=author.user_id, practice_id=practice, revision=1, name=prepare_line(f"{n}.pdf"), kind="pdf", digest=f"{n}" * 64, size=5))
    assert add(author, practice, ("fifth.pdf", pdf()), ("sixth.pdf", pdf())).status_code == 400
    assert len(addresses(world)) == 5


def test_a_file_is_a_source_from_e3_up(world, author):
    practice = scene.written(world, author, evidence_level="E3")
    assert "Links: from E3 up" in author.get(f"/practices/{practice}", follow_redirects=True).text
    add(author, practice, ("review.pdf", pdf()))
    assert scene.submit(author, practice).status_code == 303
    assert scene.stage(world, practice) == "clearance"
