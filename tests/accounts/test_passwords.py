"""Forgotten, changed and refused passwords."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from hub.accounts import passwords
from hub.accounts.models import PasswordReset, User, UserSession
from hub.db import db, now, unit_of_work
from hub.mail.models import Mail
from tests.factories import PASSWORD

NEW = "een nieuwe paraplu vliegt 8"


def email_of(world, browser) -> str:
    return world.one(select(User.email).where(User.id == browser.user_id)).email


def reset_link(world, email) -> str:
    world.stranger().post("/forgotten", email=email)
    body = world.all(select(Mail.body).order_by(Mail.id.desc()))[0].body
    return re.search(r"/passwords/[\w-]+", body)[0]


def test_a_reset_link_works_once_and_ends_every_session(world, app):
    browser = world.person("LA")
    link = reset_link(world, email_of(world, browser))
    visitor = world.stranger()
    assert visitor.get(link).status_code == 200
    assert visitor.post(link, password=NEW, again=NEW).location == "/sign-in"
    assert browser.get("/account").status_code == 302
    assert visitor.post("/sign-in", email=email_of(world, browser), password=NEW).status_code == 303
    assert world.stranger().post(link, password=NEW, again=NEW).status_code == 410


def test_a_reset_link_lasts_thirty_minutes(world, app):
    link = reset_link(world, email_of(world, world.person("LA")))
    with app.app_context(), unit_of_work():
        db.session.execute(update(PasswordReset).values(created_at=now() - timedelta(minutes=31)))
    assert world.stranger().get(link).status_code == 410


def test_setting_a_password_uses_up_every_other_link(world):
    email = email_of(world, world.person("LA"))
    first, second = reset_link(world, email), reset_link(world, email)
    world.stranger().post(second, password=NEW, again=NEW)
    assert world.stranger().get(first).status_code == 410


def test_changing_the_password_ends_every_link(world, app):
    with app.app_context():
        digest = passwords.hash_password(PASSWORD)
    browser = world.person("LA", password_hash=digest)
    link = reset_link(world, email_of(world, browser))
    browser.post("/account", current_password=PASSWORD, password=NEW, again=NEW)
    assert world.stranger().get(link).status_code == 410


def test_asking_tells_nothing_about_the_address(world):
    known = email_of(world, world.person("LA"))
    pages = [world.stranger().post("/forgotten", email=email).text.replace(email, "…") for email in (known, "nobody@example.org")]
    assert pages[0] == pages[1]
    assert len(world.all(select(Mail.id))) == 1


def test_asking_is_throttled(world):
    email = email_of(world, world.person("LA"))
    codes = [world.stranger().post("/forgotten", email=email).status_code for _ in range(6)]
    assert codes == [200] * 5 + [429]


def test_changing_the_password_ends_other_sessions_only(world, app):
    with app.app_context():
        digest = passwords.hash_password(PASSWORD)
    browser = world.person("LA", password_hash=digest)
    other = world.stranger()
    other.post("/sign-in", email=email_of(world, browser), password=PASSWORD)
    assert browser.post("/account", current_password="not it at all", password=NEW, again=NEW).status_code == 400
    assert browser.post("/account", current_password=PASSWORD, password=NEW, again=NEW).status_code == 303
    assert browser.get("/account").status_code == 200
    assert other.get("/account").status_code == 302
    assert len(world.all(select(UserSession.id))) == 1


@pytest.mark.parametrize("weak", [
    "short pass", "password1234", "qwertyuiop12", "aaaaaaaaaaaaaaaa", "123456789012", "practitioner hub", "x" * 129, "Victim support officer", "somchai.d@moph.go.th",
])  # fmt: skip
def test_common_own_short_and_endless_passwords_are_refused(app, weak):
    with app.test_request_context():
        assert passwords.weakness(weak, ["somchai.d@moph.go.th", "Victim support officer", "practitioner hub"])


@pytest.mark.parametrize("strong", [PASSWORD, NEW, "ตะเกียบ ร่ม กระดาษ ภูเขา", "蓝色雨伞和十二只安静的猫", "🦜🌋🪁🥁🛶🧄🪕🐚🎐🧊🪵🦔", "correct horse " * 9])  # fmt: skip
def test_long_passwords_of_any_script_are_welcome(app, strong):
    with app.test_request_context():
        assert passwords.weakness(strong, ["somchai.d@moph.go.th"]) is None
        assert passwords.matches(passwords.hash_password(strong), strong)


def test_two_spellings_of_the_same_letters_are_one_password(app):
    with app.app_context():
        assert passwords.matches(passwords.hash_password("cafe\u0301 paraplu nieuw 8"), "caf\u00e9 paraplu nieuw 8")
