"""An app that is started beside the running one, without some of what it is given, and watched."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from grader.phases.context import Context
from grader.phases.launching import App
from grader.sandbox.launch import get
from grader.services.mysql import MySqlServer, refused

LOG_LINES = 400
SECONDS = 6.0
"""How long it is watched."""
AT_ONCE = 2
"""How many are started at one time."""
WITH_PASSWORD = re.compile(
    r"Access denied for user '[^']*'@'(?!localhost)[^']*' \(using password: YES"
)


@dataclass
class _Trial:
    """One app without some of its secrets, or with others in their place."""

    names: list[str]
    app: App | None
    """None where the app gets none of the secrets."""
    answer: dict[str, Any]
    log: frozenset[str]
    """What MySQL had refused before."""


@dataclass
class Beside:
    """The trials of one run."""

    context: Context
    environment: Mapping[str, str]
    """What the running app was given."""
    injected: Mapping[str, str]
    """The secrets of this run, by name."""
    make: Callable[[Mapping[str, str], int], App]
    """Gives an app, not started yet, with another environment, for one of the places beside."""
    mysql: MySqlServer | None
    passwords: frozenset[str] = frozenset()
    """Those that `mysql` takes."""
    places: int = 1
    """How many of them there are, for trials at one time."""
    _trial: _Trial | None = None
    _begun: dict[str, Future[_Trial]] = field(default_factory=dict)
    _pool: ThreadPoolExecutor | None = None
    _tried: frozenset[str] = frozenset()
    """The lines of MySQL's log that the trials have caused."""

    def begin(self, trials: list[list[str]]) -> None:
        """Start apps ahead, each without the secrets of one of `trials`, for `start` to give.

        Only where MySQL's log can tell later who of them tried a password of its own: at most one
        may be without that of the database. What does not fit is started when it is asked for.
        """
        real = [names for names in trials if self._affected(names)]
        guessing = [names for names in real if self._is_without_password(names)]
        known = self.mysql is None or self.passwords
        if self.places < 2 or len(guessing) > 1 or not known:
            return
        log = self._refusals()
        self._pool = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="beside")
        for place, names in enumerate(real[: self.places]):
            self._begun[json.dumps(names)] = self._pool.submit(
                self._start, names, log=log, place=place
            )

    def start(self, names: list[str], *, changed: bool = False) -> dict[str, Any]:
        """Start an app without the secrets `names`, or with others in their place; watch it.

        A variable counts as one of them by its name, and by its value: a URL that holds a password
        is gone with it. `end` removes the app.

        Gives `asked` (whether the app gets any of them at all), `started` (whether it got ready, or
        runs without them as it is), `status` (what its readiness path answered last), `reason`, and
        its `host` and `port`.
        """
        self.end()
        begun = None if changed else self._begun.pop(json.dumps(names), None)
        if begun:
            self._trial = begun.result()
        else:
            self._settle()
            self._trial = self._start(names, log=self._refusals(), changed=changed)
        return self._trial.answer

    def _start(
        self, names: list[str], *, log: frozenset[str], changed: bool = False, place: int = 0
    ) -> _Trial:
        answer: dict[str, Any] = {
            "asked": False, "started": False, "status": None, "reason": "", "host": "", "port": 0,
        }  # fmt: skip
        affected = self._affected(names)
        if not affected:  # the running one is without them, and runs
            return _Trial(names, None, answer | {"started": True}, log)
        environment = self._others(affected, names) if changed else {
            name: value for name, value in self.environment.items() if name not in affected
        }  # fmt: skip
        app = self.make(environment, place)
        answer |= {"asked": True, "host": app.address[0], "port": app.address[1]}
        failure = app.start(within=SECONDS)
        answer |= {"started": failure is None, "reason": failure.rationale if failure else ""}
        if app.container.id and app.container.state().running:
            answer["status"] = get(app.address, self.context.challenge.app.ready.path)
        return _Trial(names, app, answer, log)

    def end(self) -> dict[str, Any]:
        """Remove it. Gives `guessed`: whether it tried a password of its own on MySQL."""
        trial, self._trial = self._trial, None
        if trial is None or trial.app is None:
            return {"guessed": False}
        if trial.app.container.id:
            trial.app.container.remove()
        caused = self._refusals() - trial.log
        self._tried |= caused
        return {"guessed": bool(caused) and self._may_have_caused(trial)}

    def _settle(self) -> None:
        """Remove those that were begun and that nobody has asked for."""
        while self._begun:
            _, begun = self._begun.popitem()
            app = begun.result().app
            if app and app.container.id:
                app.container.remove()

    def close(self) -> None:
        """Return once nothing is being started any more; what was is removed with the run."""
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _may_have_caused(self, trial: _Trial) -> bool:
        """Whether a refusal by MySQL is this trial's, where others were under way with it."""
        return self._pool is None or self._is_without_password(trial.names)

    def _is_without_password(self, names: list[str]) -> bool:
        """Whether a password for MySQL is among what is taken away."""
        taken = [self.environment[name] for name in self._affected(names)]
        return any(password in value for value in taken for password in self.passwords)

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
