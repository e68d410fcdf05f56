"""Restoring a backup: looked at whole, put together beside what is in use, checked there; what is in use is touched last, and kept."""

import shutil
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from flask import Flask, current_app
from flask_migrate import upgrade

from hub import config
from hub.audit import queries as audit
from hub.backup import engines
from hub.backup.manifest import Manifest, Refused, faults, mark, read
from hub.db import db, end_reading, known_migrations, migrations_pending, now
from hub.files import store
from hub.moderation import purging
from hub.moderation.replaying import replay

Told = Callable[[str], None]


class Restored(NamedTuple):
    """``kept`` is where what was in use before lies now; "" when there was nothing."""

    audit_rows: int
    purged_again: int
    files: int
    kept: str


def restore(source: Path, told: Told, make_app: Callable[[dict[str, object]], Flask]) -> Restored:
    """Raises ``Refused``, with everything in use as it was. ``make_app`` makes a hub upon the restored database."""
    manifest = read(source)
    url = config.database_url(current_app.config)
    _refuse(source, manifest, url)
    data = config.data_folder(current_app.config)
    data.mkdir(parents=True, exist_ok=True)
    stamp = f"{now():%Y%m%d-%H%M%S}"
    staging = data / f"restoring-{stamp}"
    staging.mkdir(mode=0o700)
    fresh = ""
    try:
        told("putting it together beside the data in use")
        shutil.copytree(source / "files", staging / "files") if (source / "files").exists() else (staging / "files").mkdir()
        _lists(source, staging)
        fresh = engines.load(source / (engines.SQLITE if manifest.engine == "sqlite" else engines.POSTGRESQL), url, staging)
        rows, again = _checked(fresh, staging, told, make_app)
        told("putting it in place")
        files = _take_files(staging)
        kept = engines.swap(fresh, url, stamp)
        fresh = ""
        (staging / purging.list_file().name).replace(purging.list_file())
        return Restored(rows, again, files, kept)
    finally:
        if fresh:
            engines.drop(fresh)
        shutil.rmtree(staging, ignore_errors=True)


def _refuse(source: Path, manifest: Manifest, url: str) -> None:
    if manifest.engine != ("sqlite" if config.is_sqlite(url) else "postgresql"):
        raise Refused(f"It is of a hub on {manifest.engine}: set HUB_DATABASE_URL to such a database.")
    if manifest.ours != mark():
        raise Refused("It was made with another HUB_SECRET_KEY: it is of another hub, or the key was changed. Set the key it was made with.")
    if manifest.head not in known_migrations():
        raise Refused(f"It was made by a newer hub (migration {manifest.head}): upgrade this one first.")
    found = list(faults(source, manifest))
    if found:
        raise Refused("It is damaged: " + "; ".join(found[:5]) + ("; and more" if len(found) > 5 else "") + ".")
    db.session.remove()
    db.engine.dispose()  # our own connections are not the hub's
    if engines.in_use(url):
        raise Refused("The hub is running: stop it first.")
    refuse_while_running()


def refuse_while_running() -> None:
    """Raises ``Refused`` while the embedded server answers."""
    if _answers(int(str(current_app.config["HUB_PORT"]))):
        raise Refused("The hub is running: stop it first.")


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.5):
        return True
    return False


def _lists(source: Path, staging: Path) -> None:
    """What was taken out by then, and here since: both are played again."""
    name = purging.list_file().name
    lines = [line for path in (source / name, purging.list_file()) if path.exists() for line in path.read_text("utf-8").splitlines() if line.strip()]
    (staging / name).write_text("".join(f"{line}\n" for line in dict.fromkeys(lines)), "utf-8")
    (staging / name).chmod(0o600)


def _checked(fresh: str, staging: Path, told: Told, make_app: Callable[[dict[str, object]], Flask]) -> tuple[int, int]:
    """Migrate it, take out again what was taken out since, and verify the record; the number of its rows, and how many held removed words."""
    app = make_app({"HUB_DATABASE_URL": fresh, "HUB_DATA": str(staging)})
    with app.app_context():
        try:
            if migrations_pending():
                told("migrating it")
                end_reading()
                upgrade(str(config.ROOT / "migrations"))
            told("taking out again what was taken out since")
            try:
                again = replay(list(purging.entries(purging.list_file())))
            except ValueError:
                raise Refused("The list of purges is damaged: purges.jsonl.") from None
            while purging.work():
                pass
            told("verifying the record of staff actions")
            broken = next(audit.faults(), None)
            if broken is not None:
                raise Refused(f"Its record of staff actions does not hold: {broken}.")
            return audit.length(), again
        finally:
            db.session.remove()
            db.engine.dispose()


def _take_files(staging: Path) -> int:
    """Files go to where they are found by their hash; those that are there already are the same."""
    taken = 0
    for path in sorted((staging / "files").glob("??/*")):
        live = store.path_of(path.name)
        live.parent.mkdir(parents=True, exist_ok=True)
        if not live.exists():
            path.replace(live)
            taken += 1
    return taken
