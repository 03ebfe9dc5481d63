"""What a RabbitMQ server is to those who make its users, lend it and look at it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from grader.services.rabbitmq.access import RabbitAccess, RabbitUser
from grader.services.rabbitmq.admin import SECONDS, AdminRequest


class AdministeredRabbit(Protocol):
    """A RabbitMQ server, as its users, its state and its reuse see it."""

    access: RabbitAccess
    """The run's virtual host and users."""
    guest_access: tuple[RabbitAccess, ...]
    """What apps alongside the examined one have of it."""
    writer: RabbitUser | None
    """The grader's user that publishes and takes, once it is made."""

    def begin(self, access: RabbitAccess) -> None:
        """Make it the run's with `access`."""

    def ask(self, requests: Sequence[AdminRequest], *, seconds: float = SECONDS) -> list[Any]:
        """Return what the administrator's requests are answered with, in order."""

    def get(self, *paths: str, seconds: float = SECONDS) -> list[Any]:
        """Return what the administrator finds under `paths`."""

    def changed_files(self) -> list[str]:
        """Return the paths in its container that differ from its image."""
