"""Room on the disk: while little is left, reading, signing in and taking away go on, and what adds to it is refused before the disk is full."""

import errno
import shutil
from pathlib import Path

from flask import Flask, current_app, request

from hub import config
from hub.web import TAKES_FILES

ADDS = ("discussions", "practices", "rooms", "minutes", "directory")
TAKES_AWAY = (  # of these, what keeps people safe does not wait for room
    "discussions.delete_post", "discussions.take_back", "discussions.take_back_held", "discussions.remove_file", "discussions.discard_draft",
    "discussions.lock", "practices.remove_file", "practices.decide", "rooms.remove_delegate", "rooms.step",
)  # fmt: skip


def init_app(app: Flask) -> None:
    app.before_request(_keep_the_rest)


def _keep_the_rest() -> None:
    """Raises ``OSError`` (ENOSPC), which answers 507 and gives back what was typed."""
    if request.method != "POST" or request.blueprint not in ADDS or request.endpoint in TAKES_AWAY:
        return
    here = config.is_sqlite(config.database_url(current_app.config)) or request.endpoint in TAKES_FILES
    if here and nearly_full(current_app.config["HUB_RESERVE_MB"]):
        raise OSError(errno.ENOSPC, "what is left is kept for signing in")


def nearly_full(megabytes: int) -> bool:
    """Whether the disk of the data folder, or of the database file, has less left than that."""
    url = config.database_url(current_app.config)
    folders = {config.data_folder(current_app.config)} | ({Path(url.removeprefix("sqlite:///")).parent} if config.is_sqlite(url) else set())
    return any(folder.is_dir() and shutil.disk_usage(folder).free < megabytes << 20 for folder in folders)
