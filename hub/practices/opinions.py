"""Forms of what others say of a practice: a line on why, a review, an adoption."""

from wtforms import StringField

from hub.forms import HubForm, LineField, MarkdownField, OneOf, options
from hub.practices import rubric
from hub.practices.forms import is_month
from hub.practices.records import AdoptionStatus
from hub.words import later


class WordsForm(HubForm):
    """A step of the way with a line on why."""

    words = LineField(later("Why"), longest=500)


class ReviewForm(HubForm):
    words = MarkdownField(later("What you say to the author"))
    verdict = OneOf(later("Verdict"), choices=options(rubric.VERDICTS))


for _name, _label in rubric.ROWS:
    setattr(ReviewForm, _name, OneOf(_label, coerce=int, choices=options(rubric.SCORES)))


class AdoptionForm(HubForm):
    status = OneOf(later("What you do with it"), choices=options([
        (AdoptionStatus.CONSIDERING, later("We consider it")), (AdoptionStatus.PILOTING, later("We pilot it")),
        (AdoptionStatus.ADOPTED, later("We adopted it")), (AdoptionStatus.ADAPTED, later("We adapted it")),
        (AdoptionStatus.STOPPED, later("We stopped it: worth as much to know")),
    ]))  # fmt: skip
    body = LineField(later("Body that applies it"), shortest=2, longest=160)
    since = StringField(later("Since"), validators=[is_month])
    note = LineField(later("In your words"), longest=300)
