"""What a regrade changes, submission by submission, before anything of it counts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.portal.data.people import User
from grader.portal.data.regrades import Regrade, RegradeItem, RegradeState
from grader.portal.data.work import (
    OPEN_STATES,
    Grading,
    GradingResult,
    StoredReport,
    SubmissionRecord,
)
from grader.report.compare import compare


@dataclass(frozen=True, kw_only=True)
class PreviewLine:
    """One submission of a regrade."""

    submission: SubmissionRecord
    user: User
    grading: Grading
    before: GradingResult | None
    """What counts now; of a regrade that is over, what counted then."""
    after: GradingResult | None
    """What the regrade came to; None where there is nothing yet, or the platform failed."""
    summary: dict[str, Any] | None = None

    @property
    def criteria(self) -> list[dict[str, Any]]:
        """Those that came to something else: `id`, `title` and `change`."""
        found: list[dict[str, Any]] = self.summary["criteria"] if self.summary else []
        return found

    @property
    def waits(self) -> bool:
        """Whether it is still to be graded."""
        return self.grading.state in OPEN_STATES

    @property
    def change(self) -> Fraction | None:
        """Points more than now, or fewer; None where it is not known."""
        if self.after is None:
            return None
        return Fraction(self.after.earned) - Fraction(self.before.earned if self.before else 0)

    @property
    def changed(self) -> bool:
        """Whether anything of it is other than now."""
        return self.after is not None and bool(
            self.change or self.criteria or _verdict(self.before) != _verdict(self.after)
        )


@dataclass(frozen=True, kw_only=True)
class CriterionTotal:
    """What a regrade does to one criterion, over all submissions."""

    title: str
    gained: int
    """Submissions."""
    lost: int
    change: Fraction
    """Points, all together."""


@dataclass(frozen=True, kw_only=True)
class RegradePreview:
    """All that a regrade would change."""

    lines: tuple[PreviewLine, ...]
    """What changes most comes first."""

    @property
    def changed(self) -> tuple[PreviewLine, ...]:
        """Those that come to something else."""
        return tuple(one for one in self.lines if one.changed)

    @property
    def waiting(self) -> int:
        """How many are still to be graded."""
        return sum(one.waits for one in self.lines)

    @property
    def without_result(self) -> tuple[PreviewLine, ...]:
        """Those that could not be graded: what they have stays."""
        return tuple(one for one in self.lines if one.after is None and not one.waits)

    @property
    def same(self) -> int:
        """How many come to the same."""
        return sum(one.after is not None and not one.changed for one in self.lines)

    @property
    def passes(self) -> tuple[int, int]:
        """How many are passed now and would not be, and the other way round."""
        pairs = [
            (one.before.passed, one.after.passed) for one in self.lines if one.before and one.after
        ]
        return pairs.count((True, False)), pairs.count((False, True))

    @property
    def mark(self) -> str:
        """What changes with each change of the preview: who applies has seen this one."""
        seen = sorted(
            (one.submission.id, one.before.grading_id if one.before else 0,
             one.after.grading_id if one.after else 0)
            for one in self.lines
        )  # fmt: skip
        return sha256(json.dumps(seen).encode()).hexdigest()[:32]


def summary_of(session: Session, after: GradingResult) -> dict[str, Any]:
    """Return what `after` changes against the result that counts now: no reason, no evidence."""
    before = counting(session, after.submission_id)
    found: dict[str, Any] = {"before": before.grading_id if before else None, "criteria": []}
    if before is None:
        return found
    documents = [_document(session, one) for one in (before, after)]
    if None in documents:
        return found
    compared = compare(*(one or {} for one in documents))
    found["criteria"] = [
        {"id": one.id, "title": one.title, "change": str(one.change)} for one in compared.criteria
    ]
    return found


def counting(session: Session, submission_id: int) -> GradingResult | None:
    """Return the result that counts of a submission."""
    return session.scalar(
        select(GradingResult).where(
            GradingResult.submission_id == submission_id, GradingResult.counts
        )
    )


def preview_of(session: Session, regrade: Regrade) -> RegradePreview:
    """Return what `regrade` would change against what counts now, or has changed."""
    rows = session.execute(
        select(RegradeItem, Grading, SubmissionRecord, User, GradingResult)
        .join(Grading, Grading.id == RegradeItem.grading_id)
        .join(SubmissionRecord, SubmissionRecord.id == Grading.submission_id)
        .join(User, User.id == SubmissionRecord.user_id)
        .outerjoin(GradingResult, GradingResult.grading_id == Grading.id)
        .where(RegradeItem.regrade_id == regrade.id)
        .order_by(Grading.id)
    ).all()
    results = session.scalars(
        select(GradingResult).where(GradingResult.submission_id.in_([row[2].id for row in rows]))
    ).all()
    by_id = {one.grading_id: one for one in results}
    now = {one.submission_id: one for one in results if one.counts}
    newest: dict[int, PreviewLine] = {}
    for item, grading, submission, user, after in rows:
        summary, before = item.summary, now.get(submission.id)
        if regrade.state is not RegradeState.OPEN:
            before = by_id.get(summary["before"]) if summary else before
        elif after and before and summary and summary["before"] != before.grading_id:
            summary = summary_of(session, after)  # another result counts by now
        newest[submission.id] = PreviewLine(
            submission=submission, user=user, grading=grading, before=before, after=after,
            summary=summary,
        )  # fmt: skip
    return RegradePreview(lines=tuple(sorted(newest.values(), key=_weight)))


def criterion_totals(lines: Iterable[PreviewLine]) -> list[CriterionTotal]:
    """Return what each criterion gains and loses; what most submissions notice comes first."""
    changes: dict[str, list[Fraction]] = {}
    titles: dict[str, str] = {}
    for line in lines:
        for one in line.criteria:
            titles[one["id"]] = one["title"]
            changes.setdefault(one["id"], []).append(Fraction(one["change"]))
    totals = [
        CriterionTotal(
            title=titles[name],
            gained=sum(one > 0 for one in found),
            lost=sum(one < 0 for one in found),
            change=sum(found, start=Fraction(0)),
        )
        for name, found in changes.items()
    ]
    return sorted(totals, key=lambda one: (-(one.gained + one.lost), one.title))


def applied_changes(lines: Sequence[PreviewLine]) -> list[PreviewLine]:
    """Return the lines whose points, or whose end, are other ones: their students are told."""
    return [
        one for one in lines
        if one.after and (one.change or _verdict(one.before) != _verdict(one.after))
    ]  # fmt: skip


def _document(session: Session, result: GradingResult) -> dict[str, Any] | None:
    stored = session.get(StoredReport, result.grading_id)
    found: dict[str, Any] | None = json.loads(stored.document) if stored else None
    return found


def _verdict(result: GradingResult | None) -> tuple[str, bool] | None:
    return (result.verdict, result.passed) if result else None


def _weight(line: PreviewLine) -> tuple[bool, Fraction, int]:
    return not line.changed, -abs(line.change or Fraction(0)), line.submission.id
