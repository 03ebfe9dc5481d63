"""The mail server's program and the suite's side of it: what is taken, refused, cut and told."""

from __future__ import annotations

import smtplib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from grader.deadline.mail import give_order
from grader.exam.faults import Mismatch, PlatformFault
from grader.exam.services.mail import MailBox
from grader.services.double import admission
from grader.services.mail import record
from grader.waiting import wait_until
from tests.unit.services.mail_servers import TO, RunningCatcher, mailbox, running, send, written


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningCatcher]:
    with running(monkeypatch) as made:
        yield made


@pytest.fixture
def mail(server: RunningCatcher) -> Iterator[MailBox]:
    with mailbox(server) as made:
        yield made


# -- what is taken -----------------------------------------------------------------------------


def test_a_mail_is_kept_as_it_was_sent(server: RunningCatcher, mail: MailBox) -> None:
    message = written()
    message.add_alternative("<p>Grüße</p>", subtype="html")
    message["X-Order"] = "7"
    before = time.time()
    send(server, message)
    (found,) = mail.messages()
    assert (found.sender, found.recipients) == ("shop@example.org", (TO,))
    assert (found.subject, found.text, found.html) == (
        "Your order", "Grüße\nAda\n", "<p>Grüße</p>\n"
    )  # fmt: skip
    assert found.headers["x-order"] == "7"
    assert found.user == ""
    assert before <= found.at <= time.time()


def test_mails_are_found_by_address_and_subject(server: RunningCatcher, mail: MailBox) -> None:
    for number in range(3):
        send(server, written(subject=f"Order {number}", to=f"user{number}@example.org"))
    assert [one.subject for one in mail.messages()] == ["Order 0", "Order 1", "Order 2"]
    assert [one.subject for one in mail.messages(to="USER1@example.org")] == ["Order 1"]
    assert [one.subject for one in mail.messages(subject="der 2")] == ["Order 2"]


def test_more_than_one_answer_holds_is_read(
    server: RunningCatcher, mail: MailBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "ANSWER_BYTES", 500)
    for number in range(5):
        send(server, written(subject=str(number)))
    assert [one.subject for one in mail.messages()] == list("01234")


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe\x00", b"Subject: =?utf-8?q?=ff?=\r\n\r\n\xff", b"",
        b"Content-Type: text/plain; charset=no-such\r\n\r\nHi", b"To: <<<@@@>>>\r\n\r\n",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x",
        b"Content-Transfer-Encoding: base64\r\n\r\n%%%%",
    ],
)  # fmt: skip
def test_what_is_hardly_a_mail_is_read_or_lost(
    raw: bytes, server: RunningCatcher, mail: MailBox
) -> None:
    with smtplib.SMTP("127.0.0.1", server.port, timeout=5) as client:
        client.sendmail("a@example.org", [TO], raw)
    try:
        assert len(mail.messages(to=TO)) == 1
    except Mismatch as mismatch:
        assert "none that mail programs can read" in str(mismatch)  # noqa: PT017


def test_mails_deep_within_mails_harm_nobody(server: RunningCatcher, mail: MailBox) -> None:
    raw = b"Content-Type: message/rfc822\r\n\r\n" * 5000 + b"Subject: x\r\n\r\nHi"
    with smtplib.SMTP("127.0.0.1", server.port, timeout=5) as client:
        client.sendmail("a@example.org", [TO], raw)
    try:
        assert len(mail.messages(to=TO)) == 1
    except Mismatch as mismatch:
        assert "none that mail programs can read" in str(mismatch)  # noqa: PT017


def test_a_mail_has_a_largest_size(server: RunningCatcher, mail: MailBox) -> None:
    with pytest.raises(smtplib.SMTPException):
        send(server, written(text="x" * 80 + "\n" + ("y" * 80 + "\n") * 14_000))
    assert mail.messages() == []


def test_more_mails_than_are_kept_are_the_app_s_loss(
    server: RunningCatcher, mail: MailBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "KEPT_MESSAGES", 2)
    send(server)
    send(server)
    with pytest.raises(smtplib.SMTPDataError, match="keeps no more"):
        send(server)
    with pytest.raises(Mismatch, match="more mails than the exam keeps"):
        mail.messages()


# -- accounts and guests -----------------------------------------------------------------------


def test_an_account_logs_in_or_does_not(server: RunningCatcher, mail: MailBox) -> None:
    server.order("reset", user="mailer_1", password="right")
    send(server, login=("mailer_1", "right"))
    with pytest.raises(smtplib.SMTPAuthenticationError):
        send(server, login=("mailer_1", "wrong"))
    assert [one.user for one in mail.messages()] == ["mailer_1"]
    refusals = server.order("refusals")["refusals"]
    assert refusals[0] == {"user": "mailer_1", "host": "127.0.0.1", "guessed": True}
    assert len(refusals) == 2  # smtplib tries one way after another


