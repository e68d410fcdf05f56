"""What leads to a person: a vessel, a plate, the number of a case."""

import re
from collections.abc import Iterator

from hub.safeguard.lexicon import LATIN
from hub.safeguard.reading import Reading
from hub.safeguard.rule import Hit, Rule

VESSEL = re.compile(r"(?:F/?V|M/?V|F/?B|KMN?|MB|KLM|M/?B|MT)\.?\s+[\"“']?(?:[A-Z][\w'’\-]+\s?){1,4}\d{0,4}")
VESSEL_NAME = re.compile(
    r"\s(?:named |called |bernama )?[\"“']?(?:[A-Z][\w'’\-]{2,}\s?){1,3}(?:\d{1,4}\b)?"
    r"|\s?[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff.]{3,24}\s\d{1,4}(?!\d)"
)
VESSEL_NUMBER = re.compile(
    r"(?:\s[a-z]{2,8})?\s?[:\"“'ชื่อno.]{0,6}\s?(?:[\"“'][^\"”'\n]{3,30}[\"”']|(?:[A-Z]{1,4}[ \-]?)?\d{2,6}[ \-]?[A-Z\d]{0,6}(?:[ \-]TS)?)"
)
REGISTERED = re.compile(
    r"(?:reg\w*|daftar|pendaftaran|ทะเบียน|matrícula|số hiệu)[.:\s#no]{0,6}(?=[\w ]{0,6}\d)[A-Z]{0,4}\s?\d{2,9}[/\-\w]{0,10}",
    re.I,
)
PLATES = "|".join((
    r"[A-Z]{1,3}[ \-]?\d{1,4}[ \-]?[A-Z]{0,3}", r"\d?[ก-ฮ]{1,3}[ \-]?\d{1,4}", r"\d{2}-?[A-Z]{1,2}\d?[ \-]{1,3}\d{3}[.]?\d{1,2}",
    r"\d[A-Z]{1,2}[ \-/]?\d{4}", r"[ກ-ຮ]{2}[ \-]?\d{4}", r"\d{2}[ \-]\d{2,3}[A-Z]?[ \-]?\d{0,3}", r"\d{3}[ \-]?[A-Z]{3}",
    r"[粤桂云滇沪京][A-Z][ ·]?[A-Z0-9]{5}",
))  # fmt: skip
PLATE = re.compile(rf"(?<![{LATIN}])(?:{PLATES})(?![{LATIN}])")
PLATE_FIRST = re.compile(rf"(?<![{LATIN}])([A-Z]{{2,3}} \d{{3,4}}(?: [A-Z])?),? (?=(?:the|a|his|her)? ?\w)")
NEXT_SENTENCE = re.compile(r"[.!?]\s+[A-Z][a-z]|\n\n")
YEAR = re.compile(r"(?:19|20|25)\d\d")
NUMBERED = "no|nos|number|nr|nomor|nombor|num|bil|blg|ref|id|số|nú|n|is"
CASE_NUMBER = re.compile(
    rf"\s{{0,2}}(?:(?:{NUMBERED})\b|ที่|เลขที่|លេខ|ເລກທີ|အမှတ်|号|எண்|n\.?o\.?(?=\s)|[°#:.,(\-])?[\s.:#°(]{{0,4}}(?:[A-Z]\w{{1,14}}[ /]){{0,3}}"
    r"((?:[A-Z]{1,6}|[^\W\d_]{1,6})?[./\-]{0,2}[\w./\-()]{0,24}\d[\w./\-()]{0,24})", re.I
)  # fmt: skip
LIKE_A_CASE = re.compile(r"\d{1,7}[/\-.]|[A-Z]{1,5}[/\-]?\d{2,}|\d{4,}")
CASE_FORM = re.compile(r"(?<![A-Za-z\d/-])(?:" + "|".join((
    r"IP-[A-Z]{2,5}-\d{3,5}-\d{2,4}", r"LP\s?/\s?[A-Z]\s?/\s?\d{1,6}(?:/[\w.]{1,20}){1,6}",
    r"(?:[A-Z]{2,8}[-/]){1,3}(?:INV|CRIM|NPS|CASE)[-/](?:\d{2,4}[-/])?\d{2,4}[-/A-Z]{0,3}\d{2,6}", r"[A-Z]{1,6}-\d{2}-INV-\d{2}[A-Z]?-\d{3,6}",
    r"[A-Z]{2,4}-\d{2}[A-Z]{0,4}-\d{1,5}[-/]\d{1,2}[-/]\d{4}", r"(?:[A-Z]\w{1,20} ?)?/IP/\d{2,6}/\d{2,4}",
    r"(?:HC/CC|MC/CC|HCF/S|DAC|MAC|PRS|PS)[ -]\d{1,6}/\d{4}",
    r"\d{1,6}/Pid\.?\s?(?:Sus|B|C|S)?[\w.\-]{0,16}/\d{4}(?:/PN[\w. ]{0,8})?",
)) + ")")  # fmt: skip
SLASHED = re.compile(r"(?<![\w/])[A-Z\d]{2,8}(?:[/-][A-Z\d]{1,8}){2,5}(?![\w/])")


