"""Regrades of an assignment: begun, looked at, then applied or dropped; history stays."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from grader.portal.actions.audit import record
from grader.portal.actions.grades import members_with_grades
from grader.portal.actions.hand_in import new_grading
from grader.portal.actions.leases import finish
from grader.portal.actions.notify import tell_student
from grader.portal.actions.regrade_preview import PreviewLine, applied_changes, preview_of
from grader.portal.data.exams import Assignment, ExamVersion
from grader.portal.data.people import User
from grader.portal.data.regrades import (
    Regrade,
    RegradeItem,
    RegradeScope,
    RegradeState,
    no_preview,
)
from grader.portal.data.work import (
    OPEN_STATES,
    BlobRecord,
    Grading,
    GradingResult,
    GradingState,
    SubmissionRecord,
)
from grader.portal.errors import ActionRefused
from grader.portal.queue import behind_live_work, defer
from grader.portal.rules.notices import NoticeKind
from grader.text import clean, clip

DROPPED = "The regrade that it was for was dropped."


def versions_of(session: Session, assignment: Assignment) -> list[ExamVersion]:
    """Return the versions of the assignment's exam that are proven, the newest first."""
    slug = session.get_one(ExamVersion, assignment.exam_version_id).slug
    found = session.scalars(
        select(ExamVersion).where(ExamVersion.slug == slug).order_by(ExamVersion.id.desc())
    )
    return [one for one in found if one.verified is not None]


def open_regrade(session: Session, assignment_id: int) -> Regrade | None:
    """Return the regrade of an assignment that is neither applied nor dropped."""
    return session.scalar(
        select(Regrade).where(
            Regrade.assignment_id == assignment_id, Regrade.state == RegradeState.OPEN
        )
    )


