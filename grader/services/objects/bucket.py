"""What the store knows of one app: its bucket, what was asked, and what comes next."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from grader.services.double.tenants import ProgramTenant

KEPT_REQUESTS = 5000
KEPT_WRITES = 3000
"""Requests that store something; each keeps some memory, whatever is removed later."""
KEPT_BYTES = 64 * 1024 * 1024
"""Bytes that are stored in a run, those included that are removed later."""
KEY = 300
"""Characters of a path that are kept."""
LONGEST_DELAY = 60.0


@dataclass(kw_only=True)
class ObjectOrders:
    """What becomes of the requests that come next."""

    refuse: int = 0
    """How many are refused with `code`; -1: all."""
    code: int = 503
    drop: int = 0
    """For how many that store something the connection is cut in place of an answer."""
    kept: bool = True
    """Whether those are carried out all the same, so that only the answer is lost."""
    delay: float = 0.0
    """Seconds before each answer."""


@dataclass(kw_only=True)
class Bucket(ProgramTenant):
    """All of one app: its user is its access key, its password the secret key."""

    bucket: str = ""
    account: str = field(default_factory=lambda: f"{secrets.randbelow(10**12):012}")
    """moto's account."""
    orders: ObjectOrders = field(default_factory=ObjectOrders)
    requests: list[dict[str, Any]] = field(default_factory=list)
    writes: int = 0
    stored: int = 0
    """Bytes."""
    full: bool = False
    """Whether there was more than is kept."""

    def keep(self, method: str, path: str, code: int, how: str) -> None:
        """Keep a request."""
        if len(self.requests) >= KEPT_REQUESTS:
            self.full = True
            return
        told = {"method": method, "path": path[:KEY], "code": code, "how": how, "at": time.time()}
        self.requests.append(told)

    def takes(self, size: int) -> bool:
        """Count one more object of `size` bytes; False where there are too many."""
        if self.writes >= KEPT_WRITES or self.stored + size > KEPT_BYTES:
            self.full = True
            return False
        self.writes += 1
        self.stored += size
        return True


def bucket_of(user: str) -> str:
    """Return the name of the bucket that the app with this access key has."""
    return f"exam-{user.lower()}"
