"""Files of practices: added to the revision that is being written, shown with it, taken away for good."""

from sqlalchemy import update

from hub import policy
from hub.accounts.models import User
from hub.db import UserText, db, lock_row
from hub.files import queries as files
from hub.files.checking import MOST_OF_ONE
from hub.files.keeping import keep_file
from hub.files.models import File, FileStanding
from hub.files.receiving import Received
from hub.practices import writing
from hub.practices.models import Practice


class TooMany(Exception):
    """A practice has as many files as it may."""


def attach(actor: User, practice: Practice, taken: Received) -> None:
    """Store a file with the revision that is being written. Raises ``TooMany`` and ``Full``."""
    policy.require(actor, "practice.write", practice)
    lock_row(practice)
    if len(files.all_of_practice(practice.id)) >= MOST_OF_ONE:
        raise TooMany
    revision = writing.open_revision(practice)
    keep_file(actor.id, taken.name, taken.made, taken.waits, practice_id=practice.id, revision=revision.num)


def detach(actor: User, practice: Practice, public_id: str) -> None:
    """Its name goes now, its bytes with the next sweep; also from what is published."""
    policy.require(actor, "practice.own", practice)
    gone = (File.practice_id == practice.id, File.public_id == public_id)
    db.session.execute(update(File).where(*gone).values(standing=FileStanding.REMOVED, name=UserText("")).execution_options(synchronize_session=False))
