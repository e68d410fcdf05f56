"""Who reads: what of an actor decides what they may read."""

from typing import NamedTuple

from hub.accounts.models import Role, User
from hub.discussions.models import Label

Actor = User | None


class Reader(NamedTuple):
    """What decides what an actor may read. Equal readers read alike, so a condition is built once for each."""

    id: int
    organisation_id: int
    root_id: int
    state_code: str | None
    in_task_force: bool
    is_moderator: bool
    is_admin: bool
    is_focal_point: bool


def reader(actor: Actor) -> Reader | None:
    """The reader an actor is; ``None`` for somebody who is not signed in, or may not act."""
    if actor is None or not actor.active:
        return None
    own = actor.organisation
    in_task_force = actor.role != Role.PARTNER and own.reads_amber
    return Reader(
        actor.id, own.id, own.root_id, own.state_code, in_task_force, actor.is_moderator, actor.is_admin, actor.role == Role.FOCAL_POINT
    )  # fmt: skip


def labels_read(reader: Reader | None) -> tuple[str, ...]:
    """Labels that open a thread to ``reader`` wherever it comes from."""
    if reader is None:
        return ()
    if reader.is_moderator or reader.in_task_force:
        return (Label.CLEAR, Label.GREEN, Label.AMBER)
    return (Label.CLEAR, Label.GREEN)
