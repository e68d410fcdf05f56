"""Adding to the audit, in the same unit of work as what it tells of."""

import hashlib
import hmac
import json
from typing import Protocol

from flask import current_app
from sqlalchemy import update

from hub.audit.chain import sealed
from hub.audit.models import AuditHead, AuditRow
from hub.db import UserText, db, now


class Actor(Protocol):
    @property
    def id(self) -> int: ...


def record(actor: Actor | None, action: str, target: tuple[str, int | None], reason: UserText, **details: int | str | list[int]) -> None:
    """Add one row: who did what to which target, such as ``("thread", 12)``, and why. ``None`` acts at the command line.

    Call it last: it holds the end of the chain until the commit. Raises ``ValueError`` without a reason.
    """
    if not reason:
        raise ValueError("a staff action needs a reason")
    taken = update(AuditHead).where(AuditHead.id == 1).values(seq=AuditHead.seq + 1).returning(AuditHead.seq, AuditHead.hash)
    seq, previous = db.session.execute(taken.execution_options(synchronize_session=False)).one()
    row = AuditRow(
        seq=seq, at=now(), actor_id=actor.id if actor else None, action=action, target_kind=target[0], target_id=target[1],
        reason=reason, details=json.dumps(details, sort_keys=True, ensure_ascii=False), previous=previous, hash="",
    )  # fmt: skip
    row.hash = sealed(row)
    db.session.add(row)
    db.session.execute(update(AuditHead).where(AuditHead.id == 1).values(hash=row.hash).execution_options(synchronize_session=False))


def keyed(removed: str) -> str:
    """A keyed HMAC of a removed text: it proves which text it was and tells nothing about it."""
    key = hashlib.sha256(b"audit of removed text " + str(current_app.config["HUB_SECRET_KEY"]).encode()).digest()
    return hmac.new(key, removed.encode(), hashlib.sha256).hexdigest()
