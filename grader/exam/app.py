"""The `app` fixture: an HTTP client bound to the running app, and a hand on its container."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from grader.exam.client import Client
from grader.exam.protocol import Caller


@dataclass
class Probe:
    """An app that was started alongside the one under examination."""

    asked: bool
    """Whether the app gets any of the variables at all."""
    started: bool
    """Whether it got ready."""
    status: int | None
    """What the path that says it is ready answered last; None without an answer."""
    reason: str
    """Why it did not get ready."""
    host: str
    """Where the grader reaches it."""
    port: int
    """0 where it cannot be reached."""
    guessed: bool = False
    """Whether it tried a password of its own on a service; known after the block."""
    client: Client | None = None
    """Sends requests to it."""


@dataclass
class EndedProbe:
    """An app that was started while the suite went on, and has ended by itself."""

    guessed: bool
    """It tried a password of its own on a service."""


class App(Client):
    """The student's app. Each of its container calls returns when the app answers again."""

    def __init__(self, caller: Caller, address: tuple[str, int], **options: Any) -> None:
        super().__init__(address, **options)
        self._call = caller

    def restart(self) -> None:
        """Stop the container (SIGTERM, then SIGKILL) and start it again."""
        self.disconnect()
        self._call("app.restart")

    def recreate(self) -> None:
        """Remove the container and start a new one of the same image."""
        self.disconnect()
        self._call("app.recreate")

    def kill(self) -> None:
        """Kill the container (SIGKILL) and start it again."""
        self.disconnect()
        self._call("app.kill")

    def seen_without(self, name: str) -> EndedProbe | None:
        """An app without the secret `name` that has ended by itself while the suite went on.

        It had a schema of its own. None where there was none, or it went on: see `without`.
        """
        seen = self._call("app.ended_probe", secret=name)
        return EndedProbe(**seen) if seen else None

    def without(self, *names: str) -> AbstractContextManager[Probe]:
        """One more app, started without these secrets; it is there within the block."""
        return self._beside(names, changed=False)

    def changed(self, *names: str) -> AbstractContextManager[Probe]:
        """One more app, with other values of these secrets; it is there within the block."""
        return self._beside(names, changed=True)

    @contextmanager
    def _beside(self, names: tuple[str, ...], *, changed: bool) -> Iterator[Probe]:
        beside = Probe(**self._call("app.start_probe", names=list(names), changed=changed))
        if beside.port:
            beside.client = self.at((beside.host, beside.port))
        try:
            yield beside
        finally:
            beside.guessed = self._call("app.end_probe")["guessed"]

    def leaks(self) -> list[dict[str, str]]:
        """The run's secrets in its log and in files that it has written.

        Each with `name`, `how` and `where`.
        """
        return list(self._call("app.leaks"))

    def refused_logins(self) -> list[tuple[str, str]]:
        """Return each log-in that was refused so far: what the service is called, and the account.

        Those of probes with other secrets are left out.
        """
        return [(str(service), str(user)) for service, user in self._call("app.refused_logins")]

    def commands(self) -> list[str]:
        """The command lines of the processes in its container."""
        return list(self._call("app.commands"))

    def logs(self) -> str:
        """The last lines that the app printed."""
        return str(self._call("app.logs"))
