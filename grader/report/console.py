"""The report for a terminal: rich renderables, made from one result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.model import (
    CheckResult,
    Criterion,
    Graded,
    GradeReport,
    Outcome,
    Provenance,
    Rejected,
    Ungradable,
)
from grader.report.bounds import curtailed
from grader.report.folding import Folded, fold
from grader.report.view import earned, hint, reason, rows, spoken, unmet_of
from grader.text import clip, shorten

MARKS = {
    Outcome.PASSED: ("✔", "green"),
    Outcome.FAILED: ("✘", "red"),
    Outcome.TIMED_OUT: ("⏱", "red"),
    Outcome.NOT_REACHED: ("·", "yellow"),
    Outcome.BROKEN: ("!", "magenta"),
}
EVIDENCE_LINES = 20
INDENT = (0, 0, 0, 5)
"""Padding of what stands under a criterion: top, right, bottom, left."""


def render(report: GradeReport) -> RenderableType:
    """`report`, with a line for each criterion and the reason for each loss."""
    report = curtailed(report)
    if isinstance(report, Graded):
        return Group(_criteria(report), _score(report), _origin(report.provenance))
    return render_end(report)


def render_end(report: Rejected | Ungradable) -> RenderableType:
    """Return why nothing was examined."""
    report = curtailed(report)
    parts: list[RenderableType]
    match report:
        case Rejected():
            parts = [
                Text("Rejected", style="bold red"),
                Text(f"{reason(report)}\nNothing was run: 0 of {report.challenge.points} points."),
            ]
        case Ungradable():
            parts = [
                Text(
                    "Ungradable: there is no score, and this costs you nothing.",
                    style="bold magenta",
                ),
                Text(reason(report)),
                Text("Grade again once this is fixed.", style="dim"),
            ]
        case _:
            assert_never(report)
    return Group(*parts, _origin(report.provenance))


def render_changes(report: GradeReport, before: GradeReport | None) -> RenderableType:
    """`report` after a change: what came to another end than `before`, all losses, the score."""
    report = curtailed(report)
    if not isinstance(report, Graded):
        return render_end(report)
    old = {one.criterion: one for one in before.results} if isinstance(before, Graded) else {}
    parts: list[RenderableType] = []
    reached, not_reached = fold(rows(report.challenge, report.results))
    for criterion, result in reached:
        lost = result.outcome is not Outcome.PASSED
        was = old.get(criterion.id)
        if lost or (was and was.outcome is not Outcome.PASSED):
            parts.append(_line(criterion, result))
        if lost:
            parts += [*loss(criterion, result), Text()]
    parts += folded(not_reached)
    score = _score(report)
    if isinstance(before, Graded) and before.score.earned != report.score.earned:
        score.append(f"  before: {spoken(before.score.earned)}", style="dim")
    return Group(*parts, score)


def _criteria(report: Graded) -> Group:
    parts: list[RenderableType] = []
    reached, not_reached = fold(rows(report.challenge, report.results))
    for criterion, result in reached:
        parts.append(_line(criterion, result))
        if result.outcome is not Outcome.PASSED:
            parts += [*loss(criterion, result), Text()]
    return Group(*parts, *folded(not_reached))


def folded(found: Sequence[Folded]) -> list[RenderableType]:
    """Return a line for each reason why criteria were not reached."""
    mark, style = MARKS[Outcome.NOT_REACHED]
    lines: list[RenderableType] = []
    for one in found:
        line = Table.grid(padding=(0, 1), expand=True)
        line.add_column(width=2, justify="right")
        line.add_column(ratio=1, overflow="fold")
        line.add_column(justify="right", no_wrap=True)
        line.add_row(
            Text(mark, style=style), Text(one.sentence), Text(f"0/{one.points}", style=style)
        )
        lines += [line, *told(one)]
    return [*lines, Text()] if lines else []


def told(one: Folded) -> list[RenderableType]:
    """Return why what was not reached was not, where no other row says it."""
    reason = [Padding(Text(one.reason), INDENT)] if one.reason else []
    return [*reason, *_shown(one.evidence)]


def _line(criterion: Criterion, result: CheckResult) -> Table:
    """Mark, title and points, the points at the right edge."""
    mark, style = MARKS[result.outcome]
    line = Table.grid(padding=(0, 1), expand=True)
    line.add_column(width=2, justify="right")
    line.add_column(ratio=1, overflow="fold")
    line.add_column(justify="right", no_wrap=True)
    required = ("  required", "bold") if criterion.required else ""
    title = Text.assemble(criterion.title, "  ", (criterion.id, "dim"), required)
    points = Text(f"{spoken(earned(criterion, result))}/{criterion.points}", style=style)
    line.add_row(Text(mark, style=style), title, points)
    return line


def loss(criterion: Criterion, result: CheckResult) -> list[RenderableType]:
    """Return the reason, the evidence and the hint.

    Lines of evidence are left to the terminal to wrap, so that a curl line can be copied whole.
    """
    parts: list[RenderableType] = [Padding(Text(result.rationale), INDENT)]
    parts += _shown(result.evidence)
    if fitting := hint(criterion, result):
        parts.append(Padding(Text(f"Hint: {fitting}", style="cyan"), INDENT))
    return parts


def _shown(evidence: str) -> list[RenderableType]:
    margin = " " * INDENT[3]
    lines = [clip(line, 1000) for line in shorten(evidence.splitlines(), EVIDENCE_LINES)]
    return [Text(margin + line, style="dim", no_wrap=True, overflow="ignore") for line in lines]


def _score(report: Graded) -> Text:
    passed = "passed" if report.passed else "not passed"
    why = f": {unmet_of(report)}" if report.required_lost else ""
    style = "bold green" if report.passed else "bold red"
    return Text.assemble(
        (f"{spoken(report.score.earned)} of {report.score.possible} points", style),
        f"  ({float(report.score.percent):.0f} %, {passed}{why}; the pass mark is "
        f"{report.challenge.pass_mark} %)",
    )


def _origin(provenance: Provenance) -> Text:
    exam = f"{provenance.challenge} {provenance.challenge_version}"
    lines = [f"{exam}, seed {provenance.seed}, tree {provenance.tree_digest[:19]}"]
    lines += [*roles_played(provenance), *stood_in(provenance), *provenance.notes]
    lines.append(f"Grader {provenance.grader}, {_lock(provenance)}")
    lines.append("Time: " + ", ".join(_timings(provenance)))
    return Text("\n".join(lines), style="dim")


def stood_in(provenance: Provenance) -> list[str]:
    """Return a line for each image that another one stood in for."""
    return [f"{one.wanted}: {one.used} was used ({one.reason})" for one in provenance.substitutions]


def roles_played(provenance: Provenance) -> list[str]:
    """Return a line on which services play the roles of the exam; none where it names none."""
    said = ", ".join(f"{role} is {clip(name, 60)!r}" for role, name in provenance.roles.items())
    return [f"Of the Compose file's services, {said}."] if said else []


def _lock(provenance: Provenance) -> str:
    if provenance.lock:
        return f"lock {provenance.lock[:19]}"
    return "installed otherwise than its lock says"


def _timings(provenance: Provenance) -> list[str]:
    return [f"{one.phase} {one.end - one.start:.1f} s" for one in provenance.timings]
