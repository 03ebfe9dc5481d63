"""What verifying a challenge gives: its trials, its faults, and the figures drawn from them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from grader.model import Challenge, Graded, GradeReport, Outcome, Points


class TrialKind(StrEnum):
    """What a trial is expected to earn."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    JUNK = "junk"
    STARTER = "starter"
    REPEAT = "repeat"
    """A trial of before, with the seed of before: it must come to the same."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One run: of what, with which seed, and what it came to."""

    kind: TrialKind
    name: str
    seed: int
    of: TrialKind | None = None
    """The kind of the trial that a repetition repeats."""
    loses: frozenset[str] = frozenset()
    """What a rejected solution must lose."""
    lost: frozenset[str] = frozenset()
    earned: Points = 0
    failure: str = ""
    """Why there is no score; empty where there is one."""
    report: GradeReport | None = None

    @property
    def solution(self) -> tuple[TrialKind, str]:
        """What was graded: solutions of two kinds may have one name."""
        return self.of or self.kind, self.name

    @property
    def accident(self) -> str:
        """How a rejected solution was caught by what it does not name.

        `partly` alongside what it names, `only` in the place of that; empty where it was not.
        """
        if self.kind is not TrialKind.REJECTED or self.failure or not self.lost - self.loses:
            return ""
        return "partly" if self.lost & self.loses else "only"

    @property
    def outcomes(self) -> dict[str, Outcome]:
        """Each criterion to what became of it; empty where there is no score."""
        if not isinstance(self.report, Graded):
            return {}
        return {result.criterion: result.outcome for result in self.report.results}


@dataclass(frozen=True, kw_only=True)
class Wavering:
    """A criterion that one solution does not always come to the same on."""

    name: str
    kind: TrialKind = TrialKind.ACCEPTED
    criterion: str
    passed: int
    runs: int

    @property
    def solution(self) -> tuple[TrialKind, str]:
        """What was graded, as for a `Trial`."""
        return self.kind, self.name


@dataclass(frozen=True, kw_only=True)
class Verification:
    """All trials of a challenge and every fault found."""

    slug: str
    challenge: Challenge | None
    """None where its spec is broken."""
    trials: tuple[Trial, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What is no fault, and worth knowing."""
    untested: tuple[str, ...] = ()
    """Criteria that no rejected solution loses and that do not say why (`unkillable`)."""
    wavering: tuple[Wavering, ...] = ()
    phases: tuple[tuple[str, float], ...] = ()
    """Each phase to the median of its seconds over all trials, in the order of a run."""

    @property
    def holds(self) -> bool:
        """Whether the challenge is done."""
        return not self.problems
