"""Where drafts belong, and what of a form they hold beside words."""

import json
import re
from typing import Any

from flask_wtf import FlaskForm

from hub.drafts.models import Draft

CHOICE = re.compile(r"\d{1,9}|(?!\d+$)[A-Za-z0-9:+_-]{1,64}")
CHOICES = ("kind", "label", "lang", "tags", "parent", "revision", "client_id")


def at_pillar(slug: str) -> str:
    return f"new/{slug}"


def at_thread(thread_id: int) -> str:
    return f"thread/{thread_id}"


def at_post(thread_id: int, num: int) -> str:
    return f"post/{thread_id}/{num}"


def choices_of(form: FlaskForm) -> dict[str, Any]:
    """What was ticked and chosen, each value short."""
    given = {name: form[name].data for name in CHOICES if name in form}
    return {name: [_choice(one) for one in value][:50] if isinstance(value, list) else _choice(value) for name, value in given.items()}


def _choice(value: object) -> str:
    """A value of ours: a short word or number; anything else is nothing."""
    short = str(value or "")
    return short if CHOICE.fullmatch(short) else ""


def as_form(draft: Draft | None) -> dict[str, Any]:
    """A draft as the data of its form."""
    if draft is None:
        return {}
    words = {name: value for name, value in (("title", draft.title), ("body", draft.body), ("reason", draft.reason)) if value}
    return {**json.loads(draft.choices), **words, "seq": str(draft.seq)}
