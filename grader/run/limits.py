"""How long each phase of a run may take at most, before it is given up as hanging.

Every call within a phase has a limit of its own, which is what ends a slow submission with its
verdict. These are wider: they come to more than those of a phase's calls together, so that only
what hangs in spite of them gets here.
"""

from __future__ import annotations

from grader.app_spec import Limits
from grader.exam.runner import PATIENCE

MARGIN = 60.0
"""Seconds on top, for a machine under load."""
PREPARING = 1800.0
"""Seconds in which base images and package index are made, where they are not there."""
DATABASE = 60.0
"""Seconds that a server may take to start."""
COMPOSE = 120.0
"""Seconds of one call of `docker compose`."""
IMAGES = 8
"""Images that a project may have built."""
CALLS = 3
"""How often a suite may have the app or its database brought up again, each time at its slowest."""
INTAKE = 600.0
SCAN = 600.0
TEARDOWN = 120.0


def limit_of(phase: str, limits: Limits, override: float | None = None) -> float:
    """Seconds for the phase of that name in an exam with `limits`; `override` replaces them all."""
    return override if override is not None else _own(limits).get(phase, PREPARING)


def limit_of_run(limits: Limits, override: float | None = None) -> float:
    """Seconds for all phases of a run together, in whichever way they overlap."""
    return 4 * override if override is not None else sum(_own(limits).values())


def _own(limits: Limits) -> dict[str, float]:
    bring_up = 2 * COMPOSE + max(limits.start, DATABASE) + 2 * limits.start
    build = PREPARING + IMAGES * limits.build + SCAN + MARGIN
    return {
        "intake": INTAKE + MARGIN,
        "inspect": MARGIN,
        "build": build,
        "provision": PREPARING + COMPOSE + DATABASE + MARGIN,
        "launch": 2 * limits.start + MARGIN,
        "up": 3 * bring_up + DATABASE + MARGIN,  # with this run's values, as handed in, and again
        # time is looked at between two calls of the suite, which do not count
        "examine": limits.suite + PATIENCE + CALLS * bring_up + MARGIN,
        "late database": build + bring_up + MARGIN,  # it waits for the images
        "secrets": SCAN + MARGIN,
        "teardown": TEARDOWN,
    }
