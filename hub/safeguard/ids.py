"""Numbers and lines that a state gives to one person, and dates of birth."""

import re
from collections.abc import Iterator

from stdnum.my import nric as my_nric
from stdnum.th import pin as th_pin

from hub.safeguard.lexicon import LATIN
from hub.safeguard.numbers import NUMERIC_DATE, Digits, date_within, digits_of, is_day, month_within, numbers
from hub.safeguard.reading import Reading
from hub.safeguard.rule import Hit, Rule

FIN = re.compile(r"(?=([stfgm])[\s.\-_]{0,3}((?:\d[\s.\-_]{0,2}){7})[\s.\-_]?([a-z]))")
FIN_WEIGHTS = (2, 7, 6, 5, 4, 3, 2)
FIN_LETTERS = {"s": "jzihgfedcba", "t": "jzihgfedcba", "f": "xwutrqpnmlk", "g": "xwutrqpnmlk", "m": "xwutrqpnjlk"}
PRINTED_THAI = re.compile(r"(?=\d\D{1,3}\d{4}\D)\d\D{1,3}\d{4}\D{1,3}\d{5}\D{1,3}\d{2}\D{1,3}\d")  # whatever stands between its groups
MYANMAR = re.compile(
    r"(?<!\d)\d{1,2}\s{0,2}/\s{0,2}(?:[a-z]{2,18}|[\u1000-\u109f]{3,24})\s{0,2}[(\[]\s?(?:[a-z]{1,6}|[\u1000-\u109f]{1,8})\s?[)\]]\s{0,2}\d{3}[ \-]?\d{3}(?!\d)"
)
CODE = re.compile(
    rf"(?<![{LATIN}])(?:[A-Z]{{1,4}}[ \-./]?|[a-z]{{1,2}})?\d(?:[ \-./]{{0,2}}\d|[ \-./]?[A-Z](?![a-z])|[a-z](?=\d)){{4,22}}(?![{LATIN}])"
)
PASSPORT_LIKE = re.compile(rf"(?<![{LATIN}])[A-Z]{{1,2}} ?\d{{6,8}}[A-Z]?(?![{LATIN}])")
MRZ = re.compile(r"(?:P|V|[IAC])[A-Z<][A-Z]{3}[A-Z0-9<]{20,40}|[A-Z0-9<]{9}\d[A-Z<]{3}\d{6}\d[MFX<]\d{6}[A-Z0-9<]{1,20}", re.I)
GROUPINGS = {
    "MY": {(12,), (6, 2, 4), (6, 6), (8, 4), (2, 2, 2, 2, 4)},
    "VN": {(12,), (3, 3, 3, 3), (4, 4, 4), (3, 1, 2, 6), (6, 6), (3, 9), (3, 3, 6), (1, 11), (3, 4, 5)},
}
BRUNEI = re.compile(r"(?<![\d\-/])(?:0[01]|3[01]|5[01])-\d{6}(?![\d\-/])")
NEAR = 45  # characters between a keyword and its number


def thai(reading: Reading) -> Iterator[Hit]:
    for match in PRINTED_THAI.finditer(reading.plain):
        digits = digits_of(match[0])
        if th_pin.calc_check_digit(digits[:12]) == digits[12] and reading.alone(*match.span()):
            yield Hit(*match.span())
    for number in numbers(reading, 13):
        if number.text.startswith(("978", "979")) and reading.near("money", number.start, number.end, 10):
            continue  # an ISBN
        if th_pin.calc_check_digit(number.text[:12]) == number.text[12] and not _amount(reading, number):
            yield Hit(number.start, number.end)
        elif number.groups == (1, 4, 5, 2, 1):
            yield Hit(number.start, number.end, 3 if _keyed(reading, number) else 2)


def singapore(reading: Reading) -> Iterator[Hit]:
    for match in FIN.finditer(reading.low):
        start, end = match.start(1), match.end(3)
        if not reading.alone(start, end):
            continue
        if match[3] == fin_letter(match[1], digits_of(match[2])):
            yield Hit(start, end)
        elif reading.near("id", start, end, 30, 12):
            yield Hit(start, end, 3)


