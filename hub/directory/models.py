"""Profiles: who is who, who knows about what; each line shown to as many as its owner chose."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.accounts.models import User
from hub.db import Base, Id, PillarId, UserText


class Audience:
    """Who sees a line of a profile, from narrow to wide."""

    OWN_STATE = "own_state"
    TASK_FORCES = "task_forces"
    EVERYONE = "everyone"
    NOBODY = "nobody"  # while a flag hides the profile; its owner sees it
    ALL = (OWN_STATE, TASK_FORCES, EVERYONE)


class Availability:
    """Whether a member may be asked just now."""

    OPEN = "open"
    LIMITED = "limited"
    AWAY = "away"
    ALL = (OPEN, LIMITED, AWAY)


def _known(column: str) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ('own_state', 'task_forces', 'everyone', 'nobody')", name=column)


class Profile(Base):
    """What a member says about themself; role and organisation stand on the account and show always."""

    __tablename__ = "profile"
    __table_args__ = tuple(map(_known, ("name_for", "about_for", "expertise_for", "languages_for", "pillars_for", "zone_for", "availability_for"))) + (
        CheckConstraint("availability IN ('open', 'limited', 'away')", name="availability"),
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    hidden_at: Mapped[datetime | None]  # by a flag, until a moderator decides: others see role and organisation alone, and
    hidden_from: Mapped[str] = mapped_column(default="", server_default="")  # JSON of who saw which line before
    name: Mapped[UserText] = mapped_column(default=UserText(""))
    name_for: Mapped[str] = mapped_column(default=Audience.OWN_STATE)
    about_md: Mapped[UserText] = mapped_column(default=UserText(""))
    about_html: Mapped[UserText] = mapped_column(default=UserText(""))
    about_for: Mapped[str] = mapped_column(default=Audience.EVERYONE)
    zone_for: Mapped[str] = mapped_column(default=Audience.EVERYONE)
    expertise_for: Mapped[str] = mapped_column(default=Audience.EVERYONE)
    languages_for: Mapped[str] = mapped_column(default=Audience.EVERYONE)
    pillars_for: Mapped[str] = mapped_column(default=Audience.EVERYONE)
    availability: Mapped[str] = mapped_column(default=Availability.OPEN, server_default=Availability.OPEN)
    availability_for: Mapped[str] = mapped_column(default=Audience.EVERYONE, server_default=Audience.EVERYONE)
    version: Mapped[int] = mapped_column(default=1)
    user: Mapped[User] = relationship()
    expertise: Mapped[list["Expertise"]] = relationship(order_by="Expertise.id", cascade="all, delete-orphan")
    languages: Mapped[list["ProfileLanguage"]] = relationship(order_by="ProfileLanguage.lang", cascade="all, delete-orphan")
    pillars: Mapped[list["ProfilePillar"]] = relationship(order_by="ProfilePillar.pillar_id", cascade="all, delete-orphan")
    contacts: Mapped[list["Contact"]] = relationship(order_by="Contact.id", cascade="all, delete-orphan")


class Expertise(Base):
    __tablename__ = "expertise"
    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("profile.user_id"), index=True)
    words: Mapped[UserText]


class ProfileLanguage(Base):
    __tablename__ = "profile_language"
    __table_args__ = (UniqueConstraint("user_id", "lang"),)
    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("profile.user_id"))
    lang: Mapped[str] = mapped_column(index=True)


class ProfilePillar(Base):
    __tablename__ = "profile_pillar"
    __table_args__ = (UniqueConstraint("user_id", "pillar_id"),)
    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("profile.user_id"))
    pillar_id: Mapped[PillarId]


class Contact(Base):
    """One line by which a member can be reached, such as an office line or a messenger name."""

    __tablename__ = "contact"
    __table_args__ = (_known("shown_to"),)
    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("profile.user_id"), index=True)
    line: Mapped[UserText]
    shown_to: Mapped[str] = mapped_column(default=Audience.OWN_STATE)
