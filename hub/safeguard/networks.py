"""Accounts on social networks and messengers."""

import re
from collections.abc import Iterator

from hub.safeguard.reading import Reading
from hub.safeguard.rule import Hit, Rule

HOSTS = "|".join((
    r"facebook\.com", r"fb\.com", r"fb\.me", r"instagram\.com", r"tiktok\.com", r"t\.me", r"telegram\.me", r"wa\.me", r"api\.whatsapp\.com", r"zalo\.me",
    r"line\.me/(?:ti/p|R)",
    r"twitter\.com", r"x\.com", r"vk\.com", r"weibo\.com", r"m\.me", r"snapchat\.com/add", r"threads\.net", r"viber\.click",
))  # fmt: skip
PROFILE = re.compile(rf"(?<![\w.])(?:https?://)?(?:www\.|m\.|web\.)?(?:{HOSTS})/([@~\w.\-%?=/]{{2,80}})", re.I)
OFFICES = "official|police|polri|ministry|moj|iacat|asean|gov|unodc|iom|hotline|nctip|interpol|bp2mi|kemlu|dswd"
SHARED_PAGE = re.compile(rf"@?(?:pages?/|groups?/|hashtag|sharer|events?/|ads|help|policies|business|share/|watch|[\w.]{{0,30}}(?:{OFFICES}))", re.I)
HANDLE = re.compile(
    r"\s?(?:ไอดี|ชื่อ|[^\x00-\u0b7f\s]{0,12})?\s{0,2}(?:is|was|:|=|-|ni|na|ay|nya|เป็น|คือ|là|é|மற்றும்)?\s{0,2}"
    r"(?:id|account|acct?|profile|akun|user(?:name)?|handle|号|name|ID)?\s{0,2}[:=]?\s{0,2}[\"“'«「(]?(@?[^\W_][\w.\-]{2,40})"
)
SAID = re.compile(r"\bid\b|account|akun|号|profile|user|[:=\"“'「(]", re.I)
CALLED = "named|name is|name|bernama|tên|ชื่อ|ឈ្មោះ|ຊື່|အမည်|nama|pangalan|nome|naran|under|as"
NAMED = re.compile(
    rf"\s(?:account |page |profile )?(?:{CALLED})\s?:?\s?[\"“']?[A-Z]\w+(?:\s[A-Z]\w+){{1,3}}"
    r"|[^\x00-\u0b7f\s]{0,10}?(?:ชื่อ|ឈ្មោះ|ຊື່|အကောင့်|名叫)\s?[^\s\x00-\u0b7f]{2,24}"
)
QUOTED = re.compile(r"\s?(?:account|page|profile|named|name|ຊື່|ชื่อ|ឈ្មោះ|tên|အမည်|名)?\s?[\"“「][^\"”」\n]{3,40}[\"”」]")
UNDERSCORED = re.compile(r"[^.!?;\n]{0,28}?(?<![\w@.])(?=[\w.]*_)[A-Za-z][\w.]{3,40}")
FULL_NAME = re.compile(r"[^.;\n]{0,22}")
AT_HANDLE = re.compile(r"(?<![\w@/.\-])@(?=[\w.]{0,40}[_A-Z])[A-Za-z][\w.]{2,40}")  # the hub's own handles are small letters and dots


def profile(reading: Reading) -> Iterator[Hit]:
    for match in PROFILE.finditer(reading.plain):
        if not SHARED_PAGE.match(match[1]) and not _of_an_office(reading, *match.span()):
            yield Hit(*match.span())


def account(reading: Reading) -> Iterator[Hit]:
    """What follows the name of a network and looks like an account of it."""
    for start, end in reading.meant.get("chat", []):
        if reading.plain[start:end] == "line":
            continue  # small, it is an ordinary word
        last = _account_behind(reading, end)
        if last is not None and not _of_an_office(reading, start, last):
            yield Hit(start, last)
    for match in AT_HANDLE.finditer(reading.plain):
        if not _of_an_office(reading, *match.span()):
            yield Hit(*match.span())


def _account_behind(reading: Reading, end: int) -> int | None:
    """Where the account ends that stands behind the name of a network."""
    until = min(len(reading.plain), end + 80)
    match = HANDLE.match(reading.plain, end, until)
    if match and _like_a_handle(match[1], reading.plain[end : match.start(1)]):
        return match.end()
    for pattern in (NAMED, QUOTED, UNDERSCORED):
        if match := pattern.match(reading.plain, end, until):
            return match.end()
    for first, last, _strong in reading.names_from(end, end + 22):
        if " " in reading.plain[first:last] and FULL_NAME.fullmatch(reading.plain, end, first):
            return last
    return None


def _like_a_handle(name: str, before: str) -> bool:
    marked = name.startswith("@") or bool(re.search(r"[\d_]|[a-z]\.[a-z]", name))
    if marked:
        return bool(re.search(r"[^\d.,\-]|^\d{7,}", name))
    return bool(SAID.search(before) and ":" in before and re.fullmatch(r"[a-z][\w.\-]{3,40}", name))


def _of_an_office(reading: Reading, start: int, end: int) -> bool:
    return reading.near("office", start, end, 45, 20) and not reading.near("private", start, end, 30, 15)


RULES = (
    Rule("profile", "social_account", 2, profile, "An address of a personal page shows the person.", "Addresses of the networks in use in the region",
         "facebook.com/demo.person.17", "facebook.com/groups/fishers"),
    Rule("account", "social_account", 2, account, "The name of an account shows the person.", "Networks in use in the region",
         "Line ID: demo_17", "recruiters use Telegram and Line"),
)  # fmt: skip
