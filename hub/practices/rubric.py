"""The rubric of a review, and what the reviews of a revision come to."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from hub.words import later

PASS, CHANGES = "pass", "changes"
VERDICTS = ((PASS, later("It can be published")), (CHANGES, later("It needs changes first")))
ROWS = (
    ("effective", later("Effective: it reached what it meant to")),
    ("sustainable", later("Sustainable: it goes on without its first money")),
    ("replicable", later("Replicable: others could do it")),
    ("inclusion", later("Gender and inclusion")),
    ("rights", later("Rights, and do no harm")),
    ("survivor", later("Survivor-informed")),
    ("evidence", later("Evidence: honest, and shown")),
    ("clarity", later("Clear to somebody who was not there")),
)
SCORES = ((0, later("0 not at all")), (1, later("1 in part")), (2, later("2 well")), (3, later("3 fully")))
LEAST_RIGHTS, LEAST_MEAN, APART = 2, 1.75, 2


class Scored(Protocol):
    verdict: str


class Outcome(NamedTuple):
    """``verdict`` is "" while a further review is needed."""

    verdict: str
    third: bool = False  # two reviewers differ: a third is asked
    floors: bool = True  # whether the scores would let it pass


def scores_of(review: Scored) -> list[int]:
    return [getattr(review, name) for name, _words in ROWS]


def mean_of(review: Scored) -> float:
    scores = scores_of(review)
    return sum(scores) / len(scores)


def outcome(reviews: Sequence[Scored], needed: int = 2) -> Outcome:
    """What the given reviews of one revision come to. The verdict decides, but the floors must hold to pass.

    Two who differ by two or more in any row, or in their verdicts, call a third, and then the majority decides.
    """
    if len(reviews) < needed:
        return Outcome("")
    floors = _floors_hold(reviews)
    verdicts = [review.verdict for review in reviews]
    if needed == 2 and len(reviews) == 2 and (len(set(verdicts)) > 1 or _far_apart(reviews)):
        return Outcome("", third=True, floors=floors)
    passed = verdicts.count(PASS) * 2 > len(verdicts)
    return Outcome(PASS if passed and floors else CHANGES, floors=floors)


def _far_apart(reviews: Sequence[Scored]) -> bool:
    return any(max(row) - min(row) >= APART for row in zip(*map(scores_of, reviews), strict=True))


def _floors_hold(reviews: Sequence[Scored]) -> bool:
    """Rights and do-no-harm of at least two from both (from two of three), and the mean of all scores."""
    right = sum(review.rights >= LEAST_RIGHTS for review in reviews)  # type: ignore[attr-defined]
    scores = [score for review in reviews for score in scores_of(review)]
    return right >= min(2, len(reviews)) and sum(scores) / len(scores) >= LEAST_MEAN
