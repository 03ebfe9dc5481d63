"""`compose.valid`, where it is lost."""

from __future__ import annotations

from grader.criteria import COMPOSE_VALID
from grader.inspect.locations import locations_of
from grader.model import CheckResult, Outcome
from grader.run.context import RunContext


def invalid(context: RunContext, *faults: str, first: str = "") -> None:
    """Record why the file cannot be brought up; `first` is said before it."""
    said = faults[0] if faults else "The Compose file cannot be used."
    more = f" ({len(faults) - 1} more below.)" if len(faults) > 1 else ""
    context.recorder.record(
        CheckResult(
            criterion=COMPOSE_VALID,
            outcome=Outcome.FAILED,
            rationale=f"{first} {said}{more}".strip(),
            evidence="\n".join(faults) if len(faults) > 1 else "",
            locations=locations_of(faults),
        )
    )
