"""What an app may say to the mail server, and that the grader is answered all the while."""

from __future__ import annotations

import smtplib
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from grader.deadline.mail import give_order
from grader.exam.faults import Mismatch
from grader.exam.services.mail import MailBox
from grader.services.double import admission
from grader.services.mail import catcher, meter, record
from grader.waiting import wait_until
from tests.unit.services.mail_servers import TO, RunningCatcher, mailbox, running, send, written

APP = ("127.0.0.2", 0)
"""Where the app comes from; the grader comes from 127.0.0.1."""
ENVELOPE = f"EHLO x\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<{TO}>\r\nDATA\r\n".encode()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningCatcher]:
    with running(monkeypatch) as made:
        yield made


@pytest.fixture
def mail(server: RunningCatcher) -> Iterator[MailBox]:
    with mailbox(server) as made:
        yield made


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What conversations ended with: the client itself may have been reset before it read that."""
    said: list[str] = []
    end = catcher.SmtpClient._end

    def noted(client: catcher.SmtpClient, sentence: str) -> None:
        said.append(sentence)
        end(client, sentence)

    monkeypatch.setattr(catcher.SmtpClient, "_end", noted)
    return said


def dial(server: RunningCatcher) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=10, source_address=APP)


def to_the_end(connection: socket.socket) -> bytes:
    """Everything that comes until the connection ends."""
    found = b""
    with suppress(ConnectionError):
        while some := connection.recv(65536):
            found += some
    return found


def said_to(server: RunningCatcher, said: bytes) -> bytes:
    """Say something at once; return what is answered until the server ends the connection."""
    with dial(server) as connection:
        sending = threading.Thread(target=_send, args=[connection, said])
        sending.start()
        answered = to_the_end(connection)
        sending.join(timeout=10)
        return answered


def _send(connection: socket.socket, said: bytes) -> None:
    with suppress(OSError):
        connection.sendall(said)


# -- one conversation --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said", [b"x" * 40_000, ENVELOPE + b"x" * 40_000, b"AUTH PLAIN " + b"x" * 40_000]
)
def test_a_line_that_never_ends_is_cut(
    said: bytes, server: RunningCatcher, ended: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meter, "LONGEST_LINE", 20_000)
    said_to(server, said)
    assert ended == ["The line is too long."]


def test_a_mail_that_never_ends_is_cut(
    server: RunningCatcher, mail: MailBox, ended: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is too large is read to a bound, so that its sender is told; then no further."""
    monkeypatch.setattr(meter, "MAIL_BYTES", 100_000)
    monkeypatch.setattr(meter, "UNITS", 1e9)
    said_to(server, ENVELOPE + (b"x" * 78 + b"\r\n") * 2000)
    assert ended == ["The mail is too large."]
    assert server.catcher.unfinished.size == 0
    assert mail.messages() == []


def test_commands_without_end_are_cut(
    server: RunningCatcher, ended: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meter, "COMMANDS", 50)
    monkeypatch.setattr(meter, "UNITS", 1e9)
    said = (b"NOOP\r\n", b"RSET\r\n", b"EHLO x\r\n", b"VRFY x\r\n", b"HELP\r\n", b"\r\n")
    for one in said:
        said_to(server, one * 200)
    assert ended == ["There are too many commands; connect again."] * len(said)


def test_commands_that_nobody_knows_end_the_conversation(server: RunningCatcher) -> None:
    assert b"Too many unrecognized" in said_to(server, b"XYZZY\r\n" * 100)


def test_a_mail_goes_to_so_many_and_no_more(server: RunningCatcher, mail: MailBox) -> None:
    with smtplib.SMTP("127.0.0.1", server.port, timeout=10) as client:
        refused = client.sendmail(
            "a@example.org", [f"user{number}@example.org" for number in range(150)], b"x"
        )
    assert len(refused) == 50
    assert {code for code, _ in refused.values()} == {452}
    (found,) = mail.messages()
    assert len(found.recipients) == catcher.MOST_RECIPIENTS


