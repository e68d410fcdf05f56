"""How a row of the audit is sealed upon the one before."""

import hashlib
import json
from datetime import UTC, datetime

from hub.audit.models import AuditRow

FIRST = "0" * 64  # what the first row follows


def sealed(row: AuditRow) -> str:
    """SHA-256 over everything a row holds and the hash of the row before, in hexadecimal."""
    return hashlib.sha256(json.dumps(as_exported(row) | {"hash": ""}, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def as_exported(row: AuditRow) -> dict[str, int | str | None]:
    """A row as plain values, times in UTC with microseconds."""
    at: datetime = row.at.astimezone(UTC)
    return {
        "seq": row.seq, "at": at.isoformat(timespec="microseconds"), "actor": row.actor_id, "action": row.action, "target": row.target_kind,
        "id": row.target_id, "reason": str(row.reason), "details": row.details, "previous": row.previous, "hash": row.hash,
    }  # fmt: skip