def begin(
    session: Session,
    actor: User,
    assignment: Assignment,
    now: datetime,
    *,
    exam_version_id: int,
    scope: RegradeScope,
    why: str,
) -> Regrade:
    """Queue the submissions once more, behind live work; nothing of it counts before `apply`.

    Raises `ActionRefused`.
    """
    session.refresh(assignment, with_for_update=True)
    said = clip(clean(why).strip(), 1000)
    if not said:
        msg = "Say why: it stays with the regrade."
        raise ActionRefused(msg)
    if exam_version_id not in {one.id for one in versions_of(session, assignment)}:
        msg = "Choose a version of this exam that `grader verify` has proven."
        raise ActionRefused(msg)
    if open_regrade(session, assignment.id) is not None:
        msg = "There is a regrade of this assignment already: apply or drop it first."
        raise ActionRefused(msg)
    made = Regrade(
        assignment_id=assignment.id, exam_version_id=exam_version_id, scope=scope, why=said,
        begun_by=actor.id, begun_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    count = _queue_missing(session, made, assignment, now)
    if not count:
        msg = "Nobody has a result of something that is still kept, so nothing can be graded."
        raise ActionRefused(msg)
    record(
        session, actor, "begin regrade", f"regrade/{made.id}", assignment=assignment.id,
        exam_version=exam_version_id, scope=str(scope), why=said, submissions=count,
    )  # fmt: skip
    return made


def take_in(session: Session, actor: User, regrade: Regrade, now: datetime) -> int:
    """Queue what came since, and what the platform failed; gives how many. Raises `ActionRefused`.

    What has a result of this regrade keeps it.
    """
    _lock(session, regrade)
    assignment = session.get_one(Assignment, regrade.assignment_id)
    count = _queue_missing(session, regrade, assignment, now)
    if not count:
        msg = "Nothing came since, and nothing has failed: all that there is, is in the regrade."
        raise ActionRefused(msg)
    record(session, actor, "add to regrade", f"regrade/{regrade.id}", submissions=count)
    return count


def missing(session: Session, regrade: Regrade, assignment: Assignment) -> list[int]:
    """Return the submissions that the regrade is about and has neither graded nor queued.

    What is not kept any more cannot be graded again.
    """
    there = set(
        session.scalars(
            select(Grading.submission_id)
            .join(RegradeItem, RegradeItem.grading_id == Grading.id)
            .where(
                RegradeItem.regrade_id == regrade.id,
                Grading.state.in_((*OPEN_STATES, GradingState.DONE)),
            )
        )
    )
    gone = set(
        session.scalars(
            select(SubmissionRecord.id)
            .join(BlobRecord, BlobRecord.digest == SubmissionRecord.blob_digest)
            .where(
                SubmissionRecord.assignment_id == assignment.id, BlobRecord.deleted_at.is_not(None)
            )
        )
    )
    concerned = _concerned(session, assignment, regrade.scope)
    return [one for one in concerned if one not in there | gone]


def apply(
    session: Session, actor: User, regrade: Regrade, now: datetime, *, seen: str
) -> list[PreviewLine]:
    """Let the results of `regrade` count, and its version from now on; gives what changed.

    `seen` is the mark of the preview that the person has looked at. Raises `ActionRefused`.
    """
    _lock(session, regrade)
    assignment = session.get_one(Assignment, regrade.assignment_id, with_for_update=True)
    session.execute(  # a result that is written at the same moment waits, or is seen below
        select(SubmissionRecord.id)
        .join(Grading, Grading.submission_id == SubmissionRecord.id)
        .join(RegradeItem, RegradeItem.grading_id == Grading.id)
        .where(RegradeItem.regrade_id == regrade.id)
        .order_by(SubmissionRecord.id)
        .with_for_update(of=SubmissionRecord)
    ).all()
    preview = preview_of(session, regrade)
    if preview.waiting:
        msg = f"{preview.waiting} submissions are not graded yet. Wait for them, or drop it."
        raise ActionRefused(msg)
    if preview.mark != seen:
        msg = "The preview has changed since you looked at it. Look at it again, then apply it."
        raise ActionRefused(msg)
    graded = [one for one in preview.lines if one.after is not None]
    changed = applied_changes(preview.lines)
    for one in graded:  # what was looked at is what stays on the regrade's page
        session.get_one(RegradeItem, one.grading.id).summary = one.summary
    _let_count(session, graded, now)
    assignment.exam_version_id = regrade.exam_version_id
    _retarget(session, assignment)
    _end(session, regrade, actor, RegradeState.APPLIED, now)
    for one in changed:
        tell_student(session, NoticeKind.REGRADED, one.submission, now, one.after)
    record(
        session, actor, "apply regrade", f"regrade/{regrade.id}", assignment=assignment.id,
        exam_version=regrade.exam_version_id, submissions=len(graded), changed=len(changed),
    )  # fmt: skip
    return changed


def drop(session: Session, actor: User, regrade: Regrade, now: datetime) -> None:
    """End `regrade` without anything of it counting; what it has graded stays to be looked at."""
    _lock(session, regrade)
    for grading in session.scalars(
        select(Grading)
        .join(RegradeItem, RegradeItem.grading_id == Grading.id)
        .where(RegradeItem.regrade_id == regrade.id, Grading.state.in_(OPEN_STATES))
        .order_by(Grading.id)
        .with_for_update(of=Grading)
    ):
        finish(grading, GradingState.CANCELLED, now, DROPPED)
    _end(session, regrade, actor, RegradeState.DROPPED, now)
    record(session, actor, "drop regrade", f"regrade/{regrade.id}")


def _lock(session: Session, regrade: Regrade) -> None:
    session.refresh(regrade, with_for_update=True)
    if regrade.state is not RegradeState.OPEN:
        msg = f"This regrade was {regrade.state} already; begin another one."
        raise ActionRefused(msg)


def _end(
    session: Session, regrade: Regrade, actor: User, state: RegradeState, now: datetime
) -> None:
    regrade.state, regrade.ended_by, regrade.ended_at = state, actor.id, now
    session.flush()


def _concerned(session: Session, assignment: Assignment, scope: RegradeScope) -> list[int]:
    """Return the submissions that a regrade of this scope is about."""
    if scope is RegradeScope.COUNTING:
        members = members_with_grades(session, assignment)
        return [one.grade.submission.id for one in members if one.grade]
    return list(
        session.scalars(
            select(SubmissionRecord.id)
            .join(GradingResult, GradingResult.submission_id == SubmissionRecord.id)
            .where(SubmissionRecord.assignment_id == assignment.id, GradingResult.counts)
            .order_by(SubmissionRecord.id)
        )
    )


def _queue_missing(
    session: Session, regrade: Regrade, assignment: Assignment, now: datetime
) -> int:
    wanted = missing(session, regrade, assignment)
    seeds = {
        row[0]: row[1]
        for row in session.execute(
            select(GradingResult.submission_id, Grading.seed)
            .join(Grading, Grading.id == GradingResult.grading_id)
            .where(GradingResult.submission_id.in_(wanted), GradingResult.counts)
        )
    }
    for number in wanted:
        submission = session.get_one(SubmissionRecord, number)
        grading = new_grading(session, submission, regrade.exam_version_id, now)
        grading.seed = seeds.get(number, grading.seed)  # what differs is the exam, and no data
        behind_live_work(session, grading)
        session.add(RegradeItem(grading_id=grading.id, regrade_id=regrade.id))
        defer(session, grading)
    return len(wanted)


def _let_count(session: Session, lines: list[PreviewLine], now: datetime) -> None:
    submissions = [one.submission.id for one in lines]
    gradings = [one.grading.id for one in lines]
    for condition, values in (
        (GradingResult.submission_id.in_(submissions), {"counts": False}),
        (GradingResult.grading_id.in_(gradings), {"counts": True, "counted_at": now}),
    ):
        session.execute(update(GradingResult).where(condition).values(**values))


def _retarget(session: Session, assignment: Assignment) -> None:
    """Have what waits now be graded by the assignment's version: no worker may have the old one."""
    waiting = session.scalars(
        select(Grading)
        .join(SubmissionRecord, SubmissionRecord.id == Grading.submission_id)
        .where(
            SubmissionRecord.assignment_id == assignment.id,
            Grading.state == GradingState.QUEUED,
            Grading.exam_version_id != assignment.exam_version_id,
            no_preview(),
        )
        .with_for_update(of=Grading, skip_locked=True)
    ).all()
    for grading in waiting:
        grading.exam_version_id = assignment.exam_version_id
        defer(session, grading)


def versions_used(session: Session, assignment: Assignment) -> list[tuple[ExamVersion, int]]:
    """Return by which versions the results that count were made, and how many by each."""
    rows = session.execute(
        select(ExamVersion, func.count())
        .join(Grading, Grading.exam_version_id == ExamVersion.id)
        .join(GradingResult, GradingResult.grading_id == Grading.id)
        .join(SubmissionRecord, SubmissionRecord.id == Grading.submission_id)
        .where(SubmissionRecord.assignment_id == assignment.id, GradingResult.counts)
        .group_by(ExamVersion.id)
        .order_by(ExamVersion.id.desc())
    ).all()
    return [(version, count) for version, count in rows]
