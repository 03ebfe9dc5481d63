"""The built-in criteria: their ids, what each needs, and who examines it.

What needs mean is said here and nowhere else: `needs_of` joins those of a built-in criterion with
its challenge's own, `first_unmet` finds the one that does not hold, `consequences` all that is lost
with it, and `closure` all that a criterion stands on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

REPO_FILES = "repo.files"
DOCKER_BUILDS = "docker.builds"
DOCKER_IGNORE = "docker.ignore"
DOCKER_NON_ROOT = "docker.non_root"
SECRETS_TREE = "secrets.tree"
SECRETS_HISTORY = "secrets.history"
SECRETS_IMAGE = "secrets.image"
SECRETS_RUNTIME = "secrets.runtime"
SECRETS_FROM_ENVIRONMENT = "secrets.from_environment"
SECRETS_NO_FALLBACK = "secrets.no_fallback"
APP_STARTS = "app.starts"
COMPOSE_VALID = "compose.valid"
COMPOSE_COMPLETE = "compose.complete"
COMPOSE_FRESH_CREDENTIALS = "compose.fresh_credentials"
COMPOSE_HEALTHY = "compose.healthy"
DATABASE_LATE = "database.late"
CONTRACT_ROUTES = "contract.routes"
CONTRACT_METHODS = "contract.methods"
CONTRACT_ERRORS = "contract.errors"
CONTRACT_FUZZ = "contract.fuzz"
PERSIST_RECREATE = "persist.recreate"
PERSIST_DATABASE_RESTART = "persist.database_restart"
PERSIST_DOWN_UP = "persist.down_up"
PERSIST_KILL = "persist.kill"


@dataclass(frozen=True, kw_only=True)
class BuiltinCriterion:
    """A criterion that a challenge can price without writing a test."""

    phase: str
    """The phase of a run that records it; `examine`: a test in `grader/exam/builtin` does."""
    needs: tuple[str, ...] = ()
    """Those that must hold first, whatever the challenge says."""
    compose_only: bool = False
    """Whether only a challenge of mode `compose` can price it."""
    contract: bool = False
    """Whether it works from the challenge's OpenAPI document."""
    keeps_data: bool = False
    """Whether it makes something and looks for it later."""
    compose_file: bool = False
    """Whether it needs a valid Compose file, in a challenge of mode `compose`."""
    unpriced: bool = False
    """Whether it has a result in every run, priced or not."""


_BUILDS, _STARTS = (DOCKER_BUILDS,), (APP_STARTS,)
BUILTIN: Mapping[str, BuiltinCriterion] = MappingProxyType({
    REPO_FILES: BuiltinCriterion(phase="inspect"),
    DOCKER_BUILDS: BuiltinCriterion(phase="build", compose_file=True, unpriced=True),
    APP_STARTS: BuiltinCriterion(phase="launch", needs=_BUILDS, compose_file=True, unpriced=True),
    DOCKER_IGNORE: BuiltinCriterion(phase="inspect"),
    DOCKER_NON_ROOT: BuiltinCriterion(phase="launch", needs=_BUILDS, compose_file=True),
    SECRETS_TREE: BuiltinCriterion(phase="secrets"),
    SECRETS_HISTORY: BuiltinCriterion(phase="secrets"),
    SECRETS_IMAGE: BuiltinCriterion(phase="build", needs=_BUILDS, compose_file=True),
    SECRETS_RUNTIME: BuiltinCriterion(phase="examine", needs=_STARTS),
    SECRETS_FROM_ENVIRONMENT: BuiltinCriterion(phase="examine", needs=_STARTS),
    SECRETS_NO_FALLBACK: BuiltinCriterion(phase="examine", needs=_STARTS),
    COMPOSE_VALID: BuiltinCriterion(phase="inspect", compose_only=True),
    COMPOSE_COMPLETE: BuiltinCriterion(phase="up", needs=_STARTS, compose_only=True),
    COMPOSE_FRESH_CREDENTIALS: BuiltinCriterion(phase="up", needs=_STARTS, compose_only=True),
    COMPOSE_HEALTHY: BuiltinCriterion(phase="up", needs=_STARTS, compose_only=True),
    DATABASE_LATE: BuiltinCriterion(phase="late database", needs=_STARTS, compose_only=True),
    CONTRACT_ROUTES: BuiltinCriterion(phase="examine", needs=_STARTS, contract=True),
    CONTRACT_METHODS: BuiltinCriterion(phase="examine", needs=_STARTS, contract=True),
    CONTRACT_ERRORS: BuiltinCriterion(phase="examine", needs=_STARTS, contract=True),
    CONTRACT_FUZZ: BuiltinCriterion(phase="examine", needs=_STARTS, contract=True),
    PERSIST_RECREATE: BuiltinCriterion(
        phase="examine", needs=_STARTS, contract=True, keeps_data=True
    ),
    PERSIST_DATABASE_RESTART: BuiltinCriterion(
        phase="examine", needs=_STARTS, contract=True, keeps_data=True
    ),
    PERSIST_DOWN_UP: BuiltinCriterion(
        phase="examine", needs=_STARTS, contract=True, keeps_data=True, compose_only=True
    ),
    PERSIST_KILL: BuiltinCriterion(
        phase="examine", needs=_STARTS, contract=True, keeps_data=True, compose_only=True
    ),
})  # fmt: skip
"""All of them, by id."""

