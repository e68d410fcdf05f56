"""Making a backup while the hub runs: the database in one step, files by their hash, a manifest; half a backup is never found under its name."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC
from hashlib import sha256
from pathlib import Path

from flask import current_app

from hub import config
from hub.backup import engines
from hub.backup.manifest import FORMAT, Manifest, Part, Refused, mark, part_of, write
from hub.db import code_head, now
from hub.files import store
from hub.moderation import purging

Told = Callable[[str], None]
TOOLS = {"age": ["age", "--encrypt", "--recipient"], "gpg": ["gpg", "--batch", "--yes", "--trust-model", "always", "--encrypt", "--recipient"]}


def make(target: Path, told: Told, tool: str = "", recipient: str = "") -> Path:
    """A folder ``hub-<time>`` in ``target``, or with ``tool`` (``age`` or ``gpg``) one encrypted file. Raises ``Refused``."""
    if tool and shutil.which(TOOLS[tool][0]) is None:
        raise Refused(f"{tool} is not installed here.")
    made_at = now().astimezone(UTC)
    name = f"hub-{made_at:%Y%m%d-%H%M%S}"
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    # in clear it lies beside the data, and goes when it is encrypted
    folder = (config.data_folder(current_app.config) if tool else target) / f"{name}.{secrets.token_hex(4)}.partial"
    folder.mkdir(mode=0o700)
    try:
        url = config.database_url(current_app.config)
        told("database")
        database = engines.dump(url, folder)
        parts = [part_of(folder, database), *_files(folder, told), *_purges(folder)]
        engine = "sqlite" if config.is_sqlite(url) else "postgresql"
        write(folder, Manifest(FORMAT, made_at.isoformat(), engine, code_head(), mark(), parts))
        if tool:
            told(f"encrypting with {tool}")
            return _encrypted(folder, target / f"{name}.tar.{tool}", [*TOOLS[tool], recipient])
        folder.rename(target / name)
        return target / name
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _files(folder: Path, told: Told) -> list[Part]:
    """Bytes under their hash; what a purge takes away meanwhile is left out, and what does not fit its hash is told."""
    parts = []
    (folder / "files").mkdir(mode=0o700)
    for path in sorted(store.folder().glob("??/*")):
        if "." in path.name:  # one that was begun
            continue
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            continue
        if sha256(data).hexdigest() != path.name:
            told(f"the file {path.name} is damaged, and left out")
            continue
        copy = folder / "files" / path.parent.name / path.name
        copy.parent.mkdir(exist_ok=True, mode=0o700)
        with open(os.open(copy, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
            file.write(data)
        parts.append(Part(copy.relative_to(folder).as_posix(), len(data), path.name))
    told(f"{len(parts)} files")
    return parts


def _purges(folder: Path) -> list[Part]:
    """What was taken out so far: played again after a restore."""
    if not purging.list_file().exists():
        return []
    copy = folder / purging.list_file().name
    shutil.copyfile(purging.list_file(), copy)
    copy.chmod(0o600)
    return [part_of(folder, copy)]


def _encrypted(folder: Path, path: Path, command: list[str]) -> Path:
    begun = path.with_name(f"{path.name}.partial")
    with open(os.open(begun, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        with subprocess.Popen(["tar", "--create", "--directory", str(folder), "."], stdout=subprocess.PIPE) as tar:
            tool = subprocess.run(command, stdin=tar.stdout, stdout=file, stderr=subprocess.PIPE, text=True)
        if tool.returncode or tar.returncode:
            begun.unlink()
            raise Refused(f"{command[0]} failed: {(tool.stderr.strip().splitlines() or ['without a word'])[-1]}")
        os.fsync(file.fileno())
    begun.rename(path)
    return path
