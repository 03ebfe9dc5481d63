"""One root cause, one line: the criteria that were not reached, by what they rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.model import CheckResult, Outcome
from grader.report.view import Row
from grader.scoring import told_after_need

NAMED = 3
"""Up to how many criteria are named in a line; the tables and the JSON report name all."""


@dataclass(frozen=True, kw_only=True)
class Folded:
    """Criteria that were not reached for one reason."""

    sentence: str
    """How many, and why, without a full stop."""
    rows: tuple[Row, ...]

    @property
    def reason(self) -> str:
        """Why their need did not hold, where that has no row of its own; else empty."""
        return next(filter(None, (told_after_need(one) for _, one in self.rows)), "")

    @property
    def evidence(self) -> str:
        """What shows it; empty where there is nothing."""
        return next((one.evidence for _, one in self.rows if one.evidence), "")

    @property
    def points(self) -> int:
        """What they are worth together."""
        return sum(criterion.points for criterion, _ in self.rows)


def fold(rows: Sequence[Row]) -> tuple[list[Row], list[Folded]]:
    """Return the rows that were reached, and those that were not, folded by their root cause."""
    results = {criterion.id: result for criterion, result in rows}
    reached = [row for row in rows if row[1].outcome is not Outcome.NOT_REACHED]
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row[1].outcome is Outcome.NOT_REACHED:
            groups.setdefault(_root(row[1], results), []).append(row)
    return reached, [
        Folded(sentence=_sentence(root, said, group), rows=tuple(group))
        for (root, said), group in groups.items()
    ]


def root_of(criterion: str, results: Mapping[str, CheckResult]) -> str:
    """Return what kept `criterion` from being reached: the first need that was itself looked at."""
    return _root(results[criterion], results)[0]


def _root(result: CheckResult, results: Mapping[str, CheckResult]) -> tuple[str, str]:
    """Return the need at the root of a result that was not reached.

    Without one, what is said of it.
    """
    seen = {result.criterion}
    need = result.need
    while need and need not in seen:
        seen.add(need)
        above = results.get(need)
        if above is None or above.outcome is not Outcome.NOT_REACHED or not above.need:
            break
        need = above.need
    return (need, "") if need else ("", result.rationale)


def _sentence(root: str, said: str, group: Sequence[Row]) -> str:
    count = len(group)
    what = "1 criterion" if count == 1 else f"{count} criteria"
    named = f" ({', '.join(row[0].id for row in group)})" if count <= NAMED else ""
    if root:
        return f"{what} not reached: {'it needs' if count == 1 else 'they need'} {root}{named}"
    return f"{what} not reached: {said.rstrip('.') or 'no reason is known'}{named}"
