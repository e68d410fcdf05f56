"""Forms of threads and posts."""

import re
from typing import Any

from wtforms import IntegerField, RadioField, SelectField, StringField
from wtforms.validators import ValidationError
from wtforms.widgets import HiddenInput

from hub import languages, policy, text
from hub.accounts.models import User
from hub.db import end_reading
from hub.directory.mentions import mentioned
from hub.discussions.models import ThreadKind
from hub.forms import LineField, MarkdownField, TicksField, options
from hub.guard import Guard
from hub.keeping import KeptForm
from hub.keeping import new_client_id as new_client_id
from hub.pillars.models import Tag
from hub.web import actor
from hub.words import _, later

KINDS = {
    ThreadKind.QUESTION: later("Question"),
    ThreadKind.EXPERIENCE: later("Experience"),
    ThreadKind.CHALLENGE: later("Challenge"),
    ThreadKind.WAY_FORWARD: later("Way forward"),
    ThreadKind.ANNOUNCEMENT: later("Announcement"),
}
SHORTEST_TITLE, LONGEST_TITLE = 5, 160


CLIENT_ID = re.compile(r"(?!\d+$)[A-Za-z0-9_-]{1,64}")


def known_handles(handles: set[str]) -> set[str]:
    """Those that name somebody the writer may see; what was read for it ends, as rendering is slow."""
    known = {named.handle for named in mentioned(actor(), handles)}
    end_reading()
    return known


class PostField(MarkdownField):
    """The text of a post: Markdown in which handles become links."""

    def _prepare_words(self, guard: Guard) -> None:
        self.prepared = text.prepare(self.data or "", known_handles, guard)


class TextForm(KeptForm):
    """What every text has: words, a language, and the id that makes sending it twice harmless."""

    may_hold = True

    body = PostField(later("Text"))
    lang = SelectField(later("Language"), choices=options(languages.AUTONYMS.items()), default="en")

    def sent_as(self) -> str:
        """The id of the form; what is none of ours is replaced, so that no words hide in it."""
        if not CLIENT_ID.fullmatch(self.client_id.data or ""):
            self.as_new()
        return str(self.client_id.data)

    def as_new(self) -> None:
        self.client_id.data = new_client_id()


class ReplyForm(TextForm):
    parent = StringField(widget=HiddenInput(), default="")

    def validate_parent(self, field: StringField) -> None:
        if field.data and not (field.data.isascii() and field.data.isdecimal() and len(field.data) < 9):
            raise ValidationError(_("The post you answer is not there. Choose Reply below a post again."))

    def parent_num(self) -> int:
        given = self.parent.data or ""
        return int(given) or 1 if given.isascii() and given.isdecimal() and len(given) < 9 else 1


class ThreadForm(TextForm):
    title = LineField(later("Title"), shortest=SHORTEST_TITLE, longest=LONGEST_TITLE)
    kind = RadioField(later("What is it?"), default=ThreadKind.QUESTION)
    body = PostField(later("Text"))
    label = RadioField(later("Who can read it?"), default="TLP:GREEN")
    tags = TicksField(later("Topics (optional)"))

    def __init__(self, writer: User, tags: list[Tag], **values: Any) -> None:
        super().__init__(**values)
        self.kind.choices = options((kind, KINDS[kind]) for kind in KINDS if kind in policy.kinds_offered(writer))
        self.label.choices = options((label, label) for label in policy.labels_offered(writer))
        self.tags.choices = options((tag.slug, tag.name) for tag in tags)


class EditForm(TextForm):
    title = LineField(later("Title"), longest=LONGEST_TITLE)
    body = PostField(later("Text"))
    reason = LineField(later("Why (optional)"), longest=160)
    revision = IntegerField(widget=HiddenInput(), default=1)

    def validate_title(self, field: LineField) -> None:
        if self.with_title and len(field.words) < SHORTEST_TITLE:
            raise ValidationError(_("Use at least %(n)s characters.", n=SHORTEST_TITLE))

    def __init__(self, with_title: bool, **values: Any) -> None:
        super().__init__(**values)
        self.with_title = with_title
