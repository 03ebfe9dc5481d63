"""Requests that reach an app at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from grader.exam.transport import Adapter

Result = TypeVar("Result")
MOST = 100
"""Calls at once."""
CONNECT_SECONDS = 5.0
"""How long a connection waits for those of the others."""


class StartGate:
    """Holds the first request of each call back until all of them are connected."""

    def __init__(self, count: int) -> None:
        self._barrier = threading.Barrier(count)

    def wait(self) -> None:
        """Wait for the others; returns at once where one of them will not come."""
        try:
            self._barrier.wait(CONNECT_SECONDS)
        except threading.BrokenBarrierError:
            pass  # the app refuses a connection, or a call has sent nothing

    def give_up(self) -> None:
        """Let the others go: this call does not come."""
        self._barrier.abort()


def simultaneously(calls: Sequence[Callable[[], Result]]) -> list[Result]:
    """Make all of `calls` at once and return what they give, in their order.

    Raises what the first of them raises that fails, once all are over, and `ValueError` for more
    than `MOST`.
    """
    if len(calls) > MOST:
        msg = f"The suite makes {len(calls)} calls at once; {MOST} are the most."
        raise ValueError(msg)
    if not calls:
        return []
    gate = StartGate(len(calls))
    with ThreadPoolExecutor(max_workers=len(calls), thread_name_prefix="together") as pool:
        made = [pool.submit(_gated, call, gate) for call in calls]
    return [one.result() for one in made]


def _gated(call: Callable[[], Result], gate: StartGate) -> Result:
    with Adapter.gated(gate.wait) as passed:
        try:
            return call()
        finally:
            if not passed():
                gate.give_up()
