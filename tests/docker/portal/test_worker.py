"""Workers with a stand-in for `grade`: events, leases, cancelling, and ends of every kind."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from grader.errors import Cancelled, PlatformError, SourceError
from grader.events import CheckFinished, PhaseStarted, RunStarted
from grader.model import GradeReport
from grader.portal.actions.withdraw import withdraw
from grader.portal.data.base import utc_now
from grader.portal.data.operations import WorkerRecord
from grader.portal.data.work import (
    GradingEvent,
    GradingResult,
    GradingState,
    StoredReport,
    SubmissionRecord,
)
from grader.portal.store import BlobStore, StoredBlob
from grader.portal.web.hub import EventHub
from grader.portal.worker.process import WorkerPlan, work
from grader.portal.worker.sources import require_public
from grader.settings import Settings
from grader.testing import a_challenge, a_result, graded
from grader.waiting import wait_until
from tests.docker.portal.people import BLOB, CONTENT, School

CHALLENGE = a_challenge(digest="sha256:" + "e" * 64)
WITHIN = 40.0
Grade = Callable[..., GradeReport]


def quick(challenge: Any, source: Any, settings: Any, **more: Any) -> GradeReport:
    """Tell of a run, and pass what there is."""
    result = a_result("entry.create", rationale="never told")
    for event in (
        RunStarted(run="r", challenge=challenge, origin=str(source), seed=more["options"].seed),
        PhaseStarted(phase="build"),
        CheckFinished(result=result),
    ):
        more["listener"](event)
    report = graded(result, challenge=challenge)
    return replace(report, provenance=replace(report.provenance, origin=str(source)))


def until_cancelled(*_: Any, **more: Any) -> GradeReport:
    """Go on until it is told to end."""
    more["cancel"].wait(WITHIN)
    msg = "Cancelled."
    raise Cancelled(msg)


@contextmanager
def working(here: School, machine: Settings, grade: Grade, slots: int = 2) -> Iterator[None]:
    """A worker in a thread; what it raises is raised here."""
    blobs = BlobStore(machine.state / "blobs")
    blobs.put(io.BytesIO(CONTENT), most=len(CONTENT))
    plan = WorkerPlan(
        database=here.database, blobs=machine.state / "blobs", settings=machine,
        exams={CHALLENGE.digest: CHALLENGE}, slots=slots, grade=grade,
        shared=lambda settings: nullcontext(None),
    )  # fmt: skip
    stop, raised = threading.Event(), list[BaseException]()

    def run() -> None:
        try:
            work(plan, stop)
        except BaseException as error:  # noqa: BLE001 - it is the test's
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(WITHIN)
    assert not thread.is_alive()
    assert raised == []


def state_of(here: School, grading: int, *wanted: GradingState) -> GradingState:
    """The state of a grading once it is one of `wanted`, or the time is over."""
    wait_until(lambda: here.grading(grading).state in wanted, within=WITHIN)
    return here.grading(grading).state


def test_what_is_handed_in_is_graded(here: School, machine: Settings) -> None:
    """Before the worker came and after; with its events, and under the name that was given."""
    _, before = here.hand_in()
    with working(here, machine, quick):
        _, after = here.hand_in("ben", file="Ben's answer.zip")
        for grading in (before, after):
            assert state_of(here, grading, GradingState.DONE) is GradingState.DONE
    with here.database.transaction() as session:
        events = session.scalars(
            select(GradingEvent).where(GradingEvent.grading_id == after)
            .order_by(GradingEvent.sequence)
        ).all()  # fmt: skip
        assert [one.kind for one in events] == ["started", "phase", "criterion"]
        assert "never told" not in str([one.data for one in events])
        document = session.get_one(StoredReport, after).document
        assert "Ben's answer.zip" in document
        assert "blobs" not in document
        worker = session.scalars(select(WorkerRecord).order_by(WorkerRecord.id.desc())).first()
        assert worker
        assert worker.ended_at


def test_news_come_to_who_waits(here: School, machine: Settings) -> None:
    """As soon as there are any, by one connection."""
    hub = EventHub(here.database.url, most=1)
    with hub.place() as room, hub.place() as full:
        assert room
        assert not full
        _, grading = here.hand_in()
        with working(here, machine, quick):
            state_of(here, grading, GradingState.DONE)
            _, second = here.hand_in("ben")
            assert hub.wait(second, 0, WITHIN) >= 1
    hub.close()


def test_a_worker_that_ends_gives_back(here: School, machine: Settings) -> None:
    """The next one grades it, and it is the first attempt still."""
    _, grading = here.hand_in()
    with working(here, machine, until_cancelled):
        assert state_of(here, grading, GradingState.RUNNING) is GradingState.RUNNING
    assert here.grading(grading).state is GradingState.QUEUED
    with working(here, machine, quick):
        assert state_of(here, grading, GradingState.DONE) is GradingState.DONE
    assert here.grading(grading).attempt == 1


def test_what_is_withdrawn_ends(here: School, machine: Settings) -> None:
    """Within a heartbeat or two, and no result is written."""
    ended = threading.Event()

    def slow(*args: Any, **more: Any) -> GradeReport:
        try:
            return until_cancelled(*args, **more)
        finally:
            ended.set()

    submission, grading = here.hand_in()
    with working(here, machine, slow):
        state_of(here, grading, GradingState.RUNNING)
        with here.database.transaction() as session:
            ada = here.user(session, "ada")
            withdraw(session, ada, session.get_one(SubmissionRecord, submission), utc_now())
        assert ended.wait(WITHIN)
    assert here.grading(grading).state is GradingState.CANCELLED
    with here.database.transaction() as session:
        assert session.scalars(select(GradingResult)).all() == []


@pytest.mark.parametrize(
    ("error", "state", "attempts"),
    [
        (PlatformError("No engine."), GradingState.FAULT, 3),
        (ZeroDivisionError("a fault of ours"), GradingState.FAULT, 3),
        (SourceError("blobs/bb is damaged."), GradingState.UNREADABLE, 1),
    ],
)
def test_what_fails(
    here: School, machine: Settings, error: Exception, state: GradingState, attempts: int
) -> None:
    """The platform three times; what cannot be read is told at once."""

    def failing(*_: Any, **__: Any) -> GradeReport:
        raise error

    _, grading = here.hand_in()
    with working(here, machine, failing):
        assert state_of(here, grading, GradingState.FAULT, GradingState.UNREADABLE) is state
    assert here.grading(grading).attempt == attempts


def test_a_worker_without_the_blobs_is_a_fault_of_ours(here: School, machine: Settings) -> None:
    """And never a submission that cannot be read."""
    other = BLOB.digest[:-1] + ("0" if BLOB.digest[-1] != "0" else "1")
    _, grading = here.hand_in(blob=StoredBlob(digest=other, size=1))
    with working(here, machine, quick):
        found = state_of(here, grading, GradingState.FAULT, GradingState.UNREADABLE)
    assert found is GradingState.FAULT
    assert "folder of blobs" in here.grading(grading).reason


def test_two_workers_grade_each_once(here: School, machine: Settings) -> None:
    """Of two courses, on both."""
    names = [("ada", False), ("ben", False), ("ta", False), ("olga", True), ("otto", True)]
    gradings = [here.hand_in(name, other=other)[1] for name, other in names]
    seen, lock = list[str](), threading.Lock()

    def counting(*args: Any, **more: Any) -> GradeReport:
        with lock:
            seen.append(threading.current_thread().name)
        return quick(*args, **more)

    with working(here, machine, counting, 1), working(here, machine, counting, 1):
        for grading in gradings:
            assert state_of(here, grading, GradingState.DONE) is GradingState.DONE
    assert len(seen) == len(gradings)


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/x", "https://[::1]/x", "https://localhost/x", "https://10.0.0.1/x",
     "https://169.254.169.254/x", "http://example.org/x", "https://u:p@example.org/x"],
)  # fmt: skip
def test_private_addresses_are_not_fetched(url: str) -> None:
    """By whatever name."""
    with pytest.raises(SourceError):
        require_public(url)


def test_a_public_address_is_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    """The address that was looked at is the one that git goes to."""
    import socket

    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert require_public("https://host.example/x") == "host.example:443:93.184.215.14"
    found.append((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443)))
    with pytest.raises(SourceError, match="no public host"):
        require_public("https://host.example/x")
