"""The pillars of the common work, and the curated tags."""

from sqlalchemy.orm import Mapped, mapped_column

from hub.db import Base, Id, PillarId


class Pillar(Base):
    """One of the pillars; a row, so that a hub may have others."""

    __tablename__ = "pillar"
    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    position: Mapped[int] = mapped_column(unique=True)
    numeral: Mapped[str]
    name: Mapped[str]
    formal_name: Mapped[str]
    lead: Mapped[str]


class Tag(Base):
    """A word of the curated list; inactive ones stay on old texts and are no longer offered."""

    __tablename__ = "tag"
    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    pillar_id: Mapped[PillarId | None]
    active: Mapped[bool] = mapped_column(default=True)
