"""`grader batch` as people type it; grading itself is a stand-in here."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from grader.batch import BatchPlan, ReportStore
from grader.cli.main import cli
from grader.errors import Cancelled, UsageError
from grader.sandbox.engine import Engine
from tests.unit.batch.faking import Class, no_pool

Command = Callable[..., subprocess.CompletedProcess[str]]
CHALLENGES = Path(__file__).parent.parent / "challenges"
DEFAULTS: Any = BatchPlan.__init__.__kwdefaults__
"""What a plan does unless it is told otherwise."""
ALL, HALF = "ppppppp", "ppppfff"


@pytest.fixture
def group(tmp_path: Path) -> Class:
    return Class(tmp_path)


@pytest.fixture
def batch(group: Class, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs `grader batch probe ANSWERS --out RESULTS ARGUMENTS…`."""
    monkeypatch.setattr(Engine, "connect", lambda host: Engine(_Closed(), "26.1"))  # type: ignore[arg-type]
    monkeypatch.setitem(DEFAULTS, "grade", group.fake)
    monkeypatch.setitem(DEFAULTS, "pauses", (0.0, 0.0))
    monkeypatch.setitem(DEFAULTS, "shared", no_pool)
    monkeypatch.setenv("GRADER_CHALLENGES", str(CHALLENGES))
    monkeypatch.setenv("GRADER_STATE", str(group.root / "state"))

    def run(*arguments: str, source: Path | None = None) -> Result:
        where = [str(source or group.answers), "--out", str(group.store.root)]
        return CliRunner().invoke(cli, ["batch", "probe", *where, *arguments])

    return run


class _Closed:
    """A client of an engine that nobody asks anything."""

    def close(self) -> None:
        """Nothing to close."""


def test_a_class_from_folder_to_grades(group: Class, batch: Callable[..., Result]) -> None:
    """A line for each with rate and time left, the figures, and every file; 0 at the end."""
    group.hand_in(ada=ALL, bob=HALF, eve="reject")
    done = batch("--seed", "7", "--similar")
    assert done.exit_code == 0, done.output
    assert "ada  9/9  (" in done.output
    assert "a minute, about 0 s left)" in done.output
    assert "3 have a score: 1 passed, median 44 %" in done.output
    names = {path.name for path in group.store.root.iterdir()}
    assert names == {".lock", "reports", "students", "grades.csv", "moodle.csv", "canvas.csv",
                     "gradescope.csv", "summary.json", "summary.html"}  # fmt: skip
    assert group.fake.seeds == [7, 7, 7]
    again = batch("--seed", "7")
    assert (again.exit_code, len(group.fake.calls)) == (0, 3)
    assert "ada  9/9, as before" in again.output


def test_a_platform_that_fails_ends_with_3(group: Class, batch: Callable[..., Result]) -> None:
    """Who has no score is named, with the reason; what cannot be read does not change the code."""
    group.hand_in(ada=ALL, bob="ungradable")
    (group.answers / "eve.rar").write_bytes(b"x")
    done = batch()
    assert done.exit_code == 3
    assert "1 have no score because the platform failed: run this again:" in done.output
    assert "  bob: The engine is gone." in done.output
    assert "1 could not be read, and have no score:" in done.output
    group.hand_in(bob=ALL)
    assert batch().exit_code == 0


def test_a_manifest_with_two_of_one_id_is_refused(
    group: Class, batch: Callable[..., Result]
) -> None:
    """Before anything is graded or written."""
    group.hand_in(ada=ALL, bob=ALL)
    manifest = group.root / "class.csv"
    manifest.write_text("student,source,id\nada,answers/ada,1\nbob,answers/bob,1\n")
    refused = batch(source=manifest)
    assert isinstance(refused.exception, UsageError)
    assert "2 have the id 1" in str(refused.exception)
    assert group.fake.calls == []
    manifest.write_text("student,source,id\nada,answers/ada,1\nbob,answers/bob,2\n")
    assert batch(source=manifest).exit_code == 0
    assert "ada,1,,graded,9,9" in (group.store.root / "grades.csv").read_text()


def test_a_stopped_batch_says_how_to_go_on(
    group: Class, batch: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 130, and no tables of half a class."""
    group.hand_in(ada=ALL)

    def interrupted(*arguments: object, **more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(DEFAULTS, "grade", interrupted)
    done = batch()
    assert isinstance(done.exception, Cancelled)
    assert "Run the same command again" in str(done.exception)
    assert not (group.store.root / "grades.csv").exists()


def test_no_engine_is_told_once(grader: Command, tmp_path: Path) -> None:
    """And not for each student, after three tries; exit 3."""
    (tmp_path / "answers" / "ada").mkdir(parents=True)
    done = grader("batch", "todo-api", str(tmp_path / "answers"), "--out", str(tmp_path / "out"))
    assert done.returncode == 3
    assert done.stderr.count("No Docker engine answers") == 1
    assert not (tmp_path / "out").exists()


def test_the_folder_must_be_named(grader: Command) -> None:
    """Results are not written into just any place."""
    done = grader("batch", "todo-api", "answers")
    assert done.returncode == 2
    assert "Missing option '--out'" in done.stderr


def test_results_have_a_place_of_their_own(grader: Command, tmp_path: Path) -> None:
    """Not among the students, and not where a file is."""
    answers, taken = tmp_path / "answers", tmp_path / "taken"
    (answers / "ada").mkdir(parents=True)
    taken.write_text("x")
    done = grader("batch", "todo-api", str(answers), "--out", str(answers / "results"))
    assert (done.returncode, "would be taken for a student" in done.stderr) == (2, True)
    with (
        pytest.raises(UsageError, match="is no folder to write into"),
        ReportStore(root=taken).ours(),
    ):
        pass
