"""The door of every file."""

from hub.discussions import queries as discussions
from hub.files import queries as files
from hub.files.serving import served
from hub.home.views import bp
from hub.practices import queries as practices
from hub.rooms import queries as rooms
from hub.web import Answer, actor


@bp.get("/files/<public_id>")
def file(public_id: str) -> Answer:
    """For whoever reads the post, the revision of the practice, or the entry of the room that it belongs to."""
    found = files.get_file(actor(), public_id[:64])
    if found.post_id is not None:
        return served(found, discussions.label_of(found.post_id))
    if found.room_id is not None:
        return served(found, rooms.get_room(found.room_id).label)
    return served(found, practices.get_practice(actor(), found.practice_id or 0).effective_label)
