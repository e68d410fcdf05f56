"""What is done from time to time: letters are written and sent, held texts are emptied, removed words are wiped."""

from hub.db import end_reading, unit_of_work
from hub.discussions import attaching
from hub.home.letters import still_due, write_letters
from hub.mail import actions as mail
from hub.minutes import tasks
from hub.moderation import purging, removing
from hub.practices import deadlines
from hub.review import actions as review


def turn() -> int:
    """Do what is due now; returns how many letters left."""
    if review.anything_due():
        end_reading()
        with unit_of_work():
            review.empty_held()
    end_reading()
    removing.forget_unappealed()
    attaching.rescan()
    attaching.sweep()
    purging.work()
    deadlines.look()
    tasks.look()
    write_letters()
    return mail.deliver(still_due)
