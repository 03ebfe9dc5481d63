"""Grading every reference solution, junk app and starter, and what their scores prove."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from threading import Event

from grader.errors import GraderError
from grader.model import Challenge, Graded, GradeReport, Outcome, Rejected, Ungradable
from grader.pipeline import Options, grade
from grader.settings import Settings
from grader.verify.form import form_problems
from grader.verify.junk import KINDS, SHARE, write_junk
from grader.verify.solutions import accepted_solutions, assemble, rejected_solutions

SEEDS = (1, 20_260_101, 4_000_000_007)
"""Accepted solutions are graded with each of them."""


class Kind(StrEnum):
    """What a trial is expected to earn."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    JUNK = "junk"
    STARTER = "starter"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One run: of what, with which seed, and what it came to."""

    kind: Kind
    name: str
    seed: int
    loses: frozenset[str] = frozenset()
    """What a rejected solution must lose."""
    lost: frozenset[str] = frozenset()
    earned: int = 0
    failure: str = ""
    """Why there is no score; empty where there is one."""
    report: GradeReport | None = None


@dataclass(frozen=True, kw_only=True)
class Verification:
    """All trials of a challenge and every fault found."""

    challenge: Challenge
    trials: tuple[Trial, ...]
    problems: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether the challenge is done."""
        return not self.problems


@dataclass
class _Job:
    trial: Trial
    source: Path


def verify(
    challenge: Challenge,
    settings: Settings,
    *,
    jobs: int | None = None,
    names: tuple[str, ...] = (),
    seeds: tuple[int, ...] = SEEDS,
    on_trial: Callable[[Trial], None] = lambda trial: None,
) -> Verification:
    """Grade all reference solutions of `challenge` and check them against what they should earn.

    `jobs` run side by side (default: one for each core, two at most); `names` limits the trials to
    solutions of these names; accepted ones are graded with each of `seeds`; `on_trial` hears of
    each one that ends. Raises `SpecError` where the
    challenge or a solution.yml is malformed.
    """
    problems = form_problems(challenge)
    cancel = Event()
    with tempfile.TemporaryDirectory(prefix="grader-verify-") as scratch:
        work = [
            (job, seed)
            for job in _jobs(challenge, settings, Path(scratch))
            if not names or job.trial.name in names
            for seed in (seeds if job.trial.kind is Kind.ACCEPTED else SEEDS[:1])
        ]

        def run(item: tuple[_Job, int]) -> Trial:
            trial = _run(challenge, settings, *item, cancel)
            on_trial(trial)
            return trial

        with ThreadPoolExecutor(max_workers=jobs or min(2, os.cpu_count() or 1)) as pool:
            try:
                trials = tuple(pool.map(run, work))
            except BaseException:
                cancel.set()
                pool.shutdown(cancel_futures=True)
                raise
    for trial in trials:
        problems += _trial_problems(challenge, trial)
    if not names:
        problems += _sharpness_problems(challenge, trials)
    return Verification(challenge=challenge, trials=trials, problems=tuple(problems))


def _jobs(challenge: Challenge, settings: Settings, scratch: Path) -> list[_Job]:
    jobs = []
    for accepted in accepted_solutions(settings.references, challenge):
        trial = Trial(kind=Kind.ACCEPTED, name=accepted.name, seed=0)
        jobs.append(_Job(trial=trial, source=accepted.root))
    for rejected in rejected_solutions(settings.references, challenge):
        trial = Trial(kind=Kind.REJECTED, name=rejected.name, seed=0, loses=rejected.loses)
        jobs.append(_Job(trial=trial, source=assemble(rejected, scratch / rejected.name)))
    for kind in KINDS:
        trial = Trial(kind=Kind.JUNK, name=kind, seed=0)
        jobs.append(_Job(trial=trial, source=write_junk(kind, challenge, scratch / f"junk-{kind}")))
    starter = challenge.root / "starter"
    if starter.is_dir():
        jobs.append(_Job(trial=Trial(kind=Kind.STARTER, name="starter", seed=0), source=starter))
    return jobs


def _run(challenge: Challenge, settings: Settings, job: _Job, seed: int, cancel: Event) -> Trial:
    from dataclasses import replace

    trial = replace(job.trial, seed=seed)
    try:
        report = grade(challenge, job.source, settings, options=Options(seed=seed), cancel=cancel)
    except GraderError as error:
        return replace(trial, failure=str(error))
    match report:
        case Graded():
            lost = {one.criterion for one in report.results if one.outcome is not Outcome.PASSED}
            earned = int(report.score.earned)
            return replace(trial, lost=frozenset(lost), earned=earned, report=report)
        case Rejected() | Ungradable():
            return replace(trial, failure=report.reason, report=report)


def _trial_problems(challenge: Challenge, trial: Trial) -> list[str]:
    name = f"{trial.kind} {trial.name} (seed {trial.seed})"
    if trial.failure:
        return [f"{name} has no score: {trial.failure}"]
    match trial.kind:
        case Kind.ACCEPTED if trial.lost:
            return [f"{name} should earn every point; it loses {_reasons(trial, trial.lost)}"]
        case Kind.REJECTED if trial.lost != trial.loses:
            said = []
            if kept := trial.loses - trial.lost:
                said.append(f"keeps {', '.join(sorted(kept))}")
            if more := trial.lost - trial.loses:
                said.append(f"also loses {_reasons(trial, more)}")
            return [f"{name} {' and '.join(said)}"]
        case Kind.JUNK if trial.earned * 100 >= challenge.points * SHARE:
            return [f"{name} earns {trial.earned}; junk must stay below {SHARE} %"]
        case Kind.STARTER:
            return _starter_problems(challenge, trial, name)
        case _:
            return []


def _starter_problems(challenge: Challenge, trial: Trial, name: str) -> list[str]:
    problems = []
    if "docker.builds" in trial.lost or "app.starts" in trial.lost:
        problems.append(f"{name} should build and start: {_reasons(trial, trial.lost)}")
    if trial.earned * 100 >= challenge.points * challenge.pass_mark:
        problems.append(f"{name} earns {trial.earned}, which is a pass already")
    return problems


def _reasons(trial: Trial, criteria: frozenset[str]) -> str:
    """The criteria with the reason for the first of them."""
    results = trial.report.results if isinstance(trial.report, Graded) else ()
    why = next(
        (one.rationale for one in results if one.criterion in criteria and one.rationale), ""
    )
    return f"{', '.join(sorted(criteria))} ({why})"


def _sharpness_problems(challenge: Challenge, trials: tuple[Trial, ...]) -> list[str]:
    """Criteria that no rejected solution loses test nothing that was ever seen to fail."""
    lost = {name for trial in trials if trial.kind is Kind.REJECTED for name in trial.lost}
    return [
        f"No rejected solution loses {criterion.id}; write one, or say `unkillable:` why not."
        for criterion in challenge.criteria
        if criterion.id not in lost and not criterion.unkillable
    ]
