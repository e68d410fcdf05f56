"""Serving files to whoever reads the text they belong to."""

from flask import Blueprint

from hub.files.queries import get_file
from hub.files.serving import served
from hub.web import Answer, actor

bp = Blueprint("files", __name__)


@bp.get("/files/<public_id>")
def file(public_id: str) -> Answer:
    return served(get_file(actor(), public_id[:64]))
