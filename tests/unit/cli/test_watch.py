"""What a watched folder is examined for first, and what cannot be watched."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.cli.targets import ReportTarget
from grader.cli.watch import FolderWatch, _Again
from grader.errors import UsageError
from grader.model import Outcome, Rejected
from grader.pipeline import Options
from grader.settings import Settings
from grader.testing import a_challenge, a_provenance, a_result, graded


def test_what_was_lost_comes_first_and_then_what_is_quick() -> None:
    """What takes longer follows."""
    again = _Again.of(
        graded(
            a_result("repo.files", duration=0.1),
            a_result("entry.create", duration=2.0),
            a_result("entry.stored", Outcome.FAILED, duration=2.0),
            a_result("secrets.runtime", duration=0.1),
        )
    )
    assert again is not None
    assert again.order == (("entry.stored",), ("repo.files",))


def test_nothing_is_known_of_a_run_that_examined_nothing() -> None:
    """So there is no order."""
    rejected = Rejected(challenge=a_challenge(), provenance=a_provenance(), reason="x")
    assert _Again.of(rejected) is None
    assert _Again.of(None) is None


@pytest.mark.parametrize(
    ("folder", "options", "file", "why"),
    [
        ("app.py", Options(), "x.html", "needs a folder"),
        (".", Options(keep=True), "x.html", "leave out --keep"),
        (".", Options(), "-", "name a file"),
    ],
)
def test_what_cannot_be_watched_is_refused(
    folder: str, options: Options, file: str, why: str, tmp_path: Path
) -> None:
    """Before anything is graded."""
    (tmp_path / "app.py").touch()
    with pytest.raises(UsageError, match=why):
        FolderWatch(
            challenge=a_challenge(),
            folder=tmp_path / folder,
            machine=Settings.from_env({}),
            options=options,
            reports=(ReportTarget(format="html", file=file),),
            show=False,
        )
