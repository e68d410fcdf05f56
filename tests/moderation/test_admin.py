"""What admins change: each with its reason, recorded once, and with the effect it promises."""

import pytest
from sqlalchemy import select

from hub.accounts.models import Organisation, Reviewer, State, User
from hub.audit.models import AuditRow
from hub.pillars.models import Pillar, Tag


@pytest.fixture
def admin(world):
    return world.person(world.body_id(), is_admin=True)


def recorded(world):
    return [row.action for row in world.all(select(AuditRow.action).order_by(AuditRow.seq))]


def test_an_agency_hangs_under_its_task_force_and_may_be_hung_elsewhere(world, admin):
    lao, thai = world.organisation_id("LA"), world.organisation_id("TH")
    fields = {"kind": "agency", "name": "An invented agency", "short_name": "Invented agency", "parent": str(lao)}
    assert admin.post("/moderation/organisations", **fields).status_code == 303
    again = admin.post("/moderation/organisations", **fields)
    assert again.status_code == 409
    assert "An invented agency" in again.text
    assert admin.post("/moderation/organisations", **fields | {"short_name": "Other", "parent": ""}).status_code == 400
    agency = world.one(select(Organisation).where(Organisation.short_name == world.one(select(Organisation.short_name).order_by(Organisation.id.desc()).limit(1))[0]))[0]
    assert (agency.parent_id, agency.state_code, agency.reads_amber) == (lao, "LA", True)
    member = world.person(agency.id)
    strict = world.thread(world.person("TH"), label="TLP:AMBER+STRICT")
    assert member.get(f"/threads/{strict}").status_code == 404
    assert admin.post(f"/moderation/organisations/{agency.id}/parent", parent=str(thai)).status_code == 303
    assert member.get(f"/threads/{strict}").status_code == 301
    assert admin.post(f"/moderation/organisations/{thai}/parent", parent=str(lao)).status_code == 404
    assert recorded(world) == ["organisation.add", "organisation.parent"]


def test_a_topic_is_added_renamed_and_no_longer_offered(world, admin):
    assert admin.post("/moderation/tags", name="Fishing vessels").status_code == 303
    assert admin.post("/moderation/tags", name="Fishing vessels").status_code == 409
    assert admin.post("/moderation/tags", name="ประมง").status_code == 409
    tag = world.one(select(Tag).where(Tag.slug == "fishing-vessels"))[0]
    assert "Fishing vessels" in world.person().get("/pillars/protection/threads/new").text
    assert admin.post(f"/moderation/tags/{tag.id}", name="Work at sea").status_code == 303
    page = world.person().get("/pillars/protection/threads/new").text
    assert "Work at sea" not in page
    assert recorded(world) == ["tag.add", "tag.change"]


def test_a_pillar_is_renamed_and_keeps_its_formal_wording(world, admin):
    formal = world.one(select(Pillar.formal_name).where(Pillar.slug == "protection"))[0]
    assert admin.post("/moderation/pillars/protection", name="Protecting", lead="").status_code == 400
    assert admin.post("/moderation/pillars/protection", name="Protecting", lead="Shelter, time and remedies").status_code == 303
    assert world.one(select(Pillar.name, Pillar.formal_name).where(Pillar.slug == "protection")) == ("Protecting", formal)
    assert "Protecting" in world.person().get("/pillars").text


def test_grants_are_given_taken_and_never_to_oneself(world, admin):
    member = world.person("LA")
    handle, own = (world.one(select(User.handle).where(User.id == who.user_id)).handle for who in (member, admin))
    fields = {"handle": f"@{handle}", "pillar": "protection", "role": "focal_point", "given": "1"}
    for what in ("moderator", "admin", "reviewer", "role"):
        assert admin.post("/moderation/grants", what=what, **fields).status_code == 303
    assert world.one(select(User.is_moderator, User.is_admin, User.role).where(User.id == member.user_id)) == (True, True, "focal_point")
    assert len(world.all(select(Reviewer.id))) == 1
    for what in ("moderator", "admin", "reviewer"):
        assert admin.post("/moderation/grants", what=what, **fields | {"given": "0"}).status_code == 303
    assert world.one(select(User.is_moderator, User.is_admin).where(User.id == member.user_id)) == (False, False)
    assert world.all(select(Reviewer.id)) == []
    assert admin.post("/moderation/grants", what="admin", **fields | {"handle": own, "given": "0"}).status_code == 400
    assert admin.post("/moderation/grants", what="admin", **fields | {"handle": "nobody"}).status_code == 400
    assert admin.post("/moderation/grants", what="nonsense", **fields).status_code == 400
    assert recorded(world) == [
        "moderator.grant", "admin.grant", "reviewer.grant", "member.role", "moderator.withdraw", "admin.withdraw", "reviewer.withdraw"]  # fmt: skip


def test_a_state_that_takes_no_part_invites_nobody(world, admin):
    focal_point = world.person("LA", role="focal_point")
    lao = world.organisation_id("LA")
    offer = {"email": "new@example.org", "role_title": "Officer", "role": "member", "organisation": str(lao)}
    assert admin.post("/moderation/states/LA", switch="active", on="0").status_code == 303
    assert focal_point.post(f"/organisations/{lao}/members", **offer).status_code == 403
    assert "takes no part just now" in focal_point.get(f"/organisations/{lao}/members", follow_redirects=True).text
    assert focal_point.get("/pillars").status_code == 200
    assert admin.post("/moderation/states/LA", switch="active", on="1").status_code == 303
    assert focal_point.post(f"/organisations/{lao}/members", **offer).status_code == 303
    assert admin.post("/moderation/states/LA", switch="joined_on", on="1").status_code == 404
    assert admin.post("/moderation/states/XX", switch="active", on="1").status_code == 404
    assert world.one(select(State.active).where(State.code == "LA"))[0] is True
    assert recorded(world)[:2] == ["state.active", "state.active"]
