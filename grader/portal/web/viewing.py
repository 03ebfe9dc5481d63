"""Reports and runs as a person may see them: without reasons that are hidden from students."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.model import GradeReport
from grader.portal.actions.grades import last_moment
from grader.portal.data.exams import Assignment, ExamVersion
from grader.portal.data.regrades import no_preview
from grader.portal.data.work import (
    Grading,
    GradingEvent,
    GradingResult,
    StoredReport,
    SubmissionRecord,
)
from grader.report.read import from_json
from grader.report.view import View, for_view


@dataclass(frozen=True, kw_only=True)
class CriterionLine:
    """A criterion of a run, with its outcome once there is one."""

    id: str
    title: str
    points: int
    outcome: str
    """Empty until it is known."""


@dataclass(frozen=True, kw_only=True)
class PhaseLine:
    """A phase of a run."""

    name: str
    seconds: float | None
    """None while it goes on."""
    said: str
    """What it told last."""


@dataclass(frozen=True, kw_only=True)
class RunProgress:
    """How far a run is."""

    phases: tuple[PhaseLine, ...]
    criteria: tuple[CriterionLine, ...]
    events: int


def newest_grading(session: Session, submission: SubmissionRecord) -> Grading:
    """Return the latest grading of a submission; what is a preview alone is none."""
    return session.scalars(
        select(Grading)
        .where(Grading.submission_id == submission.id, no_preview())
        .order_by(Grading.id.desc())
        .limit(1)
    ).one()


def report_for(
    session: Session, grading_id: int, assignment: Assignment, view: View, now: datetime
) -> GradeReport | None:
    """Return the report of a grading as `view` may see it; None where there is none."""
    stored = session.get(StoredReport, grading_id)
    if stored is None:
        return None
    report = from_json(stored.document)
    deadline = last_moment(session, assignment)
    known = replace(
        report.challenge, deadline=datetime.fromisoformat(deadline) if deadline else None
    )
    return replace(report, challenge=for_view(known, view, now))


def results_of(
    session: Session, submission: SubmissionRecord, view: View
) -> list[tuple[GradingResult, ExamVersion]]:
    """Return all results of a submission, the latest first; to students those that ever counted."""
    query = (
        select(GradingResult, ExamVersion)
        .join(Grading, Grading.id == GradingResult.grading_id)
        .join(ExamVersion, ExamVersion.id == Grading.exam_version_id)
        .where(GradingResult.submission_id == submission.id)
        .order_by(GradingResult.grading_id.desc())
    )
    if view is View.STUDENT:
        query = query.where(GradingResult.counted_at.is_not(None))
    return [(result, version) for result, version in session.execute(query).all()]


def progress_of(session: Session, grading: Grading) -> RunProgress:
    """Return how far a run is, from its events."""
    exam = session.get_one(ExamVersion, grading.exam_version_id)
    events = session.scalars(
        select(GradingEvent)
        .where(GradingEvent.grading_id == grading.id)
        .order_by(GradingEvent.sequence)
    ).all()
    began = max(
        (one.sequence for one in events if one.kind == "started"), default=0
    )  # an attempt before this one told, too
    latest = [one for one in events if one.sequence >= began]
    outcomes = {one.data["id"]: one.data["outcome"] for one in latest if one.kind == "criterion"}
    return RunProgress(
        phases=_phases(latest),
        criteria=tuple(
            CriterionLine(
                id=one["id"], title=one["title"], points=one["points"],
                outcome=outcomes.get(one["id"], ""),
            )
            for one in exam.facts.get("criteria", ())
        ),
        events=len(events),
    )  # fmt: skip


def _phases(events: list[GradingEvent]) -> tuple[PhaseLine, ...]:
    found: dict[str, dict[str, Any]] = {}
    for one in events:
        if one.kind not in {"phase", "progress"}:
            continue
        line = found.setdefault(one.data["name"], {"seconds": None, "said": ""})
        line["said"] = one.data.get("said", line["said"])
        line["seconds"] = one.data.get("seconds", line["seconds"])
    return tuple(PhaseLine(name=name, **line) for name, line in found.items())


def one_before(session: Session, submission: SubmissionRecord) -> SubmissionRecord | None:
    """Return the latest submission with a result before this one; None where there is none."""
    return session.scalar(
        select(SubmissionRecord)
        .join(GradingResult, GradingResult.submission_id == SubmissionRecord.id)
        .where(
            SubmissionRecord.assignment_id == submission.assignment_id,
            SubmissionRecord.user_id == submission.user_id,
            SubmissionRecord.number < submission.number,
            GradingResult.counts,
        )
        .order_by(SubmissionRecord.number.desc())
        .limit(1)
    )
