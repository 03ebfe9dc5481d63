"""A RabbitMQ server for runs: its data is on a disk in memory, so that no app can fill another.

It has no published port (the gateway leads there), and is ready when it greets and its
administrator is answered.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from grader.deadline import dial
from grader.errors import Cancelled, PlatformError
from grader.sandbox.engine import translated
from grader.services.base import (
    Address,
    Hide,
    NotAnswering,
    Operations,
    Refusal,
    Reusable,
    ServerPlacement,
    Tenant,
)
from grader.services.container import ContainerServer, placed
from grader.services.rabbitmq.access import RabbitAccess, RabbitUser
from grader.services.rabbitmq.admin import SECONDS, AdminRequest, RabbitAdmin
from grader.services.rabbitmq.refusals import refusals_in
from grader.services.rabbitmq.users import password_hash
from grader.waiting import wait_until

HOST = "rabbitmq"
"""The server's name on its network."""
PORT = 5672
ATTEMPT = 2.0
"""Seconds that one attempt to connect may take."""
GREETING = b"AMQP\0\0\x09\x01"
"""What a client says first; a server answers with a frame of a method on channel 0."""
GREETED = b"\x01\0\0"
DATA = "/var/lib/grader-rabbitmq/data"
DISK = 320 * 1024 * 1024
"""Bytes of its disk. Publishers wait while most of it is free: the server looks at that only
every 2 s for each 250 MB of room, in which a quick publisher fills several times that."""
DISK_OPTIONS = f"size={DISK},mode=0700,nodev,nosuid,noexec"
MEMORY = 1024 * 1024 * 1024
"""Bytes: what it keeps, and its process, which has publishers wait at 400 MB."""
ADMIN_SECONDS = 10.0
"""How long it may take until the administrator is answered, once it greets."""
POLL = 0.05
LOG_SECONDS = 2.0
"""How long its log may take to tell what has happened."""
LAST_LINES = 1000
"""Lines of its log that a mark is looked for in."""


