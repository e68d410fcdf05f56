"""The work grows with the text and no faster, whatever is in it."""

import gc
import time

import pytest

from hub.safeguard.scan import LONGEST, scan
from tests.factories import MORE

HOSTILE = [
    "1", "1 ", "090412145566 ", "0812345678 ", "+66 81 234 5678 ", "a", "A", "Aa ", "born ", "passport ", "victim ", "Siti Demo ", "the victim named Siti Demo, 17, ",
    "15 years old ", "shelter no 12 Jalan Melur ", "case no ", "a.b@c", "@", "a.", "P<", "<", "A1<", "\u200b", "1\u200b", "1\u200b ", "ผู้เสียหาย", "นาย ก ", "受害人", "မ ကို", "A.", "A/",
    "1.2345,", "Line id ", "facebook.com/", "from Siti ", "boat ", "KM Aa ", "\n", "-", "1-", "(", "1°1'", "plate ABC 1234 ", "LP/", "AB-", "geo:1.11,1.11 ", "///", "பெயர் ", "si Ana ", "her mother ", "A-1/",
]  # fmt: skip


def work(text: str) -> float:
    """Seconds of this processor."""
    started = time.process_time()
    scan(text)
    return time.process_time() - started


@pytest.mark.timeout(240)
def test_twice_the_text_is_at_most_two_and_a_half_times_the_work():
    gc.collect()
    length = LONGEST * MORE // 4
    longer = {part: (part * length)[:length] for part in HOSTILE}
    ratios = {}
    for part, text in longer.items():
        half, whole = work(text[: length // 2]), work(text)
        if whole > 0.02:  # below, the clock tells nothing
            ratios[part] = whole / half
    for _turn in range(3):  # a slow moment of the machine does not come back
        ratios = {part: work(longer[part]) / work(longer[part][: length // 2]) for part, ratio in ratios.items() if ratio > 2.5}
    assert {part: ratio for part, ratio in ratios.items() if ratio > 2.5} == {}
