"""Ways to reach one person: telephones, private e-mail, social accounts."""

import re
from collections.abc import Iterator

import phonenumbers

from hub.safeguard.numbers import NUMERIC_DATE, digits_of
from hub.safeguard.reading import Reading
from hub.safeguard.rule import Hit, Rule

PHONE = re.compile(r"(?<![0-9A-Za-z\u00c0-\u024f\u1e00-\u1eff_/.+-])(?:\(?\+|00)?\(?\d(?:[ ().\-/]{0,3}\d){6,16}(?![0-9A-Za-z\u00c0-\u024f\u1e00-\u1eff_/]|[.,-]\d)")
STATES = ("TH", "ID", "VN", "MY", "PH", "KH", "LA", "MM", "SG", "BN", "TL")
CODES = ("60", "62", "63", "65", "66", "84", "95", "670", "673", "855", "856")
PERSONAL = re.compile(r"(?i)\b(?:mobile|own|personal|private|handphone|hp|peribadi|pribadi|pessoal)\b|ส่วนตัว|ຜ່ານຕົວ|ฝากเบอร์")
SHORT = re.compile(r"[789]\d{7}|[28]\d{6}")  # Singapore, Timor-Leste; Brunei Darussalam
MOST_CHECKED = 150  # candidates asked of phonenumbers; beyond, the form alone counts
PUBLIC_KINDS = {phonenumbers.PhoneNumberType.TOLL_FREE, phonenumbers.PhoneNumberType.SHARED_COST, phonenumbers.PhoneNumberType.UAN,
                phonenumbers.PhoneNumberType.PREMIUM_RATE}  # fmt: skip
EMAIL = re.compile(
    r"(?<![\w.+-])([\w.+-]{1,64})(?:@|\s?@\s?(?=(?:gmail|yahoo|hotmail|outlook|icloud|proton\w*|ymail|live|mail)\b)|\s?[\[(]\s?(?:at|@|a)\s?[\])]|\s(?:at|a\.t)\s(?=[\w-]{1,63}\s?(?:[\[(]\s?dot|\sdot\s)))\s?"
    r"([\w-]{1,63}(?:(?:\.|\s?[\[(]\s?(?:dot|punto|titik|\.)\s?[\])]\s?|\sdot\s)[\w-]{1,63}){1,4})", re.I)  # fmt: skip
OFFICIAL = re.compile(
    r"(?:^|\.)(?:gov|gob|go|mil|police|polri|parliament|gouv)\.[a-z]{2}$|\.(?:gov|mil|int)$"
    r"|(?:^|\.)(?:asean|aichr|aseanact|acwc|un|unodc|iom|ilo|unicef|ohchr|unwomen|unhcr|undp|aseanapol|interpol|first)\.(?:org|int|net)$"
    r"|(?:^|\.)(?:demo\.example|example\.(?:gov|org\.gov))$"
)
ROLE = re.compile(
    r"(?i)(?:^|[._\-+\d])(?:info|contact|office|secretariat|sekretariat|hotline|help|helpdesk|admin|support|press|media|enquir\w*|inquir\w*|desk|duty|unit|tip|"
    r"registry|focal(?:point)?|fp|report\w*|training|registration|noreply|no-reply|webmaster|editor|team|director|programme|hr|events?|anti\w{0,3}traffick\w*|"
    r"tf|taskforce|task|feedback|pengaduan|humas|kantor|aduan|geral|hub|nctip|iacat|mapo|cbtip|ncct|klatu|saht|datip|atipd|htu|policy|postmaster|"
    r"intake|referrals?|coordinat\w*|interpreters?|shelter|legal|service|services|moderator|moderators|ops|operations|complaints?|procurement|library)(?:$|[._\-+\d])"
)
PROFILE = re.compile(
    r"(?<![\w.])(?:https?://)?(?:www\.|m\.|web\.)?(?:facebook\.com|fb\.com|fb\.me|instagram\.com|tiktok\.com|t\.me|telegram\.me|wa\.me|api\.whatsapp\.com|zalo\.me|line\.me/(?:ti/p|R)"
    r"|twitter\.com|x\.com|vk\.com|weibo\.com|m\.me|snapchat\.com/add|threads\.net|viber\.click)/([@~\w.\-%?=/]{2,80})", re.I)  # fmt: skip
