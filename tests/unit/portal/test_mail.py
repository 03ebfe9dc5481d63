"""What notifications say, which mail server the environment names, and how long mail waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from grader.errors import UsageError
from grader.portal.care.mail_server import ADDRESS, PASSWORD_FILE, SENDER, SERVER, mail_server
from grader.portal.care.mailing import LONGEST_PAUSE, pause_after
from grader.portal.rules.notices import NoticeKind, path_of, sentence, subject

DATA: dict[str, Any] = {
    "assignment": "Web 1", "number": 2, "earned": "15/2", "possible": 10, "passed": True,
    "until": "2030-01-01 12:00 UTC", "count": 3,
}  # fmt: skip
WHOLE = {
    SERVER: "smtps://me@mail.school.example",
    PASSWORD_FILE: "/run/secrets/smtp",
    SENDER: "Exams <exams@school.example>",
    ADDRESS: "https://exams.school.example/",
}


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_each_kind_says_what_happened(kind: NoticeKind) -> None:
    """In a sentence and a subject of one line, whatever the title has in it."""
    assert "Web 1" in sentence(kind, DATA)
    hostile = DATA | {"assignment": "A\r\nBcc: all@school.example\u202e" + "x" * 500}
    for said in (sentence(kind, hostile), subject(kind, hostile)):
        assert "\n" not in said
        assert "\r" not in said
        assert "\u202e" not in said
        assert len(said) < 400
    assert sentence(kind, DATA).endswith((".", "decide."))


def test_a_result_has_its_points() -> None:
    """As people write them."""
    assert "7.5 of 10 points, passed" in sentence(NoticeKind.RESULT, DATA)
    failed = DATA | {"earned": "7", "passed": False}
    assert "7 of 10 points, not passed" in sentence(NoticeKind.REGRADED, failed)
    one = sentence(NoticeKind.FAULT_IN_CLASS, DATA | {"count": 1})
    assert "grade a submission of" in one
    assert "3 submissions" in sentence(NoticeKind.FAULT_IN_CLASS, DATA)


def test_where_it_leads() -> None:
    """Within the portal, by a number."""
    assert path_of("class/7") == "/assignments/7/class"
    with pytest.raises(ValueError, match="invalid literal"):
        path_of("submission/../../x")


def test_a_mail_server_of_the_environment() -> None:
    """With the port that belongs to its scheme."""
    assert mail_server({}) is None
    found = mail_server(WHOLE)
    assert found
    assert (found.host, found.port, found.user) == ("mail.school.example", 465, "me")
    assert found.portal == "https://exams.school.example"
    plain = {SERVER: "smtp://127.0.0.1:2525", SENDER: "a@b.example", ADDRESS: "http://x"}
    found = mail_server(plain)
    assert found
    assert (found.port, found.password_file) == (2525, None)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({SERVER: "mail.school.example"}, "has to be like"),
        ({SERVER: "smtps://me:secret@mail.school.example"}, "the password is in the file"),
        ({SENDER: ""}, "name the sender"),
        ({ADDRESS: "exams.school.example"}, "own address"),
        ({PASSWORD_FILE: ""}, "has a password"),
        ({SERVER: "smtps://mail.school.example"}, "has a password"),
        ({SERVER: "smtp://me@mail.school.example"}, "in the open"),
    ],
)
def test_what_is_no_mail_server(changes: dict[str, str], said: str) -> None:
    """The sentence names the variable, and no password."""
    with pytest.raises(UsageError, match=said) as raised:
        mail_server(WHOLE | changes)
    assert "secret" not in str(raised.value)


def test_mail_waits_longer_and_longer() -> None:
    """From a minute to an hour."""
    assert pause_after(1) == timedelta(minutes=1)
    assert pause_after(3) == timedelta(minutes=4)
    assert pause_after(1000) == LONGEST_PAUSE
