"""One root cause prints one line, and a hint stands only alongside what it fits."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from grader.model import CheckResult, Criterion, Graded, Outcome
from grader.report.console import render, render_changes
from grader.report.folding import fold
from grader.report.formats import render as render_as
from grader.report.starting import render as render_start
from grader.report.view import rows
from grader.scoring import complete, score
from tests.unit.report.examples import three

HINT = "Bind to 0.0.0.0."
STARTS = Criterion(id="app.starts", title="It starts", points=2, hint=HINT)
FIRST = Criterion(id="create", title="Creates", points=3, needs=("app.starts",))
OTHERS = tuple(
    Criterion(id=f"more.{n}", title=f"More of it {n}", points=1, needs=("create",))
    for n in range(33)
)
GRADED = three()["graded"]
assert isinstance(GRADED, Graded)
EXAM = replace(GRADED.challenge, criteria=(STARTS, FIRST, *OTHERS))
LOST = CheckResult(
    criterion="app.starts", outcome=Outcome.FAILED, hinted=False,
    rationale="Python cannot read /app/app.py, line 3: '(' was never closed (SyntaxError).",
    evidence="\n".join([f"line {n}" for n in range(60)] + ["SyntaxError: '(' was never closed"]),
)  # fmt: skip


def report(*results: CheckResult) -> Graded:
    found = complete(EXAM, results)
    assert isinstance(GRADED, Graded)
    return replace(GRADED, challenge=EXAM, results=found, score=score(EXAM, found))


def printed(what: object) -> str:
    output = StringIO()
    Console(width=200, file=output).print(what)
    return output.getvalue()


def test_what_rests_on_one_cause_is_one_line() -> None:
    """Also what rests on it by way of something else."""
    reached, folded = fold(rows(EXAM, report(LOST).results))
    assert [criterion.id for criterion, _ in reached] == ["app.starts"]
    assert [one.sentence for one in folded] == ["34 criteria not reached: they need app.starts"]
    assert folded[0].points == 36


def test_other_reasons_have_lines_of_their_own() -> None:
    """What ended the examination is no need."""
    over = CheckResult(criterion="create", outcome=Outcome.NOT_REACHED, rationale="It was over.")
    passed = CheckResult(criterion="app.starts", outcome=Outcome.PASSED)
    folded = fold(rows(EXAM, report(passed, over).results))[1]
    assert [one.sentence for one in folded] == [
        "1 criterion not reached: It was over (create)",
        "33 criteria not reached: they need create",
    ]


@pytest.mark.parametrize("form", ["console", "watch", "start", "markdown", "html"])
def test_every_format_for_people_folds(form: str) -> None:
    """One paragraph, and its end with the error is shown, and no hint that does not fit."""
    one = report(LOST)
    match form:
        case "console":
            text = printed(render(one))
        case "watch":
            text = printed(render_changes(one, report(replace(LOST, outcome=Outcome.PASSED))))
        case "start":
            text = printed(render_start(one))
        case _:
            text = render_as(one, form).replace("\\", "").replace("&#39;", "'")
    assert text.count("34 criteria not reached: they need app.starts") == 1
    assert "which did not hold" not in text
    assert "SyntaxError: '(' was never closed" in text
    assert HINT not in text.replace("\\", "")
    if form != "html":
        assert "lines left out" in text


@pytest.mark.parametrize("form", ["json", "junit", "gradescope", "ctrf"])
def test_formats_for_programs_name_each_criterion_and_no_wrong_hint(form: str) -> None:
    """They have a row for each; the reason is in one of them."""
    text = render_as(report(LOST), form)
    assert text.count("SyntaxError).") in {1, 2}
    assert text.count("More of it") == 33
    assert HINT not in text


def test_a_hint_stands_alongside_what_it_fits() -> None:
    """A criterion that is lost as its hint has it."""
    one = report(replace(LOST, hinted=True))
    assert HINT in printed(render(one))
    criteria = json.loads(render_as(one, "json"))["criteria"]
    assert criteria[0]["hint"] == HINT


@pytest.mark.parametrize("form", ["console", "start", "markdown", "html"])
def test_a_cause_without_a_row_is_told_once(form: str) -> None:
    """An exam need not price `compose.valid`: the first that rests on it has its reason."""
    first = CheckResult(
        criterion="app.starts", outcome=Outcome.NOT_REACHED,
        rationale="It needs compose.valid, which did not hold. Line 3 is no mapping.",
        evidence="services: web", need="compose.valid",
    )  # fmt: skip
    one = report(first)
    assert fold(rows(EXAM, one.results))[1][0].sentence.endswith("they need compose.valid")
    match form:
        case "console":
            text = printed(render(one))
        case "start":
            text = printed(render_start(one))
        case _:
            text = render_as(one, form).replace("\\", "")
    assert text.count("35 criteria not reached: they need compose.valid") == 1
    assert text.count("Line 3 is no mapping.") == 1
