"""Wait for something by looking at it again and again: the one place where the grader does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from grader.errors import Cancelled

Seen = TypeVar("Seen")
POLL = 0.05
"""Seconds between two looks."""


def wait_until(
    condition: Callable[[], Seen],
    *,
    within: float,
    poll: float = POLL,
    cancel: threading.Event | None = None,
) -> Seen:
    """Return what `condition` gives once that is true, else what it gave last.

    It is called every `poll` seconds, at least once, and a last time once `within` seconds are
    over; with `math.inf` there is no such end. What it raises goes through. Raises `Cancelled` once
    `cancel` is set.
    """
    end = time.monotonic() + within
    while True:
        if cancel is not None and cancel.is_set():
            msg = "Stopped while waiting, since the run was cancelled."
            raise Cancelled(msg)
        seen = condition()
        left = end - time.monotonic()
        if seen or left <= 0:
            return seen
        time.sleep(min(poll, left))
