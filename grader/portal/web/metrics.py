"""Figures for Prometheus: the queue, gradings by what became of them, workers, phases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from grader.portal.care.mailing import waiting_mails
from grader.portal.data.operations import WorkerRecord
from grader.portal.data.work import Grading, GradingState
from grader.portal.queue import SILENT, live_slots

PHASES = text(
    """
    SELECT data ->> 'name' AS phase,
           percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY (data ->> 'seconds')::float8)
    FROM grading_event
    WHERE kind = 'phase' AND data ->> 'state' = 'finished' AND at > :since
    GROUP BY 1 ORDER BY 1
    """
)
QUANTILES = ("0.5", "0.95")


def metrics_text(session: Session, now: datetime) -> str:
    """Return the figures in Prometheus' text format."""
    return "\n".join(_lines(session, now)) + "\n"


def _lines(session: Session, now: datetime) -> Iterator[str]:
    queued_at = Grading.__table__.c.queued_at
    counted = dict.fromkeys(GradingState, 0)
    for state, count in session.execute(
        select(Grading.state, func.count()).group_by(Grading.state)
    ).all():
        counted[state] = count
    yield from _head("grader_gradings", "gauge", "Gradings by their state.")
    for state, count in counted.items():
        yield f'grader_gradings{{state="{state}"}} {count}'
    oldest = session.scalar(select(func.min(queued_at)).where(Grading.state == GradingState.QUEUED))
    waited = max((now - oldest).total_seconds(), 0.0) if oldest else 0.0
    yield from _head("grader_queue_oldest_seconds", "gauge", "How long the first one has waited.")
    yield f"grader_queue_oldest_seconds {waited:.1f}"
    workers = session.scalar(
        select(func.count())
        .select_from(WorkerRecord)
        .where(WorkerRecord.ended_at.is_(None), WorkerRecord.heartbeat_at > now - SILENT)
    )
    yield from _head("grader_workers", "gauge", "Workers that live.")
    yield f"grader_workers {workers or 0}"
    yield from _head("grader_slots", "gauge", "Runs that they do at a time.")
    yield f"grader_slots {live_slots(session, now)}"
    yield from _head("grader_mails_waiting", "gauge", "Mails that are to be sent.")
    yield f"grader_mails_waiting {waiting_mails(session)[0]}"
    yield from _phases(session, now)


def _phases(session: Session, now: datetime) -> Iterator[str]:
    yield from _head("grader_phase_seconds", "gauge", "Phases of the last hour, by quantile.")
    for phase, values in session.execute(PHASES, {"since": now - timedelta(hours=1)}):
        name = "".join(one for one in phase if one.isalnum() or one in "-_ ")
        for quantile, value in zip(QUANTILES, values, strict=True):
            yield f'grader_phase_seconds{{phase="{name}",quantile="{quantile}"}} {value:.3f}'


def _head(name: str, kind: str, said: str) -> Iterator[str]:
    yield f"# HELP {name} {said}"
    yield f"# TYPE {name} {kind}"
