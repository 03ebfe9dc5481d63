"""What `verify` grades: every solution that can be put together, and a fault for each other."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest

from grader.errors import PlatformError
from grader.settings import Settings
from grader.testing import a_challenge
from grader.verify import Verification, run


@pytest.fixture
def verified(references: Path, monkeypatch: pytest.MonkeyPatch) -> Verification:
    """The verification of a challenge in which one patch no longer applies; nothing is graded."""

    def grade(*arguments: object, **options: object) -> NoReturn:
        raise PlatformError

    rejected = references / "guestbook/rejected"
    (rejected / "works.yml").write_text((rejected / "forgets.yml").read_text())
    (rejected / "works.patch").write_text((rejected / "forgets.patch").read_text())
    (rejected / "forgets.patch").write_text("--- a/app.py\n+++ b/app.py\n@@ -3 +3 @@\n-x\n+y\n")
    monkeypatch.setattr(run, "grade", grade)
    monkeypatch.setattr(run, "form_problems", lambda challenge: [])
    settings = Settings.from_env({"GRADER_REFERENCES": str(references)})
    return run.verify(a_challenge(root=references.parent / "none"), settings, seeds=(1,))


def test_a_patch_that_does_not_apply_is_a_fault(verified: Verification) -> None:
    """It is named with its hunk, and all others are graded."""
    (problem,) = [one for one in verified.problems if "hunk" in one]
    assert problem.startswith("rejected/forgets.patch:3: the hunk `@@ -3 +3 @@` no longer applies")
    assert not verified.holds
    names = {one.name for one in verified.trials}
    assert {"plain", "fancy", "works"} <= names
    assert "forgets" not in names
