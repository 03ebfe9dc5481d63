"""The exam of routes: it has no service."""

from __future__ import annotations

import pytest

from grader import installation
from grader.model import Challenge, Graded
from grader.pipeline import Options, grade
from grader.settings import REPOSITORY, Settings
from grader.spec.loader import load

pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def challenge() -> Challenge:
    return load(REPOSITORY / "challenges" / "hello-routes")


def test_an_exam_without_services_starts_none(challenge: Challenge, settings: Settings) -> None:
    """The app's image is the only one that such a run names."""
    source = settings.references_of(challenge.root) / "hello-routes" / "accepted" / "flask"
    report = grade(challenge, source, settings, options=Options(seed=1, only=("app.starts",)))
    assert isinstance(report, Graded)
    assert set(report.provenance.images) == {"app"}


def test_a_report_names_the_lock(challenge: Challenge, settings: Settings) -> None:
    """`make setup` has installed it; a package that was upgraded by hand fails this."""
    source = settings.references_of(challenge.root) / "hello-routes" / "accepted" / "flask"
    report = grade(challenge, source, settings, options=Options(seed=1, only=("repo.files",)))
    assert report.provenance.lock == installation.read_lock("run").digest
