"""Accepted solutions that take their secrets in thirty other proper ways, in real runs.

Each also holds a file as proper repositories have it (of tests, CI, documents or clusters).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.model import Graded, GradeReport, Outcome
from grader.pipeline import Options, grade
from grader.settings import REPOSITORY, Settings
from grader.spec.loader import load
from tests.docker.sampling import sample
from tests.docker.secret_ways import WAYS, rewrite
from tests.unit.inspect.secrets.test_variations import PROBE

pytestmark = pytest.mark.alone

SOLUTIONS = (
    ("todo-api", "pymysql"),
    ("contact-form", "pymysql"),
    ("todo-api", "fastapi"),
    ("accounts", "pymysql"),
    ("guestbook", "pymysql"),
    ("contact-form", "bottle"),
    ("todo-api", "sqlalchemy"),
    ("auth-jwt", "fastapi"),
    ("shop", "fastapi"),
    ("templated-site", "blueprints"),
)
NAMES = [f"{number:02}-{way.expression[:40]}" for number, way in enumerate(WAYS)]


def variation(number: int, target: Path) -> tuple[str, Path]:
    """The exam, and the folder of an answer to it that takes its secrets in the way `number`."""
    way = WAYS[number]
    exam, solution = SOLUTIONS[(number + number // len(SOLUTIONS)) % len(SOLUTIONS)]
    if way.names == "SECRET_KEY":
        exam, solution = "contact-form", "pymysql"
    source = REPOSITORY / "reference_solutions" / exam / "accepted" / solution
    folder = Path(shutil.copytree(source, target / f"answer-{number}"))
    assert rewrite(folder, way), "the solution takes no variable that the way is for"
    name = sorted(PROBE)[number % len(PROBE)]
    if not (folder / name).exists():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(PROBE[name], "utf-8")
    return exam, folder


@pytest.fixture(scope="module")
def reports(
    request: pytest.FixtureRequest, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[GradeReport]]]:
    """All those asked for, graded two at a time."""
    target = tmp_path_factory.mktemp("variations")
    wanted = {
        item.callspec.params["name"]
        for item in request.session.items
        if item.path == Path(__file__) and hasattr(item, "callspec")
    }

    def graded(number: int) -> GradeReport:
        exam, folder = variation(number, target)
        challenge = load(REPOSITORY / "challenges" / exam)
        return grade(challenge, folder, settings, options=Options(seed=17))

    with ThreadPoolExecutor(max_workers=2) as pool:
        yield {name: pool.submit(graded, NAMES.index(name)) for name in NAMES if name in wanted}


def test_there_are_thirty() -> None:
    """Each other than the rest."""
    assert len({way.expression for way in WAYS}) == len(WAYS) == 30


@pytest.mark.parametrize("name", sample(NAMES, kind=lambda _: ""))
def test_it_has_all_points(name: str, reports: dict[str, Future[GradeReport]]) -> None:
    """Those of `secrets.*`, and all others: the way works."""
    report = reports[name].result()
    assert isinstance(report, Graded), report
    lost = {
        one.criterion: one.rationale for one in report.results if one.outcome is not Outcome.PASSED
    }
    assert lost == {}
    assert report.score.earned == report.score.possible
