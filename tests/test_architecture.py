"""The rules that do not bend, read from the source."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted((ROOT / "hub").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

# Lower rooms first: a room imports from the ones before it and from its own.
ROOMS = ["safeguard", "audit", "mail", "notifications", "review", "accounts", "pillars", "directory", "membership", "files", "drafts", "discussions", "practices", "rooms", "minutes", "moderation", "home", "demo", "backup"]
FLOORS = {"lexicon": 0, "names": 1, "rule": 4, "numbers": 4, "ids": 5, "contact": 5, "whereabouts": 5, "ages": 5, "people": 6, "told": 6, "scan": 7, "models": 0, "triggers": 0, "sealing": 0, "chain": 1, "holding": 5, "inbox": 6, "letters": 7, "transports": 1, "passwords": 1, "throttle": 1, "queries": 2, "lists": 2, "counts": 2, "reading_order": 2, "reading": 3, "postlists": 4, "marks": 4, "handles": 3, "words": 2, "mentions": 3, "actions": 3, "rights": 4, "editing": 4, "forms": 4, "views": 5, "posting": 6, "tending": 7, "marking": 7, "drafting": 7, "places": 1, "cursors": 1, "pages": 8, "seed": 4, "fields": 1, "workflow": 1, "maturity": 1, "rubric": 1, "writing": 3, "worth": 3, "way": 3, "moving": 4, "reviewing": 4, "records": 0, "library": 2}


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def source(path: Path) -> str:
    return path.read_text("utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_keeps_the_rules(path):
    name, words = path.relative_to(ROOT / "hub").as_posix(), source(path)
    if name != "db.py":
        assert ".commit()" not in words, "only unit_of_work() commits"
    if name != "live.py":
        assert not re.search(r"\bemit\(", words), "only publish() emits"
    assert "Markup(" not in words, "templates escape; text.py renders"
    if name != "text.py":
        assert not re.search(r"^(import|from) (bleach|nh3|markdown_it)", words, re.M), "only text.py renders markup"
    if name not in ("policy.py", "policy_rooms.py", "readable.py", "readers.py"):
        assert not re.search(r"(actor|me\(\))\.role\s*[=!<>]", words), "only policy.py compares roles"
    if path.name in ("models.py", "queries.py", "actions.py"):
        assert not imports(path) & {"flask.request", "flask.session", "flask.g", "flask_login.current_user"}, "below views there is no request"
    if path.name == "models.py":
        assert not re.search(r"hub\.(policy|readable)", str(imports(path))), "models never import policy"


@pytest.mark.parametrize("path", [path for path in FILES if path.parent.name in ROOMS], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_go_down(path):
    room = path.parent.name
    for imported in imports(path):
        parts = imported.split(".")
        if parts[0] != "hub" or len(parts) < 3 or parts[1] not in ROOMS:
            continue
        other, module = parts[1], parts[2]
        if other == room:
            assert FLOORS.get(module, 0) <= FLOORS.get(path.stem, 9), f"{imported} is above {path.stem}"
        else:
            assert ROOMS.index(other) < ROOMS.index(room), f"{imported} is a higher room"
            assert module not in ("views", "posting", "tending") or (room, other) in {("membership", "accounts"), ("home", "discussions")}, "another room's views are not imported"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_template_keeps_the_rules(path):
    words = source(path)
    allowed = 1 if path.name == "marks.html" else 0
    assert len(re.findall(r"\|\s*safe\b", words)) == allowed, "stored HTML is printed by one macro"
    assert not re.search(r"\son\w+=|<script(?![^>]*\bsrc=)|\sstyle=", words), "no inline script or style"


@pytest.mark.parametrize("path", [*TEMPLATES, *sorted((ROOT / "templates" / "emails").glob("*.txt"))], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_word_of_a_template_goes_through_gettext(path):
    words = re.sub(r"<!DOCTYPE html>|{#.*?#}|{% trans.*?%}.*?{% endtrans %}|{% block (?:here|tlp) %}.*?{% endblock %}|{%.*?%}|{{.*?}}|<svg.*?</svg>|<[^>]*>|[\w-]+=\"[^\"]*\"|&\w+;", " ", source(path), flags=re.S)
    assert not re.search(r"[A-Za-z]{2,}", words), re.findall(r"[A-Za-z]{2,}", words)
    plain = re.sub(r"{{.*?}}|{%.*?%}", "", source(path), flags=re.S)
    for attribute in re.findall(r'(?:aria-label|title|placeholder|alt)="([^"]*)"', plain):
        assert not re.search(r"[A-Za-z]{2,}", attribute), attribute


def test_no_function_is_longer_than_forty_lines_and_no_file_than_250():
    for path in FILES:
        assert source(path).count("\n") <= 250, path
        for node in ast.walk(ast.parse(source(path))):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 40, f"{path}:{node.lineno} {node.name}"
