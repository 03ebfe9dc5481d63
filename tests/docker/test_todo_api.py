"""The first exam: one seed gives one report, `--only` leaves the rest out, a report says all."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest

from grader.model import Challenge, Graded
from grader.pipeline import Options, grade
from grader.report.json import to_json
from grader.settings import REPOSITORY, Settings
from grader.spec.loader import load
from grader.verify.solutions import assemble, rejected_solutions

pytestmark = pytest.mark.alone

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
ACCEPTED = REPOSITORY / "reference_solutions" / "todo-api" / "accepted"


@pytest.fixture(scope="module")
def challenge() -> Challenge:
    return load(REPOSITORY / "challenges" / "todo-api")


def without_times(report: dict[str, Any]) -> dict[str, Any]:
    """A report without what differs between two runs of one seed: times and ids."""
    for criterion in report["criteria"]:
        del criterion["duration"]
        criterion["evidence"] = TIME.sub("(a time)", criterion["evidence"])
    for name in ("id", "started", "timings"):
        del report["run"][name]
    del report["run"]["images"]["app"]  # its labels name the run
    report.pop("log_tail")
    return report


def test_one_seed_gives_one_report(
    challenge: Challenge, settings: Settings, tmp_path: Path
) -> None:
    """Runs with one seed are equal apart from times, on a solution that loses some."""
    solutions = rejected_solutions(settings.references_of(challenge.root), challenge)
    (unpaged,) = (one for one in solutions if one.name == "unpaged-list")
    source = assemble(unpaged, tmp_path / "unpaged-list")

    def run(_: int) -> dict[str, Any]:
        report = grade(challenge, source, settings, options=Options(seed=99))
        loaded: dict[str, Any] = json.loads(to_json(report))
        return loaded

    with ThreadPoolExecutor(max_workers=2) as pool:
        reports = [without_times(report) for report in pool.map(run, range(2))]
    assert reports[0]["score"]["earned"] < 100
    assert reports[0] == reports[1]


def test_only_examines_what_was_asked_for(challenge: Challenge, settings: Settings) -> None:
    """`--only` takes a criterion with its needs; the rest is left out, and the total stays."""
    report = grade(
        challenge,
        ACCEPTED / "pymysql",
        settings,
        options=Options(seed=1, only=("create.dates",)),
    )
    assert isinstance(report, Graded)
    passed = {one.criterion for one in report.results if one.outcome == "passed"}
    assert {"create.dates", "create.works", "app.starts", "docker.builds"} <= passed
    assert not {"create.status", "persist.recreate"} & passed
    assert report.score.possible == 100


def test_a_report_says_all_that_is_needed_to_repeat_it(
    challenge: Challenge, settings: Settings
) -> None:
    """Seed, digests, images, substitutions and timings; the JSON fits its schema."""
    report = grade(challenge, ACCEPTED / "sqlalchemy", settings, options=Options(seed=5))
    schema = json.loads((REPOSITORY / "docs" / "report.schema.json").read_text("utf-8"))
    document = json.loads(to_json(report))
    fastjsonschema.validate(schema, document)
    run = document["run"]
    assert run["seed"] == 5
    assert run["challenge"]["digest"].startswith("sha256:")
    assert run["submission"]["digest"].startswith("sha256:")
    assert set(run["images"]) == {"app", "mysql:8.4"}
    phases = [timing["phase"] for timing in run["timings"]]
    assert sorted(phases) == sorted(
        ["intake", "inspect", "secrets", "build", "provision", "launch", "examine", "teardown"]
    )
