"""Answering with a file: always an attachment that runs nothing, kept by no browser."""

from urllib.parse import quote

from flask import Response, send_file
from werkzeug.exceptions import NotFound

from hub.files import store
from hub.files.checking import KINDS
from hub.files.models import File

SANDBOX = "sandbox; default-src 'none'"


def served(found: File, label: str) -> Response:
    """Under the label of its text, which stands before the name where it is AMBER or RED. Raises ``NotFound`` when the bytes are gone."""
    path = store.path_of(found.digest)
    if not path.exists():
        raise NotFound
    answer: Response = send_file(path, mimetype=KINDS[found.kind].mime, conditional=True, etag=found.digest[:32], max_age=0)
    answer.headers["Content-Disposition"] = f"attachment; filename=\"file.{found.kind}\"; filename*=UTF-8''{quote(_stamp(label) + found.name, safe='')}"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _stamp(label: str) -> str:
    """Such as ``[TLP-AMBER+STRICT] ``: what leaves the hub says who may read it."""
    return f"[{label.replace(':', '-')}] " if "AMBER" in label or "RED" in label else ""
