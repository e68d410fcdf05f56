"""Any valid number of five states is found, however it is written, and the finding points at it."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.safeguard.ids import fin_letter
from hub.safeguard.scan import LONGEST, scan
from tests.factories import MORE

DIGITS = ["0123456789", "๐๑๒๓๔๕๖๗๘๙", "០១២៣៤៥៦៧៨៩", "໐໑໒໓໔໕໖໗໘໙", "၀၁၂၃၄၅၆၇၈၉", "௦௧௨௩௪௫௬௭௮௯", "０１２３４５６７８９"]
BETWEEN = ["", " ", "-", "\u200b", "\u00a0", "\u2011", " \u200b", "\u200d-", "–", ".", "\n"]


def thai(twelve: list[int]) -> list[str]:
    check = (11 - sum(n * (13 - i) for i, n in enumerate(twelve)) % 11) % 10
    digits = "".join(map(str, [*twelve, check]))
    return [digits[0], digits[1:5], digits[5:10], digits[10:12], digits[12]]


def singaporean(first: str, seven: list[int]) -> list[str]:
    digits = "".join(map(str, seven))
    return [first, digits, fin_letter(first.lower(), digits).upper()]


def malaysian(day: date, place: int, serial: int) -> list[str]:
    return [f"{day:%y%m%d}", f"{place:02d}", f"{serial:04d}"]


def indonesian(province: int, rest: int, day: date, woman: bool, serial: int) -> list[str]:
    return [f"{province}{rest:04d}", f"{day.day + 40 * woman:02d}{day:%m%y}", f"{serial:04d}"]


def vietnamese(province: int, century: int, year: int, serial: int) -> list[str]:
    return [f"{province:03d}", str(century), f"{year:02d}", f"{serial:06d}"]


DAYS = st.dates(date(1930, 1, 1), date(2024, 12, 31))
IDS = st.one_of(
    st.builds(thai, st.lists(st.integers(0, 9), min_size=12, max_size=12).filter(lambda digits: 1 <= digits[0] <= 8)),
    st.builds(singaporean, st.sampled_from("STFGM"), st.lists(st.integers(0, 9), min_size=7, max_size=7)),
    st.builds(malaysian, DAYS, st.sampled_from([1, 5, 10, 12, 14, 16, 21, 33, 56, 59, 60, 74, 82, 98]), st.integers(0, 9999)),
    st.builds(indonesian, st.sampled_from([11, 12, 31, 32, 33, 35, 51, 53, 61, 73, 91, 94]), st.integers(101, 7999), DAYS, st.booleans(), st.integers(1, 9999)),
    st.builds(vietnamese, st.integers(1, 96), st.integers(0, 3), st.integers(0, 99), st.integers(0, 999_999)),
)


def adjoins(character: str) -> bool:
    return character.isalnum() or character.isnumeric()


def test_two_valid_numbers_in_one_run_are_one_passage():
    [finding] = scan("4 2 0087 00363 36 3")
    assert (finding.start, finding.end, finding.severity) == (0, 19, 3)


@settings(max_examples=150 * MORE, deadline=None)
@given(groups=IDS, digits=st.sampled_from(DIGITS), between=st.sampled_from(BETWEEN), before=st.text(max_size=60), after=st.text(max_size=60))
def test_any_valid_id_is_found_where_it_stands(groups, digits, between, before, after):
    written = between.join(groups).translate(str.maketrans("0123456789", digits))
    if (before and adjoins(before[-1])) or (after and adjoins(after[0])):
        before, after = before + " ", " " + after
    text = before + written + after
    start, end = len(before), len(before) + len(written)
    assert any(finding.start <= start and finding.end >= end and finding.end - finding.start <= len(written) + 40 for finding in scan(text)), text


def test_valid_numbers_that_overlap_are_one_passage_also_where_something_invisible_parts_them():
    for text in ("2 1\u200b0298\u200b30105\u200b33\u200b2", "2 1 0298 30105 33 2", "4 2 0087 00363 36 3"):
        assert any(finding.start <= 2 and finding.end == len(text) for finding in scan(text)), text


@settings(max_examples=100 * MORE, deadline=None)
@given(st.text(max_size=400), st.sampled_from(["en", "th", "tet", None, "xx"]))
def test_any_text_is_read_and_findings_lie_in_it(text, lang):
    last = 0
    for finding in scan(text, lang):
        assert last <= finding.start < finding.end <= len(text)
        assert finding.severity in (1, 2, 3)
        last = finding.end


def test_a_text_beyond_the_cap_is_read_as_far_as_the_cap():
    assert not scan("x " * LONGEST + "passport A1234567")


def test_emphasis_hides_no_number():
    assert scan("her id 1-6305-**01234**-56-2")
    assert scan("*1*6*3*0501234562")
