"""Taking a file in: its name through the safeguard, its bytes checked in a process of their own and asked about by the virus scanner."""

from typing import NamedTuple

from flask import current_app
from werkzeug.datastructures import FileStorage

from hub import text
from hub.db import UserText, end_reading
from hub.files import scanner
from hub.files.apart import checked_apart
from hub.files.checking import LARGEST, Checked
from hub.files.refusal import BadFile
from hub.files.scanner import Verdict
from hub.forms import guard_now
from hub.words import _


class Received(NamedTuple):
    """A file that may be stored; ``waits`` for the scanner."""

    name: UserText
    made: Checked
    waits: bool


def received(name: str, file: FileStorage) -> Received:
    """Outside any unit of work: it takes seconds. Raises ``BadFile`` and ``text.Refused``."""
    end_reading()
    prepared = text.prepare_line(name, 200, guard_now())
    made = checked_apart(name, file.stream.read(LARGEST + 1))
    answer = scanner.verdict(str(current_app.config["HUB_SCANNER"]), made.data)
    if answer == Verdict.BAD:
        raise BadFile(_("The virus scanner refused this file. Nothing of it was kept."))
    end_reading()
    return Received(prepared, made, answer == Verdict.UNKNOWN)
