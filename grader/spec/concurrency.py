"""How many runs of an exam go side by side: by its containers, and by the machine's cores."""

from __future__ import annotations

import os

from grader.model import Challenge

CONTAINERS_OF_A_CORE = 3
"""Of those that runs have at the same time: an exam of six has both of two cores to itself."""
AT_MOST = 2
"""More have not been tried; `--jobs` takes any number."""
COMPOSE_CONTAINERS = 2
"""Those of a Compose file of which the exam names no roles: an app and its database."""


def containers_of(challenge: Challenge) -> int:
    """Return how many containers a run of `challenge` has at the same time, at least."""
    project = sum(one.replicas for one in challenge.roles) or COMPOSE_CONTAINERS
    return len(challenge.services) + (project if challenge.mode == "compose" else 1)


def runs_at_once(challenge: Challenge, cores: int | None = None) -> int:
    """Return how many runs of `challenge` `cores` can do side by side (default: this machine's)."""
    cores = cores or os.cpu_count() or 1
    fitting = cores * CONTAINERS_OF_A_CORE // containers_of(challenge)
    return max(1, min(AT_MOST, cores, fitting))
