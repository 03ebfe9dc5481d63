"""The exam of a command: it needs neither a network nor a service."""

from __future__ import annotations

import pytest

from grader.model import Challenge, Graded
from grader.pipeline import Options, grade
from grader.settings import REPOSITORY, Settings
from grader.spec.loader import load

pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def challenge() -> Challenge:
    return load(REPOSITORY / "challenges" / "cli-calculator")


def test_what_is_given_by_hand_is_answered(challenge: Challenge, settings: Settings) -> None:
    """One criterion alone, without a network or a service."""
    source = settings.references_of(challenge.root) / "cli-calculator" / "accepted" / "syntax-tree"
    options = Options(seed=1, only=("start.arguments",))
    report = grade(challenge, source, settings, options=options)
    assert isinstance(report, Graded)
    (found,) = [one for one in report.results if one.criterion == "start.arguments"]
    assert found.outcome == "passed", found.rationale
    assert set(report.provenance.images) == {"app"}
