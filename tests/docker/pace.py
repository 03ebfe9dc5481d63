"""How much longer things take now: for bounds in seconds that a busy or slow machine may miss."""

from __future__ import annotations

import os
import time

USUAL_SECONDS = 0.02
"""What it takes at most to write `BYTES` of fresh memory on a machine that is not slow."""
BYTES = 64 << 20
LOOKS = 3


def slowness() -> float:
    """How many times longer than on a quiet, usual machine something takes, at least 1.

    As many times longer as others want the processors as well, or as fresh memory takes: the start
    of a server is mostly that.
    """
    took = []
    for _ in range(LOOKS):
        began = time.perf_counter()
        fresh = bytearray(b"\1") * BYTES
        took.append(time.perf_counter() - began)
        del fresh
    crowd = os.getloadavg()[0] / (os.cpu_count() or 1)
    return max(1.0, crowd, min(took) / USUAL_SECONDS)
