"""A number drawn anew with every change of what the library counts: what was counted under it holds until then, in every process."""

import secrets
from itertools import chain

from sqlalchemy import event, select
from sqlalchemy.orm import ORMExecuteState, Session

from hub.accounts.models import Organisation
from hub.db import upsert
from hub.pillars.models import Pillar
from hub.practices.models import LibraryStamp, Practice, PracticeChoice, PracticeRevision
from hub.practices.records import Adoption
from hub.prepared import Prepared

COUNTED = (Practice, PracticeRevision, PracticeChoice, Adoption, Organisation, Pillar)
_DRAWN = Prepared(select(LibraryStamp.drawn))


def drawn() -> int | None:
    """The number of now; none while nothing has changed since the hub was set up."""
    number: int | None = _DRAWN.value()
    return number


@event.listens_for(Session, "after_flush")
def _rows_changed(session: Session, _context: object) -> None:
    if any(isinstance(row, COUNTED) for row in chain(session.new, session.dirty, session.deleted)):
        session.info["library_changed"] = True


@event.listens_for(Session, "do_orm_execute")
def _statement_changes(state: ORMExecuteState) -> None:
    if (state.is_insert or state.is_update or state.is_delete) and state.bind_mapper and issubclass(state.bind_mapper.class_, COUNTED):
        state.session.info["library_changed"] = True


@event.listens_for(Session, "before_commit")
def _draw(session: Session) -> None:
    """Last of all, so that nobody waits for this row while holding it."""
    if session.info.get("library_changed") and not session.in_nested_transaction():
        session.info["library_changed"] = False
        number = secrets.randbits(62)
        row = upsert(LibraryStamp).values(id=1, drawn=number).on_conflict_do_update(index_elements=["id"], set_={"drawn": number})
        session.connection().execute(row)
