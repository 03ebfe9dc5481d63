"""What the suite's look into a database may take, whichever server it is.

What runs out of any of it does so for what is in the student's database (locks, views that wait,
very large tables), so it is the student's loss.
"""

from __future__ import annotations

from grader.exam.faults import Mismatch

CONNECT_SECONDS = 5
STATEMENT_SECONDS = 5
"""How long one statement may take."""
LOCK_SECONDS = 3
"""How long it waits for a lock."""
TEST_SECONDS = 15
"""How long all statements of one test may take together."""
MOST_ROWS = 100_000
MOST_BYTES = 64 * 1024 * 1024
"""Rows, and bytes of text, of one answer."""
SLOW = (
    "The grader's look into your database took longer than it may ({0} s for one statement, {1} s "
    "for a lock, {2} s for all of a test). Locks that your app keeps (LOCK TABLES, a transaction "
    "that is never committed), views that wait and very large tables do that."
)


class Lost(Exception):
    """The connection is gone, and not for its time."""

    asked = False
    """Whether it was there, and went while a statement ran."""


def too_slow() -> Mismatch:
    """Return the loss of a student whose database does not answer in time."""
    return Mismatch(SLOW.format(STATEMENT_SECONDS, LOCK_SECONDS, TEST_SECONDS), hinted=False)


def too_large() -> Mismatch:
    """Return the loss of a student whose database gives more than is read."""
    return Mismatch(
        f"Your database gives more than the grader reads: {MOST_ROWS} rows or "
        f"{MOST_BYTES >> 20} MiB in one answer.",
        hinted=False,
    )


class Clock:
    """The time that the statements of one test have taken, and those of all tests."""

    def __init__(self) -> None:
        self.waited = 0.0
        """Seconds, over all tests."""
        self._test = 0.0

    def begin_test(self) -> None:
        """Give the next test its own time."""
        self._test = 0.0

    def require_time(self) -> None:
        """Raise `Mismatch` where the present test has used its time up."""
        if self._test > TEST_SECONDS:
            raise too_slow()

    def add(self, seconds: float) -> None:
        """Note that a statement took `seconds`."""
        self._test += seconds
        self.waited += seconds
