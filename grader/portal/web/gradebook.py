"""The grades of a class as a table, with how each came about."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from fractions import Fraction

from grader.batch.tables import cell, points
from grader.portal.actions.grades import ByHand, ClassMember
from grader.portal.rules.allowance import shown_time

HEAD = (
    "student", "email", "number", "submission", "received", "earned", "late share", "adjustment",
    "comments", "points", "possible", "percent", "passed",
)  # fmt: skip


def grades_table(members: Iterable[ClassMember], pass_mark: int) -> str:
    """Return everybody's grade as CSV. Who has none has empty cells, and no zero."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEAD)
    for one in members:
        writer.writerow(_row(one, pass_mark))
    return out.getvalue()


def _row(one: ClassMember, pass_mark: int) -> list[object]:
    head: list[object] = [cell(one.user.name), cell(one.user.email), cell(one.number)]
    grade = one.grade
    if grade is None:
        return head + [""] * (len(HEAD) - len(head))
    possible, counted = grade.result.possible, grade.counted.points
    percent = counted * 100 / possible if possible else Fraction(0)
    comments = " | ".join(by_hand_line(made) for made in grade.adjustments)
    return [
        *head, grade.submission.number, shown_time(grade.submission.received_at),
        points(Fraction(grade.result.earned)), points(grade.counted.late_share),
        _signed(grade.adjustment), cell(comments), points(counted), possible, points(percent),
        "yes" if passes(one, pass_mark) else "no",
    ]  # fmt: skip


def by_hand_line(made: ByHand) -> str:
    """Return who has done what by hand, and why."""
    given = f" ({_signed(made.points)})" if made.points else ""
    return f"{made.by}{given}: {made.comment}"


def remarks(members: Iterable[ClassMember]) -> dict[str, str]:
    """Return what was done by hand for each student, by address, for a column of feedback."""
    return {
        one.user.email: " | ".join(
            f"By hand, {by_hand_line(made)}" for made in one.grade.adjustments
        ) + " | "
        for one in members
        if one.grade and one.grade.adjustments
    }  # fmt: skip


def passes(one: ClassMember, pass_mark: int) -> bool:
    """Return whether the student has passed: by the points that count, and the required criteria.

    A run that was not passed though it has the points lacks a required criterion.
    """
    if one.grade is None or not one.grade.result.possible:
        return False
    result = one.grade.result
    enough = one.grade.counted.points * 100 >= pass_mark * result.possible
    lacks = not result.passed and Fraction(result.earned) * 100 >= pass_mark * result.possible
    return enough and not lacks and result.verdict != "rejected"


def _signed(value: Fraction) -> str:
    return points(value) if value >= 0 else f"-{points(-value)}"
