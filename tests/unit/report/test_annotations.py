"""GitHub's workflow commands, read as the runner reads them."""

from __future__ import annotations

import pytest

from grader.model import Outcome, SourceLocation
from grader.report.annotations import MOST, to_annotations
from grader.report.formats import render
from grader.report.outputs import to_outputs
from grader.testing import a_challenge, a_result, graded
from grader.text import clean, clip
from tests.unit.report.examples import EVIL, hostile, three
from tests.workflow_commands import Command, commands


def test_a_loss_is_on_its_line() -> None:
    """A file and line where there is one; what is in the history only has none; hidden likewise."""
    assert commands(to_annotations(three()["graded"])) == [
        Command("notice", {"title": "Graded"}, "Guestbook: ½ of 10 points, not passed"),
        Command(
            "warning",
            {"title": "The files are there", "file": "app.py", "line": "7"},
            "A password, for all to read.",
        ),
        Command("error", {"title": "POST /entries answers 201 (0/5)"}, "It answered 200."),
    ]


def test_a_submission_may_lie_in_a_folder() -> None:
    """Paths are those of the repository, which its host knows."""
    for report in (three()["graded"], three()["rejected"]):
        files = [
            one.properties.get("file") for one in commands(to_annotations(report, folder="a/b"))
        ]
        assert [one for one in files if one] in (["a/b/app.py"], ["a/b/Dockerfile"])
        assert '"uri": "a/b/' in render(report, "sarif", folder="a/b")


def test_what_is_rejected_is_on_its_line() -> None:
    """The policy's sentences name file and line."""
    found = commands(to_annotations(three()["rejected"]))
    assert found[1].properties == {"title": "Rejected", "file": "Dockerfile", "line": "3"}
    assert found[1].data.startswith("`RUN --network=host` is not allowed.")


def test_no_score_is_no_error() -> None:
    """A warning, so that nothing looks like the student's fault."""
    (only,) = commands(to_annotations(three()["ungradable"]))
    assert only.name == "warning"
    assert "No Docker engine answers." in only.data


@pytest.mark.parametrize("verdict", ["graded", "rejected", "ungradable"])
def test_no_text_becomes_a_command(verdict: str) -> None:
    """Each line is one command of ours; a hostile text is its data, unchanged."""
    text = render(hostile()[verdict], "annotations")
    found = commands(text)
    assert len(found) == text.count("\n")
    assert {one.name for one in found} <= {"notice", "error", "warning"}
    if verdict == "graded":
        assert {one.properties["file"] for one in found[1:]} == {clip(clean(EVIL), 300)}
        assert {one.data for one in found[1:]} == {clean(EVIL)}


def test_no_more_than_are_shown() -> None:
    """GitHub drops what comes after the tenth of a step."""
    places = tuple(SourceLocation(path="a.py", line=line, message="x") for line in range(1, 40))
    lost = a_result("repo.files", Outcome.FAILED, locations=places)
    found = commands(to_annotations(graded(lost, challenge=a_challenge())))
    assert len(found) == MOST + 1


@pytest.mark.parametrize("verdict", ["graded", "rejected", "ungradable"])
def test_outputs_are_five_and_ours(verdict: str) -> None:
    """No text of a student's, so that no line can set another output."""
    lines = to_outputs(hostile()[verdict]).splitlines()
    assert [line.partition("=")[0] for line in lines] == [
        "verdict", "score", "possible", "passed", "required-lost",
    ]  # fmt: skip
    assert lines[0] == f"verdict={verdict}"
