"""Keeping a file that was taken in: its bytes in the store, and its row for the text that it belongs to."""

from hub.db import UserText, db, hold
from hub.files import store
from hub.files.checking import Checked
from hub.files.models import File, FileStanding


def keep_file(owner_id: int, name: UserText, made: Checked, waits: bool, **place: int) -> File:
    """Store the bytes and add the row; ``place`` is the text, such as ``post_id=12``; ``waits`` for the scanner. Raises ``store.Full``."""
    hold(f"file {store.digest_of(made.data)}")  # no sweep takes the last other file with these bytes away meanwhile
    file = File(
        owner_id=owner_id, name=name, kind=made.kind, digest=store.keep(made.data), size=len(made.data), width=made.width, height=made.height, named=made.named,
        standing=FileStanding.PENDING if waits else FileStanding.SHOWN, **place,
    )  # fmt: skip
    db.session.add(file)
    db.session.flush()
    return file
