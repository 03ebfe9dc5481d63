"""The grader's side of an examination: the suite's process, its results, its requests."""

from __future__ import annotations

import logging
import queue
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from grader.errors import Cancelled, PlatformError
from grader.exam.children import Spawned, Starter
from grader.exam.faults import Mismatch
from grader.exam.protocol import Channel, Message, WireError
from grader.model import CheckResult, Outcome, PartResult, exact
from grader.text import last_lines

log = logging.getLogger("grader.exam")

POLL = 0.05
PATIENCE = 1800.0
"""Seconds that a suite waits for an app's answers beyond its own time, all of them together."""
Calls = Mapping[str, Callable[..., Any]]
"""What a suite may ask of the grader, by name."""


@dataclass(frozen=True, kw_only=True)
class Examined:
    """What came of a suite."""

    results: tuple[CheckResult, ...] = ()
    problems: tuple[str, ...] = ()
    """Faults of the suite itself; its tests' criteria where only a survey was asked for."""
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
    busy: float = 0.0
    waited: float = 0.0
    answered: float = 0.0
    fault: str = ""
    ended: bool = False


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
        self._collecting = False
        self._inbox: queue.Queue[Message | WireError | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True, name="exam-reader").start()

    def collect(self, suite: Mapping[str, Any]) -> None:
        """Have the tests collected that `suite` describes: `root`, `paths`, and whether `survey`.

        What goes wrong is told by `examine`.
        """
        self._collecting = True
        with suppress(WireError):
            self._channel.send({"kind": "collect", "suite": dict(suite)})

    def examine(
        self,
        exam: Mapping[str, Any],
        calls: Calls,
        *,
        deadline: float,
        cancel: threading.Event,
        on_result: Callable[[CheckResult], None] = lambda result: None,
    ) -> Examined:
        """Run the suite that `exam` describes, for at most `deadline` seconds of its own.

        What the grader does for it does not count, nor what the app takes for answers within the
        limit of a request, up to `PATIENCE` seconds: a slow app is examined as a fast one is.
        `calls` are what the suite may ask for; one that raises `Mismatch` fails the test that
        asked. Raises `Cancelled`, and `PlatformError` where the engine failed under a call.
        """
        progress = _Progress()
        if not self._collecting:
            self.collect({name: exam[name] for name in ("survey", "root", "paths")})
        if not exam["survey"]:
            with suppress(WireError):  # one that has ended has left word of it
                self._channel.send({"kind": "begin", "exam": dict(exam)})
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
            self._handle(message, calls, progress, on_result)
        return self._examined(progress)

    def _handle(
        self,
        message: Message,
        calls: Calls,
        progress: _Progress,
        on_result: Callable[[CheckResult], None],
    ) -> None:
        match message["kind"]:
            case "result":
                result = _result(message)
                progress.waited = message["waited"]
                progress.answered = message.get("answered", progress.answered)
                if progress.results.setdefault(result.criterion, result) is result:
                    on_result(result)
            case "answered":
                progress.answered = message["answered"]
            case "call":
                started = time.monotonic()
                answer = _answer(message, calls)
                if answer.get("fault") == "platform":
                    progress.fault = progress.fault or answer["value"]
                self._channel.send(answer)
                progress.busy += time.monotonic() - started
            case "suite":
                progress.problems += message["problems"]
            case "end":
                progress.ended = True

    def _examined(self, progress: _Progress, **more: Any) -> Examined:
        return Examined(
            results=tuple(progress.results.values()), problems=tuple(progress.problems),
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
        """Why the process ended, from its own words."""
        status = self._child.status(within=2)
        said = last_lines(self._log.read_text("utf-8", "replace"), 8)
        return f"The suite's process ended with status {status}. {said}"

    def close(self) -> None:
        """End the process, whatever it is doing, and remove its folder."""
        self._child.end()
        self._channel.close()
        self._scratch.cleanup()


def _result(message: Message) -> CheckResult:
    return CheckResult(
        criterion=message["criterion"], outcome=Outcome(message["outcome"]),
        rationale=message["rationale"], evidence=message["evidence"], duration=message["duration"],
        withheld=message.get("withheld"), kept=Fraction(message.get("kept", 0)),
        parts=tuple(_part(one) for one in message.get("parts", ())),
        hinted=message.get("hinted", True),
    )  # fmt: skip


def _part(item: dict[str, Any]) -> PartResult:
    return PartResult(
        id=item["id"], title=item["title"], points=exact(Fraction(item["points"])),
        outcome=Outcome(item["outcome"]), rationale=item["rationale"],
    )  # fmt: skip


def _answer(message: Message, calls: Calls) -> Message:
    """Do what was asked; a failure of the platform goes on to end the run as well."""
    reply: Message = {"kind": "reply", "id": message["id"]}
    call = calls.get(message["name"])
    if call is None:
        return reply | {"value": f"the grader knows no {message['name']!r}", "fault": "platform"}
    try:
        return reply | {"value": call(**message["arguments"])}
    except Mismatch as error:
        return reply | {"value": str(error), "fault": "student"}
    except PlatformError as error:
        log.debug("%s failed: %s", message["name"], error)
        return reply | {"value": str(error), "fault": "platform"}
