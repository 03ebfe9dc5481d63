"""The grader's side of an examination: the suite's process, its results, its requests."""

from __future__ import annotations

import logging
import queue
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from grader.errors import Cancelled, PlatformError
from grader.exam.channel import Channel, WireError
from grader.exam.children import Spawned, Starter
from grader.exam.dispatch import Operations
from grader.exam.faults import Mismatch
from grader.exam.protocol import (
    AnswerTime,
    Begin,
    Call,
    CallResult,
    Collect,
    CriterionResult,
    End,
    ExamDescription,
    MarkedTest,
    Message,
    SuiteDescription,
    SuiteProblems,
    Survey,
    UnmetNeed,
)
from grader.model import CheckResult
from grader.text import last_lines

log = logging.getLogger(__name__)

POLL = 0.05
PATIENCE = 1800.0
"""Seconds that a suite waits for an app's answers beyond its own time, all of them together."""


@dataclass(frozen=True, kw_only=True)
class Examined:
    """What came of a suite."""

    results: tuple[CheckResult, ...] = ()
    problems: tuple[str, ...] = ()
    """Faults of the suite itself."""
    tests: tuple[MarkedTest, ...] = ()
    """What was collected, where only a survey was asked for."""
    out_of_time: bool = False
    busy: float = 0.0
    """Seconds of the suite's time that the grader spent on what the suite asked of it."""
    waited: float = 0.0
    """Seconds that the app took to answer, or did not."""
    answered: float = 0.0
    """Seconds of these for answers within their limits, as far as is known."""
    fault: str = ""
    """Why the platform failed under something that the suite asked for; empty where it did not."""
    crash: str = ""
    """Why the process ended before its time; empty where it did not."""


@dataclass
class _Progress:
    results: dict[str, CheckResult] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    tests: tuple[MarkedTest, ...] = ()
    busy: float = 0.0
    waited: float = 0.0
    answered: float = 0.0
    fault: str = ""
    ended: bool = False

    def note(self, time: AnswerTime) -> None:
        """Note how long the app has taken so far."""
        self.waited, self.answered = time.waited, time.answered


class ExamProcess:
    """A suite's process: started early, so that it has collected its tests when it is needed."""

    def __init__(self, start: Starter = Spawned, folder: Path | None = None) -> None:
        """Its own folder is made in `folder`; None: where temporary ones are."""
        self._scratch = tempfile.TemporaryDirectory(prefix="grader-exam-", dir=folder)
        ours, theirs = socket.socketpair()
        self._channel = Channel(ours)
        log_path = Path(self._scratch.name, "output")
        with theirs, log_path.open("wb") as output:
            self._child = start(theirs.fileno(), Path(self._scratch.name), output.fileno())
        self._log = log_path
        self._inbox: queue.Queue[Message | WireError | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True, name="exam-reader").start()

    def collect(self, suite: SuiteDescription) -> None:
        """Have the tests of `suite` collected; `examine` tells what goes wrong."""
        with suppress(WireError):
            self._channel.send(Collect(suite=suite))

    def survey(
        self, suite: SuiteDescription, *, deadline: float, cancel: threading.Event
    ) -> Examined:
        """Collect the tests of `suite` and run none; `tests` and `problems` tell of them.

        Takes at most `deadline` seconds. Raises `Cancelled`.
        """
        self.collect(replace(suite, survey=True))
        return self._listen(Operations(), deadline, cancel, lambda result: None)

    def examine(
        self,
        exam: ExamDescription,
        operations: Operations,
        *,
        deadline: float,
        cancel: threading.Event,
        on_result: Callable[[CheckResult], None] = lambda result: None,
    ) -> Examined:
        """Run the suite that was collected as `exam` says, for at most `deadline` seconds.

        What the grader does for it does not count, nor what the app takes for answers within the
        limit of a request, up to `PATIENCE` seconds: a slow app is examined as a fast one is.
        `operations` are what the suite may ask for; one that raises `Mismatch` fails the test that
        asked. Raises `Cancelled`, and `PlatformError` where the engine failed under a call.
        """
        with suppress(WireError):  # one that has ended has left word of it
            self._channel.send(Begin(exam=exam))
        return self._listen(operations, deadline, cancel, on_result)

    def _listen(
        self,
        operations: Operations,
        deadline: float,
        cancel: threading.Event,
        on_result: Callable[[CheckResult], None],
    ) -> Examined:
        """Handle what the suite says, up to its end or that of its time."""
        progress = _Progress()
        started = time.monotonic()
        while not progress.ended:
            if cancel.is_set():
                msg = "The run was cancelled during the examination."
                raise Cancelled(msg)
            given = deadline + progress.busy + min(progress.answered, PATIENCE)
            if time.monotonic() - started > given:
                return self._examined(progress, out_of_time=True)
            try:
                message = self._inbox.get(timeout=POLL)
            except queue.Empty:
                continue
            if message is None or isinstance(message, WireError):
                return self._examined(progress, crash=str(message) if message else self._why())
            self._handle(message, operations, progress, on_result)
        return self._examined(progress)

    def _handle(
        self,
        message: Message,
        operations: Operations,
        progress: _Progress,
        on_result: Callable[[CheckResult], None],
    ) -> None:
        match message:
            case CriterionResult() | UnmetNeed():
                progress.note(message.time)
                result = message.result()
                if progress.results.setdefault(result.criterion, result) is result:
                    on_result(result)
            case AnswerTime():
                progress.note(message)
            case Call():
                started = time.monotonic()
                answer = _answer(message, operations)
                if answer.fault == "platform":
                    progress.fault = progress.fault or answer.reason
                self._channel.answer(answer)
                progress.busy += time.monotonic() - started
            case SuiteProblems():
                progress.problems += message.problems
            case Survey():
                progress.tests = message.tests
                progress.problems += message.problems
            case End():
                progress.ended = True
            case Collect() | Begin() | CallResult():
                msg = f"The suite's process has sent {type(message).__name__}, which is ours."
                raise PlatformError(msg)

    def _examined(self, progress: _Progress, **more: Any) -> Examined:
        return Examined(
            results=tuple(progress.results.values()), problems=tuple(progress.problems),
            tests=progress.tests,
            busy=progress.busy, waited=progress.waited, answered=progress.answered,
            fault=progress.fault, **more,
        )  # fmt: skip

    def _read(self) -> None:
        """Pass on what comes over the channel, up to its end."""
        while True:
            try:
                message = self._channel.receive()
            except WireError as error:
                self._inbox.put(error)
                return
            except ValueError:  # closed while reading
                message = None
            self._inbox.put(message)
            if message is None:
                return

    def _why(self) -> str:
        """Return why the process ended, from its own words."""
        status = self._child.status(within=2)
        said = last_lines(self._log.read_text("utf-8", "replace"), 8)
        return f"The suite's process ended with status {status}. {said}"

    def close(self) -> None:
        """End the process, whatever it is doing, and remove its folder."""
        self._child.end()
        self._channel.close()
        self._scratch.cleanup()


def _answer(message: Call, operations: Operations) -> CallResult:
    """Do what was asked; a failure of the platform goes on to end the run as well."""
    try:
        return CallResult(id=message.id, value=operations.call(message.name, message.arguments))
    except Mismatch as error:
        return CallResult(id=message.id, fault="student", reason=str(error))
    except PlatformError as error:
        log.debug("%s failed: %s", message.name, error)
        return CallResult(id=message.id, fault="platform", reason=str(error))
