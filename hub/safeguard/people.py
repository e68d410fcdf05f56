"""One person, by name or by what is told about them."""

import re
from collections.abc import Iterator

from hub.safeguard.numbers import day_within
from hub.safeguard.reading import Reading
from hub.safeguard.rule import Hit, Rule

NUMERALS = (
    r"(?:ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?"
    r"|(?:sepuluh|sebelas|(?:dua|tiga|empat|lima|enam|tujuh|delapan|lapan|sembilan) ?belas)|(?:doze|treze|catorze|quatorze|quinze|dezasseis|dezesseis|dezassete|dezessete|dezoito|dezanove)"
    r"|(?:dose|trese|katorse|kinse|disi?sais|disi?siyete|disi?siete|disisyete|disi?otso|disi?nuwebe|bente)|mười (?:hai|ba|bốn|lăm|sáu|bảy|tám|chín)|labing[- ]?(?:dalawa|tatlo|apat|lima|anim|pito|walo|siyam)(?:ng)?)"
)
AGE = re.compile(
    r"(?P<c>[一二三四五六七八九十]{1,3})[岁歲]|(?<!\d[.,/])(?<![\d/$\-至到~])(?:"
    r"(?P<a>\d{1,2})[\s\-]{0,2}(?:years?[\s\-]{0,2}old|yrs?[\s\-.]{0,2}old|y/?o\b|yo\b|yrs?\b(?![\w ]{0,12}(?:ago|of))|tahun|thn\b|(?<=\s)th\b|anyos|taong gulang|taon(?:g)? gulang|tuổi|t\b(?=[,.)])|[岁歲]|ปี|ขวบ|ປີ|ឆ្នាំ|နှစ်|வயது|வயதான|anos|tinan)"
    r"|(?:aged?|age:|turned|umur(?:nya)?|usia(?:nya)?|berusia|berumur|edad(?: na| niya)?|อายุ|วัย|tuổi|ອາຍຸ|អាយុ|အသက်|年龄|年纪|年仅|வயது|idade|tinan|ho tinan|de idade|edad|ho idade tinan)\s{0,2}[:(]?\s{0,2}(?:is|was|ay|កំពុង|ប្រហែល|ประมาณ|about|only|just|baru|masih)?\s?(?P<b>\d{1,2})(?!\d|[.,/%]\d)"
    r")", re.I)  # fmt: skip
