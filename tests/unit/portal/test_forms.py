"""What instructors send: rosters and the form of an assignment, right and wrong."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from grader.portal.actions.assigning import read_form
from grader.portal.actions.roster import read_roster_table
from grader.portal.errors import ActionRefused
from grader.portal.rules.late import LateKind
from grader.portal.rules.roles import CourseRole
from grader.portal.rules.schedule import Counting

FORM = {
    "title": " Exam ", "exam": "3", "opens": "2030-01-01T08:00", "due": "2030-01-02T08:00",
    "closes": "2030-01-03T10:00+02:00", "late": "per_cent", "per_cent": "10", "tokens": "",
    "attempts": "0", "cool_down": "5", "counting": "latest", "published": "yes",
}  # fmt: skip


def test_a_roster() -> None:
    """Columns in any order and case, with a byte order mark; a student where no role is named."""
    text = "\ufeffName,Email,ROLE\nAda,ada@school.example,\n\nInes,ines@school.example,Instructor\n"
    found = read_roster_table(text)
    assert [(one.email, one.role) for one in found] == [
        ("ada@school.example", CourseRole.STUDENT),
        ("ines@school.example", CourseRole.INSTRUCTOR),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names the columns"),
        ("ada@school.example,Ada\n", "names the columns"),
        ("email,name\n", "names nobody"),
        ("email,name\nada,Ada\n", "Line 2: 'ada' is no e-mail address"),
        ("email,name\n<b>@school.example,Ada\n", "no e-mail address"),
        ("email,name,role\na@b.example,Ada,king\n", "Line 2: 'king' is no role; there are student"),
        ("email,name\n" + "a@b.example,A\n" * 5001, "more than 5000 people"),
        ("x" * 3_000_000, "longer than 2 MiB"),
    ],
)
def test_what_is_no_roster(text: str, said: str) -> None:
    """The sentence names the line."""
    with pytest.raises(ActionRefused, match=said):
        read_roster_table(text)


def test_an_assignment() -> None:
    """Moments are UTC unless they name a zone; 0 attempts are any number."""
    found = read_form(FORM)
    assert found.title == "Exam"
    assert found.dates.closes == datetime(2030, 1, 3, 8, tzinfo=UTC)
    assert found.rules.late.kind is LateKind.PER_CENT
    assert (found.rules.attempts, found.rules.cool_down) == (None, 300)
    assert found.rules.counting is Counting.LATEST
    assert found.published


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": " "}, "title"),
        ({"due": "tomorrow"}, "'tomorrow' is no moment"),
        ({"due": "2029-01-01T08:00"}, "before it is due"),
        ({"late": "never"}, "late rule"),
        ({"counting": "worst"}, "which submission counts"),
        ({"per_cent": "101"}, "per cent: write a whole number from 0 to 100"),
        ({"attempts": "-1"}, "attempts: write"),
        ({"attempts": "\u0661"}, "attempts: write"),
    ],
)
def test_what_is_no_assignment(changes: dict[str, str], said: str) -> None:
    """The sentence names the field."""
    with pytest.raises(ActionRefused, match=said):
        read_form(FORM | changes)
