"""The queue of gradings: jobs of Procrastinate's, deferred in the transaction of what they are for.

A job says only which grading it is about. What is true of that is in the `grading` table: a job
that comes twice finds nothing to claim.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from procrastinate import App, SyncPsycopgConnector
from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from grader.portal.data.exams import ExamVersion
from grader.portal.data.operations import QueueClock, WorkerRecord
from grader.portal.data.people import Course, Membership
from grader.portal.data.work import Grading, GradingState
from grader.portal.rules.fairness import is_regrade, priority, regrade_tag, share

TASK = "grader.grade"
EXPECTED_SECONDS = 40.0
"""How long a run takes, as long as none of its exam is known."""
RECENT = 20
SILENT = timedelta(seconds=30)
"""After which a worker that does not beat is taken for dead."""

ENDED, STARTED = Grading.__table__.c.ended_at, Grading.__table__.c.started_at

DEFERRING = App(connector=SyncPsycopgConnector())
"""Only writes jobs, on the connections of others."""


def queue_of(digest: str) -> str:
    """Return the name of the queue of an exam's version: workers that have it listen there."""
    return f"exam-{digest.removeprefix('sha256:')[:32]}"


def regrade_queue_of(digest: str) -> str:
    """Return the name of the queue of the version's regrades: a slot is kept from these."""
    return f"regrade-{digest.removeprefix('sha256:')[:32]}"


def place_in_queue(session: Session, grading: Grading, course_id: int, user_id: int) -> None:
    """Give `grading` its tag, fair between courses and people.

    Until the end of the transaction nobody else of the course gets one: let it end soon.
    """
    seconds = expected_seconds(session, grading.exam_version_id)
    person = session.get_one(Membership, (course_id, user_id), with_for_update={"key_share": True})
    course, virtual = session.execute(
        select(Course, select(QueueClock.virtual).scalar_subquery())
        .where(Course.id == course_id)
        .with_for_update(key_share=True, of=Course)
        .execution_options(populate_existing=True)
    ).one()
    virtual = virtual or 0
    found = share(
        virtual=virtual, course_last=course.last_tag, person_last=person.last_tag,
        seconds=seconds, weight=course.weight,
    )  # fmt: skip
    course.last_tag = person.last_tag = found.finish
    grading.tag = found.start


def behind_live_work(session: Session, grading: Grading) -> None:
    """Give `grading` the tag of a regrade."""
    grading.tag = regrade_tag(session.scalar(select(QueueClock.virtual)) or 0)


def live_slots(session: Session, now: datetime) -> int:
    """Return how many runs the workers that live do at a time."""
    found = session.scalars(
        select(WorkerRecord.capabilities).where(
            WorkerRecord.ended_at.is_(None), WorkerRecord.heartbeat_at > now - SILENT
        )
    )
    return sum(int(one.get("slots", 1)) for one in found)


def digest_of(session: Session, grading: Grading) -> str:
    """Return the digest of the exam's version that `grading` is of."""
    wanted = select(ExamVersion.digest).where(ExamVersion.id == grading.exam_version_id)
    return session.scalars(wanted).one()


def defer(session: Session, grading: Grading, digest: str = "") -> None:
    """Add the job of `grading`; it is there once the transaction of `session` is committed.

    `digest` is that of its exam's version, where that is known.
    """
    digest = digest or digest_of(session, grading)
    session.flush()
    DEFERRING.configure_task(
        TASK,
        allow_unknown=True,
        queue=(regrade_queue_of if is_regrade(grading.tag) else queue_of)(digest),
        priority=priority(grading.tag),
        connection=session.connection().connection.driver_connection,
    ).defer(grading_id=grading.id)


def expected_seconds(session: Session, exam_version_id: int) -> float:
    """Return how long a run of the exam took of late."""
    took = func.extract("epoch", ENDED - STARTED)
    recent = (
        select(took.label("took"))
        .where(Grading.exam_version_id == exam_version_id, Grading.state == GradingState.DONE)
        .order_by(ENDED.desc())
        .limit(RECENT)
        .subquery()
    )
    found = session.scalar(select(func.avg(recent.c.took)))
    return float(found) if found else EXPECTED_SECONDS


def place_and_wait(session: Session, grading: Grading, slots: int) -> tuple[int, float]:
    """Return how many queued gradings are before this one, and the seconds until its result."""
    before = session.scalar(
        select(func.count())
        .select_from(Grading)
        .where(
            Grading.state == GradingState.QUEUED,
            tuple_(Grading.tag, Grading.id) < (grading.tag, grading.id),
        )
    )
    place = cast("int", before)
    seconds = expected_seconds(session, grading.exam_version_id)
    return place, seconds * (1 + place / max(slots, 1))
