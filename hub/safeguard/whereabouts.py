"""Places where somebody can be found, and what leads there: coordinates, shelters, vessels, plates, cases."""

import re
from collections.abc import Iterator

from hub.safeguard.reading import Reading
from hub.safeguard.rule import Hit, Rule

DECIMAL = re.compile(
    r"(?<![\d.])([-+]?\d{1,3})[.,](\d{3,10})\s?°?\s?[NSULTBns]?\s{0,2}[,;/၊、 ]\s{0,2}(?:(?:lon|long|lng|longitude|e|bujur|kinh độ|东经|東經|经度|ลองจิจูด|ลอง|លង់ស៊ីទុយ|và|dan|and)\w{0,8}[:=. ]{0,3}[NSEW]?[:. ]{0,2})?([-+]?\d{1,3})[.,](\d{3,10})(?![\d.])", re.I
)
MINUTES = re.compile(r"(?<!\d)\d{1,3}\s?°\s?\d{1,2}(?:[.,]\d{1,6})?\s?(?:['′’]|min)?(?:\s?\d{1,2}(?:[.,]\d{1,4})?\s?(?:\"|″|''|”|sec)?)?\s?[NSEWBTLUO]?")
MAP = re.compile(
    r"(?:https?://)?(?:www\.)?(?:maps\.app\.goo\.gl/\w{3,40}|goo\.gl/maps/\w{3,40}|(?:maps\.)?google\.[a-z.]{2,8}/maps[^\s)]{3,200}|maps\.google\.[a-z.]{2,8}/[^\s)]{2,200}"
    r"|waze\.com/ul[^\s)]{2,100}|(?:www\.)?openstreetmap\.org/[^\s)]{3,120}|osm\.org/go/\w{3,30}|maps\.apple\.com/[^\s)]{2,120}|what3words\.com/[a-z.]{5,60}|w3w\.co/[a-z.]{5,60}|plus\.codes/[\w+]{5,20}|bing\.com/maps[^\s)]{2,120})"
    r"|geo:-?\d{1,3}\.\d{2,10},-?\d{1,3}\.\d{2,10}|///[a-z]{3,20}\.[a-z]{3,20}\.[a-z]{3,20}", re.I)  # fmt: skip
PLUS_CODE = re.compile(r"(?<![\w+])[23456789CFGHJMPQRVWX]{4,8}\+[23456789CFGHJMPQRVWX]{2,3}(?![\w+])")
UTM = re.compile(r"(?i)\b(?:UTM|MGRS)\b.{0,12}?\d{2}\s?[A-Z]{1,3}\s?\d{3,8}\s?[A-Z]?\s?\d{3,8}|\b4[6-9]\s?[NPQ]\s?(?:[A-Z]{2}\s?)?\d{4,7}\s?[mEe]{0,2}\s?\d{4,8}")
PLATE = re.compile(
    r"(?<![0-9A-Za-z\u00c0-\u024f\u1e00-\u1eff])(?:[A-Z]{1,3}[ \-]?\d{1,4}[ \-]?[A-Z]{0,3}|\d?[ก-ฮ]{1,3}[ \-]?\d{1,4}|\d{2}-?[A-Z]{1,2}\d?[ \-]{1,3}\d{3}[.]?\d{1,2}|\d[A-Z]{1,2}[ \-/]?\d{4}|[ກ-ຮ]{2}[ \-]?\d{4}|\d{2}[ \-]\d{2,3}[A-Z]?[ \-]?\d{0,3}(?=\s?(?:TLS|G))?|\d{2}[ \-]\d{3}|\d{3}[ \-]?[A-Z]{3}|[粤桂云滇沪京][A-Z][ ·]?[A-Z0-9]{5})(?![0-9A-Za-z\u00c0-\u024f\u1e00-\u1eff])"
)
REGISTERED = re.compile(r"(?:reg\w*|daftar|pendaftaran|ทะเบียน|matrícula|số hiệu)[.:\s#no]{0,6}(?=[\w ]{0,6}\d)[A-Z]{0,4}\s?\d{2,9}[/\-\w]{0,10}", re.I)
VESSEL_NAME = re.compile(r"(?:F/?V|M/?V|F/?B|KMN?|MB|KLM|M/?B|MT)\.?\s+[\"“']?(?:[A-Z][\w'’\-]+\s?){1,4}\d{0,4}")
CASE_NUMBER = re.compile(r"\s{0,2}(?:(?:no|nos|number|nr|nomor|nombor|num|bil|blg|ref|id|số|nú|n|is)\b|ที่|เลขที่|លេខ|ເລກທີ|အမှတ်|号|எண்|n\.?o\.?(?=\s)|n[º°]|[º°#:.：,(\-–])?[\s.:：#º°(]{0,4}(?:[A-Z][\w]{1,14}[ /]){0,3}((?:[A-Z]{1,6}|[^\W\d_]{1,6})?[./\-]{0,2}[\w./\-()]{0,24}\d[\w./\-()]{0,24})", re.I)
CASE_FORM = re.compile(
    r"(?<![A-Za-z\d/-])(?:IP-[A-Z]{2,5}-\d{3,5}-\d{2,4}|LP\s?/\s?[A-Z]\s?/\s?\d{1,6}(?:/[\w.]{1,20}){1,6}|(?:[A-Z]{2,8}[-/]){1,3}(?:INV|CRIM|NPS|CASE)[-/](?:\d{2,4}[-/])?\d{2,4}[-/A-Z]{0,3}\d{2,6}"
    r"|[A-Z]{1,6}-\d{2}-INV-\d{2}[A-Z]?-\d{3,6}|[A-Z]{2,4}-\d{2}[A-Z]{0,4}-\d{1,5}[-/]\d{1,2}[-/]\d{4}"
    r"|(?:[A-Z]\w+ ?)?/IP/\d{2,6}/\d{2,4}|(?:HC/CC|MC/CC|HCF/S|DAC|MAC|PRS|PS)[ -]\d{1,6}/\d{4}"
    r"|\d{1,6}/Pid\.?\s?(?:Sus|B|C|S)?[\w.\-]{0,16}/\d{4}(?:/PN[\w. ]{0,8})?)"
)
SLASHED = re.compile(r"(?<![\w/])[A-Z\d]{2,8}(?:[/-][A-Z\d]{1,8}){2,5}(?![\w/])")


