"""`grader verify` of several exams; those of these tests are broken: none needs an engine."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def exams(tmp_path: Path) -> Path:
    """A folder with two exams that lack nearly everything."""
    for name in ("first", "second"):
        folder = tmp_path / "exams" / name
        folder.mkdir(parents=True)
        (folder / "challenge.yml").write_text(f"schema: 1\nslug: {name}\n")
    return tmp_path / "exams"


def rows(printed: str) -> list[list[str]]:
    """Return the words of the lines from the closing table's head on."""
    lines = [line.split() for line in printed.splitlines()]
    head = ["Exam", "Runs", "Proven", "before", "Faults", "Seconds", "Result"]
    return lines[lines.index(head) + 1 :] if head in lines else []


@pytest.mark.parametrize("named", [("first", "second"), ("--all",)], ids=["named", "all"])
def test_several_exams_end_with_a_table(
    grader: Command, exams: Path, named: tuple[str, ...]
) -> None:
    """After what is said of each; it ends with 2 where one does not hold."""
    done = grader("verify", *named, env={"GRADER_CHALLENGES": str(exams)})
    assert done.returncode == 2, done.stderr
    *each, last = rows(done.stdout)
    assert [(row[0], row[1], row[2]) for row in each] == [("first", "0", "0"), ("second", "0", "0")]
    assert all(int(row[3]) > 0 and row[5:] == ["✘", "does", "not", "hold"] for row in each)
    assert last[3] == str(sum(int(row[3]) for row in each))
    assert last[5:] == ["✘", "0", "of", "2", "hold"]


def test_one_exam_needs_no_table(grader: Command, exams: Path) -> None:
    """Its own figures say all of it."""
    done = grader("verify", "first", env={"GRADER_CHALLENGES": str(exams)})
    assert done.returncode == 2
    assert rows(done.stdout) == []


def test_the_table_leaves_standard_output_to_the_json(grader: Command, exams: Path) -> None:
    """What is for people goes to standard error then."""
    done = grader("verify", "--all", "--json", "-", env={"GRADER_CHALLENGES": str(exams)})
    found = json.loads(done.stdout)["challenges"]
    assert [one["slug"] for one in found] == ["first", "second"]
    assert all((one["runs"], one["proven_before"]) == (0, 0) for one in found)
    assert len(rows(done.stderr)) == 3