AGE_IN_WORDS = re.compile(rf"(?<!\w){NUMERALS}[\s\-](?:years?[\s\-]old|tahun|anos|tuổi|taong gulang|anyos)", re.I)
AGE_SAID = re.compile(rf"\b(?:is|was|aged|turned|only)\s{NUMERALS}\b(?!\s(?:percent|of|cases|years? (?:ago|after)))")
AGE_HINT = re.compile(r"\d|old|tahun|anos|tuổi|gulang|anyos|teen|twenty|[岁歲]")
SINGULAR = re.compile(r"(?:\b(?:a|an|one|the|this|that|turned|seorang|isang|một|uma|um|ida|satu)|'s)\s$")
LONE_AGE = re.compile(r",\s(\d{2})(?=,)")
POSSESSIVE = re.compile(r"['’]s\s(?:only |eldest |youngest |younger |older |elder |own )?(?:daughter|son|wife|sister|brother|niece|nephew|twin|child|stepdaughter|grandson|granddaughter)\b|\bwhose\s(?:own |twin |elder |older |younger )?(?:father|mother|twin|brother|sister|uncle|aunt|husband|wife|son|daughter)\b")
RANGE = re.compile(r"^\s?(?:-|–|to|or|and|or|dan|hingga|sampai|đến|ถึง|至|到|a|e|até|hanggang|ຫາ|ដល់|ឡើង)\s?\d{1,2}|^\s?\+|^-?olds|^s\b|^\s?(?:ke atas|ke bawah|pataas|pababa|ขึ้นไป|trở lên|以上|以下|ທີ່ຂຶ້ນໄປ)")
AGE_BESIDE = re.compile(r",?\s?\(?")
BARE_AGE = re.compile(r"\s{0,2}[,(/]\s{0,2}(?:[FMfmPpLl]\s?[,/]?\s?)?(\d{1,2})\s?(?:[FMfmPpLl]\b)?\s?(?=[,)/;.\n]|$)|\s?[/,(]\s?[FM]\s?[/,]\s?(\d{1,2})\b")
UNSPACED_NAME = re.compile(r"[\s:：\"“「'ว่า]{0,4}([ก-๙]{2,24}(?:\s[ก-๙]{2,24})?|[ກ-ໝ]{2,24}(?:\s[ກ-ໝ]{2,24})?|[ក-៓]{2,24}(?:\s[ក-៓]{2,24})?|[က-႟]{2,30}(?:\s[က-႟]{2,24})?|[\u4e00-\u9fff]{2,4}|[\u0b80-\u0bff]{3,30})")
INITIALS = re.compile(r"(?<![\w.])[A-Z]\.\s?(?:[A-Z]\.\s?|[a-z]\.|d[eao]?\.?\s?){1,3}[A-Z]?(?![\w])|(?<![\w.])[ก-ຮ]\.\s?[ก-ຮ]\.(?![\w\u0e30-\u0e4e])|(?<![\u1000-\u109f.])[က-အ]\.\s?[က-အ](?:\.\s?[က-အ])?(?![\u1000-\u1049.])|(?<![\u1780-\u17ff.])[ក-អ]\.\s?[ក-អ](?:\.(?![ក-អ])|(?![\u1780-\u17ff.]))|(?:น\.ส\.|นาย|นางสาว|ด\.ญ\.|ด\.ช\.)\s?[ก-ฮ]\.|(?<![\u0b80-\u0bff])[\u0b80-\u0bff]{1,5}\.\s?[\u0b80-\u0bff]{1,5}\.|(?<![\w])[A-Z]{2,3}(?=\s?\()|(?<![\w.])[A-Z]\.[A-Z]\.?(?![\w.])")
NAME_BEFORE = re.compile(
    r"(?:^|[\s,，。:：(（「“])([ก-๙]{3,14}(?:\s[ก-๙]{3,18})?|[ກ-ໝ]{2,14}(?:\s[ກ-ໝ]{2,18})?|[ក-៓]{2,14}(?:\s[ក-៓]{2,18})?|[\u4e00-\u9fff]{2,3}|[\u0b80-\u0bff/]{3,20}\s[\u0b80-\u0bff/]{2,20})[\s,，(（]{0,3}$"
)
SURNAMES = frozenset("阿覃韦莫农庞甘岑陈林黄李张王吴刘蔡杨许郑谢郭洪邱曾廖赖周徐苏叶庄吕江罗萧潘颜朱彭魏韩冯沈邓梁宋唐蒋曹袁董蓝赵孙胡卢丁侯薛范邹熊陆崔龚谭陳黃張吳劉楊許鄭謝賴蘇葉莊呂羅顏韓馮鄧趙孫盧鄒陸龔譚")
HAN_VICTIM = re.compile(r"(?:被骗[^，。]{0,8}的|被卖[^，。]{0,8}的|获救的|解救的|受害人|受害者|被害人|证人|嫌疑人|幸存者)[：:，,\s]?(?=([\u4e00-\u9fff])([\u4e00-\u9fff]{1,2}))")
KNOWN_INITIALS = frozenset("P.U U.S U.N U.K B.E A.D C.E G.R N.B P.S P.M A.M R.A P.O H.E J.D M.A B.A T.V E.U D.C B.C U.S.A I.D D.O.B L.P S.O.P M.O.U N.G.O T.I.P F.I.R A.K.A I.C ค.ศ พ.ศ ม.ค ก.พ มี.ค เม.ย พ.ค มิ.ย ก.ค ส.ค ก.ย ต.ค พ.ย ธ.ค พ.ร.บ น.ส ด.ช ด.ญ พ.ต ร.ต ส.ต ร.ร จ.ว ต.ร ร.พ กก.".split())
REACH = 110  # characters around one mention of a person in which attributes belong to them


def _age_of(reading: Reading, match: re.Match[str]) -> bool:
    """Whether this is the age of one person: no limit, range, group, sentence or term of years."""
    years = int(match["a"] or match["b"] or 15) if match.re is AGE else 15
    after = reading.low[match.end() : match.end() + 14]
    if not 1 <= years <= 99 or RANGE.search(after):
        return False
    if SINGULAR.search(reading.low[max(0, match.start() - 14) : match.start()]):
        return not reading.near("threshold", match.end(), match.end(), 0, 10)
    return not reading.near("threshold", match.start(), match.end(), 16, 16)


