"""What a person wrote, on its way into the database: cleaned, capped, rendered once. Nothing else renders markup."""

import re
import unicodedata
from collections.abc import Callable, Collection, MutableMapping
from dataclasses import dataclass
from functools import lru_cache, partial
from html import unescape
from itertools import islice
from typing import Any
from urllib.parse import quote

import nh3
from bleach.linkifier import LinkifyFilter
from bleach.sanitizer import Cleaner
from markdown_it import MarkdownIt

from hub.db import UserText
from hub.guard import DECIDED, STRICT, Guard, examine, examine_shown
from hub.guard import Refused as Refused
from hub.words import _, plural

Attributes = MutableMapping[tuple[str | None, str], str]
HTML_VERSION = 1
LONGEST = 40_000  # characters of one text; what the safeguard reads at once
_too_deep = partial(plural, "more than %(num)s line with lists in lists", "more than %(num)s lines with lists in lists")

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
UNJOINED = re.compile("[\u200b-\u200f\u00ad\u2060]")  # zero-width characters and soft hyphens
LATIN_MARKS = re.compile("([a-z])[\u0300-\u036f]+")
WORDS = re.compile(r"[^\W_](?:[^\W_]|[" + MARKS + r"\u0e31-\u0e4e\u0eb1-\u0ecd\u1031-\u103e\u17b4-\u17dd\u0bbe-\u0bcd\u102b-\u1030])*")
BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"
MENTION = re.compile(r"(?<![\w@/.-])@([a-z][a-z0-9]*(?:\.[a-z0-9]+)*)(?![\w-]|\.[a-z0-9])")
MOST_MENTIONS = 30
URL = re.compile(r"(?<![\w@/.-])(?:https?://|www\.)[^\s<>\"'\[\]{}|\\^`]{1,2000}", re.I)
TAGS = {"p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr", "h3",
        "table", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}


@dataclass(frozen=True)
class Prepared:
    """A text ready to be stored: Markdown as written, and its HTML."""

    md: UserText
    html: UserText
    html_version: int = HTML_VERSION
    handles: frozenset[str] = frozenset()  # of members and organisations it mentions


def prepare(written: str, known: Callable[[set[str]], Collection[str]] = lambda _handles: (), guard: Guard = STRICT) -> Prepared:
    """Clean, cap and render Markdown. Raises ``Refused``; takes at most 250 ms for any input.

    ``known`` says which of the handles after an @ name somebody the author may see; these become links, the others stay words.
    """
    _refuse_too_long(written)
    md = clean(written).strip("\n")
    if not _visible(md):
        raise Refused(_("Write something first."))
    _refuse_too_long(md)
    _refuse_bombs(md)
    examine(md, guard)
    written_handles = {match[1] for match in islice(MENTION.finditer(md), MOST_MENTIONS)}
    found: set[str] = set()
    html = render(md, known(written_handles) if written_handles else (), found)
    if "&" in md or "](" in md or "]:" in md:
        examine_shown(html, guard)
    return Prepared(UserText(md), UserText(html), handles=frozenset(found))


def prepare_line(written: str, longest: int = 200, guard: Guard = STRICT) -> UserText:
    """Clean one line of plain words (titles, names, notes); empty is allowed. Raises ``Refused``."""
    if len(written) > longest * 10:  # before cleaning, which is slow for endless input
        raise Refused(_("Use at most %(most)s characters; these are %(n)s.", most=longest, n=len(written)))
    line = " ".join(clean(written).split())
    if not _visible(line):
        return UserText("")
    if len(line) > longest:
        raise Refused(_("Use at most %(most)s characters; these are %(n)s.", most=longest, n=len(line)))
    examine(line, guard)
    return UserText(line)


def prepare_lines(written: str, longest: int, most: int, guard: Guard = STRICT) -> list[UserText]:
    """Clean lines of plain words; empty ones are left out. Raises ``Refused`` when one is longer than ``longest``, or there are more than ``most``."""
    _refuse_too_long(written)
    lines = [line for each in clean(written).split("\n") if (line := prepare_line(each, longest, DECIDED))]
    if len(lines) > most:
        raise Refused(_("Use at most %(most)s lines; these are %(n)s.", most=most, n=len(lines)))
    examine(clean(written), guard)
    return lines


def in_a_line(html: UserText, longest: int) -> UserText:
    """The words of stored HTML, which the safeguard has read, as one plain line."""
    return UserText(excerpt(html, longest))


