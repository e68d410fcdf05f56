"""Many published practices, for measuring: copies of the demo's, under other titles, states and levels."""

import random

from sqlalchemy import func, insert, select

from hub import text
from hub.db import db, now
from hub.practices.fields import BANDS, BENEFITS, EVIDENCE
from hub.practices.models import Maturity, Practice, PracticeChoice, PracticeRevision, Stage


def sow(many: int) -> None:
    """Called in a unit of work, once the demo is there."""
    dice = random.Random(5)
    source = db.session.scalars(select(Practice).where(Practice.shown.is_not(None)).order_by(Practice.id)).first()
    if source is None:
        return
    words = db.session.scalars(select(PracticeRevision).where(PracticeRevision.practice_id == source.id)).first()
    first = (db.session.scalar(select(func.max(Practice.id))) or 0) + 1
    revision = (db.session.scalar(select(func.max(PracticeRevision.id))) or 0) + 1
    kept, said_there = _columns(source), _columns(words)
    states = ("BN", "KH", "ID", "LA", "MY", "MM", "PH", "SG", "TH", "TL", "VN")
    practices, revisions, choices = [], [], []
    for n in range(many):
        level, title = dice.choice(EVIDENCE)[0], text.prepare_line(f"{source.title} ({n})")
        told = {"id": first + n, "title": title, "state_code": dice.choice(states), "evidence_level": level, "maturity": dice.choice(Maturity.ALL)}
        told |= {"stage": Stage.PUBLISHED, "published_at": now(), "adopted": dice.randrange(4), "working": 1, "shown": 1, "thread_id": None}
        practices.append(kept | told)
        said = {"id": revision + n, "practice_id": first + n, "title": title, "pillar_id": dice.randint(1, 4), "evidence_level": level, "num": 1}
        revisions.append(said_there | said | {"cost_band": dice.choice(BANDS)[0]})
        choices += [{"revision_id": revision + n, "field": "who_benefits", "value": value} for value, _words in dice.sample(BENEFITS, 2)]
    for model, rows in ((Practice, practices), (PracticeRevision, revisions), (PracticeChoice, choices)):
        db.session.execute(insert(model), rows)


def _columns(row: object) -> dict[str, object]:
    return {column.name: getattr(row, column.name) for column in type(row).__table__.columns}  # type: ignore[attr-defined]