def _ages(reading: Reading) -> list[tuple[int, int]]:
    """Where the ages of single persons stand."""
    if "ages" not in reading.kept:
        matches = [match for pattern in (AGE, AGE_IN_WORDS, AGE_SAID) for match in pattern.finditer(reading.low)] if AGE_HINT.search(reading.low) else []
        reading.kept["ages"] = sorted(match.span() for match in matches if _age_of(reading, match))
    return reading.kept["ages"]


def named_with_age(reading: Reading) -> Iterator[Hit]:
    ages = _ages(reading)
    for start, end, strong in reading.names:
        words = reading.plain[start:end].count(" ") + 1
        told = strong or words > 1 or _introduced(reading, start) or any(AGE_BESIDE.fullmatch(reading.plain[end : age[0]]) for age in ages if 0 < age[0] - end < 5)
        if not told or reading.near("official", start, end, 30):
            continue
        close = [age for age in ages if 0 <= age[0] - end <= 26 or 0 <= start - age[1] <= 24]
        close = [age for age in close if not re.search(r"[!?;]|\.\s|\n\n", reading.plain[min(end, age[1]) : max(start, age[0])])]
        if close:
            yield Hit(min(start, close[0][0]), max(end, close[0][1]))
        elif match := BARE_AGE.match(reading.plain, end, min(len(reading.plain), end + 16)):
            person = reading.near("person", start, end, 70, 70) or reading.near("rescue", start, end, 70, 70) or reading.near("victim", start, end, 70, 70)
            if 4 <= int(match[1] or match[2]) <= 90 and (person or (strong and words > 1)):
                yield Hit(start, match.end())
    yield from _names_before(reading, ages)
    for start, end in _unspaced_names(reading):
        close = [age for age in ages if -30 <= age[0] - end <= 24 and age[0] > start or 0 <= start - age[1] <= 20]
        if close and not reading.near("official", start, end, 24):
            yield Hit(min(start, close[0][0]), max(end, close[0][1]))


def _names_before(reading: Reading, ages: list[tuple[int, int]]) -> Iterator[Hit]:
    """Words of no known meaning just before an age, in scripts without capitals."""
    for start, end in ages:
        match = NAME_BEFORE.search(reading.plain[max(0, start - 50) : start])
        if match is None:
            continue
        first = max(0, start - 50) + match.start(1)
        last = max(0, start - 50) + match.end(1)
        han = "\u4e00" <= match[1][0] <= "\u9fff"
        if (match[1][0] in SURNAMES if han else not any(reading.found(meaning, first, last) for meaning in reading.meant)):
            yield Hit(first, end)


def _introduced(reading: Reading, start: int) -> bool:
    return reading.near("named", start, start, 12) or reading.near("title", start, start, 10) or reading.near("victim", start, start, 14)


def _unspaced_names(reading: Reading) -> list[tuple[int, int]]:
    """What follows a title or the word for a name, in scripts without capitals."""
    found = []
    for meaning in ("named", "title"):
        for start, end in reading.meant.get(meaning, []):
            if ord(reading.plain[start]) < 0xB80:
                continue
            short = end - start <= 3
            if short and start > 0 and (reading.plain[start - 1].isalpha() or ord(reading.plain[start - 1]) > 0xB80):
                continue
            if meaning == "title" and "\u4e00" <= reading.plain[start] <= "\u9fff":
                continue
            match = UNSPACED_NAME.match(reading.plain, end, min(len(reading.plain), end + 60))
            if match and not any(reading.found(other, match.start(1), match.start(1) + len(match[1].split()[0])) for other in ("victim", "office", "id", "passport", "threshold")):
                found.append((start, match.end(1)))
            elif meaning == "named" and "\u0b80" <= reading.plain[start] <= "\u0bff":
                if before := re.search(r"[\u0b80-\u0bff]{3,24}\s$", reading.plain[max(0, start - 26) : start]):
                    found.append((start - len(before[0]), end))
    return found


