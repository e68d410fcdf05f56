"""What stands beside the list of the library, of what was counted: the filters with their values, and the region."""

from typing import Any

from hub.accounts.queries import state_names
from hub.languages import AUTONYMS
from hub.pillars.queries import all_pillars
from hub.practices import fields as parts
from hub.practices import showing
from hub.practices.library import Counts, by_filter
from hub.words import _, later

SORTS = (("newest", later("newest")), ("adopted", later("most in use")), ("evidence", later("best evidence")))


Facet = tuple[str, str, tuple[tuple[str, str, int], ...]]
Share = tuple[str, str, int, int]


def facets(counted: Counts) -> tuple[Facet, ...]:
    """Name, heading, and the values that are there with how many each would leave."""
    counts = by_filter(counted)
    pillars = [(pillar.slug, pillar.name) for pillar in all_pillars()]
    states = sorted(state_names().items(), key=lambda pair: pair[1])
    known: list[tuple[str, str, Any]] = [
        ("pillar", _("Pillar"), pillars), ("country", _("State"), states),
        ("evidence_level", _("Evidence"), parts.EVIDENCE),
        ("maturity", _("Maturity"), showing.MATURITIES.items()), ("who_benefits", _("Who benefits"), parts.BENEFITS),
        ("exploitation_forms", _("Form of exploitation"), parts.FORMS), ("cost_band", _("Cost"), parts.BANDS), ("lang", _("Language"), AUTONYMS.items()),
        ("adopted_by", _("In use by"), states),
    ]  # fmt: skip
    return tuple((name, heading, tuple((value, str(words), counts[name].get(value, 0)) for value, words in choices)) for name, heading, choices in known)


def region(counted: Counts) -> tuple[Share, ...]:
    """Each state in ASEAN order: code, name, how many it published and how many it uses."""
    counts, names = by_filter(counted), sorted(state_names().items(), key=lambda pair: pair[1])
    return tuple((code, name, counts["country"].get(code, 0), counts["adopted_by"].get(code, 0)) for code, name in names)


def tiles_of(states: tuple[Share, ...]) -> dict[str, str]:
    """Classes of the map: who wrote something, else who uses something."""
    return {code: "own" if wrote else "try" for code, _name, wrote, uses in states if wrote or uses}
