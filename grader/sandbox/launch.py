"""From a started container to an app that answers, or to the reason why it does not."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from grader.app_spec import Readiness
from grader.deadline.http import status_of
from grader.errors import Cancelled
from grader.sandbox.container import Container
from grader.sandbox.diagnosis import AppSettings, Facts, diagnose
from grader.sandbox.ending import final_state
from grader.sandbox.sockets import Listener
from grader.sandbox.tracebacks import is_exhausted, log_tail

POLL = 0.02
"""Seconds between two requests for readiness."""
EARLIEST = 0.25
"""Seconds that hardly an app needs less than to start."""
FIRST_POLL = 0.05
"""Seconds between two requests until then."""
ATTEMPT = 2.0
"""Seconds that one of them may take."""
FIRST_ATTEMPT = 0.25
"""Seconds that the first may take; one that meets a container which just ends would hang."""
READ_SECONDS = 5.0
"""Seconds that a page may take whose answer is looked at."""
STATE_POLL = 0.1
"""Seconds between two looks at whether the container still runs."""
LOG_POLL = 0.5
"""Seconds between two looks at what an app prints that answers with errors."""
SERVER_ERROR = 500
ERRING_PAUSE = 0.1
"""The pause between two requests, as a share of the time for which it has answered with errors."""
PATIENCE = 8.0
"""Seconds after which an app that listens elsewhere, or steadily answers 4xx, is given up."""


@dataclass(frozen=True, kw_only=True)
class NotReady:
    """The app did not become ready: why, and the last lines that it printed."""

    rationale: str
    evidence: str
    cause: str = ""
    """The id of the cause that was named (`diagnosis.CAUSES`)."""


@dataclass
class SeenAnswers:
    """What the requests have shown so far, over all waits for one start."""

    answered: int | None = None
    hung: bool = False
    log: str = ""
    """What the app had printed while it still had connections left."""
    looked: float = 0.0
    """When that was looked at last."""
    erring_since: float = 0.0
    """When it first answered with an error of its own; 0 where it never did."""

    def note(self, status: int) -> None:
        """Note that it answered with `status`."""
        self.answered = status
        if status >= SERVER_ERROR:
            self.erring_since = self.erring_since or time.monotonic()

    def pause(self, elapsed: float) -> float:
        """Return the seconds until the next request.

        They grow while it answers with errors: each may cost it a connection that it leaves open.
        """
        if (self.answered or 0) >= SERVER_ERROR:
            return max(POLL, (time.monotonic() - self.erring_since) * ERRING_PAUSE)
        return POLL if elapsed > EARLIEST else FIRST_POLL

    def keep_log(self, container: Container) -> None:
        """Look at the log of an app that answers with errors, now and then.

        One that leaves a connection open at each of them runs out of them, as it is asked so often.
        """
        now = time.monotonic()
        if (self.answered or 0) < SERVER_ERROR or now < self.looked + LOG_POLL:
            return
        self.looked, log = now, container.logs()
        if not is_exhausted(log):
            self.log = log


def await_ready(
    container: Container,
    address: tuple[str, int],
    readiness: Readiness,
    surroundings: AppSettings,
    *,
    cancel: threading.Event,
    listening: Callable[[str], tuple[Listener, ...]],
    seen: SeenAnswers | None = None,
) -> NotReady | None:
    """Wait until the app answers as `readiness` says; None once it does.

    `address` leads to it; `listening` gives the sockets of a container by its id, and is asked only
    when something is amiss; `seen` is what an earlier wait has noted. Raises `Cancelled`.
    """
    started = time.monotonic()
    asking, looked = _Asking(address, readiness, seen or SeenAnswers()), False
    asking.start()
    try:
        while (elapsed := time.monotonic() - started) < readiness.within:
            if asking.answered.wait(STATE_POLL):
                return None
            if cancel.is_set():
                msg = "The run was cancelled while the app started."
                raise Cancelled(msg)
            if not container.state().running:
                break
            asking.seen.keep_log(container)
            if elapsed > PATIENCE and not looked:
                looked = True
                if _hopeless(asking.seen, surroundings.port, listening(container.id)):
                    break
    finally:
        asking.over.set()
    return _reason(container, readiness, surroundings, asking.seen, listening)


class _Asking(threading.Thread):
    """Asks again and again, by itself: a request to a container that has just ended hangs."""

    def __init__(self, address: tuple[str, int], readiness: Readiness, seen: SeenAnswers) -> None:
        super().__init__(name="asking", daemon=True)
        self._address = address
        self._readiness = readiness
        self.seen = seen
        self.answered, self.over = threading.Event(), threading.Event()

    def run(self) -> None:
        """Ask until it answers, its time is up, or nobody waits any more."""
        started = time.monotonic()
        while not self.over.is_set():
            elapsed = time.monotonic() - started
            attempt = min(ATTEMPT, FIRST_ATTEMPT + elapsed / 2)
            left = self._readiness.within - elapsed
            if left <= 0:
                return
            if _answers(self._address, self._readiness, self.seen, left, attempt):
                self.answered.set()
                return
            self.over.wait(self.seen.pause(elapsed))


def explain(
    container: Container,
    address: tuple[str, int],
    readiness: Readiness,
    surroundings: AppSettings,
    *,
    listening: Callable[[str], tuple[Listener, ...]],
) -> NotReady:
    """Return why an app that has had its time does not answer, as it is now."""
    seen = SeenAnswers()
    _answers(address, readiness, seen, ATTEMPT)
    return _reason(container, readiness, surroundings, seen, listening)


def get(address: tuple[str, int], path: str) -> int | None:
    """Return the status of one GET; None where no answer comes in time."""
    seen = SeenAnswers()
    _answers(
        address,
        Readiness(path=path, status=200, within=READ_SECONDS),
        seen,
        READ_SECONDS,
        READ_SECONDS,
    )
    return seen.answered


def is_ready(address: tuple[str, int], readiness: Readiness) -> bool:
    """Return whether the app at `address` answers now as `readiness` says."""
    return _answers(address, readiness, SeenAnswers(), ATTEMPT)


def _answers(
    address: tuple[str, int],
    readiness: Readiness,
    seen: SeenAnswers,
    remaining: float,
    attempt: float = ATTEMPT,
) -> bool:
    """Return whether one GET gives the status that is waited for; what came is noted in `seen`."""
    try:
        status = status_of(address, readiness.path, min(attempt, max(remaining, 0.1)))
    except TimeoutError:
        seen.hung = True
        return False
    except (OSError, http.client.HTTPException):
        return False
    seen.note(status)
    return readiness.accepts(status)


def _hopeless(seen: SeenAnswers, port: int, sockets: tuple[Listener, ...]) -> bool:
    """Return whether waiting longer cannot help.

    It listens elsewhere only, or answers 3xx or 4xx.
    """
    if seen.answered is not None:
        return 300 <= seen.answered < 500
    reachable = [one for one in sockets if one.port == port and not one.loopback]
    return bool(sockets) and not reachable


def _reason(
    container: Container,
    readiness: Readiness,
    surroundings: AppSettings,
    seen: SeenAnswers,
    listening: Callable[[str], tuple[Listener, ...]],
) -> NotReady:
    state = final_state(container.state)
    logs = container.logs()
    if seen.log and is_exhausted(logs):
        logs = seen.log
    facts = Facts(
        ready=readiness,
        surroundings=surroundings,
        state=state,
        logs=logs,
        listening=listening(container.id) if state.running else (),
        answered=seen.answered,
        hung=seen.hung,
    )
    evidence = (
        f"Last lines of the app's log:\n{log_tail(logs)}"
        if logs.strip()
        else ("The app printed nothing.")
    )
    found = diagnose(facts)
    return NotReady(rationale=found.sentence, evidence=evidence, cause=found.cause)
