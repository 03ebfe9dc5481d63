"""Each directory of tests/submissions gets the verdict, outcomes and sentences that it should."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.model import Challenge, Graded, GradeReport, Outcome, Rejected, Ungradable
from grader.pipeline import Options, grade
from grader.report import to_json
from grader.settings import Settings

SUBMISSIONS = Path(__file__).parent.parent / "submissions"
NAMES = sorted(path.parent.name for path in SUBMISSIONS.glob("*/expected.yml"))


def expected(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((SUBMISSIONS / name / "expected.yml").read_text())
    return loaded


@pytest.fixture(scope="module")
def reports(
    request: pytest.FixtureRequest, probe: Challenge, settings: Settings
) -> Iterator[dict[str, Future[GradeReport]]]:
    """All those asked for, graded two at a time."""
    wanted = {
        item.callspec.params["name"]
        for item in request.session.items
        if hasattr(item, "callspec") and "name" in item.callspec.params
    }

    def run(name: str) -> GradeReport:
        limits = replace(probe.limits, **expected(name).get("limits", {}))
        challenge = replace(probe, limits=limits)
        return grade(challenge, SUBMISSIONS / name, settings, options=Options(seed=1))

    with ThreadPoolExecutor(max_workers=2) as pool:
        yield {name: pool.submit(run, name) for name in NAMES if name in wanted}


@pytest.mark.parametrize("name", NAMES)
def test_it_gets_what_it_should(name: str, reports: dict[str, Future[GradeReport]]) -> None:
    """Verdict, the outcome of every criterion, and the sentence for each loss."""
    report, wanted = reports[name].result(), expected(name)
    match report:
        case Graded():
            check_graded(report, wanted)
        case Rejected(reason=reason) | Ungradable(reason=reason):
            assert type(report).__name__.lower() == wanted["verdict"], reason
            assert re.search(wanted["reason"], reason), reason
    text = to_json(report)
    assert "\\u001b" not in text
    assert "\x1b" not in text


def check_graded(report: Graded, wanted: dict[str, Any]) -> None:
    assert wanted["verdict"] == "graded", report
    found = {result.criterion: result for result in report.results}
    outcomes = dict.fromkeys(found, Outcome.NOT_REACHED)
    outcomes |= dict.fromkeys(wanted.get("passed", ()), Outcome.PASSED)
    outcomes |= dict.fromkeys(wanted.get("lost", ()), Outcome.FAILED)
    outcomes |= dict.fromkeys(wanted.get("timed_out", ()), Outcome.TIMED_OUT)
    said = {name: (str(one.outcome), one.rationale) for name, one in found.items()}
    assert {name: one.outcome for name, one in found.items()} == outcomes, said
    for kind in ("lost", "timed_out"):
        for criterion, sentence in wanted.get(kind, {}).items():
            assert re.search(sentence, found[criterion].rationale, re.DOTALL), said[criterion]
    for criterion, text in wanted.get("evidence", {}).items():
        assert re.search(text, found[criterion].evidence), found[criterion].evidence
    used = [one.wanted for one in report.provenance.substitutions]
    assert set(wanted.get("substituted", ())) <= set(used), used


def test_nothing_that_was_injected_is_in_a_report(reports: dict[str, Future[GradeReport]]) -> None:
    """Secrets that an app gives away are named in the report, never shown."""
    text = to_json(reports["gives-secrets-away"].result())
    assert '"outcome": "failed"' in text
    assert re.search(r"DB_PASSWORD.{1,6}: .{1,4}\[(DB_PASSWORD|MYSQL)", text)
    assert re.search(r"SECRET_KEY.{1,6}: .{1,4}\[SECRET_KEY\]", text)
