"""How much the rules find among sentences nobody wrote for them, and how often they stop an innocent one."""

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from hub.safeguard.scan import RULES, Finding, scan

LANGUAGES = {"en", "id", "ms", "fil", "th", "vi", "km", "lo", "my", "zh", "ta", "pt", "tet"}


class Sentence(NamedTuple):
    part: int
    lang: str
    severity: int
    kind: str
    text: str
    start: int
    end: int


def _read(line: str) -> Sentence:
    part, lang, severity, kind, marked = line.rstrip("\n").split("\t")
    marked = marked.replace("\\n", "\n")
    plain = re.sub("[⟦⟧]", "", marked)
    return Sentence(int(part), lang, int(severity), kind, plain, marked.find("⟦"), marked.find("⟧") - 1)


SENTENCES = [_read(line) for line in (Path(__file__).parent / "sentences.tsv").read_text("utf-8").splitlines() if not line.startswith("#")]
IDENTIFYING = [sentence for sentence in SENTENCES if sentence.severity]
INNOCENT = [sentence for sentence in SENTENCES if not sentence.severity]


def caught(sentence: Sentence) -> bool:
    """Whether something at least as grave was found, and where the passage stands."""
    return any(f.severity >= sentence.severity and f.start < sentence.end and f.end > sentence.start for f in found(sentence))


def found(sentence: Sentence) -> list[Finding]:
    return scan(sentence.text, sentence.lang)


def test_the_table_is_large_and_in_every_language():
    assert len(IDENTIFYING) >= 200
    assert len(INNOCENT) >= 200
    for sentences in (IDENTIFYING, INNOCENT):
        assert {sentence.lang for sentence in sentences} == LANGUAGES


@pytest.mark.parametrize("part", [1, 2, 3])
def test_recall_and_false_alarms(part):
    """Printed with -s; the aims are those of the project for sentences it has not seen."""
    identifying = [sentence for sentence in IDENTIFYING if sentence.part == part]
    innocent = [sentence for sentence in INNOCENT if sentence.part == part]
    hits = Counter((sentence.severity, sentence.kind) for sentence in identifying if caught(sentence))
    all_of = Counter((sentence.severity, sentence.kind) for sentence in identifying)
    alarms = Counter(finding.rule for sentence in innocent for finding in found(sentence))
    alarmed = sum(bool(found(sentence)) for sentence in innocent)
    print(f"\npart {part}: {len(identifying)} identifying, {len(innocent)} innocent")
    recall = {}
    for severity in (3, 2, 1):
        got, wanted = (sum(n for (of, _kind), n in counts.items() if of == severity) for counts in (hits, all_of))
        recall[severity] = got / wanted
        kinds = ", ".join(f"{kind} {hits[severity, kind]}/{n}" for (of, kind), n in sorted(all_of.items()) if of == severity)
        print(f"  severity {severity}: {got}/{wanted} = {recall[severity]:.1%} ({kinds})")
    print(f"  false alarms: {alarmed}/{len(innocent)} = {alarmed / len(innocent):.1%} {dict(alarms)}")
    assert recall[3] >= 0.95
    assert recall[2] >= 0.85
    assert alarmed / len(innocent) <= 0.05


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_rule_has_an_example_each_way(rule):
    assert any(finding.kind == rule.kind for finding in scan(rule.found))
    assert rule.id not in {finding.rule for finding in scan(rule.passed)}
    assert rule.why.endswith(".")
    assert rule.source


def test_numbers_the_member_shows_already_are_known():
    line = "Night line of our duty officer: +66 81 234 5678"
    assert scan(line.replace("duty officer", "mother"))
    assert not scan("Write to me: +66 81-234-5678", known=[line])
    assert scan("Write to her mother: +66 81 999 5678", known=[line])
