"""An app that is started beside the running one, without some of what it is given, and watched."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from grader.phases.context import Context
from grader.phases.launching import App
from grader.sandbox.launch import get
from grader.services.mysql import MySqlServer, refused

LOG_LINES = 400
SECONDS = 6.0
"""How long it is watched."""
WITH_PASSWORD = re.compile(
    r"Access denied for user '[^']*'@'(?!localhost)[^']*' \(using password: YES"
)


@dataclass
class Beside:
    """The trials of one run, one at a time."""

    context: Context
    environment: Mapping[str, str]
    """What the running app was given."""
    injected: Mapping[str, str]
    """The secrets of this run, by name."""
    make: Callable[[Mapping[str, str]], App]
    """Gives an app, not started yet, with another environment."""
    mysql: MySqlServer | None
    _app: App | None = None
    _log: frozenset[str] = frozenset()
    _tried: frozenset[str] = frozenset()
    """The lines of MySQL's log that the trials have caused."""

    def start(self, names: list[str], *, changed: bool = False) -> dict[str, Any]:
        """Start an app without the secrets `names`, or with others in their place; watch it.

        A variable counts as one of them by its name, and by its value: a URL that holds a password
        is gone with it. `end` removes the app.

        Gives `asked` (whether the app gets any of them at all), `started` (whether it got ready, or
        runs without them as it is), `status` (what its readiness path answered last), `reason`, and
        its `host` and `port`.
        """
        self.end()
        answer: dict[str, Any] = {
            "asked": False, "started": False, "status": None, "reason": "", "host": "", "port": 0,
        }  # fmt: skip
        self._log = self._refusals()
        affected = self._affected(names)
        if not affected:
            return answer | {"started": True}  # the running one is without them, and runs
        app = self._app = self.make(self._others(affected, names) if changed else {
            name: value for name, value in self.environment.items() if name not in affected
        })  # fmt: skip
        answer |= {"asked": True, "host": app.address[0], "port": app.address[1]}
        failure = app.start(within=SECONDS)
        answer |= {"started": failure is None, "reason": failure.rationale if failure else ""}
        if app.container.id and app.container.state().running:
            answer["status"] = get(app.address, self.context.challenge.app.ready.path)
        return answer

    def _affected(self, names: list[str]) -> frozenset[str]:
        """The variables that are one of the secrets `names`, or hold one."""
        values = [self.injected[name] for name in names if name in self.injected]
        return frozenset(
            name
            for name, given in self.environment.items()
            if name in names or any(value and value in given for value in values)
        )

    def _others(self, affected: frozenset[str], names: list[str]) -> dict[str, str]:
        """The environment with new values for the secrets `names`."""
        environment = dict(self.environment)
        for name in names:
            other = secrets.token_urlsafe(32)
            self.context.secrets[f"another {name}"] = other
            old = self.injected.get(name, "")
            for variable in affected:
                if variable == name:
                    environment[variable] = other
                elif old:
                    environment[variable] = environment[variable].replace(old, other)
        return environment

    def end(self) -> dict[str, Any]:
        """Remove it. Gives `guessed`: whether it tried a password of its own on MySQL."""
        app, self._app = self._app, None
        if app is None:
            return {"guessed": False}
        if app.container.id:
            app.container.remove()
        caused = self._refusals() - self._log
        self._tried |= caused
        return {"guessed": bool(caused)}

    def refused_logins(self) -> list[str]:
        """The accounts that MySQL has refused so far, those of the trials left out."""
        if self.mysql is None:
            return []
        lines = self.mysql.log(LOG_LINES).splitlines()
        return refused("\n".join(line for line in lines if line not in self._tried))

    def _refusals(self) -> frozenset[str]:
        """The lines of MySQL's log that tell of a wrong password."""
        if self.mysql is None:
            return frozenset()
        lines = self.mysql.log(LOG_LINES).splitlines()
        return frozenset(line for line in lines if WITH_PASSWORD.search(line))
