"""What `grader diagnose` says: whether it builds and starts, and the cause where it does not."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from grader.criteria import APP_STARTS, COMPOSE_COMPLETE
from grader.model import Graded, GradeReport, Outcome
from grader.report.console import INDENT, MARKS, loss, render_end, stood_in, told
from grader.report.folding import fold
from grader.report.view import rows


def render(report: GradeReport) -> RenderableType:
    """`report`, of a run that asked for nothing but the start, for a terminal."""
    if not isinstance(report, Graded):
        return render_end(report)
    parts: list[RenderableType] = []
    reached, not_reached = fold(rows(report.challenge, report.results))
    for criterion, result in reached:
        mark, style = MARKS[result.outcome]
        parts.append(Text.assemble((f" {mark} ", style), criterion.title))
        if result.outcome is not Outcome.PASSED:
            parts += loss(criterion, result)
    mark, style = MARKS[Outcome.NOT_REACHED]
    for one in not_reached:
        parts += [Text.assemble((f" {mark} ", style), one.sentence), *told(one)]
    said = [*stood_in(report.provenance), *report.provenance.notes]
    parts += [Padding(Text(note, style="dim"), INDENT) for note in said]
    whole = all(result.outcome is Outcome.PASSED for result in report.results)
    parts.append(_verdict(report, whole=whole))
    return Group(*parts)


def _verdict(report: Graded, *, whole: bool) -> Text:
    passed = {one.criterion for one in report.results if one.outcome is Outcome.PASSED}
    if whole:
        took = max((one.end for one in report.provenance.timings), default=0.0)
        return Text(f"It builds and starts ({took:.1f} s with cleaning up).", style="bold green")
    if APP_STARTS in passed and COMPOSE_COMPLETE not in passed:
        said = "It starts here, but the repository lacks what its Compose file asks for."
        return Text(said, style="bold yellow")
    return Text("It does not start.", style="bold red")
