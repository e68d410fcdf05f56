"""From a focal point's invitation to a first post, and to the end of an account."""

import re
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from hub.accounts.models import User
from hub.db import db, now, unit_of_work
from hub.mail.models import Mail
from hub.membership.models import Invitation
from tests.factories import PASSWORD


@pytest.fixture
def focal_point(world):
    return world.person("LA", role="focal_point", title="Focal point")


def invite(world, by, email="guest@example.org", code="LA", **more):
    place = world.organisation_id(code)
    fields = {"email": email, "role_title": "Village liaison", "role": "member", "organisation": place} | more
    return by.post(f"/organisations/{place}/members", **fields)


def link(world) -> str:
    return re.search(r"/invitations/[\w-]{22}", world.all(select(Mail.body).order_by(Mail.id.desc()))[0].body)[0]


def accept(world, address, **more):
    visitor = world.stranger()
    return visitor, visitor.post(address, **({"role_title": "Village liaison", "name": "", "password": PASSWORD, "again": PASSWORD} | more))


def test_from_invitation_to_first_post_to_deactivation(world, focal_point):
    assert invite(world, focal_point).status_code == 303
    assert "guest@example.org" in focal_point.get(f"/organisations/{world.organisation_id('LA')}-x/members").text
    page = world.stranger().get(link(world))
    assert "TIP Task Force (Lao PDR)" in page.text
    guest, answer = accept(world, link(world))
    assert answer.status_code == 303
    thread = world.thread(focal_point)
    assert guest.post(f"/threads/{thread}/posts", body="my first words", lang="lo", parent="").status_code == 303
    user = world.one(select(User).where(User.email == "guest@example.org")).User
    assert (user.handle, user.role, user.zone) == ("vl.la", "member", "Asia/Vientiane")
    assert focal_point.post(f"/members/{user.id}/deactivate").status_code == 303
    assert guest.get(f"/threads/{thread}").status_code == 302
    assert guest.post(f"/threads/{thread}/posts", body="more", lang="lo", parent="").status_code == 401
    assert guest.post("/sign-in", email="guest@example.org", password=PASSWORD).status_code == 401
    assert focal_point.post(f"/members/{user.id}/reactivate").status_code == 303
    assert guest.post("/sign-in", email="guest@example.org", password=PASSWORD).status_code == 303


def test_an_invitation_works_once(world, focal_point):
    invite(world, focal_point)
    accept(world, link(world))
    assert world.stranger().get(link(world)).status_code == 410
    _visitor, answer = accept(world, link(world))
    assert answer.status_code == 410


def test_two_parallel_accepts_make_one_account(world, app, focal_point):
    invite(world, focal_point)
    address, codes, together = link(world), [], threading.Barrier(2)

    def take():
        visitor = world.stranger()
        together.wait()
        codes.append(visitor.post(address, role_title="Village liaison", name="", password=PASSWORD, again=PASSWORD).status_code)

    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [303, 410]
    assert len(world.all(select(User.id).where(User.email == "guest@example.org"))) == 1


def test_an_invitation_lasts_72_hours_and_can_be_sent_again(world, app, focal_point):
    invite(world, focal_point)
    first = link(world)
    with app.app_context(), unit_of_work():
        db.session.execute(update(Invitation).values(sent_at=now() - timedelta(hours=73)))
    assert world.stranger().get(first).status_code == 410
    number = world.one(select(Invitation.id)).id
    assert focal_point.post(f"/invitations/{number}/resend").status_code == 303
    assert link(world) != first
    assert world.stranger().get(link(world)).status_code == 200
    assert world.stranger().get(first).status_code == 410


def test_a_withdrawn_invitation_is_over(world, focal_point):
    invite(world, focal_point)
    focal_point.post(f"/invitations/{world.one(select(Invitation.id)).id}/withdraw")
    assert world.stranger().get(link(world)).status_code == 410
    assert invite(world, focal_point).status_code == 303


def test_the_address_of_an_account_or_open_invitation_is_refused(world, focal_point):
    invite(world, focal_point)
    assert invite(world, focal_point, email=" Guest@Example.org").status_code == 409
    accept(world, link(world))
    assert invite(world, focal_point).status_code == 409


