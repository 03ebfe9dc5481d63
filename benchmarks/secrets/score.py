"""Precision and recall of what a tool reports on the corpus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.secrets.corpus import Case

Reported = Mapping[str, frozenset[int]]
"""Names of cases to the lines that a tool reports there."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """How well a tool did. Secrets are counted, and lines reported that hold none."""

    found: int
    missed: tuple[str, ...]
    false: tuple[str, ...]

    @property
    def recall(self) -> float:
        """Share of the secrets that were reported."""
        return self.found / ((self.found + len(self.missed)) or 1)

    @property
    def precision(self) -> float:
        """Share of what was reported that is a secret."""
        return self.found / ((self.found + len(self.false)) or 1)


def figures(cases: list[Case], reported: Reported) -> Figures:
    """Return the figures of a tool that reported these lines."""
    found = 0
    missed: list[str] = []
    false: list[str] = []
    for case in cases:
        lines = reported.get(case.name, frozenset())
        for secret in case.secrets:
            if lines & secret or (lines and case.whole):
                found += 1
            else:
                missed.append(f"{case.name}:{min(secret)}")
        if not (case.whole and case.secrets):
            held = frozenset().union(*case.secrets)
            false += [f"{case.name}:{line}" for line in sorted(lines - held - case.unclear)]
    return Figures(found=found, missed=tuple(missed), false=tuple(false))
