"""Grading every entry that has no result yet, a few at a time, none at another's cost."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, assert_never

from grader.batch.attempts import Attempt, AttemptEnding
from grader.batch.entry import Entry
from grader.batch.identity import Key, identify, is_about
from grader.batch.report_store import ReportStore
from grader.batch.rescoring import rescored
from grader.deadline.ending import cancelled_by
from grader.errors import Cancelled, GraderError, SpecError, UsageError
from grader.memory import give_back, share_heap
from grader.model import Challenge, Graded, GradeReport, Rejected, Ungradable
from grader.pipeline import Options, grade
from grader.report.json import to_dict, to_json
from grader.report.view import number, unmet_in, unmet_of
from grader.run.environment.pool import EnvironmentPool
from grader.run.verdict import unforeseen
from grader.settings import Settings
from grader.text import clean, clip

log = logging.getLogger(__name__)

PAUSES = (2.0, 15.0)
"""Seconds before each repetition of a run that the platform failed."""
SIGNAL_SECONDS = 0.5
"""How late Ctrl-C may be seen."""


@dataclass(frozen=True, kw_only=True)
class BatchPlan:
    """What a batch does."""

    challenge: Challenge
    settings: Settings
    store: ReportStore
    jobs: int = 2
    seed: int | None = None
    """The same for all; None: each submission has one of its own."""
    pauses: tuple[float, ...] = PAUSES
    grade: Callable[..., GradeReport] = grade
    shared: Callable[[Settings], AbstractContextManager[EnvironmentPool | None]] = EnvironmentPool
    """Gives what the runs share."""


def run_batch(
    plan: BatchPlan,
    entries: tuple[Entry, ...],
    *,
    on_start: Callable[[Entry], None] = lambda entry: None,
    on_end: Callable[[Attempt], None] = lambda attempt: None,
) -> tuple[Attempt, ...]:
    """Grade each of `entries` that has no report which still counts; what became of each.

    `on_start` and `on_end` are called from several threads. Raises `SpecError` where the suite of
    the challenge is broken, `DiskFull` where no report can be written, `Cancelled` on Ctrl-C; what
    was being graded then is removed, and what was graded before stays.
    """
    share_heap()
    batch = _Batch(plan=plan, key=Key.of(plan.challenge, plan.seed))

    def one(entry: Entry) -> Attempt:
        try:
            on_start(entry)
            attempt = batch.attempt(entry)
            on_end(attempt)
        except BaseException as error:  # it is everybody's: no other one needs to go on
            batch.stop(error)
            raise
        return attempt

    with (
        plan.shared(plan.settings) as batch.environments,
        ThreadPoolExecutor(max_workers=plan.jobs, thread_name_prefix="batch") as pool,
    ):
        try:
            return _results([pool.submit(one, entry) for entry in entries])
        except BaseException as error:  # noqa: BLE001 - the first one is raised again
            batch.stop(error)
            pool.shutdown(wait=True, cancel_futures=True)
            assert batch.failure is not None
            if isinstance(batch.failure, KeyboardInterrupt):
                msg = "Stopped by Ctrl-C. Run the same command again to go on where it stopped."
                raise Cancelled(msg) from None
            raise batch.failure from None


def _results(futures: list[Future[Attempt]]) -> tuple[Attempt, ...]:
    """Return what each comes to; the first that raises ends it.

    A signal that comes as a wait begins is seen when the wait ends, so none is long.
    """
    left = set(futures)
    while left:
        done, left = wait(left, timeout=SIGNAL_SECONDS, return_when=FIRST_COMPLETED)
        for one in done:
            one.result()
    return tuple(one.result() for one in futures)


@dataclass
class _Batch:
    """One run of a plan: its events, one for each submission, as one must not stop another."""

    plan: BatchPlan
    key: Key
    failure: BaseException | None = None
    """What ended the whole batch."""
    environments: EnvironmentPool | None = None
    _stopped: threading.Event = field(default_factory=threading.Event)
    _events: set[threading.Event] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def stop(self, error: BaseException) -> None:
        """End everything that is under way because of `error`; the first one counts."""
        with self._lock:
            self.failure = self.failure or error
            self._stopped.set()
            for event in self._events:
                event.set()

    @contextmanager
    def _event(self) -> Iterator[threading.Event]:
        event = threading.Event()
        with self._lock:
            self._events.add(event)
            if self._stopped.is_set():
                event.set()
        try:
            yield event
        finally:
            with self._lock:
                self._events.discard(event)

    def attempt(self, entry: Entry) -> Attempt:
        """Grade `entry`, or find that it is graded; a platform that fails gets more tries."""
        seed = secrets.randbelow(2**32) if self.plan.seed is None else self.plan.seed
        reason = ""
        for pause in (0.0, *self.plan.pauses):
            if self._stopped.wait(pause):
                msg = "The batch was stopped."
                raise Cancelled(msg)
            try:
                # a repetition stands on nothing that others have used: it may be the fault
                found = self._once(entry, seed, None if reason else self.environments)
            except SpecError:
                raise  # it is the challenge's, and so everybody's
            except UsageError as error:
                return _without(entry, AttemptEnding.UNREADABLE, str(error))
            except GraderError:
                raise  # no room for results, or all is stopped
            except Exception as error:
                log.debug("%s: the grader failed", entry.student, exc_info=True)
                found = unforeseen(error, self.plan.settings.state)
            if isinstance(found, Attempt):
                return found
            reason = found
            log.debug("%s: the platform failed: %s", entry.student, reason)
        return _without(entry, AttemptEnding.FAULT, reason)

    def _once(self, entry: Entry, seed: int, environments: EnvironmentPool | None) -> Attempt | str:
        """One try; the reason where the platform fails."""
        with self._event() as cancel, cancelled_by(cancel):
            try:
                if kept := self._kept(entry, cancel):
                    return kept
                options = Options(seed=seed, ref=entry.ref)
                report = self.plan.grade(
                    self.plan.challenge, entry.source, self.plan.settings,
                    options=options, cancel=cancel, environments=environments,
                )  # fmt: skip
            except GraderError as error:
                if self._stopped.is_set() or isinstance(error, UsageError):
                    raise
                return str(error)
        self.plan.store.write(entry, to_json(report))
        give_back()
        match report:
            case Graded():
                points = _points(
                    number(report.score.earned), report.score.possible, unmet_of(report)
                )
                return Attempt(entry=entry, ending=AttemptEnding.GRADED, points=points)
            case Rejected():
                return Attempt(entry=entry, ending=AttemptEnding.GRADED, points="rejected")
            case Ungradable():
                return report.reason
            case _:
                assert_never(report)

    def _kept(self, entry: Entry, cancel: threading.Event) -> Attempt | None:
        """Return the attempt that a report of before makes superfluous."""
        store, ending = self.plan.store, AttemptEnding.KEPT
        report = store.read(entry)
        if report is None or not (_fits(self.key, report) or _fits_rescored(self.key, report)):
            return None
        now = identify(entry, self.plan.challenge, self.plan.settings, cancel)
        if not is_about(report, now):
            return None
        if not _fits(self.key, report):
            again = rescored(report, self.plan.challenge)
            if again is None:
                return None
            ending, report = AttemptEnding.RESCORED, to_dict(again)
            store.write(entry, to_json(again))
        graded = report["verdict"] == "graded"
        score = report["score"]
        points = (
            _points(score["earned"], score["possible"], unmet_in(report)) if graded else "rejected"
        )
        return Attempt(entry=entry, ending=ending, points=points)


def _points(earned: int | str, possible: int, unmet: str) -> str:
    """Return what is told of a score while the class is graded."""
    return f"{earned}/{possible}, not passed: {clean(unmet)}" if unmet else f"{earned}/{possible}"


def _fits(key: Key, report: dict[str, Any]) -> bool:
    """Return whether `report` is one of ours that stands; a file that somebody mangled is none."""
    try:
        return key.fits(report)
    except (KeyError, TypeError):
        return False


def _fits_rescored(key: Key, report: dict[str, Any]) -> bool:
    """Return whether `report` stands once it is scored again.

    A file that somebody mangled does not.
    """
    try:
        return key.fits_rescored(report)
    except (KeyError, TypeError, AttributeError):
        return False


def _without(entry: Entry, ending: AttemptEnding, reason: str) -> Attempt:
    return Attempt(entry=entry, ending=ending, reason=clip(clean(reason), 1000))
