"""Every page is valid HTML and carries the same headers."""

import shutil
import subprocess
from pathlib import Path

from hub.web import CONTENT_SECURITY_POLICY
from tests.factories import World, empty
from tests.pages import every_page, open_page

ROOT = Path(__file__).resolve().parent.parent
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def test_every_page_is_valid_html(sqlite_app, tmp_path, monkeypatch):
    monkeypatch.setitem(sqlite_app.config, "HUB_DEMO", True)
    empty(sqlite_app)
    for name, visitor, path, form in every_page(World(sqlite_app)):
        answer = open_page(visitor, path, form)
        assert answer.mimetype == "text/html", name
        assert answer.status_code != 500, name
        (tmp_path / f"{name}.html").write_text(answer.text, "utf-8")
    node = shutil.which("node") or str(ROOT / ".venv" / "bin" / "node")
    command = [node, str(ROOT / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"), "--config", str(ROOT / ".htmlvalidate.json")]
    done = subprocess.run([*command, *map(str, sorted(tmp_path.glob("*.html")))], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_the_policy_of_content_is_exact_on_every_answer(world):
    assert CONTENT_SECURITY_POLICY == CSP
    member, stranger = world.person(), world.stranger()
    answers = [stranger.get(path) for path in ("/", "/sign-in", "/people", "/nothing", "/static/x/icon.svg", "/static/x/../../dev", "/healthz", "/threads/1", "/%00")]
    answers += [member.get(path) for path in ("/", "/threads/99", "/sign-in", "/people?after=x")]
    answers += [member.post("/people"), member.post("/threads/1/lock"), stranger.post("/threads/1/posts", body="x"), member.client.put("/"), member.client.options("/people")]
    for answer in answers:
        assert answer.headers["Content-Security-Policy"] == CSP, answer.request.path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.status_code < 500


def test_static_files_stay_inside_their_folder(world):
    for path in ("/static/x/../wsgi.py", "/static/x/..%2f..%2fwsgi.py", "/static/x/%2e%2e/%2e%2e/wsgi.py", "/static/x//etc/passwd"):
        assert "create_app" not in world.stranger().get(path).text


def test_amber_pages_are_not_kept_by_browsers(world):
    author = world.person()
    for label, expected in (("TLP:GREEN", "private, no-cache"), ("TLP:AMBER", "no-store")):
        thread = world.thread(author, label=label)
        assert author.get(author.get(f"/threads/{thread}").location).headers["Cache-Control"] == expected
        assert author.get(f"/threads/{thread}/posts/1/edit").headers["Cache-Control"] == expected


def test_pages_are_compressed_when_asked(world):
    reader = world.person()
    assert reader.get("/people", headers={"Accept-Encoding": "br"}).headers["Content-Encoding"] == "br"
    assert "Content-Encoding" not in reader.get("/people").headers
