"""What was shown of a room to moderators."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.db import Base, Id, now


class Disclosure(Base):
    """Entries that a flag showed to moderators: one that was said, and the two before it, as they were then."""

    __tablename__ = "disclosure"
    __table_args__ = (UniqueConstraint("room_id", "seq"),)
    id: Mapped[Id]
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    seq: Mapped[int]  # what was flagged
    before: Mapped[str]  # the numbers of the others, such as "4 5"
    upto: Mapped[int]  # how far the log was: what was changed later is not shown
    hidden: Mapped[bool] = mapped_column(default=False)  # until a moderator has decided
    at: Mapped[datetime] = mapped_column(default=now)

    @property
    def seqs(self) -> list[int]:
        return [*(int(seq) for seq in self.before.split()), self.seq]
