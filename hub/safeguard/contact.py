"""Telephones and private e-mail: ways to reach one person."""

import re
from collections.abc import Iterator

import phonenumbers

from hub.safeguard.lexicon import LATIN
from hub.safeguard.numbers import NUMERIC_DATE, digits_of
from hub.safeguard.reading import Reading
from hub.safeguard.rule import Hit, Rule

PHONE = re.compile(rf"(?<![{LATIN}_/.+-])(?:\(?\+|00)?\(?\d(?:[ ().\-/]{{0,3}}\d){{6,16}}(?![{LATIN}_/]|[.,-]\d)")
YEARS = re.compile(r"(?:(?:19|20|25)\d\d[ /.\-]?){2,4}|(?:19|20|25)\d\d ?- ?\d{1,4}")
STATES = ("TH", "ID", "VN", "MY", "PH", "KH", "LA", "MM", "SG", "BN", "TL")
CODES = ("60", "62", "63", "65", "66", "84", "95", "670", "673", "855", "856")
SHORT = re.compile(r"[789]\d{7}|[28]\d{6}")  # Singapore, Timor-Leste; Brunei Darussalam
SHARED = ("1300", "1500", "1800", "1900")  # lines of offices that cost the same from everywhere
PERSONAL = re.compile(r"\b(?:mobile|own|personal|private|handphone|hp|peribadi|pribadi|pessoal)\b|ส่วนตัว", re.I)
MOST_CHECKED = 150  # candidates asked of phonenumbers; beyond, the form alone counts
TYPES = phonenumbers.PhoneNumberType
PUBLIC_TYPES = {TYPES.TOLL_FREE, TYPES.SHARED_COST, TYPES.UAN, TYPES.PREMIUM_RATE}

DOT = r"\s?[\[(]\s?(?:dot|punto|titik|\.)\s?[\])]\s?|\sdot\s"
AT = "|".join((
    "@", r"\s?@\s?(?=(?:gmail|yahoo|hotmail|outlook|icloud|proton\w*|ymail|live|mail)\b)", r"\s?[\[(]\s?(?:at|@|a)\s?[\])]",
    rf"\s(?:at|a\.t)\s(?=[\w-]{{1,63}}\s?(?:{DOT}))",
))  # fmt: skip
EMAIL = re.compile(rf"(?<![\w.+-])([\w.+-]{{1,64}})(?:{AT})\s?([\w-]{{1,63}}(?:(?:\.|{DOT})[\w-]{{1,63}}){{1,4}})", re.I)
OFFICIAL = re.compile(
    r"(?:^|\.)(?:gov|gob|go|mil|police|polri|parliament|gouv)\.[a-z]{2}$|\.(?:gov|mil|int)$|(?:^|\.)demo\.example$"
    r"|(?:^|\.)(?:asean|aichr|aseanact|acwc|un|unodc|iom|ilo|unicef|ohchr|unwomen|unhcr|undp|aseanapol|interpol|first)\.(?:org|int|net)$"
)
ROLES = "|".join((  # the name of an address when it is an office's
    "info", "contact", "office", "secretariat", "sekretariat", "hotline", "help", "helpdesk", "admin", "support", "press", "media", r"enquir\w*", r"inquir\w*",
    "desk", "duty", "unit", "tip", "registry", "focal(?:point)?", "fp", r"report\w*", "training", "registration", "noreply", "no-reply", "webmaster", "editor",
    "team", "director", "programme", "events?", r"anti\w{0,3}traffick\w*", "tf", "taskforce", "task", "feedback", "pengaduan", "humas", "kantor",
    "aduan", "geral", "hub", "nctip", "iacat", "mapo", "cbtip", "ncct", "klatu", "saht", "datip", "atipd", "htu", "policy", "postmaster", "intake",
    "referrals?", r"coordinat\w*", "interpreters?", "shelter", "legal", "services?", "moderators?", "ops", "operations", "complaints?", "procurement",
    "library",
))  # fmt: skip
ROLE = re.compile(rf"(?:^|[._\-+\d])(?:{ROLES})(?:$|[._\-+\d])", re.I)


def phone(reading: Reading) -> Iterator[Hit]:
    checked = 0
    for match in PHONE.finditer(reading.plain):
        start, end = match.span()
        digits = digits_of(match[0])
        if not 7 <= len(digits) <= 15 or NUMERIC_DATE.fullmatch(match[0]) or YEARS.fullmatch(match[0]):
            continue
        checked += 1
        real = checked > MOST_CHECKED or _is_number(match[0], digits)
        if (real or _said_to_be_one(reading, start, end, digits)) and not _of_an_office(reading, start, end, digits):
            yield Hit(start, end)


def _said_to_be_one(reading: Reading, start: int, end: int, digits: str) -> bool:
    """Whether the words beside it say that this is a telephone number."""
    if reading.near("money", start, end, 12, 10) or reading.near("case", start, end, 22):
        return False
    if reading.near("phone", start, end, 22, 8) or reading.near("chat", start, end, 22, 14):
        return True
    return bool(SHORT.fullmatch(digits)) and reading.near("private", start, end, 40)


def _is_number(written: str, digits: str) -> bool:
    if "+" in written or written.startswith("00"):
        return _valid("+" + (digits[2:] if written.startswith("00") else digits), None)
    if digits.startswith(CODES) and 10 <= len(digits) <= 13 and len(digits) < len(written):
        return _valid("+" + digits, None)
    return digits.startswith("0") and 9 <= len(digits) <= 13 and any(_valid(digits, state) for state in STATES)


def _valid(number: str, state: str | None) -> bool:
    try:
        parsed = phonenumbers.parse(number, state)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(parsed) and phonenumbers.number_type(parsed) not in PUBLIC_TYPES


def _of_an_office(reading: Reading, start: int, end: int, digits: str) -> bool:
    """Whether the word for an office stands near, and no word for a person nearer."""
    if digits.startswith(SHARED):
        return True
    beside = reading.found("office", start - 70, start) + reading.found("office", end, end + 48)
    offices = [span for span in beside if not reading.low.startswith(" hours", span[1])]
    if not offices or PERSONAL.search(reading.plain[max(0, start - 80) : start]):
        return False
    nearest = min(min(abs(start - last), abs(first - end)) for first, last in offices)
    return not (reading.found("private", start - nearest, start) or reading.found("private", end, end + min(nearest, 30)))


def email(reading: Reading) -> Iterator[Hit]:
    for match in EMAIL.finditer(reading.plain):
        if not OFFICIAL.search(re.sub(DOT, ".", match[2], flags=re.I).lower()) and not ROLE.search(match[1]):
            yield Hit(*match.span())


RULES = (
    Rule("phone", "phone", 2, phone, "A telephone is a way to find one person. Hotlines, short numbers and numbers of offices pass.",
         "phonenumbers: numbering plans of the eleven states", "her mother is on +66 81 234 5678", "hotline +66 2 123 4567 of the ministry's office"),
    Rule("email", "email", 2, email, "A private address names one person. Addresses of governments, ASEAN and the UN, and of an office's role, pass.",
         "Government domains of the eleven states", "write to dewi.demo88@gmail.com", "write to info@moj.go.th"),
)  # fmt: skip
