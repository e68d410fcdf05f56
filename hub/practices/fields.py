"""What a practice is made of: each field with its words, its limits and its step. The form, the checks, the page and the exports read this."""

from typing import NamedTuple

from hub.accounts.queries import state_names
from hub.discussions.models import Label
from hub.words import later

ROWS = 6  # of each kind
LABELS = (Label.CLEAR, Label.GREEN, Label.AMBER)


class Field(NamedTuple):
    """``least`` and ``most`` are characters of words and numbers of ticks; ``least`` 0 is optional."""

    name: str
    kind: str  # "line", "words", "text", "one", "many", "month", "number", "rows", "rights", "tick"
    label: str
    hint: str = ""
    example: str = ""
    least: int = 0
    most: int = 0
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def required(self) -> bool:
        return self.least > 0


class Step(NamedTuple):
    num: int
    title: str
    lead: str
    fields: tuple[Field, ...]


SCOPES = (
    ("local", later("local")),
    ("national", later("national")),
    ("bilateral", later("between two states")),
    ("regional", later("regional")),
)
BENEFITS = (
    ("adults", later("adults")),
    ("children", later("children")),
    ("men_and_boys", later("men and boys")),
    ("women_and_girls", later("women and girls")),
    ("migrant_workers", later("migrant workers")),
    ("fishers", later("fishers")),
    ("domestic_workers", later("domestic workers")),
    ("disability", later("persons with disability")),
    ("lgbtqi", later("LGBTQI+ persons")),
    ("stateless", later("stateless persons")),
    ("forced_criminality", later("victims of forced criminality")),
    ("officials", later("officials")),
    ("public", later("the public")),
)
FORMS = (
    ("sexual", later("sexual exploitation")),
    ("forced_labour", later("forced labour")),
    ("forced_criminality", later("forced criminality, online scams")),
    ("domestic_servitude", later("domestic servitude")),
    ("forced_marriage", later("forced marriage")),
    ("begging", later("begging")),
    ("organ_removal", later("organ removal")),
    ("child", later("exploitation of children")),
    ("surrogacy_adoption", later("surrogacy or adoption")),
    ("not_specific", later("not specific")),
)
EVIDENCE = (
    ("E1", later("E1, described by who did it")),
    ("E2", later("E2, own monitoring data")),
    ("E3", later("E3, figures before and after, or an outside review")),
    ("E4", later("E4, an independent evaluation with a comparison")),
    ("E5", later("E5, E4 in two or more settings")),
)
BANDS = (
    ("none", later("no cost of its own")),
    ("under_10k", later("under 10,000 USD")),
    ("10k_100k", later("10,000 to 100,000 USD")),
    ("100k_1m", later("100,000 to 1 million USD")),
    ("over_1m", later("over 1 million USD")),
)
EVERY = (("once", later("once")), ("year", later("a year")))
CURRENCIES = tuple((code, code) for code in ("BND", "IDR", "KHR", "LAK", "MMK", "MYR", "PHP", "SGD", "THB", "USD", "VND"))
PARTNERS = (
    ("government", later("government")),
    ("ngo", later("NGO")),
    ("survivor_group", later("survivor group")),
    ("business", later("business")),
    ("un_io", later("UN or other international body")),
    ("academia", later("university or institute")),
)
UNITS = (
    ("percent", later("per cent")),
    ("persons", later("persons")),
    ("time", later("time")),
    ("money", later("money")),
    ("other", later("other")),
)
LINKS = (
    ("source", later("source of the evidence")),
    ("law", later("law, regulation or budget line")),
    ("material", later("material to use")),
)
RIGHTS = (
    ("do_no_harm", later("Do no harm: risks to the persons concerned were looked at")),
    ("consent", later("Informed consent")),
    ("non_punishment", later("Non-punishment is respected")),
    ("privacy", later("Privacy")),
    ("gender", later("Gender-responsive")),
    ("child", later("Best interest of the child")),
    ("inclusion", later("Disability and inclusion")),
    ("survivor_informed", later("Survivor-informed")),
)
ANSWERS = (("yes", later("yes")), ("partly", later("partly")), ("no", later("no")), ("na", later("does not apply")))
SURVIVORS = (
    ("none", later("not")),
    ("consulted", later("consulted")),
    ("co_designed", later("co-designed")),
    ("survivor_led", later("survivor-led")),
)
INSTRUMENTS = (
    ("actip", later("ACTIP")),
    ("apa", later("ASEAN Plan of Action")),
    ("bohol", later("Bohol TIP Work Plan 2.0")),
    ("sdg_5_2", "SDG 5.2"),
    ("sdg_8_7", "SDG 8.7"),
    ("sdg_16_2", "SDG 16.2"),
    ("national_law", later("national law")),
)

