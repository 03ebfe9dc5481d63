"""The certificate of a run in real containers: read-only, there again after each start, unseen."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from grader.model import Graded, Outcome
from grader.pipeline import Options, grade
from grader.settings import Settings
from grader.spec.loader import load

TESTS = Path(__file__).parent.parent
TOLD = """
import pytest


@pytest.mark.criterion("tls.told")
def test_it_is_told(app):
    command = "echo x > $TLS_KEY || echo not written; cat $TLS_KEY"
    ran = app.run(["sh", "-c", f"{command}; sed -n 5,8p $TLS_KEY | base64 -w 0"])
    assert not ran.output, ran.output
"""
LINE = re.compile(r"[A-Za-z0-9+/]{64}")
"""A line of a key in PEM."""


def test_no_report_shows_the_key_that_nobody_can_change(settings: Settings, tmp_path: Path) -> None:
    """Printed by a command of the image as it is, and four lines of it in Base64."""
    root = tmp_path / "probe-tls"
    shutil.copytree(TESTS / "challenges" / "probe-tls", root)
    added = "  - {id: tls.told, title: It is told, points: 1, needs: [app.starts]}\n"
    with (root / "challenge.yml").open("a", encoding="utf-8") as file:
        file.write(added)
    (root / "tests" / "test_told.py").write_text(TOLD, "utf-8")
    options = Options(seed=1, only=("tls.told",))
    report = grade(load(root), TESTS / "submissions" / "tls-healthy", settings, options=options)
    assert isinstance(report, Graded), report
    (found,) = [one for one in report.results if one.criterion == "tls.told"]
    assert found.outcome is Outcome.FAILED
    assert "not written" in found.rationale
    assert "[tls.key line 3]" in found.rationale
    assert not LINE.search(found.rationale + found.evidence + report.log_tail)
