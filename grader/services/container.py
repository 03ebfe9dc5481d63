"""Servers in containers: awaited, stopped, started again, and their logs.

`AwaitedServer` is one in whoever's container. `ContainerServer` is one in a container of the
grader's, whose entrypoint kills the server at SIGUSR1 and starts it again at SIGUSR2, so that the
container and what the server has kept stay.
"""

from __future__ import annotations

import threading
import time
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from grader.errors import Cancelled, PlatformError
from grader.sandbox.cpu_share import is_starved
from grader.sandbox.engine import Engine, translated
from grader.sandbox.labels import DATABASE
from grader.services.base import (
    Address,
    NotAnswering,
    Refusal,
    Server,
    ServerEnded,
    ServerPlacement,
)
from grader.text import last_lines
from grader.waiting import wait_until

STATE_POLL = 0.2
"""Seconds between two looks at whether the server still runs."""
READY_SECONDS = 60.0
GONE_POLL = 0.01
"""Seconds between two looks at whether a killed server is gone."""
GONE_SECONDS = 10.0
END_SECONDS = 30
"""Seconds that the engine may take to end a container that it has killed."""
OWED_STARTS = 2
"""How often it gets its time to start once more while the machine is overloaded."""
KEPT_LINES = 100_000
"""More than the engine keeps of its log, which is bounded in bytes."""
PIDS = 512


class AwaitedServer(Server):
    """A server in a container, whoever made that: it ends and starts with the container."""

    poll: ClassVar[float] = 0.03
    """Seconds between two attempts to connect."""
    early_seconds: ClassVar[float] = 0.0
    """Seconds that no server needs less than to start."""
    early_poll: ClassVar[float] = 0.05
    """Seconds between two attempts until then."""
    ready_seconds: ClassVar[float] = READY_SECONDS

    def __init__(self, engine: Engine) -> None:
        self._api = engine.client.api
        self._before = frozenset[int]()
        """Hashes of the lines of its log that were there before this run."""
        self._address: Address = ("", 0)

    @abstractmethod
    def attempt(self, address: Address) -> str:
        """Ask for an answer of the service's own; empty where it comes, else why it does not."""

    def await_ready(
        self, address: Address, cancel: threading.Event, within: float | None = None
    ) -> None:
        """Wait until it answers at `address`, for `within` seconds or as long as its kind may take.

        From then on it is looked for there. Raises `NotAnswering` with its last log lines where it
        does not answer, `ServerEnded` where its process is gone, `Cancelled`.
        """
        self._address = address
        look = _ReadyLook(self, address)
        left = self.ready_seconds if within is None else within
        early = min(self.early_seconds, left)
        try:
            if early and wait_until(look, within=early, poll=self.early_poll, cancel=cancel):
                return
            if wait_until(look, within=left - early, poll=self.poll, cancel=cancel):
                return
            for _ in range(OWED_STARTS):  # the machine may be overloaded
                if not self.is_starved(cancel):
                    break
                if wait_until(look, within=left, poll=self.poll, cancel=cancel):
                    return
        except Cancelled as error:
            msg = f"The run was cancelled while {self.title} started."
            raise Cancelled(msg) from error
        msg = f"{self.title} did not become ready ({look.failure}). Its last lines:\n{self.log()}"
        raise NotAnswering(msg)

    def is_starved(self, cancel: threading.Event) -> bool:
        """Return whether others leave it less than a processor. Raises `PlatformError`."""
        with translated():
            pid = int(self._api.inspect_container(self.id)["State"].get("Pid") or 0)
        return is_starved(pid, 1.0, cancel)

    def stop(self) -> None:
        """End its container at once (SIGKILL); what it has kept stays. Raises `PlatformError`."""
        from docker.errors import APIError

        container = self.id
        with translated():
            try:
                self._api.kill(container)
            except APIError as error:
                if error.status_code != 409:  # it has ended by itself already
                    raise
            self._api.wait(container, timeout=END_SECONDS)

    def start_again(self, address: Address, cancel: threading.Event) -> None:
        """Start it after a stop and wait until it answers. Raises as `await_ready` does."""
        self._start_server()
        self.await_ready(address, cancel)

    def _start_server(self) -> None:
        with translated():
            self._api.start(self.id)

    def begin_log(self) -> None:
        """Take what it has logged so far for other runs'."""
        self._before = frozenset(map(hash, self._lines(KEPT_LINES)))

    def entries(self, most: int = KEPT_LINES) -> list[str]:
        """Return those of the last `most` lines that are this run's, as the server wrote them.

        They hold what clients sent: cleaned or cut first, an account's name could hide the rest.
        """
        return [line for line in self._lines(most) if hash(line) not in self._before]

    def of_clients(self, refused: tuple[Refusal, ...]) -> tuple[Refusal, ...]:
        """Return those of `refused` that did not come from its own container.

        What runs there is its entrypoint and its health check, and no app. Raises `PlatformError`.
        """
        if not refused:
            return ()
        with translated():
            found = self._api.inspect_container(self.id)
        networks = ((found.get("NetworkSettings") or {}).get("Networks") or {}).values()
        own = {one.get(key) for one in networks for key in ("IPAddress", "GlobalIPv6Address")}
        return tuple(one for one in refused if not one.host or one.host not in own)

    def log(self, lines: int = 20) -> str:
        """Return the last `lines` lines that the server printed, to be shown."""
        return last_lines("\n".join(self.entries(lines)), lines)

    def require_running(self, container: str) -> None:
        """Raise `ServerEnded` with its last lines where `container` runs no more."""
        with translated():
            state = self._api.inspect_container(container)["State"]
        if not state["Running"]:
            said = f"{self.title} ended with exit code {state['ExitCode']}."
            msg = f"{said} Its last lines:\n{self.log()}"
            raise ServerEnded(msg)

    def _lines(self, most: int) -> list[str]:
        with translated():
            raw = self._api.logs(self.id, tail=most)
        return raw.decode("utf-8", "replace").split("\n")  # servers write no other line breaks


