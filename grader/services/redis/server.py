"""A Redis server for one run, through testcontainers.

It has no published port (the gateway leads there), and is ready when it answers a PING.
"""

from __future__ import annotations

import secrets
import threading
from contextlib import suppress
from typing import Any

from grader.deadline import dial
from grader.errors import PlatformError
from grader.sandbox.engine import translated
from grader.services.base import (
    Address,
    Hide,
    Operations,
    OutOfTime,
    Refusal,
    Reusable,
    ServerPlacement,
    Tenant,
)
from grader.services.container import ContainerServer, placed
from grader.services.redis.access import ADMIN, GuestServers, RedisAccess, RedisUser
from grader.services.redis.connection import RedisAdmin
from grader.services.redis.guests import admit_guest, guest_refusals

HOST = "redis"
"""The server's name on its network."""
PORT = 6379
ATTEMPT = 2.0
"""Seconds that one attempt to connect may take, log-in included."""
MEMORY = 384 * 1024 * 1024
"""Bytes: its data, its clients' buffers, and what a copy of it takes while its log is rewritten."""
PIDS = 64


class RedisServer(ContainerServer):
    """A Redis server in a container of its own."""

    title = "Redis"

    poll = 0.01
    ready_seconds = 30.0

    def __init__(self, image: str, within: ServerPlacement) -> None:
        """`image` understands the grader's signals; it is not started yet."""
        self.admin = RedisAdmin(secrets.token_urlsafe(24))
        self.access = RedisAccess.draw()
        self.writer: RedisUser | None = None
        """The grader's user that may also change keys, once it is made."""
        self.guest_servers = GuestServers()
        self.refused: list[Refusal] = []
        """What has been read of its log of refused log-ins."""
        environment = {"GRADER_PASSWORD": self.admin.password}
        container = placed(image, environment, HOST, MEMORY, within, pids=PIDS)
        super().__init__(within.engine, container)

    def begin(self, access: RedisAccess) -> None:
        """From now on it is another run's, with `access`."""
        self.access = access
        self.writer = None
        self.guest_servers.forget()
        self.refused = []

    # -- what it is ------------------------------------------------------------------------

    @property
    def api(self) -> Any:
        """The engine's own."""
        return self._api

    @property
    def tenant(self) -> Tenant:
        """The app's user."""
        return tenant_of(self.access.app)

    @property
    def guests(self) -> tuple[Tenant, ...]:  # type: ignore[override]
        """What apps alongside the examined one have of it."""
        return tuple(tenant_of(user, port) for user, port in self.guest_servers.users)

    def secrets(self) -> dict[str, str]:
        """Return its passwords by names."""
        return {
            "REDIS_PASSWORD": self.access.app.password,
            "REDIS_ADMIN_PASSWORD": self.admin.password,
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

    def await_ready(
        self, address: Address, cancel: threading.Event, within: float | None = None
    ) -> None:
        """Wait as any server does; its administrator is asked at `address` from then on."""
        self.admin.at(address)
        super().await_ready(address, cancel, within)

    def stop(self) -> None:
        """End the server's process at once (SIGKILL); its container and what it has kept stay."""
        with suppress(PlatformError):
            self.refusals()  # its log of them is in memory alone
        try:
            super().stop()
        finally:
            self.admin.close()

    def changed_files(self) -> list[str]:
        """Return the paths in its container that differ from its image. Raises `PlatformError`."""
        with translated():
            rows = self._api.diff(self.id) or []
        return [str(row["Path"]) for row in rows]

    def attempt(self, address: Address) -> str:
        """Send a PING as the administrator; empty where it is answered, else why it is not."""
        try:
            self.admin.ask("PING")
        except OutOfTime:
            # what the app has it do, or the connections that it holds, say nothing about the server
            return ""
        except PlatformError as error:
            return str(error)
        return ""

    def answers(self) -> bool:
        """Whether something at its address answers a PING, be it with a refusal."""
        try:
            with dial(self._address, ATTEMPT) as connection:
                connection.sendall(b"PING\r\n")
                return bool(connection.recv(1))
        except OSError:
            return False

    # -- what is asked of it as its administrator ------------------------------------------

    def prepare(self, address: Address) -> None:
        """Make the users of the run, on a server that was made for it."""
        from grader.services.redis.users import create

        create(self, self.access.app, self.access.reader)

    def admit_guest(self, address: Address) -> Tenant:
        """Start a server for an app alongside the examined one, with a user for it."""
        return tenant_of(*admit_guest(self))

    def refusals(self) -> tuple[Refusal, ...]:
        """Return the log-ins that it has refused in this run, its own container's left out."""
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


__all__ = ["ADMIN", "HOST", "PORT", "RedisServer", "tenant_of"]