def named_victim(reading: Reading) -> Iterator[Hit]:
    for start, end, strong in reading.names:
        words = reading.plain[start:end].count(" ") + 1
        if _in_office(reading, start, end) or reading.near("office", start, start, 4):
            continue
        told = reading.near("rescue", start, end, 60, 60) or reading.near("victim", start, end, 60, 50)
        named = reading.near("named", start, start, 12)
        titled = reading.near("title", start, start, 6)
        beside = any(re.fullmatch(r"\s?[,:(\-–]?\s?(?:si|ni|kay|is|ay|adalah|ialah|yaitu|iaitu|is called|là|é)?\s?(?:si |ay |Ms\.? |Mr\.? |em |chị |anh )?", reading.plain[e:start], re.I) for _s, e in reading.found("victim", start - 26, start))
        beside = beside or (words > 1 and bool(re.match(r",?\s(?:the|a|our|ang|yang|o|a|is the|was the)?\s?(?:\w+\s)?$", reading.plain[end : next((s for s, _e in reading.found("victim", end, end + 30)), end)] or "?")))
        person = (strong or words > 1) and reading.near("person", start, end, 60, 60)
        freed = words > 1 and bool(re.search(r"(?i)\b(?:rescued|rescue of|freed|repatriated|saved|recovered|menyelamatkan|nasagip si|nailigtas si|giải cứu|resgatámos|resgatamos)\s(?:si )?$", reading.plain[max(0, start - 24) : start]) or re.match(r"\s(?:was|is|has been|had been|diselamatkan|ditemukan|foi)\s?(?:rescued|freed|trafficked|repatriated|recruited|resgatada|sold|exploited|intercepted)?", reading.low[end : end + 26]) and reading.found("rescue", end, end + 26))
        beside = beside or freed
        if (named and (told or person)) or beside or (titled and told and (strong or words > 1 or reading.near("rescue", start, end, 0, 14))):
            if strong or words > 1 or named or beside or titled:
                yield Hit(start, end)
        elif strong and words > 1 and (reading.near("rescue", start, end, 50, 40) or reading.near("victim", start, end, 50, 40)):
            yield Hit(start, end)
    for match in HAN_VICTIM.finditer(reading.plain):
        if match[1] in SURNAMES:
            yield Hit(match.start(), match.end(2))
    for start, end in _unspaced_names(reading):
        told = reading.near("victim", start, end, 60, 40) or reading.near("rescue", start, end, 60, 60)
        if told and reading.plain[start] != "မ" and not reading.near("official", start, end, 24):
            yield Hit(start, end)


def _in_office(reading: Reading, start: int, end: int) -> bool:
    """Whether an office or rank belongs to the name: no word for a victim or "named" stands between."""
    offices = reading.found("official", start - 34, start)
    if reading.found("official", end, end + 4):
        return True
    return bool(offices) and not (reading.found("victim", offices[-1][1], start) or reading.found("named", offices[-1][1], start))


def initials(reading: Reading) -> Iterator[Hit]:
    for match in INITIALS.finditer(reading.plain):
        start, end = match.span()
        if re.sub(r"\s", "", match[0]).rstrip(".") in KNOWN_INITIALS:
            continue
        lone = "." not in match[0]
        window = (max(0, start - 60), min(len(reading.plain), end + 90))
        day = day_within(reading, end, window[1]) or day_within(reading, window[0], start) or next((a for a in _ages(reading) if window[0] <= a[0] <= window[1]), None)
        place = _named_place(reading, *window)
        told = reading.near("rescue", start, end, 60, 90) or reading.near("person", start, end, 40, 60)
        parted = re.match(r"\s?[,()\"”’'–၊:\-]", reading.plain[end : end + 3])
        if day and (told if lone else (place or told or parted or ord(match[0][0]) > 0xB80)):
            yield Hit(min(start, day[0]), max(end, day[1]))


def _named_place(reading: Reading, start: int, end: int) -> bool:
    return bool(reading.found("village", start, end)) or bool(re.search(r"\b(?:in|at|from|near|di|dari|sa|từ|ở|tại|em|de|iha|husi|khẩu|ng)\s[A-ZĐ][a-z]", reading.plain[start:end]))


# --- what is told about one person -------------------------------------------------------------------


def indirect(reading: Reading) -> Iterator[Hit]:
    told = sorted(_attributes(reading))
    last_end = -1
    for at, (start, _end, kind) in enumerate(told):
        if start < last_end:
            continue
        near = []
        for other in told[at : at + 12]:
            if other[0] - start > REACH or re.search(r"\n\n", reading.plain[start : other[0]]):
                break
            near.append(other)
        second = next((other for other in near if other[2] != near[0][2] and other[:2] != near[0][:2]), near[0])
        kinds, end = {near[0][2], second[2]}, max(near[0][1], second[1])
        person = "age" in kinds or "family" in kinds or reading.near("person", start, end, 50, 40) or bool(reading.found("person", start, end))
        if len(kinds) == 2 and person and not _about_many(reading, start, end):
            last_end = end
            yield Hit(start, end)


