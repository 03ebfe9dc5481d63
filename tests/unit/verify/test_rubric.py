"""The table of criteria in a brief says what challenge.yml does."""

from __future__ import annotations

import pytest

from grader.model import Criterion
from grader.verify.rubric import table_problems

CRITERIA = (
    Criterion(id="repo.files", title="Every required file is there", points=2),
    Criterion(id="entry.create", title="POST `/entries` answers 201", points=3, required=True),
    Criterion(id="entry.stored", title="It is stored", points=5),
)
TABLE = """\
# Guestbook

| | criterion | points |
|---|---|---:|
| **Repository** | | **2** |
| `repo.files` | Every required file is there | 2 |
| **Entries** | | **8** |
| `entry.create` **required** | POST `/entries` answers 201 | 3 |
| *hidden* | 1 more check of the rules above | 5 |

| route | points |
|---|---|
| `POST /entries` | 7 |
"""


def found(*changes: tuple[str, str]) -> list[str]:
    """What is said of the table after `changes`."""
    text = TABLE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return list(table_problems(text, CRITERIA))


def test_a_table_that_agrees() -> None:
    """Marks of Markdown, sums of sections and rows about hidden criteria are no faults."""
    assert found() == []
    assert found(("POST `/entries` answers", "**POST** /entries answers")) == []
    assert found(("Every required file is there", "")) == [], "A table may leave titles out."


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            ("there | 2 |", "there | 4 |"),
            "README.md:6: repo.files is worth 4 in the brief and 2 in challenge.yml; make them",
        ),
        (
            ("answers 201", "answers 200"),
            'README.md:8: the title of entry.create is "POST `/entries` answers 200" in the brief',
        ),
        (("**8**", "**9**"), "README.md:7: the rows below add up to 8 points, not to 9;"),
        (
            ("above | 5", "above | 4"),
            "README.md:9: the rows of this table add up to 9 points, and the criteria of",
        ),
    ],
)
def test_what_differs_is_named(change: tuple[str, str], sentence: str) -> None:
    """With its line, and both values."""
    assert any(one.startswith(sentence) for one in found(change)), found(change)


def test_another_column_order_is_read() -> None:
    """The column of points is found by its heading, and the title stands alongside the id."""
    table = "| points | criterion | what |\n|--|--|--|\n| 2 | `repo.files` | Some files |\n"
    (problem,) = table_problems(table, CRITERIA)
    assert 'the title of repo.files is "Some files"' in problem
