"""What an app is given, and what is left of that without some of its secrets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grader.exam.operations import StartedProbe
from grader.run.app import DeployedApp
from grader.run.context import RunContext
from grader.sandbox.launch import get

SECONDS = 6.0
"""How long an app that is started without some of them is watched."""


@dataclass(frozen=True)
class AppEnvironment:
    """The environment of an app, and the secrets in it."""

    environment: Mapping[str, str]
    injected: Mapping[str, str]
    """The secrets by name; their values may be a part of variables with other names."""

    def holding(self, names: Iterable[str]) -> frozenset[str]:
        """Return the variables that are one of the secrets `names`, or hold one."""
        wanted = frozenset(names)
        values = [value for name, value in self.injected.items() if name in wanted and value]
        return frozenset(
            name
            for name, given in self.environment.items()
            if name in wanted or any(value in given for value in values)
        )

    def without(self, names: Iterable[str]) -> dict[str, str]:
        """Return the environment without them."""
        taken = self.holding(names)
        return {name: value for name, value in self.environment.items() if name not in taken}


def watch_start(context: RunContext, app: DeployedApp) -> StartedProbe:
    """Start `app` and say what comes of it in `SECONDS`."""
    failure = app.start(within=SECONDS)
    status = None
    if app.container.id and app.container.state().running:
        status = get(app.address, context.challenge.app.ready.path)
    reason = failure.rationale if failure else ""
    host, port = app.address
    return StartedProbe(
        asked=True, started=failure is None, status=status, reason=reason, host=host, port=port
    )
