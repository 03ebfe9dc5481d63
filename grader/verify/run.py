"""Grading every reference solution, junk app and starter of a challenge."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

from grader.criteria import DATABASE_LATE
from grader.errors import GraderError, SpecError
from grader.model import Challenge, Graded, Outcome, Rejected, Ungradable
from grader.pipeline import Options, grade
from grader.run.environment.pool import EnvironmentPool
from grader.settings import Settings
from grader.text import nearest
from grader.verify import judge
from grader.verify.agreement import ChallengeParts, form_of
from grader.verify.junk import KINDS, write_junk
from grader.verify.solutions import (
    accepted_solutions,
    assemble,
    rejected_names,
    rejected_solutions,
)
from grader.verify.trials import Trial, TrialKind, Verification

SEEDS = (1, 20_260_101, 4_000_000_007)
"""Accepted solutions are graded with each of them, rejected ones with the first or first two."""


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
    count: int | None = None,
    on_trial: Callable[[Trial], None] = lambda trial: None,
) -> Verification:
    """Grade all reference solutions of `challenge` and check them against what they should earn.

    `jobs` run side by side (default: as many as the machine can do); `names` limits the trials to
    solutions of these names. Accepted solutions are graded with each of `seeds`, rejected ones with
    as many as `_seeds_of` says; with a `count`, both with so many. `on_trial` hears of each one
    that ends. Nothing is graded where a name is unknown, or where no submission could be. Raises
    `SpecError` where a rejected solution's NAME.yml is malformed.
    """
    all_seeds = bool(names or count)
    seeds = seeds if count is None else tuple(SEEDS[0] + number for number in range(count))
    unknown = unknown_names(challenge, settings, names)
    if unknown:
        return Verification(slug=challenge.slug, challenge=challenge, problems=unknown)
    form = form_of(challenge)
    if form.fatal:
        return Verification(slug=challenge.slug, challenge=challenge, problems=form.problems)
    problems = list(form.problems)
    with tempfile.TemporaryDirectory(prefix="grader-verify-") as scratch:
        found = list(_jobs(challenge, settings, Path(scratch), names, problems))
        problems += _without_accepted(challenge, settings)
        chosen = [job for job in found if not names or job.trial.name in names]
        seeded = [(job, _seeds_of(job.trial, form, seeds, every=all_seeds)) for job in chosen]
        work = [*_work(seeded), *(() if names else _repeats(seeded))]
        trials = _grade_all(challenge, settings, work, jobs, on_trial)
    return _judged(challenge, settings, trials, problems, whole=not names)


def _judged(
    challenge: Challenge,
    settings: Settings,
    trials: tuple[Trial, ...],
    problems: list[str],
    *,
    whole: bool,
) -> Verification:
    """What `trials` come to, alongside the `problems` that were found before."""
    untested = judge.untested(challenge, trials) if whole else ()
    return Verification(
        slug=challenge.slug,
        challenge=challenge,
        trials=trials,
        problems=(
            *problems,
            *judge.trials_problems(challenge, trials),
            *judge.repeat_problems(trials),
            *(
                f"No rejected solution loses {name}; write one, or say `unkillable:` why not."
                for name in untested
            ),
            *(judge.untested_parts(challenge, trials) if whole else ()),
        ),
        notes=_notes(challenge, settings),
        untested=untested,
        wavering=judge.wavering(trials),
        phases=judge.phases(trials),
    )


def unknown_names(
    challenge: Challenge, settings: Settings, names: tuple[str, ...]
) -> tuple[str, ...]:
    """Return a sentence for each of `names` that no solution of `challenge` has."""
    references = settings.references_of(challenge.root)
    accepted = [one.name for one in accepted_solutions(references, challenge)]
    known = [*accepted, *rejected_names(references, challenge), *KINDS, "starter"]
    return tuple(
        f"{challenge.slug} has no solution {name!r}, so nothing was graded."
        f"{nearest(name, known) or _known(accepted, references / challenge.slug)}"
        for name in names
        if name not in known
    )


def _known(accepted: list[str], folder: Path) -> str:
    names = ", ".join([*accepted, *KINDS, "starter"])
    return f" It has {names}, and the rejected ones of {folder / 'rejected'}."


def _without_accepted(challenge: Challenge, settings: Settings) -> list[str]:
    references = settings.references_of(challenge.root)
    if accepted_solutions(references, challenge):
        return []
    where = references / challenge.slug / "accepted"
    return [f"There is no accepted solution; write one into {where}/NAME."]


def _notes(challenge: Challenge, settings: Settings) -> tuple[str, ...]:
    """What is no fault, and worth knowing."""
    found = accepted_solutions(settings.references_of(challenge.root), challenge)
    if len(found) != 1:
        return ()
    said = (
        f"{found[0].name} is the only accepted solution: whether the suite asks for more than the "
        "brief says has not been tried. Write a second one, built in another way."
    )
    return (said,)


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
        yield _Job(Trial(kind=TrialKind.ACCEPTED, name=accepted.name, seed=0), accepted.root)
    for rejected in rejected_solutions(references, challenge):
        if names and rejected.name not in names:
            continue
        trial = Trial(kind=TrialKind.REJECTED, name=rejected.name, seed=0, loses=rejected.loses)
        try:
            yield _Job(trial, assemble(rejected, scratch / rejected.name))
        except SpecError as error:
            problems += error.problems
    for kind in KINDS:
        source = write_junk(kind, challenge, scratch / f"junk-{kind}")
        yield _Job(Trial(kind=TrialKind.JUNK, name=kind, seed=0), source)
    starter = challenge.root / "starter"
    if starter.is_dir():
        yield _Job(Trial(kind=TrialKind.STARTER, name="starter", seed=0), starter)


def _seeds_of(
    trial: Trial, form: ChallengeParts, seeds: tuple[int, ...], *, every: bool
) -> tuple[int, ...]:
    """The seeds that a solution is graded with.

    A rejected one whose criteria draw no data comes to the same each time. Any other one is graded
    twice, or with `every` seed: what is lost in most runs only is a fault.
    """
    match trial.kind:
        case TrialKind.ACCEPTED:
            return seeds
        case TrialKind.REJECTED if trial.loses & form.drawn:
            return seeds if every else seeds[:2]
        case _:
            return SEEDS[:1]


def _work(seeded: list[tuple[_Job, tuple[int, ...]]]) -> Iterator[tuple[_Job, int]]:
    """Jobs with their seeds, the second and later seeds of rejected ones after all others."""
    for job, seeds in seeded:
        for seed in seeds if job.trial.kind is TrialKind.ACCEPTED else seeds[:1]:
            yield job, seed
    for job, seeds in seeded:
        if job.trial.kind is not TrialKind.ACCEPTED:
            yield from ((job, seed) for seed in seeds[1:])


def _repeats(seeded: list[tuple[_Job, tuple[int, ...]]]) -> Iterator[tuple[_Job, int]]:
    """The first accepted and the first rejected one, to be graded again with a seed of before."""
    for kind in (TrialKind.ACCEPTED, TrialKind.REJECTED):
        first = next((one for one in seeded if one[0].trial.kind is kind), None)
        if first:
            job, seeds = first
            yield _Job(replace(job.trial, kind=TrialKind.REPEAT, of=kind), job.source), seeds[0]


def _grade_all(
    challenge: Challenge,
    settings: Settings,
    work: list[tuple[_Job, int]],
    jobs: int | None,
    on_trial: Callable[[Trial], None],
) -> tuple[Trial, ...]:
    cancel = Event()

    def run(item: tuple[_Job, int]) -> Trial:
        trial = _run(challenge, settings, item, cancel=cancel, environments=environments)
        on_trial(trial)
        return trial

    jobs = jobs or _jobs_at_once(challenge)
    with EnvironmentPool(settings) as environments, ThreadPoolExecutor(max_workers=jobs) as pool:
        try:
            return tuple(pool.map(run, work))
        except BaseException:
            cancel.set()
            pool.shutdown(cancel_futures=True)
            raise


def _jobs_at_once(challenge: Challenge) -> int:
    """One for each core, two at most; one more where a run waits ten seconds for its MySQL."""
    waits = any(criterion.id == DATABASE_LATE for criterion in challenge.criteria)
    return min(2, os.cpu_count() or 1) + waits


def _run(
    challenge: Challenge,
    settings: Settings,
    item: tuple[_Job, int],
    *,
    cancel: Event,
    environments: EnvironmentPool,
) -> Trial:
    job, seed = item
    trial = replace(job.trial, seed=seed)
    try:
        report = grade(
            challenge,
            job.source,
            settings,
            options=Options(seed=seed),
            cancel=cancel,
            environments=environments,
        )
    except GraderError as error:
        return replace(trial, failure=str(error))
    match report:
        case Graded():
            lost = {one.criterion for one in report.results if one.outcome is not Outcome.PASSED}
            earned = report.score.earned
            return replace(trial, lost=frozenset(lost), earned=earned, report=report)
        case Rejected() | Ungradable():
            return replace(trial, failure=report.reason, report=report)
