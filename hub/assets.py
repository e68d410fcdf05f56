"""Files for browsers: under an address that names their version, packed when ./dev packed them."""

import hashlib
import mimetypes
from pathlib import Path

from flask import Blueprint, current_app, request, send_from_directory
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

from hub import config
from hub.web import Answer

LONGEST_NAME = 200
STATIC = config.ROOT / "static"
bp = Blueprint("assets", __name__)


def version_of_static() -> str:
    """Changes when any file served to browsers changes: pages name it, so files are cached for good."""
    digest = hashlib.sha256()
    for path in sorted(path for path in STATIC.rglob("*") if path.is_file() and path.suffix not in (".br", ".gz")):
        digest.update(path.relative_to(STATIC).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@bp.get("/static/<version>/<path:name>")
def static(version: str, name: str) -> Answer:
    if len(name) > LONGEST_NAME:
        raise NotFound
    coding = next((c for c in ("br", "gzip") if request.accept_encodings.quality(c) and _is_packed(name, c)), None)
    served = _packed(name, coding).relative_to(STATIC).as_posix() if coding else name
    response = send_from_directory(STATIC, served, mimetype=mimetypes.guess_type(name)[0])
    if coding:
        response.headers["Content-Encoding"] = coding
    response.headers["Vary"] = "Accept-Encoding"
    current = version == current_app.jinja_env.globals["static_version"]
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if current else "no-cache"
    return response


def _is_packed(name: str, coding: str) -> bool:
    """Whether there is a packed twin that is not older than the file itself."""
    packed, plain = _packed(name, coding), Path(safe_join(str(STATIC), name) or STATIC)
    return packed.is_file() and plain.is_file() and packed.stat().st_mtime >= plain.stat().st_mtime


def _packed(name: str, coding: str) -> Path:
    suffix = ".br" if coding == "br" else ".gz"
    return Path(safe_join(str(STATIC), name + suffix) or STATIC)
