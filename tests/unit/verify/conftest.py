"""Reference solutions to read, to put together and to edit."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from grader.settings import Settings
from grader.testing import a_challenge
from grader.verify import keys, run
from tests.unit.verify.proof_bench import SOUND, Bench

GOOD = "based_on: plain\npitfall: commit\nremoves: [old.py, folder]\nloses: [entry.stored]\n"
APP = "".join(f"line {number}\n" for number in range(1, 21))
PATCH = """\
--- a/app.py
+++ b/app.py
@@ -8,7 +8,7 @@
 line 8
 line 9
 line 10
-line 11
+changed
 line 12
 line 13
 line 14
"""


@pytest.fixture
def references(tmp_path: Path) -> Path:
    """Two accepted solutions of the guestbook and a rejected one, `forgets`."""
    exam = tmp_path / "references" / "guestbook"
    for name in ("plain", "fancy"):
        (exam / "accepted" / name / "folder").mkdir(parents=True)
        for path in ("old.py", "folder/a.py", "README.md"):
            (exam / "accepted" / name / path).write_text(f"{name}\n")
        (exam / "accepted" / name / "app.py").write_text(APP)
    (exam / "rejected").mkdir()
    (exam / "rejected" / "forgets.yml").write_text(GOOD)
    (exam / "rejected" / "forgets.patch").write_text(PATCH)
    return tmp_path / "references"


@pytest.fixture
def rejected(references: Path) -> Path:
    """The folder of the rejected solutions."""
    return references / "guestbook" / "rejected"


@pytest.fixture
def bench(references: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """The guestbook with two accepted solutions and a rejected one."""
    root, package = tmp_path / "guestbook", tmp_path / "package"
    for folder in (root / "starter", root / "tests", package / "__pycache__"):
        folder.mkdir(parents=True)
    (root / "tests/test_a.py").write_text("def test_a(): ...\n")
    (root / "starter/app.py").write_text("\n")
    (package / "scoring.py").write_text("POINTS = 1\n")
    rejected = references / "guestbook/rejected/forgets.yml"
    rejected.write_text("based_on: plain\nloses: [entry.stored]\nwhy: it forgets.\n")
    environment = {"GRADER_REFERENCES": str(references), "GRADER_STATE": str(tmp_path / "state")}
    criteria = tuple(replace(one, unkillable="Not here.") for one in a_challenge().criteria)
    challenge = a_challenge(root=root, criteria=criteria)
    found = Bench(challenge, Settings.from_env(environment))
    monkeypatch.setattr(keys, "PACKAGE", package)
    monkeypatch.setattr(run, "_run", found.run)
    monkeypatch.setattr(run, "EnvironmentPool", nullcontext)  # which has processes of its own
    monkeypatch.setattr(run, "form_of", lambda challenge: SOUND)
    return found
