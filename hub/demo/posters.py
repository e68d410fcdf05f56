"""A file in the demo: one page of an invented school module, drawn here."""

from io import BytesIO

from PIL import Image, ImageDraw
from sqlalchemy import select

from hub import text
from hub.db import db
from hub.discussions import attaching
from hub.discussions.models import Post, Thread
from hub.files.checking import checked

TITLE, NAME = "School module on online recruitment", "school-module-page-1-demo.png"
LINES = (
    "DEMO - invented", "", "Online recruitment: 45 minutes", "", "1  Read three job offers aloud", "2  What do they ask for, and when?",
    "3  Whom can you call before you answer?", "4  Write one question to the sender",
)  # fmt: skip
INK, PAPER = (27, 26, 23), (251, 248, 240)


def sow() -> None:
    """Called once the threads are there; with another set of threads there is less to do."""
    openings = db.session.scalars(select(Post).join(Thread).where(Post.num == 1))
    opening = next((post for post in openings if post.thread.title.startswith(TITLE)), None)
    if opening is None:
        return
    found = checked(NAME, _page())
    attaching.attach(opening.author, opening, text.prepare_line(NAME), found, waits=False)
    opening.edited_at = None


def _page() -> bytes:
    picture, made = Image.new("RGB", (900, 620), PAPER), BytesIO()
    pen = ImageDraw.Draw(picture)
    for row, line in enumerate(LINES):
        pen.text((60, 60 + row * 62), line, fill=INK, font_size=34)
    picture.save(made, "PNG")
    return made.getvalue()
