"""The order of the queue: fair between courses and people (start-time fair queueing).

Goyal, Vin and Cheng, "Start-time Fair Queueing" (SIGCOMM 1996). Each grading has a start tag: the
larger of the queue's virtual time and of where its course's and its student's last one ended. The
virtual time is the start tag of what was claimed last, so that a course which had an idle queue to
itself is not behind the others for it later.
"""

from __future__ import annotations

from dataclasses import dataclass

TENTHS = 10
"""Tags are whole tenths of a second of work at weight 1."""
REGRADE_OFFSET = 1_000_000_000
"""From this tag on there are regrades: they come after all live work."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """Where a grading stands in the queue."""

    start: int
    finish: int
    """What the last tag of its course and its student becomes."""


def share(
    *, virtual: int, course_last: int, person_last: int, seconds: float, weight: int
) -> Share:
    """Return the tags of a grading that is expected to take `seconds`."""
    start = max(virtual, course_last, person_last)
    cost = max(int(seconds * TENTHS / max(weight, 1)), 1)
    return Share(start=start, finish=start + cost)


def regrade_tag(virtual: int) -> int:
    """Return the tag of a regrade: behind all live work, and in the order in which they came."""
    return REGRADE_OFFSET + virtual


def is_regrade(tag: int) -> bool:
    """Return whether a tag is that of a regrade."""
    return tag >= REGRADE_OFFSET


def virtual_after(virtual: int, tag: int) -> int:
    """Return the virtual time once a grading with `tag` was claimed; regrades do not move it."""
    return virtual if is_regrade(tag) else max(virtual, tag)


def priority(start: int) -> int:
    """Return the job's priority: the higher one is claimed first."""
    return -start
