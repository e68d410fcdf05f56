"""Ages of single persons: not limits, ranges, groups, sentences or terms of years."""

import re

from hub.safeguard.lexicon import Span
from hub.safeguard.reading import Reading

NUMERALS = "|".join((
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    "twenty(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?",
    "sepuluh", "sebelas", "(?:dua|tiga|empat|lima|enam|tujuh|delapan|lapan|sembilan) ?belas",
    "doze", "treze", "catorze", "quatorze", "quinze", "de[zs]+[ae]sseis", "de[zs]+[ae]ssete", "dezoito", "dezanove",
    "dose", "trese", "katorse", "kinse", "disi?sais", "disi?siyete", "disi?siete", "disisyete", "disi?otso", "disi?nuwebe", "bente",
    "mười (?:hai|ba|bốn|lăm|sáu|bảy|tám|chín)", "labing[- ]?(?:dalawa|tatlo|apat|lima|anim|pito|walo|siyam)(?:ng)?",
))  # fmt: skip
YEARS = "|".join((  # behind the number
    r"years?[\s\-]{0,2}(?:old|of age)", r"yrs?[\s\-.]{0,2}old", r"y/?o\b", r"yo\b", r"yrs?\b(?![\w ]{0,12}(?:ago|of))",
    "tahun", r"thn\b", r"(?<=\s)th\b", "anyos",
    "taong? gulang", "tuổi", r"t\b(?=[,.)]| -)", "[岁歲]", "ปี", "ขวบ", "ປີ", "ឆ្នាំ", "နှစ်", "வயது", "வயதான", "anos", "tinan",
))  # fmt: skip
AGED = "|".join((  # before the number
    "aged?", "age:", "turned", "tem", r"umur(?:nya)?", r"usia(?:nya)?", "berusia", "berumur", "edad(?: na| niya)?", "อายุ", "วัย", "tuổi", "ອາຍຸ", "អាយុ", "အသက်",
    "年龄", "年纪", "年仅", "வயது", "(?:ho |de )?(?:idade )?tinan", "(?:de )?idade",
))  # fmt: skip
ABOUT = "is|was|ay|កំពុង|ប្រហែល|ประมาณ|about|only|just|baru|masih"
NOT_A_PART = r"(?<!\d[.,/])(?<![\d/$\-至到~])"
AGE = re.compile(
    r"(?P<han>[一二三四五六七八九十]{1,3})[岁歲]"
    rf"|{NOT_A_PART}(?:(?P<before>\d{{1,2}})[\s\-]{{0,2}}(?:{YEARS})|(?<![a-zà-ỹ])(?:{AGED})\s{{0,2}}[:(]?\s{{0,2}}(?:{ABOUT})?\s?(?P<behind>\d{{1,2}})(?!\d|[.,/%]\d))",
    re.I,
)
AGE_IN_WORDS = re.compile(rf"(?<!\w)(?:{NUMERALS})[\s\-](?:years?[\s\-]old|tahun|anos|tuổi|taong gulang|anyos)", re.I)
AGE_SAID = re.compile(
    r"\b(?:is|was|turned)\s(?:only|just)\s\d{1,2}(?=[,.;)])"
    rf"|\b(?:is|was|aged|turned|only)\s(?:{NUMERALS})\b(?!\s(?:percent|of|cases|years? (?:ago|after)))"
)
HINT = re.compile(r"\d|old|tahun|anos|tuổi|gulang|anyos|teen|twenty|[岁歲]")
SINGULAR = re.compile(r"(?:\b(?:a|an|one|the|this|that|turned|seorang|isang|một|uma|um|ida|satu)|'s)\s$")
RANGE = re.compile(
    r"^\s?(?:-|–|to|or|and|dan|hingga|sampai|đến|ถึง|至|到|a|e|até|hanggang|ຫາ|ដល់|ឡើង)\s?\d{1,2}|^\s?\+|^-?olds|^s\b"
    r"|^\s?(?:ke atas|ke bawah|pataas|pababa|ขึ้นไป|trở lên|以上|以下|ທີ່ຂຶ້ນໄປ)"
)


def ages(reading: Reading) -> list[Span]:
    """Where the ages of single persons stand."""
    if "ages" not in reading.kept:
        reading.kept["ages"] = [span for span in any_ages(reading) if _of_one(reading, *span)]
    found: list[Span] = reading.kept["ages"]
    return found


def any_ages(reading: Reading) -> list[Span]:
    """Where ages stand that are no range, of persons or of groups."""
    if "any ages" not in reading.kept:
        matches = [match for pattern in (AGE, AGE_IN_WORDS, AGE_SAID) for match in pattern.finditer(reading.low)] if HINT.search(reading.low) else []
        reading.kept["any ages"] = sorted(match.span() for match in matches if not RANGE.search(reading.low[match.end() : match.end() + 14]))
    found: list[Span] = reading.kept["any ages"]
    return found


def _of_one(reading: Reading, start: int, end: int) -> bool:
    if SINGULAR.search(reading.low[max(0, start - 14) : start]):
        return not reading.near("threshold", end, end, 0, 10)
    return not reading.near("threshold", start, end, 16, 16)
