"""What tests of minutes have in common: a room whose heads can sign, its minutes drafted, changed and signed as browsers do it."""

import re
from datetime import UTC, datetime, timedelta

from argon2 import PasswordHasher
from werkzeug.test import TestResponse

from hub.accounts.models import User as User
from tests.factories import PASSWORD as PASSWORD
from tests.factories import Browser, World
from tests.rooms import scene
from tests.rooms.scene import Opened

HASHED = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
FIELD = re.compile(r'<(?:input|textarea|select)[^>]*? name="([^"]+)"')
LATER = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()


def opened(world: World, **terms: str) -> Opened:
    at = scene.opened(world, **terms)
    for head in (at.hod_id, at.hod_my):
        world.change(User, head.user_id, password_hash=HASHED)
    return at


def marked(at: Opened) -> None:
    """Story (b), as far as it is marked: a point, a decision, two actions."""
    scene.say(at.hod_id, at.room, "Advance notice before a hand-over.")
    scene.say(at.hod_my, at.room, "Notice is given at least 48 hours before a hand-over.")
    scene.say(at.hod_my, at.room, "Malaysia sends the form.")
    scene.say(at.hod_id, at.room, "Indonesia names two night contacts.")
    assert scene.say(at.note_id, at.room, kind="point", target=2).status_code == 201
    assert scene.say(at.note_id, at.room, kind="decision", target=3).status_code == 201
    my, indonesia = (side(at, code) for code in ("MY", "ID"))
    assert scene.say(at.note_id, at.room, kind="action", target=4, who=my, due=LATER).status_code == 201
    assert scene.say(at.note_id, at.room, kind="action", target=5, who=f"{indonesia}:{at.member_id.user_id}", due=LATER).status_code == 201


def side(at: Opened, code: str) -> str:
    """The number of a delegation, as forms name it."""
    page = at.hod_id.get(f"/rooms/{at.room}?action=1").text
    name = {"MY": "Malaysia", "ID": "Indonesia"}[code]
    return re.search(rf'<option value="(\d+)"[^>]*>{name}, nobody by name', page)[1]


def path(at: Opened, num: int = 1) -> str:
    return f"/rooms/{at.room}/minutes/{num}"


def begun(at: Opened) -> str:
    answer = at.note_id.post(f"/rooms/{at.room}/minutes")
    assert answer.status_code == 303, answer.text
    return path(at, int(answer.location.rpartition("/")[2]))


def form_of(page: str) -> dict[str, str]:
    """What a browser would send of the form of minutes, untouched."""
    form = page[page.index('id="write"') :]
    form = form[: form.index("</form>")]
    sent = dict(re.findall(r'<input[^>]*? name="([^"]+)"[^>]*? value="([^"]*)"', form))
    sent |= {name: words.removeprefix("\n") for name, words in re.findall(r'<textarea[^>]*? name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.S)}
    for name, choices in re.findall(r'<select[^>]*? name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', choices)
        sent[name] = chosen[1] if chosen else ""
    sent.pop("csrf_token", None)
    return sent


def opened_form(by: Browser, here: str) -> dict[str, str]:
    return form_of(by.get(f"{here}/edit").text)


def saved(by: Browser, here: str, _form: dict[str, str] | None = None, **changed: str) -> TestResponse:
    return by.post(f"{here}/edit", **(_form or opened_form(by, here)) | changed)


def hash_shown(by: Browser, here: str) -> str:
    return re.search(r'name="hash" value="([0-9a-f]{64})"', by.get(f"{here}/sign").text)[1]


def signed(by: Browser, here: str, shown: str = "", password: str = PASSWORD) -> TestResponse:
    return by.post(f"{here}/sign", hash=shown or hash_shown(by, here), password=password)


def told(by: Browser, answer: TestResponse) -> str:
    """The page that an answer leads to."""
    return by.get(answer.location.partition("#")[0]).text if answer.status_code == 303 else answer.text


def agreed(world: World, **terms: str) -> tuple[Opened, str]:
    """A room with agreed minutes."""
    at = opened(world, **terms)
    marked(at)
    here = begun(at)
    assert signed(at.hod_id, here).status_code == 303
    assert signed(at.hod_my, here).status_code == 303
    return at, here


