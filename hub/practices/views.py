"""Reading practices: the library, a practice, two of its revisions side by side."""

from types import SimpleNamespace

from flask import Blueprint, render_template, request

from hub import policy, web
from hub.accounts.models import User
from hub.accounts.queries import members_by_id
from hub.db import unit_of_work
from hub.discussions.history import word_diff
from hub.discussions.models import Label
from hub.files.queries import of_practice
from hub.notifications.actions import seen_about
from hub.notifications.queries import news_about
from hub.practices import fields, maturity, queries, reviewing, rubric, showing, worth, writing
from hub.practices.models import Practice, PracticeRevision, Stage
from hub.practices.records import Adoption, AdoptionStatus, Endorsement, PracticeReview
from hub.practices.showing import comparison
from hub.practices.workflow import MOVES
from hub.web import Answer, actor, me, signed_in

bp = Blueprint("practices", __name__)


@bp.get("/practices/<titled:practice_id>")
def practice(practice_id: int) -> Answer:
    found = queries.get_practice(actor(), practice_id)
    guard_copies(found)
    if elsewhere := web.elsewhere(found.path):
        return elsewhere
    revision = queries.get_revision(actor(), found, web.number("revision"))
    page = _page(found, revision)
    _seen(found)
    return page


def _page(found: Practice, revision: PracticeRevision) -> str:
    reader, asked = actor(), queries.reviews_of(found, found.working)
    inner = reader is not None and (reader.id == found.author_id or reader.is_moderator or any(one.reviewer_id == reader.id for one in asked))
    given = asked if revision.num == found.working else queries.reviews_of(found, revision.num)
    reviews = [review for review in given if review.given_at or inner]
    endorsements, adoptions = queries.endorsements_of(found), queries.adoptions_of(found)
    own = next((row for row in endorsements if reader and row.organisation_id == reader.root_id), None)
    may = _rights(found, revision, asked)
    newest = revision if revision.num == found.working else None
    writing_now = newest or queries.revision_of(found, found.working) if may.write else None
    missing = writing.missing(found, writing_now, queries.steps_of(found)) if writing_now and writing_now.sent_at is None else []
    return render_template(
        "practices/practice.html", practice=found, revision=revision, fields=fields, say=showing, words_of=fields.words_of, writing=writing_now, may=may,
        answer_words=showing.answer_words, values_in_words=showing.values_in_words, contact=_contact(revision),
        marks=_marks(found, endorsements, adoptions), files=of_practice(reader, found.id), reviews=reviews, with_scores=inner, rubric=rubric,
        ladder=maturity.ladder(worth.basis_of(found, revision)), endorsements=endorsements, endorsed=showing.endorsed_words(endorsements, found.shown),
        own_endorsement=own, adoptions=adoptions, comments=queries.comments_of(found) if revision.chosen("other_states") else [],
        events=queries.events_of(found) if inner or _part(found) else [], missing=missing,
        revisions=queries.revisions_read(reader, found) if found.working > 1 else [],
        wanted=reviewing.reviewers_wanted(found) if may.moderate else 0,
    )  # fmt: skip


def _part(found: Practice) -> bool:
    """Whether the reader has a part in its way: the own focal point."""
    reader = actor()
    return reader is not None and reader.root_id == found.organisation_id and policy.can(reader, "organisation.edit", found.organisation)


def _contact(revision: PracticeRevision) -> User | None:
    return next(iter(members_by_id({revision.contact_id}).values()), None) if revision.contact_id else None


def _marks(found: Practice, endorsements: list[Endorsement], adoptions: list[Adoption]) -> dict[str, str]:
    """Classes of tiles by state: who wrote it, endorsed it, uses it."""
    marks = {row.organisation.state_code or "": "try" for row in adoptions if row.status in AdoptionStatus.IN_USE}
    marks |= {row.organisation.state_code or "": "yes" for row in endorsements}
    return marks | {found.state_code: "own"}


def _rights(found: Practice, revision: PracticeRevision, asked: list[PracticeReview]) -> SimpleNamespace:
    """What the reader may do with it, for buttons."""
    reader = actor()
    review = next((one for one in asked if reader and one.reviewer_id == reader.id), None)
    states = revision.chosen("other_states")
    return SimpleNamespace(
        **{verb: policy.can(reader, f"practice.{verb}", found) for verb in ("write", "own", "clear", "moderate", "endorse", "adopt")},
        review=review is not None and policy.can(reader, "practice.review", (found, review)),
        comment=policy.can(reader, "practice.comment", (found, states)),
        copy=policy.can(reader, "practice.start") and found.out,
        flag=policy.can(reader, "flag", found.author_id) and found.stage not in (Stage.HELD, Stage.DECLINED),
    )


def _seen(found: Practice) -> None:
    """What the inbox tells of a practice is read with its page."""
    reader = actor()
    subjects = [f"practice {found.id} {what}" for what in NEWS]
    if reader is not None and reader.has_news and request.method == "GET" and news_about(reader.id, subjects):
        with unit_of_work():
            seen_about(reader.id, *subjects)


NEWS = (
    *(move.name for move in MOVES), "clear", "review", "change", "comment", "update", "reviewers", "third", "commented", "endorsed", "unendorsed", "adopted",
)  # fmt: skip


@bp.get("/practices/<int:practice_id>/compare")
def compare(practice_id: int) -> Answer:
    """Two revisions, field by field; the two newest unless others are named."""
    found = queries.get_practice(actor(), practice_id)
    guard_copies(found)
    listed = queries.revisions_read(actor(), found)
    later_num = web.number("to") or listed[0].num
    earlier_num = web.number("from") or next((one.num for one in listed if one.num < later_num), later_num)
    earlier, later = (queries.get_revision(actor(), found, num) for num in (earlier_num, later_num))
    return render_template(
        "practices/compare.html", practice=found, earlier=earlier, later=later, revisions=listed, changes=comparison(earlier, later), word_diff=word_diff
    )


@bp.get("/practices/mine")
@signed_in
def mine() -> Answer:
    web.restrict_copies()
    return render_template("practices/mine.html", practices=queries.own_practices(me()), waiting=queries.own_waiting(me(), 50), say=showing)


def guard_copies(*shown: Practice) -> None:
    """Browsers keep no copy of what is not open to every member."""
    if any(not one.out or one.effective_label not in (Label.CLEAR, Label.GREEN) for one in shown):
        web.restrict_copies()
