"""Checking a file in a process of its own, with little time and memory: a hostile one takes nothing from the hub."""

import json
import subprocess
import sys
import threading

from hub import config
from hub.files.checking import Checked, checked
from hub.files.refusal import BadFile
from hub.words import _

SECONDS, BYTES, AT_ONCE = 20, 2 * 1024**3, 2  # of processor time, of memory; files that are checked at the same time
REFUSED = 3
_places = threading.Semaphore(AT_ONCE)


def checked_apart(name: str, data: bytes) -> Checked:
    """As ``checked``. Raises ``BadFile``, also for a file that takes too much."""
    with _places:
        try:
            command = [sys.executable, "-m", "hub.files.apart", name]
            done = subprocess.run(command, input=data, capture_output=True, timeout=3 * SECONDS, cwd=config.ROOT, check=False)
        except subprocess.TimeoutExpired:
            raise BadFile(_("This file takes too long to be checked. Save it anew, or smaller.")) from None
    if done.returncode == REFUSED:
        raise BadFile(done.stdout.decode("utf-8", "replace"))
    if done.returncode:
        raise BadFile(_("This file takes too long to be checked. Save it anew, or smaller."))
    head, _line, made = done.stdout.partition(b"\n")
    return Checked(data=made, **json.loads(head))


def _limit() -> None:
    try:
        import resource
    except ImportError:  # not on every system
        return
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))


def main() -> int:
    """The file comes in; a line of facts and the file as it may be stored go out, or why it may not."""
    _limit()
    try:
        found = checked(sys.argv[1], sys.stdin.buffer.read())
    except BadFile as refusal:
        sys.stdout.buffer.write(str(refusal).encode())
        return REFUSED
    facts = {"kind": found.kind, "width": found.width, "height": found.height, "named": found.named}
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\n" + found.data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
