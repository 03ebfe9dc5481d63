"""Verifications for people: solutions against criteria, figures, every fault; then all exams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from grader.model import Criterion
from grader.verify import Trial, TrialKind, Verification

MARKS = {
    (False, False): ("·", "dim"),
    (True, True): ("✘", ""),
    (True, False): ("!", "bold red"),
    (False, True): ("?", "bold red"),
}
"""Whether a criterion was lost, and whether it should be, to the mark in the table."""


def lines(result: Verification) -> Iterator[RenderableType]:
    """Yield what is printed of `result`, in its order."""
    yield Text(f"\n{result.slug}", style="bold")
    if result.challenge and result.trials:
        yield _matrix(result.trials, result.challenge.criteria)
        yield _legend(result, result.challenge.criteria)
        yield Text("· kept  ✘ lost, as it should be  ! lost, but should be kept  ? kept, but named")
    if result.phases:
        said = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in result.phases)
        yield Text(f"Median of each phase: {said}.")
    if result.trials:
        yield Text(_steadiness(result))
    for note in result.notes:
        yield Text(f"Note: {note}", style="yellow")
    for problem in result.problems:
        yield Text(f"✘ {problem}", style="red")
    if result.remembered:
        yield Text(_remembered(result))
    if result.holds:
        yield Text(f"✔ {result.slug} holds: {len(result.trials)} runs.", style="green")


def closing_table(results: Sequence[Verification]) -> Table:
    """Return a row for each exam and one for all: runs, faults, seconds, and whether it holds."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("Exam", "Runs", "Proven before", "Faults", "Seconds"):
        table.add_column(heading, justify="left" if heading == "Exam" else "right")
    table.add_column("Result")
    for one in results:
        said = "holds" if one.holds else "does not hold"
        table.add_row(one.slug, *_figures([one]), _marked(said, good=one.holds))
    holding = sum(one.holds for one in results)
    said = f"{holding} of {len(results)} hold"
    table.add_row("all", *_figures(results), _marked(said, good=holding == len(results)))
    return table


def _figures(results: Sequence[Verification]) -> list[str]:
    """Return what the columns between the exam and the result hold for `results` together."""
    counts = (
        sum(len(one.trials) for one in results),
        sum(len(one.remembered) for one in results),
        sum(len(one.problems) for one in results),
    )
    return [*map(str, counts), f"{sum(one.seconds for one in results):.0f}"]


def _marked(said: str, *, good: bool) -> Text:
    return Text(f"✔ {said}", style="green") if good else Text(f"✘ {said}", style="red")


def _matrix(trials: tuple[Trial, ...], criteria: tuple[Criterion, ...]) -> Table:
    """Return a row for each trial, a column of one character for each criterion."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    numbers = range(1, len(criteria) + 1)
    tens = "".join(str(number // 10) if number % 10 == 0 else " " for number in numbers)
    head = Text(f"{tens}\n" if tens.strip() else "") + Text(
        "".join(str(number % 10) for number in numbers)
    )
    dated = any(trial.proof for trial in trials)
    for heading in ("TrialKind", "Solution", "Seed", *(["Proven"] if dated else []), "Points"):
        table.add_column(heading, justify="right" if heading == "Points" else "left")
    table.add_column(head, no_wrap=True)
    for trial in trials:
        points = "none" if trial.failure else str(trial.earned)
        cells = [str(trial.kind), trial.name, str(trial.seed)]
        cells += [_date(trial)] if dated else []
        table.add_row(*cells, points, _marks(trial, criteria))
    return table


def _date(trial: Trial) -> str:
    """Return the day of a proof of before, in UTC."""
    return trial.proof.when[:10] if trial.proof else "now"


def _remembered(result: Verification) -> str:
    """Return how many trials were proven before, and since when."""
    days = sorted({_date(one) for one in result.remembered})
    since = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    return (
        f"{len(result.remembered)} of {len(result.trials)} runs were proven before ({since}), with "
        "the same grader, challenge and solution, and not run again; --again runs them."
    )


def _marks(trial: Trial, criteria: tuple[Criterion, ...]) -> Text:
    if trial.failure:
        return Text("no score", style="red")
    text = Text()
    for criterion in criteria:
        lost = criterion.id in trial.lost
        judged = trial.kind in {TrialKind.ACCEPTED, TrialKind.REJECTED}
        text.append(*MARKS[lost, criterion.id in trial.loses if judged else lost])
    return text


def _legend(result: Verification, criteria: tuple[Criterion, ...]) -> Table:
    """Each criterion with its number, and how many rejected solutions lose it."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("#", "Criterion", "Points", "Lost by"):
        table.add_column(heading, justify="right" if heading in {"#", "Points"} else "left")
    for number, criterion in enumerate(criteria, 1):
        rejected = [one for one in result.trials if one.kind is TrialKind.REJECTED]
        losing = [one.name for one in rejected if criterion.id in one.lost]
        said = f"{len(losing)} of {len(rejected)} rejected solutions"
        if not losing:
            said = "none" if not criterion.unkillable else f"none: {criterion.unkillable}"
        style = "red" if criterion.id in result.untested else ""
        table.add_row(str(number), criterion.id, str(criterion.points), Text(said, style=style))
    return table


def _steadiness(result: Verification) -> str:
    """Return how steady outcomes are over seeds and repetitions."""
    if not result.wavering:
        return "Steady: every solution came to the same outcomes in each of its runs."
    said = "; ".join(
        f"{one.criterion} of {one.name} passed {one.passed} of {one.runs} times"
        for one in result.wavering
    )
    return f"Not steady: {said}."
