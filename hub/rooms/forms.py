"""Forms of rooms: terms and delegates, and what a delegate says."""

import re
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, NamedTuple

from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, NumberRange, ValidationError
from wtforms.widgets import HiddenInput

from hub import languages, text
from hub.accounts.models import Organisation, User
from hub.db import end_reading
from hub.forms import HubForm, LineField, MarkdownField, OneOf, TicksField, options
from hub.guard import Guard
from hub.keeping import new_client_id
from hub.pillars.models import Pillar
from hub.rooms.consent import Draft, Named
from hub.rooms.log import OFF, Said
from hub.rooms.models import Attribution, EntryKind, RoomLabel
from hub.rooms.talking import delegates_called
from hub.web import small
from hub.words import _, later

DAY = re.compile(r"20\d\d-\d\d-\d\d")
CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
KEPT_DAYS = 180
LABELS = {
    RoomLabel.STRICT: later("The two delegations, or all of them in a regional room; a delegate who joins later reads what was said before."),
    RoomLabel.RED: later("The persons who were in the room when it was said: who joins later reads from then on. Nothing leaves it, no mail tells of it."),
}
ATTRIBUTIONS = {
    Attribution.NAMED: later("Named: delegates may say outside who said what, within the label"),
    Attribution.CHATHAM: later("Chatham House Rule: what is said may be used, but neither who said it nor their affiliation"),
}


class TermsForm(HubForm):
    """What all sides agree to."""

    title = LineField(later("What is it about?"), shortest=5, longest=160)
    purpose = LineField(later("Purpose"), shortest=20, longest=600)
    pillar = SelectField(later("Pillar"))
    label = OneOf(later("Who can read it?"), choices=options((label, label) for label in RoomLabel.ALL), default=RoomLabel.STRICT)
    attribution = OneOf(later("Who said what?"), choices=options(ATTRIBUTIONS.items()), default=Attribution.NAMED)
    retention_days = IntegerField(later("Days that entries are kept after closing"), [InputRequired(), NumberRange(7, 730)], default=KEPT_DAYS)
    shows_writing = BooleanField(later("Show who is writing just now"))

    def __init__(self, pillars: Sequence[Pillar], **values: Any) -> None:
        HubForm.__init__(self, **values)
        self.offer_pillars(pillars)

    def offer_pillars(self, pillars: Sequence[Pillar]) -> None:
        self.pillars = {pillar.slug: pillar for pillar in pillars}
        self.pillar.choices = options((pillar.slug, pillar.name) for pillar in pillars)

    def draft(self) -> Draft:
        words = (self.title.words, self.purpose.words)
        days = self.retention_days.data or KEPT_DAYS
        return Draft(*words, self.pillars[self.pillar.data], self.label.data, self.attribution.data, days, self.shows_writing.data)


class NamingForm(HubForm):
    """Whom a side sends."""

    head = SelectField(later("Head of delegation"))
    delegates = TicksField(later("Delegates"))
    note_taker = SelectField(later("Note-taker (optional)"), default="")

    def __init__(self, people: Sequence[User], **values: Any) -> None:
        HubForm.__init__(self, **values)
        self.offer_people(people)

    def offer_people(self, people: Sequence[User]) -> None:
        self.people = {str(one.id): one for one in people}
        named = options((str(one.id), _("%(role)s, %(place)s", role=one.role_title, place=one.organisation.short_name)) for one in people)
        self.delegates.choices = named
        self.head.choices = [*options([("", _("Choose"))]), *named]
        self.note_taker.choices = [*options([("", _("Nobody"))]), *named]

    def validate_head(self, field: SelectField) -> None:
        if not field.data:
            raise ValidationError(_("Choose who leads your delegation."))

    def validate_note_taker(self, field: SelectField) -> None:
        if field.data and field.data == self.head.data:
            raise ValidationError(_("The head of delegation cannot take the notes as well."))

    def named(self) -> Named:
        return Named(self.people[self.head.data], [self.people[one] for one in self.delegates.data or ()], self.people.get(self.note_taker.data or ""))


class ProposalForm(TermsForm, NamingForm):
    others = TicksField(later("With which task forces?"))

    def __init__(self, pillars: Sequence[Pillar], people: Sequence[User], task_forces: Sequence[Organisation], **values: Any) -> None:
        HubForm.__init__(self, **values)
        self.offer_pillars(pillars)
        self.offer_people(people)
        self.task_forces = {str(one.id): one for one in task_forces}
        self.others.choices = options((str(one.id), one.state.short_name if one.state else one.short_name) for one in task_forces)

    def validate_others(self, field: TicksField) -> None:
        if not field.data:
            raise ValidationError(_("Choose at least one: one makes a bilateral room, more make a regional one."))


