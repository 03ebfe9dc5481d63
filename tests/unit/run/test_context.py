"""What a run has found, and what of it anybody may see."""

from __future__ import annotations

import threading
from pathlib import Path

from grader.events import ignore
from grader.inspect.secrets import Blob, scan_blobs
from grader.model import CheckResult, Outcome, SourceLocation
from grader.run.context import RunContext
from grader.settings import Settings
from grader.submission import take
from grader.testing import a_challenge

SECRET = "kR7-drawn-for-this-run"


def test_a_result_shows_no_secret_and_no_control_character(tmp_path: Path) -> None:
    """Wherever it stands: a student chooses the names of files."""
    heard: list[object] = []
    context = RunContext.begin(
        run="r", challenge=a_challenge(), settings=Settings.from_env({}), folder=tmp_path, seed=1,
        listener=heard.append, cancel=threading.Event(),
    )  # fmt: skip
    context.redactor.hide({"KEY": SECRET})
    said = f"It is {SECRET}\x1b[2J."
    place = SourceLocation(path=f"app/{SECRET}\x1b.py", line=3, message=said, commit="abc")
    context.recorder.record(
        CheckResult(
            criterion="secrets.tree", outcome=Outcome.FAILED, rationale=said, evidence=said,
            locations=(place,),
        )
    )  # fmt: skip
    (result,) = context.recorder.results.values()
    assert SECRET not in repr((result, heard))
    assert "\\x1b" not in repr((result, heard))
    assert (result.locations[0].line, result.locations[0].commit) == (3, "abc")
    assert result.locations[0].path.startswith("app/")


def test_a_lost_fallback_is_joined_with_the_line_of_the_files(tmp_path: Path) -> None:
    """What the run has seen to be used, and where it stands: one finding."""
    context = RunContext.begin(
        run="r", challenge=a_challenge(), settings=Settings.from_env({}), folder=tmp_path, seed=1,
        listener=lambda _: None, cancel=threading.Event(),
    )  # fmt: skip
    code = b"import os\nkey = os.environ.get('SECRET_KEY', 'Kestrel_vino77')\n"
    context.recorder.found = scan_blobs([Blob(path="app.py", content=code)]).findings
    said = "Without SECRET_KEY the app starts and signs with another key."
    context.recorder.record(
        CheckResult(criterion="secrets.no_fallback", outcome=Outcome.FAILED, rationale=said)
    )
    (result,) = context.recorder.results.values()
    assert [(one.path, one.line) for one in result.locations] == [("app.py", 2)]
    assert "app.py:2" in result.rationale


def test_the_snapshot_is_where_intake_puts_it(tmp_path: Path) -> None:
    source = tmp_path / "answer"
    source.mkdir()
    (source / "app.py").write_text("x = 1\n")
    folder = tmp_path / "run"
    folder.mkdir()
    context = RunContext.begin(
        run="r", challenge=a_challenge(), settings=Settings.from_env({}), folder=folder, seed=1,
        listener=ignore, cancel=threading.Event(),
    )  # fmt: skip
    assert context.snapshot == take(source, folder).root
