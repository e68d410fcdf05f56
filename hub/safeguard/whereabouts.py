"""Points on the map, and where a shelter stands."""

import re
from collections.abc import Iterator

from hub.safeguard.lexicon import FIRST_UNSPACED, Span
from hub.safeguard.reading import Reading
from hub.safeguard.rule import Hit, Rule

LONGITUDE = "lon|long|lng|longitude|e|bujur|kinh độ|东经|東經|经度|ลองจิจูด|ลอง|លង់ស៊ីទុយ|và|dan|and"
DECIMAL = re.compile(
    r"(?<![\d.])([-+]?\d{1,3})[.,](\d{3,10})\s?°?\s?[NSULTB]?\s{0,2}[,;/၊、 ]\s{0,2}"
    rf"(?:(?:{LONGITUDE})\w{{0,8}}[:=. ]{{0,3}}[NSEW]?[:. ]{{0,2}})?([-+]?\d{{1,3}})[.,](\d{{3,10}})(?![\d.])", re.I
)  # fmt: skip
POSITION = re.compile(r"lat|gps|coord|koordinat|พิกัด|tọa độ|坐标", re.I)
MINUTES = re.compile(
    r"(?<!\d)\d{1,3}\s?°\s?\d{1,2}(?:[.,]\d{1,6})?\s?(?:['′’]|min)?(?:\s?\d{1,2}(?:[.,]\d{1,4})?\s?(?:\"|″|''|”|sec)?)?\s?[NSEWBTLUO]?"
)
MAP = re.compile("|".join((
    r"(?:https?://)?(?:www\.)?(?:"
    r"maps\.app\.goo\.gl/\w{3,40}|goo\.gl/maps/\w{3,40}|(?:maps\.)?google\.[a-z.]{2,8}/maps[^\s)]{3,200}|maps\.google\.[a-z.]{2,8}/[^\s)]{2,200}"
    r"|waze\.com/ul[^\s)]{2,100}|openstreetmap\.org/[^\s)]{3,120}|osm\.org/go/\w{3,30}|maps\.apple\.com/[^\s)]{2,120}|what3words\.com/[a-z.]{5,60}"
    r"|w3w\.co/[a-z.]{5,60}|plus\.codes/[\w+]{5,20}|bing\.com/maps[^\s)]{2,120})",
    r"geo:-?\d{1,3}\.\d{2,10},-?\d{1,3}\.\d{2,10}", r"///[a-z]{3,20}\.[a-z]{3,20}\.[a-z]{3,20}",
)), re.I)  # fmt: skip
PLUS_CODE = re.compile(r"(?<![\w+])[23456789CFGHJMPQRVWX]{4,8}\+[23456789CFGHJMPQRVWX]{2,3}(?![\w+])")
UTM = re.compile(
    r"\b(?:UTM|MGRS)\b.{0,12}?\d{2}\s?[A-Z]{1,3}\s?\d{3,8}\s?[A-Z]?\s?\d{3,8}|\b4[6-9]\s?[NPQ]\s?(?:[A-Z]{2}\s?)?\d{4,7}\s?[mE]{0,2}\s?\d{4,8}", re.I
)
SENTENCE = re.compile(r"[!?](?=\s+[A-Z])|。|\n\n|(?<!\b[Nn]o)(?<!\b[Ss]t)(?<!\b[Jj]l)(?<!\b[Bb]rgy)(?<![ก-ฮ])\.\s(?=[A-Z])")
COUNTED = re.compile(r"\d+\s?(?:%|beds?|persons|people|women|children|nights|days|months|calls|staff|hours|place)")
CALLED = re.compile(r"\.?\s?[A-Z][a-zà-ỹ]{2,}")
BEHIND_ITS_NAME = frozenset(("street", "road", "lane", "avenue", "drive", "highway", "alley"))
NEED_A_NUMBER = frozenset(("no", "unit", "lot", "gate", "km", "building", "room", "floor", "phase", "haven"))
REACH = 110  # characters from the word for a shelter to its address