class LineForm(HubForm):
    """One line on why."""

    words = LineField(later("Why"), longest=300)


class EntryField(MarkdownField):
    """Words of an entry, in which the handles of delegates become links."""

    room_id = 0

    def pre_validate(self, form: Any) -> None:
        if form.kind.data in EntryKind.WITH_WORDS:
            self.read()
        else:
            self.prepared = text.NOTHING

    def _prepare_words(self, guard: Guard) -> None:
        self.prepared = text.prepare(self.data or "", self._known, guard)

    def _known(self, handles: set[str]) -> Collection[str]:
        known = delegates_called(self.room_id, handles)
        end_reading()  # what was read for it; rendering is slow
        return known


def day_of(written: str | None) -> date | None:
    """A day as a browser sends it, 2026-04-30; anything else is none."""
    try:
        return date.fromisoformat(written or "") if DAY.fullmatch(written or "") else None
    except ValueError:
        return None


class Marking(NamedTuple):
    """An action that is being marked: of which entry, who does it, by when, as typed."""

    seq: int
    who: str = ""
    due: str = ""


class EntryForm(HubForm):
    """What a delegate says. ``do`` is a button of a page without script: ``ack:7:2``, for the delegation 2."""

    client_id = StringField(widget=HiddenInput(), default=new_client_id)
    kind = StringField(widget=HiddenInput(), default=EntryKind.MESSAGE)
    target = StringField(widget=HiddenInput(), default="")
    body = EntryField(later("Your words"))
    lang = SelectField(later("Language"), choices=options(languages.AUTONYMS.items()), default="en", validate_choice=False)
    do = StringField(widget=HiddenInput(), default="")
    who = StringField(widget=HiddenInput(), default="")  # has an action: ``2`` for a delegation, ``2:17`` for one delegate of it
    due = StringField(widget=HiddenInput(), default="")
    what = StringField(widget=HiddenInput(), default="")

    def __init__(self, room_id: int, **values: Any) -> None:
        super().__init__(**values)
        self.body.room_id = room_id
        kind, target, side = [*(self.do.data or "").split(":"), "", ""][:3]
        self.for_side = small(side)
        self.what.data = OFF if OFF in (side, self.what.data) else ""
        self.marking: Marking | None = None
        if target:
            self.kind.data, self.target.data, self.client_id.data = kind, target, new_client_id()

    def is_for_another(self, side_id: int) -> bool:
        """Whether the button that was pressed is for another delegation."""
        return self.for_side not in (0, side_id)

    def marking_asked(self) -> "Marking | None":
        """The action that this form marks, to be shown again when it is refused."""
        if self.kind.data != EntryKind.ACTION or self.what.data:
            return None
        return Marking(small(self.target.data or ""), self.who.data or "", self.due.data or "")

    def writing_again(self) -> "EntryForm":
        """The form for the page that is shown again: a button that was refused is not what one writes next."""
        if self.kind.data in EntryKind.WITH_WORDS:
            return self
        again = EntryForm(self.body.room_id, formdata=None)
        again.body.data, again.marking = self.body.data, self.marking_asked()
        return again

    def validate_kind(self, field: StringField) -> None:
        if field.data not in EntryKind.FROM_DELEGATES:
            raise ValidationError(_("A page does not send entries of this kind."))
        if field.data not in EntryKind.WITH_WORDS and (self.body.data or "").strip():
            raise ValidationError(_("This holds no words: send them as an entry of their own."))

    def validate_client_id(self, field: StringField) -> None:
        if not CLIENT_ID.fullmatch(field.data or ""):
            raise ValidationError(_("This page has no number for what it sends. Load it anew; your words stay here."))

    def validate_target(self, field: StringField) -> None:
        if field.data and not small(field.data):
            raise ValidationError(_("The entry that this is about is not there."))

    def said(self) -> Said:
        kind, words = str(self.kind.data), self.kind.data in EntryKind.WITH_WORDS
        lang = self.lang.data if self.lang.data in languages.AUTONYMS else "en"
        said = Said(kind, self.body.prepared, lang if words else "", small(self.target.data or "") or None, self.client_id.data)
        if kind in EntryKind.MARKS and self.what.data == OFF:
            return said._replace(what=OFF)
        return said._replace(**self._action()) if kind == EntryKind.ACTION else said

    def _action(self) -> dict[str, Any]:
        side, _colon, owner = (self.who.data or "").partition(":")
        return {"side_id": small(side) or None, "due_on": day_of(self.due.data), "subject_id": small(owner) or None}
