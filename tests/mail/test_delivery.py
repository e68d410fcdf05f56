"""Mail leaves after the commit, to a real SMTP server that may refuse, hang or die."""

import smtplib
import socket
import threading
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select, update

from hub.db import db, now, unit_of_work
from hub.mail import actions, transports
from hub.mail.models import Mail


class Mailbox:
    """An SMTP server's memory; ``answer`` is what it says to a recipient."""

    def __init__(self, answer: str = "250 OK") -> None:
        self.answer, self.letters = answer, []

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 (aiosmtpd's name)
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        self.letters.append(envelope)
        return "250 OK"


@contextmanager
def smtp_server(answer: str = "250 OK"):
    box = Mailbox(answer)
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield box, f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()


@contextmanager
def broken_server(behave):
    """A listener that treats each connection as ``behave`` says."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def run():
            while True:
                try:
                    connection, _address = server.accept()
                except OSError:
                    return
                behave(connection)

        threading.Thread(target=run, daemon=True).start()
        yield f"smtp://127.0.0.1:{server.getsockname()[1]}"


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        return probe.getsockname()[1]


@pytest.fixture
def letter(world, app):
    with app.test_request_context(), unit_of_work():
        actions.send("reader@example.org", "password_reset", token="a-secret-token")
    return lambda: world.one(select(Mail.tries, Mail.done_at, Mail.failure, Mail.body, Mail.next_try_at))


def deliver(app, url):
    app.config["HUB_MAIL_URL"] = url
    with app.app_context():
        return actions.deliver()


def test_a_letter_arrives_once_and_its_text_is_emptied(app, letter):
    with smtp_server() as (box, url):
        assert deliver(app, url) == 1
        assert deliver(app, url) == 0
    assert box.letters[0].rcpt_tos == ["reader@example.org"]
    assert b"a-secret-token" in box.letters[0].content
    assert letter().done_at is not None
    assert letter().body == ""


def test_a_letter_that_cannot_be_written_does_not_stop_the_others(app, world, letter):
    with app.app_context(), unit_of_work():
        first = db.session.scalars(select(Mail)).one()
        db.session.add(Mail(message_id="<odd@x>", to="a@[x.y", subject="s", body="b", next_try_at=first.next_try_at - timedelta(seconds=1)))
    with smtp_server() as (box, url):
        assert deliver(app, url) == 1
    assert box.letters[0].rcpt_tos == ["reader@example.org"]
    assert world.one(select(Mail.failure).where(Mail.to == "a@[x.y")).failure


def test_two_deliverers_send_a_letter_once(app, letter):
    with smtp_server() as (box, url):
        threads = [threading.Thread(target=deliver, args=(app, url)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(box.letters) == 1


def test_a_refusal_for_good_ends_the_letter(app, letter):
    with smtp_server("550 no such mailbox") as (_box, url):
        assert deliver(app, url) == 0
    row = letter()
    assert row.done_at is not None
    assert row.failure == "refused with 550"
    assert row.body == ""


def test_a_refusal_for_now_is_tried_again_later(app, letter):
    with smtp_server("450 come back") as (_box, url):
        deliver(app, url)
    assert letter().done_at is None
    with app.app_context(), unit_of_work():
        db.session.execute(update(Mail).values(next_try_at=now()))
    with smtp_server() as (box, url):
        assert deliver(app, url) == 1
    assert len(box.letters) == 1


@pytest.mark.parametrize("behave", [
    lambda connection: connection.close(),
    lambda connection: (connection.sendall(b"220 hello\r\n"), connection.recv(100), connection.close()),
    lambda connection: connection.sendall(b"garbage\r\n") or connection.close(),
])  # fmt: skip
def test_a_server_that_dies_loses_nothing(app, letter, behave):
    with broken_server(behave) as url:
        assert deliver(app, url) == 0
    assert letter().done_at is None
    assert "a-secret-token" in letter().body


def test_a_server_that_hangs_is_left_after_a_while(app, letter, monkeypatch):
    monkeypatch.setattr(transports, "PATIENCE", 0.3)
    kept = []
    with broken_server(kept.append) as url:
        assert deliver(app, url) == 0
    for connection in kept:
        connection.close()
    assert letter().failure in ("TimeoutError", "SMTPServerDisconnected")
    assert timedelta(0) < letter().next_try_at - now() <= timedelta(minutes=1)


def test_nobody_there_is_no_error(app, letter):
    assert deliver(app, f"smtp://127.0.0.1:{free_port()}") == 0
    assert letter().tries == 1


def test_waits_double_and_end(app, letter):
    url = f"smtp://127.0.0.1:{free_port()}"
    waits = []
    for _try in range(actions.MOST_TRIES):
        with app.app_context(), unit_of_work():
            db.session.execute(update(Mail).values(next_try_at=now()))
        deliver(app, url)
        waits.append(letter().next_try_at - now())
    assert letter().done_at is not None
    assert [round(wait / timedelta(minutes=1)) for wait in waits[:4]] == [1, 2, 4, 8]


def test_the_console_prints_addressees_and_nothing_else(app, letter, capsys):
    deliver(app, "console:")
    said = capsys.readouterr().out
    assert "reader@example.org" in said
    assert "a-secret-token" not in said


def test_a_demo_keeps_letters_in_a_folder_and_shows_them(app, letter, tmp_path, monkeypatch, world):
    assert deliver(app, f"file:{tmp_path}") == 1
    monkeypatch.setitem(app.config, "HUB_DEMO", True)
    assert "a-secret-token" in world.stranger().get("/demo/mail").text
    assert oct(next(tmp_path.glob("*.eml")).stat().st_mode)[-3:] == "600"


def test_mail_of_a_rolled_back_action_is_not_sent(app, world):
    with pytest.raises(RuntimeError), app.test_request_context(), unit_of_work():
        actions.send("reader@example.org", "password_reset", token="t")
        raise RuntimeError
    with smtp_server() as (box, url):
        assert deliver(app, url) == 0
    assert box.letters == []


def test_smtp_errors_are_os_errors():
    assert issubclass(smtplib.SMTPException, OSError)
