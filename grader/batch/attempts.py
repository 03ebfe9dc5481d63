"""What became of one entry in one run of a batch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from grader.batch.entry import Entry


class AttemptEnding(StrEnum):
    """How it ended."""

    GRADED = "graded"
    """Just now; its report is on the shelf."""
    KEPT = "kept"
    """Before, and nothing has changed since; its report is on the shelf."""
    RESCORED = "rescored"
    """Before, and nothing has changed since but points, titles or hints: it was scored again."""
    FAULT = "fault"
    """The platform failed each time: there is no score, and nobody is to blame for it."""
    UNREADABLE = "unreadable"
    """There is nothing that could be graded."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """An entry and its end."""

    entry: Entry
    ending: AttemptEnding
    reason: str = ""
    """Why there is no report that counts; empty where there is one."""
    points: str = ""
    """The score or the verdict in a word or two."""

    @property
    def counts(self) -> bool:
        """Whether the report on the shelf is the entry's result."""
        return self.ending in {AttemptEnding.GRADED, AttemptEnding.KEPT, AttemptEnding.RESCORED}
