"""Servers for apps alongside the examined one: each in the same container, on a port of its own.

Redis has no rights for one database of several, so an app that shared the server could take what
the examined one has queued, or remove it. A guest's server keeps nothing, and ends with the run.
"""

from __future__ import annotations

import json
from typing import Any

from grader.errors import PlatformError
from grader.sandbox.engine import translated
from grader.services.base import Refusal
from grader.services.redis.access import RedisUser, draw_app
from grader.services.redis.administered import AdministeredRedis
from grader.services.redis.refusals import refusal_of
from grader.services.redis.users import create

ENTRYPOINT = "/usr/local/lib/grader/redis-entrypoint.sh"
"""What starts and asks them (`redis/entrypoint.sh`)."""


def admit_guest(server: AdministeredRedis) -> tuple[RedisUser, int]:
    """Start a server for an app alongside the examined one; return its user and its port.

    The user can log in to the run's server as well: an app that knows the usual port only is not
    blamed for it. Raises `PlatformError`.
    """
    guest, port = draw_app("guest"), next(server.guest_servers.ports)
    create(server, guest)
    _within(server, "grader-guest", port, {"GUEST_ACCOUNT": guest.line})
    server.guest_servers.users += ((guest, port),)
    return guest, port


def guest_refusals(server: AdministeredRedis) -> list[Refusal]:
    """Return the log-ins of guests that their servers have refused. Raises `PlatformError`."""
    found = []
    for guest, port in server.guest_servers.users:
        entries = json.loads(_within(server, "grader-guest-refusals", port, {}) or b"[]")
        told = [refusal_of(one, number) for number, one in enumerate(entries)]
        found += [one for one in told if one and one.user == guest.name]
    return found


def _within(
    server: AdministeredRedis, command: str, port: int, environment: dict[str, str]
) -> bytes:
    """Return what a command writes that runs in the server's container.

    It ends by itself in seconds.
    """
    api: Any = server.api
    with translated():
        made = api.exec_create(
            server.id, [ENTRYPOINT, command, str(port)], environment=environment, stderr=False
        )
        written: bytes = api.exec_start(made["Id"])
        code = api.exec_inspect(made["Id"])["ExitCode"]
    if code != 0:
        msg = f"A Redis server for an app alongside did not do {command} (exit code {code})."
        raise PlatformError(msg)
    return written
