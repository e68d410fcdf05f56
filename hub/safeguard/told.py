"""One person by what is told: initials with a place and a day, or several details."""

import re
from collections.abc import Iterator

from hub.safeguard.ages import ages
from hub.safeguard.lexicon import FIRST_UNSPACED
from hub.safeguard.numbers import day_within
from hub.safeguard.reading import Reading
from hub.safeguard.rule import Hit, Rule

INITIALS = re.compile("|".join((
    r"(?<![\w.])[A-Z]\.\s?(?:[A-Z]\.\s?|[a-z]\.|d[eao]?\.?\s?){1,3}[A-Z]?(?!\w)",
    r"(?<!\w)[A-Z]{2,3}(?=\s?\()",
    r"(?<![\w.])[A-Z]\.[A-Z]\.?(?![\w.])",
    r"(?<![\w.])[ก-ຮ]\.\s?[ก-ຮ]\.(?![\w\u0e30-\u0e4e])",
    r"(?<![\u1000-\u109f.])[က-အ]\.\s?[က-အ](?:\.\s?[က-အ])?(?![\u1000-\u1049.])",
    r"(?<![\u1780-\u17ff.])[ក-អ]\.\s?[ក-អ](?:\.(?![ក-អ])|(?![\u1780-\u17ff.]))",
    r"(?:น\.ส\.|นาย|นางสาว|ด\.ญ\.|ด\.ช\.)\s?[ก-ฮ]\.",
    r"(?<![\u0b80-\u0bff])[\u0b80-\u0bff]{1,5}\.\s?[\u0b80-\u0bff]{1,5}\.",
)))  # fmt: skip
ABBREVIATIONS = frozenset((
    "P.U", "U.S", "U.N", "U.K", "B.E", "A.D", "C.E", "G.R", "N.B", "P.S", "P.M", "A.M", "R.A", "P.O", "H.E", "J.D", "M.A", "B.A", "T.V", "E.U", "D.C",
    "B.C", "U.S.A", "I.D", "D.O.B", "L.P", "S.O.P", "M.O.U", "N.G.O", "T.I.P", "F.I.R", "A.K.A", "I.C", "ค.ศ", "พ.ศ", "ม.ค", "ก.พ", "มี.ค", "เม.ย", "พ.ค",
    "มิ.ย", "ก.ค", "ส.ค", "ก.ย", "ต.ค", "พ.ย", "ธ.ค", "พ.ร.บ", "น.ส", "ด.ช", "ด.ญ", "พ.ต", "ร.ต", "ส.ต", "ร.ร", "จ.ว", "ต.ร", "ร.พ", "กก.",
))  # fmt: skip
PARTED = re.compile(r"\s?[,()\"”’'–၊:\-]")
IN_A_PLACE = re.compile(r"\b(?:in|at|from|near|di|dari|sa|từ|ở|tại|em|de|iha|husi|khẩu|ng)\s[A-ZĐ][a-z]")
FROM = re.compile(r"\b(?:from|hails from|dari|asal|taga|quê ở|quê|đến từ|husi|natural de|mai husi|originally from)\s(?=[A-Z])")
LONE_AGE = re.compile(r",\s(\d{2})(?=,)")
POSSESSIVE = re.compile(
    r"['’]s\s(?:only |eldest |youngest |younger |older |elder |own )?"
    r"(?:daughter|son|wife|sister|brother|niece|nephew|twin|child|stepdaughter|grandson|granddaughter)\b"
    r"|\bwhose\s(?:own |twin |elder |older |younger )?(?:father|mother|twin|brother|sister|uncle|aunt|husband|wife|son|daughter)\b"
)
MANY = re.compile(
    r"\b(?:children|girls|women|persons|victims|people|students|workers|para|mga|anak-anak|kanak-kanak|crianças|sira|schools|villages|hospitals|factories|employers)\b"
)
PROPER = r"([A-ZÀ-ỸĐ][\w'’\-]{2,}"
NAME_BEHIND = re.compile(rf"\s?(?:of|named|called|is|ng|de|di|in|at|iha|ở|tại|da|do|,|:|no\.?)?\s?[\"“']?{PROPER}|\d{{1,3}}\b)")
NAME_AHEAD = re.compile(rf"{PROPER})\s(?:\w+\s)?$")
RUN = re.compile(r"\s?[\u0b80-\u0bff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u4e00-\u9fff]{2,24}")
NAME_FIRST = re.compile(r"[\u0b80-\u0bff\u1000-\u109f\u4e00-\u9fff]")  # scripts in which the proper name stands before the word
COMMON = frozenset((
    "the", "a", "an", "in", "on", "at", "our", "we", "when", "she", "he", "they", "it", "this", "that", "and", "or", "but", "if", "for", "from", "with",
    "all", "some", "every", "each", "any", "no", "your", "their", "its", "new", "local", "public", "private", "former", "first", "second", "two", "three",
    "what", "who",
))  # fmt: skip
REACH = 110  # characters in which details belong to one person
MOST_NEAR = 12  # details looked at from each

