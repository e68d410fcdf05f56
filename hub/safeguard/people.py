"""One person by name: with an age, or as somebody in a case."""

import re
from collections.abc import Iterator

from hub.safeguard.ages import ages, any_ages
from hub.safeguard.lexicon import FIRST_UNSPACED, Span
from hub.safeguard.reading import Reading
from hub.safeguard.rule import Hit, Rule

AGE_BESIDE = re.compile(r",?\s?(?:a |is |is only |who is )?\(?")
BARE_AGE = re.compile(
    r"\s{0,2}[,(/]\s{0,2}(?:[FMPL]\s?[,/]?\s?)?(\d{1,2})\s?(?:[FMPL]\b)?\s?(?=[,)/;.\n]|$)|\s?[/,(]\s?[FM]\s?[/,]\s?(\d{1,2})\b|\s-\s(\d{1,2})(?=\s-)", re.I
)
ENDS = re.compile(r"[!?;]|\.\s|\n\n")  # of a sentence
THAI, LAO, KHMER, BURMESE, HAN, TAMIL = "[ก-๙]", "[ກ-ໝ]", "[ក-៓]", "[က-႟]", "[\u4e00-\u9fff]", "[\u0b80-\u0bff]"
UNSPACED_NAME = re.compile(
    r"[\s:：\"“「'ว่า]{0,4}("
    + "|".join(rf"{script}{{2,{longest}}}(?:\s{script}{{2,24}})?" for script, longest in ((THAI, 24), (LAO, 24), (KHMER, 24), (BURMESE, 30)))
    + rf"|{HAN}{{2,4}}|{TAMIL}{{3,30}})"
)
NAME_BEFORE = re.compile(
    r"(?:^|[\s,，。:：(（「“])("
    + "|".join(rf"{script}{{{least},14}}(?:\s{script}{{{least},18}})?" for script, least in ((THAI, 3), (LAO, 2), (KHMER, 2)))
    + rf"|{HAN}{{2,3}}|[\u0b80-\u0bff/]{{3,20}}\s[\u0b80-\u0bff/]{{2,20}}|{TAMIL}{{3,20}}(?=,))(?:[\s,(]{{0,3}}(?:今年才?|现年)?|,\s?)$"
)
SURNAMES = frozenset(
    "阿阮欧覃韦莫农庞甘岑陈林黄李张王吴刘蔡杨许郑谢郭洪邱曾廖赖周徐苏叶庄吕江罗萧潘颜朱彭魏韩冯沈邓梁宋唐蒋曹袁董蓝赵孙胡卢丁侯薛范邹熊陆崔龚谭"
    "陳黃張吳劉楊許鄭謝賴蘇葉莊呂羅顏韓馮鄧趙孫盧鄒陸龔譚"
)
HAN_VICTIM = re.compile(
    rf"(?:(?:被骗|被卖)[^，。]{{0,8}}的|获救的|解救的|受害人|受害者|被害人|证人|嫌疑人|幸存者)[：:，,\s]?(?=({HAN})({HAN}{{1,2}})(?:{HAN}{{0,4}}(·){HAN}{{1,6}})?)"
)
LINKS = re.compile(
    r"\s?(?:no\.? ?\d{1,2} ?)?[,:(=\-–]?\s?(?:si|ni|kay|is|ay|adalah|ialah|yaitu|iaitu|is called|là|é)?\s?(?:si |ay |Ms\.? |Mr\.? |em |chị |anh )?", re.I
)  # from the word for a victim to the name behind it
LINKS_BACK = re.compile(
    r"\s?\(|,?\s(?:(?:has|have) been |is |was )?(?:formally )?(?:(?:identified|recogni[sz]ed) as )?(?:the|a|our|ang|yang|o|is the|was the)?\s?(?:\w+\s)?"
)  # from a name to the word for a victim behind it
FREED = re.compile(
    r"\b(?:rescued|rescue of|freed|repatriated|saved|recovered|menyelamatkan|nasagip si|nailigtas si|giải cứu|resgat[aá]mos|trafficked \w{3,12})\s(?:si )?$",
    re.I,
)
WAS = re.compile(r"\s(?:was|is|has been|had been|diselamatkan|ditemukan|foi)\b")


def named_with_age(reading: Reading) -> Iterator[Hit]:
    for start, end, strong in reading.names:
        if reading.near("official", start, end, 30):
            continue
        full = strong or _words(reading, start, end) > 1
        close = [age for age in ages(reading) if 0 <= age[0] - end <= 26 or 0 <= start - age[1] <= 24]
        close += [age for age in any_ages(reading) if full and 0 <= age[0] - end <= 3]  # so close, no other word makes it a limit
        close = [age for age in close if not ENDS.search(reading.plain[min(end, age[1]) : max(start, age[0])])]
        told = full or _introduced(reading, start) or any(AGE_BESIDE.fullmatch(reading.plain[end : age[0]]) for age in close)
        if told and close:
            yield Hit(min(start, close[0][0]), max(end, close[0][1]))
        elif told and (match := BARE_AGE.match(reading.plain, end, min(len(reading.plain), end + 16))):
            person = any(reading.near(meaning, start, end, 70, 70) for meaning in ("person", "rescue", "victim"))
            if 4 <= int(match[1] or match[2] or match[3]) <= 90 and (person or (strong and _words(reading, start, end) > 1)):
                yield Hit(start, match.end())
    yield from _unspaced_with_age(reading)