def test_unfinished_mails_have_a_bound_together(
    server: RunningCatcher, ended: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line of two bytes costs far more than two bytes of memory while it is kept."""
    monkeypatch.setattr(meter, "UNFINISHED_BYTES", 40_000)
    monkeypatch.setattr(meter, "UNITS", 1e9)
    assert sys.getsizeof(bytearray(b"\r\n")) < meter.LINE_BYTES
    with dial(server) as other:
        other.sendall(ENVELOPE + b"\r\n" * 200)
        assert wait_until(lambda: server.catcher.unfinished.size == 200 * 122, within=10, poll=0.02)
        said_to(server, ENVELOPE + b"\r\n" * 300)
        assert ended == ["There are too many mails at once."]
        other.sendall(b"\r\n.\r\nQUIT\r\n")
        assert b"250 OK" in to_the_end(other)
    assert server.catcher.unfinished.size == 0


def test_a_mail_that_drips_has_its_time(
    server: RunningCatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catcher, "IDLE_SECONDS", 0.4)
    with dial(server) as connection:
        connection.sendall(ENVELOPE)
        began = time.monotonic()
        with suppress(OSError):
            while time.monotonic() - began < 10:
                connection.sendall(b"x")
                time.sleep(0.02)
        assert time.monotonic() - began < 5


def test_who_takes_no_answers_is_cut_in_time(
    server: RunningCatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is still to be sent would keep a connection that is merely closed."""
    monkeypatch.setattr(catcher, "IDLE_SECONDS", 0.4)
    monkeypatch.setattr(meter, "UNITS", 1e9)
    with dial(server) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(5)
        began = time.monotonic()
        with suppress(OSError):
            while time.monotonic() - began < 10:
                connection.sendall(b"HELP\r\n" * 1000)
        assert wait_until(
            lambda: not server.catcher.admission._hosts["127.0.0.2"].open, within=10, poll=0.02
        )


# -- whatever is said about TLS and log-ins ----------------------------------------------------


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (b"STARTTLS\r\nEHLO y\r\nSTARTTLS\r\n\x16\x03\x01\x02\x00\r\n", b"454 TLS not available"),
        (b"EHLO x\r\nAUTH PLAIN\r\n" + b"=" * 900 + b"\r\n", b"501 5.5.2 Can't decode base64"),
        (b"EHLO x\r\nAUTH PLAIN AGEAYg==\r\n" * 30, b"535 5.7.8"),
        (b"EHLO x\r\nAUTH LOGIN\r\n*\r\n", b"501 5.7.0 Auth aborted"),
        (b"EHLO x\r\nAUTH LOGIN\r\n" + b"x" * 1500 + b"\r\n", b"500"),
        (b"EHLO x\r\nAUTH " + b"X" * 100 + b"\r\nAUTH\r\n", b"504"),
        (b"EHLO \xff\xfe\r\nVRFY \xff\xfe\r\n\xff\r\n", b"500 Error: bad syntax"),
        (b"EHLO x\r\nMAIL FROM:<" + b"(" * 480 + b"\r\n", b"553"),
        (b"EHLO x\r\nMAIL FROM:<a@b> SIZE=" + b"9" * 400 + b"\r\n", b"552"),
    ],
)
def test_tricks_are_answered(said: bytes, answer: bytes, server: RunningCatcher) -> None:
    assert answer in said_to(server, said + b"QUIT\r\n")
    send(server)


# -- what is kept ------------------------------------------------------------------------------


def test_what_is_tried_has_a_bound(
    server: RunningCatcher, mail: MailBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "KEPT_ATTEMPT_BYTES", 1000)
    mail.refuse()
    for _ in range(5):
        with pytest.raises(smtplib.SMTPDataError):
            send(server, written(to=f"{'x' * 200}@example.org"))
    with pytest.raises(Mismatch, match="more mails than the exam keeps"):
        mail.attempts()


def test_more_attempts_than_one_answer_holds_are_told(
    server: RunningCatcher, mail: MailBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "ANSWER_BYTES", 300)
    for number in range(7):
        send(server, written(to=f"user{number}@example.org"))
    assert [one.recipients for one in mail.attempts()] == [
        (f"user{number}@example.org",) for number in range(7)
    ]


