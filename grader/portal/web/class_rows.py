"""A class as the rows of a batch: for its figures, and for the files that course systems read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from grader.batch.entry import Entry
from grader.batch.rows import Row, RowState, read_row
from grader.batch.student_reports import feedback
from grader.batch.tables import canvas_csv, gradescope_csv, moodle_csv
from grader.model import Challenge
from grader.portal.actions.grades import ClassMember, StudentGrade, members_with_grades
from grader.portal.data.exams import Assignment
from grader.portal.data.work import StoredReport
from grader.portal.errors import ActionRefused
from grader.portal.web.gradebook import remarks
from grader.portal.web.viewing import report_for
from grader.report.restored import a_challenge_of
from grader.report.view import View

Remarks = Mapping[str, str]
SYSTEMS: dict[str, Callable[[Challenge, Sequence[Row], Remarks], str]] = {
    "moodle": moodle_csv,
    "canvas": lambda challenge, rows, _: canvas_csv(challenge, rows),
    "gradescope": lambda challenge, rows, _: gradescope_csv(challenge, rows),
}
"""Only Moodle takes a comment alongside the points."""


def class_rows(
    session: Session, members: Sequence[ClassMember]
) -> tuple[list[Row], Challenge | None]:
    """Return the members with a result as rows of a batch, and the exam as their reports have it.

    Who has a result whose report is not kept any more has a row without criteria.
    """
    rows, challenge = [], None
    for one in members:
        if one.grade is None:
            continue
        entry = Entry(
            student=one.user.name, source=one.grade.submission.source["name"],
            email=one.user.email, id=one.number,
        )  # fmt: skip
        stored = session.get(StoredReport, one.grade.result.grading_id)
        if stored is None:
            rows.append(_bare(entry, one.grade))
            continue
        document = json.loads(stored.document)
        challenge = challenge or a_challenge_of(document)
        rows.append(read_row(entry, document, ""))
    return rows, challenge


def with_criteria(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that a figure of criteria can be made of."""
    return [one for one in rows if one.criteria.outcomes or one.state is not RowState.GRADED]


def grades_for_system(session: Session, assignment: Assignment, system: str, now: datetime) -> str:
    """Return the grades after the late rule and what was done by hand; reasons as students see."""
    members = [one for one in members_with_grades(session, assignment) if one.grade]
    rows, challenge = class_rows(session, members)
    if challenge is None and members:
        msg = "The reports of this class are not kept any more. Take the grades as CSV instead."
        raise ActionRefused(msg)
    if challenge is None:
        return ""
    final = []
    for member, row in zip(members, rows, strict=True):
        assert member.grade is not None
        report = report_for(session, member.grade.result.grading_id, assignment, View.STUDENT, now)
        told = feedback(report) if report else ()
        final.append(replace(row, earned=member.grade.counted.points, feedback=told))
    return SYSTEMS[system](challenge, final, remarks(members))


def _bare(entry: Entry, grade: StudentGrade) -> Row:
    return Row(
        entry=entry, state=RowState(grade.result.verdict), earned=grade.counted.points,
        possible=grade.result.possible, passed=grade.result.passed,
    )  # fmt: skip
