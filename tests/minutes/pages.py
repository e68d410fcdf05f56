"""Every page of minutes, for the checks that look at all pages."""

from hub.accounts.models import User
from tests.minutes import paper
from tests.rooms import scene

THAI, BURMESE = "การแจ้งล่วงหน้าก่อนส่งตัว", "လွှဲပြောင်းမီ ကြိုတင်အကြောင်းကြားခြင်း"


def minutes_pages(world):
    """(name, visitor, path, form), as ``tests/pages.py`` lists them."""
    at = paper.opened(world)
    paper.marked(at)
    empty = f"/rooms/{at.room}/minutes"
    none = scene.opened(world)
    here = paper.begun(at)
    paper.saved(at.member_my, here, agenda=f"{THAI}\n{BURMESE}", reservations_MY="24 h in medical cases")
    stale = paper.opened_form(at.member_id, here)
    paper.saved(at.member_my, here, agenda=f"{THAI}\n{BURMESE}\nChannel for data")
    scene.say(at.hod_id, at.room, "A common form is piloted.")
    scene.say(at.note_id, at.room, kind="decision", target=scene.log_of(world, at.room)[-1].seq)
    paper.signed(at.hod_id, here)
    done, agreed = paper.agreed(world)
    red = paper.opened(world, label="TLP:RED", attribution="chatham")
    in_red = paper.begun(red)
    flagged = scene.opened(world)
    for words in ("One.", "Two.", "Three."):
        scene.say(flagged.hod_id, flagged.room, words)
    flagged.hod_my.post("/flags", target=f"entry:{flagged.room}:4", reason="identifies_person", note="")
    alone = world.person("BN", "focal_point")
    for head in (none.hod_id, alone):
        world.change(User, head.user_id, password_hash=paper.HASHED)
    task = paper.re.search(r"/actions/(\d+)\"", done.hod_my.get(agreed).text)[1]
    return [
        ("minutes", at.hod_my, here, {}), ("minutes, an earlier version", at.hod_my, f"{here}?version=1", {}), ("minutes, writing", at.member_my, f"{here}/edit", {}),
        ("minutes, stale", at.member_id, f"{here}/edit", stale | {"agenda": "Something else"}), ("minutes, badly", at.member_id, f"{here}/edit", {"base": "3", "decisions": "her passport is no. A1234567", "actions-0-what": "x", "actions-0-who": "", "actions-0-due": "y"}),
        ("minutes, changes", at.hod_my, f"{here}/changes", {}), ("minutes, signing", at.hod_my, f"{here}/sign", {}), ("minutes, signing badly", at.hod_my, f"{here}/sign", {"hash": "x", "password": ""}),
        ("minutes, print", at.hod_my, f"{here}/print", {}), ("minutes, none", none.hod_id, f"/rooms/{none.room}/minutes", {}), ("minutes, list", done.hod_my, f"/rooms/{done.room}/minutes", {}),
        ("minutes, agreed", done.hod_my, agreed, {}), ("minutes, agreed, print", done.hod_my, f"{agreed}/print", {}), ("minutes, ticked badly", done.hod_my, f"/rooms/{done.room}/actions/{task}", {"words": ""}),
        ("minutes under red", red.hod_my, in_red, {}), ("actions", done.hod_my, "/rooms/actions", {}), ("no actions", world.person("BN"), "/rooms/actions", {}), ("front with actions", done.hod_my, "/", {}),
        ("front with minutes to sign", at.hod_my, "/", {}), ("room with marks", at.hod_my, f"/rooms/{at.room}", {}), ("room, an action", at.hod_my, f"/rooms/{at.room}?action=2", {}),
        ("room with a hidden entry", flagged.hod_my, f"/rooms/{flagged.room}", {}), ("flag an entry", flagged.hod_my, f"/flags?target=entry:{flagged.room}:3", {}),
        ("own data", none.hod_id, "/account/data", {}), ("own data, badly", none.hod_id, "/account/data", {"password": ""}), ("leave", none.hod_id, "/account/leave", {}), ("leave, the last", alone, "/account/leave", {}),
        ("minutes of a room", at.hod_my, empty, {}),
    ]  # fmt: skip
