"""Markup: what a person wrote comes out safe, readable and in time."""

import html
import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub import text
from tests.factories import MORE
from tests.work import is_bounded

ROOT = Path(__file__).resolve().parent.parent
CORPUS = Path(os.environ.get("HUB_CORPUS", ROOT.parent / "shared" / "corpus" / "hostile-markdown.json"))
OWN_SAMPLE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](data:text/html,<script>)",
    "![x](https://evil.example/p.png)", "<a href='https://x' onclick='alert(1)'>x</a>", "[x](https://e.example \"t\" onmouseover=alert(1))", "`<b>`",
    "<svg/onload=alert(1)>", "<iframe src=//evil.example>", "</article></main><h1>broken</h1>", "<style>*{display:none}</style>", "[a]: javascript:alert(1)\n\n[a]",
    "<http://x/<script>>", "&lt;script&gt;alert(1)&lt;/script&gt;", "<!-- --><b>", "[x](vbscript:msgbox)", "[\u202ex](https://e.example)", "<math><mi//xlink:href=x>",
]  # fmt: skip
HOSTILE = [pytest.param(sample, id=f"own-{n}") for n, sample in enumerate(OWN_SAMPLE)]
if CORPUS.is_file():
    HOSTILE += [pytest.param(entry["markdown"], id=entry["id"]) for entry in json.loads(CORPUS.read_text("utf-8"))]


class Inventory(HTMLParser):
    """Every tag and attribute of a rendered text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        if tag not in ("br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, "tags nest"


def rendered(written: str) -> str:
    try:
        return text.prepare(written).html
    except text.Refused:
        return ""


def check(page: str) -> None:
    inventory = Inventory()
    inventory.feed(page)
    inventory.close()
    assert inventory.open == []
    for tag, attributes in inventory.found:
        assert tag in text.TAGS
        assert set(attributes) <= {"href", "title", "rel", "start"}
        if tag == "a" and "href" in attributes:
            scheme = re.match(r"\s*([a-zA-Z][a-zA-Z0-9+.-]*):", attributes["href"])
            assert scheme is None or scheme[1].lower() in text.SCHEMES, attributes
            assert attributes["rel"] == "nofollow ugc noopener noreferrer"


@pytest.fixture(autouse=True)
def in_a_request(request):
    app = request.getfixturevalue("plain_app")
    with app.app_context():
        yield


@pytest.mark.parametrize("written", HOSTILE)
def test_hostile_markdown_becomes_harmless(written):
    check(rendered(written))


@settings(max_examples=100 * MORE, deadline=None)
@given(st.text(st.sampled_from(list("<>[]()!\"'`*_~#|-:;&= \n/\\ahttpscrijvOnN1\u202e\u200bกို")), max_size=200))
def test_any_text_becomes_harmless(written):
    check(rendered(written))


@settings(max_examples=60 * MORE, deadline=None)
@given(st.text(max_size=100))
def test_cleaning_is_final_and_fits_both_databases(written):
    once = text.clean(written)
    assert text.clean(once) == once
    assert "\x00" not in once
    once.encode("utf-8")


N = text.LONGEST
BOMBS = {
    unit: (unit * (N // len(unit) + 1))[:N]
    for unit in (
        "|a", "a|b\n-|-\n", "<http://", "http://a ", "[", "![", "](", "[a](b)", "*", "**a", "*a_ ", "_a", "`", "`a ", "> ", ">", "- ", "  - a\n", "1. ", "&amp;", "&", '"',
        "\\", "<", "<a ", "# ", "~~", "&#x", "www.a.b ", "a@b.c ", "[[a]", "[a]: b\n", "\t", "    a\n", "> > > > ", "](<", "*a*b", "***a", "<!--", "က္", "//", "a\n|-\n",
    )
} | {
    "nine lists a line": ("- " * 9 + "a\n") * 1900, "nine quoted lists a line": (">" + " -" * 9 + "\n") * 1900, "numbered": ("1. " * 6 + "a\n") * 1900,
    "lists in quotes": "> - > - > - > - a\n" * 1900, "stars": "*" * 20_000 + "a" + "*" * 19_000, "many stars": ("*" * 39 + "a") * 999, "greater": "a" + ">" * 39_980,
    "three lists a line": ("- " * 3 + "a\n") * 1900, "three quoted": ("> - > a\n") * 1900,
    "lists in lists": "".join("  " * depth + "- a\n" for depth in range(190)), "quotes in quotes": "\n".join(">" * depth + " a" for depth in range(270)),
    "fences of all lengths": "".join("`" * count + " " for count in range(1, 270)), "wide table": "|".join("a" * 60) + "\n" + "|".join("-" * 60) + "\n" + "a\n" * 45,
    "wide table, long": "|".join("a" * 400) + "\n" + "|".join("-" * 400) + "\n" + "a\n" * 1500, "long word": "a" * N, "one long link": "http://a.b/" + "(a)" * 13_000,
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_markup_bombs_are_refused_or_done_at_once(name):
    """The promise is 250 ms, 25 units; the bound leaves room for a slow machine."""
    assert is_bounded(lambda: rendered(BOMBS[name]), 100)


def test_a_refusal_says_what_is_too_much():
    for bomb, words in (("http://a.example " * 101, "100 links"), ("x\n" * 2002, "2000 lines"), ("y" * 40_001, "40001 characters"), (" \n\u200e", "Write something")):
        with pytest.raises(text.Refused, match=words):
            text.prepare(bomb)


def test_markdown_does_what_people_expect():
    page = rendered("# Head\n\nSee www.example.org and https://example.org/a_b.\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> said\n\n**bold** ~~gone~~ `x`")
    for piece in ("<h3>Head</h3>", 'href="http://www.example.org"', 'href="https://example.org/a_b"', "<li>one</li>", "<td>1</td>", "<blockquote>", "<strong>bold</strong>", "<s>gone</s>", "<code>x</code>"):
        assert piece in page


def test_addresses_of_mail_and_images_are_left_as_words():
    assert "<img" not in rendered("![x](https://example.org/x.png)")
    assert "mailto" not in rendered("write to a.person@example.org")


@pytest.mark.parametrize(("written", "kept"), [
    ("a\x00b", "ab"), ("a\ud800b", "a?b"), ("\u202eevil\u202c", "evil"), ("\u2067x\u2069", "x"), ("tab\there", "tab here"), ("  two   spaces ", "two spaces"),
    ("e\u0301", "é"), ("ភា\u200bសា", "ភា\u200bសា"), ("က\u200dခ", "က\u200dခ"), ("one\r\ntwo", "one two"), ("\ufeffbom", "bom"),
])  # fmt: skip
def test_a_line_is_cleaned_of_what_deceives_and_keeps_what_scripts_need(written, kept):
    assert text.prepare_line(written) == kept


def test_slugs_keep_every_script():
    assert text.slug("Non-punishment: who, when?") == "non-punishment-who-when"
    assert text.slug("การคัดแยก ผู้เสียหาย") == "การคัดแยก-ผู้เสียหาย"
    assert text.slug("???") == ""
    assert len(text.slug("word " * 100)) <= 60


def test_no_text_is_escaped_twice():
    assert html.unescape(rendered("a & b < c \"d\" 'e'")) == "<p>a & b < c \"d\" 'e'</p>\n"
