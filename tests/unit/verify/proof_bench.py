"""A verification of one challenge whose runs grade nothing."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from grader.errors import EngineUnavailable
from grader.model import BaseImage, Challenge, Outcome
from grader.settings import Settings
from grader.testing import a_challenge, a_provenance, a_result, graded
from grader.verify import Proofs, Trial, TrialKind, Verification, run
from grader.verify.agreement import ChallengeParts

command_module = importlib.import_module("grader.cli.verify")
PYTHON = "python:3.11-slim"
SOUND = ChallengeParts(problems=(), fatal=False, drawn=frozenset({"entry.stored"}))
Outcomes = Callable[[Trial], dict[str, Outcome]]


@dataclass
class FakeMachine:
    """A machine that says what it is told to."""

    images: dict[str, str] = field(default_factory=lambda: {PYTHON: "sha256:1"})
    version: str = "26.1.5"
    gone: bool = False

    @property
    def facts(self) -> tuple[object, ...]:
        """The engine's version."""
        if self.gone:
            raise EngineUnavailable
        return (self.version,)

    def image(self, reference: str) -> str:
        """The id that it is told."""
        return self.images.get(reference, "")

    def close(self) -> None:
        """There is nothing to close."""


def as_expected(trial: Trial) -> dict[str, Outcome]:
    """What a sound solution of its kind comes to: junk and the starter lose nearly everything."""
    kind, known = trial.of or trial.kind, [one.id for one in a_challenge().criteria]
    lost = {
        TrialKind.ACCEPTED: set[str](),
        TrialKind.REJECTED: set(trial.loses),
        TrialKind.JUNK: set(known),
        TrialKind.STARTER: set(known),
    }[kind]
    return {name: Outcome.FAILED if name in lost else Outcome.PASSED for name in known}


@dataclass
class Bench:
    """Verifications of one challenge with a runner that grades nothing."""

    challenge: Challenge
    settings: Settings
    machine: FakeMachine = field(default_factory=FakeMachine)
    outcomes: Outcomes = as_expected
    ran: list[Trial] = field(default_factory=list)
    meanwhile: Callable[[Trial], None] = lambda trial: None

    def run(self, challenge: Challenge, settings: object, item: Any, **more: object) -> Trial:
        """Stand in for a run: no container, the outcomes that a trial is said to have."""
        job, seed = item
        assert job.source.is_dir(), "It is put together before it is graded."
        trial: Trial = replace(job.trial, seed=seed)
        self.ran.append(trial)
        self.meanwhile(trial)
        results = [a_result(name, outcome) for name, outcome in self.outcomes(trial).items()]
        report = graded(*results, challenge=challenge)
        told = a_provenance(bases=(BaseImage(reference=PYTHON),))
        lost = {one.criterion for one in results if one.outcome is not Outcome.PASSED}
        return replace(
            trial, lost=frozenset(lost), earned=report.score.earned,
            report=replace(report, provenance=told),
        )  # fmt: skip

    def verify(self, *, again: bool = False, **options: Any) -> Verification:
        """Verify it, as a command of its own would; `ran` has what was run for it."""
        self.ran.clear()
        proofs = Proofs(self.settings.state / "proofs", self.machine, again=again)  # type: ignore[arg-type]
        try:
            return run.verify(self.challenge, self.settings, proofs=proofs, **options)
        finally:
            proofs.close()

    def names(self) -> set[str]:
        """The solutions that were run."""
        return {one.name for one in self.ran}

    def files(self) -> list[Path]:
        """The proofs on disk."""
        return sorted((self.settings.state / "proofs").glob("*.json"))


ALL = {"plain", "fancy", "forgets", "empty", "always-200", "echo", "starter"}
