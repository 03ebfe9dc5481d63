"""Which criteria may run, which are over, and what each came to: the bookkeeping of one suite."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader.criteria import closure, first_unmet
from grader.exam.parts import together
from grader.model import CheckResult, Outcome, Part


@dataclass
class Schedule:
    """The state of a suite's criteria. Each has one result, sent when its last test is over."""

    needs: Mapping[str, Sequence[str]]
    """Each criterion to those that must hold before it is examined."""
    outcomes: dict[str, Outcome]
    """What is known so far; at the start, what the grader found before the suite."""
    parts: Mapping[str, Sequence[Part]] = field(default_factory=dict)
    """The parts of each criterion that has such."""
    found: dict[str, dict[str, CheckResult]] = field(default_factory=dict)
    """The first loss of each part so far, or that it has passed."""
    waiting: Counter[str] = field(default_factory=Counter)
    """How many tests of a criterion are still to run."""
    spent: Counter[str] = field(default_factory=Counter)
    """Seconds that its tests have taken."""

    def expect(self, criteria: Iterable[str]) -> None:
        """Note the criterion of each test that will run."""
        self.waiting.update(criteria)

    def blocked(self, criterion: str, *, rests_on: str = "") -> str:
        """Return the first need of `criterion` that does not hold; empty where it may run.

        `rests_on`: what its test needs for the fixtures that it uses.
        """
        needs = list(self.needs.get(criterion, ()))
        if rests_on and rests_on not in needs:
            needs.insert(0, rests_on)
        return first_unmet(needs, lambda need: self.outcomes.get(need) is Outcome.PASSED)

    def over(self, criterion: str) -> bool:
        """Return whether it has its result already."""
        return criterion in self.outcomes

    def order(self, criteria: Sequence[str]) -> list[int]:
        """Return the positions of `criteria`, one for each test, each after what it needs.

        Otherwise the order is as given.
        """
        rest, left, ordered = list(range(len(criteria))), Counter(criteria), list[int]()
        needs = {name: closure(self.needs, self.needs.get(name, ())) for name in left}
        while rest:
            free = (at for at in rest if not any(left[need] for need in needs[criteria[at]]))
            position = next(free, rest[0])  # a circle ends here; the loader refuses them
            rest.remove(position)
            left[criteria[position]] -= 1
            ordered.append(position)
        return ordered

    def finish(self, result: CheckResult, part: str = "") -> CheckResult | None:
        """Take in the result of one test; the criterion's own result once it is certain.

        `part` is the part of the criterion that the test is about; empty where it is about all.
        """
        name = result.criterion
        self.spent[name] += result.duration  # type: ignore[assignment]
        self.waiting[name] -= 1
        if self.over(name):
            return None
        if part and result.outcome is not Outcome.BROKEN:
            found = self.found.setdefault(name, {})
            if part not in found or found[part].outcome is Outcome.PASSED:
                found[part] = result
            if self.waiting[name] > 0:
                return None
            result = together(name, self.parts[name], found)
        elif result.outcome is Outcome.PASSED and self.waiting[name] > 0:
            return None
        self.outcomes[name] = result.outcome
        return replace(result, duration=float(self.spent[name]))
