"""How mature a practice is: computed from its evidence, its review and what others did with it, and explained."""

from typing import NamedTuple

from hub.practices.models import Maturity
from hub.words import _

ORDER = {level: n for n, level in enumerate(("", "E1", "E2", "E3", "E4", "E5"))}


class Basis(NamedTuple):
    """What maturity is computed from; ``in_use`` counts other task forces that pilot, adopted or adapted it."""

    evidence_level: str
    reviewed: bool
    in_use: int
    in_law: bool  # a link to a law, a regulation or a budget line


def maturity(basis: Basis) -> str:
    """Considering and stopped do not count; each rung needs the ones below it, but a law needs no adoption elsewhere."""
    level = ORDER[basis.evidence_level]
    if not basis.reviewed or level < ORDER["E2"]:
        return Maturity.INNOVATION
    if level < ORDER["E3"]:
        return Maturity.PROMISING
    if basis.in_law:
        return Maturity.INSTITUTIONALISED
    return Maturity.GOOD if basis.in_use else Maturity.PROMISING


class Rung(NamedTuple):
    level: str
    words: str
    why: str
    reached: bool


def ladder(basis: Basis) -> list[Rung]:
    """Every level with what it needs, or what it rests on."""
    reached = Maturity.ALL.index(maturity(basis))
    whys = (
        "",
        _("reviewed, and evidence E2 or better"),
        _("evidence E3 or better, and in use elsewhere"),
        _("evidence E3 or better, and a law, a regulation or a budget line"),
    )
    words = (_("Innovation"), _("Promising"), _("Good practice"), _("Institutionalised"))
    return [Rung(level, words[n], whys[n], n <= reached) for n, level in enumerate(Maturity.ALL)]
