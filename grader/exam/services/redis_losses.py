"""What Redis says that a submission is the cause of, and the sentence for it."""

from __future__ import annotations

from grader.exam.faults import Mismatch

BUSY = "A script of your app's keeps Redis busy, so nobody else is answered; let it end sooner."
FULL = "Your app holds every connection that Redis takes; close those that it no longer needs."
OUT_OF_MEMORY = (
    "Your app has filled the memory that Redis may use; let keys expire, or delete them."
)


def loss_in(said: str) -> Mismatch | None:
    """Return the loss of a student whose app is why Redis says that; None where it is not."""
    if said.startswith("BUSY") or "busy running a script" in said:
        return Mismatch(BUSY)
    if "max number of clients" in said:
        return Mismatch(FULL)
    if said.startswith("OOM") or "used memory > 'maxmemory'" in said:
        return Mismatch(OUT_OF_MEMORY)
    if said.startswith("WRONGTYPE"):
        msg = "A key of your Redis is of another type than the one that was looked for."
        return Mismatch(msg)
    return None