def coordinates(reading: Reading) -> Iterator[Hit]:
    for match in DECIMAL.finditer(reading.plain):
        first, second = abs(int(match[1])), abs(int(match[3]))
        decimals = (len(match[2]), len(match[4]))
        if "," in reading.plain[match.end(1) : match.start(2)] and ("," in reading.plain[match.end(2) : match.start(3)] or min(decimals) < 4):
            continue  # amounts, their thousands parted by commas
        plain = min(decimals) >= 4 or reading.near("beside", match.start(), match.end(), 40) or re.search(r"(?i)lat|gps|coord|koordinat|พิกัด|tọa độ|坐标", reading.plain[max(0, match.start() - 40) : match.start()])
        if plain and first <= 90 and second <= 180:
            yield Hit(*match.span())
    for match in MINUTES.finditer(reading.plain):
        if re.search(r"['′’\"″NSEW]", match[0]) and re.search(r"°\s?\d", match[0]):
            yield Hit(match.start(), match.end())


def map_pin(reading: Reading) -> Iterator[Hit]:
    for pattern in (MAP, PLUS_CODE, UTM):
        yield from (Hit(*match.span()) for match in pattern.finditer(reading.plain))


def shelter_address(reading: Reading) -> Iterator[Hit]:
    for start, end in reading.meant.get("shelter", []):
        if reading.near("not_ours", start, end, 0, 0):
            continue
        left, right = _sentence(reading, start, end, 110)
        span = _address(reading, end, right) or _address(reading, left, start)
        if span:
            yield Hit(min(start, span[0]), max(end, span[1]))


def _sentence(reading: Reading, start: int, end: int, reach: int) -> tuple[int, int]:
    """The part of a sentence around a place, at most ``reach`` characters each way."""
    before = reading.plain[max(0, start - reach) : start]
    after = reading.plain[end : end + reach]
    cut = max((m.end() for m in re.finditer(r"[!?](?=\s+[A-Z])|。|\n\n|(?<!\bno)(?<!\bst)(?<!\bjl)(?<!\b[ก-ฮ])\.\s(?=[A-Z])", before, re.I)), default=0)
    stop = re.search(r"[!?](?=\s+[A-Z])|。|\n\n|(?<!\bNo)(?<!\bSt)(?<!\bJl)(?<!\bBrgy)(?<![ก-ฮ])\.\s(?=[A-Z])", after)
    return start - len(before) + cut, end + (stop.start() if stop else len(after))


def _address(reading: Reading, start: int, end: int) -> tuple[int, int] | None:
    """A street, house or landmark with a name or number beside it."""
    if end - start < 4:
        return None
    for first, last in reading.found("street", start, end):
        if number := re.search(r"\d", reading.plain[max(start, first - 8) : min(end, last + 14)]):
            place = max(start, first - 8) + number.start()
            if not re.match(r"\d+\s?(?:%|beds?|persons|people|women|children|nights|days|months|calls|staff|hours|place)", reading.plain[place : place + 24]):
                return min(first, place), max(last, place + 1)
        if re.match(r"\.?\s?[A-Z][a-zà-ỹ]{2,}", reading.plain[last : last + 12]) and reading.low[first:last] not in ("no", "unit", "lot", "gate", "km", "building", "room", "floor", "phase", "haven"):
            return first, last + 4
        if (before := re.search(r"[A-Z][\w'’]+\s$", reading.plain[max(start, first - 20) : first])) and reading.low[first:last] in ("street", "road", "lane", "avenue", "drive", "highway", "alley"):
            return max(start, first - 20) + before.start(), last
    for first, last in reading.found("beside", start, end):
        after = reading.plain[last : min(end, last + 46)]
        if re.search(r"\d{1,4}|[A-Z][a-zà-ỹ]{2,}", after) or (ord(reading.plain[first]) > 0xB80 and len(after.strip()) > 3):
            return first, min(end, last + 20)
    return None