def test_an_account_counts_on_its_own_port(server: RunningCatcher) -> None:
    server.order("reset", user="mailer_1", password="right")
    port = server.order("guest", user="mailer_2", password="other")["port"]
    for at, login in ((server.port, ("mailer_2", "other")), (port, ("mailer_1", "right"))):
        refused = pytest.raises(smtplib.SMTPAuthenticationError)
        with smtplib.SMTP("127.0.0.1", at, timeout=5) as client, refused:
            client.login(*login)
    with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
        client.login("mailer_2", "other")


def test_nobody_logs_in_before_there_is_an_account(server: RunningCatcher) -> None:
    with pytest.raises(smtplib.SMTPAuthenticationError):
        send(server, login=("", ""))


def test_what_a_guest_sends_is_not_the_app_s(server: RunningCatcher, mail: MailBox) -> None:
    port = server.order("guest", user="mailer_2", password="other")["port"]
    with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
        client.send_message(written(subject="A guest's"))
    send(server)
    assert [one.subject for one in mail.messages()] == ["Your order"]
    assert len(mail.attempts()) == 1


def test_a_reset_leaves_nothing(server: RunningCatcher, mail: MailBox) -> None:
    port = server.order("guest", user="mailer_2", password="other")["port"]
    mail.refuse()
    with pytest.raises(smtplib.SMTPDataError):
        send(server)
    with smtplib.SMTP("127.0.0.1", server.port, timeout=5) as client:
        client.ehlo()
        server.order("reset", user="", password="")
        with pytest.raises(smtplib.SMTPServerDisconnected):
            client.docmd("NOOP")
    with pytest.raises(OSError):
        smtplib.SMTP("127.0.0.1", port, timeout=2)
    send(server)
    assert len(mail.messages()) == 1
    assert [one.accepted for one in mail.attempts()] == [True]


@pytest.mark.parametrize("said", ["XGRADER", "XGRADER wrong {}", 'XGRADER  {"do": "messages"}'])
def test_to_an_app_there_are_no_orders(said: str, server: RunningCatcher) -> None:
    with smtplib.SMTP("127.0.0.1", server.port, timeout=5) as client:
        assert client.docmd(said)[0] == 500
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as raw:
        answers = raw.makefile("rb")
        answers.readline()
        raw.sendall(b"XGRADER \xff\xfe {}\r\n")
        assert answers.readline() == b'500 Error: command "XGRADER" not recognized\r\n'
    with pytest.raises(OSError, match="500"):
        give_order(("127.0.0.1", server.port), "guess", {"do": "messages", "after": 0})


def test_who_holds_connections_loses_the_oldest(
    server: RunningCatcher, mail: MailBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "CLIENTS", 5)
    held = [smtplib.SMTP("127.0.0.1", server.port, timeout=5) for _ in range(5)]
    send(server)
    assert len(mail.messages()) == 1
    with pytest.raises(smtplib.SMTPServerDisconnected):
        held[0].docmd("NOOP")
    for one in held:
        one.close()


# -- orders ------------------------------------------------------------------------------------


def test_mails_are_refused_so_often_and_then_taken(server: RunningCatcher, mail: MailBox) -> None:
    mail.refuse(2)
    for _ in range(2):
        with pytest.raises(smtplib.SMTPDataError) as refused:
            send(server)
        assert refused.value.smtp_code == 451
    send(server)
    assert len(mail.messages()) == 1
    attempts = mail.attempts(to=TO)
    assert [(one.accepted, one.code) for one in attempts] == [
        (False, 451), (False, 451), (True, 250)
    ]  # fmt: skip
    assert attempts[0].at <= attempts[1].at <= attempts[2].at


def test_one_address_is_refused_for_good(server: RunningCatcher, mail: MailBox) -> None:
    mail.refuse(code=550, to="Gone@example.org")
    for _ in range(2):
        with pytest.raises(smtplib.SMTPDataError):
            send(server, written(to="gone@example.org"))
    send(server)
    assert [one.recipients for one in mail.messages()] == [(TO,)]
    mail.accept()
    send(server, written(to="gone@example.org"))
    assert len(mail.messages()) == 2


@pytest.mark.parametrize("kept", [False, True])
def test_the_answer_is_lost(kept: bool, server: RunningCatcher, mail: MailBox) -> None:
    mail.drop(1, kept=kept)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(server)
    assert len(mail.messages()) == int(kept)
    send(server)
    assert [one.code for one in mail.attempts()] == [0, 250]


