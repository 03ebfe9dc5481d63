"""The `app` fixture: an HTTP client bound to the running app, and a hand on its container."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from grader.exam.client import Client
from grader.exam.command import Command, Ran
from grader.exam.dispatch import remote
from grader.exam.faults import PlatformFault
from grader.exam.operations import (
    AppOperations,
    EndedProbe,
    ProbeOperations,
    RefusedLogin,
    TerminatedApp,
    VolumeFile,
    VolumeOperations,
)
from grader.exam.protocol import Caller
from grader.exam.reached import TlsAddress
from grader.exam.tls_client import TlsClient
from grader.exam.transport import Adapter
from grader.exam.volume import Volume


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


NO_TLS = "challenge.yml names no port for TLS; write `tls:` in `app`, or in the role"


@dataclass(kw_only=True)
class SecureWay:
    """Where an app speaks TLS, and whom its client trusts."""

    tls: TlsAddress | None = None
    """None where the exam does not ask for that."""
    authority: str = ""
    """In PEM."""
    opened: TlsClient | None = None
    """The client, once it is asked for."""


@dataclass(frozen=True, kw_only=True)
class AppControls:
    """What is done to the app, and not asked of it over HTTP."""

    command: Command
    app: AppOperations
    probes: ProbeOperations
    volumes: VolumeOperations
    secure: SecureWay


class App(Client):
    """The student's app. Each of its container calls returns when the app answers again."""

    def __init__(
        self, caller: Caller, address: tuple[str, int], *, command: Command,
        secure: SecureWay | None = None, **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(address, **options)
        self._controls = AppControls(
            command=command,
            secure=secure or SecureWay(),
            app=remote(AppOperations, "app", caller),
            probes=remote(ProbeOperations, "probe", caller),
            volumes=remote(VolumeOperations, "volume", caller),
        )

    @property
    def tls(self) -> TlsClient:
        """The app over TLS, where challenge.yml names its port (`app.tls`).

        It sends requests as `app` does, and has `offers()`.
        """
        way = self._controls.secure
        if way.opened is None:
            way.opened = self.secured(way.tls, heard=self._heard)
        return way.opened

    def secured(self, at: TlsAddress | None, **options: Any) -> TlsClient:
        """Return a client that speaks TLS with what is reached there."""
        if at is None:
            raise PlatformFault(NO_TLS)
        return TlsClient(
            self, at, self._controls.secure.authority, deadline=self._target.deadline,
            body_cap=self._target.body_cap, waited=self._waited, websockets=self._websockets,
            **options,
        )  # fmt: skip

    def disconnect(self) -> None:
        """Close idle connections: an app that is told to end may wait for those that use it."""
        super().disconnect()
        if (opened := self._controls.secure.opened) is not None:
            opened.disconnect()

    def run(self, command: Sequence[str], *, within: float = 30, **options: Any) -> Ran:
        """Run `command` once, in a container of its own with the app's variables and services.

        It takes the place of the image's ENTRYPOINT and CMD, and the app goes on meanwhile;
        `within` are the seconds that it may take, and `Command.prepare` has the other options. For
        exams of mode `dockerfile`.
        """
        program, *arguments = command
        Adapter.pass_gate()
        return self._controls.command(*arguments, entrypoint=[program], within=within, **options)

    def restart(self) -> None:
        """Stop the container (SIGTERM, then SIGKILL) and start it again."""
        self.disconnect()
        self._controls.app.restart()

    def recreate(self) -> None:
        """Remove the container and start a new one of the same image."""
        self.disconnect()
        self._controls.app.recreate()

    def kill(self) -> None:
        """Kill the container (SIGKILL) and start it again.

        For a kill in the middle of requests, make them together with it, as for `terminate`.
        """
        self.disconnect()
        Adapter.pass_gate()
        self._controls.app.kill()

    def terminate(self, *, within: float = 10) -> TerminatedApp:
        """Tell the app to end, as `docker stop` does, and return how it ended.

        It has `exit_code`, `seconds` and `killed`, which says that it had not ended `within` so
        many seconds. It is started again before this returns. For what becomes of requests under
        way, make them together with it: `app.together([lambda: app.get("/slow"), app.terminate])`.
        """
        Adapter.pass_gate()
        return self._controls.app.terminate(within=within)

    def volume(self, path: str) -> Volume:
        """Return the volume at `path` in the app's container, one of `app.volumes`.

        It has `files()`, `read(name)`, and two blocks to be in: `full()` and `read_only()`.
        """
        return Volume(path, self._controls.volumes, self.disconnect)

    def files(self, path: str) -> list[VolumeFile]:
        """Return all that is in the volume at `path`; the same as `volume(path).files()`."""
        return self.volume(path).files()

    def seen_without(self, name: str) -> EndedProbe | None:
        """Return an app without the secret `name` that has ended by itself while the suite went on.

        It had a schema of its own. None where there was none, or it went on: see `without`.
        """
        return self._controls.probes.ended(name)

    def without(self, *names: str) -> AbstractContextManager[Probe]:
        """One more app, started without these secrets; it is there within the block."""
        return self._probe(names, changed=False)

    def changed(self, *names: str) -> AbstractContextManager[Probe]:
        """One more app, with other values of these secrets; it is there within the block."""
        return self._probe(names, changed=True)

    @contextmanager
    def _probe(self, names: tuple[str, ...], *, changed: bool) -> Iterator[Probe]:
        probe = Probe(**asdict(self._controls.probes.start(list(names), changed=changed)))
        if probe.port:
            probe.client = self.at((probe.host, probe.port))
        try:
            yield probe
        finally:
            probe.guessed = self._controls.probes.end().guessed

    def leaks(self) -> list[dict[str, str]]:
        """Return the run's secrets in its log and in files that it has written.

        Each with `name`, `how` and `where`.
        """
        return [asdict(one) for one in self._controls.app.leaks()]

    def refused_logins(self) -> list[RefusedLogin]:
        """Return each log-in that was refused so far; those of probes are left out."""
        return self._controls.probes.refused_logins()

    def commands(self) -> list[str]:
        """Return the command lines of the processes in its container."""
        return self._controls.app.commands()

    def logs(self) -> str:
        """Return the last lines that the app printed."""
        return self._controls.app.logs()
