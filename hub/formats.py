"""How times, zones, labels and languages are written on pages."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from flask import Flask, current_app

from hub import languages, policy, web
from hub.accounts.models import Role, User
from hub.assets import version_of_static
from hub.db import now
from hub.discussions.forms import KINDS
from hub.discussions.models import Label
from hub.words import _, plural

LOCALE = "en_GB"
TLP = {Label.CLEAR: "clear", Label.GREEN: "green", Label.AMBER: "amber", Label.STRICT: "strict"}


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(moment=moment, day=day, iso=iso, lang_name=lang_name, tlp=TLP.get, kind_name=KINDS.get, zip=zip)
    app.jinja_env.tests["nested"] = lambda error: isinstance(error, list | dict)
    app.jinja_env.globals.update(
        can=lambda verb, subject=None: policy.can(web.actor(), verb, subject),
        zone_words=zone_words,
        autonyms=languages.AUTONYMS,
        role_words=role_words,
        who_reads=who_reads,
        public_url=web.public_url,
        static_version=version_of_static(),
        demo=app.config["HUB_DEMO"],
        exactly_now=lambda: now().isoformat(),
        today=lambda: now().astimezone(_zone()),
        long_day=lambda time: format_date(time, "EEEE d MMMM y", locale=LOCALE),
        answers_in_words=answers_in_words,
    )
    app.jinja_env.globals["static"] = lambda name: f"/static/{current_app.jinja_env.globals['static_version']}/{name}"
    app.context_processor(lambda: {"me": web.actor()})


def _zone() -> ZoneInfo:
    member = web.actor()
    return ZoneInfo(member.zone if member else "UTC")


def moment(time: datetime) -> str:
    """Day and time in the reader's zone: today and yesterday by name, the year only when it is another."""
    local = time.astimezone(_zone())
    return _("%(day)s, %(time)s", day=day(time), time=format_time(local, "HH:mm", locale=LOCALE))


def day(time: datetime) -> str:
    local, today = time.astimezone(_zone()), now().astimezone(_zone())
    if local.date() == today.date():
        return _("today")
    if local.date() == (today - timedelta(days=1)).date():
        return _("yesterday")
    return format_date(local, "d MMM" if local.year == today.year else "d MMM y", locale=LOCALE)


def iso(time: datetime) -> str:
    return time.astimezone(_zone()).isoformat(timespec="minutes")


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
    words = _("No one two three four five six seven eight nine ten eleven twelve").split()
    if count == 0:
        return _("Nobody has answered yet.")
    number = words[count].capitalize() if count < len(words) else str(count)
    return plural("%(number)s answer.", "%(number)s answers.", count, number=number)
