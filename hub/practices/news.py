"""What the inbox says of practices: what happened, and why one is told."""

from hub.words import _, later

_AUTHOR = later("because you wrote it")
HEADS = {
    "asked_clear": later("To clear: “%(title)s”"),
    "asked_review": later("To review: “%(title)s”"),
    "asked_change": later("To change: “%(title)s”"),
    "asked_comment": later("To comment on for your state: “%(title)s”"),
    "asked_update": later("To look at again: “%(title)s”"),
    "remind_clear": later("Due soon, to clear: “%(title)s”"),
    "remind_review": later("Due soon, to review: “%(title)s”"),
    "remind_change": later("Due soon, to change: “%(title)s”"),
    "remind_comment": later("Due soon, to comment on: “%(title)s”"),
    "remind_update": later("Due soon, to look at again: “%(title)s”"),
    "reviewers": later("Reviewers are wanted for “%(title)s”"),
    "third": later("A third reviewer is wanted for “%(title)s”"),
    "commented": later("A state commented on “%(title)s”"),
    "endorsed": later("A task force endorsed “%(title)s”"),
    "unendorsed": later("A task force took its endorsement of “%(title)s” back"),
    "adopted": later("A task force says what it does with “%(title)s”"),
    "submit": later("Sent to the focal point: “%(title)s”"),
    "return": later("Returned to you: “%(title)s”"),
    "clear": later("Cleared for review: “%(title)s”"),
    "ask_changes": later("The reviewers ask for changes: “%(title)s”"),
    "resubmit": later("Sent back to the reviewers: “%(title)s”"),
    "ask_comment": later("Passed; the states it names are asked: “%(title)s”"),
    "publish": later("Published: “%(title)s”"),
    "publish_commented": later("Published: “%(title)s”"),
    "update": later("A new version was sent: “%(title)s”"),
    "accept_update": later("The new version is published: “%(title)s”"),
    "return_update": later("The new version was returned: “%(title)s”"),
    "fall_due": later("Two years old: “%(title)s”"),
    "confirm": later("Confirmed: “%(title)s”"),
    "archive": later("Archived: “%(title)s”"),
    "withdraw": later("Withdrawn: “%(title)s”"),
    "decline": later("Declined by a moderator: “%(title)s”"),
    "decline_held": later("Declined by a moderator: “%(title)s”"),
    "hold": later("Held back until a moderator decides: “%(title)s”"),
    "release": later("It stands again: “%(title)s”"),
    "reinstate": later("It stands again: “%(title)s”"),
}
_ASKED = {
    "clear": later("because you are the focal point of its author"),
    "review": later("because a moderator asked you to review it"),
    "change": _AUTHOR,
    "comment": later("because it names your state"),
    "update": _AUTHOR,
}
REASONS = (
    dict.fromkeys(HEADS, _AUTHOR)
    | {f"{how}_{what}": words for how in ("asked", "remind") for what, words in _ASKED.items()}
    | {"reviewers": later("because you are a moderator"), "third": later("because you are a moderator, and two reviewers differ")}
)


def head(reason: str, title: str) -> str:
    """What happened to a practice, in a line."""
    return _(str(HEADS[reason]), title=title)
