"""One grading by one worker: claimed, run, written."""

from __future__ import annotations

import logging
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.deadline.ending import cancelled_by
from grader.errors import Cancelled, GraderError, SourceError, SpecError, UsageError
from grader.memory import give_back
from grader.model import Challenge, GradeReport
from grader.pipeline import Options, grade
from grader.portal.actions import leases, results
from grader.portal.actions.leases import Claim
from grader.portal.data.base import utc_now
from grader.portal.data.database import PortalDatabase
from grader.portal.data.exams import ExamVersion
from grader.portal.data.work import Grading, SubmissionRecord
from grader.portal.errors import DatabaseAway
from grader.portal.store import BlobStore
from grader.portal.worker.heart import Heart
from grader.portal.worker.sources import as_handed_in, source_of
from grader.portal.worker.telling import Teller
from grader.run.environment.pool import EnvironmentPool
from grader.run.verdict import unforeseen
from grader.settings import Settings
from grader.submission import reads_history
from grader.waiting import wait_until

log = logging.getLogger(__name__)

AWAY_SECONDS = 20.0
"""How long a result waits for a database that went away; less than a lease."""


@dataclass(frozen=True, kw_only=True)
class WorkerParts:
    """What all gradings of a worker share."""

    database: PortalDatabase
    store: BlobStore
    settings: Settings
    exams: Mapping[str, Challenge]
    """By digest."""
    heart: Heart
    environments: EnvironmentPool | None = None
    grade: Callable[..., GradeReport] = grade


@dataclass(frozen=True, kw_only=True)
class _Task:
    """A claimed grading, and what it is about."""

    claim: Claim
    submission: SubmissionRecord
    challenge: Challenge
    seed: int


def run_grading(parts: WorkerParts, grading_id: int) -> None:
    """Grade it, if it is queued; whatever happens, it is queued again or has its end."""
    task = _claim(parts, grading_id)
    if task is None:
        return
    with parts.heart.watching(task.claim) as cancel:
        try:
            report = _report(parts, task, cancel)
        except Cancelled:
            _cancelled(parts, task)
        except SpecError as error:
            _write(parts, results.platform_failed, task, f"The exam is broken: {error}")
        except UsageError as error:
            _write(parts, results.unreadable, task, str(error))
        except GraderError as error:
            _write(parts, results.platform_failed, task, str(error))
        except Exception as error:
            log.exception("grading %s failed", grading_id)
            reason = unforeseen(error, parts.settings.state)
            _write(parts, results.platform_failed, task, reason)
        else:
            _write(parts, results.conclude, task, report)
    give_back()


def _claim(parts: WorkerParts, grading_id: int) -> _Task | None:
    """Return the task; None where it is another one's, or by now of a version that is not here."""
    with parts.database.transaction() as session:
        wanted = session.scalar(
            select(ExamVersion.digest)
            .join(Grading, Grading.exam_version_id == ExamVersion.id)
            .where(Grading.id == grading_id)
        )
        if wanted not in parts.exams:
            return None
        claim = leases.claim(session, grading_id, parts.heart.worker, utc_now())
        if claim is None:
            return None
        grading = session.get_one(Grading, grading_id)
        submission = session.get_one(SubmissionRecord, grading.submission_id)
        exam = session.get_one(ExamVersion, grading.exam_version_id)
        return _Task(
            claim=claim,
            submission=submission,
            challenge=parts.exams[exam.digest],
            seed=grading.seed,
        )


def _report(parts: WorkerParts, task: _Task, cancel: threading.Event) -> GradeReport:
    # a repetition stands on nothing that others have used: it may be the fault
    environments = parts.environments if task.claim.attempt == 1 else None
    with cancelled_by(cancel), tempfile.TemporaryDirectory(prefix="grader-fetched-") as scratch:
        source = source_of(
            task.submission, parts.store, Path(scratch, "repository"),
            history=reads_history(task.challenge),
        )  # fmt: skip
        try:
            report = parts.grade(
                task.challenge, source, parts.settings,
                options=Options(seed=task.seed), cancel=cancel, environments=environments,
                listener=Teller(parts.database, task.claim),
            )  # fmt: skip
        except SourceError as error:
            name = task.submission.source["name"]
            raise SourceError(str(error).replace(str(source), name)) from error
    return as_handed_in(report, source, task.submission)


def _cancelled(parts: WorkerParts, task: _Task) -> None:
    """Give a grading back whose worker ends; where it was withdrawn, there is nothing to give."""
    _persist(parts, lambda session: leases.give_back(session, task.claim))


def _write(
    parts: WorkerParts, action: Callable[..., bool], task: _Task, what: GradeReport | str
) -> None:
    """Write what a run came to, where the claim still stands."""
    if not _persist(parts, lambda session: action(session, task.claim, what, utc_now())):
        log.warning("grading %s is another worker's by now; dropped", task.claim.grading)


def _persist(parts: WorkerParts, write: Callable[[Session], bool]) -> bool:
    """Do `write` in a transaction of its own, again while the database is away for a moment.

    Return whether the claim stood. Raises `DatabaseAway` where it stays away: another worker grades
    it then.
    """
    stood: list[bool] = []

    def attempt(*, last: bool = False) -> bool:
        try:
            with parts.database.transaction() as session:
                found = write(session)
        except DatabaseAway:
            if last:
                raise
            return False
        stood.append(found)
        return True

    if not wait_until(attempt, within=AWAY_SECONDS):
        attempt(last=True)
    return stood[0]
