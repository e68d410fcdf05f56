"""What the inbox says of rooms: what happened, and why one is told."""

from hub.words import _, later

_SIGNS = later("because you sign for your task force")
_IN_IT = later("because you are a delegate in it")
HEADS = {
    "proposed": later("A room is proposed to your task force: “%(title)s”"),
    "accepted": later("Another side agreed to the room “%(title)s”"),
    "declined": later("A room that you proposed or agreed to was declined: “%(title)s”"),
    "opened": later("You are a delegate in the room “%(title)s”, which is open now"),
    "terms": later("Other terms are proposed for the room “%(title)s”"),
    "terms_agreed": later("Other terms are in force in the room “%(title)s”"),
    "terms_dropped": later("Other terms were refused; those in force stay in the room “%(title)s”"),
    "closed": later("Another side closed the room “%(title)s”"),
    "withdrawn": later("Another side took its consent back; nobody reads the room “%(title)s” any more"),
    "named": later("You are a delegate in the room “%(title)s”"),
    "joined": later("A delegate joined the room “%(title)s”"),
    "mentioned": later("You are mentioned in the room “%(title)s”"),
}
_LEADS = later("because you lead a delegation in it, or sign for one")
REASONS = dict.fromkeys(HEADS, _SIGNS) | {"joined": _LEADS, "opened": _IN_IT, "named": _IN_IT, "mentioned": _IN_IT}


def head(reason: str, title: str) -> str:
    """What happened in a room, in a line."""
    return _(str(HEADS[reason]), title=title)
