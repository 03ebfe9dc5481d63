"""What a suite may have a RabbitMQ server do."""

from __future__ import annotations

from typing import Any

from grader.services.base import Hide, Operations
from grader.services.rabbitmq.admin import path_of
from grader.services.rabbitmq.administered import AdministeredRabbit
from grader.services.rabbitmq.users import admit_writer

COLUMNS = ("name", "messages_ready", "messages_unacknowledged", "durable")
LISTED = "disable_stats=true&enable_queue_totals=true"
"""Has a server count at once what waits, in place of telling what it counted seconds ago."""


def operations_of(server: AdministeredRabbit, hide: Hide) -> Operations:
    """Return them by name: the queues of the app's virtual host, and a user that changes them."""

    def writer() -> dict[str, str]:
        user = admit_writer(server)
        hide({"RABBITMQ_WRITER_PASSWORD": user.password})
        return {"user": user.name, "password": user.password}

    def queues() -> list[dict[str, Any]]:
        path = path_of("queues", server.access.vhost)
        (found,) = server.get(f"{path}?{LISTED}")
        return [{name: one.get(name) for name in COLUMNS} for one in found]

    return {"writer": writer, "queues": queues}
