"""A server in a container of the grader's: made, stopped, started again, and its log.

The image's entrypoint kills the server at SIGUSR1 and starts it again at SIGUSR2, so that the
container and what the server has kept stay.
"""

from __future__ import annotations

import threading
import time
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from grader.errors import Cancelled, PlatformError
from grader.sandbox.engine import Engine, translated
from grader.sandbox.labels import DATABASE
from grader.services.base import Address, NotAnswering, Server, ServerEnded, ServerPlacement
from grader.text import last_lines

POLL = 0.03
"""Seconds between two attempts to connect."""
STATE_POLL = 0.2
"""Seconds between two looks at whether the server still runs."""
READY_SECONDS = 60.0
GONE_POLL = 0.01
"""Seconds between two looks at whether a killed server is gone."""
GONE_SECONDS = 10.0
KEPT_LINES = 100_000
"""More than the engine keeps of its log, which is bounded in bytes."""


class ContainerServer(Server):
    """A server whose process ends and starts within its container."""

    def __init__(self, engine: Engine, container: Any) -> None:
        """`container` is testcontainers', not started yet."""
        self._api = engine.client.api
        self._container = container
        self._before = frozenset[int]()
        """Hashes of the lines of its log that were there before this run."""
        self._address: Address = ("", 0)

    @abstractmethod
    def attempt(self, address: Address) -> str:
        """Ask for an answer of the service's own; empty where it comes, else why it does not."""

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

    def await_ready(self, address: Address, cancel: threading.Event) -> None:
        """Wait until it answers at `address`. From then on it is looked for there.

        Raises `NotAnswering` with its last log lines where it does not, `ServerEnded` where its
        process is gone, `Cancelled`.
        """
        self._address = address
        began = time.monotonic()
        look, end = began + STATE_POLL, began + READY_SECONDS
        failure, container = "it did not answer", self.id
        while time.monotonic() < end:
            if cancel.is_set():
                msg = f"The run was cancelled while {self.title} started."
                raise Cancelled(msg)
            failure = self.attempt(address)
            if not failure:
                return
            if time.monotonic() > look:
                look = time.monotonic() + STATE_POLL
                self._require_running(container)
            time.sleep(POLL)
        msg = f"{self.title} did not become ready ({failure}). Its last lines:\n{self.log()}"
        raise NotAnswering(msg)

    def stop(self) -> None:
        """End the server's process at once (SIGKILL); its container stays, and what it has kept."""
        self._signal("SIGUSR1")
        end = time.monotonic() + GONE_SECONDS
        while self.answers():
            if time.monotonic() > end:
                msg = f"{self.title} could not be killed. Its last lines:\n{self.log()}"
                raise PlatformError(msg)
            time.sleep(GONE_POLL)

    def start_again(self, address: Address, cancel: threading.Event) -> None:
        """Start it after a stop and wait until it answers."""
        self._signal("SIGUSR2")
        self.await_ready(address, cancel)

    def begin_log(self) -> None:
        """Take what it has logged so far for other runs'."""
        self._before = frozenset(map(hash, self._lines(KEPT_LINES)))

    def entries(self) -> list[str]:
        """Return the lines of this run as the server wrote them, to be searched.

        They hold what clients sent: cleaned or cut first, an account's name could hide the rest.
        """
        return [line for line in self._lines(KEPT_LINES) if hash(line) not in self._before]

    def log(self, lines: int = 20) -> str:
        """Return the last `lines` lines that the server printed, to be shown."""
        return last_lines("\n".join(self._lines(lines)), lines)

    def _lines(self, most: int) -> list[str]:
        with translated():
            raw = self._api.logs(self.id, tail=most)
        return raw.decode("utf-8", "replace").split("\n")  # servers write no other line breaks

    def _require_running(self, container: str) -> None:
        with translated():
            state = self._api.inspect_container(container)["State"]
        if not state["Running"]:
            said = f"{self.title} ended with exit code {state['ExitCode']}."
            msg = f"{said} Its last lines:\n{self.log()}"
            raise ServerEnded(msg)

    def _signal(self, name: str) -> None:
        with translated():
            self._api.kill(self.id, name)


def placed(
    image: str, environment: Mapping[str, str], name: str, memory: int, within: ServerPlacement
) -> Any:
    """Return a container of testcontainers' on a run's network, called `name` there.

    It publishes no port, and is bounded in memory, processes and log.
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
        pids_limit=512,
        security_opt=["no-new-privileges"],
        log_config={"type": "json-file", "config": {"max-size": "2m", "max-file": "2"}},
    )
    for key, value in {**environment, "GRADER_SIGNALS": "yes"}.items():
        made.with_env(key, value)
    return made
