"""What a backup says of itself: what made it, of what, and the hash of every part."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from hub.audit.actions import keyed

FORMAT, NAME = 1, "manifest.json"
OURS = "a backup of this hub"


class Refused(Exception):
    """Why a backup is not taken, or not restored, in a sentence; nothing was changed."""


@dataclass(frozen=True)
class Part:
    """A file of the backup by its path in it; ``size`` in bytes."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """``head`` is the last migration; ``ours`` is keyed with the secret of the hub that made it."""

    format: int
    made_at: str
    engine: str
    head: str
    ours: str
    parts: list[Part]


def mark() -> str:
    """What only a hub with the same secret writes."""
    return keyed(OURS)


def write(folder: Path, manifest: Manifest) -> None:
    write_private(folder / NAME, json.dumps(asdict(manifest), indent=1).encode())


def read(folder: Path) -> Manifest:
    """Raises ``Refused`` for what is no backup."""
    try:
        said = json.loads((folder / NAME).read_bytes())
        if said.get("format") != FORMAT:
            raise Refused(f"{folder} was made by another version of the hub (format {said.get('format')}): restore it with that one.")
        return Manifest(**said | {"parts": [Part(**part) for part in said["parts"]]})
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        raise Refused(f"{folder} is no backup: its {NAME} is missing or damaged.") from None


def part_of(folder: Path, path: Path) -> Part:
    return Part(path.relative_to(folder).as_posix(), path.stat().st_size, hash_of(path))


def hash_of(path: Path) -> str:
    digest = sha256()
    with open(path, "rb") as file:
        while data := file.read(1 << 20):
            digest.update(data)
    return digest.hexdigest()


def faults(folder: Path, manifest: Manifest) -> Iterator[str]:
    """What of a backup is not as it was made."""
    listed = {part.path for part in manifest.parts}
    for part in manifest.parts:
        path = folder / part.path
        if ".." in Path(part.path).parts or not path.is_file():
            yield f"{part.path} is missing"
        elif path.stat().st_size != part.size:
            yield f"{part.path} has {path.stat().st_size} bytes, not {part.size}"
        elif hash_of(path) != part.sha256:
            yield f"{part.path} was changed"
    for path in folder.rglob("*"):
        if path.is_file() and path.relative_to(folder).as_posix() not in listed | {NAME}:
            yield f"{path.relative_to(folder)} does not belong to it"


def write_private(path: Path, data: bytes) -> None:
    """Readable by its owner alone, and on the disk when this returns."""
    with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
