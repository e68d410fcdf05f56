"""Words by what they mean to the rules, read once from ``lexicon.toml``."""

import re
import tomllib
import unicodedata
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import NamedTuple

TOKEN = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f])*(?:['’./-](?:[^\W\d_]|[\u0300-\u036f])+)*")
PART = re.compile(r"[^/.-]+")
UNSPACED = re.compile(r"[\u0b80-\u0bff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3400-\u9fff]")
LATIN = r"0-9A-Za-z\u00c0-\u024f\u1e00-\u1eff"  # digits and Latin letters, for character classes
FIRST_UNSPACED = 0x0B80  # letters of Tamil and of the scripts without spaces come after the others
INVISIBLE = "*`~\\\u034f\u115f\u1160\u17b4\u17b5\u180b\u3164\ufe0f"
# Markdown's marks of emphasis are read like what is invisible: half a number in bold is still the number.
NOTHING_HIDDEN = re.compile(r"[\x00-)+-\[\]-_a-}\x7f]*")
DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹘﹣－"), "-")

# A plain tuple (start, end, word in lower case): Python's collector lets go of these, so that long texts take no more than their share.
Word = tuple[int, int, str]
Span = tuple[int, int]


class Lexicon(NamedTuple):
    phrases: dict[str, list[tuple[tuple[str, ...], str, str]]]  # first word: (words, meaning, only in this language)
    runs: re.Pattern[str]
    of_run: dict[str, list[str]]


@cache
def folded(character: str) -> str:
    """What a character is read as: digits in ASCII, one kind of dash, nothing for what is invisible."""
    if unicodedata.category(character) == "Cf" or character in INVISIBLE:
        return ""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return unicodedata.normalize("NFKC", character).translate(DASHES)


@cache
def lexicon() -> Lexicon:
    phrases: dict[str, list[tuple[tuple[str, ...], str, str]]] = defaultdict(list)
    of_run: dict[str, list[str]] = defaultdict(list)
    for meaning, languages in tomllib.loads((Path(__file__).parent / "lexicon.toml").read_text("utf-8")).items():
        for lang, words in languages.items():
            for word in words:
                plain = "".join(folded(c) for c in word).lower()
                if UNSPACED.search(plain):
                    of_run[plain].append(meaning)
                elif parts := tuple(m.group() for m in TOKEN.finditer(plain)):
                    phrases[parts[0]].append((parts, meaning, lang.removesuffix("*") if lang.endswith("*") else ""))
    longest_first = sorted(of_run, key=len, reverse=True)
    return Lexicon(phrases, re.compile("|".join(map(re.escape, longest_first))), of_run)


@cache
def single(meaning: str) -> frozenset[str]:
    """Words of a spaced script that stand alone under a meaning."""
    return frozenset(parts[0] for phrases in lexicon().phrases.values() for parts, of, _only in phrases if of == meaning and len(parts) == 1)


def words_of(low: str, whole: frozenset[str]) -> list[Word]:
    """Words; those joined by a dash, dot or stroke are parted unless the lexicon, or ``whole``, knows them so."""
    words: list[Word] = []
    for match in TOKEN.finditer(low):
        start, word = match.start(), match.group().replace("’", "'")
        if any(c in word for c in "-/.") and word not in lexicon().phrases and word not in whole:
            parts = (part for part in PART.finditer(word) if not word[: part.start()].endswith("."))  # not what ends an address
            words += [(start + part.start(), start + part.end(), part.group()) for part in parts]
        else:
            words.append((start, match.end(), word))
    return words


def meanings(low: str, words: list[Word], lang: str | None) -> dict[str, list[Span]]:
    """Where words of each meaning stand, in order."""
    known = lexicon()
    found: dict[str, set[Span]] = defaultdict(set)
    for at, (start, _end, word) in enumerate(words):
        for parts, meaning, only in known.phrases.get(word, ()):
            last = at + len(parts) - 1
            if (only and only != lang) or last >= len(words) or words[last][1] - start > 60:
                continue
            if all(words[at + n][2] == part for n, part in enumerate(parts)):
                found[meaning].add((start, words[last][1]))
    if UNSPACED.search(low):
        for match in known.runs.finditer(low):
            for meaning in known.of_run[match.group()]:
                found[meaning].add(match.span())
    return {meaning: sorted(spans) for meaning, spans in found.items()}
