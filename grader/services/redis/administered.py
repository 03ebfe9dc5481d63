"""What a Redis server is to those who make its users, lend it and look at it."""

from __future__ import annotations

import threading
from typing import Any, Protocol

from grader.services.base import Address, Refusal
from grader.services.redis.access import GuestServers, RedisAccess, RedisUser
from grader.services.redis.connection import RedisAdmin


class AdministeredRedis(Protocol):
    """A Redis server, as its users, its log of refusals and its reuse see it."""

    admin: RedisAdmin
    access: RedisAccess
    """The run's users."""
    writer: RedisUser | None
    """The grader's user that may also change keys, once it is made."""
    guest_servers: GuestServers
    refused: list[Refusal]
    """What has been read of its log of refused log-ins."""

    @property
    def id(self) -> str:
        """The container's id."""

    @property
    def api(self) -> Any:
        """The engine's own."""

    def begin(self, access: RedisAccess) -> None:
        """Make it another run's, with `access`."""

    def changed_files(self) -> list[str]:
        """Return the paths in its container that differ from its image."""

    def signal(self, name: str) -> None:
        """Send a signal to its container's first process."""

    def await_ready(
        self, address: Address, cancel: threading.Event, within: float | None = None
    ) -> None:
        """Wait until it answers at `address`."""
