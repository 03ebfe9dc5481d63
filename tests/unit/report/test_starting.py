"""What `grader diagnose` says of a run."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from grader.criteria import APP_STARTS
from grader.model import GradeReport, Outcome, Substitution
from grader.report.starting import render
from grader.spec.starting import starting
from grader.testing import a_provenance, a_result, graded

EXAM = starting("compose", port=5000, path="/")
SWAPS = (
    Substitution(wanted="mariadb:10.11", used="MariaDB 11.8 of Debian", reason="no registry"),
    Substitution(wanted="python:3.9-slim", used="Python 3.11 of Debian", reason="no registry"),
)


def shown(report: GradeReport) -> list[str]:
    """Return the lines of `report` on a terminal, each without its indent."""
    console = Console(file=io.StringIO(), width=100, color_system=None)
    console.print(render(report), crop=False)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    return [line.strip() for line in text.splitlines()]


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [(Outcome.PASSED, "It builds and starts (2.4 s with"), (Outcome.FAILED, "It does not start.")],
    ids=["starts", "does not start"],
)
def test_what_stood_in_for_an_image_is_said(outcome: Outcome, verdict: str) -> None:
    """In a run that was graded, too, whether the app starts or not."""
    results = [a_result(one.id) for one in EXAM.criteria if one.id != APP_STARTS]
    report = graded(*results, a_result(APP_STARTS, outcome), challenge=EXAM)
    lines = shown(replace(report, provenance=a_provenance(substitutions=SWAPS)))
    assert lines[-4:-1] == [
        "mariadb:10.11: MariaDB 11.8 of Debian was used (no registry)",
        "python:3.9-slim: Python 3.11 of Debian was used (no registry)",
        "fifo was left out: it is no regular file.",
    ]
    assert lines[-1].startswith(verdict)


def test_nothing_is_said_where_nothing_stood_in() -> None:
    """Each image was the one that was asked for."""
    report = graded(*(a_result(one.id) for one in EXAM.criteria), challenge=EXAM)
    provenance = a_provenance(substitutions=(), notes=())
    assert not any("was used" in line for line in shown(replace(report, provenance=provenance)))
