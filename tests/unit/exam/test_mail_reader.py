"""Mails are read in a process of their own: what no program reads in time is the app's loss."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import pytest

from grader.exam import confined
from grader.exam.confined_serve import Unreadable
from grader.exam.faults import Mismatch, PlatformFault
from grader.exam.services import mail as fixture
from grader.exam.services.mail import MailBox
from grader.exam.services.mail_reader import MOST_HEADERS, plain, read

TOLD = {"host": "127.0.0.1", "port": 1, "password": "x", "title": "The mail server"}


def encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def told(raw: bytes) -> dict[str, Any]:
    return {"from": "a@b", "to": ["c@d"], "raw": encoded(raw), "user": "", "at": 1.0}


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., MailBox]]:
    """What gives a fixture that the server tells of some mails."""
    made: list[MailBox] = []
    monkeypatch.setattr(confined, "TIME", confined.ReadingTime())

    def give(*raws: bytes) -> MailBox:
        box = MailBox(lambda name, *args: None, TOLD)
        all_ = [told(one) for one in raws]

        def answer(address: object, password: str, order: Any, *, seconds: float) -> dict[str, Any]:
            return {"items": all_[order["after"] :], "all": len(all_), "full": False}

        monkeypatch.setattr(fixture, "give_order", answer)
        made.append(box)
        return box

    yield give
    for one in made:
        one.close()


def test_a_mail_is_read_as_it_was_sent() -> None:
    message = EmailMessage()
    message["Subject"], message["Hex"] = "Grüße", "00"
    message.set_content("Hallo")
    message.add_alternative("<p>Hallo</p>", subtype="html")
    found = read(encoded(bytes(message)))
    headers = dict(found["headers"])
    assert (headers["subject"], headers["hex"]) == ("Grüße", "00")
    assert (found["text"], found["html"]) == ("Hallo\n", "<p>Hallo</p>\n")


def test_what_is_no_character_is_no_surrogate() -> None:
    assert plain("a\udcff\ud83db") == "a��b"
    found = read(encoded(b"Subject: \xff\xfe\r\nX: y\r\n\r\nz"))
    assert all(text.isprintable() or "�" in text for _, text in found["headers"])


@pytest.mark.parametrize(
    "raw",
    [
        b"\r\n".join(b"X-%d: y" % number for number in range(MOST_HEADERS + 1)),
        b"X: " + b"y" * 100_001,
    ],
)
def test_headers_have_a_bound(raw: bytes) -> None:
    with pytest.raises(Unreadable, match="more than 500 headers"):
        read(encoded(raw + b"\r\n\r\nz"))


def test_one_header_alone_stands_for_nothing_else(mailbox: Callable[..., MailBox]) -> None:
    """An object whose only name is `hex` would stand for bytes in an answer of such a process."""
    (found,) = mailbox(b"Hex: zz\r\n\r\nHallo").messages()
    assert found.headers == {"hex": "zz"}


BOMBS = {
    "addresses": b"To: " + b"a@b," * 250_000,
    "comments": b"To: " + b"(" * 50_000,
    "encoded": b"Subject: " + b"=?utf-8?q?x?= " * 70_000,
    "parameters": b"Content-Type: text/plain; " + b"a*0*=utf-8''x; " * 60_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", BOMBS)
def test_headers_that_take_for_ever_are_the_app_s_loss(
    kind: str, mailbox: Callable[..., MailBox], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once: the next look says the same at once."""
    monkeypatch.setattr(fixture, "READ_SECONDS", 0.5)
    box = mailbox(b"Subject: first\r\n\r\nx", BOMBS[kind] + b"\r\n\r\nx")
    said = set()
    for _ in range(2):
        began = time.monotonic()
        with pytest.raises(Mismatch, match="none that mail programs can read") as lost:
            box.messages()
        said.add(str(lost.value))
    assert len(said) == 1
    assert time.monotonic() - began < 0.2
    assert confined.TIME.left > confined.RUN_SECONDS - 5


@pytest.mark.slow
@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: message/rfc822\r\n\r\n" * 20_000 + b"x",
        b"".join(
            b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (one, one)
            for one in range(3000)
        ),
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\ny\r\n" * 50_000,
    ],
)
def test_parts_without_end_are_read_or_lost(
    raw: bytes, mailbox: Callable[..., MailBox], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fixture, "READ_SECONDS", 0.5)
    try:
        assert len(mailbox(raw).messages()) == 1
    except Mismatch as mismatch:
        assert "none that mail programs can read" in str(mismatch)  # noqa: PT017


def test_a_process_that_the_machine_ends_is_no_loss(
    mailbox: Callable[..., MailBox], monkeypatch: pytest.MonkeyPatch
) -> None:
    box = mailbox(b"Subject: x\r\n\r\ny")
    process = confined.ConfinedProcess(fixture.READER, seconds=1)
    process._child.kill()
    box._reader = process
    with pytest.raises(PlatformFault, match="grade again"):
        box.messages()
