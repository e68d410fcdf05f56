"""Whatever is sent to moderation: a clear answer, never a 500, and nothing decided."""

import pytest
from sqlalchemy import select

from hub.review.models import ReviewItem
from tests.moderation.scene import WHY, flag, item, take

ODD = ("", "x", "-1", "9" * 30, "1" * 12, "٣", "1.5", "0x1", "\0", "\ufffd", "[]", "💣" * 50)


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_odd_values_decide_nothing(world, odd):
    author, moderator, admin = world.person("LA"), world.person("SG", is_moderator=True), world.person(world.body_id(), is_admin=True)
    thread = world.thread(author)
    world.reply(author, thread)
    flag(world, world.person("VN"), thread, 2, "off_topic")
    found = item(world)
    take(world, moderator, found)
    base = f"/moderation/{found.id}"
    answers = [
        moderator.post(f"{base}/claim", version=odd), moderator.post(f"{base}/unmask", place=odd),
        moderator.post(f"{base}/decide", decision=odd, version=odd, reason=WHY), moderator.post(f"{base}/decide", decision="redact", version=odd, reason=WHY, spans=odd),
        moderator.post(f"{base}/decide", decision="redact", version=odd, reason=WHY, words=odd, passage=odd),
        moderator.post(f"{base}/decide", decision="relabel", version=odd, reason=WHY, label=odd),
        moderator.post(f"{base}/decide", decision="dismiss", version=odd, reason=WHY, sanction="silence", until=odd),
        moderator.post("/moderation/decide", item=f"{odd}:{odd}", decision="dismiss"), moderator.post("/moderation/decide", item=f"{found.id}:{odd}", decision=odd),
        moderator.post("/flags", target=f"post:{odd}", reason=odd), moderator.post("/flags", target=odd, reason="other"),
        moderator.post(f"/threads/{thread}/split", num=odd, title="A title of a branch"), moderator.post(f"/threads/{thread}/merge", into=odd, under=odd),
        moderator.post(f"/threads/{thread}/move", pillar=odd), author.post(f"/decisions/{found.id}/appeal", note=odd),
        admin.post("/moderation/grants", handle=odd, what="moderator", pillar="protection", role="member", given="1"),
        admin.post("/moderation/organisations", kind="agency", name="A new agency", short_name="Agency", parent=odd, state=odd),
        admin.post(f"/moderation/organisations/{world.agency('LA')}/parent", parent=odd), admin.post("/moderation/states/LA", switch=odd, on=odd),
        admin.post("/moderation/tags/1", name=odd, active=odd),
    ]  # fmt: skip
    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []
    assert world.one(select(ReviewItem.closed_at).where(ReviewItem.id == found.id))[0] is None
