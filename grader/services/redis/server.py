"""A Redis server for one run, through testcontainers.

It has no published port (the gateway leads there), and is ready when it answers a PING.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from typing import Any

from grader.deadline import dial
from grader.errors import Cancelled, PlatformError
from grader.sandbox.engine import Engine, translated
from grader.sandbox.labels import DATABASE
from grader.services.base import (
    Address,
    Hide,
    NotAnswering,
    Operations,
    OutOfTime,
    Refusal,
    Reusable,
    Server,
    ServerEnded,
    Tenant,
)
from grader.services.redis.access import ADMIN, RedisAccess, RedisUser
from grader.services.redis.connection import RedisAdmin
from grader.text import last_lines

HOST = "redis"
"""The server's name on its network."""
PORT = 6379
GUEST_PORT = 6380
"""The first port of those that servers for apps alongside the examined one have."""
ATTEMPT = 2.0
"""Seconds that one attempt to connect may take, log-in included."""
POLL = 0.01
"""Seconds between two looks at whether it answers, or is gone."""
STATE_POLL = 0.2
"""Seconds between two looks at whether its container still runs."""
READY_SECONDS = 30.0
GONE_SECONDS = 10.0
MEMORY = 384 * 1024 * 1024
"""Bytes: its data, its clients' buffers, and what a copy of it takes while its log is rewritten."""
PIDS = 64