class _ReadyLook:
    """Whether a server answers, and now and then whether it runs at all."""

    def __init__(self, server: AwaitedServer, address: Address) -> None:
        self._server = server
        self._address = address
        self._container = server.id
        self._next = time.monotonic() + STATE_POLL
        self.failure = "it did not answer"
        """Why the last attempt failed."""

    def __call__(self) -> bool:
        self.failure = self._server.attempt(self._address)
        if not self.failure:
            return True
        if time.monotonic() > self._next:
            self._next = time.monotonic() + STATE_POLL
            self._server.require_running(self._container)
        return False


class ContainerServer(AwaitedServer):
    """A server whose process ends and starts within its container."""

    def __init__(self, engine: Engine, container: Any) -> None:
        """`container` is testcontainers', not started yet."""
        super().__init__(engine)
        self._container = container

    @abstractmethod
    def answers(self) -> bool:
        """Return whether there is still a server where it was found."""

    @property
    def id(self) -> str:
        """The container's id, once it is started."""
        return str(self._container.get_container_id())

    def start(self) -> None:
        """Make the container and start it; `await_ready` tells when it answers."""
        with translated():
            self._container.start()

    def stop(self) -> None:
        """End the server's process at once (SIGKILL); its container stays, and what it has kept."""
        self.signal("SIGUSR1")
        if not wait_until(lambda: not self.answers(), within=GONE_SECONDS, poll=GONE_POLL):
            msg = f"{self.title} could not be killed. Its last lines:\n{self.log()}"
            raise PlatformError(msg)

    def signal(self, name: str) -> None:
        """Send a signal that its entrypoint understands. Raises `PlatformError`."""
        with translated():
            self._api.kill(self.id, name)

    def _start_server(self) -> None:
        self.signal("SIGUSR2")


def placed(
    image: str, environment: Mapping[str, str], name: str, memory: int, within: ServerPlacement,
    *, pids: int = PIDS, **more: Any,
) -> Any:  # fmt: skip
    """Return a container of testcontainers' on a run's network, called `name` there.

    It publishes no port, and is bounded in memory, processes and log. `more` is what else the
    engine is told, as docker's library has it.
    """
    from testcontainers.core.config import testcontainers_config
    from testcontainers.core.container import DockerContainer

    testcontainers_config.ryuk_disabled = True  # labels and our own reaper do its work
    api = within.engine.client.api
    made = DockerContainer(image).with_kwargs(
        network=within.network,
        networking_config={within.network: api.create_endpoint_config(aliases=[name])},
        labels={**within.labels, DATABASE: name},
        mem_limit=memory,
        memswap_limit=memory,
        pids_limit=pids,
        security_opt=["no-new-privileges"],
        log_config={"type": "json-file", "config": {"max-size": "2m", "max-file": "2"}},
        **more,
    )
    for key, value in {**environment, "GRADER_SIGNALS": "yes"}.items():
        made.with_env(key, value)
    return made
