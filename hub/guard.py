"""Where the safeguard stops a text: what it finds, less what the field is made for and what the writer answers for."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from hashlib import sha256
from html import unescape

from hub.safeguard.scan import Finding, scan, without
from hub.words import _

TAG = re.compile(r"<[^>]*>")
ATTRIBUTE = re.compile(r'(?:href|title)="([^"]*)"')


class Refused(ValueError):
    """A text that is not stored; the message says why and what to change."""


@dataclass(frozen=True)
class Guard:
    """What the safeguard need not stop in a text. ``known`` and ``off`` are asked only when something was found."""

    lang: str | None = None
    known: Callable[[], Collection[str]] = tuple  # lines that the member, or an office, shows already
    off: Callable[[], Collection[str]] = tuple  # rules that an admin has switched off
    passes: frozenset[str] = frozenset()  # kinds that the field is made for, such as the telephone of a profile
    spared: frozenset[str] = frozenset()  # keys of passages that the writer says are no personal data
    least: int = 1  # the mildest severity that stops the text


STRICT = Guard()
DECIDED = Guard(least=4)  # a moderator has read the text, and answers for it


class Identifying(Refused):
    """A text with passages that could identify a person; ``text`` is the text as cleaned, ``findings`` are places in it."""

    def __init__(self, text: str, findings: list[Finding]) -> None:
        super().__init__(_("Something here could identify a person. Nothing is lost: decide on each passage, then send again."))
        self.text, self.findings = text, findings


def key_of(finding: Finding, text: str) -> str:
    """Names a passage of a form without its words, so that the writer's decision on it is known again."""
    return sha256(f"{finding.rule} {text[finding.start : finding.end]}".encode()).hexdigest()[:20]


def examine(words: str, guard: Guard) -> None:
    """Raises ``Identifying`` unless the writer may keep, or decided upon, everything the safeguard finds."""
    if not (found := scan(words, guard.lang)):
        return
    off = guard.off()
    found = [f for f in without(found, words, guard.known()) if f.rule not in off and f.kind not in guard.passes]
    stopped = [f for f in found if f.severity >= guard.least and (f.severity == 3 or key_of(f, words) not in guard.spared)]
    if stopped:
        raise Identifying(words, found)


def examine_shown(html: str, guard: Guard) -> None:
    """Refuse what only its rendering puts together: a number in parts, by entities, links or their titles."""
    for shown in (TAG.sub("", html), " ".join(ATTRIBUTE.findall(html))):
        _refuse_grave(unescape(shown), guard)


def _refuse_grave(shown: str, guard: Guard) -> None:
    found = [f for f in scan(shown, guard.lang) if f.severity >= max(3, guard.least) and f.kind not in guard.passes]
    if found and {f.rule for f in found} - set(guard.off()):
        raise Refused(_("A passage that could identify a person is put together from parts here. Write it plainly, or take it out."))
