"""Good practices: identity and stage in one row, the words in revisions; what happens to them stands in ``records.py``."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub import text
from hub.accounts.models import Organisation, State, User
from hub.db import Base, Id, OrganisationId, PillarId, StateCode, UserId, UserText, now
from hub.discussions.models import effective_label
from hub.pillars.models import Pillar, Tag


class Stage:
    """Where a practice stands; what leads from one to another stands in ``workflow.py``."""

    DRAFT = "draft"
    CLEARANCE = "clearance"  # its own focal point reads it
    REVIEW = "review"
    CHANGES = "changes_requested"
    COMMENT = "comment"  # other states that it names may comment
    PUBLISHED = "published"
    UPDATE_REVIEW = "update_review"  # published, while a newer revision is under a light review
    UPDATE_DUE = "update_due"  # published, and older than 24 months
    ARCHIVED = "archived"
    WITHDRAWN = "withdrawn"  # by its author
    DECLINED = "declined"  # by a moderator
    HELD = "held"  # flagged: until a moderator decides
    ALL = (DRAFT, CLEARANCE, REVIEW, CHANGES, COMMENT, PUBLISHED, UPDATE_REVIEW, UPDATE_DUE, ARCHIVED, WITHDRAWN, DECLINED, HELD)
    OUT = (PUBLISHED, UPDATE_REVIEW, UPDATE_DUE, ARCHIVED)  # read under its label
    INSIDE = (CLEARANCE, REVIEW, CHANGES, COMMENT)  # on its way


class Maturity:
    """Computed, never typed; see ``maturity.py``."""

    INNOVATION = "innovation"
    PROMISING = "promising"
    GOOD = "good"
    INSTITUTIONALISED = "institutionalised"
    ALL = (INNOVATION, PROMISING, GOOD, INSTITUTIONALISED)


class Practice(Base):
    """A good practice. ``working`` is the number of its newest revision, ``shown`` of the one that readers see."""

    __tablename__ = "practice"
    __table_args__ = (
        CheckConstraint(f"stage IN ({', '.join(repr(stage) for stage in Stage.ALL)})", name="stage"),
        CheckConstraint("label IN ('TLP:CLEAR', 'TLP:GREEN', 'TLP:AMBER')", name="label"),
        Index("ix_practice_newest", "published_at", "id"),  # the sorts of the library
        Index("ix_practice_most_adopted", "adopted", "id"),
        Index("ix_practice_best_evidence", "evidence_level", "id"),
    )
    id: Mapped[Id]
    author_id: Mapped[UserId]
    organisation_id: Mapped[OrganisationId]  # the author's task force, when it was begun
    state_code: Mapped[StateCode]
    label: Mapped[str] = mapped_column(default="TLP:GREEN")
    stage: Mapped[str] = mapped_column(default=Stage.DRAFT)
    stage_before: Mapped[str] = mapped_column(default="")  # a held practice goes back to it
    working: Mapped[int] = mapped_column(default=1)
    shown: Mapped[int | None]
    title: Mapped[UserText]  # of the shown revision, else of the working one
    evidence_level: Mapped[str] = mapped_column(default="")  # of the shown revision: what lists are sorted by
    maturity: Mapped[str] = mapped_column(default="")
    adopted: Mapped[int] = mapped_column(default=0)  # by how many task forces it is in use
    created_at: Mapped[datetime] = mapped_column(default=now)
    stage_since: Mapped[datetime] = mapped_column(default=now)
    published_at: Mapped[datetime | None]  # first
    update_due_at: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None]  # when a moderator agreed that this revision, asked to be TLP:CLEAR, is public
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("thread.id"))  # where it is discussed
    author: Mapped[User] = relationship()
    organisation: Mapped[Organisation] = relationship()
    state: Mapped[State] = relationship()

    @property
    def slug(self) -> str:
        return text.slug(self.title)

    @property
    def path(self) -> str:
        """Its address."""
        return "/practices/" + text.titled(self.id, self.title)

    @property
    def out(self) -> bool:
        return self.stage in Stage.OUT

    @property
    def effective_label(self) -> str:
        return effective_label(self.label, self.cleared_at)


class PracticeRevision(Base):
    """The words of a practice, frozen once it is sent. A text has its Markdown and, once the safeguard read all of it, its HTML."""

    __tablename__ = "practice_revision"
    __table_args__ = (UniqueConstraint("practice_id", "num"),)
    id: Mapped[Id]
    practice_id: Mapped[int] = mapped_column(ForeignKey("practice.id"))
    num: Mapped[int]
    pillar_id: Mapped[PillarId] = mapped_column(index=True)
    title: Mapped[UserText]
    summary: Mapped[UserText] = mapped_column(default=UserText(""))
    lang: Mapped[str] = mapped_column(default="en")
    scope: Mapped[str] = mapped_column(default="")
    lead_body: Mapped[UserText] = mapped_column(default=UserText(""))
    period_start: Mapped[str] = mapped_column(default="")  # "2025-03"
    period_end: Mapped[str] = mapped_column(default="")  # "" while it goes on
    problem_md: Mapped[UserText] = mapped_column(default=UserText(""))
    problem_html: Mapped[UserText] = mapped_column(default=UserText(""))
    what_was_done_md: Mapped[UserText] = mapped_column(default=UserText(""))
    what_was_done_html: Mapped[UserText] = mapped_column(default=UserText(""))
    results_md: Mapped[UserText] = mapped_column(default=UserText(""))
    results_html: Mapped[UserText] = mapped_column(default=UserText(""))
    evidence_level: Mapped[str] = mapped_column(default="")
    cost_amount: Mapped[int | None]
    cost_currency: Mapped[str] = mapped_column(default="")
    cost_every: Mapped[str] = mapped_column(default="")
    cost_band: Mapped[str] = mapped_column(default="")
    staff: Mapped[UserText] = mapped_column(default=UserText(""))
    success_factors_md: Mapped[UserText] = mapped_column(default=UserText(""))
    success_factors_html: Mapped[UserText] = mapped_column(default=UserText(""))
    constraints_md: Mapped[UserText] = mapped_column(default=UserText(""))
    constraints_html: Mapped[UserText] = mapped_column(default=UserText(""))
    lessons_md: Mapped[UserText] = mapped_column(default=UserText(""))
    lessons_html: Mapped[UserText] = mapped_column(default=UserText(""))
    how_to_adapt_md: Mapped[UserText] = mapped_column(default=UserText(""))
    how_to_adapt_html: Mapped[UserText] = mapped_column(default=UserText(""))
    national_law: Mapped[UserText] = mapped_column(default=UserText(""))
    content_notes: Mapped[UserText] = mapped_column(default=UserText(""))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))  # who answers questions: an account, never a private number
    stated: Mapped[bool] = mapped_column(default=False)  # the safeguard statement
    created_at: Mapped[datetime] = mapped_column(default=now)
    sent_at: Mapped[datetime | None]  # frozen since
    published_at: Mapped[datetime | None]
    pillar: Mapped[Pillar] = relationship()
    choices: Mapped[list["PracticeChoice"]] = relationship(cascade="all, delete-orphan", order_by="PracticeChoice.id")
    rights: Mapped[list["PracticeRight"]] = relationship(cascade="all, delete-orphan", order_by="PracticeRight.id")
    partners: Mapped[list["PracticePartner"]] = relationship(cascade="all, delete-orphan", order_by="PracticePartner.id")
    result_rows: Mapped[list["PracticeResult"]] = relationship(cascade="all, delete-orphan", order_by="PracticeResult.id")
    links: Mapped[list["PracticeLink"]] = relationship(cascade="all, delete-orphan", order_by="PracticeLink.id")
    tags: Mapped[list[Tag]] = relationship(secondary="practice_tag", order_by=Tag.name)

    def chosen(self, field: str) -> list[str]:
        return [choice.value for choice in self.choices if choice.field == field]


RevisionId = mapped_column(ForeignKey("practice_revision.id"), index=True)


class PracticeChoice(Base):
    """One tick of a field that takes several: who benefits, forms of exploitation, other states, …"""

    __tablename__ = "practice_choice"
    __table_args__ = (UniqueConstraint("revision_id", "field", "value"), Index("ix_practice_choice_value", "field", "value", "revision_id"))
    id: Mapped[Id]
    revision_id: Mapped[int] = mapped_column(ForeignKey("practice_revision.id"))
    field: Mapped[str]
    value: Mapped[str]


class PracticeRight(Base):
    """An answer of the rights checklist."""

    __tablename__ = "practice_right"
    __table_args__ = (UniqueConstraint("revision_id", "item"),)
    id: Mapped[Id]
    revision_id: Mapped[int] = mapped_column(ForeignKey("practice_revision.id"))
    item: Mapped[str]
    answer: Mapped[str] = mapped_column(default="")
    line: Mapped[UserText] = mapped_column(default=UserText(""))


class PracticePartner(Base):
    __tablename__ = "practice_partner"
    id: Mapped[Id]
    revision_id: Mapped[int] = RevisionId
    name: Mapped[UserText]
    kind: Mapped[str]


class PracticeResult(Base):
    """An indicator before and after; aggregates only, and never fewer than five persons."""

    __tablename__ = "practice_result"
    id: Mapped[Id]
    revision_id: Mapped[int] = mapped_column(ForeignKey("practice_revision.id"), index=True)
    indicator: Mapped[UserText]
    unit: Mapped[str]
    before: Mapped[UserText]
    after: Mapped[UserText]
    period: Mapped[UserText]
    source: Mapped[UserText]


class PracticeLink(Base):
    __tablename__ = "practice_link"
    id: Mapped[Id]
    revision_id: Mapped[int] = mapped_column(ForeignKey("practice_revision.id"), index=True)
    kind: Mapped[str]  # a source of the evidence, a law or budget line, or material
    address: Mapped[UserText]
    words: Mapped[UserText]


class PracticeTag(Base):
    __tablename__ = "practice_tag"
    revision_id: Mapped[int] = mapped_column(ForeignKey("practice_revision.id"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id"), primary_key=True, index=True)


class PracticeStep(Base):
    """How far a step of the form is: ``seq`` grows with each save, so that a stale window overwrites nothing."""

    __tablename__ = "practice_step"
    practice_id: Mapped[int] = mapped_column(ForeignKey("practice.id"), primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(default=0)
    save_id: Mapped[str] = mapped_column(default="")
    checked: Mapped[bool] = mapped_column(default=False)  # the safeguard read it whole, and the author decided
    saved_at: Mapped[datetime] = mapped_column(default=now)


class LibraryStamp(Base):
    """One row: a number drawn anew whenever something changes that the library counts. Without it nothing counted is kept."""

    __tablename__ = "library_stamp"
    id: Mapped[Id]
    drawn: Mapped[int] = mapped_column(BigInteger)
