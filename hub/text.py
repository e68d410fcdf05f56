"""What a person wrote, on its way into the database: cleaned, capped, rendered once. Nothing else renders markup."""

import re
import unicodedata
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import nh3
from bleach.linkifier import LinkifyFilter
from bleach.sanitizer import Cleaner
from markdown_it import MarkdownIt

from hub.db import UserText
from hub.words import _, plural

Attributes = MutableMapping[tuple[str | None, str], str]
HTML_VERSION = 1
LONGEST = 40_000  # characters of one text; what the safeguard reads at once


def _too_deep(n: int) -> str:
    return plural("more than %(num)s line with lists in lists", "more than %(num)s lines with lists in lists", n)


# Caps on what makes Markdown slow, each far above honest use: every text renders within 250 ms.
CAPS: tuple[tuple[re.Pattern[str], int, Callable[[int], str]], ...] = (
    (re.compile(r"\n"), 2_000, lambda n: plural("more than %(num)s line", "more than %(num)s lines", n)),
    (re.compile(r"[&<>\"]"), 10_000, lambda n: plural("more than %(num)s quotation mark", "more than %(num)s quotation marks", n)),
    (re.compile(r"://|www\.|]\(", re.I), 100, lambda n: plural("more than %(num)s link", "more than %(num)s links", n)),
    (re.compile(r"\[|<"), 500, lambda n: plural("more than %(num)s bracket", "more than %(num)s brackets", n)),
    (re.compile(r"[*_~`]"), 4_000, lambda n: plural("more than %(num)s mark of emphasis", "more than %(num)s marks of emphasis", n)),
    (re.compile(r"^[ \t]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+|>[ \t]?){3}", re.M), 300, _too_deep),
    (re.compile(r"^[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+){2}", re.M), 300, _too_deep),
)
MOST_CELLS = 3_000
TABLE_HEAD = re.compile(r"[ \t>|:-]+")
# Invisible characters that reorder or hide text. Joiners and zero-width spaces stay: Khmer, Burmese and Tamil need them.
UNSEEN = re.compile(r"[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]")
MARKS = "".join(chr(code) for code in range(0x300, 0x1E950) if unicodedata.combining(chr(code)))
TOO_MANY_MARKS = re.compile(f"([{MARKS}]{{30}})[{MARKS}]+")
BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"
URL = re.compile(r"(?<![\w@/.-])(?:https?://|www\.)[^\s<>\"'\[\]{}|\\^`]{1,2000}", re.I)
TAGS = {"p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr", "h3",
        "table", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}


class Refused(ValueError):
    """A text that is not stored; the message says why and what to change."""


@dataclass(frozen=True)
class Prepared:
    """A text ready to be stored: Markdown as written, and its HTML."""

    md: UserText
    html: UserText
    html_version: int = HTML_VERSION


def prepare(written: str) -> Prepared:
    """Clean, cap and render Markdown. Raises ``Refused``; takes at most 250 ms for any input."""
    if len(written) > LONGEST:
        raise Refused(_("This text has %(n)s characters; at most %(most)s fit. Split it into several posts.", n=len(written), most=LONGEST))
    md = clean(written).strip("\n")
    if not _visible(md):
        raise Refused(_("Write something first."))
    _refuse_bombs(md)
    return Prepared(UserText(md), UserText(render(md)))


def prepare_line(written: str, longest: int = 200) -> UserText:
    """Clean one line of plain words (titles, names, notes); empty is allowed. Raises ``Refused``."""
    if len(written) > longest * 10:  # before cleaning, which is slow for endless input
        raise Refused(_("Use at most %(most)s characters; these are %(n)s.", most=longest, n=len(written)))
    line = " ".join(clean(written).split())
    if not _visible(line):
        return UserText("")
    if len(line) > longest:
        raise Refused(_("Use at most %(most)s characters; these are %(n)s.", most=longest, n=len(line)))
    return UserText(line)


def clean(written: str) -> str:
    """NFC, line feeds only, nothing invisible that reorders text, nothing UTF-8 cannot hold.

    At most 30 marks in a row stay (Unicode's Stream-Safe Text Format): normalising more takes their square in time.
    """
    encodable = written.encode("utf-8", "replace").decode("utf-8")
    lines = encodable.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return unicodedata.normalize("NFC", TOO_MANY_MARKS.sub(r"\1", UNSEEN.sub("", lines)))


def render(md: str) -> str:
    """Sanitised HTML of Markdown that ``prepare`` has accepted."""
    html = _cleaner().clean(_markdown.render(md))
    return nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="nofollow ugc noopener noreferrer")


def slug(title: str) -> str:
    """Words of a title for a URL, in its own script: at most 60 characters, may be empty."""
    words = unicodedata.normalize("NFKC", title).casefold()
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" else "-" for c in words)
    return re.sub("-+", "-", kept)[:60].strip("-")


def _visible(words: str) -> bool:
    """Whether there is a letter, digit, mark of punctuation or symbol to see."""
    return any(unicodedata.category(character)[0] in "LNPS" and character not in BLANK_LETTERS for character in words)


def _refuse_bombs(md: str) -> None:
    for pattern, most, name in CAPS:
        if sum(1 for _match in pattern.finditer(md)) > most:
            raise Refused(_("This text has %(what)s. Shorten it, or split it into several posts.", what=name(most)))
    if _table_cells(md) > MOST_CELLS:
        raise Refused(_("This text has tables of more than %(n)s cells. Shorten them, or send a summary.", n=MOST_CELLS))


def _table_cells(md: str) -> int:
    """Cells that tables of ``md`` render to at most: every row is filled up to the width of its head."""
    lines = md.split("\n")
    cells = 0
    for at, line in enumerate(lines):
        if "-" in line and "|" in line and TABLE_HEAD.fullmatch(line):
            rows = next((n for n, later in enumerate(lines[at:]) if not later.strip()), len(lines) - at)
            cells += (line.count("|") + 1) * rows
    return cells


def _plain_headings(state: Any) -> None:
    for token in state.tokens:  # a post is one section of a page: one level of heading fits anywhere
        if token.type in ("heading_open", "heading_close"):
            token.tag = "h3"




def _new_markdown() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable(["table", "strikethrough"]).disable("image")
    md.core.ruler.push("plain_headings", _plain_headings)
    return md


def _cleaner() -> Cleaner:
    links = partial(LinkifyFilter, callbacks=[_without_rel], skip_tags={"pre", "code"}, url_re=URL)
    return Cleaner(tags=TAGS, attributes={k: list(v) for k, v in ATTRIBUTES.items()}, protocols=SCHEMES, filters=[links])


def _without_rel(attributes: Attributes, _new: bool = False, /) -> Attributes:
    attributes.pop((None, "rel"), None)  # nh3 sets it
    return attributes


_markdown = _new_markdown()
NOTHING = Prepared(UserText(""), UserText(""))