STEPS = (
    Step(1, later("What and where"), later("What a colleague in another state sees first."), (
        Field("title", "line", later("Title"), later("What was done, in one line."), later("Interpreter on call within 60 minutes for first interviews"), 10, 120),
        Field("summary", "words", later("Summary"), later("What, where, and what came of it. It stands in lists."),
              later("A shared roster puts a trained interpreter on the line before the first question is asked. Most first interviews now have one."), 80, 600),
        Field("lang", "one", later("Language"), least=1),
        Field("pillar", "one", later("Pillar"), least=1),
        Field("also_pillars", "many", later("Also touches (optional)"), most=3),
        Field("scope", "one", later("How far it reaches"), least=1, choices=SCOPES),
        Field("other_states", "many", later("Other states that it names (optional)"),
              later("Their focal points are asked to comment before it is published. They have no veto; what they say is printed in full.")),
        Field("lead_body", "line", later("Body in charge"), later("The office or unit, not a person."), later("Victim support unit of the task force"), 2, 160),
        Field("partners", "rows", later("Partners (optional)")),
        Field("period_start", "month", later("Since"), later("Year and month."), "2024-01", 1),
        Field("period_end", "month", later("Until (empty while it goes on)")),
    )),
    Step(2, later("Problem and work"), later("So that somebody who was not there could do it."), (
        Field("problem", "text", later("The problem"), later("What was going wrong, for whom."),
              later("Persons found in raids were interviewed through relatives or, at worst, the recruiter."), 100, 1500),
        Field("what_was_done", "text", later("What was done"), later("The steps, in order. Numbered lists work."),
              later("1. A roster of trained interpreters, on call in shifts.\n2. One number for all agencies."), 200, 5000),
        Field("who_benefits", "many", later("Who benefits"), least=1, choices=BENEFITS),
        Field("exploitation_forms", "many", later("Forms of exploitation (optional)"), choices=FORMS),
    )),
    Step(3, later("Results and cost"), later("Aggregates only. A figure about fewer than five persons leads to a person: write “fewer than 5”."), (
        Field("results", "text", later("Results"), later("What changed, and how you know."), later("First interviews with an interpreter rose from 41 % to 88 %."), 100, 3000),
        Field("result_rows", "rows", later("Figures (optional)"), later("One line each; the unit stands once, in its own field."),
              later("First interviews with an interpreter; per cent; 41; 88; 2024 and 2025; own case system")),
        Field("evidence_level", "one", later("Evidence"), later("Be honest: most practices here are E1 or E2. From E3 up a link to the source is needed."), least=1, choices=EVIDENCE),
        Field("links", "rows", later("Links (needed from E3 up)"), later("Addresses begin with https://")),
        Field("cost_amount", "number", later("Cost (optional)"), later("A whole number."), "96000"),
        Field("cost_currency", "one", later("Currency"), choices=CURRENCIES),
        Field("cost_every", "one", later("Paid how often"), choices=EVERY),
        Field("cost_band", "one", later("Roughly, in US dollars"), choices=BANDS),
        Field("staff", "line", later("Staff needed (optional)"), "", later("Two posts, half-time"), 0, 200),
    )),
    Step(4, later("What others should know"), later("The part that colleagues thank you for."), (
        Field("success_factors", "text", later("What helped"), "", later("One rule in the standing order: the interview waits for the interpreter."), 50, 1500),
        Field("constraints", "text", later("What went wrong, what is hard"), later("It may not be empty: every practice has limits."),
              later("Two languages could not be staffed at night."), 50, 1500),
        Field("lessons", "text", later("Lessons"), "", later("Interpreters need debriefing; put it into the contract."), 50, 1500),
        Field("how_to_adapt", "text", later("If you adopt it"), later("The least one needs, and what to change elsewhere."),
              later("Start with the three languages you meet most."), 50, 1500),
    )),
    Step(5, later("Rights, readers, sending"), later("What protects the people it is about."), (
        Field("rights", "rights", later("Rights checklist"), least=1),
        Field("instruments", "many", later("Instruments (optional)"), choices=INSTRUMENTS),
        Field("national_law", "line", later("Which law or plan (optional)"), "", later("Act on trafficking in persons, section 12"), 0, 200),
        Field("content_notes", "line", later("Note on contents (optional)"), later("If it describes violence, say so here: it stands before the text."), "", 0, 200),
        Field("languages", "many", later("Materials exist in (optional)")),
        Field("tags", "many", later("Topics (optional)"), most=8),
        Field("contact", "one", later("Who answers questions"), later("An account of your task force: a role, never a private telephone."), least=1),
        Field("label", "one", later("Who can read it once it is published?"), least=1, choices=tuple((label, label) for label in LABELS)),
        Field("stated", "tick", later("No person can be identified, pictures were taken with consent, and the label is right."), least=1),
    )),
)  # fmt: skip
FIELDS = {field.name: field for step in STEPS for field in step.fields}
TEXTS = tuple(field.name for field in FIELDS.values() if field.kind == "text")
LINES = tuple(field.name for field in FIELDS.values() if field.kind in ("line", "words"))


def words_of(choices: tuple[tuple[str, str], ...], value: str) -> str:
    """What stands on a page for a stored value."""
    return str(dict(choices).get(value, value))


def state_choices() -> tuple[tuple[str, str], ...]:
    return tuple(sorted(state_names().items(), key=lambda pair: pair[1]))