def fin_letter(first: str, digits: str) -> str:
    """The check letter of an NRIC or FIN: ``first`` is s, t, f, g or m; seven digits."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, FIN_WEIGHTS, strict=True))
    total += {"t": 4, "g": 4, "m": 3}.get(first, 0)
    return FIN_LETTERS[first][total % 11]


def malaysian(reading: Reading) -> Iterator[Hit]:
    for number in numbers(reading, 12):
        if number.groups in GROUPINGS["MY"] and is_day(number.text[:2], number.text[2:4], number.text[4:6]):
            keyed = number.groups == (6, 2, 4) or _keyed(reading, number) or reading.near("person", number.start, number.end, 60, 40)
            if number.groups == (6, 2, 4) or (_birthplace(number.text) and not _amount(reading, number)):
                yield Hit(number.start, number.end, 3 if keyed else 2)


def _birthplace(digits: str) -> bool:
    try:
        return bool(my_nric.get_birth_place(digits))
    except my_nric.ValidationError:
        return False


def indonesian(reading: Reading) -> Iterator[Hit]:
    for number in numbers(reading, 16):
        digits = number.text
        day = int(digits[6:8])
        valid = 11 <= int(digits[:2]) <= 97 and is_day(digits[10:12], digits[8:10], f"{day - 40 if day > 40 else day:02d}")
        if valid and len(number.groups) <= 7 and not _amount(reading, number):
            yield Hit(number.start, number.end)
        elif number.groups == (4, 4, 4, 4) and set(digits) != {"0"}:
            yield Hit(number.start, number.end, 3 if _keyed(reading, number) else 2)


def vietnamese(reading: Reading) -> Iterator[Hit]:
    for number in numbers(reading, 12):
        digits = number.text
        if number.groups in GROUPINGS["VN"] and 1 <= int(digits[:3]) <= 96 and digits[3] in "0123" and not _amount(reading, number):
            yield Hit(number.start, number.end)


def bare(reading: Reading) -> Iterator[Hit]:
    """Twelve, thirteen or sixteen digits in one piece that count nothing."""
    for length in (12, 13, 16):
        for number in numbers(reading, length):
            counts = number.text.endswith("000") or reading.near("money", number.start, number.end, 40, 20)
            in_an_address = reading.plain[max(0, number.start - 1) : number.start] in ("=", "/", "#", "-")
            if len(number.groups) == 1 and len(set(number.text)) > 2 and not counts and not in_an_address:
                yield Hit(number.start, number.end)


def myanmar(reading: Reading) -> Iterator[Hit]:
    yield from (Hit(*match.span()) for match in MYANMAR.finditer(reading.low))


def brunei(reading: Reading) -> Iterator[Hit]:
    for match in BRUNEI.finditer(reading.plain):
        keyed = reading.near("id", match.start(), match.end(), NEAR, 12)
        if keyed or reading.near("person", match.start(), match.end(), 40, 30):
            yield Hit(*match.span(), 3 if keyed else 2)


def _keyed(reading: Reading, number: Digits) -> bool:
    return reading.near("id", number.start, number.end, NEAR, 15)


def _amount(reading: Reading, number: Digits) -> bool:
    """Round, or parted into thousands, beside a word for money or for what is counted."""
    thousands = len(number.groups) > 3 and number.text[0] != "0" and all(group == 3 for group in number.groups[1:])
    round_or_parted = number.text.endswith("000") or thousands
    return round_or_parted and not _keyed(reading, number) and reading.near("money", number.start, number.end, 14, 10)


def id_by_keyword(reading: Reading) -> Iterator[Hit]:
    yield from _codes(reading, "id", fewest=6)


def passport(reading: Reading) -> Iterator[Hit]:
    yield from _codes(reading, "passport", fewest=5)
    for match in PASSPORT_LIKE.finditer(reading.plain):
        if reading.near("passport", match.start(), match.end(), 0, 25):
            yield Hit(*match.span())
        elif reading.near("person", match.start(), match.end(), 40, 20) and not reading.near("official", match.start(), match.end(), 30):
            yield Hit(*match.span(), 2)


def _codes(reading: Reading, meaning: str, fewest: int) -> Iterator[Hit]:
    """Numbers, with letters or without, that stand close behind a keyword."""
    for word_start, word_end in reading.meant.get(meaning, []):
        if reading.low[word_start:word_end] == "id" and reading.plain[max(0, word_start - 1) : word_start] in ("?", "&", "/", "="):
            continue  # the number of a page
        for match in CODE.finditer(reading.plain, word_end, min(len(reading.plain), word_end + NEAR + 28)):
            start, end = match.span()
            gap = reading.plain[word_end:start]
            parted = re.search(r"[.!?]\s+(?!It|Its|No|It's)[A-Z]|\n\n", gap)
            if start - word_end > NEAR or (parted and len(gap.strip()) > 3):
                break
            if len(digits_of(match[0])) >= fewest and not _other_number(reading, start, end):
                yield Hit(start, end)
                break


def _other_number(reading: Reading, start: int, end: int) -> bool:
    """Dates, amounts, telephone numbers and numbers of laws."""
    text = reading.plain[start:end]
    if NUMERIC_DATE.fullmatch(text) or re.match(r",\d{3}", reading.plain[end : end + 4]):
        return True
    if reading.plain[max(0, start - 2) : start].strip() == "+" or re.fullmatch(r"(?:1[89]|2[05])\d\d([ /\-]?\d\d(?:\d\d)?)?", text):
        return True
    if len(set(digits_of(text))) == 1:
        return True
    return bool(reading.found("money", start - 8, start) or reading.found("money", end, end + 10) or reading.found("phone", start - 12, start))


def machine_readable(reading: Reading) -> Iterator[Hit]:
    for match in MRZ.finditer(reading.plain):
        if ("<" in match[0] and reading.alone(*match.span())) or match[0].count("<") > 3:
            yield Hit(*match.span())


def birth(reading: Reading) -> Iterator[Hit]:
    for start, end in reading.meant.get("birth", []):
        until = min(len(reading.plain), end + 46)
        found = date_within(reading, end, until) or month_within(reading, end, until) or date_within(reading, max(0, start - 40), start)
        if found is None or "\n\n" in reading.plain[end : found[0]]:
            continue
        first, last = min(start, found[0]), max(end, found[1])
        if not (reading.near("thing", first, last, 45) or reading.found("threshold", end, found[0])):
            yield Hit(first, last)


ISO = "domain.md"
RULES = (
    Rule("id-th", "national_id", 3, thai, "A Thai personal number names one person.", "python-stdnum th.pin: check digit of the Interior Ministry's 13 digits",
         "เลข 1-6305-01234-56-2", "งบ 1,630,501,234,562 บาท"),
    Rule("id-sg", "national_id", 3, singapore, "An NRIC or FIN names one person.", "Check letter of Singapore's NRIC and FIN, series S, T, F, G and M",
         "FIN G1234567X", "Form S12345"),
    Rule("id-my", "national_id", 3, malaysian, "A MyKad number holds a date and a place of birth.", "python-stdnum my.nric: yymmdd, place, serial",
         "IC 090412-14-5566", "RM 120 500 000 000"),
    Rule("id-id", "national_id", 3, indonesian, "A NIK holds a district and a date of birth; women's days are 40 more.", "python-stdnum id.nik",
         "NIK 3201014504090001", "Rp 3.201.014.504.090.001"),
    Rule("id-vn", "national_id", 3, vietnamese, "A citizen's number holds a province and a year of birth.",
         "Structure of the twelve digits: province 001 to 096, century, year, serial", "CCCD 001309012345", "ngân sách 125000000000 đồng"),
    Rule("id-bare", "national_id", 2, bare, "So many digits in one piece are most often the number of a person.",
         "Lengths of the identity numbers of six states", "her notebook says 518840273916", "invoice 518840273916"),
    Rule("id-mm", "national_id", 3, myanmar, "The form of Myanmar's registration card is its own.", "State/township(kind)number, in Latin or Burmese letters",
         "12/KaMaNa(N)123456", "12/2024 (N) 123"),
    Rule("id-bn", "national_id", 2, brunei, "An identity card of Brunei Darussalam: with its keyword 3.", "Two digits of colour, six of number",
         "her IC 01-123456", "Form 01-123456 of the ministry"),
    Rule("id-keyword", "national_id", 3, id_by_keyword, "A number behind the name of an identity document.",
         "Formats of Cambodia, Lao PDR, the Philippines, Timor-Leste and others, behind a keyword", "PhilSys 1234 5678 9012", "PhilSys, item 12 of 2024"),
    Rule("passport", "passport", 3, passport, "A passport number names one person.", "ICAO Doc 9303: up to nine letters and digits",
         "passport A1234567", "never write a passport number"),
    Rule("mrz", "mrz", 3, machine_readable, "The lines at the foot of a passport hold name, number and date of birth.", "ICAO Doc 9303",
         "P<KHMDEMO<<PERSON<<<<<<<<<<<<<<<<<<<<<<<<<<<", "P < 0.05"),
    Rule("birth", "date_of_birth", 3, birth, "A date of birth with anything else names one person.", "domain rule of the hub: direct identifiers",
         "born 12 March 2009", "the network was born on 12 March 2019"),
)  # fmt: skip