def vessel(reading: Reading) -> Iterator[Hit]:
    for match in VESSEL.finditer(reading.plain):
        if reading.near("person", match.start(), match.end(), 90, 90) or reading.near("rescue", match.start(), match.end(), 60, 60):
            yield Hit(*match.span())
    for start, end in reading.meant.get("vessel", []):
        until = min(len(reading.plain), end + 50)
        crew = reading.near("person", start, end, 90, 90) or reading.near("title", start, end, 60, 60)
        name, number = VESSEL_NAME.match(reading.plain, end, until), VESSEL_NUMBER.match(reading.plain, end, until)
        if crew and name and not reading.found("notname", end, name.end()):
            yield Hit(start, name.end())
        elif crew and number and len(number[0].strip()) > 3:
            yield Hit(start, number.end())
        if registered := REGISTERED.search(reading.plain, end, min(len(reading.plain), end + 70)):
            yield Hit(start, registered.end())


def plate(reading: Reading) -> Iterator[Hit]:
    for match in PLATE_FIRST.finditer(reading.plain):
        if reading.found("plate", match.end() - 1, match.end() + 20) and reading.near("person", match.start(), match.end(), 90, 90):
            yield Hit(*match.span(1))
    for start, end in reading.meant.get("plate", []):
        found = PLATE.search(reading.plain, end, min(len(reading.plain), end + 40))
        if found is None or YEAR.fullmatch(found[0].strip()) or NEXT_SENTENCE.search(reading.plain, end, found.start()):
            continue
        like_one = re.search(r"\d{2}", found[0]) and re.search(r"[^\W\d]|\d[ .\-]\d", found[0])
        if like_one and not reading.found("money", end, found.start() + 1):
            yield Hit(start, found.end())


def case_number(reading: Reading) -> Iterator[Hit]:
    yield from (Hit(*match.span()) for match in CASE_FORM.finditer(reading.plain))
    for match in SLASHED.finditer(reading.plain):
        if reading.near("case", match.end(), match.end(), 0, 16):
            yield Hit(*match.span())
    for start, end in reading.meant.get("case", []):
        numbered = CASE_NUMBER.match(reading.plain, end, min(len(reading.plain), end + 70))
        if numbered is None or reading.plain[max(0, start - 1) : start] == "/":
            continue  # none, or a part of an address
        number = numbered[1].strip("./-()")
        counts = re.match(r"\s?(?:%|people|persons|cases)", reading.plain[numbered.end() : numbered.end() + 8])
        if LIKE_A_CASE.search(number) and not YEAR.fullmatch(number) and not counts:
            yield Hit(start, numbered.end())


RULES = (
    Rule("vessel", "vessel_or_plate", 2, vessel, "A vessel's name leads to its crew.", "Names and numbers of vessels, beside a person",
         "the deckhand left KM Demo Jaya 12", "inspect KM vessels of 12 GT"),
    Rule("plate", "vessel_or_plate", 2, plate, "A plate leads to owner and passengers.", "Number plates of the eleven states, behind the word",
         "the driver's van, plate WXY 1234", "plate numbers are recorded in form 12"),
    Rule("case", "case_number", 1, case_number, "A case number opens a file about a person.",
         "Numbers behind the word for a case or report; forms of courts and prosecutors", "police report TRV/012345/24", "in case 12 people come"),
)  # fmt: skip
