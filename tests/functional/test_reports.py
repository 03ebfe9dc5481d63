"""Reports from the command line: written while grading, and rendered again later."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.report.json import to_json
from tests.unit.report.examples import ENDINGS, GOLDEN, three

Command = Callable[..., subprocess.CompletedProcess[str]]
REPOSITORY = Path(__file__).parent.parent.parent
ANSWER = str(REPOSITORY / "reference_solutions/todo-api/accepted/pymysql")


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """A report as `grader grade --json` leaves it."""
    file = tmp_path / "result.json"
    file.write_text(to_json(three()["graded"]), "utf-8")
    return file


@pytest.fixture
def opened(tmp_path: Path) -> tuple[dict[str, str], Path]:
    """An environment whose `xdg-open` writes down what it is to open."""
    programs, said = tmp_path / "programs", tmp_path / "opened"
    programs.mkdir()
    (programs / "xdg-open").write_text(f'#!/bin/sh\necho "$1" >{said}\n')
    (programs / "xdg-open").chmod(0o755)
    return {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}, said


def test_grading_writes_every_report_that_is_asked_for(grader: Command, tmp_path: Path) -> None:
    """Also without an engine; the JSON one renders into the others again."""
    wanted = {name: tmp_path / f"report.{ending}" for name, ending in ENDINGS.items()}
    options = [word for name, file in wanted.items() for word in ("--report", f"{name}={file}")]
    done = grader("grade", "todo-api", ANSWER, *options)
    assert done.returncode == 3, done.stderr
    assert "Ungradable" in done.stdout
    for name, file in wanted.items():
        again = grader("report", str(wanted["json"]), "--format", name)
        assert again.stdout == file.read_text("utf-8"), name


def test_one_report_may_go_to_standard_output(grader: Command) -> None:
    """In the place of the text for people, so that it can be piped."""
    done = grader("grade", "todo-api", ANSWER, "--report", "outputs=-")
    assert done.stdout == "verdict=ungradable\nscore=\npossible=100\npassed=\nrequired-lost=\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--report", "html"], "--report html names no file; write FORMAT=FILE"),
        (["--report", "htlm=x.html"], "There is no report format 'htlm'"),
        (["--report", "html=/no/such/folder/x"], "make the folder /no/such/folder first"),
        (["--report", "html=/tmp"], "/tmp is a folder; name a file in it"),
        (["--json", "-", "--report", "html=-"], "Two reports are to go to standard output"),
    ],
)
def test_a_report_that_cannot_be_is_said_before_anything_runs(
    grader: Command, words: list[str], sentence: str
) -> None:
    """Nobody grades for a minute to lose the report."""
    done = grader("grade", "todo-api", ANSWER, *words)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "begins" not in done.stderr


@pytest.mark.parametrize("name", ["html", "junit"])
def test_a_stored_report_renders_again(grader: Command, stored: Path, name: str) -> None:
    """In the file that is named, and nothing is said."""
    file = stored.parent / "rendered"
    done = grader("report", str(stored), "--format", name, "-o", str(file))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert file.read_text("utf-8") == (GOLDEN / f"graded.{ENDINGS[name]}").read_text("utf-8")


def test_a_stored_report_is_shown_as_grading_shows_it(grader: Command, stored: Path) -> None:
    """On the terminal, and as text without colours in a file."""
    done = grader("report", str(stored))
    assert "½ of 10 points  (5 %, not passed; the pass mark is 60 %)" in done.stdout
    file = stored.parent / "report.txt"
    grader("report", str(stored), "--output", str(file))
    assert file.read_text("utf-8") == done.stdout


def test_what_is_no_report_is_refused_with_a_sentence(grader: Command, stored: Path) -> None:
    """Not there, no JSON, another form: exit 2."""
    document = json.loads(stored.read_text("utf-8"))
    document["verdict"] = "perfect"
    stored.write_text(json.dumps(document))
    done = grader("report", str(stored))
    assert done.returncode == 2
    assert "data does not hold to the form's oneOf" in done.stderr
    assert grader("report", str(stored.parent / "none.json")).returncode == 2
    assert "There is no report format 'pdf'" in grader("report", "x", "--format", "pdf").stderr


def test_open_shows_the_html_report(
    grader: Command, stored: Path, opened: tuple[dict[str, str], Path]
) -> None:
    """The file that was asked for, or one below the grader's own folder."""
    env, said = opened
    file = stored.parent / "mine.html"
    grader("grade", "todo-api", ANSWER, "--report", f"html={file}", "--open", env=env)
    assert said.read_text().strip() == str(file)
    done = grader("report", str(stored), "--open", env=env)
    assert done.returncode == 0, done.stderr
    assert said.read_text().strip() == str(stored.parent / "state" / "reports" / "report.html")
    assert (stored.parent / "state" / "reports" / "report.html").read_text().startswith("<!doctype")


def test_without_a_browser_the_file_is_named(grader: Command, stored: Path) -> None:
    """So that it can be opened by hand."""
    done = grader("report", str(stored), "--open", env={"PATH": "/nowhere", "BROWSER": "false"})
    assert "No browser could be started; open" in done.stderr