def test_addresses_count_as_what_is_kept(
    server: RunningCatcher, mail: MailBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "KEPT_BYTES", 5000)
    with (
        smtplib.SMTP("127.0.0.1", server.port, timeout=10) as client,
        pytest.raises(smtplib.SMTPDataError, match="keeps no more"),
    ):
        client.sendmail("a@example.org", [f"{'x' * 99}{n}@b" for n in range(50)], b"x")
    with pytest.raises(Mismatch, match="more mails than the exam keeps"):
        mail.messages()


# -- the grader is answered --------------------------------------------------------------------


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of what the server has read, piece by piece."""
    sizes: list[int] = []
    count = meter.MeteredReader._count

    async def counted(reader: meter.MeteredReader, size: int) -> None:
        sizes.append(size)
        await count(reader, size)

    monkeypatch.setattr(meter.MeteredReader, "_count", counted)
    return sizes


@pytest.mark.parametrize("said", [b"NOOP\r\n", b"RSET\r\n", b"MAIL FROM:<" + b'"' * 480 + b">\r\n"])
def test_commands_that_flood_wait_for_the_grader_s(
    said: bytes, server: RunningCatcher, served: list[int]
) -> None:
    """Each connection hands over as much at once as the system takes; all is read in turns."""
    with ExitStack() as stack:
        flooding = [stack.enter_context(dial(server)) for _ in range(25)]
        for one in flooding:
            one.settimeout(0)
            with suppress(BlockingIOError, ConnectionError):
                while True:
                    one.send(said * (200_000 // len(said)))
        before = len(served)
        give_order(
            ("127.0.0.1", server.port), server.password, {"do": "messages", "after": 0}, seconds=60
        )
        assert len(served) - before < 5000, "of a million"


def test_who_connects_too_fast_is_turned_away(
    server: RunningCatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And loses its own oldest connections; the grader, who comes from elsewhere, loses none."""
    monkeypatch.setattr(admission, "BURST", 40.0)
    monkeypatch.setattr(admission, "RATE", 0.001)
    monkeypatch.setattr(admission, "CLIENTS", 20)
    with (
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as grader,
        ExitStack() as stack,
    ):
        answers = grader.makefile("rb")
        assert answers.readline().startswith(b"220")
        for _ in range(60):
            stack.enter_context(dial(server))
        assert server.order("messages", after=0)["all"] == 0
        hosts = server.catcher.admission._hosts
        assert wait_until(lambda: len(hosts["127.0.0.2"].open) == 20, within=10, poll=0.02)
        with dial(server) as late:
            assert late.recv(10) == b""
        grader.sendall(b"NOOP\r\n")
        assert answers.readline() == b"250 OK\r\n"
        answers.close()


def test_the_next_run_s_app_waits_for_nothing_that_this_one_s_did(
    server: RunningCatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may come from the same address, and the server is kept."""
    monkeypatch.setattr(meter, "UNITS", 1.0)
    monkeypatch.setattr(meter, "UNITS_AT_ONCE", 8.0)
    monkeypatch.setattr(admission, "RATE", 0.001)
    monkeypatch.setattr(admission, "BURST", 2.0)
    with dial(server) as late, dial(server):
        late.sendall(b"NOOP\r\n" * 100)
        answers = late.makefile("rb")
        assert answers.readline().startswith(b"220")
        assert answers.readline() == b"250 OK\r\n"
        answers.close()
    with dial(server) as refused:
        assert refused.recv(10) == b""
    server.catcher.paces.pop("127.0.0.1", None)
    server.order("reset", user="", password="")
    with dial(server) as next_:
        next_.sendall(b"NOOP\r\n")
        began = time.monotonic()
        answers = next_.makefile("rb")
        assert answers.readline().startswith(b"220")
        assert answers.readline() == b"250 OK\r\n"
        assert time.monotonic() - began < 5
        answers.close()
