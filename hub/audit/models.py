"""What staff did: rows that are only ever added, each sealed upon the one before."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from hub.db import Base, UserText, now


class AuditRow(Base):
    """One staff action: ids, never names or texts. Triggers refuse every change; ``hash`` covers the row and ``previous``."""

    __tablename__ = "audit_row"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(default=now)
    actor_id: Mapped[int | None] = mapped_column(index=True)  # none: the operator at the command line
    action: Mapped[str] = mapped_column(index=True)
    target_kind: Mapped[str]
    target_id: Mapped[int | None]
    reason: Mapped[UserText]
    details: Mapped[str]  # JSON of ids, numbers and keyed hashes
    previous: Mapped[str]
    hash: Mapped[str]


class AuditHead(Base):
    """The end of the chain, in its only row; whoever adds to the chain holds it until the commit."""

    __tablename__ = "audit_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[str]