Told = tuple[int, int, str]  # start, end, kind of detail


def initials(reading: Reading) -> Iterator[Hit]:
    for match in INITIALS.finditer(reading.plain):
        start, end = match.span()
        if re.sub(r"\s", "", match[0]).rstrip(".") in ABBREVIATIONS:
            continue
        first, last = max(0, start - 60), min(len(reading.plain), end + 90)
        when = day_within(reading, end, last) or day_within(reading, first, start) or next((age for age in ages(reading) if first <= age[0] <= last), None)
        told = reading.near("rescue", start, end, 60, 90) or reading.near("person", start, end, 40, 60)
        parted = bool(PARTED.match(reading.plain, end)) or ord(match[0][0]) > FIRST_UNSPACED
        place = bool(reading.found("village", first, last)) or bool(IN_A_PLACE.search(reading.plain[first:last]))
        if when and (told or ("." in match[0] and (place or parted))):
            yield Hit(min(start, when[0]), max(end, when[1]))


def indirect(reading: Reading) -> Iterator[Hit]:
    told = sorted(_details(reading))
    until = -1
    for at, (start, end, kind) in enumerate(told):
        if start < until:
            continue
        near = [other for other in told[at + 1 : at + MOST_NEAR] if other[0] - start <= REACH and "\n\n" not in reading.plain[start : other[0]]]
        second = next((other for other in near if other[2] != kind and other[:2] != (start, end)), None)
        if second and _of_one(reading, start, max(end, second[1]), {kind, second[2]}):
            until = max(end, second[1])
            yield Hit(start, until)


def _of_one(reading: Reading, start: int, end: int, kinds: set[str]) -> bool:
    if MANY.search(reading.low[max(0, start - 25) : end + 10]):
        return False
    return bool(kinds & {"age", "family"}) or reading.near("person", start, end, 50, 40) or bool(reading.found("person", start, end))


def _details(reading: Reading) -> Iterator[Told]:
    yield from ((start, end, "age") for start, end in ages(reading))
    for kind in ("village", "school", "hospital", "employer"):
        for start, end in reading.meant.get(kind, []):
            if last := _named_beside(reading, start, end):
                yield start, last, kind
    for match in FROM.finditer(reading.plain):
        for _first, last, _strong in reading.names_from(match.end() - 1, match.end() + 2):
            yield match.start(), last, "village"
    for start, end in reading.meant.get("rescue", []):
        day = day_within(reading, end, min(len(reading.plain), end + 40))
        if day and not re.search(r"[.!?]\s", reading.plain[end : day[0]]):
            yield start, day[1], "rescue"
    yield from ((start, end, "family") for start, end in reading.meant.get("family", []))
    yield from ((match.start(), match.end(), "family") for match in POSSESSIVE.finditer(reading.low))
    for match in LONE_AGE.finditer(reading.plain):
        if reading.near("person", match.start(), match.end(), 34) or reading.near("family", match.start(), match.end(), 34):
            yield match.start(1), match.end(1), "age"


def _named_beside(reading: Reading, start: int, end: int) -> int | None:
    """Where the proper name of a village, school or house ends that stands before or behind its word."""
    if ord(reading.plain[start]) >= FIRST_UNSPACED:
        run = RUN.match(reading.plain, end, min(len(reading.plain), end + 26))
        return run.end() if run else end if NAME_FIRST.match(reading.plain, start) else None
    behind = NAME_BEHIND.match(reading.plain, end, min(len(reading.plain), end + 34))
    if behind and behind[1].lower() not in COMMON:
        return behind.end(1)
    ahead = NAME_AHEAD.search(reading.plain[max(0, start - 30) : start])
    return end if ahead and ahead[1].lower() not in COMMON else None


RULES = (
    Rule("initials", "initials", 1, initials, "Initials with a place and a day are one person to who was there.",
         "The hub's rule on direct identifiers: initials and anything", "S.A. from Batam, rescued on 12 May", "the U.N. day on 12 May"),
    Rule("indirect", "indirect", 1, indirect, "Two details about one person are enough for who knows the place.", "The hub's rule on indirect identifiers",
         "a 15-year-old from Kampung Demo", "children under 15 from Malaysia"),
)  # fmt: skip
