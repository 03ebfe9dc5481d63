"""What the trials of a challenge prove, and what speaks against it."""

from __future__ import annotations

from grader.criteria import APP_STARTS, DOCKER_BUILDS
from grader.model import Challenge, Graded
from grader.verify.junk import SHARE
from grader.verify.trials import Trial, TrialKind, Wavering


def trials_problems(challenge: Challenge, trials: tuple[Trial, ...]) -> list[str]:
    """Return a sentence for each fault that `trials` show.

    Those without a score for one reason share one.

    A rejected solution that does not lose the same in each of its runs has one of its own.
    """
    unsteady = {one.solution for one in wavering(trials) if one.kind is TrialKind.REJECTED}
    failures: dict[str, list[Trial]] = {}
    problems = []
    for trial in trials:
        if trial.failure:
            failures.setdefault(trial.failure, []).append(trial)
        elif trial.solution not in unsteady:
            problems += trial_problems(challenge, trial)
    for (kind, name), runs in _runs_of(trials, unsteady).items():
        problems.append(_unsteady(f"{kind} {name}", runs))
    return [*problems, *(_without_score(reason, ones) for reason, ones in failures.items())]


def _runs_of(
    trials: tuple[Trial, ...], solutions: set[tuple[TrialKind, str]]
) -> dict[tuple[TrialKind, str], list[Trial]]:
    runs: dict[tuple[TrialKind, str], list[Trial]] = {}
    for trial in trials:
        if trial.solution in solutions and not trial.failure:
            runs.setdefault(trial.solution, []).append(trial)
    return runs


def _unsteady(name: str, runs: list[Trial]) -> str:
    """Return what a rejected solution loses in some of its `runs` only."""
    ever = frozenset[str]().union(*(one.lost for one in runs))
    said = [
        f"{criterion} in {count} of {len(runs)} runs (not with seed "
        f"{', '.join(str(one.seed) for one in runs if criterion not in one.lost)})"
        for criterion in sorted(ever)
        if (count := sum(criterion in one.lost for one in runs)) < len(runs)
    ]
    return (
        f"{name} does not lose the same each time: it loses {'; '.join(said)}. Draw data that show "
        "the mistake in every run, or repeat the step in the test."
    )


def _without_score(reason: str, trials: list[Trial]) -> str:
    names = [f"{one.kind} {one.name} (seed {one.seed})" for one in trials]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    has = "has" if len(names) == 1 else "have"
    return f"{', '.join(names[:3])}{more} {has} no score: {reason}"


def trial_problems(challenge: Challenge, trial: Trial) -> list[str]:
    """Return a sentence for what a trial should have come to and did not."""
    name = f"{trial.kind} {trial.name} (seed {trial.seed})"
    if trial.failure:
        return [f"{name} has no score: {trial.failure}"]
    match trial.kind:
        case TrialKind.ACCEPTED if trial.lost:
            return [f"{name} should earn every point; it loses {_reasons(trial, trial.lost)}"]
        case TrialKind.REJECTED if trial.lost != trial.loses:
            return [_mismatch(trial, name)]
        case TrialKind.JUNK if trial.earned * 100 >= challenge.points * SHARE:
            return [f"{name} earns {trial.earned}; junk must stay below {SHARE} %"]
        case TrialKind.STARTER:
            return _starter_problems(challenge, trial, name)
        case _:
            return []


def _mismatch(trial: Trial, name: str) -> str:
    """Return how a rejected solution differs from what its NAME.yml says."""
    kept, more = trial.loses - trial.lost, trial.lost - trial.loses
    said = []
    if kept:
        said.append(f"keeps {', '.join(sorted(kept))}")
    if more:
        said.append(f"also loses {_reasons(trial, more)}")
    caught = ", so that it is caught by accident only" if trial.accident == "only" else ""
    return f"{name} {' and '.join(said)}{caught}"


def _starter_problems(challenge: Challenge, trial: Trial, name: str) -> list[str]:
    problems = []
    if DOCKER_BUILDS in trial.lost or APP_STARTS in trial.lost:
        problems.append(f"{name} should build and start: {_reasons(trial, trial.lost)}")
    if trial.earned * 100 >= challenge.points * challenge.pass_mark:
        problems.append(f"{name} earns {trial.earned}, which is a pass already")
    return problems


def _reasons(trial: Trial, criteria: frozenset[str]) -> str:
    """Return the criteria with the reason for the first of them."""
    results = trial.report.results if isinstance(trial.report, Graded) else ()
    why = next(
        (one.rationale for one in results if one.criterion in criteria and one.rationale), ""
    )
    return f"{', '.join(sorted(criteria))} ({why})"


def untested(challenge: Challenge, trials: tuple[Trial, ...]) -> tuple[str, ...]:
    """Criteria that no rejected solution loses: nothing shows that they can be lost."""
    lost = {name for trial in trials if trial.kind is TrialKind.REJECTED for name in trial.lost}
    return tuple(
        criterion.id
        for criterion in challenge.criteria
        if criterion.id not in lost and not criterion.unkillable
    )


def untested_parts(challenge: Challenge, trials: tuple[Trial, ...]) -> list[str]:
    """Return a sentence for each part of a criterion that no rejected solution loses by itself."""
    lost = {part for one in trials if one.kind is TrialKind.REJECTED for part in one.lost_parts}
    return [
        f"No rejected solution loses the part {part.id} of {criterion.id}; write one."
        for criterion in challenge.criteria
        for part in criterion.parts
        if (criterion.id, part.id) not in lost and not criterion.unkillable
    ]


def wavering(trials: tuple[Trial, ...]) -> tuple[Wavering, ...]:
    """Criteria on which one solution comes to different outcomes, over seeds or in a repetition."""
    runs: dict[tuple[tuple[TrialKind, str], str], list[bool]] = {}
    for trial in trials:
        for criterion, outcome in trial.outcomes.items():
            runs.setdefault((trial.solution, criterion), []).append(outcome == "passed")
    return tuple(
        Wavering(kind=kind, name=name, criterion=criterion, passed=sum(found), runs=len(found))
        for ((kind, name), criterion), found in runs.items()
        if len(set(found)) > 1
    )


def repeat_problems(trials: tuple[Trial, ...]) -> list[str]:
    """Return a sentence for each repetition that came to something else than the trial before."""
    first = {(one.solution, one.seed): one for one in trials if one.kind is not TrialKind.REPEAT}
    problems = []
    for trial in trials:
        before = first.get((trial.solution, trial.seed))
        if trial.kind is not TrialKind.REPEAT or before is None or before.failure or trial.failure:
            continue
        now = trial.outcomes
        changed = [
            f"{name} was {outcome}, then {now.get(name, 'missing')}"
            for name, outcome in before.outcomes.items()
            if now.get(name) != outcome
        ]
        if changed:
            said = ", ".join(changed)
            problems.append(f"{trial.name} graded twice with seed {trial.seed} differs: {said}")
    return problems


def phases(trials: tuple[Trial, ...]) -> tuple[tuple[str, float], ...]:
    """Each phase to the median of its seconds over `trials`, in the order in which they begin."""
    from statistics import median

    seconds: dict[str, list[float]] = {}
    for trial in trials:
        for phase, lasted in trial.seconds:
            seconds.setdefault(phase, []).append(lasted)
    return tuple((phase, round(median(values), 3)) for phase, values in seconds.items())
