"""What a suite may have a Redis server do, as its administrator or by a change of its users."""

from __future__ import annotations

from grader.services.base import Hide, Operations
from grader.services.redis.administered import AdministeredRedis
from grader.services.redis.observe import CommandMonitor
from grader.services.redis.users import admit_writer


def operations_of(server: AdministeredRedis, hide: Hide) -> Operations:
    """Return them by name: the commands that it gets, and a user that changes keys."""
    monitor = CommandMonitor(server.admin)

    def writer() -> dict[str, str]:
        user = admit_writer(server)
        hide({"REDIS_WRITER_PASSWORD": user.password})
        return {"user": user.name, "password": user.password}

    return {"writer": writer, "begin_monitor": monitor.begin, "end_monitor": monitor.end}
