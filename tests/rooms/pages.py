"""Every page of rooms, for the checks that look at all pages."""

from io import BytesIO

from tests.files.made import picture
from tests.rooms import scene


def room_pages(world):
    """(name, visitor, path, form), as ``tests/pages.py`` lists them."""
    at = scene.opened(world)
    scene.say(at.hod_id, at.room, "Two working days, **please**.\n\n> A quote")
    scene.say(at.hod_my, at.room, "สองวัน", lang="th", target=2)
    scene.say(at.hod_my, at.room, "สองวันทำการ", kind="edit", target=3, lang="th")
    scene.say(at.hod_id, at.room, kind="ack_request", target=3)
    scene.say(at.hod_my, at.room, kind="ack", target=2)
    scene.say(at.note_id, at.room, "Dua hari kerja.", kind="translation", target=3, lang="id")
    scene.say(at.hod_id, at.room, "Withdrawn words.")
    scene.say(at.hod_id, at.room, kind="withdraw", target=7)
    at.hod_id.client.post(f"/rooms/{at.room}/files", data={"csrf_token": at.hod_id.signed(), "files": (BytesIO(picture()), "form.png")}, content_type="multipart/form-data")
    late = world.person("MY", title="Late delegate")
    at.fp_my.post(f"/rooms/{at.room}/delegates", member=str(late.user_id), role="note_taker")
    at.fp_id.post(f"/rooms/{at.room}/terms", **scene.TERMS | {"retention_days": "30"})
    red = scene.opened(world, label="TLP:RED", attribution="chatham")
    proposer, asked, other = (world.person(code, "focal_point") for code in ("PH", "VN", "TH"))
    proposed = scene.id_of(scene.propose(world, proposer, "VN", "TH", head=world.person("PH")))
    declined = scene.id_of(scene.propose(world, proposer, "TH", head=world.person("PH")))
    other.post(f"/rooms/{declined}/decline", words="Not this year.")
    gone = scene.opened(world)
    gone.fp_id.post(f"/rooms/{gone.room}/withdraw", words="The basis is gone.")
    closed = scene.opened(world)
    closed.fp_id.post(f"/rooms/{closed.room}/close", words="Done.")
    paused = scene.opened(world)
    paused.hod_id.post(f"/rooms/{paused.room}/pause", words="Lunch")
    room = f"/rooms/{at.room}"
    return [
        ("rooms", at.hod_id, "/rooms", {}), ("rooms of a focal point", asked, "/rooms", {}), ("no rooms", world.person("BN"), "/rooms", {}), ("room", at.hod_my, room, {}),
        ("room, more", at.hod_my, f"{room}?on=3", {}), ("room, replying", at.hod_my, f"{room}?reply=2", {}), ("room, editing", at.hod_my, f"{room}?edit=3", {}),
        ("room, translating", at.hod_my, f"{room}?translate=2", {}), ("room, earlier", at.hod_my, f"{room}?before=4", {}), ("room, later", at.hod_my, f"{room}?after=1", {}),
        ("room for a focal point", at.fp_my, room, {}), ("room of a new delegate", late, room, {}), ("room under red", red.hod_my, f"/rooms/{red.room}", {}),
        ("room refused", at.hod_my, f"{room}/entries", {"body": "her passport is no. A1234567", "kind": "message", "client_id": "x"}),
        ("room proposed", proposer, f"/rooms/{proposed}", {}), ("room to answer", asked, f"/rooms/{proposed}", {}), ("room answered badly", asked, f"/rooms/{proposed}/accept", {"head": ""}),
        ("room declined", proposer, f"/rooms/{declined}", {}), ("room gone", gone.fp_my, f"/rooms/{gone.room}", {}), ("room closed", closed.hod_my, f"/rooms/{closed.room}", {}),
        ("room paused", paused.hod_my, f"/rooms/{paused.room}", {}), ("propose a room", proposer, "/rooms/new", {}), ("propose a room badly", proposer, "/rooms/new", {"title": "x"}),
        ("other terms", at.fp_id, f"{room}/terms", {}), ("other terms badly", at.fp_id, f"{room}/terms", {"title": ""}), ("pause a room", at.fp_id, f"{room}/pause", {}),
        ("take consent back", at.fp_id, f"{room}/withdraw", {}), ("take consent back badly", at.fp_id, f"{room}/withdraw", {"words": ""}), ("inbox with rooms", at.fp_my, "/notifications", {}),
        ("front with rooms", asked, "/", {}),
    ]  # fmt: skip