def _about_many(reading: Reading, start: int, end: int) -> bool:
    return bool(re.search(r"(?i)\b(?:children|girls|women|persons|victims|people|students|workers|para|mga|anak-anak|kanak-kanak|crianças|sira|schools|villages|hospitals|factories|employers)\b", reading.low[max(0, start - 25) : end + 10]))


def _attributes(reading: Reading) -> Iterator[tuple[int, int, str]]:
    yield from ((start, end, "age") for start, end in _ages(reading))
    for kind in ("village", "school", "hospital", "employer"):
        for start, end in reading.meant.get(kind, []):
            if last := _named_beside(reading, start, end):
                yield start, last, kind
    for match in re.finditer(r"\b(?:from|hails from|dari|asal|taga|quê ở|quê|đến từ|husi|natural de|mai husi|originally from)\s(?=[A-Z])", reading.plain):
        for first, last in [(s, e) for s, e, _strong in reading.names_from(match.end() - 1, match.end() + 2)]:
            yield match.start(), last, "village"
    for start, end in reading.meant.get("rescue", []):
        if day := day_within(reading, end, min(len(reading.plain), end + 40)):
            if not re.search(r"[.!?]\s", reading.plain[end : day[0]]):
                yield start, day[1], "rescue"
    for start, end in reading.meant.get("family", []):
        yield start, end, "family"
    yield from ((match.start(), match.end(), "family") for match in POSSESSIVE.finditer(reading.low))
    for match in LONE_AGE.finditer(reading.plain):
        if reading.near("person", match.start(), match.end(), 34) or reading.near("family", match.start(), match.end(), 34):
            yield match.start(1), match.end(1), "age"


def _named_beside(reading: Reading, start: int, end: int) -> int | None:
    """Where the proper name of a village, school or house ends that stands before or behind its word."""
    if ord(reading.plain[start]) >= 0xB80:
        run = re.match(r"\s?[\u0b80-\u0bff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u4e00-\u9fff]{2,24}", reading.plain[end : end + 26])
        before = "\u4e00" <= reading.plain[start] <= "\u9fff" or "\u0b80" <= reading.plain[start] <= "\u0bff" or "\u1000" <= reading.plain[start] <= "\u109f"
        return end + (len(run[0]) if run else 0) if run or before else None
    after = re.match(r"\s?(?:of|named|called|is|ng|de|di|in|at|iha|ở|tại|da|do|,|:|no\.?)?\s?[\"“']?([A-ZÀ-ỸĐ][\w'’\-]{2,}|\d{1,3}\b)", reading.plain[end : end + 34])
    if after and after[1].lower() not in COMMON:
        return end + after.end(1)
    ahead = re.search(r"([A-ZÀ-ỸĐ][\w'’\-]{2,})\s(?:\w+\s)?$", reading.plain[max(0, start - 30) : start])
    return end if ahead and ahead[1].lower() not in COMMON else None


COMMON = frozenset("the a an in on at our we when she he they it this that and or but if for from with all some every each any no your their its new local public private former first second two three what who".split())


RULES = (
    Rule("name-age", "named_person_with_age", 2, named_with_age, "A name with an age is one person.", "domain rule of the hub: direct identifiers",
         "Dewi Lestari, 17, wants to go home", "Viet Nam (10), Lao PDR (7)"),
    Rule("named-victim", "named_victim", 2, named_victim, "A victim's name.", "UNODC Model Law, article 25; Palermo Protocol, article 6",
         "the victim, Siti Demo, was rescued", "Minister Siti Demo met victims"),
    Rule("initials", "initials", 1, initials, "Initials with a place and a date are one person to who was there.", "domain rule of the hub: initials and anything",
         "S.A. from Batam, rescued on 12 May", "the U.N. day on 12 May"),
    Rule("indirect", "indirect", 1, indirect, "Two things told about one person are enough for who knows the place.", "domain rule of the hub: indirect identifiers",
         "a 15-year-old from Kampung Demo", "children under 15 from Malaysia"),
)  # fmt: skip
