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
    "left": later("A delegate of yours left the hub, and so the room “%(title)s”; a head has to be named anew"),
    "joined": later("A delegate joined the room “%(title)s”"),
    "signed": later("Another side signed the minutes of the room “%(title)s”: yours is missing"),
    "agreed": later("All have signed: the minutes of the room “%(title)s” are agreed"),
    "task_due": later("An action from the room “%(title)s” is due in three days or less"),
    "task_overdue": later("An action from the room “%(title)s” is overdue"),
    "task_done": later("An action from the room “%(title)s” is done"),
    "mentioned": later("You are mentioned in the room “%(title)s”"),
}
_HAS_IT = later("because it is yours, or your delegation’s")
_LEADS = later("because you lead a delegation in it, or sign for one")
REASONS = dict.fromkeys(HEADS, _SIGNS) | {
    **dict.fromkeys(("joined", "signed", "task_done"), _LEADS), **dict.fromkeys(("task_due", "task_overdue"), _HAS_IT),
    **dict.fromkeys(("opened", "named", "mentioned", "agreed"), _IN_IT),
}  # fmt: skip


def head(reason: str, title: str) -> str:
    """What happened in a room, in a line."""
    return _(str(HEADS[reason]), title=title)