def prepare_unfinished(written: str, guard: Guard = STRICT) -> UserText:
    """Clean a text that is still being written; it is not rendered, and may be empty. Raises ``Refused``."""
    _refuse_too_long(written)
    unfinished = clean(written)
    _refuse_too_long(unfinished)  # a composed letter may come apart
    examine(unfinished, guard)
    return UserText(unfinished)


def _refuse_too_long(words: str) -> None:
    if len(words) > LONGEST:
        raise Refused(_("This text has %(n)s characters; at most %(most)s fit. Split it into several posts.", n=len(words), most=LONGEST))


def clean(written: str) -> str:
    """NFC, line feeds only, nothing invisible that reorders text, nothing UTF-8 cannot hold.

    At most 30 marks in a row stay (Unicode's Stream-Safe Text Format): normalising more takes their square in time.
    """
    encodable = written.encode("utf-8", "replace").decode("utf-8")
    lines = encodable.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return unicodedata.normalize("NFC", TOO_MANY_MARKS.sub(r"\1", UNSEEN.sub("", lines)))


def render(md: str, handles: Collection[str] = (), found: set[str] | None = None) -> str:
    """Sanitised HTML of Markdown that ``prepare`` has accepted, with links for these ``handles``; those it meets go into ``found``."""
    html = _cleaner().clean(_markdown.render(md, {"handles": handles, "found": found if found is not None else set()}))
    return nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="nofollow ugc noopener noreferrer")


def excerpt(html: str, longest: int = 200) -> str:
    """The first plain words of stored HTML, for a list."""
    words = " ".join(unescape(nh3.clean(html[: longest * 8].replace("</", " </"), tags=set())).split())
    return words if len(words) <= longest else words[:longest].rpartition(" ")[0] + " …"


def fold(line: str) -> list[UserText]:
    """The words of a line as they are compared: without case, without marks on Latin letters, digits in ASCII.

    Scripts written without spaces keep their runs whole, so a prefix of a run finds it.
    """
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", UNJOINED.sub("", line)).casefold()).replace("đ", "d")
    bare = LATIN_MARKS.sub(r"\1", plain)
    ascii_digits = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in unicodedata.normalize("NFC", bare))
    return [UserText(word) for word in WORDS.findall(ascii_digits)]


def span(beginning: UserText) -> tuple[UserText, UserText]:
    """Folded words that begin so stand from the first up to the second, in the order of their characters."""
    return beginning, UserText(beginning + "\U0010ffff")


@lru_cache(maxsize=4_096)
def slug(title: str) -> str:
    """Words of a title for a URL, in its own script: at most 60 characters, may be empty."""
    words = unicodedata.normalize("NFKC", title).casefold()
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" else "-" for c in words)
    return re.sub("-+", "-", kept)[:60].strip("-")


def titled(number: int, title: str) -> str:
    """``12-some-words``, the last part of an address; the number counts, the words are decoration."""
    return f"{number}-{_quoted(title)}" if slug(title) else str(number)


@lru_cache(maxsize=4_096)
def _quoted(title: str) -> str:
    return quote(slug(title))


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



def _mention(state: Any, silent: bool) -> bool:
    """``@fp.la`` as a link, when the author may mention it."""
    match = MENTION.match(state.src, state.pos)
    if match is None or state.linkLevel or match[1] not in state.env.get("handles", ()):
        return False
    if not silent:
        state.env["found"].add(match[1])
        state.push("link_open", "a", 1).attrs = {"href": f"/@{match[1]}"}
        state.push("text", "", 0).content = match[0]
        state.push("link_close", "a", -1)
    state.pos = match.end()
    return True


def _new_markdown() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable(["table", "strikethrough"]).disable("image")
    md.core.ruler.push("plain_headings", _plain_headings)
    md.inline.ruler.push("mention", _mention)
    return md


def _cleaner() -> Cleaner:
    links = partial(LinkifyFilter, callbacks=[_without_rel], skip_tags={"pre", "code"}, url_re=URL)
    return Cleaner(tags=TAGS, attributes={k: list(v) for k, v in ATTRIBUTES.items()}, protocols=SCHEMES, filters=[links])


def _without_rel(attributes: Attributes, _new: bool = False, /) -> Attributes:
    attributes.pop((None, "rel"), None)  # nh3 sets it
    return attributes


_markdown = _new_markdown()
NOTHING = Prepared(UserText(""), UserText(""))
