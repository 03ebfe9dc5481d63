"""What a run has found, and what of it anybody may see."""

from __future__ import annotations

import threading
from pathlib import Path

from grader.model import CheckResult, Outcome, Place
from grader.phases.context import Context
from grader.settings import Settings
from grader.testing import a_challenge

SECRET = "kR7-drawn-for-this-run"


def test_a_result_shows_no_secret_and_no_control_character(tmp_path: Path) -> None:
    """Wherever it stands: a student chooses the names of files."""
    heard: list[object] = []
    context = Context(
        run="r", challenge=a_challenge(), settings=Settings.from_env({}), folder=tmp_path, seed=1,
        listener=heard.append, cancel=threading.Event(), secrets={"KEY": SECRET},
    )  # fmt: skip
    said = f"It is {SECRET}\x1b[2J."
    place = Place(path=f"app/{SECRET}\x1b.py", line=3, message=said, commit="abc")
    context.record(
        CheckResult(
            criterion="secrets.tree", outcome=Outcome.FAILED, rationale=said, evidence=said,
            places=(place,),
        )
    )  # fmt: skip
    (result,) = context.results.values()
    assert SECRET not in repr((result, heard))
    assert "\\x1b" not in repr((result, heard))
    assert (result.places[0].line, result.places[0].commit) == (3, "abc")
    assert result.places[0].path.startswith("app/")
