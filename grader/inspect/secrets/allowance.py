"""What one whole scan may spend, however many files and archives share it.

Time is the processor's, of the thread that scans: what else the machine does costs nobody a point.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from io import BytesIO

from grader.deadline.ending import going_on
from grader.errors import Cancelled

SECONDS = 10.0
"""Seconds of the processor's time: an exam's answer takes a tenth of one."""
MAX_UNPACKED = 256 * 1024 * 1024
"""Bytes that all archives of a scan unpack to."""
MAX_MEMBERS = 10_000
"""Files within all archives of a scan."""


class Exhausted(Exception):
    """The scan may spend no more; the message is a clause that says of what."""


@dataclass
class Allowance:
    """What is left of a scan's budget. Used by the thread that made it."""

    seconds: float = field(default_factory=lambda: SECONDS)
    unpacked: int = field(default_factory=lambda: MAX_UNPACKED)
    members: int = field(default_factory=lambda: MAX_MEMBERS)
    cancel: threading.Event | None = None
    """Once it is set, the scan ends with `Cancelled`."""
    _begun: float = field(default_factory=time.thread_time)

    @property
    def left(self) -> float:
        """Seconds that it may still take."""
        return self.seconds - (time.thread_time() - self._begun)

    def require_time(self) -> None:
        """Raise `Exhausted` once the time is over, `Cancelled` once the run is."""
        self.require_going_on()
        if self.left < 0:
            msg = f"the {SECONDS:.0f} s that a scan may take were over"
            raise Exhausted(msg)

    def require_going_on(self) -> None:
        """Raise `Cancelled` once the run is."""
        going_on()
        if self.cancel is not None and self.cancel.is_set():
            msg = "The scan for secrets was stopped because the run was cancelled."
            raise Cancelled(msg)

    def spend(self, size: int) -> None:
        """Count one file of `size` bytes within an archive. Raises `Exhausted`."""
        self.members -= 1
        self.unpacked -= size
        if self.members < 0 or self.unpacked < 0:
            msg = (
                f"all archives together hold more than the {MAX_MEMBERS} files or "
                f"{MAX_UNPACKED >> 20} MiB that a scan unpacks"
            )
            raise Exhausted(msg)


class Watched(BytesIO):
    """Bytes of an archive, read under an allowance: a bomb asks for them over and over."""

    def __init__(self, raw: bytes, allowance: Allowance) -> None:
        super().__init__(raw)
        self._allowance = allowance

    def read(self, size: int | None = -1, /) -> bytes:
        """At most `size` bytes. Raises `Exhausted`."""
        self._allowance.require_time()
        return super().read(size)