class RedisServer(Server):
    """A Redis server in a container of its own."""

    title = "Redis"

    def __init__(
        self, engine: Engine, image: str, *, network: str, labels: Mapping[str, str]
    ) -> None:
        self.api = engine.client.api
        self._admin_password = secrets.token_urlsafe(24)
        self.admin = RedisAdmin(self._admin_password)
        self.access = RedisAccess.draw()
        self.writer: RedisUser | None = None
        """The grader's user that may also change keys, once it is made."""
        self.guest_users: tuple[tuple[RedisUser, int], ...] = ()
        """Those of apps alongside the examined one, each with the port of its own server."""
        self._guest_ports = count(GUEST_PORT)
        self.refused: list[Refusal] = []
        """What has been read of its log of refused log-ins."""
        self._address: Address = ("", 0)
        environment = {"GRADER_PASSWORD": self._admin_password, "GRADER_SIGNALS": "yes"}
        self._container = _container(image, environment).with_kwargs(
            network=network,
            networking_config={network: self.api.create_endpoint_config(aliases=[HOST])},
            labels={**labels, DATABASE: "redis"},
            mem_limit=MEMORY,
            memswap_limit=MEMORY,
            pids_limit=PIDS,
            security_opt=["no-new-privileges"],
            log_config={"type": "json-file", "config": {"max-size": "2m", "max-file": "2"}},
        )

    def begin(self, access: RedisAccess) -> None:
        """From now on it is another run's, with `access`."""
        self.access = access
        self.writer = None
        self.guest_users = ()
        self.refused = []

    # -- what it is ------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """The container's id, once it is started."""
        return str(self._container.get_container_id())

    @property
    def tenant(self) -> Tenant:
        """The app's user."""
        return tenant_of(self.access.app)

    @property
    def guests(self) -> tuple[Tenant, ...]:  # type: ignore[override]
        """What apps alongside the examined one have of it."""
        return tuple(tenant_of(user, port) for user, port in self.guest_users)

    def next_guest_port(self) -> int:
        """Return a port that no server in the container has."""
        return next(self._guest_ports)

    def secrets(self) -> dict[str, str]:
        """Return its passwords by names."""
        return {
            "REDIS_PASSWORD": self.access.app.password,
            "REDIS_ADMIN_PASSWORD": self._admin_password,
            "REDIS_READER_PASSWORD": self.access.reader.password,
        }

    def told(self, address: Address) -> dict[str, Any]:
        """Return what the suite's fixture is given: address, the reader, the app's user."""
        reader = self.access.reader
        return {
            "host": address[0], "port": address[1], "user": reader.name,
            "password": reader.password, "account": self.access.app.name,
        }  # fmt: skip

    # -- starting and stopping -------------------------------------------------------------

    def start(self) -> None:
        """Make the container and start it; `await_ready` tells when it answers."""
        with translated():
            self._container.start()

    def await_ready(
        self, address: Address, cancel: threading.Event, within: float = READY_SECONDS
    ) -> None:
        """Wait until it answers at `address`, which leads to it, for `within` seconds.

        Raises `NotAnswering` with its last log lines, `ServerEnded`, `Cancelled`.
        """
        self._address = address
        self.admin.at(address)
        end, look = time.monotonic() + within, time.monotonic() + STATE_POLL
        failure = "it did not answer"
        while time.monotonic() < end:
            if cancel.is_set():
                msg = "The run was cancelled while Redis started."
                raise Cancelled(msg)
            found = self._try()
            if found is None:
                return
            failure = found
            if time.monotonic() > look:
                look = time.monotonic() + STATE_POLL
                self._require_running()
            time.sleep(POLL)
        msg = f"Redis did not become ready ({failure}). Its last lines:\n{self.log()}"
        raise NotAnswering(msg)

    def stop(self) -> None:
        """End the server's process at once (SIGKILL); its container and what it has kept stay."""
        with suppress(PlatformError):
            self.refusals()  # its log of them is in memory alone
        self.signal("SIGUSR1")
        self.admin.close()
        end = time.monotonic() + GONE_SECONDS
        while self._answers():
            if time.monotonic() > end:
                msg = f"Redis could not be killed. Its last lines:\n{self.log()}"
                raise PlatformError(msg)
            time.sleep(POLL)

    def start_again(self, address: Address, cancel: threading.Event) -> None:
        """Start it after a stop and wait until it answers. Raises as `await_ready` does."""
        self.signal("SIGUSR2")
        self.await_ready(address, cancel)

    def signal(self, name: str) -> None:
        """Send a signal that its entrypoint (`redis/entrypoint.sh`) understands.

        Raises `PlatformError`.
        """
        with translated():
            self.api.kill(self.id, name)

    def log(self, lines: int = 20) -> str:
        """Return the last `lines` lines that the server printed, to be shown."""
        with translated():
            raw = self.api.logs(self.id, tail=lines)
        return last_lines(raw.decode("utf-8", "replace"), lines)

    def changed_files(self) -> list[str]:
        """Return the paths in its container that differ from its image. Raises `PlatformError`."""
        with translated():
            rows = self.api.diff(self.id) or []
        return [str(row["Path"]) for row in rows]

    def _try(self) -> str | None:
        """None where it answers, else why not."""
        try:
            self.admin.ask("PING")
        except OutOfTime:
            # what the app has it do, or the connections that it holds, say nothing about the server
            return None
        except PlatformError as error:
            return str(error)
        return None

    def _answers(self) -> bool:
        """Return whether something at its address answers a PING, be it with a refusal."""
        try:
            with dial(self._address, ATTEMPT) as connection:
                connection.sendall(b"PING\r\n")
                return bool(connection.recv(1))
        except OSError:
            return False

    def _require_running(self) -> None:
        with translated():
            state = self.api.inspect_container(self.id)["State"]
        if not state["Running"]:
            msg = f"Redis ended with exit code {state['ExitCode']}. Its last lines:\n{self.log()}"
            raise ServerEnded(msg)

    # -- what is asked of it as its administrator ------------------------------------------

    def prepare(self, address: Address) -> None:
        """Make the users of the run, on a server that was made for it."""
        from grader.services.redis.users import create

        create(self, self.access.app, self.access.reader)

    def admit_guest(self, address: Address) -> Tenant:
        """Start a server for an app alongside the examined one, with a user for it."""
        from grader.services.redis.guests import admit_guest

        return tenant_of(*admit_guest(self))

    def refusals(self) -> tuple[Refusal, ...]:
        """Return the log-ins that it has refused in this run, its own container's left out."""
        from grader.services.redis.guests import guest_refusals
        from grader.services.redis.refusals import read_refusals

        return (*read_refusals(self), *guest_refusals(self))

    def operations(self, address: Address, hide: Hide) -> Operations:
        """Return what a suite may ask for beyond stop, start and restart, by name."""
        from grader.services.redis.operations import operations_of

        return operations_of(self, hide)

    def notes(self, address: Address) -> tuple[str, ...]:
        """Return a sentence on keys in databases that the exam does not look into."""
        from grader.services.redis.state import noted_databases

        return noted_databases(self.admin)

    def reusable(self, address: Address) -> Reusable:
        """Return what lends it to one run after another."""
        from grader.services.redis.reuse import ReusedRedis

        return ReusedRedis(self, address)


def tenant_of(user: RedisUser, port: int = PORT) -> Tenant:
    """Return what an app with `user` is given."""
    return Tenant(
        user=user.name,
        values={
            "host": HOST, "port": str(port), "user": user.name, "password": user.password,
            "url": f"redis://{user.name}:{user.password}@{HOST}:{port}/0",
        },
    )  # fmt: skip


def _container(image: str, environment: Mapping[str, str]) -> Any:
    from testcontainers.core.config import testcontainers_config
    from testcontainers.core.container import DockerContainer

    testcontainers_config.ryuk_disabled = True  # labels and our own reaper do its work
    return DockerContainer(image, env=dict(environment))


__all__ = ["ADMIN", "HOST", "PORT", "RedisServer", "tenant_of"]
