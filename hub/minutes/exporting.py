"""Agreed minutes as they leave the hub, as JSON and as Markdown; and checking such a file against the database."""

import hmac
import json
import re
from typing import Any

from sqlalchemy import select

from hub.audit.actions import keyed
from hub.db import UserText, db
from hub.minutes import queries
from hub.minutes.content import content_of, hash_of, plain
from hub.minutes.models import Minutes, Section
from hub.rooms import log
from hub.rooms import queries as rooms
from hub.rooms.models import Attribution, Room, RoomEntry
from hub.words import _

FORMAT = "practitioner-hub minutes 1"
HEADINGS = {
    Section.AGENDA: "Agenda", Section.ATTENDANCE: "Attendance", Section.DECISIONS: "Decisions", Section.ACTIONS: "Actions",
    Section.RESERVATIONS: "Reservations", Section.LANGUAGES: "Languages", Section.NEXT: "Next meeting",
}  # fmt: skip
LETTERS = {Section.DECISIONS: "D", Section.ACTIONS: "A"}
NAMED = re.compile(rb'"room": "([0-9a-f]{32})"|Room ([0-9a-f]{32}), minutes (\d{1,6})')


def exported(minutes: Minutes) -> dict[str, Any]:
    """Agreed minutes as plain values: the same whenever they are exported."""
    sides, terms = rooms.delegations_of(minutes.room_id), rooms.terms_of(minutes.room, minutes.terms_num)
    chatham = terms.attribution == Attribution.CHATHAM
    codes = {side.id: side.code for side in sides}
    signed = sorted(queries.signatures_to(minutes, minutes.hash).values(), key=lambda one: one.at)
    return {
        "format": FORMAT, "label": terms.label, "attribution": terms.attribution, "room": minutes.room.public_id, "minutes": minutes.num,
        "version": minutes.version, "title": terms.title, "purpose": terms.purpose, "parties": [side.code for side in sides],
        "content": plain(content_of(queries.newest_version(minutes), sides), sides), "terms": terms.hash, "hash": minutes.hash,
        "signatures": [{"side": codes[one.side_id], "role": "" if chatham else one.signer, "hash": one.hash, "at": one.at.isoformat()} for one in signed],
        "agreed": minutes.agreed_at.isoformat() if minutes.agreed_at else "", "log": {"head": minutes.head_seq, "hash": minutes.head_hash},
    }  # fmt: skip


def as_json(minutes: Minutes) -> str:
    return json.dumps(exported(minutes), ensure_ascii=False, indent=2) + "\n"


def as_markdown(minutes: Minutes) -> str:
    """With the label at the head and at the foot."""
    said = exported(minutes)
    parts = [f"**{said['label']}**", f"# Agreed minutes: {_escaped(said['title'])}", f"{_escaped(said['purpose'])}\n\nParties: {', '.join(said['parties'])}"]
    for section, heading in HEADINGS.items():
        parts.append(f"## {heading}\n\n" + _listed(section, said["content"][section]))
    signed = [f"- {' '.join(filter(None, (one['side'], _escaped(one['role']))))}, {one['at']}" for one in said["signatures"]]
    parts.append("## Signatures\n\n" + "\n".join(signed))
    parts.append(
        f"Room {said['room']}, minutes {said['minutes']}, version {said['version']}. SHA-256 of what was signed: {said['hash']}. "
        f"Log up to entry {said['log']['head']}: {said['log']['hash']}."
    )
    return "\n\n".join([*parts, f"**{said['label']}**"]) + "\n"


def _listed(section: str, said: Any) -> str:
    if section == Section.ACTIONS:
        said = [f"{one['what']} ({', '.join(filter(None, (one['who'], one['role'], one['due'])))})" for one in said]
    if isinstance(said, dict):
        return "\n\n".join(f"{code}\n\n" + _lines(lines) for code, lines in said.items())
    return (_escaped(said) or "-") if isinstance(said, str) else _lines(said, LETTERS.get(section, ""))


def _lines(lines: list[str], letter: str = "") -> str:
    return "\n".join(f"- {letter}{n}: {_escaped(line)}" if letter else f"- {_escaped(line)}" for n, line in enumerate(lines, 1)) or "-"


def _escaped(words: str) -> str:
    """Plain words, whatever they hold: no mark-up, no link, no HTML, no list in a list."""
    plain = re.sub(r"([\\`*_{}\[\]<>#|~!&@])|:(?=//)|(?<=www)\.", lambda match: f"\\{match[0]}", words)
    return re.sub(r"^([-+=]|\d{1,9}(?=[.)]))", lambda match: f"{match[0]}\\" if match[0].isdecimal() else f"\\{match[0]}", plain)


# --- checking ------------------------------------------------------------------------------------------


def faults(given: bytes) -> list[str]:
    """What speaks against a file being the agreed minutes of this hub, and what in the database speaks against them; none when all holds."""
    minutes = _named(given)
    if minutes is None:
        return [_("This is no export of minutes that are agreed in this hub.")]
    expected = as_json(minutes) if given.lstrip()[:1] == b"{" else as_markdown(minutes)
    found = [] if hmac.compare_digest(given, expected.encode()) else [_difference(given, expected)]
    return found + _faults_here(minutes)


def _named(given: bytes) -> Minutes | None:
    matches = list(NAMED.finditer(given))
    if not matches:
        return None
    match = matches[-1]  # what was written may look like it, and stands before
    number = match[3] or next(iter(re.findall(rb'"minutes": (\d{1,6})', given)), b"0")
    room = (match[1] or match[2]).decode()
    rows = select(Minutes).join(Room, Room.id == Minutes.room_id).where(Room.public_id == room, Minutes.num == int(number), Minutes.agreed_at.is_not(None))
    return db.session.scalar(rows)


def _difference(given: bytes, expected: str) -> str:
    here, there = given.decode("utf-8", "replace").split("\n"), expected.split("\n")
    line = next((n for n, (one, other) in enumerate(zip(here, there, strict=False), 1) if one != other), min(len(here), len(there)) + 1)
    return _("The file is not what was agreed: line %(n)s differs.", n=line)


def _faults_here(minutes: Minutes) -> list[str]:
    """Whether the database still says what was signed."""
    found, sides = [], rooms.delegations_of(minutes.room_id)
    terms, newest = rooms.terms_of(minutes.room, minutes.terms_num), queries.newest_version(minutes)
    if hash_of(minutes.room.public_id, minutes.num, newest.num, terms.hash, plain(content_of(newest, sides), sides)) != minutes.hash:
        found.append(_("In the database: the minutes are not what was signed."))
    if set(queries.signatures_to(minutes, minutes.hash)) != {side.id for side in sides}:
        found.append(_("In the database: a signature of a delegation is missing."))
    if log.hash_upto(minutes.room_id, minutes.head_seq or 0) != minutes.head_hash:
        found.append(_("In the database: the log of the room is not what it was when the last head signed."))
    return found + _words_changed(minutes)


def _words_changed(minutes: Minutes) -> list[str]:
    """Entries whose words are there and do not fit their keyed hash. Where the words are gone, the hash alone is left."""
    kept = (RoomEntry.room_id == minutes.room_id, RoomEntry.seq <= minutes.head_seq, RoomEntry.body_md != UserText(""))
    entries = db.session.execute(select(RoomEntry.seq, RoomEntry.body_md, RoomEntry.mac).where(*kept))
    return [_("In the database: the words of entry %(n)s were changed.", n=row.seq) for row in entries if keyed(row.body_md) != row.mac][:20]
