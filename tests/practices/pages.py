"""Every page of practices, for the checks that look at all pages."""

from sqlalchemy import select

from hub.review.models import ReviewItem
from tests.practices import scene


def practice_pages(world):
    """(name, visitor, path, form), as ``tests/pages.py`` lists them."""
    author, clearer, moderator, member = world.person("MY"), world.person("MY", "focal_point"), world.person("SG", is_moderator=True), world.person("VN")
    reviewers, endorser, named = [world.person(code, reviews="protection") for code in ("PH", "TH")], world.person("KH", "focal_point"), world.person("LA", "focal_point")
    out = scene.published(world, author, clearer, moderator, reviewers)
    endorser.post(f"/practices/{out}/endorse", words="The roster idea.")
    endorser.post(f"/practices/{out}/adopt", status="piloting", body="Border police", since="2026-06", note="One crossing")
    scene.save(world, author, out, 4, lessons=f"{scene.LONG} More.")
    begun, sent, asked = scene.begin(author, "A practice that is not finished yet"), scene.written(world, author, "A practice with the focal point"), scene.written(world, author, "A practice under review", other_states=["LA"])
    scene.submit(author, sent)
    scene.submit(author, asked)
    clearer.post(f"/practices/{asked}/clear", words="Cleared.")
    waiting = scene.written(world, author, "A practice that wants reviewers")
    scene.submit(author, waiting)
    clearer.post(f"/practices/{waiting}/clear", words="Cleared.")
    scene.ask(moderator, asked, *reviewers)
    stale = {**scene.fields_of(world, author, 4, lessons="Another window."), "seq": "99"}
    wrong = {**scene.fields_of(world, author, 3), "result_rows-0-unit": "persons", "result_rows-0-after": "3", "links-0-address": "x", "links-0-kind": "", "links-0-words": ""}
    passages = scene.fields_of(world, author, 2, problem="A 15-year-old from Kampung Demo, passport A1234567.")
    flagged = scene.published(world, author, clearer, moderator, reviewers, title="A practice that somebody flagged")
    member.post("/flags", target=f"practice:{flagged}", reason="identifies_person", note="It names a village")
    found = world.one(select(ReviewItem.id, ReviewItem.version).where(ReviewItem.target_kind == "practice"))
    moderator.post(f"/moderation/{found.id}/claim", version=found.version)
    return [
        ("flag a practice", member, f"/flags?target=practice:{out}", {}), ("flagged practice", author, f"/practices/{flagged}", {}), ("item of a practice", moderator, f"/moderation/{found.id}", {}),
        ("library", member, "/practices", {}), ("library as a table", member, "/practices?view=table&pillar=protection&sort=adopted", {}), ("library, nothing", member, "/practices?country=BN", {}),
        ("public library", world.stranger(), "/practices", {}), ("practice", author, f"/practices/{out}", {}), ("practice for another", endorser, f"/practices/{out}", {}),
        ("practice, unsent", author, f"/practices/{begun}", {}), ("practice to clear", clearer, f"/practices/{sent}", {}), ("practice under review", reviewers[0], f"/practices/{asked}", {}),
        ("practice for a moderator", moderator, f"/practices/{waiting}", {}), ("compare", author, f"/practices/{out}/compare", {}), ("print", member, f"/practices/{out}/print", {}),
        ("new practice", member, "/practices/new", {}), ("new practice refused", member, "/practices/new", {"title": "x"}), ("copy", member, f"/practices/new?copy={out}", {}),
        *((f"step {n}", author, f"/practices/{begun}/steps/{n}", {}) for n in range(1, 6)), *((f"step {n}, filled", author, f"/practices/{out}/steps/{n}", {}) for n in range(1, 6)),
        ("step refused", author, f"/practices/{begun}/steps/3", wrong), ("step stopped", author, f"/practices/{begun}/steps/2", passages), ("step stale", author, f"/practices/{begun}/steps/4", stale),
        ("your practices", author, "/practices/mine", {}), ("no practices", member, "/practices/mine", {}), ("to review", moderator, "/practices/to-review", {}),
        ("reviewers", moderator, f"/practices/{waiting}/reviewers", {}), ("reviewers refused", moderator, f"/practices/{waiting}/reviewers", {"x": "1"}), ("no reviewers", moderator, f"/practices/{out}/reviewers", {}),
        ("review", reviewers[0], f"/practices/{asked}/review", {}), ("review refused", reviewers[0], f"/practices/{asked}/review", {"words": ""}),
        ("decide", clearer, f"/practices/{sent}/clear", {}), ("decide refused", clearer, f"/practices/{sent}/return", {"words": ""}), ("adopt", named, f"/practices/{out}/adopt", {}),
        ("adopt refused", named, f"/practices/{out}/adopt", {"body": "", "since": "x"}), ("notifications of practices", author, "/notifications", {}), ("front of a reviewer", reviewers[0], "/", {}),
    ]  # fmt: skip