def vessel(reading: Reading) -> Iterator[Hit]:
    for match in VESSEL_NAME.finditer(reading.plain):
        if reading.near("person", match.start(), match.end(), 90, 90) or reading.near("rescue", match.start(), match.end(), 60, 60):
            yield Hit(*match.span())
    for start, end in reading.meant.get("vessel", []):
        match = re.match(r"\s(?:named |called |bernama )?[\"“']?(?:[A-Z][\w'’\-]{2,}\s?){1,3}(?:\d{1,4}\b)?|\s?[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff.]{3,24}\s\d{1,4}(?!\d)", reading.plain[end : end + 50])
        if match and (reading.near("person", start, end, 90, 90) or reading.near("title", start, end, 60, 60)) and not reading.found("notname", end, end + match.end()):
            yield Hit(start, end + match.end())
            continue
        match = re.match(r"(?:\s[a-z]{2,8})?\s?[:\"“'ชื่อno.]{0,6}\s?(?:[\"“'][^\"”'\n]{3,30}[\"”']|(?:[A-Z]{1,4}[ \-]?)?\d{2,6}[ \-]?[A-Z\d]{0,6}(?:[ \-]TS)?)", reading.plain[end : end + 50])
        if match and re.search(r"\d|[\"“']", match[0]) and len(match[0].strip()) > 3 and (reading.near("person", start, end, 90, 90) or reading.near("title", start, end, 60, 60)):
            yield Hit(start, end + match.end())


    for start, end in reading.meant.get("vessel", []):
        if match := REGISTERED.search(reading.plain, end, min(len(reading.plain), end + 70)):
            yield Hit(start, match.end())


def plate(reading: Reading) -> Iterator[Hit]:
    for start, end in reading.meant.get("plate", []):
        match = PLATE.search(reading.plain, end, min(len(reading.plain), end + 40))
        if match and re.search(r"\d{2}", match[0]) and re.search(r"[^\W\d]|\d[ .\-]\d", match[0]) and not re.fullmatch(r"(?:19|20|25)\d\d", match[0].strip()):
            if not re.search(r"[.!?]\s+[A-Z][a-z]|\n\n", reading.plain[end : match.start()]) and not reading.found("money", end, match.start() + 1):
                yield Hit(start, match.end())


def case_number(reading: Reading) -> Iterator[Hit]:
    yield from (Hit(*match.span()) for match in CASE_FORM.finditer(reading.plain))
    for match in SLASHED.finditer(reading.plain):
        if reading.near("case", match.end(), match.end(), 0, 16):
            yield Hit(*match.span())
    for start, end in reading.meant.get("case", []):
        if reading.plain[max(0, start - 1) : start] == "/":
            continue  # in an address
        match = CASE_NUMBER.match(reading.plain, end, min(len(reading.plain), end + 70))
        if match is None:
            continue
        number = match[1].strip("./-()")
        if re.search(r"\d{1,7}[/\-.]|[A-Z]{1,5}[/\-]?\d{2,}|\d{4,}", number) and not re.fullmatch(r"(?:19|20|25)\d\d", number) and not re.match(r"\s?(?:%|people|persons|cases)", reading.plain[match.end() : match.end() + 8]):
            yield Hit(start, match.end())


RULES = (
    Rule("coordinates", "coordinates", 3, coordinates, "A point on the map is a door.", "Decimal degrees; degrees and minutes",
         "she waits at 13.75633, 100.50177", "growth of 13.7563, then 10.5"),
    Rule("map-pin", "coordinates", 3, map_pin, "A map pin is a door.", "Addresses of map services; Open Location Code; UTM; what3words",
         "https://maps.app.goo.gl/DemoDemo12345", "the map of the region"),
    Rule("shelter", "shelter_address", 3, shelter_address, "Who knows the address of a shelter can wait before it.", "domain rule of the hub; UNODC Model Law, article 25",
         "the shelter at 45 Rambutan Road", "the shelter has 45 beds"),
    Rule("vessel", "vessel_or_plate", 2, vessel, "A vessel's name leads to its crew.", "Names of vessels with their prefix, beside a person",
         "the deckhand left KM Demo Jaya 12", "inspect KM vessels of 12 GT"),
    Rule("plate", "vessel_or_plate", 2, plate, "A plate leads to owner and passengers.", "Number plates of the eleven states, behind the word",
         "the driver's van, plate WXY 1234", "plate numbers are recorded in form 12"),
    Rule("case", "case_number", 1, case_number, "A case number opens a file about a person.", "Numbers behind the word for a case or report",
         "police report TRV/012345/24", "in case 12 people come"),
)  # fmt: skip