SHARED_PAGE = re.compile(r"(?i)^@?(?:pages?/|groups?/|hashtag|sharer|events?/|ads|help|policies|business|share/|watch|[\w.]{0,30}(?:official|police|polri|ministry|moj|iacat|asean|gov|unodc|iom|hotline|nctip|interpol|bp2mi|kemlu|dswd))")
QUOTED_ACCOUNT = re.compile(r"\s?(?:account|page|profile|named|name|ຊື່|ชื่อ|ឈ្មោះ|tên|အမည်|名)?\s?[\"“「][^\"”」\n]{3,40}[\"”」]")
NAMED_ACCOUNT = re.compile(r"\s(?:account |page |profile )?(?:named|name is|name|bernama|tên|ชื่อ|ឈ្មោះ|ຊື່|အမည်|nama|pangalan|nome|naran|under|as)\s?[:：]?\s?[\"“']?[A-Z]\w+(?:\s[A-Z]\w+){1,3}")
ODD_HANDLE = re.compile(r"(?<![\w@.])(?=[\w.]*[_\d])(?=[\w.]*[A-Za-z])[A-Za-z][\w.]{3,40}")
HANDLE = re.compile(r"\s?(?:ไอดี|ชื่อ|[^\x00-\u0b7f\s]{0,12})?\s{0,2}(?:is|was|:|=|-|–|ni|na|ay|nya|เป็น|คือ|là|é|மற்றும்)?\s{0,2}(?:id|account|acct?|profile|akun|user(?:name)?|handle|号|name|ID)?\s{0,2}[:=：]?\s{0,2}[\"“'«「(]?(@?[^\W_][\w.\-]{2,40})")
AT_HANDLE = re.compile(r"(?<![\w@/.\-])@(?=[\w.]{0,40}[_A-Z])[A-Za-z][\w.]{2,40}")


def phone(reading: Reading) -> Iterator[Hit]:
    checked = 0
    for match in PHONE.finditer(reading.plain):
        start, end = match.span()
        digits = digits_of(match[0])
        if not 7 <= len(digits) <= 15 or NUMERIC_DATE.fullmatch(match[0]) or re.fullmatch(r"(?:(?:19|20|25)\d\d[ /.\-]?){2,4}|(?:19|20|25)\d\d ?- ?\d{1,4}", match[0]):
            continue
        checked += 1
        named = _named(reading, start, end)
        real = checked > MOST_CHECKED or _is_number(reading, match[0], digits)
        if (real or named) and not _public(reading, start, end, match[0]) and not (named and not real and len(digits) < 7):
            yield Hit(start, end)


def _named(reading: Reading, start: int, end: int) -> bool:
    """Whether the words beside it say that this is a telephone number of somebody."""
    beside = reading.near("phone", start, end, 22, 8) or reading.near("chat", start, end, 22, 14)
    beside = beside or (bool(SHORT.fullmatch(digits_of(reading.plain[start:end]))) and reading.near("private", start, end, 40))
    return beside and not reading.near("money", start, end, 12, 10) and not reading.near("case", start, end, 22)


def _is_number(reading: Reading, written: str, digits: str) -> bool:
    international = "+" in written or written.startswith("00")
    if international:
        return _valid("+" + (digits[2:] if written.startswith("00") else digits), None)
    if digits.startswith(CODES) and 10 <= len(digits) <= 13 and len(digits) < len(written):
        return _valid("+" + digits, None)
    if not digits.startswith("0") or not 9 <= len(digits) <= 13:
        return False
    return any(_valid(digits, state) for state in STATES)


def _valid(number: str, state: str | None) -> bool:
    try:
        parsed = phonenumbers.parse(number, state)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(parsed) and phonenumbers.number_type(parsed) not in PUBLIC_KINDS