class RabbitServer(ContainerServer):
    """A RabbitMQ server in a container of its own."""

    title = "RabbitMQ"

    poll = 0.03
    ready_seconds = 90.0

    def __init__(self, image: str, within: ServerPlacement) -> None:
        """`image` understands the grader's signals; it is not started yet."""
        self._admin_password = secrets.token_urlsafe(24)
        self.access = RabbitAccess.draw(reader=True)
        self.writer: RabbitUser | None = None
        """The grader's user that publishes and takes, once it is made."""
        self.guest_access: tuple[RabbitAccess, ...] = ()
        hashed = password_hash(self._admin_password, secrets.token_bytes(4))
        environment = {"GRADER_PASSWORD_HASH": hashed}
        container = placed(image, environment, HOST, MEMORY, within)
        container.with_tmpfs_mount(DATA, DISK_OPTIONS)
        super().__init__(within.engine, container)
        self._admin = RabbitAdmin(self._api, self._admin_password)

    def begin(self, access: RabbitAccess) -> None:
        """From now on it is the run's with `access`: what it has logged so far is not told."""
        self.begin_log()
        self.access = access
        self.guest_access = ()
        self.writer = None

    # -- what it is ------------------------------------------------------------------------

    @property
    def tenant(self) -> Tenant:
        """The app's user and virtual host."""
        return tenant_of(self.access)

    @property
    def guests(self) -> tuple[Tenant, ...]:  # type: ignore[override]
        """What apps alongside the examined one have of it."""
        return tuple(map(tenant_of, self.guest_access))

    def secrets(self) -> dict[str, str]:
        """Return its passwords by names."""
        found = {
            "RABBITMQ_PASSWORD": self.access.app.password,
            "RABBITMQ_ADMIN_PASSWORD": self._admin_password,
        }
        reader = self.access.reader
        return found | ({"RABBITMQ_READER_PASSWORD": reader.password} if reader else {})

    def told(self, address: Address) -> dict[str, Any]:
        """Return what the suite's fixture is given: address, virtual host, reader, app's user."""
        access = self.access
        assert access.reader is not None
        return {
            "host": address[0], "port": address[1], "user": access.reader.name,
            "password": access.reader.password, "vhost": access.vhost, "account": access.app.name,
        }  # fmt: skip

    # -- starting and stopping -------------------------------------------------------------

    def await_ready(
        self, address: Address, cancel: threading.Event, within: float | None = None
    ) -> None:
        """Wait as any server does, then until the administrator is answered as well."""
        super().await_ready(address, cancel, within)
        said = [""]

        def answered() -> bool:
            try:
                self.get("whoami", seconds=ATTEMPT)
            except PlatformError as error:
                said[0] = str(error)
                return False
            return True

        try:
            if wait_until(answered, within=ADMIN_SECONDS, poll=POLL, cancel=cancel):
                return
        except Cancelled as error:
            msg = "The run was cancelled while RabbitMQ started."
            raise Cancelled(msg) from error
        self.require_running(self.id)
        msg = f"RabbitMQ did not become ready ({said[0]}). Its last lines:\n{self.log()}"
        raise NotAnswering(msg)

    def attempt(self, address: Address) -> str:
        """Greet it; empty where it greets, else why it does not."""
        try:
            return "" if _greeted(address) == GREETED else "it does not greet"
        except OSError as error:
            return str(error)

    def answers(self) -> bool:
        """Return whether something greets at its address."""
        try:
            return bool(_greeted(self._address))
        except OSError:
            return False

    # -- what is asked of it as its administrator ------------------------------------------

    def ask(self, requests: Sequence[AdminRequest], *, seconds: float = SECONDS) -> list[Any]:
        """Return what the administrator's requests are answered with, in order.

        Raises `PlatformError`, `OutOfTime` where what the app has it do keeps it from answering.
        """
        return self._admin.ask(self.id, requests, seconds=seconds)

    def get(self, *paths: str, seconds: float = SECONDS) -> list[Any]:
        """Return what the administrator finds under `paths`. Raises as `ask` does."""
        return self._admin.get(self.id, *paths, seconds=seconds)

    def prepare(self, address: Address) -> None:
        """Make the virtual host and the users of the run, on a server that was made for it."""
        from grader.services.rabbitmq.users import create

        create(self, self.access)

    def admit_guest(self, address: Address) -> Tenant:
        """Make one more virtual host and user, for an app alongside the examined one."""
        from grader.services.rabbitmq.users import create

        guest = RabbitAccess.draw("guest", reader=False)
        create(self, guest)
        self.guest_access += (guest,)
        return tenant_of(guest)

    def refusals(self) -> tuple[Refusal, ...]:
        """Return the log-ins that it has refused in this run, its own container's left out.

        Its log comes a moment after what it tells of, so that a mark of ours is waited for first.
        """
        mark = f"mark-{secrets.token_hex(8)}"
        with suppress(PlatformError):  # while it is stopped, its log tells of no more
            self._admin.mark_log(self.id, mark)
            wait_until(lambda: self._has_logged(mark), within=LOG_SECONDS, poll=POLL)
        return refusals_in(self.entries())

    def _has_logged(self, mark: str) -> bool:
        return any(mark in line for line in self._lines(LAST_LINES))

    def operations(self, address: Address, hide: Hide) -> Operations:
        """Return what a suite may ask for beyond stop, start and restart, by name."""
        from grader.services.rabbitmq.operations import operations_of

        return operations_of(self, hide)

    def reusable(self, address: Address) -> Reusable:
        """Return what lends it to one run after another."""
        from grader.services.rabbitmq.reuse import ReusedRabbit

        return ReusedRabbit(self)

    def changed_files(self) -> list[str]:
        """Return the paths in its container that differ from its image. Raises `PlatformError`."""
        with translated():
            rows = self._api.diff(self.id) or []
        return [str(row["Path"]) for row in rows]


def tenant_of(access: RabbitAccess) -> Tenant:
    """Return what an app is told of `access`."""
    user, vhost = access.app, access.vhost
    return Tenant(
        user=user.name,
        values={
            "host": HOST, "port": str(PORT), "user": user.name, "password": user.password,
            "vhost": vhost, "url": f"amqp://{user.name}:{user.password}@{HOST}:{PORT}/{vhost}",
        },
    )  # fmt: skip


def _greeted(address: Address) -> bytes:
    """Return the first bytes of the answer to a greeting."""
    with dial(address, ATTEMPT, 4096) as connection:
        connection.sendall(GREETING)
        return connection.recv(len(GREETED))
