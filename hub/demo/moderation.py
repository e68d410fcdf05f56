"""Work for the demo's moderators: an open flag, a held text, and a flag that was dealt with."""

import json

from sqlalchemy import select

from hub import text
from hub.accounts.models import User
from hub.db import db
from hub.discussions.models import Post, Thread
from hub.moderation.deciding import decide
from hub.moderation.decisions import DISMISS, Decision
from hub.moderation.flagging import flag
from hub.review import actions as review
from hub.review.models import Reason, ReviewItem

HELD = "Our new form asks for the passport no. as well, such as passport no. A0000000 in the example. Should a sample number stand there at all?"


def sow(people: dict[str, User]) -> None:
    """Called once the threads are there; with another set of threads there is less to do."""
    posts = list(
        db.session.scalars(
            select(Post).join(Thread).where(Thread.label == "TLP:GREEN", Post.num == 2, Post.author_id != people["member.kh"].id).order_by(Post.id)
        )
    )
    if len(posts) < 2:
        return
    flag(people["member.kh"], posts[0], Reason.LABEL, text.prepare_line("The second paragraph is for task forces only"))
    flag(people["member.kh"], posts[1], Reason.OFF_TOPIC, text.prepare_line("Belongs under another pillar"))
    item = db.session.scalars(select(ReviewItem).where(ReviewItem.target_kind == "post", ReviewItem.target_id == posts[1].id)).one()
    decide(people["moderator.1"], item, Decision(DISMISS, text.prepare_line("It answers the question, so it stays"), item.version))
    author = people["member.my"]
    typed = {"body": HELD, "choices": json.dumps({"parent": "1", "lang": "en"})}
    review.hold(author.id, author.organisation.state_code, f"thread/{posts[0].thread_id}", "demo-held", typed, ["passport"])
