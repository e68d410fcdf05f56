"""The words by which members are found: folded, one row each, so that a line which is not shown to a reader finds nobody for them."""

from sqlalchemy import delete, exists, select

from hub import text
from hub.accounts.models import FoldedWord, Organisation
from hub.db import UserText, db

Lines = list[tuple[str, UserText]]


def index_organisation(organisation: Organisation) -> None:
    """Write anew by which names of their organisation its members are found."""
    db.session.flush()
    replace_words(_lines(organisation), organisation_id=organisation.id)


def _lines(organisation: Organisation) -> Lines:
    return [("organisation", organisation.short_name), ("organisation", organisation.name)]


def replace_words(lines: Lines, **owner: int) -> None:
    """Write the words of these (field, line) pairs anew for ``user_id=…`` or ``organisation_id=…``."""
    db.session.execute(delete(FoldedWord).filter_by(**owner))
    db.session.add_all(_words(lines, **owner))


def _words(lines: Lines, **owner: int) -> list[FoldedWord]:
    return [FoldedWord(field=field, word=word, **owner) for field, word in dict.fromkeys((field, word) for field, line in lines for word in text.fold(line))]


def index_missing_organisations() -> None:
    """Organisations that have no words yet, such as after an upgrade."""
    rows = select(Organisation).where(~exists().where(FoldedWord.organisation_id == Organisation.id))
    for organisation in db.session.scalars(rows).all():
        db.session.add_all(_words(_lines(organisation), organisation_id=organisation.id))
