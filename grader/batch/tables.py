"""The grades as spreadsheets and course systems read them: pure functions of the rows to CSV.

A name, an address or a reason can be a formula to a spreadsheet (`=HYPERLINK(…)`), so every cell is
neutralised (OWASP, CSV Injection). Who has no score has no row in a course system's file: an empty
cell may erase what stands there, and a zero would be wrong.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from grader.batch.rows import Row
from grader.model import Challenge
from grader.submission import shown
from grader.text import clean, clip

LONGEST = 8000
"""Characters of a cell; a spreadsheet takes 32,767."""
FORMULA = tuple("=+-@\t\r\n|%\uff1d\uff0b\uff0d\uff20")
"""What spreadsheets take for the beginning of a formula, or of a command to another program."""


def cell(value: object) -> str:
    """`value` as text that no spreadsheet evaluates; at most one line."""
    text = clip(clean(str(value)), LONGEST).replace("\n", " ")
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text


def points(value: Fraction | None) -> str:
    """Points in decimals, four at most; empty where there is no score."""
    return "" if value is None else f"{float(value):.4f}".rstrip("0").rstrip(".")


def grades_csv(challenge: Challenge, rows: Sequence[Row]) -> str:
    """Everybody, with or without a score; for each criterion its points, and why it was lost.

    It is the instructor's: it has the reasons of hidden criteria, too.
    """
    ids = [criterion.id for criterion in challenge.criteria]
    head = ["student", "id", "email", "result", "points", "possible", "percent", "passed",
            "reason", "source", "commit", "digest", "seed", "report"]  # fmt: skip
    body = [
        [row.entry.student, row.entry.id, row.entry.email, row.state, points(row.earned),
         row.possible or challenge.points, points(row.percent),
         "" if row.earned is None else "yes" if row.passed else "no", row.reason or row.unmet,
         shown_source(row), row.run.commit, row.run.digest,
         "" if row.run.seed is None else row.run.seed,
         row.run.report, *(points(row.criteria.earned.get(name)) for name in ids),
         *(row.criteria.rationales.get(name, "") for name in ids)]
        for row in rows
    ]  # fmt: skip
    return _text([[*head, *ids, *(f"{name}: reason" for name in ids)], *body])


def moodle_csv(
    challenge: Challenge, rows: Sequence[Row], by_hand: Mapping[str, str] | None = None
) -> str:
    """For Moodle, Grades, Import, CSV file: mapped by email address or ID number.

    What was done `by_hand`, by the student's address, stands before what was lost.
    """
    remarks = by_hand or {}
    head = ["Student", "ID number", "Email address", challenge.title, "Feedback"]
    body = [
        [row.entry.student, row.entry.id, row.entry.email, points(row.earned),
         remarks.get(row.entry.email, "") + _feedback(row)]
        for row in _scored(rows)
    ]  # fmt: skip
    return _text([head, *body])


def canvas_csv(challenge: Challenge, rows: Sequence[Row]) -> str:
    """For Canvas, Gradebook, Import: these columns in this order, and the points possible."""
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", challenge.title]
    possible = ["    Points Possible", "", "", "", "", challenge.points]
    body = [
        [row.entry.student, row.entry.canvas_id, row.entry.id, row.entry.email, "",
         points(row.earned)]
        for row in _scored(rows)
    ]  # fmt: skip
    return _text([head, possible, *body])


def gradescope_csv(challenge: Challenge, rows: Sequence[Row]) -> str:
    """In the columns that Gradescope writes itself when it exports the grades of an assignment."""
    head = ["Name", "SID", "Email", "Total Score", "Max Points", "Status"]
    body = [
        [row.entry.student, row.entry.id, row.entry.email, points(row.earned), challenge.points,
         "Graded"]
        for row in _scored(rows)
    ]  # fmt: skip
    return _text([head, *body])


def shown_source(row: Row) -> str:
    """Return what was handed in, without a password."""
    return shown(row.entry.source, row.entry.ref)


def _scored(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row.earned is not None]


def _feedback(row: Row) -> str:
    if row.reason:
        return f"Rejected: {row.reason}"
    why = f"Not passed: {row.unmet}. " if row.unmet else ""
    if not row.lost:
        return "Nothing was lost."
    told = " | ".join(row.feedback) if row.feedback else ", ".join(row.lost)
    return f"{why}Lost: {told}"


def _text(lines: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([cell(value) for value in line] for line in lines)
    return out.getvalue()
