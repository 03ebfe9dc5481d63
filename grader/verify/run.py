"""Grading every reference solution, junk app and starter of a challenge."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event

from grader.criteria import DATABASE_LATE
from grader.errors import GraderError
from grader.model import Challenge, Graded, Outcome, Rejected, Ungradable
from grader.pipeline import Options, grade
from grader.run.environment.pool import EnvironmentPool
from grader.settings import Settings
from grader.spec.concurrency import runs_at_once
from grader.text import nearest
from grader.verify import judge
from grader.verify.agreement import form_of
from grader.verify.jobs import SEEDS, Job, Work, jobs_of, seeds_of, work_of
from grader.verify.junk import KINDS
from grader.verify.proofs import ChallengeProofs, Proofs
from grader.verify.solutions import accepted_solutions, rejected_names
from grader.verify.trials import Trial, Verification


def verify(
    challenge: Challenge,
    settings: Settings,
    *,
    jobs: int | None = None,
    names: tuple[str, ...] = (),
    seeds: tuple[int, ...] = SEEDS,
    count: int | None = None,
    on_trial: Callable[[Trial], None] = lambda trial: None,
    proofs: Proofs | None = None,
) -> Verification:
    """Grade all reference solutions of `challenge` and check them against what they should earn.

    `jobs` run side by side (default: as many as the machine can do); `names` limits the trials to
    solutions of these names. Accepted solutions are graded with each of `seeds`, rejected ones with
    as many as `seeds_of` says; with a `count`, both with so many. `on_trial` hears of each one
    that was graded. What `proofs` have is not graded again, and what holds is added to them; by
    default, all of it is graded and nothing remembered. Nothing is graded where a name is unknown,
    or where no submission could be. Raises `SpecError` where a rejected solution's NAME.yml is
    malformed.
    """
    began = time.monotonic()
    all_seeds = bool(names or count)
    seeds = seeds if count is None else tuple(SEEDS[0] + number for number in range(count))
    unknown = unknown_names(challenge, settings, names)
    if unknown:
        return Verification(slug=challenge.slug, challenge=challenge, problems=unknown)
    form = form_of(challenge)
    if form.fatal:
        return Verification(slug=challenge.slug, challenge=challenge, problems=form.problems)
    remembered = proofs.challenge(challenge) if proofs else None
    with tempfile.TemporaryDirectory(prefix="grader-verify-") as scratch:
        found = jobs_of(challenge, settings, Path(scratch), names)
        seeded = [(job, seeds_of(job.trial, form, seeds, every=all_seeds)) for job in found]
        work = work_of(seeded, remembered, repeated=not names)
        problems = [*form.problems, *work.problems, *_without_accepted(challenge, settings)]
        trials = _grade_all(
            challenge, settings, work, jobs=jobs, on_trial=on_trial, remembered=remembered
        )
    if remembered:
        remembered.settle(trials)
    judged = _judged(challenge, settings, trials, problems, whole=not names)
    return replace(judged, seconds=time.monotonic() - began)


def _judged(
    challenge: Challenge,
    settings: Settings,
    trials: tuple[Trial, ...],
    problems: list[str],
    *,
    whole: bool,
) -> Verification:
    """Return what `trials` come to, alongside the `problems` that were found before."""
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
    """Return what is no fault, and worth knowing."""
    found = accepted_solutions(settings.references_of(challenge.root), challenge)
    if len(found) != 1:
        return ()
    said = (
        f"{found[0].name} is the only accepted solution: whether the suite asks for more than the "
        "brief says has not been tried. Write a second one, built in another way."
    )
    return (said,)


def _grade_all(
    challenge: Challenge,
    settings: Settings,
    work: Work,
    *,
    jobs: int | None,
    on_trial: Callable[[Trial], None],
    remembered: ChallengeProofs | None,
) -> tuple[Trial, ...]:
    """Give a trial for each item of `work`, in that order; what is known is not graded."""
    cancel = Event()

    def run(item: tuple[Job, int]) -> Trial:
        trial = _run(challenge, settings, item, cancel=cancel, environments=environments)
        if remembered:
            remembered.note(trial)
        on_trial(trial)
        return trial

    asked = [replace(job.trial, seed=seed) for job, seed in work.items]
    left = [item for item, trial in zip(work.items, asked, strict=True) if trial not in work.known]
    if not left:
        return tuple(work.known[trial] for trial in asked)
    jobs = jobs or _jobs_at_once(challenge)
    with EnvironmentPool(settings) as environments, ThreadPoolExecutor(max_workers=jobs) as pool:
        try:
            graded = iter(tuple(pool.map(run, left)))
        except BaseException:
            cancel.set()
            pool.shutdown(cancel_futures=True)
            raise
    return tuple(work.known.get(trial) or next(graded) for trial in asked)


def _jobs_at_once(challenge: Challenge) -> int:
    """As many as the cores can do; one more where a run waits ten seconds for its MySQL."""
    waits = any(criterion.id == DATABASE_LATE for criterion in challenge.criteria)
    return runs_at_once(challenge) + waits


def _run(
    challenge: Challenge,
    settings: Settings,
    item: tuple[Job, int],
    *,
    cancel: Event,
    environments: EnvironmentPool,
) -> Trial:
    job, seed = item
    trial = replace(job.trial, seed=seed)
    if job.source is None:
        msg = f"{trial.name} has not been put together"
        raise ValueError(msg)
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
