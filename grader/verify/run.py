"""Grading every reference solution, junk app and starter of a challenge."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

from grader.errors import GraderError, SpecError
from grader.model import Challenge, Graded, Outcome, Rejected, Ungradable
from grader.phases.warm import WarmPool
from grader.pipeline import Options, grade
from grader.settings import Settings
from grader.verify import judge
from grader.verify.form import form_problems
from grader.verify.junk import KINDS, write_junk
from grader.verify.solutions import accepted_solutions, assemble, rejected_solutions
from grader.verify.trials import Kind, Trial, Verification

SEEDS = (1, 20_260_101, 4_000_000_007)
"""Accepted solutions are graded with each of them."""
LATE = "database.late"


@dataclass(frozen=True)
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

    `jobs` run side by side (default: as many as the machine can do); `names` limits the trials to
    solutions of these names; accepted ones are graded with each of `seeds`; `on_trial` hears of
    each one that ends. Raises `SpecError` where a rejected solution's NAME.yml is malformed.
    """
    problems = form_problems(challenge)
    with tempfile.TemporaryDirectory(prefix="grader-verify-") as scratch:
        found = list(_jobs(challenge, settings, Path(scratch), names, problems))
        if not any(job.trial.kind is Kind.ACCEPTED for job in found):
            where = settings.references_of(challenge.root) / challenge.slug / "accepted"
            problems.append(f"There is no accepted solution; write one into {where}/NAME.")
        chosen = [job for job in found if not names or job.trial.name in names]
        work = [*_work(chosen, seeds), *(() if names else _repeats(chosen, seeds))]
        trials = _grade_all(challenge, settings, work, jobs, on_trial)
    for trial in trials:
        problems += judge.trial_problems(challenge, trial)
    problems += judge.repeat_problems(trials)
    untested = () if names else judge.untested(challenge, trials)
    problems += [
        f"No rejected solution loses {name}; write one, or say `unkillable:` why not."
        for name in untested
    ]
    return Verification(
        slug=challenge.slug,
        challenge=challenge,
        trials=trials,
        problems=tuple(problems),
        untested=untested,
        wavering=judge.wavering(trials),
        phases=judge.phases(trials),
    )


def _jobs(
    challenge: Challenge,
    settings: Settings,
    scratch: Path,
    names: tuple[str, ...],
    problems: list[str],
) -> Iterator[_Job]:
    """What there is to grade, put together in the folder `scratch`.

    Rejected solutions that are not among `names`, where there are any, are left out; one whose
    patch does not apply adds to `problems`.
    """
    references = settings.references_of(challenge.root)
    for accepted in accepted_solutions(references, challenge):
        yield _Job(Trial(kind=Kind.ACCEPTED, name=accepted.name, seed=0), accepted.root)
    for rejected in rejected_solutions(references, challenge):
        if names and rejected.name not in names:
            continue
        trial = Trial(kind=Kind.REJECTED, name=rejected.name, seed=0, loses=rejected.loses)
        try:
            yield _Job(trial, assemble(rejected, scratch / rejected.name))
        except SpecError as error:
            problems += error.problems
    for kind in KINDS:
        source = write_junk(kind, challenge, scratch / f"junk-{kind}")
        yield _Job(Trial(kind=Kind.JUNK, name=kind, seed=0), source)
    starter = challenge.root / "starter"
    if starter.is_dir():
        yield _Job(Trial(kind=Kind.STARTER, name="starter", seed=0), starter)


def _work(jobs: list[_Job], seeds: tuple[int, ...]) -> Iterator[tuple[_Job, int]]:
    """Jobs with their seeds."""
    for job in jobs:
        for seed in seeds if job.trial.kind is Kind.ACCEPTED else SEEDS[:1]:
            yield job, seed


def _repeats(jobs: list[_Job], seeds: tuple[int, ...]) -> Iterator[tuple[_Job, int]]:
    """The first accepted and the first rejected one, to be graded again with a seed of before."""
    for kind in (Kind.ACCEPTED, Kind.REJECTED):
        for job, seed in _work([one for one in jobs if one.trial.kind is kind][:1], seeds[:1]):
            again = replace(job.trial, kind=Kind.REPEAT, of=kind)
            yield _Job(again, job.source), seed


def _grade_all(
    challenge: Challenge,
    settings: Settings,
    work: list[tuple[_Job, int]],
    jobs: int | None,
    on_trial: Callable[[Trial], None],
) -> tuple[Trial, ...]:
    cancel = Event()

    def run(item: tuple[_Job, int]) -> Trial:
        trial = _run(challenge, settings, item, cancel=cancel, warm=warm)
        on_trial(trial)
        return trial

    jobs = jobs or _jobs_at_once(challenge)
    with WarmPool(settings) as warm, ThreadPoolExecutor(max_workers=jobs) as pool:
        try:
            return tuple(pool.map(run, work))
        except BaseException:
            cancel.set()
            pool.shutdown(cancel_futures=True)
            raise


def _jobs_at_once(challenge: Challenge) -> int:
    """One for each core, two at most; one more where a run waits ten seconds for its MySQL."""
    waits = any(criterion.id == LATE for criterion in challenge.criteria)
    return min(2, os.cpu_count() or 1) + waits


def _run(
    challenge: Challenge,
    settings: Settings,
    item: tuple[_Job, int],
    *,
    cancel: Event,
    warm: WarmPool,
) -> Trial:
    job, seed = item
    trial = replace(job.trial, seed=seed)
    try:
        report = grade(
            challenge, job.source, settings, options=Options(seed=seed), cancel=cancel, warm=warm
        )
    except GraderError as error:
        return replace(trial, failure=str(error))
    match report:
        case Graded():
            lost = {one.criterion for one in report.results if one.outcome is not Outcome.PASSED}
            earned = int(report.score.earned)
            return replace(trial, lost=frozenset(lost), earned=earned, report=report)
        case Rejected() | Ungradable():
            return replace(trial, failure=report.reason, report=report)