ALWAYS_FOUND = tuple(name for name, one in BUILTIN.items() if one.unpriced)
"""Criteria that have a result in every run, priced or not."""
LAST = (SECRETS_FROM_ENVIRONMENT, SECRETS_NO_FALLBACK, SECRETS_RUNTIME)
"""Criteria that judge by all that the app has answered, in this order."""


def needs_of(criterion: str, own: Iterable[str] = ()) -> tuple[str, ...]:
    """Return all that `criterion` needs: what every challenge asks of it, then its `own` needs."""
    built_in = BUILTIN.get(criterion)
    return tuple(dict.fromkeys((*(built_in.needs if built_in else ()), *own)))


def stands_on_app(criterion: str) -> bool:
    """Whether the built-in `criterion` needs an app that serves; False for any other one."""
    needs = {name: one.needs for name, one in BUILTIN.items()}
    return criterion in BUILTIN and APP_STARTS in closure(needs, [criterion])


def first_unmet(needs: Iterable[str], holds: Callable[[str], bool]) -> str:
    """Return the first of `needs` that does not hold; empty where all do."""
    return next((need for need in needs if not holds(need)), "")


def consequences(needs: Mapping[str, Collection[str]], lost: Collection[str]) -> dict[str, str]:
    """Return each criterion that follows from one of `lost`, with the need that it lacks.

    `needs` are the criteria with what each needs. What follows from one that follows is among
    them; the need is the first one that does not hold, and may itself be a consequence.
    """
    found: dict[str, str] = {}
    waiting = list(needs)

    def holds(need: str) -> bool:
        return need not in lost and need not in found

    while blocked := [name for name in waiting if first_unmet(needs[name], holds)]:
        for name in blocked:  # which may block others in their turn
            waiting.remove(name)
            found[name] = first_unmet(needs[name], holds)
    return found


def lost_with(criterion: str) -> dict[str, str]:
    """Return what the grader itself cannot look at once the built-in `criterion` is lost.

    Each with the need that it lacks. What the suite examines is not among them: it says so itself.
    Without a valid Compose file nothing is built or started, whatever else it would need.
    """
    needs = {
        name: ((COMPOSE_VALID,) if one.compose_file else ()) + one.needs
        for name, one in BUILTIN.items()
        if one.phase in {"build", "launch"}
    }
    return consequences(needs, {criterion})


def closure(needs: Mapping[str, Iterable[str]], wanted: Iterable[str]) -> frozenset[str]:
    """Return `wanted` with all that they need, at first hand or not, as far as `needs` knows."""
    found, waiting = set(wanted), list(wanted)
    while waiting:
        more = set(needs.get(waiting.pop(), ())) - found
        found |= more
        waiting += more
    return frozenset(found)
