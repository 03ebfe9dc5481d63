"""Whether an app gives away what it was given to keep: the run's secrets, in whatever form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.text import SHORTEST_SECRET, encodings

MOST = 20
"""Leaks that are noted; more say nothing more."""


@dataclass(frozen=True, kw_only=True)
class Leak:
    """One secret that was found where nobody should see it. Its value is not part of this."""

    name: str
    how: str
    """The form in which it was found, such as `in base64`."""
    where: str

    def __str__(self) -> str:
        return f"{self.name} stands {self.how} in {self.where}"


class Leaks:
    """Looks at whatever an app gives away, and notes what it finds."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._needles = {
            form.encode(): (name, how)
            for name, value in secrets.items()
            if len(value) >= SHORTEST_SECRET
            for form, how in encodings(value).items()
        }
        self.found: list[Leak] = []

    def look(self, data: bytes, where: str) -> None:
        """Look for every secret in `data`, which came from `where`."""
        for needle, (name, how) in self._needles.items():
            leak = Leak(name=name, how=how, where=where)
            if len(self.found) < MOST and needle in data and leak not in self.found:
                self.found.append(leak)
