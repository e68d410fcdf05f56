"""The embedded server without some of its mechanisms, to show that the tests would notice: ``python -m tests.faults.without pushes beacon``."""

import sys

from hub import live, serve
from hub.rooms import log, sockets, talking


def no_pushes() -> None:
    """Every entry's news is lost; beacons leave."""
    ring = live.ring
    live.ring = lambda room, name, /, **heads: None if name == "entry" or (name == "head" and "here" not in heads) else ring(room, name, **heads)


def no_beacon() -> None:
    sockets._tell = lambda *_given: None


def no_memory_of_ids() -> None:
    """An entry that is sent twice is stored twice."""
    talking._sent_before = lambda *_given: None
    add = log.add

    def add_anew(room, seq, writer, side_id, said):
        add(room, seq, writer, side_id, said._replace(client_id=f"{said.client_id} {seq}"))

    log.add = add_anew


MECHANISMS = {"pushes": no_pushes, "beacon": no_beacon, "ids": no_memory_of_ids}

if __name__ == "__main__":
    for name in sys.argv[1:]:
        MECHANISMS[name]()
    serve.main()
