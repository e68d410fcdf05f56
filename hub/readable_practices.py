"""Who may read a practice, and which of its revisions, at every stage of its way; ``readable.py`` asks here."""

from sqlalchemy import ColumnElement, and_, exists, or_, true

from hub.discussions.models import Label
from hub.practices.models import Practice, PracticeChoice, PracticeRevision, Stage
from hub.practices.records import PracticeReview
from hub.readers import Reader, labels_read

Clause = ColumnElement[bool]


def practices(reader: Reader | None) -> Clause:
    """Once published by label; on its way, its author and, step by step, whoever has to do with it."""
    out = Practice.stage.in_(Stage.OUT)
    if reader is None:
        return and_(out, Practice.label == Label.CLEAR, Practice.cleared_at.is_not(None))
    ways = [and_(out, Practice.label.in_(labels_read(reader))), Practice.author_id == reader.id, _part_taken(reader)]
    if reader.is_moderator:
        ways.append(Practice.stage.not_in((Stage.DRAFT, Stage.WITHDRAWN)))
    return or_(*ways)


def _part_taken(reader: Reader) -> Clause:
    """On its way: its own focal point, its reviewers, and the focal points of states that it names."""
    asked = exists().where(PracticeReview.practice_id == Practice.id, PracticeReview.reviewer_id == reader.id).correlate(Practice)
    ways = [and_(Practice.stage.in_((Stage.REVIEW, Stage.CHANGES, Stage.COMMENT)), asked)]
    if reader.is_focal_point:
        named = exists().where(
            PracticeRevision.practice_id == Practice.id, PracticeRevision.num == Practice.working, PracticeChoice.revision_id == PracticeRevision.id,
            PracticeChoice.field == "other_states", PracticeChoice.value == reader.state_code,
        ).correlate(Practice)  # fmt: skip
        ways += [and_(Practice.stage.in_(Stage.INSIDE), Practice.organisation_id == reader.root_id), and_(Practice.stage == Stage.COMMENT, named)]
    return or_(*ways)


def practice_revisions(reader: Reader | None) -> Clause:
    """What was published; what was sent, for those who have to do with it; what is being written, for its author alone."""
    seen = exists().where(Practice.id == PracticeRevision.practice_id, practices(reader)).correlate(PracticeRevision)
    if reader is None:
        return and_(seen, exists().where(Practice.id == PracticeRevision.practice_id, Practice.shown == PracticeRevision.num).correlate(PracticeRevision))
    own = Practice.author_id == reader.id
    asked = exists().where(PracticeReview.practice_id == Practice.id, PracticeReview.reviewer_id == reader.id).correlate(Practice)
    inner = [own, asked, and_(Practice.stage.in_(Stage.INSIDE), _part_taken(reader))]
    if reader.is_focal_point:
        inner.append(Practice.organisation_id == reader.root_id)
    if reader.is_moderator:
        inner.append(true())
    involved = exists().where(Practice.id == PracticeRevision.practice_id, or_(*inner)).correlate(PracticeRevision)
    written = exists().where(Practice.id == PracticeRevision.practice_id, own).correlate(PracticeRevision)
    return and_(seen, or_(PracticeRevision.published_at.is_not(None), and_(PracticeRevision.sent_at.is_not(None), involved), written))
