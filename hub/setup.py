"""Putting the reference data into a hub; safe to repeat, and never over what a focal point wrote."""

from sqlalchemy import select

from hub import reference, text
from hub.accounts.handles import give_handles
from hub.accounts.models import Kind, Organisation, State
from hub.accounts.words import index_missing_organisations
from hub.db import UserText, db
from hub.directory.words import index_missing_members
from hub.pillars.models import Pillar, Tag


def put_reference_data() -> int:
    """Add states, bodies, pillars and tags that are missing; returns how many rows were added."""
    added = sum((_states(), _pillars(), _tags(), _task_forces(), _asean_bodies()))
    nameless = db.session.scalars(select(Organisation).where(Organisation.handle.is_(None)).order_by(Organisation.id)).all()
    if nameless:
        give_handles(*nameless)
    index_missing_organisations()
    index_missing_members()
    return added


def _states() -> int:
    known = set(db.session.scalars(select(State.code)))
    rows = [
        State(code=code, short_name=name, joined_on=joined, zone=zone, languages=languages, domain_hint=domain)
        for code, name, joined, zone, languages, domain in reference.STATES
        if code not in known
    ]
    return _add(rows)


def _pillars() -> int:
    known = set(db.session.scalars(select(Pillar.slug)))
    rows = [
        Pillar(slug=slug, position=position, numeral=numeral, name=name, formal_name=formal, lead=lead)
        for position, (slug, numeral, name, formal, lead) in enumerate(reference.PILLARS, 1)
        if slug not in known
    ]
    return _add(rows)


def _tags() -> int:
    known = set(db.session.scalars(select(Tag.slug)))
    return _add([Tag(slug=slug, name=name) for slug, name in reference.TAGS if slug not in known])


def _task_forces() -> int:
    known = set(db.session.scalars(select(Organisation.state_code).where(Organisation.kind == Kind.TASK_FORCE)))
    names = {code: name for code, name, *_rest in reference.STATES}
    return _add([_task_force(body, names[body.state]) for body in reference.BODIES if body.state not in known])


def _task_force(body: reference.Body, state_name: str) -> Organisation:
    return Organisation(
        kind=Kind.TASK_FORCE, name=_words(body.name), short_name=_words(f"TIP Task Force ({state_name})"), state_code=body.state,
        reads_amber=True, basis=_words(body.basis), source=_words(body.source),
    )  # fmt: skip


def _asean_bodies() -> int:
    known = set(db.session.scalars(select(Organisation.name).where(Organisation.kind == Kind.ASEAN_BODY)))
    rows = [
        Organisation(kind=Kind.ASEAN_BODY, name=_words(name), short_name=_words(short), source=_words(source))
        for short, name, source in reference.ASEAN_BODIES
        if name not in known
    ]
    return _add(rows)


def _words(fact: str) -> UserText:
    return text.prepare_line(fact, 300)


def _add(rows: list) -> int:  # type: ignore[type-arg]
    db.session.add_all(rows)
    db.session.flush()
    return len(rows)
