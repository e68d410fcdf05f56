"""The library narrows, counts and sorts as a person would by hand, for every kind of reader, and costs the same for ten thousand."""

import csv
import io
import itertools
import json
import random
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, insert, select, text, update

from hub import policy
from hub.accounts.models import Organisation, User
from hub.db import UserText, db, unit_of_work
from hub.pillars.models import Pillar
from hub.practices import library
from hub.practices.fields import BANDS, BENEFITS, EVIDENCE, FORMS
from hub.practices.library import Filters
from hub.practices.models import Maturity, Practice, PracticeChoice, PracticeRevision, Stage
from hub.practices.records import Adoption, AdoptionStatus


def clear():
    with unit_of_work():
        if db.engine.dialect.name == "postgresql":
            db.session.execute(text("TRUNCATE practice CASCADE"))
        else:
            for model in (Adoption, PracticeChoice, PracticeRevision, Practice):
                db.session.execute(model.__table__.delete())


START = datetime(2026, 1, 1, tzinfo=UTC)


def sow(world, author, many, seed=7):
    """So many practices of all kinds; what each is, for a count by hand."""
    chance = random.Random(seed)
    told = []
    with world.app.app_context(), unit_of_work():
        user = db.session.get_one(User, author.user_id)
        pillars = list(db.session.execute(select(Pillar.id, Pillar.slug)))
        forces = list(db.session.execute(select(Organisation.id, Organisation.state_code).where(Organisation.state_code.is_not(None), Organisation.kind == "task_force")))
        practices, revisions, choices, adoptions = [], [], [], []
        for n in range(1, many + 1):
            pillar, level = chance.choice(pillars), chance.choice(EVIDENCE)[0]
            stage = chance.choice((*Stage.OUT, Stage.PUBLISHED, Stage.REVIEW, Stage.DRAFT, Stage.HELD))
            label, state = chance.choice(("TLP:GREEN", "TLP:GREEN", "TLP:AMBER", "TLP:CLEAR")), chance.choice(forces)[1]
            public = label == "TLP:CLEAR" and chance.random() < 0.5
            benefits, forms = chance.sample([value for value, _words in BENEFITS], 2), chance.sample([value for value, _words in FORMS], 1)
            uses = chance.sample(forces, chance.choice((0, 0, 1, 2)))
            used = [(force, chance.choice(AdoptionStatus.ALL)) for force in uses]
            band, lang, maturity = chance.choice(BANDS)[0], chance.choice(("en", "th", "km")), chance.choice(Maturity.ALL)
            by = [code for (_id, code), status in used if status in AdoptionStatus.IN_USE]
            practices.append({
                "id": n, "author_id": user.id, "organisation_id": user.root_id, "state_code": state, "label": label, "stage": stage, "stage_before": "", "working": 1, "shown": 1,
                "title": UserText(f"Practice {n}"), "evidence_level": level, "maturity": maturity, "adopted": len(by), "created_at": START, "stage_since": START,
                "published_at": START + timedelta(hours=chance.randrange(1000)), "cleared_at": START if public else None,
            })  # fmt: skip
            revisions.append({"id": n, "practice_id": n, "num": 1, "pillar_id": pillar.id, "title": UserText(f"Practice {n}"), "summary": UserText("What, where, and what came of it."),
                              "lang": lang, "evidence_level": level, "cost_band": band, "created_at": START, "sent_at": START, "published_at": START, "stated": True})  # fmt: skip
            choices += [{"revision_id": n, "field": "who_benefits", "value": value} for value in benefits]
            choices += [{"revision_id": n, "field": "exploitation_forms", "value": value} for value in forms]
            adoptions += [{"practice_id": n, "organisation_id": force[0], "user_id": user.id, "status": status, "body": UserText("Office"), "since": "2026-01", "note": UserText(""), "at": START}
                          for force, status in used]  # fmt: skip
            told.append({"id": n, "stage": stage, "label": label, "public": public, "pillar": [pillar.slug], "country": [state], "evidence_level": [level], "maturity": [maturity],
                         "cost_band": [band], "lang": [lang], "who_benefits": benefits, "exploitation_forms": forms, "adopted_by": by})  # fmt: skip
        for model, rows in ((Practice, practices), (PracticeRevision, revisions), (PracticeChoice, choices), (Adoption, adoptions)):
            for first in range(0, len(rows), 500):
                db.session.execute(insert(model), rows[first : first + 500])
    return told


def reads(kind, one):
    if one["stage"] not in Stage.OUT:
        return False
    if kind == "anonymous":
        return one["public"]
    return one["label"] != "TLP:AMBER" or kind != "partner"


def by_hand(told, kind, filters):
    """How many practices each value of each filter would leave, the others kept."""
    chosen = {name: value for name, value in vars(filters).items() if value}
    found = {}
    for name in vars(filters):
        fitting = [one for one in told if reads(kind, one) and all(value in one[other] for other, value in chosen.items() if other != name)]
        values = sorted(itertools.chain.from_iterable(one[name] for one in fitting))
        found[name] = {value: len(list(group)) for value, group in itertools.groupby(values)}
    return found


FILTERS = (Filters(), Filters(pillar="protection"), Filters(country="TH", evidence_level="E3"), Filters(who_benefits="fishers"), Filters(adopted_by="LA", lang="en"),
           Filters(maturity="good", cost_band="none"), Filters(exploitation_forms="child", pillar="prevention"))  # fmt: skip


