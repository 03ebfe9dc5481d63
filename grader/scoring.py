"""From results to points. Pure; needs no Docker."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace

from grader.criteria import closure, consequences
from grader.errors import SpecError
from grader.model import Challenge, CheckResult, Criterion, Outcome, Points, Score

SETTLED = frozenset({Outcome.NOT_REACHED, Outcome.BROKEN})
MISSING = "The examination ended before this criterion was reached."


def complete(
    challenge: Challenge, results: Iterable[CheckResult], only: Container[str] | None = None
) -> tuple[CheckResult, ...]:
    """One result for each criterion of `challenge`, in its order.

    `only` are the criteria that the run was asked for, where it was not for all.

    A criterion without a result, or with a need that did not hold, was not reached: the denominator
    never shrinks. Results of criteria that the challenge does not price are left out.
    """
    found = {result.criterion: result for result in results}
    for criterion in challenge.criteria:
        found.setdefault(criterion.id, _without_result(criterion))
    needs = {criterion.id: criterion.needs for criterion in challenge.criteria}
    lost = [name for name, result in found.items() if result.outcome is not Outcome.PASSED]
    for name, need in consequences(needs, lost).items():
        if found[name].outcome not in SETTLED or found[name].rationale == MISSING:
            found[name] = not_reached(name, need)
    return tuple(_explained(challenge, found, only))


def _explained(
    challenge: Challenge, found: Mapping[str, CheckResult], only: Container[str] | None
) -> Iterator[CheckResult]:
    """Yield the results, with the reason of each lost need that has no row of its own.

    The first criterion that rests on it has the reason with its evidence: a challenge need not
    price `compose.valid`, `docker.builds` or `app.starts`, and why it is lost must be seen.
    """
    priced = {criterion.id for criterion in challenge.criteria}
    told = set()
    for criterion in challenge.criteria:
        result = root = found[criterion.id]
        while root.need in found:
            root = found[root.need]
            if root.criterion in priced:
                break
        untold = root.criterion not in priced and root.criterion not in told
        if root.outcome is Outcome.PASSED or not untold or (only and criterion.id not in only):
            yield result
            continue
        told.add(root.criterion)
        said = f"{result.rationale} {root.rationale}"
        yield replace(result, rationale=said, evidence=root.evidence, locations=root.locations)


def _without_result(criterion: Criterion) -> CheckResult:
    return CheckResult(criterion=criterion.id, outcome=Outcome.NOT_REACHED, rationale=MISSING)


def not_reached(criterion: str, need: str) -> CheckResult:
    """Return the result of a criterion whose need did not hold."""
    return CheckResult(
        criterion=criterion,
        outcome=Outcome.NOT_REACHED,
        rationale=_unmet(need),
        need=need,
    )


def told_after_need(result: CheckResult) -> str:
    """Return why the need of a result did not hold, where `complete` has added that; else empty."""
    return result.rationale.removeprefix(_unmet(result.need)).strip() if result.need else ""


def _unmet(need: str) -> str:
    return f"It needs {need}, which did not hold."


def score(challenge: Challenge, results: Iterable[CheckResult]) -> Score:
    """Return the exact score: the sum of what the criteria earned."""
    found = {result.criterion: result for result in results}
    earned: Points = sum(points(criterion, found) for criterion in challenge.criteria)
    return Score(earned=earned, possible=challenge.points)


def points(criterion: Criterion, results: Mapping[str, CheckResult]) -> Points:
    """Return what `criterion` earned.

    All where it passed, what a failure keeps, nothing otherwise.
    """
    result = results.get(criterion.id)
    if result is None or result.outcome not in {Outcome.PASSED, Outcome.FAILED}:
        return 0
    return criterion.points if result.outcome is Outcome.PASSED else criterion.points * result.kept


def broken(results: Iterable[CheckResult]) -> tuple[CheckResult, ...]:
    """Return the results that are the grader's fault or the challenge's."""
    return tuple(result for result in results if result.outcome is Outcome.BROKEN)


def selected(challenge: Challenge, only: tuple[str, ...]) -> frozenset[str]:
    """Return the ids of `only` with all that they need; every criterion's where `only` is empty.

    Raises `SpecError` for an id that the challenge does not have.
    """
    known = {criterion.id: criterion for criterion in challenge.criteria}
    if unknown := [name for name in only if name not in known]:
        problems = [f"it has no criterion {name!r}" for name in unknown]
        where = f"The challenge {challenge.slug}"
        raise SpecError(where, problems)
    needs = {name: criterion.needs for name, criterion in known.items()}
    return closure(needs, only) & known.keys() if only else frozenset(known)