def test_an_answer_takes_its_time(server: RunningCatcher, mail: MailBox) -> None:
    mail.delay(0.3)
    began = time.monotonic()
    send(server)
    assert time.monotonic() - began >= 0.3
    mail.begin_test()  # what one test asks for is not the next one's
    began = time.monotonic()
    send(server)
    assert time.monotonic() - began < 0.25


def test_each_address_has_orders_of_its_own(server: RunningCatcher, mail: MailBox) -> None:
    first, second, other = (written(to=f"{name}@example.org") for name in ("one", "two", "three"))
    mail.refuse(1, to="One@example.org")
    mail.refuse(1, code=550, to="two@example.org")
    mail.drop(1, to="three@example.org")
    send(server)
    for message, code in ((second, 550), (first, 451)):
        with pytest.raises(smtplib.SMTPDataError) as refused:
            send(server, message)
        assert refused.value.smtp_code == code
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(server, other)
    for message in (first, second, other):
        send(server, message)
    assert len(mail.messages()) == 4


def test_an_order_for_all_takes_the_place_of_others(server: RunningCatcher, mail: MailBox) -> None:
    for end in (mail.accept, mail.begin_test, lambda: mail.delay(0.0)):
        mail.refuse(to=TO)
        with pytest.raises(smtplib.SMTPDataError):
            send(server)
        end()
        send(server)
    mail.refuse(to=TO)
    server.order("reset", user="", password="")
    send(server)


def test_a_mail_that_is_held_is_seen_and_not_taken_from_who_goes(
    server: RunningCatcher, mail: MailBox
) -> None:
    mail.delay(30, to=TO)
    assert mail.held() == 0
    client = smtplib.SMTP("127.0.0.1", server.port, timeout=5)
    sender = threading.Thread(target=_sent_in_vain, args=[client])
    sender.start()
    mail.wait_held(TO, within=5)
    assert (mail.held(), mail.held("bob@example.org")) == (1, 0)
    assert client.sock is not None
    client.sock.shutdown(socket.SHUT_RDWR)  # as where its process is killed
    sender.join(timeout=5)
    assert wait_until(lambda: not mail.held(), within=5, poll=0.01)
    assert mail.messages() == []
    assert mail.attempts() == []
    with pytest.raises(Mismatch, match=r"to ada@example\.org should have been handed"):
        mail.wait_held(TO, within=0.1)


def _sent_in_vain(client: smtplib.SMTP) -> None:
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.send_message(written())


def test_it_is_stopped_and_started(server: RunningCatcher, mail: MailBox) -> None:
    send(server)
    server.loop.call_soon_threadsafe(server.catcher.stop)
    with pytest.raises(PlatformFault, match="did not answer"):
        mail.messages()
    server.dead = True
    with pytest.raises(Mismatch, match="does not run"):
        mail.messages()
    server.do(server.catcher.listen())
    assert len(mail.messages()) == 1


# -- what a suite asks -------------------------------------------------------------------------


def test_mails_are_waited_for(server: RunningCatcher, mail: MailBox) -> None:
    timer = threading.Timer(0.2, send, [server])
    timer.start()
    assert len(mail.wait_for(TO, within=5)) == 1
    timer.join()
    assert mail.waited > 0


def test_what_does_not_come_is_said(server: RunningCatcher, mail: MailBox) -> None:
    send(server, written(subject="Another"))
    with pytest.raises(Mismatch) as lost:
        mail.wait_for(TO, count=2, within=0.1)
    assert str(lost.value) == (
        f"2 mails should have come within 0.1 s to {TO}; there is 1: 'Another'."
    )


def test_what_comes_twice_is_said(server: RunningCatcher, mail: MailBox) -> None:
    send(server)
    assert len(mail.exactly(1, TO, quiet=0.1)) == 1
    assert mail.exactly(0, "nobody@example.org", quiet=0.1) == []
    send(server)
    with pytest.raises(Mismatch, match="One mail and no more should come"):
        mail.exactly(1, TO, quiet=0.1)


# -- whatever the other side does --------------------------------------------------------------


@pytest.mark.parametrize("behaviour", ["silent", "drips", "floods", "ends"])
def test_an_order_ends_in_its_time(behaviour: str) -> None:
    ended = threading.Event()

    def misbehave(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            try:
                while not ended.wait(0.02):
                    if behaviour == "drips":
                        connection.sendall(b"2")
                    if behaviour == "floods":
                        connection.sendall(b"2" * 1_000_000)
                    if behaviour == "ends":
                        return
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        peer = threading.Thread(target=misbehave, args=[listener])
        peer.start()
        began = time.monotonic()
        with pytest.raises(OSError):
            give_order(listener.getsockname(), "x", {"do": "messages"}, seconds=0.5)
        assert time.monotonic() - began < 2.5
        ended.set()
        peer.join(timeout=5)
