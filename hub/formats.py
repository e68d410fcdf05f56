"""How times, zones, labels and languages are written on pages."""

from datetime import date, datetime, timedelta
from functools import lru_cache, partial
from operator import itemgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import Flask, current_app, g

from hub import languages, policy, web
from hub.accounts.models import Role, User
from hub.accounts.queries import state_names
from hub.assets import version_of_static
from hub.db import now
from hub.discussions.forms import KINDS
from hub.discussions.models import Label
from hub.text import excerpt
from hub.words import _, later, plural

LOCALE = "en_GB"
KINDS_OF_PASSAGE = {  # what the safeguard took a passage for
    "national_id": later("a number of an identity document"),
    "passport": later("a passport number"),
    "mrz": later("lines from a passport"),
    "date_of_birth": later("a date of birth"),
    "coordinates": later("a point on the map"),
    "shelter_address": later("where a shelter stands"),
    "phone": later("a telephone number"),
    "email": later("a private e-mail address"),
    "social_account": later("an account on a social network"),
    "named_person_with_age": later("a name with an age"),
    "named_victim": later("the name of a person in a case"),
    "vessel_or_plate": later("a vessel or vehicle that leads to a person"),
    "initials": later("initials with a place and a day"),
    "case_number": later("a case number"),
    "indirect": later("several details about one person"),
}
TLP = {Label.CLEAR: "clear", Label.GREEN: "green", Label.AMBER: "amber", Label.STRICT: "strict", "TLP:RED": "red"}


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(moment=moment, clock=clock, day=day, iso=iso, zip=zip)
    app.jinja_env.filters.update(lang_name=lang_name, tlp=TLP.get, kind_name=KINDS.get, in_asean_order=in_asean_order)
    app.jinja_env.tests["nested"] = lambda error: isinstance(error, list | dict)
    app.jinja_env.globals.update(
        zone_words=zone_words,
        autonyms=languages.AUTONYMS,
        thread_kinds=KINDS,
        role_words=role_words,
        who_reads=who_reads,
        kind_words=KINDS_OF_PASSAGE.get,
        public_url=web.public_url,
        static_version=version_of_static(),
        exactly_now=lambda: now().isoformat(),
        today=lambda: now().astimezone(clock_of_reader().zone),
        short_day=lambda day: format_date(day, "d MMM y", locale=LOCALE),
        long_day=lambda time: format_date(time, "EEEE d MMMM y", locale=LOCALE),
        answers_in_words=answers_in_words,
        plural=plural,
        excerpt=excerpt,
        tuple=tuple,
        posts_in_words=posts_in_words,
    )
    app.jinja_env.globals["static"] = lambda name: f"/static/{current_app.jinja_env.globals['static_version']}/{name}"
    app.context_processor(_about_the_reader)


def _about_the_reader() -> dict[str, object]:
    """Who reads, and ``can(verb, subject)`` for them."""
    member = web.actor()
    return {"me": member, "can": partial(policy.can, member)}


class Clock(NamedTuple):
    """The reader's zone, and the day it is there."""

    zone: ZoneInfo
    today: date


def clock_of_reader() -> Clock:
    """Of this request; a page asks for it once a line."""
    clock: Clock | None = g.get("clock")
    if clock is None:
        member = web.actor()
        zone = ZoneInfo(member.zone if member else "UTC")
        clock = g.clock = Clock(zone, now().astimezone(zone).date())
    return clock


def moment(time: datetime) -> str:
    """Day and time in the reader's zone: today and yesterday by name, the year only when it is another."""
    zone, today = clock_of_reader()
    local = time.astimezone(zone)
    return _("%(day)s, %(time)s", day=_day_words(local.date(), today), time=f"{local:%H:%M}")


def day(time: datetime) -> str:
    zone, today = clock_of_reader()
    return _day_words(time.astimezone(zone).date(), today)


def clock(time: datetime) -> str:
    """The time of day in the reader's zone."""
    return f"{time.astimezone(clock_of_reader().zone):%H:%M}"


@lru_cache(maxsize=4096)
def _day_words(day: date, today: date) -> str:
    if day == today:
        return _("today")
    if day == today - timedelta(days=1):
        return _("yesterday")
    return format_date(day, "d MMM" if day.year == today.year else "d MMM y", locale=LOCALE)


def iso(time: datetime) -> str:
    return time.astimezone(clock_of_reader().zone).isoformat(timespec="minutes")


def zone_words(name: str) -> str:
    """A zone as "UTC+6:30 (Yangon)"; no zone of the region changes its clocks."""
    offset = now().astimezone(ZoneInfo(name)).utcoffset() or timedelta()
    hours, minutes = divmod(abs(int(offset.total_seconds())) // 60, 60)
    clock = f"{hours}:{minutes:02}" if minutes else str(hours)
    sign = "-" if offset < timedelta() else "+"
    place = name.rpartition("/")[2].replace("_", " ")
    return "UTC" if name == "UTC" else f"UTC{sign}{clock} ({place})"


def lang_name(code: str) -> str:
    return str(languages.NAMES.get(code, code))


@lru_cache(maxsize=4096)
def in_asean_order(codes: str) -> tuple[tuple[str, str], ...]:
    """Code and name of each state of a list such as "KH TH", by short name as ASEAN does."""
    names = state_names()
    return tuple(sorted(((code, names[code]) for code in codes.split()), key=itemgetter(1)))


def role_words(user: User) -> str:
    """The standing of an account on the hub, in words."""
    words = [{Role.FOCAL_POINT: _("focal point"), Role.MEMBER: _("member"), Role.PARTNER: _("partner")}[user.role]]
    words += [_("moderator")] if user.is_moderator else []
    words += [_("admin")] if user.is_admin else []
    return ", ".join(words)


def who_reads(label: str) -> str:
    """Who can read a thread of this label, in one sentence."""
    return {
        Label.CLEAR: _("Readable by everyone, signed in or not."),
        Label.GREEN: _("Readable by every verified member of the hub, partners included."),
        Label.AMBER: _("Readable by members of the task forces, not by partners."),
        Label.STRICT: _("Readable by the author’s own task force and its agencies only."),
    }[label]




def answers_in_words(count: int) -> str:
    """"Seven answers.": a page opens with a sentence, not a figure."""
    if count == 0:
        return _("Nobody has answered yet.")
    return plural("%(number)s answer.", "%(number)s answers.", count, number=_in_words(count).capitalize())


def posts_in_words(count: int) -> str:
    return plural("%(number)s new post", "%(number)s new posts", count, number=_in_words(count))


def _in_words(count: int) -> str:
    words = _("no one two three four five six seven eight nine ten eleven twelve").split()
    return words[count] if count < len(words) else str(count)
