"""How long what is kept."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

from grader.errors import UsageError

VARIABLE = "GRADER_PORTAL_KEEP"
MOST_DAYS = 36_500
PAIR = re.compile(r"([a-z]+)=([0-9]{1,5})")


@dataclass(frozen=True, kw_only=True)
class Keep:
    """Days after which something is deleted; 0: never."""

    submissions: int = 0
    """What was handed in, after it was received and is not being graded; its digest stays."""
    reports: int = 0
    """Reports, after they were made; points, verdicts and grades stay."""
    events: int = 30
    """What a run told, after its end."""
    notifications: int = 180
    """After they were made, read or not."""
    tokens: int = 30
    """Tokens that are revoked or over, and links to sign in that are used or too old."""
    workers: int = 90
    """The records of workers that have graded nothing that is kept, after their last sign."""

    def before(self, name: str, now: datetime) -> datetime | None:
        """Return the moment before which it is deleted; None: it is not."""
        days: int = getattr(self, name)
        return now - timedelta(days=days) if days else None


NAMES = tuple(one.name for one in fields(Keep))


def read_keep(text: str) -> Keep:
    """Return what `text` says, like `submissions=730 reports=730`; the rest is as it always is.

    Raises `UsageError` that says what it may be.
    """
    found: dict[str, int] = {}
    for pair in text.replace(",", " ").split():
        match = PAIR.fullmatch(pair)
        if match is None or match[1] not in NAMES or int(match[2]) > MOST_DAYS:
            msg = (
                f"{VARIABLE} is like `submissions=730 reports=730`: days, and 0 for never, of "
                f"{', '.join(NAMES)}; not {pair[:60]!r}."
            )
            raise UsageError(msg)
        found[match[1]] = int(match[2])
    return replace(Keep(), **found)
