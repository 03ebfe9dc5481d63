"""A suite that reads the git history, and a challenge that says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.model import Challenge
from grader.testing import a_challenge
from grader.verify.history import history_problems


@pytest.fixture
def challenge(tmp_path: Path) -> Challenge:
    """A challenge whose suite is in `tests/`."""
    (tmp_path / "tests" / "deep").mkdir(parents=True)
    return replace(a_challenge(), root=tmp_path)


def test_each_line_that_reads_it_is_named(challenge: Challenge) -> None:
    suite = challenge.root / "tests" / "deep" / "test_a.py"
    suite.write_text("def test(submission):\n    x = 1\n    assert len(submission.log) > x\n")
    (said,) = history_problems(challenge)
    assert said.startswith("tests/deep/test_a.py:3: submission.log is of the git history")
    assert not list(history_problems(replace(challenge, history=True)))


def test_branches_and_tags_are_history(challenge: Challenge) -> None:
    suite = challenge.root / "tests" / "test_a.py"
    suite.write_text("def test(submission):\n    assert submission.tags\n    submission.branches\n")
    said = list(history_problems(challenge))
    assert ["submission.tags" in said[0], "submission.branches" in said[1]] == [True, True]


def test_other_logs_are_none(challenge: Challenge) -> None:
    suite = challenge.root / "tests" / "test_a.py"
    suite.write_text(
        "def test(app, math):\n    # submission.log\n    assert app.log, math.log(1)\n"
    )
    (challenge.root / "tests" / "test_b.py").write_text("def broken(:\n")
    assert not list(history_problems(challenge))
