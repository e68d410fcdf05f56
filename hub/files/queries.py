"""Reading files: for a page of posts, for one post, and one file to be served."""

from collections import defaultdict
from collections.abc import Collection
from functools import lru_cache

from sqlalchemy import Select, bindparam, exists, select

from hub import policy
from hub.accounts.queries import found
from hub.db import db
from hub.files.models import File, FileStanding
from hub.policy import Actor, Reader


def get_file(actor: Actor, public_id: str) -> File:
    """A file of a text that ``actor`` reads; else 404."""
    return found(db.session.scalar(select(File).where(File.public_id == public_id, policy.readable(actor, File))))


def files_of(post_ids: Collection[int]) -> dict[int, list[File]]:
    """Shown files by post, of posts that the reader reads. One statement, and none without posts."""
    listed: dict[int, list[File]] = defaultdict(list)
    if post_ids:
        for file in db.session.scalars(select(File).where(File.post_id.in_(post_ids), File.standing == FileStanding.SHOWN).order_by(File.id)):
            listed[file.post_id or 0].append(file)
    return listed


def all_of(post_id: int) -> list[File]:
    """Files of one post, those that wait for the scanner as well: for its author, and a moderator who took its item."""
    return list(db.session.scalars(select(File).where(File.post_id == post_id, File.standing != FileStanding.REMOVED).order_by(File.id)))


def of_practice(actor: Actor, practice_id: int) -> list[File]:
    """Files of a practice that ``actor`` reads."""
    return list(db.session.scalars(_of_practice(policy.reader(actor)), {"practice": practice_id}))


@lru_cache(maxsize=500)
def _of_practice(who: Reader | None) -> Select[File]:
    return select(File).where(File.practice_id == bindparam("practice"), policy.readable_by(who, File)).order_by(File.id)


def all_of_practice(practice_id: int) -> list[File]:
    """For its author: those that wait for the scanner as well."""
    return list(db.session.scalars(select(File).where(File.practice_id == practice_id, File.standing != FileStanding.REMOVED).order_by(File.id)))


def still_used(digest: str) -> bool:
    """Whether a file that is not removed has these bytes."""
    return bool(db.session.scalar(select(exists().where(File.digest == digest, File.standing != FileStanding.REMOVED))))


def is_known(digest: str) -> bool:
    """Whether any file has these bytes, or had them and waits for their deletion."""
    return bool(db.session.scalar(select(exists().where(File.digest == digest))))


def waiting() -> list[File]:
    """Files that wait for the scanner, the oldest first."""
    return list(db.session.scalars(select(File).where(File.standing == FileStanding.PENDING).order_by(File.id).limit(20)))
