"""An app that is started next to the running one, without some of what it is given, and watched."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from grader.exam.faults import Mismatch
from grader.exam.operations import EndedProbe, RefusedLogin, StartedProbe
from grader.run.app import DeployedApp
from grader.run.context import RunContext
from grader.run.probes.environment import AppEnvironment, watch_start
from grader.run.probes.parallel import ParallelProbes
from grader.services.base import OutOfTime, Refusal, Server, refused_users


@dataclass
class _Running:
    """One app without some of its secrets, or with others in their place."""

    app: DeployedApp
    log: frozenset[str]
    """What the servers had refused before."""


@dataclass
class SecretProbe:
    """The trials of one run: one after another on the app's own schema, or ahead of the suite."""

    context: RunContext
    given: AppEnvironment
    """What the running app was given."""
    make: Callable[[Mapping[str, str]], DeployedApp]
    """Gives an app, not started yet, with another environment."""
    servers: Sequence[Server]
    """Those that an app may try passwords on."""
    app: DeployedApp | None = None
    """The running app, where others may log in at the same time; else all that is refused counts as
    its own."""
    parallel: ParallelProbes | None = None
    """None where each is started when it is asked for."""
    shared: bool = False
    """Those of `parallel` share the app's own schema: they start once the suite asks for one."""
    _waiting: tuple[str, ...] = ()
    """The secrets that were begun with, of which the suite has not asked yet."""
    _trial: _Running | None = None
    _tried: frozenset[str] = frozenset()
    """The lines of the servers' logs that the trials have caused."""

    def begin(self, names: Sequence[str]) -> None:
        """Have apps started, each without one of the secrets `names`, while the suite goes on.

        Where they share the app's schema they are started together, once `ended` is asked.
        """
        if self.shared:
            self._waiting = tuple(names)
        elif self.parallel:
            self.parallel.begin(names)

    def ended(self, secret: str) -> EndedProbe | None:
        """Return what is known of an app without `secret` that was begun and has ended.

        Else None.
        """
        self._start_together()
        seen = self.parallel.seen(secret) if self.parallel else None
        return EndedProbe(guessed=seen.guessed) if seen else None

    def _start_together(self) -> None:
        """Start those that wait, and watch them to their end; forget them where one was refused.

        They log in with one account, so that nobody could tell which of them it was.
        """
        names, self._waiting = self._waiting, ()
        if not (names and self.parallel):
            return
        before = self._refusals()
        self.parallel.begin(names)
        self.parallel.settle()
        caused = self._refusals() - before
        self._tried |= caused
        if caused:
            self.parallel.forget()

    def settle(self) -> None:
        """Return once nothing that was begun is under way any more."""
        if self.parallel:
            self.parallel.settle()

    def start(self, names: list[str], *, changed: bool = False) -> StartedProbe:
        """Start an app without the secrets `names`, or with others in their place; watch it.

        A variable counts as one of them by its name, and by its value: a URL that holds a password
        is gone with it. `end` removes the app.
        """
        self.end()
        self.settle()
        if not self.given.holding(names):  # the running one is without them, and runs
            return StartedProbe(asked=False, started=True)
        app = self.make(self._others(names) if changed else self.given.without(names))
        self._trial = _Running(app, self._refusals())
        return watch_start(self.context, app)

    def end(self) -> EndedProbe:
        """Remove it."""
        trial, self._trial = self._trial, None
        if trial is None:
            return EndedProbe(guessed=False)
        if trial.app.container.id:
            trial.app.container.remove()
        caused = self._refusals() - trial.log
        self._tried |= caused
        return EndedProbe(guessed=bool(caused))

    def close(self) -> None:
        """Return once nothing is being started any more; what was is removed with the run."""
        if self.parallel:
            self.parallel.close()

    def _others(self, names: list[str]) -> dict[str, str]:
        """Return the environment with new values for the secrets `names`."""
        environment = dict(self.given.environment)
        affected = self.given.holding(names)
        for name in names:
            other = secrets.token_urlsafe(32)
            self.context.redactor.hide({f"another {name}": other})
            old = self.given.injected.get(name, "")
            for variable in affected:
                if variable == name:
                    environment[variable] = other
                elif old:
                    environment[variable] = environment[variable].replace(old, other)
        return environment

    def refused_logins(self) -> list[RefusedLogin]:
        """Return the log-ins that the servers have refused so far; those of trials are left out."""
        if self.app:
            self.app.container.state()  # notes its address
        hosts = self.app.container.addresses if self.app else ()
        found = []
        for server in self.servers:
            left = [one for one in self._seen(server) if one.line not in self._tried]
            users = refused_users(left, hosts)
            found += [RefusedLogin(service=server.title, user=user) for user in users]
        return found

    def _refusals(self) -> frozenset[str]:
        """Return the lines of the servers' logs that tell of a wrong password."""
        return frozenset(
            one.line for server in self.servers for one in self._seen(server) if one.guessed
        )

    def _seen(self, server: Server) -> list[Refusal]:
        """Return what a server has refused, but for what is about guests.

        Raises `Mismatch` where the app keeps it from telling.
        """
        theirs = {guest.user for guest in server.guests}
        try:
            return [one for one in server.refusals() if one.user not in theirs]
        except OutOfTime as error:
            msg = f"Your app holds up what the grader asks of {server.title}. {error}"
            raise Mismatch(msg) from error
