"""Deleting what is kept no longer, once a day. Results, grades, receipts and the audit stay."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Delete, Update, and_, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from grader.portal.actions.audit import record
from grader.portal.actions.signing_in import IDLE, LONGEST
from grader.portal.data.database import PortalDatabase
from grader.portal.data.notifications import Notification
from grader.portal.data.operations import AuditEntry, Chore, WorkerRecord
from grader.portal.data.people import AccessToken, SignInLink, WebSession
from grader.portal.data.work import (
    OPEN_STATES,
    BlobRecord,
    Grading,
    GradingEvent,
    GradingResult,
    StoredReport,
    SubmissionRecord,
)
from grader.portal.rules.retention import Keep
from grader.portal.store import BlobStore

NAME = "retention"
EVERY = timedelta(days=1)
BATCH = 500
"""Rows of one statement: none may take long."""
UNKNOWN = timedelta(days=7)
"""How old a file is at least that nothing in the database knows of."""
SCRATCH = timedelta(days=1)
ENDED = Grading.__table__.c.ended_at
WORKER = Grading.__table__.c.worker_id


def tidy_daily(
    database: PortalDatabase, store: BlobStore, keep: Keep, now: datetime
) -> dict[str, int] | None:
    """Tidy up, unless somebody did within the last day; gives what was deleted, or None."""
    with database.transaction() as session:
        session.execute(
            insert(Chore).values(name=NAME, ran_at=now - EVERY, said={}).on_conflict_do_nothing()
        )
        mine = session.execute(
            update(Chore)
            .where(Chore.name == NAME, Chore.ran_at <= now - EVERY)
            .values(ran_at=now)
            .returning(Chore.name)
        ).all()
    if not mine:
        return None
    found = tidy(database, store, keep, now)
    with database.transaction() as session:
        session.get_one(Chore, NAME).said = found
        if any(found.values()):
            record(session, None, "tidy up", "portal", **found)
    return found


def tidy(database: PortalDatabase, store: BlobStore, keep: Keep, now: datetime) -> dict[str, int]:
    """Delete what is kept no longer; gives how many of what.

    The database comes first: a file that nothing knows of is found the next time, and a file that
    is missed would be a fault.
    """
    steps: dict[str, Callable[[Session], Delete | Update | None]] = {
        "sessions": lambda _: _sessions(now),
        "tokens": lambda _: _tokens(keep, now),
        "links": lambda _: _links(keep, now),
        "notifications": lambda _: _notifications(keep, now),
        "events": lambda session: _events(session, keep, now),
        "reports": lambda _: _reports(keep, now),
        "workers": lambda _: _workers(keep, now),
        "submissions": lambda _: _blobs(keep, now),
    }
    done = {name: _all_of(database, step) for name, step in steps.items()}
    done["files"] = _files(database, store, now)
    done["scratch"] = store.clear_scratch(before=(now - SCRATCH).timestamp())
    return done


def last_run(session: Session) -> Chore | None:
    """Return when it was done last, and what was deleted."""
    return session.get(Chore, NAME)


def _all_of(database: PortalDatabase, step: Callable[[Session], Delete | Update | None]) -> int:
    """Repeat a statement, each in a transaction of its own, until it finds nothing."""
    count = 0
    while True:
        with database.transaction() as session:
            statement = step(session)
            if statement is None:
                return count
            result: CursorResult[Any] = session.execute(statement)  # type: ignore[assignment]
        if not result.rowcount:
            return count
        count += result.rowcount


def _sessions(now: datetime) -> Delete:
    return delete(WebSession).where(
        or_(WebSession.seen_at < now - IDLE, WebSession.created_at < now - LONGEST)
    )


def _tokens(keep: Keep, now: datetime) -> Delete | None:
    cut = keep.before("tokens", now)
    if cut is None:
        return None
    return delete(AccessToken).where(
        or_(AccessToken.revoked_at < cut, AccessToken.expires_at < cut)
    )


def _links(keep: Keep, now: datetime) -> Delete | None:
    cut = keep.before("tokens", now)
    if cut is None:
        return None
    return delete(SignInLink).where(or_(SignInLink.used_at < cut, SignInLink.expires_at < cut))


def _notifications(keep: Keep, now: datetime) -> Delete | None:
    cut = keep.before("notifications", now)
    if cut is None:
        return None
    old = select(Notification.id).where(Notification.created_at < cut).limit(BATCH)
    return delete(Notification).where(Notification.id.in_(old))


def _events(session: Session, keep: Keep, now: datetime) -> Delete | None:
    cut = keep.before("events", now)
    if cut is None:
        return None
    over = session.scalars(
        select(Grading.id)
        .where(cut > ENDED, exists().where(GradingEvent.grading_id == Grading.id))
        .limit(BATCH // 10)
    ).all()
    return delete(GradingEvent).where(GradingEvent.grading_id.in_(over)) if over else None


def _reports(keep: Keep, now: datetime) -> Delete | None:
    cut = keep.before("reports", now)
    if cut is None:
        return None
    old = (
        select(StoredReport.grading_id)
        .join(GradingResult, GradingResult.grading_id == StoredReport.grading_id)
        .where(GradingResult.made_at < cut)
        .limit(BATCH)
    )
    return delete(StoredReport).where(StoredReport.grading_id.in_(old))


def _workers(keep: Keep, now: datetime) -> Delete | None:
    cut = keep.before("workers", now)
    if cut is None:
        return None
    return delete(WorkerRecord).where(
        WorkerRecord.heartbeat_at < cut, ~exists().where(WorkerRecord.id == WORKER)
    )


def _blobs(keep: Keep, now: datetime) -> Update | None:
    """Mark those whose submissions are all old, and of which none is being graded."""
    cut = keep.before("submissions", now)
    if cut is None:
        return None
    theirs = SubmissionRecord.blob_digest == BlobRecord.digest
    needed = exists().where(
        theirs,
        or_(
            SubmissionRecord.received_at >= cut,
            exists().where(
                and_(Grading.submission_id == SubmissionRecord.id, Grading.state.in_(OPEN_STATES))
            ),
        ),
    )
    return (
        update(BlobRecord)
        .where(BlobRecord.deleted_at.is_(None), BlobRecord.kept_at < cut, ~needed)
        .values(deleted_at=now)
    )


def _files(database: PortalDatabase, store: BlobStore, now: datetime) -> int:
    """Delete the files that are marked, and those of uploads that came to nothing.

    A file that is older than the database was put there by another one, whose backup may be about
    to be restored: it stays.
    """
    with database.transaction() as session:
        marked = dict[str, bool]()
        for digest, deleted_at in session.execute(select(BlobRecord.digest, BlobRecord.deleted_at)):
            marked[digest] = deleted_at is not None
        began = session.scalar(select(func.min(AuditEntry.at))) or now
    before = (now - UNKNOWN).timestamp()
    count = 0
    for digest in store.digests():
        if digest not in marked:
            count += store.delete(digest, before=before, since=began.timestamp())
        elif marked[digest]:
            count += store.delete(digest, before=before)
    return count
