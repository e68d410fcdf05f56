"""A room's log as a page shows it: each line as it is now, with what later entries changed about it."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import current_app
from sqlalchemy import Select, func, or_, select

from hub import policy
from hub.accounts.models import Organisation, State
from hub.db import UserText, at_most, db
from hub.files.models import File, FileStanding
from hub.policy import Actor
from hub.rooms.models import Delegation, EntryKind, Room, RoomEntry

PAGE = 50  # lines of a page
CATCH_UP = 100  # entries of one answer
OFF = "off"  # takes a mark away
STANDINGS = (EntryKind.HIDDEN, EntryKind.RESTORED, EntryKind.REDACTED)
APPEND, REPLACE, REMOVE = "append", "replace", "remove"
# How the region calls its zones (IANA's, and what ministries print); the offset stands beside it.
CLOCKS = {
    "Asia/Brunei": "BNT", "Asia/Phnom_Penh": "ICT", "Asia/Jakarta": "WIB", "Asia/Vientiane": "ICT", "Asia/Kuala_Lumpur": "MYT", "Asia/Yangon": "MMT",
    "Asia/Manila": "PHT", "Asia/Singapore": "SGT", "Asia/Bangkok": "ICT", "Asia/Dili": "TLT", "Asia/Ho_Chi_Minh": "ICT",
}  # fmt: skip


class Side(NamedTuple):
    """A delegation as an entry names it."""

    id: int
    code: str
    name: str
    zone: str


class Text(NamedTuple):
    html: UserText
    lang: str
    at: datetime
    role_title: str
    author_id: int
    side: Side


class Mark(NamedTuple):
    """A message marked as a point, a decision or an action, and by whom."""

    kind: str
    by: Text
    side: Side | None  # that has the action,
    owner: UserText  # or one delegate of it,
    owner_id: int | None
    due_on: date | None


class Line(NamedTuple):
    """An entry with what became of it. ``texts`` are its wordings, the last one in force; of a hidden or redacted one no page shows any."""

    seq: int
    kind: str
    at: datetime
    author_id: int
    role_title: str
    side: Side
    texts: list[Text]
    reply_to: int | None
    what: str
    subject: str
    number: int | None
    reason: UserText  # of what a side did alone
    withdrawn_at: datetime | None
    asked: Text | None
    acks: list[Text]
    waiting: list[Side]
    translations: list[Text]
    files: list[File]
    mark: Mark | None
    standing: str  # "" or the kind of entry that took the words away

    @property
    def text(self) -> Text:
        return self.texts[-1]


def sides_of(delegations: Iterable[Delegation]) -> list[Side]:
    """Delegations that are loaded already, as entries name them."""
    return [Side(one.id, one.code, one.name, one.organisation.state.zone if one.organisation.state else "UTC") for one in delegations]


def sides_in(room_id: int) -> list[Side]:
    """The sides of a room in the order of their states."""
    rows = select(Delegation.id, State.code, State.short_name, State.zone).join(Organisation, Organisation.id == Delegation.organisation_id)
    rows = rows.join(State, State.code == Organisation.state_code).where(Delegation.room_id == room_id).order_by(State.short_name)
    return [Side(*row) for row in db.session.execute(rows)]


def times(at: datetime, sides: Iterable[Side]) -> list[tuple[str, str]]:
    """A moment on the clocks of all sides: "13:08 WIB" and the offset, each offset once."""
    clocks: dict[str, list[str]] = {}
    for side in sides:
        local = at.astimezone(ZoneInfo(side.zone))
        names = clocks.setdefault(f"{local:%H:%M} {local:%z}", [])
        if CLOCKS[side.zone] not in names:
            names.append(CLOCKS[side.zone])
    return [(f"{clock[:5]} {'/'.join(names)}", f"UTC{clock[6:9]}:{clock[9:]}") for clock, names in clocks.items()]


def lines_of(room_id: int, seqs: Collection[int], sides: Sequence[Side]) -> dict[int, Line]:
    """Lines by number, as they are now. Two statements for any number of them; who may read them was asked before."""
    entries: dict[int, list[RoomEntry]] = {seq: [] for seq in seqs}
    chosen = or_(RoomEntry.seq.in_(seqs), RoomEntry.target_seq.in_(seqs) & RoomEntry.kind.in_(EntryKind.CHANGING))
    for entry in db.session.scalars(select(RoomEntry).where(RoomEntry.room_id == room_id, chosen).order_by(RoomEntry.seq)):
        entries[entry.seq if entry.kind in EntryKind.NEW else entry.target_seq or 0].append(entry)
    files: dict[int, list[File]] = {}
    shown = (File.room_id == room_id, File.entry_seq.in_(seqs), File.standing == FileStanding.SHOWN)
    for file in db.session.scalars(select(File).where(*shown).order_by(File.id)):
        files.setdefault(file.entry_seq or 0, []).append(file)
    by_id = {side.id: side for side in sides}
    return {seq: _line(found, by_id, files.get(seq, [])) for seq, found in entries.items() if found}


def _line(found: list[RoomEntry], sides: dict[int, Side], files: list[File]) -> Line:
    first, *changes = found
    later: dict[str, list[Text]] = {kind: [] for kind in EntryKind.CHANGING}
    for entry in changes:
        later[entry.kind].append(_text(entry, sides))
    standing = [entry.kind for entry in changes if entry.kind in STANDINGS]
    marks = [entry for entry in changes if entry.kind in EntryKind.MARKS]
    withdrawn, asked, acks = later[EntryKind.WITHDRAW], later[EntryKind.ACK_REQUEST], later[EntryKind.ACK]
    answered = {ack.side.id for ack in acks}
    waiting = [side for side in sides.values() if side.id not in answered and side.id != asked[0].side.id] if asked else []
    return Line(
        first.seq, first.kind, first.at, first.author_id, first.speaker, sides[first.delegation_id], [_text(first, sides), *later[EntryKind.EDIT]],
        first.target_seq, first.what, first.subject, first.subject_id, UserText("") if first.kind == EntryKind.MESSAGE else first.body_md,
        withdrawn[0].at if withdrawn else None, asked[0] if asked else None, acks, waiting, later[EntryKind.TRANSLATION], files,
        _mark(marks[-1], sides) if marks and marks[-1].what != OFF else None, standing[-1] if standing and standing[-1] != EntryKind.RESTORED else "",
    )  # fmt: skip


def _mark(entry: RoomEntry, sides: dict[int, Side]) -> Mark:
    return Mark(entry.kind, _text(entry, sides), sides.get(entry.side_id or 0), entry.subject, entry.subject_id, entry.due_on)


def _text(entry: RoomEntry, sides: dict[int, Side]) -> Text:
    return Text(entry.body_html, entry.lang, entry.at, entry.speaker, entry.author_id, sides[entry.delegation_id])


def day_of(at: datetime, sides: Sequence[Side]) -> str:
    """The day of a moment, on the clock of the first side."""
    return format_date(at.astimezone(ZoneInfo(sides[0].zone)).date(), "d MMM", locale="en_GB")


SETTLED = 40  # marked messages that the page of a room lists


def settled(actor: Actor, room: Room, sides: Sequence[Side], after: int = 0, most: int = SETTLED) -> list[Line]:
    """Messages that are marked, in the order they were said: the last ones, marked after a number. Hidden and withdrawn ones are left out."""
    marked = (*EntryKind.MARKS, EntryKind.RESTORED)  # what was hidden meanwhile is offered again
    marks = _readable(actor, room, RoomEntry.target_seq).where(RoomEntry.kind.in_(marked), RoomEntry.seq > after)
    newest = marks.group_by(RoomEntry.target_seq).order_by(func.max(RoomEntry.seq).desc()).limit(at_most(most))
    seqs = {seq for seq in db.session.scalars(newest) if seq}
    lines = lines_of(room.id, seqs, sides) if seqs else {}
    return [line for _seq, line in sorted(lines.items()) if line.mark and not line.standing and not line.withdrawn_at]


def languages_of(actor: Actor, room: Room, after: int) -> list[str]:
    """In which messages after a number were written."""
    rows = _readable(actor, room, RoomEntry.lang).where(RoomEntry.kind == EntryKind.MESSAGE, RoomEntry.seq > after)
    return sorted(set(db.session.scalars(rows.distinct())) - {""})


class Window(NamedTuple):
    """Lines of one page in the order they were said, and whether there are more on either side."""

    lines: list[Line]
    earlier: bool
    later: bool


def window(actor: Actor, room: Room, sides: Sequence[Side], before: int | None, after: int | None) -> Window:
    """The last lines, or those before or after a number."""
    rows = _readable(actor, room, RoomEntry.seq).where(RoomEntry.kind.in_(EntryKind.NEW))
    if after is not None:
        found = list(db.session.scalars(rows.where(RoomEntry.seq > after).order_by(RoomEntry.seq).limit(at_most(PAGE + 1))))
        seqs, earlier, later = found[:PAGE], after > 0, len(found) > PAGE
    else:
        rows = rows.where(RoomEntry.seq < before) if before is not None else rows
        found = list(db.session.scalars(rows.order_by(RoomEntry.seq.desc()).limit(at_most(PAGE + 1))))
        seqs, earlier, later = found[:PAGE][::-1], len(found) > PAGE, before is not None and before <= room.last_seq
    lines = lines_of(room.id, seqs, sides) if seqs else {}
    return Window([lines[seq] for seq in seqs], earlier, later)


def _readable(actor: Actor, room: Room, *columns: Any) -> Select[Any]:
    return select(*columns).where(RoomEntry.room_id == room.id, policy.readable(actor, RoomEntry))


def entries(actor: Actor, room: Room, after: int | None, before: int | None) -> tuple[list[dict[str, Any]], bool]:
    """Entries as sent to a page, in order: those after a number, or the last ones before one; and whether there are more."""
    rows = _readable(actor, room, RoomEntry)
    if before is not None:
        rows = rows.where(RoomEntry.seq < before).order_by(RoomEntry.seq.desc())
    else:
        rows = rows.where(RoomEntry.seq > (after or 0)).order_by(RoomEntry.seq)
    found = list(db.session.scalars(rows.limit(at_most(CATCH_UP + 1))))
    more, found = len(found) > CATCH_UP, found[:CATCH_UP]
    return _as_sent(room, sorted(found, key=lambda entry: entry.seq)), more


def entry_as_sent(room: Room, seq: int) -> dict[str, Any]:
    """One entry, which was just stored."""
    return _as_sent(room, [db.session.get_one(RoomEntry, (room.id, seq))])[0]


def _as_sent(room: Room, found: Sequence[RoomEntry]) -> list[dict[str, Any]]:
    sides = sides_in(room.id)
    shown = {entry.seq: entry.seq if entry.kind in EntryKind.NEW else entry.target_seq or 0 for entry in found}
    lines = lines_of(room.id, set(shown.values()), sides) if shown else {}
    html = {seq: fragment(room, line, sides) for seq, line in lines.items()}
    return [
        {
            "seq": entry.seq, "kind": entry.kind, "verb": APPEND if entry.kind in EntryKind.NEW else REPLACE, "target": entry.target_seq,
            "html": html.get(shown[entry.seq], ""), "client_id": entry.client_id or "", "at": entry.at.isoformat(),
        }
        for entry in found
    ]  # fmt: skip


def fragment(room: Room, line: Line, sides: Sequence[Side]) -> str:
    """The HTML of a line, the same for every delegate: no "you", no reader's clock."""
    return _macro()(room, line, sides, times, day_of).strip()


@cache
def _macro() -> Callable[..., str]:
    """What it returns is known to be HTML."""
    macro: Callable[..., str] = current_app.jinja_env.get_template("rooms/_entry.html").module.entry  # type: ignore[attr-defined]
    return macro
