"""Forms of flags, decisions and appeals."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import request
from wtforms import IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import ValidationError
from wtforms.widgets import HiddenInput

from hub import web
from hub.discussions.models import Label
from hub.forms import HubForm, LineField, OneOf, options
from hub.moderation import decisions
from hub.moderation.models import SanctionKind
from hub.moderation.redaction import Span, places_of, spans_of
from hub.reasons import SHORTEST, ReasonField
from hub.review.models import ItemKind, Reason
from hub.web import me
from hub.words import _, later

REASONS: dict[str, str] = {
    Reason.PERSON: later("It identifies a person"),
    Reason.SHELTER: later("It tells of a shelter or an operation"),
    Reason.ATTACK: later("It attacks somebody"),
    Reason.LABEL: later("Its TLP label is too wide"),
    Reason.OFF_TOPIC: later("It does not belong here"),
    Reason.COPYRIGHT: later("It copies what is not free to be copied"),
    Reason.OTHER: later("Something else"),
}
HINTS: dict[str, str] = {
    Reason.PERSON: later("A name, document, picture, or details that together point to one person. It is hidden at once."),
    Reason.SHELTER: later("A place where people are protected, or what the police plan. It is hidden at once."),
    Reason.ATTACK: later("It insults a colleague, or a group of people."),
    Reason.LABEL: later("Fewer people should be able to read it."),
    Reason.OFF_TOPIC: later("It is not about policy or practice, or stands in the wrong place."),
    Reason.COPYRIGHT: later("A text or picture of somebody else, taken over whole."),
    Reason.OTHER: later("Say what it is in the note."),
}
RULE_WORDS: dict[str, str] = {
    Reason.PERSON: later("R1: no name, document, picture, or details that together point to one person."),
    Reason.SHELTER: later("R2: no place where people are protected, no plan of the police, no ongoing case."),
    Reason.ATTACK: later("R3: argue with the practice, not with the person; no insult to a colleague, a state or a group of people."),
    Reason.LABEL: later("R4: the narrowest label that serves the talk; nothing from a stricter thread in a wider one."),
    Reason.OFF_TOPIC: later("R5: policy and practice, never cases, each in the place where it belongs."),
    Reason.COPYRIGHT: later("R6: your own words; a brief quote with its source."),
}
OUTCOMES: dict[str, str] = {
    decisions.RESTORE: later("Shown as it is"),
    decisions.REDACT: later("Redacted"),
    decisions.REMOVE: later("Removed"),
    decisions.RETURN: later("Returned to its author"),
    decisions.RELABEL: later("Stricter label"),
    decisions.LOCK: later("Thread closed"),
    decisions.DISMISS: later("Left as it is"),
    "publish": later("Made public"),
    "over": later("Dealt with in another way"),
    "expired": later("Deleted after 72 hours"),
    "taken back": later("Taken back by its author"),
}
RULES: dict[str, str] = {Reason.PERSON: "R1", Reason.SHELTER: "R2", Reason.ATTACK: "R3", Reason.LABEL: "R4", Reason.OFF_TOPIC: "R5", Reason.COPYRIGHT: "R6"}
KINDS: dict[str, str] = {
    ItemKind.FLAG: later("Flag"),
    ItemKind.HELD: later("Held before it was stored"),
    ItemKind.PUBLIC: later("Asks to be public"),
    ItemKind.APPEAL: later("Appeal"),
    ItemKind.AGAIN: later("Changed after it was returned"),
}
DECISIONS: dict[str, tuple[str, str]] = {
    decisions.RESTORE: (later("Show it as it is"), later("nothing here breaks a rule")),
    decisions.REDACT: (later("Redact and show"), later("the passages are purged, everywhere")),
    decisions.REMOVE: (later("Remove it"), later("one line stays in its place")),
    decisions.RETURN: (later("Return it to its author"), later("hidden until it is changed; then it comes back here")),
    decisions.RELABEL: (later("Stricter label"), later("for the whole thread, at once")),
    decisions.LOCK: (later("Close the thread"), later("no further answers")),
    decisions.DISMISS: (later("Leave it"), later("the flag does not hold")),
}
OF_APPEALS: dict[str, tuple[str, str]] = {
    decisions.RESTORE: (later("The appeal holds"), later("what can be given back is given back")),
    decisions.DISMISS: (later("The decision stands"), later("this ends the matter")),
}
OF_HELD: dict[str, tuple[str, str]] = {
    decisions.RESTORE: (later("Post it as it is"), later("in its author’s name, where it was meant to go")),
    decisions.REDACT: (later("Post it without some passages"), later("in its author’s name; the passages are deleted")),
    decisions.REMOVE: (later("Delete it"), later("nobody reads it any more, its author neither")),
    decisions.RETURN: (later("Give it back to its author"), later("to copy and to change; deleted after 72 hours")),
}
OF_PROFILES: dict[str, tuple[str, str]] = DECISIONS | {
    decisions.REMOVE: (later("Remove all it says"), later("the account and its organisation stay")),
}
OF_PUBLIC: dict[str, tuple[str, str]] = {decisions.DISMISS: (later("Leave it TLP:GREEN"), later("members read it, the public does not"))}
SANCTIONS = (
    ("", later("None")),
    (SanctionKind.WARN, later("A warning")),
    (SanctionKind.SILENCE, later("May not write")),
    (SanctionKind.SUSPEND, later("May not come in")),
)
LONGEST_NOTE, LONGEST_REASON, LONGEST_LINE = 300, 500, 2_000
MOST_LINES = 50
BUDDHIST_ERA = 543


class FlagForm(HubForm):
    reason = OneOf(later("What is wrong?"), choices=options(REASONS.items()))
    note = LineField(later("Note for the moderators (optional)"), longest=LONGEST_NOTE)


class AppealForm(HubForm):
    note = LineField(later("Why should another moderator look again?"), shortest=SHORTEST, longest=LONGEST_NOTE)


class EndingForm(HubForm):
    """A form with the last day of a sanction."""

    sanction = SelectField(later("For the author"), choices=options(SANCTIONS), default="")
    until = StringField(later("Until (day)"), default="")

    def validate_until(self, field: StringField) -> None:
        if self.sanction.data in (SanctionKind.SILENCE, SanctionKind.SUSPEND) and self.end() is None:
            raise ValidationError(_("Give a day to come, such as %(day)s.", day=(datetime.now(UTC) + timedelta(days=7)).date().isoformat()))

    def end(self) -> datetime | None:
        """The end of that day where the moderator is; ``None`` unless it is a day to come, of at most five years. Buddhist-era years are understood."""
        try:
            day = datetime.strptime((self.until.data or "").strip()[:10], "%Y-%m-%d").date()
            day = day.replace(year=day.year - BUDDHIST_ERA) if day.year > 2400 else day
        except ValueError:
            return None
        end = datetime.combine(day, time(23, 59, 59), ZoneInfo(me().zone)).astimezone(UTC)
        return end if timedelta() < end - datetime.now(UTC) < timedelta(days=5 * 366) else None


class SanctionForm(EndingForm):
    """A sanction beside any item."""

    handle = StringField(later("Handle of the member"))
    sanction = SelectField(later("What"), choices=options(SANCTIONS[1:]))
    reason = ReasonField(later("Reason, for the member and the record"))


class DecideForm(EndingForm):
    """``spans`` are code points of the snapshot's source text; ``passage`` names found passages by their place, ``words`` further ones, a line each.

    ``ask`` wants to see quotes before they are taken out; ``listed`` are those that were seen, by post id, ``spare`` those to be left as they are.
    ``file`` names files to be removed, by id; ``source`` tells the text that the moderator saw: places in another one are not meant.
    """

    decision = OneOf(later("Decide"))
    reason = LineField(later("Reason, for the author and the record"), shortest=SHORTEST, longest=LONGEST_REASON)
    version = IntegerField(widget=HiddenInput(), default=0)
    spans = StringField(widget=HiddenInput(), default="")
    passage = SelectMultipleField(later("Passages"), validate_choice=False)
    words = TextAreaField(later("Other words to take out"))  # never stored
    label = SelectField(later("New label"), validate_choice=False)
    file = SelectMultipleField(later("Files"), validate_choice=False)
    source = StringField(widget=HiddenInput(), default="")
    ask = StringField(widget=HiddenInput(), default="")
    listed = StringField(widget=HiddenInput(), default="")
    spare = SelectMultipleField(later("Posts that say the same"), validate_choice=False)

    def __init__(self, allowed: dict[str, tuple[str, str]], stricter: Sequence[str] = Label.ALL, **values: object) -> None:
        super().__init__(**values)
        self.decision.choices = options((name, words) for name, (words, _hint) in allowed.items())
        self.label.choices = options((label, label) for label in stricter)
        if self.looking:
            self.reason.shortest = 0

    @property
    def looking(self) -> bool:
        """Whether the moderator wants to see first what is taken out."""
        return self.is_submitted() and "look" in request.form

    def files(self) -> tuple[int, ...]:
        """Ids of the files to be removed."""
        return tuple({web.small(given) for given in self.file.data or ()} - {0})

    def seen(self) -> set[int]:
        """Ids of the posts that were shown as saying the same."""
        return {web.small(given) for given in (self.listed.data or "").split(",")}

    def spared(self) -> set[int]:
        """Those that keep their words."""
        return {web.small(given) for given in self.spare.data or ()}

    def places(self, source: str) -> list[Span]:
        """The passages to take out of a text: by place, as ticked, and by their words; each as it was named. Raises ``NotAllowed``."""
        try:
            found = spans_of(",".join([self.spans.data or "", *(self.passage.data or [])]), len(source))
        except ValueError:
            raise decisions.NotAllowed("places") from None
        for line in (self.words.data or "").splitlines()[:MOST_LINES]:
            said = places_of(line[:LONGEST_LINE], source)
            if line.strip() and not said:
                raise decisions.NotAllowed("words")
            found += said
        return sorted(set(found))


def allowed(item_kind: str, target_kind: str) -> dict[str, tuple[str, str]]:
    """What may be decided on an item, with its words."""
    of_target = OF_PROFILES if target_kind == "profile" else DECISIONS
    words = {ItemKind.APPEAL: OF_APPEALS, ItemKind.PUBLIC: OF_PUBLIC, ItemKind.HELD: OF_HELD}.get(item_kind, of_target)
    return {name: words[name] for name in decisions.ALLOWED.get((item_kind, target_kind), ())}