def _unspaced_with_age(reading: Reading) -> Iterator[Hit]:
    for start, end in ages(reading):
        name = _name_before(reading, start)
        if name is not None:
            yield Hit(name, end)
    for start, end in _unspaced_names(reading):
        close = [age for age in ages(reading) if (-30 <= age[0] - end <= 24 and age[0] > start) or 0 <= start - age[1] <= 20]
        if close and not reading.near("official", start, end, 24):
            yield Hit(min(start, close[0][0]), max(end, close[0][1]))


def _name_before(reading: Reading, place: int) -> int | None:
    """Where a name begins that stands just before an age: words of no known meaning, in scripts without capitals."""
    from_here = max(0, place - 50)
    match = NAME_BEFORE.search(reading.plain[from_here:place])
    if match is None:
        return None
    first, last = from_here + match.start(1), from_here + match.end(1)
    if "\u4e00" <= match[1][0] <= "\u9fff":
        return first if match[1][0] in SURNAMES else None
    return None if any(reading.found(meaning, first, last) for meaning in reading.meant) else first


def _introduced(reading: Reading, start: int) -> bool:
    return reading.near("named", start, start, 12) or reading.near("title", start, start, 10) or reading.near("victim", start, start, 14)


def _words(reading: Reading, start: int, end: int) -> int:
    return reading.plain.count(" ", start, end) + 1


def _unspaced_names(reading: Reading) -> list[Span]:
    """What follows a title or the word for a name, in scripts without capitals."""
    found: list[Span] = []
    for meaning in ("named", "title"):
        for start, end in reading.meant.get(meaning, []):
            if ord(reading.plain[start]) < FIRST_UNSPACED or (end - start <= 3 and _inside_a_word(reading, start)):
                continue
            if meaning == "title" and "\u4e00" <= reading.plain[start] <= "\u9fff":
                continue  # stands behind the name
            match = UNSPACED_NAME.match(reading.plain, end, min(len(reading.plain), end + 60))
            if match and not _means_else(reading, match.start(1), match.start(1) + len(match[1].split()[0])):
                found.append((start, match.end(1)))
            elif meaning == "named" and (before := re.search(rf"{TAMIL}{{3,24}}\s$", reading.plain[max(0, start - 26) : start])):
                found.append((start - len(before[0]), end))  # Tamil says the name first
    return found


def _inside_a_word(reading: Reading, start: int) -> bool:
    return start > 0 and (reading.plain[start - 1].isalpha() or ord(reading.plain[start - 1]) > FIRST_UNSPACED)


def _means_else(reading: Reading, start: int, end: int) -> bool:
    return any(reading.found(meaning, start, end) for meaning in ("victim", "office", "id", "passport", "threshold"))


def named_victim(reading: Reading) -> Iterator[Hit]:
    for start, end, strong in reading.names:
        if not _in_office(reading, start, end) and not reading.near("office", start, start, 4) and _in_a_case(reading, start, end, strong):
            yield Hit(start, end)
    for match in HAN_VICTIM.finditer(reading.plain):
        if match[1] in SURNAMES or match[3]:
            yield Hit(match.start(), match.end(2))
    for start, end in _unspaced_names(reading):
        told = reading.near("victim", start, end, 60, 40) or reading.near("rescue", start, end, 60, 60)
        if told and reading.plain[start] != "မ" and not reading.near("official", start, end, 24):  # "မ" also means "not"
            yield Hit(start, end)


def _in_a_case(reading: Reading, start: int, end: int, strong: bool) -> bool:
    """Whether the words around a name in Latin letters say that it is a victim's, a witness's or a suspect's."""
    full = strong or _words(reading, start, end) > 1
    told = reading.near("rescue", start, end, 60, 60) or reading.near("victim", start, end, 60, 50)
    if _beside_victim(reading, start, end):
        return True
    if reading.near("named", start, start, 12):
        return told or (full and reading.near("person", start, end, 60, 60))
    if reading.near("title", start, start, 6) and told:
        return full or reading.near("rescue", start, end, 0, 14)
    near = reading.near("rescue", start, end, 50, 40) or reading.near("victim", start, end, 50, 40)
    return strong and _words(reading, start, end) > 1 and near


def _beside_victim(reading: Reading, start: int, end: int) -> bool:
    """"the victim, Siti Demo", "Siti Demo, the survivor", "rescued Siti Demo", "Siti Demo was rescued"."""
    if any(LINKS.fullmatch(reading.plain, last, start) for _first, last in reading.found("victim", start - 26, start)):
        return True
    if _words(reading, start, end) < 2:
        return False
    behind = reading.found("victim", end, end + 30)
    if behind and LINKS_BACK.fullmatch(reading.plain, end, behind[0][0]):
        return True
    if FREED.search(reading.plain[max(0, start - 24) : start]):
        return True
    return bool(WAS.match(reading.low, end) and reading.found("rescue", end, end + 26))


def _in_office(reading: Reading, start: int, end: int) -> bool:
    """Whether an office or rank belongs to the name: no word for a victim or "named" stands between."""
    offices = reading.found("official", start - 34, start)
    behind = 18 if reading.plain[end : end + 1] == "," else 4
    if reading.found("official", end, end + behind) or (behind == 18 and reading.found("office", end, end + behind)):
        return True
    return bool(offices) and not (reading.found("victim", offices[-1][1], start) or reading.found("named", offices[-1][1], start))


RULES = (
    Rule("name-age", "named_person_with_age", 2, named_with_age, "A name with an age is one person.", "The hub's rule on direct identifiers",
         "Dewi Lestari, 17, wants to go home", "Viet Nam (10), Lao PDR (7)"),
    Rule("named-victim", "named_victim", 2, named_victim, "The name of a victim, a witness or a suspect.",
         "UNODC Model Law, article 25; Palermo Protocol, article 6", "the victim, Siti Demo, was rescued", "Minister Siti Demo met victims"),
)  # fmt: skip
