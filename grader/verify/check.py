"""What can be said of a challenge without an engine: spec, brief, contract, suite, solutions."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from grader.errors import SpecError
from grader.model import Challenge
from grader.settings import Settings
from grader.verify.agreement import form_problems
from grader.verify.patches import fit
from grader.verify.solutions import (
    RejectedSolution,
    accepted_solutions,
    assemble,
    rejected_solutions,
)

WORKERS = 4
"""Patches that are tried at once, each by a process of git."""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What was found wrong with a challenge."""

    problems: tuple[str, ...]
    """A sentence for each fault."""
    accepted: int
    """How many accepted solutions there are."""
    rejected: int
    """How many rejected ones could be read."""


def check(challenge: Challenge, settings: Settings) -> Checked:
    """Look at all of `challenge` that needs no engine; nothing of it is graded.

    Raises `PlatformError` where the suite's process does not end as it should.
    """
    references = settings.references_of(challenge.root)
    with ThreadPoolExecutor(max_workers=1) as pool:
        form = pool.submit(form_problems, challenge)
        solutions, faults = _rejected(references, challenge)
        faults += _patch_problems(solutions)
    return Checked(
        problems=(*form.result(), *faults),
        accepted=len(accepted_solutions(references, challenge)),
        rejected=len(solutions),
    )


def _rejected(references: Path, challenge: Challenge) -> tuple[list[RejectedSolution], list[str]]:
    """Return the rejected solutions, and what keeps them from being read."""
    try:
        return rejected_solutions(references, challenge), []
    except SpecError as error:
        return [], list(error.problems)


def _patch_problems(solutions: Iterable[RejectedSolution]) -> list[str]:
    """Return a sentence for each hunk that no longer applies."""
    with (
        tempfile.TemporaryDirectory(prefix="grader-check-") as scratch,
        ThreadPoolExecutor(max_workers=WORKERS) as pool,
    ):
        found = pool.map(partial(_problems_of, scratch=Path(scratch)), solutions)
        return [problem for problems in found for problem in problems]


def _problems_of(solution: RejectedSolution, scratch: Path) -> list[str]:
    """Return what keeps one solution from being put together; a plain patch is only tried."""
    try:
        if solution.patch and not (solution.removes or solution.earlier):
            fit(solution.patch, solution.base.root, f"accepted/{solution.base.name}")
            return []
    except SpecError:
        pass  # putting it together says more
    try:
        assemble(solution, scratch / solution.name)
    except SpecError as error:
        return list(error.problems)
    return []
