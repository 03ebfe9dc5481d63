"""Writing what a grading came to, under its lease."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from sqlalchemy import update
from sqlalchemy.orm import Session

from grader.model import Graded, GradeReport, Rejected, Ungradable
from grader.portal.actions.audit import record
from grader.portal.actions.leases import Claim, end, held
from grader.portal.actions.notify import regrade_of, tell_of_regrade, tell_student
from grader.portal.actions.regrade_preview import summary_of
from grader.portal.actions.sweep import fail_or_put_back
from grader.portal.data.regrades import RegradeItem
from grader.portal.data.work import (
    GradingResult,
    GradingState,
    StoredReport,
    SubmissionRecord,
)
from grader.portal.rules.notices import NoticeKind
from grader.report.json import to_json
from grader.report.view import number


def conclude(session: Session, mine: Claim, report: GradeReport, now: datetime) -> bool:
    """Write `report` as the grading's result; return whether the claim still stood.

    Where the platform failed, the grading is queued again, up to three times.
    """
    match report:
        case Graded():
            earned, possible, passed = (
                str(number(report.score.earned)), report.score.possible, report.passed,
            )  # fmt: skip
        case Rejected():
            earned, possible, passed = "0", report.challenge.points, False
        case Ungradable():
            return platform_failed(session, mine, report.reason, now)
        case _:
            assert_never(report)
    grading = end(session, mine, GradingState.DONE, now)
    if grading is None:
        return False
    # whatever else may change which result counts waits for this one
    submission = session.get_one(SubmissionRecord, grading.submission_id, with_for_update=True)
    item = session.get(RegradeItem, grading.id)
    if item is None:
        session.execute(
            update(GradingResult)
            .where(GradingResult.submission_id == submission.id)
            .values(counts=False)
        )
    result = GradingResult(
        grading_id=grading.id, submission_id=submission.id,
        verdict=type(report).__name__.lower(), earned=earned, possible=possible,
        passed=passed, made_at=now, counts=item is None, counted_at=None if item else now,
    )  # fmt: skip
    session.add_all([result, StoredReport(grading_id=grading.id, document=to_json(report))])
    session.flush()
    if item is not None:
        item.summary = summary_of(session, result)
        tell_of_regrade(session, item.regrade_id, now)
    else:
        tell_student(session, NoticeKind.RESULT, submission, now, result)
    submission.commit = submission.commit or report.provenance.commit
    record(
        session, None, "result", f"grading/{grading.id}", earned=earned, possible=possible,
        attempt=mine.attempt,
    )  # fmt: skip
    return True


def platform_failed(session: Session, mine: Claim, reason: str, now: datetime) -> bool:
    """Queue the grading again, or give it up after the last attempt.

    Return whether the claim still stood.
    """
    grading = held(session, mine)
    if grading is None:
        return False
    fail_or_put_back(session, grading, now, reason)
    return True


def unreadable(session: Session, mine: Claim, reason: str, now: datetime) -> bool:
    """Note that what was handed in is no submission; return whether the claim still stood."""
    grading = end(session, mine, GradingState.UNREADABLE, now, reason)
    if grading is None:
        return False
    if regrade := regrade_of(session, grading.id):
        tell_of_regrade(session, regrade, now)
    else:
        submission = session.get_one(SubmissionRecord, grading.submission_id)
        tell_student(session, NoticeKind.UNREADABLE, submission, now)
    return True
