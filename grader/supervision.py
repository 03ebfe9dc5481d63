"""Work under a supervisor: what does not end within its limit is given up, and named.

Limits of calls are where the calls are. This is what is left to catch: whatever hangs all the
same, a run goes on without it, and without a score.
"""

from __future__ import annotations

import math
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from grader.deadline import ending
from grader.errors import Cancelled, PlatformError

POLL = 0.05
"""Seconds between two looks at whether anything is over its limit."""
PACKAGE = Path(__file__).parent
PLUMBING = (PACKAGE / "deadline", PACKAGE / "sandbox" / "transport.py")
"""Where a call waits, whoever made it."""


class Overdue(PlatformError):
    """A phase of a run did not end within its limit; the message names the call it was in."""


class Abandoned(Cancelled):
    """What was cancelled did not come to its end in time, and may go on in its thread."""


@dataclass(frozen=True)
class _Phase:
    name: str
    limit: float
    until: float
    thread: int


class Supervisor:
    """Knows which phases of a run are under way, and what each may take."""

    def __init__(self) -> None:
        self._running: dict[int, _Phase] = {}
        self._lock = threading.Lock()
        self._next = 0

    def phase(self, name: str, limit: float) -> AbstractContextManager[None]:
        """Hold the present thread in the phase `name` within the block, for `limit` seconds."""
        return self.of(name, limit, threading.current_thread())

    @contextmanager
    def of(self, name: str, limit: float | None, thread: threading.Thread) -> Iterator[None]:
        """`thread` is in the phase `name` within the block; without a `limit`, for ever."""
        limit = math.inf if limit is None else limit
        until = time.monotonic() + limit
        with self._lock:
            self._next = key = self._next + 1
            self._running[key] = _Phase(name, limit, until, thread.ident or 0)
        try:
            yield
        finally:
            with self._lock:
                del self._running[key]

    def require_in_time(self) -> None:
        """Raise `Overdue` where a phase is over its limit."""
        now = time.monotonic()
        with self._lock:
            late = [one for one in self._running.values() if now > one.until]
        if late:
            one = late[-1]  # the innermost, where one is within another
            raise Overdue(_sentence(one.name, one.limit, one.thread))


def supervised(
    work: Callable[[], None],
    *,
    supervisor: Supervisor | None = None,
    limit: float | None = None,
    name: str = "run",
    cancel: threading.Event | None = None,
    interrupted: Callable[[], object] = bool,
) -> None:
    """Do `work` in a thread of its own, so that Ctrl-C hits no half-done step.

    A signal raises in the main thread wherever that is; here it only waits, calls `interrupted`,
    and lets `work` come to its end. Once `cancel` is set, or it is interrupted, `work` has
    `ending.patience` seconds; then it is abandoned. Raises what `work` does, `Abandoned` where it
    was cancelled and went on, and `Overdue` where it or one of the phases that `supervisor` knows
    took too long: past `limit` seconds for all of it.
    """
    raised: list[BaseException] = []
    done = threading.Event()  # an interrupted join may take a thread for ended: bpo-45274

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised again by the one who waits
            raised.append(error)
        finally:
            done.set()

    worker = threading.Thread(target=run, name=name, daemon=True)
    watch = Supervisor() if supervisor is None else supervisor
    try:
        worker.start()
        with watch.of(name, limit, worker):
            _await(done, worker, watch, cancel)
    except Overdue:
        ending.abandon()
        raise
    except BaseException:
        interrupted()
        if worker.ident is not None and not done.wait(ending.patience()):
            ending.abandon()
        raise
    if raised:
        raise raised[0]


def _await(
    done: threading.Event,
    worker: threading.Thread,
    supervisor: Supervisor,
    cancel: threading.Event | None,
) -> None:
    """Wait for the end, looking at limits and at the cancellation meanwhile."""
    while not done.wait(POLL):
        supervisor.require_in_time()
        if cancel is not None and cancel.is_set():
            if done.wait(ending.patience()):
                return
            ending.abandon()
            msg = f"The run was cancelled; it did not end by itself, {_place(worker.ident or 0)}."
            raise Abandoned(msg)


def _sentence(name: str, limit: float, thread: int) -> str:
    return (
        f"The phase {name!r} did not end within its limit of {limit:.0f} s and was given up: "
        f"{_place(thread)}. Grade again; where that comes to the same, report this sentence."
    )


def _place(thread: int) -> str:
    """Return the innermost call of the grader's own in `thread` that says something."""
    frame = sys._current_frames().get(thread)  # noqa: SLF001 - the documented way to all threads
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(PACKAGE) and not any(map(path.is_relative_to, PLUMBING)):
            where = path.relative_to(PACKAGE.parent).as_posix()
            return f"it was in {where}:{frame.f_lineno} ({frame.f_code.co_qualname})"
        frame = frame.f_back
    return "it was in none of the grader's own calls"
