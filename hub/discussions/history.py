"""What changed between two versions of a text, in words: bounded work for texts of any length and script."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

# A word with the space after it; in scripts written without spaces, a letter with its marks.
UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u9fff"  # Thai, Lao, Burmese, Khmer, Han
MARKS = r"\u0e30-\u0e4e\u0eb0-\u0ecd\u102b-\u103e\u17b4-\u17dd"
WORDS = re.compile(rf"[{UNSPACED}][{MARKS}]*|[^\s{UNSPACED}]+\s*|\s+")
MOST_WORDS = 1_500  # of one changed passage: beyond, it is shown as a whole; the work grows with the square

SAME, GONE, NEW = "same", "gone", "new"


class Piece(NamedTuple):
    """Words of one kind: ``same``, ``gone`` or ``new``."""

    kind: str
    words: str


def word_diff(old: str, new: str) -> list[Piece]:
    """Pieces that read, without the gone ones, as ``new``, and without the new ones as ``old``."""
    pieces: list[Piece] = []
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        gone, fresh = "".join(before[a:b]), "".join(after[c:d])
        pieces += [Piece(SAME, gone)] if tag == "equal" else _within(gone, fresh)
    return _joined(pieces)


def _within(gone: str, fresh: str) -> list[Piece]:
    """The changed words of a changed passage."""
    before, after = WORDS.findall(gone), WORDS.findall(fresh)
    if len(before) + len(after) > MOST_WORDS:
        return [Piece(GONE, gone), Piece(NEW, fresh)]
    pieces = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece(SAME, "".join(before[a:b])))
        else:
            pieces += [Piece(GONE, "".join(before[a:b])), Piece(NEW, "".join(after[c:d]))]
    return pieces


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Neighbours of one kind as one piece; empty ones left out."""
    joined: list[Piece] = []
    for piece in pieces:
        if joined and joined[-1].kind == piece.kind:
            joined[-1] = Piece(piece.kind, joined[-1].words + piece.words)
        elif piece.words:
            joined.append(piece)
    return joined