def test_the_counts_beside_filters_are_those_by_hand_for_every_reader(world):
    people = {"anonymous": None, "partner": world.person(world.body_id(), role="partner"), "member": world.person("LA"), "moderator": world.person("SG", is_moderator=True)}
    author = world.person("BN")
    told = sow(world, author, 1_000)
    with world.app.app_context():
        for (kind, by), filters in itertools.product(people.items(), FILTERS):
            reader = db.session.get(User, by.user_id) if by else None
            counted = {name: values for name, values in library.by_filter(library.counts(reader, filters)).items() if values}
            assert counted == {name: values for name, values in by_hand(told, kind, filters).items() if values}, (kind, filters)
            listed, _more = library.practices(reader, filters, rows=2_000)
            chosen = {name: value for name, value in vars(filters).items() if value}
            assert {line.id for line in listed} == {one["id"] for one in told if reads(kind, one) and all(value in one[name] for name, value in chosen.items())}


@pytest.mark.parametrize("sort", library.SORTS)
def test_every_practice_is_reached_once_by_its_pages(world, sort):
    author = world.person("BN")
    told = sow(world, author, 130)
    reader, seen, address = world.person("LA"), [], f"/practices?sort={sort}"
    while address:
        page = reader.get(address).text
        seen += [int(number) for number in re.findall(r'<article class="item practice" data-practice="(\d+)"', page)]
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert sorted(seen) == sorted(one["id"] for one in told if reads("member", one))


def test_ten_thousand_practices_cost_no_more_statements_or_rows(world, app):
    author, reader = world.person("BN"), world.person("LA")
    cost = {}
    for many in (100, 10_000):
        with app.app_context():
            clear()
        sow(world, author, many)
        reader.get("/practices")
        for address in ("/practices", "/practices?sort=adopted&evidence_level=E2", "/practices/1"):
            statements, rows = [], []
            with app.app_context():
                engine = db.engine
            before = event.listens_for(engine, "before_cursor_execute")
            count = before(lambda *given, statements=statements: statements.append(given[2]))
            answer = reader.get(address, follow_redirects=True)
            event.remove(engine, "before_cursor_execute", count)
            rows = len(re.findall("data-practice=", answer.text))
            cost.setdefault(address, []).append((len(statements), rows))
    for address, (small, large) in cost.items():
        assert small[0] == large[0], (address, cost)
        assert large[1] <= library.PAGE


def test_what_is_exported_is_what_the_reader_reads_under_the_strictest_label(world):
    author = world.person("BN")
    told = sow(world, author, 60)
    partner, member = world.person(world.body_id(), role="partner"), world.person("LA")
    for reader, kind, label in ((partner, "partner", "TLP-GREEN"), (member, "member", "TLP-AMBER")):
        answer = reader.get("/practices.csv")
        assert f"[{label}] practices" in answer.headers["Content-Disposition"]
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert {int(row["id"]) for row in rows} == {one["id"] for one in told if reads(kind, one)}
        assert len(json.loads(reader.get("/practices.json").text)["practices"]) == len(rows)
    assert member.get("/practices.csv").headers["Cache-Control"] == "no-store"
    few = member.get("/practices.json?pillar=protection").json["practices"]
    assert {one["pillar_slug"] for one in few} == {"protection"}


def test_a_cell_is_no_formula(world, author, clearer, moderator, reviewers):
    from tests.practices import scene

    scene.published(world, author, clearer, moderator, reviewers, title="=1+1 is what some would write as a title")
    assert "\"'=1+1" in world.person("LA").get("/practices.csv").text.replace(",'=", ",\"'=")


def test_every_row_is_read_through_the_door(world):
    """A list and the counts never hold what the same reader cannot open."""
    author = world.person("BN")
    sow(world, author, 200)
    partner = world.person(world.body_id(), role="partner")
    with world.app.app_context():
        reader = db.session.get_one(User, partner.user_id)
        listed, _more = library.practices(reader, Filters(), rows=2_000)
        readable = set(db.session.scalars(select(Practice.id).where(policy.readable(reader, Practice))))
    assert {line.id for line in listed} <= readable


def test_counts_are_taken_once_until_something_changes(world, app):
    """One statement more after each change, whoever made it and however; none for a page that is asked for again, nor after what was undone."""
    author, reader = world.person("BN"), world.person("LA")
    sow(world, author, 40)

    def asked() -> tuple[int, dict]:
        with app.app_context():
            statements = []
            note = event.listens_for(db.engine, "before_cursor_execute")(lambda *given: statements.append(given[2]))
            counted = library.by_filter(library.counts(db.session.get(User, reader.user_id), Filters()))
            event.remove(db.engine, "before_cursor_execute", note)
            return sum("UNION ALL" in one for one in statements), counted

    assert asked()[0] == 1
    assert asked()[0] == 0
    before = asked()[1]
    with app.app_context(), unit_of_work():
        db.session.scalars(select(Practice).where(Practice.stage.in_(Stage.OUT), Practice.label == "TLP:GREEN")).first().stage = Stage.HELD
    counted, after = asked()
    assert counted == 1
    assert sum(after["country"].values()) == sum(before["country"].values()) - 1
    with app.app_context(), unit_of_work():
        db.session.execute(update(Practice).where(Practice.stage == Stage.HELD).values(stage=Stage.PUBLISHED))
    assert sum(asked()[1]["country"].values()) > sum(before["country"].values())
    assert asked()[0] == 0
    with app.app_context(), pytest.raises(ZeroDivisionError), unit_of_work():
        db.session.execute(update(Practice).values(stage=Stage.HELD))
        raise ZeroDivisionError
    assert asked()[0] == 0
