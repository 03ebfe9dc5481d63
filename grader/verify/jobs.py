"""What there is to grade of a challenge: each solution, how it is put together, and how often."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from grader.errors import SpecError
from grader.model import Challenge
from grader.settings import Settings
from grader.verify.agreement import ChallengeParts
from grader.verify.junk import KINDS, write_junk
from grader.verify.keys import accepted_digest, rejected_digest
from grader.verify.proofs import ChallengeProofs, Contents
from grader.verify.solutions import accepted_solutions, assemble, rejected_solutions
from grader.verify.trials import Trial, TrialKind

SEEDS = (1, 20_260_101, 4_000_000_007)
"""Accepted solutions are graded with each of them, rejected ones with the first or first two."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One solution to grade, with one seed or several."""

    trial: Trial
    contents: Contents
    """Gives the digest of what of it is not the challenge's nor the grader's."""
    put_together: Callable[[], Path]
    """Gives the folder to grade. Raises `SpecError` where a patch does not apply."""
    source: Path | None = None
    """That folder, once it is there."""


Seeded = list[tuple[Job, tuple[int, ...]]]
"""Solutions, each with its seeds."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """The trials of a verification, in their order."""

    items: tuple[tuple[Job, int], ...]
    known: dict[Trial, Trial]
    """Those that were proven before: as they are asked for, to what they came to."""
    problems: tuple[str, ...]
    """A sentence for each hunk that no longer applies; such a solution is not among the items."""


def jobs_of(
    challenge: Challenge, settings: Settings, scratch: Path, names: tuple[str, ...]
) -> Iterator[Job]:
    """Give the solutions of `challenge`, rejected ones to be put together in the folder `scratch`.

    Where there are `names`, only those. Raises `SpecError` for a malformed NAME.yml.
    """
    for job in _every_job(challenge, settings.references_of(challenge.root), scratch):
        if not names or job.trial.name in names:
            yield job


def _every_job(challenge: Challenge, references: Path, scratch: Path) -> Iterator[Job]:
    for accepted in accepted_solutions(references, challenge):
        yield Job(
            trial=Trial(kind=TrialKind.ACCEPTED, name=accepted.name, seed=0),
            contents=partial(accepted_digest, accepted),
            put_together=partial(Path, accepted.root),
        )
    for rejected in rejected_solutions(references, challenge):
        yield Job(
            trial=Trial(kind=TrialKind.REJECTED, name=rejected.name, seed=0, loses=rejected.loses),
            contents=partial(rejected_digest, rejected),
            put_together=partial(assemble, rejected, scratch / rejected.name),
        )
    for kind in KINDS:
        yield Job(
            trial=Trial(kind=TrialKind.JUNK, name=kind, seed=0),
            contents=str,
            put_together=partial(write_junk, kind, challenge, scratch / f"junk-{kind}"),
        )
    starter = challenge.root / "starter"
    if starter.is_dir():
        yield Job(
            trial=Trial(kind=TrialKind.STARTER, name="starter", seed=0),
            contents=str,
            put_together=partial(Path, starter),
        )


def seeds_of(
    trial: Trial, form: ChallengeParts, seeds: tuple[int, ...], *, every: bool
) -> tuple[int, ...]:
    """Return the seeds that a solution is graded with.

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


def work_of(seeded: Seeded, proofs: ChallengeProofs | None, *, repeated: bool) -> Work:
    """Look up what was proven before, and put together what has to be graded.

    With `repeated`, the first accepted and the first rejected solution are graded again.
    """
    known = _recalled(_items(seeded), proofs)
    problems: list[str] = []
    ready: Seeded = []
    for job, seeds in seeded:
        if all(replace(job.trial, seed=seed) in known for seed in seeds):
            ready.append((job, seeds))
            continue
        try:
            ready.append((replace(job, source=job.put_together()), seeds))
        except SpecError as error:
            problems += error.problems
    repeats = list(_repeats(ready)) if repeated else []
    known |= _recalled(repeats, proofs)
    again = [(_there(job, seed, known), seed) for job, seed in repeats]
    return Work(items=(*_items(ready), *again), known=known, problems=tuple(problems))


def _recalled(
    items: Iterator[tuple[Job, int]] | list[tuple[Job, int]], proofs: ChallengeProofs | None
) -> dict[Trial, Trial]:
    known = {}
    for job, seed in items if proofs else ():
        trial = replace(job.trial, seed=seed)
        if proofs and (found := proofs.recall(trial, job.contents)):
            known[trial] = found
    return known


def _there(job: Job, seed: int, known: dict[Trial, Trial]) -> Job:
    """Return `job` with its folder, unless it need not be graded."""
    if job.source or replace(job.trial, seed=seed) in known:
        return job
    return replace(job, source=job.put_together())


def _items(seeded: Seeded) -> Iterator[tuple[Job, int]]:
    """Jobs with their seeds, the second and later seeds of rejected ones after all others."""
    for job, seeds in seeded:
        for seed in seeds if job.trial.kind is TrialKind.ACCEPTED else seeds[:1]:
            yield job, seed
    for job, seeds in seeded:
        if job.trial.kind is not TrialKind.ACCEPTED:
            yield from ((job, seed) for seed in seeds[1:])


def _repeats(seeded: Seeded) -> Iterator[tuple[Job, int]]:
    """Yield the first accepted and the first rejected one, to be graded again with an old seed."""
    for kind in (TrialKind.ACCEPTED, TrialKind.REJECTED):
        first = next((one for one in seeded if one[0].trial.kind is kind), None)
        if first:
            job, seeds = first
            yield replace(job, trial=replace(job.trial, kind=TrialKind.REPEAT, of=kind)), seeds[0]
