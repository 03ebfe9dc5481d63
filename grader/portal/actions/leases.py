"""Who has a grading: claimed, extended, concluded and given back under a lease.

Each claim draws a new token. Whatever a worker writes, it writes where its token still stands: one
that was taken for dead has lost the race, and its result is dropped.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.portal.data.operations import QueueClock
from grader.portal.data.work import Grading, GradingState, GradingTimes, Lease
from grader.portal.queue import defer
from grader.portal.rules.fairness import virtual_after

LEASE = timedelta(seconds=30)
"""How long a worker may be silent before its gradings are another one's."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A grading that a worker has."""

    grading: int
    token: str
    attempt: int


def claim(session: Session, grading_id: int, worker_id: int, now: datetime) -> Claim | None:
    """Return the claim of a queued grading; None where it is not queued (any more)."""
    grading = session.scalar(
        select(Grading)
        .where(Grading.id == grading_id, Grading.state == GradingState.QUEUED)
        .with_for_update(skip_locked=True)
    )
    if grading is None:
        return None
    grading.state = GradingState.RUNNING
    grading.attempt += 1
    grading.lease = Lease(secrets.token_hex(16), now + LEASE, worker_id)
    grading.times = GradingTimes(grading.times.queued_at, now, None)
    clock = session.get_one(QueueClock, 1, with_for_update=True)
    clock.virtual = virtual_after(clock.virtual, grading.tag)
    assert grading.lease.token is not None
    return Claim(grading=grading.id, token=grading.lease.token, attempt=grading.attempt)


def held(session: Session, mine: Claim) -> Grading | None:
    """Return the grading, locked, where the claim still stands; else None."""
    token = Grading.__table__.c.lease_token
    return session.scalar(
        select(Grading)
        .where(
            Grading.id == mine.grading,
            token == mine.token,
            Grading.state == GradingState.RUNNING,
        )
        .with_for_update()
    )


def extend(session: Session, mine: Claim, now: datetime) -> bool:
    """Return whether the claim still stands; if so, it does for another while."""
    grading = held(session, mine)
    if grading is None:
        return False
    grading.lease = Lease(mine.token, now + LEASE, grading.lease.worker_id)
    return True


def end(
    session: Session, mine: Claim, state: GradingState, now: datetime, reason: str = ""
) -> Grading | None:
    """Return the grading in its last `state`; None where the claim stands no more."""
    grading = held(session, mine)
    if grading is None:
        return None
    finish(grading, state, now, reason)
    return grading


def finish(grading: Grading, state: GradingState, now: datetime, reason: str = "") -> None:
    """Put `grading`, which is locked, in its last state: nobody has it any more."""
    grading.state = state
    grading.reason = reason
    grading.lease = Lease(None, None, grading.lease.worker_id)
    grading.times = GradingTimes(grading.times.queued_at, grading.times.started_at, now)


def put_back(session: Session, grading: Grading) -> None:
    """Queue `grading`, which is locked, again, where it stood before."""
    grading.state = GradingState.QUEUED
    grading.lease = Lease(None, None, None)
    grading.times = GradingTimes(grading.times.queued_at, None, None)
    defer(session, grading)


def give_back(session: Session, mine: Claim) -> bool:
    """Queue a grading again whose worker ends; this attempt does not count.

    Return whether the claim still stood.
    """
    grading = held(session, mine)
    if grading is None:
        return False
    grading.attempt -= 1
    put_back(session, grading)
    return True