def test_a_focal_point_invites_into_the_own_task_force_and_its_agencies_only(world, focal_point):
    agency = world.agency("LA")
    assert invite(world, focal_point, organisation=agency).status_code == 303
    assert invite(world, focal_point, email="b@example.org", code="TH").status_code == 403
    assert invite(world, focal_point, email="c@example.org", organisation=world.organisation_id("TH")).status_code == 400
    assert invite(world, focal_point, email="d@example.org", role="focal_point").status_code == 400


def test_an_admin_has_the_same_page_for_everybody_and_the_role_focal_point(world):
    admin = world.person(world.body_id(), is_admin=True)
    assert invite(world, admin, code="TH", role="focal_point").status_code == 303
    accept(world, link(world), role_title="Focal point")
    assert world.one(select(User.handle, User.role).where(User.email == "guest@example.org")) == ("fp.th", "focal_point")


@pytest.mark.parametrize("odd", ["a@[x.y", "officer,spy@x.yz", "a:;@x.y", "(@a.b", "a;b@c.de", "a@b", "a@-b.de", ".a@b.de", "a.@b.de", "a@b..de", "a b@c.de@e.fg"])
def test_an_address_that_mail_servers_read_otherwise_is_refused(world, focal_point, odd):
    assert invite(world, focal_point, email=odd).status_code == 400
    assert world.all(select(Mail.id)) == []


def test_what_is_over_is_not_confirmed(world, focal_point):
    invite(world, focal_point)
    number = world.one(select(Invitation.id)).id
    accept(world, link(world))
    for verb in ("resend", "withdraw"):
        focal_point.post(f"/invitations/{number}/{verb}")
        page = focal_point.get(f"/organisations/{world.organisation_id('LA')}/members").text
        assert "was accepted or withdrawn meanwhile" in page
    assert len(world.all(select(Mail.id))) == 1


def test_deactivating_somebody_ends_the_invitations_they_sent(world, focal_point):
    invite(world, focal_point)
    admin = world.person(world.body_id(), is_admin=True)
    admin.post(f"/members/{focal_point.user_id}/deactivate")
    assert world.stranger().get(link(world)).status_code == 410


def test_only_an_admin_reopens_what_an_admin_closed(world, focal_point):
    admin, member = world.person(world.body_id(), is_admin=True), world.person("LA")
    admin.post(f"/members/{member.user_id}/deactivate")
    assert focal_point.post(f"/members/{member.user_id}/reactivate").status_code == 403
    assert admin.post(f"/members/{member.user_id}/reactivate").status_code == 303


def test_nobody_deactivates_themself_or_a_neighbours_member(world, focal_point):
    neighbour, second = world.person("TH"), world.person("LA", role="focal_point")
    assert focal_point.post(f"/members/{focal_point.user_id}/deactivate").status_code == 403
    assert focal_point.post(f"/members/{second.user_id}/deactivate").status_code == 403
    assert focal_point.post(f"/members/{neighbour.user_id}/deactivate").status_code == 404


def test_handles_come_from_role_and_place_and_are_unique(world, focal_point):
    for n in range(3):
        invite(world, focal_point, email=f"guest{n}@example.org")
        accept(world, link(world), name="A Name Of Mine")
    handles = [row.handle for row in world.all(select(User.handle).where(User.email.startswith("guest")).order_by(User.id))]
    assert handles == ["vl.la", "vl.la2", "vl.la3"]


def test_what_is_wrong_in_the_form_is_said_and_what_was_typed_stays(world, focal_point):
    answer = invite(world, focal_point, email="not an address", role_title="")
    assert answer.status_code == 400
    assert "not an address" in answer.text
    assert "Fill this in." in answer.text
    assert world.all(select(Invitation.id)) == []


def test_the_first_admin_is_invited_from_the_command_line(app, world):
    runner = app.test_cli_runner()
    result = runner.invoke(args=["hub", "invite", "--admin", "chief@example.org"])
    assert result.exit_code == 0, result.output
    visitor = world.stranger()
    address = re.search(r"/invitations/[\w-]+", result.output)[0]
    assert visitor.post(address, role_title="Administrator", name="", password=PASSWORD, again=PASSWORD).status_code == 303
    assert world.one(select(User.is_admin)).is_admin
    assert runner.invoke(args=["hub", "invite", "--admin", "chief@example.org"]).exit_code == 1
