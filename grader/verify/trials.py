"""What verifying a challenge gives: its trials, its faults, and the figures drawn from them."""

from __future__ import annotations

from collections.abc import Mapping
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
class Proof:
    """What a trial of before came to, as far as it is remembered."""

    when: str
    """When it ended: UTC, ISO 8601."""
    earned: Points
    outcomes: Mapping[str, Outcome]
    """Each criterion to what became of it."""
    lost_parts: frozenset[tuple[str, str]]
    """The criteria and ids of parts that did not pass."""
    seconds: tuple[tuple[str, float], ...]
    """Each phase and how long it took."""


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
    """None where nothing was graded now."""
    proof: Proof | None = None
    """What was proven before, where it was not graded again."""

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
        if self.proof:
            return dict(self.proof.outcomes)
        if not isinstance(self.report, Graded):
            return {}
        return {result.criterion: result.outcome for result in self.report.results}

    @property
    def lost_parts(self) -> frozenset[tuple[str, str]]:
        """The criteria and ids of parts that did not pass; empty where there is no score."""
        if self.proof:
            return self.proof.lost_parts
        results = self.report.results if isinstance(self.report, Graded) else ()
        return frozenset(
            (result.criterion, part.id)
            for result in results
            for part in result.parts
            if part.outcome is not Outcome.PASSED
        )

    @property
    def seconds(self) -> tuple[tuple[str, float], ...]:
        """Each phase and how long it took, in the order in which they begin."""
        if self.proof:
            return self.proof.seconds
        timings = self.report.provenance.timings if self.report else ()
        return tuple((one.phase, one.end - one.start) for one in timings)


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
    seconds: float = 0.0
    """How long it took, all runs together, as many side by side as there were."""

    @property
    def holds(self) -> bool:
        """Whether the challenge is done."""
        return not self.problems

    @property
    def remembered(self) -> tuple[Trial, ...]:
        """The trials that were proven before and not run again."""
        return tuple(one for one in self.trials if one.proof)