def coordinates(reading: Reading) -> Iterator[Hit]:
    for match in DECIMAL.finditer(reading.plain):
        start, end = match.span()
        fewest = min(len(match[2]), len(match[4]))
        commas = [reading.plain[match.end(1)] == ",", reading.plain[match.end(3)] == ","]
        if commas[0] and (commas[1] or fewest < 4) and "," in reading.plain[match.end(2) : match.start(3)] + "," * (fewest < 4):
            continue  # amounts, their thousands parted by commas
        precise = fewest >= 4 or reading.near("beside", start, end, 40) or POSITION.search(reading.plain[max(0, start - 40) : start])
        if precise and abs(int(match[1])) <= 90 and abs(int(match[3])) <= 180:
            yield Hit(start, end)
    for match in MINUTES.finditer(reading.plain):
        if re.search(r"['′’\"″NSEW]", match[0]):
            yield Hit(*match.span())


def map_pin(reading: Reading) -> Iterator[Hit]:
    for pattern in (MAP, PLUS_CODE, UTM):
        yield from (Hit(*match.span()) for match in pattern.finditer(reading.plain))


def shelter_address(reading: Reading) -> Iterator[Hit]:
    for start, end in reading.meant.get("shelter", []):
        left, right = _sentence(reading, start, end)
        if span := _address(reading, end, right) or _address(reading, left, start):
            yield Hit(min(start, span[0]), max(end, span[1]))


def _sentence(reading: Reading, start: int, end: int) -> Span:
    """The part of a sentence around a place."""
    first, last = max(0, start - REACH), min(len(reading.plain), end + REACH)
    left = max((match.end() for match in SENTENCE.finditer(reading.plain, first, start)), default=first)
    stop = SENTENCE.search(reading.plain, end, last)
    return left, stop.start() if stop else last


def _address(reading: Reading, start: int, end: int) -> Span | None:
    """A street or house with its name or number, or what the place stands beside."""
    for first, last in reading.found("street", start, end):
        if span := _numbered(reading, first, last, start, end) or _called(reading, first, last):
            return span
    for first, last in reading.found("beside", start, end):
        behind = reading.plain[last : min(end, last + 46)]
        if re.search(r"\d|[A-Z][a-zà-ỹ]{2,}", behind) or (ord(reading.plain[first]) > FIRST_UNSPACED and len(behind.strip()) > 3):
            return first, min(end, last + 20)
    return None


def _numbered(reading: Reading, first: int, last: int, start: int, end: int) -> Span | None:
    number = re.compile(r"\d").search(reading.plain, max(start, first - 8), min(end, last + 14))
    if number is None or COUNTED.match(reading.plain, number.start()):
        return None
    return min(first, number.start()), max(last, number.end())


def _called(reading: Reading, first: int, last: int) -> Span | None:
    word = reading.low[first:last]
    if CALLED.match(reading.plain, last) and word not in NEED_A_NUMBER:
        return first, min(len(reading.plain), last + 4)
    name = re.search(r"[A-Z][\w'’]+\s$", reading.plain[max(0, first - 20) : first])
    return (first - len(name[0]), last) if name and word in BEHIND_ITS_NAME else None


RULES = (
    Rule("coordinates", "coordinates", 3, coordinates, "A point on the map is a door.", "Decimal degrees; degrees and minutes",
         "she waits at 13.75633, 100.50177", "growth of 13.7563, then 10.5"),
    Rule("map-pin", "coordinates", 3, map_pin, "A map pin is a door.", "Addresses of map services; Open Location Code; UTM; what3words",
         "https://maps.app.goo.gl/DemoDemo12345", "the map of the region"),
    Rule("shelter", "shelter_address", 3, shelter_address, "Who knows the address of a shelter can wait before it.", "UNODC Model Law, article 25",
         "the shelter at 45 Rambutan Road", "the shelter has 45 beds"),
)  # fmt: skip
