"""Answering with a file: always an attachment that runs nothing, kept by no browser."""

from urllib.parse import quote

from flask import Response, send_file
from werkzeug.exceptions import NotFound

from hub.files import store
from hub.files.checking import KINDS
from hub.files.models import File

SANDBOX = "sandbox; default-src 'none'"


def served(found: File) -> Response:
    """Raises ``NotFound`` when the bytes are gone."""
    path = store.path_of(found.digest)
    if not path.exists():
        raise NotFound
    answer: Response = send_file(path, mimetype=KINDS[found.kind].mime, conditional=True, etag=found.digest[:32], max_age=0)
    answer.headers["Content-Disposition"] = f"attachment; filename=\"file.{found.kind}\"; filename*=UTF-8''{quote(found.name, safe='')}"
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
