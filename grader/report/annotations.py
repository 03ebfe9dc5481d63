"""The report as GitHub's workflow commands: each loss is shown on the line that it is about.

Escaped as the runner's own toolkit does it (actions/toolkit, `packages/core/src/command.ts`). One
line is one command, and nothing of a student's begins a line.
"""

from __future__ import annotations

from typing import assert_never

from grader.model import Graded, GradeReport, Outcome, Rejected, SourceLocation, Ungradable
from grader.report.locations import below, of_sentences
from grader.report.view import earned, headline, reason, rows, spoken
from grader.text import clean, clip

MOST = 10
"""Annotations of a kind that GitHub shows for one step; the rest would be dropped."""
LONGEST = 1500


def to_annotations(report: GradeReport, *, folder: str = "") -> str:
    """`report` as workflow commands, each on a line; the result comes first.

    `folder` is where the submission lies in its repository; empty at the top.
    """
    said = f"{report.challenge.title}: {headline(report)}"
    match report:
        case Graded():
            lines = [command("notice", said, title="Graded"), *_losses(report, folder)]
        case Rejected():
            places = of_sentences(reason(report))
            lines = [_at(place, "Rejected", folder) for place in places[:MOST]]
            if not places:
                lines = [command("error", reason(report), title="Rejected")]
            lines.insert(0, command("notice", said, title="Rejected"))
        case Ungradable():
            why = f"{reason(report)} There is no score, and this costs nothing: grade again."
            lines = [command("warning", why, title=said)]
        case _:
            assert_never(report)
    return "".join(f"{line}\n" for line in lines)


def _losses(report: Graded, folder: str) -> list[str]:
    """Those at a line of the submission first, then the dearest."""
    lost = [
        (criterion, result)
        for criterion, result in rows(report.challenge, report.results)
        if result.outcome in {Outcome.FAILED, Outcome.TIMED_OUT}
    ]
    at_lines = [
        _at(place, criterion.title, folder)
        for criterion, result in lost
        for place in result.locations
        if place.commit is None
    ]
    dearest = sorted(lost, key=lambda row: earned(*row) - row[0].points)
    others = [
        command(
            "error",
            result.rationale,
            title=f"{criterion.title} ({spoken(earned(criterion, result))}/{criterion.points})",
        )
        for criterion, result in dearest
        if all(place.commit for place in result.locations)
    ]
    return [*at_lines, *others][:MOST]


def _at(place: SourceLocation, title: str, folder: str) -> str:
    where = {"file": below(folder, place.path), "line": str(place.line or 1)}
    return command("warning" if place.level == "warning" else "error", place.message, title=title,
                   **where)  # fmt: skip


def command(name: str, message: str, **properties: str) -> str:
    """One workflow command, without the end of its line."""
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value)
    return f"::{name} {listed}::{_data(clip(message, LONGEST))}"


def _data(text: str) -> str:
    return clean(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(clip(text, 300)).replace(":", "%3A").replace(",", "%2C")
