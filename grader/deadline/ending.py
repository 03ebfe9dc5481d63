"""How this process comes to its end once it is told to, and what is told to threads meanwhile.

A first Ctrl-C lets everything come to an orderly end, for half a minute at most; a second one ends
the process at once. SIGTERM has it end within five seconds, as service managers and CI expect.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn, ParamSpec, TypeVar

from grader.errors import Cancelled

P = ParamSpec("P")
R = TypeVar("R")

ORDERLY_SECONDS = 30.0
"""Seconds after the first Ctrl-C within which everything has to be removed."""
TERMINATED_SECONDS = 4.3
"""The same after SIGTERM."""
LAST_RESORT = 0.4
"""Seconds after those at which the kernel ends a process that cannot end itself."""
SHARE = 0.45
"""Part of the time that is for what is under way; the rest is for removing what was made."""


class _State:
    """The end of this process: there is one for all threads."""

    until: float | None = None
    """When it is over at the latest, as `time.monotonic` has it; None: nobody asked."""
    asked: float = 0.0
    wake = -1
    """A pipe to the thread that ends the process in time."""
    abandoned = False
    """Whether there are threads that do not come to their end."""
    end_children: Callable[[], None] = staticmethod(lambda: None)
    """Kills every program that was started."""


_state = _State()
_local = threading.local()


def install(end_children: Callable[[], None]) -> None:
    """Handle SIGINT and SIGTERM; `end_children` kills every program that was started."""
    _state.end_children = end_children
    asked, _state.wake = os.pipe()
    threading.Thread(target=_end_in_time, args=(asked,), daemon=True, name="ending").start()
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # as for what runs in the background
        signal.signal(signal.SIGINT, _hear)
    signal.signal(signal.SIGTERM, _hear)


def _hear(number: int, frame: FrameType | None) -> None:
    del frame
    first = _state.until is None
    if number == signal.SIGINT and not first:
        end_now()
    _arm(ORDERLY_SECONDS if number == signal.SIGINT else TERMINATED_SECONDS)
    if first:
        raise KeyboardInterrupt


def end_now() -> NoReturn:
    """End the process without another step; what it has made is removed by the next start."""
    _state.end_children()
    if sys.stderr.isatty():
        os.write(2, b"\x1b[?25h\n")  # a progress display hides the cursor
    os.write(2, b"Stopped at once. What is left is removed by the next run or `grader clean`.\n")
    os._exit(Cancelled.exit_code)


def _arm(seconds: float) -> None:
    """Have the process end in `seconds`, whatever its threads do."""
    until = time.monotonic() + seconds
    if _state.until is not None and _state.until <= until:
        return
    _state.until, _state.asked = until, time.monotonic()
    # a thread that does not let go of the interpreter keeps the other one from running
    signal.setitimer(signal.ITIMER_REAL, seconds + LAST_RESORT)
    os.write(_state.wake, b"x")  # a handler takes no lock: the main thread may hold it


def _end_in_time(asked: int) -> None:
    """End the process when its time is up; `asked` is read from once that is set or is sooner."""
    while True:
        until = _state.until
        left = None if until is None else max(until - time.monotonic(), 0.0)
        if left == 0.0:
            end_now()
        if select.select([asked], [], [], left)[0]:
            os.read(asked, 64)


def patience() -> float:
    """Seconds that what is under way may still take to come to an end once it is told to."""
    if _state.until is None:
        return ORDERLY_SECONDS
    whole = _state.until - _state.asked
    return max(_state.asked + whole * SHARE - time.monotonic(), 0.0)


def time_left(otherwise: float) -> float:
    """Seconds until this process is over, at most `otherwise`."""
    if _state.until is None:
        return otherwise
    return min(max(_state.until - time.monotonic(), 0.0), otherwise)


def abandon() -> None:
    """Note that a thread does not come to its end, so that nobody waits for it."""
    _state.abandoned = True


def leave(code: int) -> NoReturn:
    """Exit with `code`; threads that were abandoned, and their programs, are not waited for."""
    if _state.abandoned:
        _state.end_children()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)
    sys.exit(code)


@contextmanager
def cancelled_by(event: threading.Event) -> Iterator[None]:
    """Within the block, `going_on` and the programs of this thread end once `event` is set."""
    before = ambient()
    _local.event = event
    try:
        yield
    finally:
        _local.event = before


def ended_by(event: threading.Event, work: Callable[P, R], *args: P.args, **more: P.kwargs) -> R:
    """Do `work` in a thread that has nothing to end it yet: once `event` is set, it ends."""
    with cancelled_by(event):
        return work(*args, **more)


@contextmanager
def set_on_error(event: threading.Event) -> Iterator[threading.Event]:
    """Set `event` where the block raises, Ctrl-C included."""
    try:
        yield event
    except BaseException:
        event.set()
        raise


def ambient() -> threading.Event | None:
    """Return the event that ends what this thread does; None where there is none."""
    return getattr(_local, "event", None)


def going_on() -> None:
    """Raise `Cancelled` where this thread's work is to end. For loops that may be long."""
    event = ambient()
    if event is not None and event.is_set():
        msg = "The run was cancelled."
        raise Cancelled(msg)
