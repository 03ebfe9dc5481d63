"""An app that is started beside the running one, without some of what it is given, and watched."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from grader.phases.context import Context
from grader.phases.launching import App
from grader.sandbox.launch import get
from grader.services.mysql import MySqlServer

SECONDS = 6.0
"""How long it is watched."""
WITH_PASSWORD = re.compile(
    r"Access denied for user '[^']*'@'(?!localhost)[^']*' \(using password: YES"
)


@dataclass
class Beside:
    """The trials of one run, one at a time."""

    context: Context
    make: Callable[[frozenset[str]], App | None]
    """Gives an app, not started yet, without those variables; None where it has none of them."""
    mysql: MySqlServer | None
    _app: App | None = None
    _log: frozenset[str] = frozenset()

    def start(self, names: list[str]) -> dict[str, Any]:
        """Start an app without the variables `names` and watch it; `end` removes it.

        Gives `asked` (whether the app gets any of them at all), `started` (whether it got ready,
        or runs without them as it is),
        `status` (what its readiness path answered last), `reason`, and its `host` and `port`.
        """
        self.end()
        answer: dict[str, Any] = {
            "asked": False, "started": False, "status": None, "reason": "", "host": "", "port": 0,
        }  # fmt: skip
        self._log = self._refusals()
        app = self._app = self.make(frozenset(names))
        if app is None:
            return answer | {"started": True}  # the running one is without them, and runs
        answer |= {"asked": True, "host": app.address[0], "port": app.address[1]}
        failure = app.start(within=SECONDS)
        answer |= {"started": failure is None, "reason": failure.rationale if failure else ""}
        if app.container.id and app.container.state().running:
            answer["status"] = get(app.address, self.context.challenge.app.ready.path)
        return answer

    def end(self) -> dict[str, Any]:
        """Remove it. Gives `guessed`: whether it tried a password of its own on MySQL."""
        app, self._app = self._app, None
        if app is None:
            return {"guessed": False}
        if app.container.id:
            app.container.remove()
        return {"guessed": bool(self._refusals() - self._log)}

    def _refusals(self) -> frozenset[str]:
        """The lines of MySQL's log that tell of a wrong password."""
        if self.mysql is None:
            return frozenset()
        lines = self.mysql.log(400).splitlines()
        return frozenset(line for line in lines if WITH_PASSWORD.search(line))
