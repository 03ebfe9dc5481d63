"""The action for GitHub, its steps run as the runner runs them, on real submissions."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from grader.model import Graded
from grader.report.read import from_file
from tests.action_runner import Ran, run_action
from tests.workflow_commands import commands

HERE = Path(__file__).parent
GRADER = str(Path(sys.executable).parent / "grader")
CHALLENGES = str(HERE.parent / "challenges")
LINES = ("::error file=x.py::fake", "  ::add-mask::o", "##[add-mask]e", "::stop-commands::mine")
"""What a hostile submission prints, builds with, and answers."""


def grade(submission: str, scratch: Path, **inputs: str) -> Ran:
    """Run the action on a copy of one of tests/submissions, in a folder of a checkout."""
    workspace = scratch / "checkout"
    if not (workspace / "answer").exists():
        shutil.copytree(
            HERE.parent / "submissions" / submission,
            workspace / "answer",
            ignore=shutil.ignore_patterns("expected.yml"),
        )
    given = {"challenge": "probe", "challenges": CHALLENGES, "path": "answer", "grader": GRADER}
    return run_action("grade", given | inputs, scratch / "temp", workspace=workspace)


def test_an_accepted_submission_is_green(tmp_path: Path) -> None:
    """Outputs, summary, reports; a notice is the only annotation."""
    ran = grade("healthy", tmp_path, seed="7")
    assert ran.code == 0, ran.printed
    assert {name: ran.outputs[name] for name in ("verdict", "score", "possible", "passed")} == {
        "verdict": "graded",
        "score": "9",
        "possible": "9",
        "passed": "true",
    }
    report = from_file(Path(ran.outputs["json"]))
    assert isinstance(report, Graded)
    assert report.provenance.seed == 7
    for name in ("html", "junit", "sarif", "markdown"):
        assert Path(ran.outputs[name]).stat().st_size > 100
        assert Path(ran.outputs[name]).parent == Path(ran.outputs["reports"])
    assert ran.summary.startswith("## ✅ Probe: 9 of 9 points")
    assert [one.name for one in commands(ran.printed)] == ["notice"]


def test_a_failing_submission_is_red_where_that_is_wanted(tmp_path: Path) -> None:
    """Its losses are annotated; without `fail-below-pass-mark` the step is green all the same."""
    ran = grade("build-step-fails", tmp_path)
    assert (ran.code, ran.outputs["passed"]) == (1, "false")
    assert ran.summary.startswith("## ❌ Probe: ")
    files = [one.properties.get("file") for one in commands(ran.printed)]
    assert "answer/Dockerfile" in files
    inputs = {"fail-below-pass-mark": "false", "annotations": "false"}
    again = grade("build-step-fails", tmp_path, **inputs)
    assert (again.code, again.outputs["passed"]) == (0, "false")
    assert commands(again.printed) == []


def test_a_rejected_submission_is_red(tmp_path: Path) -> None:
    """With the policy's sentence in the summary."""
    workspace = tmp_path / "checkout" / "answer"
    workspace.mkdir(parents=True)
    (workspace / "Dockerfile").write_text("FROM python:3.11-slim\nRUN --network=host true\n")
    ran = grade("healthy", tmp_path)
    assert ran.code == 1
    assert (ran.outputs["verdict"], ran.outputs["score"]) == ("rejected", "0")
    assert "## ⛔ Probe: rejected" in ran.summary
    place = commands(ran.printed)[-1].properties
    assert (place["file"], place["line"]) == ("answer/Dockerfile", "2")


def test_nothing_that_a_submission_says_is_obeyed(tmp_path: Path) -> None:
    """Commands in a build's steps, an app's log and its answers stay text."""
    folder = tmp_path / "checkout" / "answer"
    shutil.copytree(HERE.parent / "submissions" / "healthy", folder)
    app = (folder / "app.py").read_text("utf-8")
    said = "\n".join(LINES)
    app = app.replace("b'{\"value\": 7}'", f"{said.encode()!r}").replace(
        "ThreadingHTTPServer(", f"print({said!r}, flush=True)\nThreadingHTTPServer(", 1
    )
    (folder / "app.py").write_text(app, "utf-8")
    with (folder / "Dockerfile").open("a", encoding="utf-8") as dockerfile:
        dockerfile.writelines(f"RUN printf '%s\\n' '{line}'\n" for line in LINES)
    ran = grade("healthy", tmp_path)
    assert ran.code == 0, ran.printed
    found = commands(ran.printed)
    assert {one.name for one in found} == {"notice", "error"}
    assert {one.properties["title"] for one in found} == {
        "Graded",
        "GET /value answers JSON (0/2)",
    }
    assert LINES[0] in ran.printed, "The submission said nothing that could have been obeyed."


def test_no_engine_is_no_failure_of_the_student(tmp_path: Path) -> None:
    """Exit 3, no score among the outputs, and a warning."""
    workspace = tmp_path / "checkout"
    shutil.copytree(HERE.parent / "submissions" / "healthy", workspace / "answer")
    given = {"challenge": "probe", "challenges": CHALLENGES, "path": "answer", "grader": GRADER}
    ran = run_action(
        "grade", given, tmp_path / "temp", workspace=workspace,
        DOCKER_HOST=f"unix://{tmp_path}/no.sock",
    )  # fmt: skip
    assert ran.code == 3
    assert (ran.outputs["verdict"], ran.outputs["score"], ran.outputs["passed"]) == (
        "ungradable",
        "",
        "",
    )
    assert [one.name for one in commands(ran.printed)] == ["warning"]


@pytest.mark.parametrize("inputs", [{"challenge": "prob"}, {"path": "-rf"}, {"path": "$(id)"}])
def test_wrong_usage_ends_with_2(tmp_path: Path, inputs: dict[str, str]) -> None:
    """An error that names no file of the student's; inputs are words, never a shell's text."""
    ran = grade("healthy", tmp_path, **inputs)
    assert ran.code == 2, ran.printed
    (error,) = commands(ran.printed)
    assert error.properties == {"title": "Not graded"}
    assert "uid=" not in ran.printed
