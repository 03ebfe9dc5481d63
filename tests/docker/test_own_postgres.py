"""The PostgreSQL of a Compose file, looked into by a suite."""

from __future__ import annotations

import shutil
from pathlib import Path

from grader.model import Graded, Outcome, Ungradable
from grader.pipeline import Options, grade
from grader.settings import Settings
from grader.spec.loader import load
from tests.docker.expectations import exam

TESTS = Path(__file__).parent.parent
HEALTHY = TESTS / "submissions" / "own-postgres-healthy"
COUNTS = """
import pytest


@pytest.mark.criterion("rows.read")
def test_it_counts(app, db):
    with db.queries():
        app.get("/notes")
"""


def test_it_is_read_written_stopped_and_started(settings: Settings) -> None:
    """By accounts of the grader's own, over an outage, a crash and a new project."""
    challenge = exam(HEALTHY, settings)
    report = grade(challenge, HEALTHY, settings, options=Options(seed=1))
    assert isinstance(report, Graded), report
    results = report.results
    assert {one.criterion: one.rationale for one in results if one.outcome != Outcome.PASSED} == {}
    assert {one.criterion for one in results} >= {"rows.kept", "rows.changed", "rows.restart"}
    assert report.provenance.roles == {"app": "web", "database": "store"}


def test_statements_are_not_counted_there(settings: Settings, tmp_path: Path) -> None:
    """A suite that counts them is at fault, and nobody loses a point."""
    root = tmp_path / "probe-own-postgres"
    shutil.copytree(TESTS / "challenges" / "probe-own-postgres", root)
    (root / "tests" / "test_rows.py").write_text(COUNTS, "utf-8")
    options = Options(seed=1, only=("rows.read",))
    report = grade(load(root), HEALTHY, settings, options=options)
    assert isinstance(report, Ungradable), report
    assert "db.queries() is for MySQL and MariaDB" in report.reason
