"""One student and what they handed in."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@+ -]{0,79}")
"""A name that a file may have on any system, and that no program takes for an option."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One student and what they handed in."""

    student: str
    source: str
    """A folder, an archive, or the address of a git repository."""
    ref: str = ""
    email: str = ""
    id: str = ""
    """What the course system knows the student by."""
    canvas_id: str = ""
    """The number that Canvas has for the student, where it is known from a download."""

    @property
    def stem(self) -> str:
        """What files about the student are named by: no two students have the same."""
        if PLAIN.fullmatch(self.student) and self.student[-1] not in " .":
            return self.student
        kept = re.sub(r"[^A-Za-z0-9_.-]+", "-", self.student).strip("-.")[:60] or "student"
        mark = hashlib.sha256(self.student.encode("utf-8", "surrogateescape")).hexdigest()[:8]
        return f"{kept}-{mark}"