def _public(reading: Reading, start: int, end: int, written: str) -> bool:
    """A number of an office: the word for one stands near, and no word for a person stands nearer."""
    if digits_of(written).startswith(("1300", "1800", "1900", "1500")):
        return True
    offices = reading.found("office", start - 70, start) + reading.found("office", end, end + 48)
    if not offices or PERSONAL.search(reading.plain[max(0, start - 80) : start]):
        return False
    nearest = min(min(abs(start - e), abs(s - end)) for s, e in offices)
    persons = reading.found("private", start - nearest, start) + reading.found("private", end, end + min(nearest, 30))
    return not persons


def email(reading: Reading) -> Iterator[Hit]:
    for match in EMAIL.finditer(reading.plain):
        local, domain = match[1], re.sub(r"(?i)\s?[\[(]\s?(?:dot|punto|titik|\.)\s?[\])]\s?|\sdot\s", ".", match[2]).lower()
        if not OFFICIAL.search(domain) and not ROLE.search(local):
            yield Hit(*match.span())


def profile(reading: Reading) -> Iterator[Hit]:
    for match in PROFILE.finditer(reading.plain):
        if not SHARED_PAGE.search(match[1]) and not _office_page(reading, *match.span()):
            yield Hit(*match.span())


def account(reading: Reading) -> Iterator[Hit]:
    """What follows the name of a network and looks like an account of it."""
    for start, end in reading.meant.get("chat", []):
        if reading.plain[start:end] == "line":
            continue
        match = HANDLE.match(reading.plain, end, min(len(reading.plain), end + 80))
        if match and _handle_like(match[1], reading.plain[end : match.start(1)]) and not _office_page(reading, start, match.end()):
            yield Hit(start, match.end())
            continue
        titled = NAMED_ACCOUNT.match(reading.plain, end, min(len(reading.plain), end + 60))
        if titled and not _office_page(reading, start, titled.end()):
            yield Hit(start, titled.end())
            continue
        quoted = QUOTED_ACCOUNT.match(reading.plain, end, min(len(reading.plain), end + 70))
        if quoted and not _office_page(reading, start, quoted.end()):
            yield Hit(start, quoted.end())
            continue
        odd = ODD_HANDLE.search(reading.plain, end, min(len(reading.plain), end + 60))
        if odd and odd.start() - end <= 28 and not re.search(r"[.!?;]\s|\n", reading.plain[end : odd.start()]) and "_" in odd[0]:
            yield Hit(start, odd.end())
            continue
        for first, last, _strong in reading.names_from(end, end + 22):
            if reading.plain[first:last].count(" ") and not _office_page(reading, start, last) and not re.search(r"[.;\n]", reading.plain[end:first]):
                yield Hit(start, last)
    for match in AT_HANDLE.finditer(reading.plain):
        if not _office_page(reading, *match.span()):
            yield Hit(*match.span())


def _handle_like(name: str, before: str) -> bool:
    marked = name.startswith("@") or re.search(r"[\d_]|[a-z]\.[a-z]", name)
    said = re.search(r"(?i)\bid\b|account|akun|号|profile|user|[:=：\"“'「(]", before)
    return bool(marked and re.search(r"[^\d.,\-]|^\d{7,}", name)) or bool(said and re.fullmatch(r"[a-z][\w.\-]{3,40}", name) and ":" in before)


def _office_page(reading: Reading, start: int, end: int) -> bool:
    return reading.near("office", start, end, 45, 20) and not reading.near("private", start, end, 30, 15)


RULES = (
    Rule("phone", "phone", 2, phone, "A telephone is a way to find one person. Hotlines, short numbers and numbers of offices pass.", "phonenumbers: numbering plans of the eleven states",
         "her mother is on +66 81 234 5678", "hotline +66 2 123 4567 of the ministry's office"),
    Rule("email", "email", 2, email, "A private address names one person. Addresses of governments, ASEAN, the UN and of an office's role pass.", "Government domains of the eleven states",
         "write to dewi.demo88@gmail.com", "write to info@moj.go.th"),
    Rule("profile", "social_account", 2, profile, "An address of a personal page shows the person.", "Addresses of the networks in use in the region",
         "facebook.com/demo.person.17", "facebook.com/groups/fishers"),
    Rule("account", "social_account", 2, account, "The name of an account shows the person.", "Networks in use in the region",
         "Line ID: demo_17", "recruiters use Telegram and Line"),
)  # fmt: skip
