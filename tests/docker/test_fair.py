"""Right answers in unusual forms: each of tests/fair has all points of the exam it is named by.

Most of them lost some once: to a form that was chosen by its fields, to a link within the page, to
a scan that read what others wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.model import Graded, GradeReport, Outcome
from grader.pipeline import Options, grade
from grader.settings import REPOSITORY, Settings
from grader.spec.loader import load
from tests.docker.sampling import sample

pytestmark = pytest.mark.alone

FAIR = Path(__file__).parent.parent / "fair"
EXAMS = sorted(path.parent.name for path in (REPOSITORY / "challenges").glob("*/challenge.yml"))
IN_EACH_RUN = ("hello-routes-fields-outside-the-form", "todo-api-packages-in-libs")


def answers() -> list[str]:
    """The right answers, by their folders."""
    return sorted(path.name for path in FAIR.iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def reports(
    request: pytest.FixtureRequest, settings: Settings
) -> Iterator[dict[str, Future[GradeReport]]]:
    """All those asked for, graded two at a time."""
    wanted = {
        item.callspec.params["name"]
        for item in request.session.items
        if item.path == Path(__file__) and hasattr(item, "callspec")
    }

    def graded(name: str) -> GradeReport:
        exam = next(slug for slug in EXAMS if name.startswith(f"{slug}-"))
        challenge = load(REPOSITORY / "challenges" / exam)
        return grade(challenge, FAIR / name, settings, options=Options(seed=11))

    with ThreadPoolExecutor(max_workers=2) as pool:
        yield {name: pool.submit(graded, name) for name in answers() if name in wanted}


@pytest.mark.parametrize("name", sample(answers(), *IN_EACH_RUN))
def test_it_has_all_points(name: str, reports: dict[str, Future[GradeReport]]) -> None:
    """None is lost, and none is left out."""
    report = reports[name].result()
    assert isinstance(report, Graded), report
    lost = {
        one.criterion: one.rationale for one in report.results if one.outcome is not Outcome.PASSED
    }
    assert lost == {}
    assert report.score.earned == report.score.possible
