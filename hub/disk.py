"""Room on the disk: while little is left, reading and signing in go on, and what people write is refused before the disk is full."""

import errno
import shutil

from flask import Flask, current_app, request

from hub import config
from hub.web import TAKES_FILES

STILL_WRITE = ("accounts", "moderation")  # little of it, and what keeps people safe does not wait for room


def init_app(app: Flask) -> None:
    app.before_request(_keep_the_rest)


def _keep_the_rest() -> None:
    """Raises ``OSError`` (ENOSPC), which answers 507 and gives back what was typed."""
    if request.method != "POST" or request.blueprint in STILL_WRITE:
        return
    here = config.database_url(current_app.config).startswith("sqlite") or request.endpoint in TAKES_FILES
    if here and nearly_full(current_app.config["HUB_RESERVE_MB"]):
        raise OSError(errno.ENOSPC, "what is left is kept for signing in")


def nearly_full(megabytes: int) -> bool:
    """Whether the disk of the data folder has less left than that."""
    folder = config.data_folder(current_app.config)
    return folder.is_dir() and shutil.disk_usage(folder).free < megabytes << 20
